//! Posting to the page.

use crate::protocol::Event;
use crate::wire;
use js_sys::Array;
use wasm_bindgen::JsCast as _;
use web_sys::DedicatedWorkerGlobalScope;

/// The worker's own global object.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts an event.
pub(super) fn post(event: &Event) {
    post_with(event, &Array::new());
}

/// Posts an event with buffers, which are given away.
pub(super) fn post_with(event: &Event, buffers: &Array) {
    if let Err(error) = wire::post(&scope(), event, buffers) {
        // The page cannot be informed this way; only the console is left.
        web_sys::console::error_1(&error.to_string().into());
    }
}
