//! Files that the person takes along. The only code that offers downloads.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers a text as a file of this name and media type.
pub fn text(name: &str, kind: &str, text: &str) {
    if let Err(error) = offer(name, kind, text) {
        web_sys::console::error_2(&"the download did not start:".into(), &error);
    }
}

fn offer(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    let document = web_sys::window().and_then(|window| window.document());
    let document = document.ok_or_else(|| JsValue::from_str("there is no document"))?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    let url = Url::create_object_url_with_blob(&blob)?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The click has taken hold of the blob already.
    Url::revoke_object_url(&url)
}
