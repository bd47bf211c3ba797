//! The page's texts: the catalogue that comes with the entry page as a block of JSON
//! (`web/scripts/texts.mjs` writes it), with the browser's rules for its language. Where the
//! person wants another language, `web/boot.js` has put that one into the block.

use super::browser;
use crate::text::{self, Catalogue, Figures};
use js_sys::Intl::PluralRules;
use js_sys::{Array, JSON, Number, Object, Reflect};
use std::cell::OnceCell;
use wasm_bindgen::JsValue;

/// The catalogue's language, and its rules for plurals.
struct Language {
    tag: String,
    plurals: PluralRules,
}

thread_local! {
    static LANGUAGE: OnceCell<Language> = const { OnceCell::new() };
}

/// Takes the texts from the entry page.
///
/// # Errors
/// A sentence in English, if they are missing or those of another build.
pub fn install() -> Result<(), &'static str> {
    let block = browser::element("texts").and_then(|block| block.text_content());
    let block = JSON::parse(&block.unwrap_or_default())
        .map_err(|_| "The entry page contains no texts (the block “texts”).")?;
    let part = |name: &str| Reflect::get(&block, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if part("keys").as_f64() != Some(text::KEYS.into()) {
        return Err("The texts in the entry page (the block “texts”) are of another build.");
    }
    let written = |name: &str| part(name).as_string().unwrap_or_default();
    let tag = written("language");
    let plurals = PluralRules::new(&Array::of1(&tag.as_str().into()), &Object::new());
    LANGUAGE.with(|language| language.set(Language { tag, plurals })).ok();
    // They are shown until the page is closed.
    let messages: Vec<&'static str> = Array::from(&part("messages"))
        .iter()
        .map(|message| &*message.as_string().unwrap_or_default().leak())
        .collect();
    let figures =
        Figures { decimal: written("decimal").leak(), percent: written("percent").leak() };
    text::install(Catalogue { messages: messages.leak(), plural, number, figures });
    Ok(())
}

/// The language of the texts: its tag.
pub fn language() -> String {
    LANGUAGE.with(|language| language.get().map(|it| it.tag.clone())).unwrap_or_default()
}

/// The languages that the entry page offers: each one's tag, and its name in itself.
pub fn languages() -> Vec<(String, String)> {
    let named = |language: &str| {
        let mut words = language.splitn(3, ' ');
        Some((words.next()?.to_owned(), words.nth(1)?.to_owned()))
    };
    browser::meta("languages").unwrap_or_default().split(';').filter_map(named).collect()
}

fn plural(count: u64) -> String {
    let category = |language: &Language| language.plurals.select(count as f64).into();
    LANGUAGE.with(|language| language.get().map(category)).unwrap_or_default()
}

fn number(count: u64) -> String {
    let written =
        |language: &Language| Number::from(count as f64).to_locale_string(&language.tag).into();
    LANGUAGE.with(|language| language.get().map(written)).unwrap_or_default()
}
