//! The catalogue of a page's language in the browser: the block of JSON that comes with the entry
//! page (`web/scripts/texts.mjs` writes it), with the browser's rules for its language. The page
//! takes it from there, and its worker from the page's first message.

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

/// Takes the texts from a block. `own` are those that only the worker says, if they have arrived.
///
/// # Errors
/// A sentence in English, if the texts of the block are missing or those of another build.
pub fn install(block: &str, own: &[&'static str]) -> Result<(), &'static str> {
    let block =
        JSON::parse(block).map_err(|_| "The entry page contains no texts (the block “texts”).")?;
    let mut messages = messages(&block, text::KEYS)
        .ok_or("The texts in the entry page (the block “texts”) are of another build.")?;
    messages.extend(own);
    let written = |name: &str| part(&block, name).as_string().unwrap_or_default();
    let tag = written("language");
    let plurals = PluralRules::new(&Array::of1(&tag.as_str().into()), &Object::new());
    LANGUAGE.with(|language| language.set(Language { tag, plurals })).ok();
    let figures =
        Figures { decimal: written("decimal").leak(), percent: written("percent").leak() };
    text::install(Catalogue { messages: messages.leak(), plural, number, figures });
    Ok(())
}

/// The messages of a block; `None` if its keys have another checksum.
pub fn messages(block: &JsValue, keys: u32) -> Option<Vec<&'static str>> {
    // They are shown until the page is closed.
    let leaked = |message: JsValue| &*message.as_string().unwrap_or_default().leak();
    (part(block, "keys").as_f64() == Some(keys.into()))
        .then(|| Array::from(&part(block, "messages")).iter().map(leaked).collect())
}

fn part(block: &JsValue, name: &str) -> JsValue {
    Reflect::get(block, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// The language of the texts: its tag.
pub fn language() -> String {
    LANGUAGE.with(|language| language.get().map(|it| it.tag.clone())).unwrap_or_default()
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
