//! What people read: one message per key of the catalogues `web/texts/en.json` and
//! `web/texts/worker/en.json`, as a typed function, and sentences made from parts.
//! docs/translating.md describes the catalogues.
//!
//! `build.rs` writes the functions: the key `training.start` is `text::training_start()`.
//! A message without placeholders is a `&'static str`; one with placeholders takes an
//! argument for each, in the order of the English message, and is a `String`. Call them
//! with the module's name, as `text::…`: a test finds the keys that nothing uses.
//!
//! The page downloads its catalogue with the entry page and installs it at start ([`install`]), and
//! its worker gets it with the page's first message, so that the page's wasm contains no texts. The
//! worker's wasm contains only what nobody else says, in English, and a file replaces that in other
//! languages. What is not wasm has English built in.

mod expand;
#[cfg(test)]
mod generate;
mod grammar;
#[cfg(test)]
mod tests;

use expand::Arg;
pub use expand::Count;
use std::cell::Cell;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A language's messages, and its rules for numbers.
#[derive(Clone, Copy)]
pub struct Catalogue {
    /// One message per key, in the order of the keys; after them those that only the worker says,
    /// unless they are in English.
    pub messages: &'static [&'static str],
    /// The plural category of a count, as Unicode names it: `one`, `few`, `other`.
    pub plural: fn(u64) -> String,
    /// A count as the language writes it: `13,394`.
    pub number: fn(u64) -> String,
    /// How the language writes other numbers.
    pub figures: Figures,
}

/// How a language writes numbers that are no counts.
#[derive(Clone, Copy)]
pub struct Figures {
    /// What separates the whole from its fraction: `.`.
    pub decimal: &'static str,
    /// What follows the number of a percentage: `%`.
    pub percent: &'static str,
}

/// As English and programs write numbers.
const ENGLISH_FIGURES: Figures = Figures { decimal: ".", percent: "%" };

thread_local! {
    static CATALOGUE: Cell<Catalogue> = const {
        Cell::new(Catalogue {
            messages: ENGLISH,
            plural: expand::english_plural,
            number: crate::number::grouped,
            figures: ENGLISH_FIGURES,
        })
    };
}

/// Shows this catalogue from now on, on this thread.
pub fn install(catalogue: Catalogue) {
    CATALOGUE.set(catalogue);
}

/// A number with a decimal point, as the language writes it: for people, never for files.
pub fn decimal(written: &str) -> String {
    written.replacen('.', CATALOGUE.get().figures.decimal, 1)
}

/// The number of a percentage as the language writes it, with the sign: `71.2%`.
pub fn percentage(written: &str) -> String {
    decimal(written) + CATALOGUE.get().figures.percent
}

/// What is said before a catalogue is there: with it goes what a program says of itself.
const NO_TEXT: &str = "The texts of this page have not arrived";

/// The message with this place in the order of the keys.
fn message(place: usize) -> &'static &'static str {
    let built_in = || WORKER_ENGLISH.get(place.checked_sub(WORKER_FROM)?);
    CATALOGUE.get().messages.get(place).or_else(built_in).unwrap_or(&NO_TEXT)
}

/// The message with its placeholders filled in. `names` are the arguments' names, separated
/// by commas.
fn filled(place: usize, names: &str, args: &[Arg<'_>]) -> String {
    expand::expand(message(place), names, args, &CATALOGUE.get())
}

/// The text as a sentence: it begins with a capital, unless with an address or the name of a
/// file, and ends with one full stop. Empty text stays empty.
pub fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let first = text.split(' ').next().unwrap_or_default();
    // A colon may follow any word, the rest is of names only.
    let name = first.trim_end_matches([':', ',', ';']).contains(['.', '/', ':', '_']);
    match text {
        "" => String::new(),
        _ if name => text.to_owned() + ".",
        _ => capital(text) + ".",
    }
}

/// The text with a capital (of ASCII) at its beginning.
pub fn capital(text: &str) -> String {
    with_first_letter(text, str::make_ascii_uppercase)
}

/// The text with a small letter (of ASCII) at its beginning, for the middle of a sentence.
pub fn lowered(text: &str) -> String {
    with_first_letter(text, str::make_ascii_lowercase)
}

fn with_first_letter(text: &str, change: fn(&mut str)) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        change(first);
    }
    text
}
