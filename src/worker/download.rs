//! Downloading an archive into a blob, which the browser keeps outside the
//! worker's memory.

use super::post::scope;
use crate::protocol::ErrorReport;
use crate::wire::describe;
use js_sys::{Array, Reflect, Uint8Array};
use std::cell::Cell;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

/// Downloads `url`, telling the bytes so far and in all after each chunk.
/// Returns `None` when cancelled.
///
/// # Errors
///
/// What the server or the browser answered. A refusal by CORS has its own
/// message, with the manual way.
pub(super) async fn download(
    url: &str,
    cancelled: &Cell<bool>,
    mut tell: impl FnMut(f64, Option<f64>),
) -> Result<Option<Blob>, ErrorReport> {
    // The browser hides why a fetch failed: a refusal by CORS and a network
    // failure look the same, so the message names both.
    let response = JsFuture::from(scope().fetch_with_str(url)).await.map_err(|_| ErrorReport {
        what: "The download was refused".into(),
        why: format!(
            "{url} could not be fetched: either the network failed, or its server does not \
             allow other sites to read it (CORS)."
        ),
        remedy: "Open the address in a new tab to download the archive, then choose the file here."
            .into(),
    })?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(ErrorReport {
            what: "The download failed".into(),
            why: format!("{url} answered {} {}.", response.status(), response.status_text()),
            remedy: "Check the address, or download the archive by hand and choose the file here."
                .into(),
        });
    }
    let total = response
        .headers()
        .get("content-length")
        .ok()
        .flatten()
        .and_then(|length| length.parse::<f64>().ok());
    let broken = |error: JsValue| ErrorReport {
        what: "The download broke off".into(),
        why: format!("{url}: {}.", describe(&error)),
        remedy: "Try again, or download the archive by hand and choose the file here.".into(),
    };
    let parts = Array::new();
    let mut bytes = 0.0;
    if let Some(stream) = response.body() {
        let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        loop {
            let chunk = JsFuture::from(reader.read()).await.map_err(broken)?;
            if cancelled.get() {
                JsFuture::from(reader.cancel()).await.ok();
                return Ok(None);
            }
            if Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                break;
            }
            let value: Uint8Array =
                Reflect::get(&chunk, &"value".into()).map_err(broken)?.unchecked_into();
            bytes += f64::from(value.length());
            parts.push(&value);
            tell(bytes, total);
        }
    }
    Blob::new_with_u8_array_sequence(&parts).map(Some).map_err(broken)
}
