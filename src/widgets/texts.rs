//! The page's texts: the catalogue that comes with the entry page as a block of JSON. Where the
//! person wants another language, `web/boot.js` has put that one into the block.

use super::browser;
use crate::catalogue;
pub use crate::catalogue::language;

/// The block of texts in the entry page; empty without one.
pub fn block() -> String {
    browser::element("texts").and_then(|block| block.text_content()).unwrap_or_default()
}

/// Takes the texts from the entry page.
///
/// # Errors
/// As [`catalogue::install`].
pub fn install() -> Result<(), &'static str> {
    catalogue::install(&block(), &[])
}

/// The languages that the entry page offers: each one's tag, and its name in itself.
pub fn languages() -> Vec<(String, String)> {
    let named = |language: &str| {
        let mut words = language.splitn(3, ' ');
        Some((words.next()?.to_owned(), words.nth(1)?.to_owned()))
    };
    browser::meta("languages").unwrap_or_default().split(';').filter_map(named).collect()
}
