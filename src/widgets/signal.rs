//! Texts that programs of one document send each other, as events of the window.

use super::browser::{Listener, window};
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, CustomEventInit};

/// Sends a text to all who listen for events of this kind.
pub fn send(kind: &str, text: &str) {
    let init = CustomEventInit::new();
    init.set_detail(&text.into());
    let event = CustomEvent::new_with_event_init_dict(kind, &init);
    let sent = event.and_then(|event| window().map_or(Ok(true), |it| it.dispatch_event(&event)));
    if let Err(error) = sent {
        web_sys::console::warn_1(&error);
    }
}

/// Passes the text of each event of this kind to `handler`, for as long as the listener lives.
pub fn listen(kind: &'static str, mut handler: impl FnMut(String) + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, kind, move |event| {
        let detail = event.dyn_ref::<CustomEvent>().map(CustomEvent::detail);
        if let Some(text) = detail.and_then(|detail| detail.as_string()) {
            handler(text);
        }
    }))
}
