//! Names of files as text, from any bytes of an archive or a disk.
//! Pure functions; independent of burn and browsers.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_normalization::{UnicodeNormalization as _, is_nfc_quick};

/// A name as text. Bytes that are not UTF-8 become `%` and two digits, as in an
/// address, so that different names stay different.
pub(super) fn readable(name: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(name) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(name.len() + 8);
    for chunk in name.utf8_chunks() {
        text.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            write!(text, "%{byte:02X}").ok();
        }
    }
    text
}

/// The composed form (NFC): macOS writes `é` as two characters, others as one.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        unicode_normalization::IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn bytes_that_are_no_text_are_told_apart() {
        assert_eq!(readable("träin/ö%41.png".as_bytes()), "träin/ö%41.png");
        assert_eq!(readable(b"tr/\xE4.png"), "tr/%E4.png");
        assert_eq!(readable(b"100%/\xF6\xC3.png"), "100%25/%F6%C3.png");
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(composed("cafe\u{301}"), "café");
        assert_eq!(composed("\u{1112}\u{1161}\u{11AB}"), "한");
        assert!(matches!(composed("plain/path.jpg"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn different_bytes_are_different_text(
            names in prop::collection::btree_set(prop::collection::vec(any::<u8>(), 0..12), 0..40)
        ) {
            let names: BTreeSet<Vec<u8>> =
                names.into_iter().filter(|name| !name.contains(&b'%')).collect();
            let texts: BTreeSet<String> = names.iter().map(|name| readable(name)).collect();
            prop_assert_eq!(texts.len(), names.len());
        }
    }
}
