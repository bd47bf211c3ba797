//! Files that the person takes along. The only code that offers downloads.

use crate::widgets::browser;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Milliseconds for which a download stays at hand.
const REVOKE_DELAY: f64 = 60_000.0;

/// Offers a text as a file of this name and media type. CSV begins with a mark without
/// which Excel reads umlauts wrongly.
pub fn text(name: &str, kind: &str, text: &str) {
    let options = blob_options(kind);
    let mark = if kind == "text/csv" { "\u{feff}" } else { "" };
    let parts = Array::of2(&mark.into(), &text.into());
    let offered = Blob::new_with_str_sequence_and_options(&parts, &options)
        .and_then(|blob| offer(name, &blob));
    if let Err(error) = offered {
        web_sys::console::error_2(&"the download did not start:".into(), &error);
    }
}

/// Offers buffers or blobs, one after the other, as a file of this name and media type.
pub fn parts(name: &str, kind: &str, parts: &Array) {
    let made = blob_options(kind);
    let offered = Blob::new_with_buffer_source_sequence_and_options(parts, &made)
        .and_then(|blob| offer(name, &blob));
    if let Err(error) = offered {
        web_sys::console::error_2(&"the download did not start:".into(), &error);
    }
}

/// Offers bytes as a file of this name.
pub fn bytes(name: &str, bytes: &[u8]) {
    parts(name, "application/octet-stream", &Array::of1(&Uint8Array::from(bytes)));
}

fn blob_options(kind: &str) -> BlobPropertyBag {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    options
}

fn offer(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let document = document.ok_or_else(|| JsValue::from_str("there is no document"))?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    let url = Url::create_object_url_with_blob(blob)?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // Some browsers read the blob only after they have asked where to put it.
    browser::after(REVOKE_DELAY, move || {
        Url::revoke_object_url(&url).ok();
    });
    Ok(())
}
