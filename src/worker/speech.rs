//! The language of what the worker says.

use super::post::{post, scope};
use crate::protocol::Event;
use crate::{catalogue, text};
use js_sys::{JSON, Reflect};

/// Says everything in the language of these texts from now on, and with them what the loader has
/// fetched for the worker alone. If that did not arrive, the page is told, and gets it in English.
pub(super) fn speak(texts: &str) {
    let own = own_texts();
    if let Err(why) = catalogue::install(texts, own.as_deref().unwrap_or_default()) {
        post(&Event::Warning { message: why.into() });
    }
    if let Err(fault) = own {
        let why = fault.as_deref().unwrap_or_else(|| text::engine_other_texts());
        post(&Event::Warning { message: text::engine_in_english(why) });
    }
}

/// What only the worker says, in the page's language: nothing in English, which is built in.
///
/// # Errors
/// Why it did not arrive; `None` if it is of another build.
fn own_texts() -> Result<Vec<&'static str>, Option<String>> {
    // `web/worker_loader.js` has put it there.
    let fetched = |name: &str| Reflect::get(&scope(), &name.into()).ok()?.as_string();
    if let Some(why) = fetched("textsFault") {
        return Err(Some(why));
    }
    let Some(block) = fetched("texts") else { return Ok(Vec::new()) };
    JSON::parse(&block)
        .ok()
        .and_then(|block| catalogue::messages(&block, text::WORKER_KEYS))
        .ok_or(None)
}
