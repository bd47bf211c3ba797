//! Sentences for people, put together from parts.

/// The text as a sentence: it begins with a capital and ends with one full stop.
/// Empty text stays empty.
pub fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() { String::new() } else { capital(text) + "." }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_one_full_stop() {
        assert_eq!(sentence("no data set is loaded"), "No data set is loaded.");
        assert_eq!(sentence("Ändere das. "), "Ändere das.");
        assert_eq!(sentence(""), "");
    }
}
