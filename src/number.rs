//! Decimal numbers from text, and counts as people read them. The page leaves the
//! reading to the browser, for the standard library's reader brings a table of powers that
//! compresses to nothing; both round to the nearest `f64`, so that a link means the same
//! everywhere.

use serde::{Deserialize, Deserializer};

/// Reads a decimal number such as `0.4`, `-3` or `1e-3`, or `inf` with or without a
/// sign; without spaces around it. `None` for all else. One too large for an `f64` is
/// infinite.
pub fn read(text: &str) -> Option<f64> {
    let size = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity"].iter().any(|name| size.eq_ignore_ascii_case(name)) {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Both readers know more, each its own: `nan`, `0x10`, nothing at all.
    let decimal = |it: u8| it.is_ascii_digit() || matches!(it, b'.' | b'-' | b'+' | b'e' | b'E');
    if text.is_empty() || !text.bytes().all(decimal) {
        return None;
    }
    parse(text)
}

#[cfg(not(feature = "widgets"))]
fn parse(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(feature = "widgets")]
fn parse(text: &str) -> Option<f64> {
    let value = wasm_bindgen::JsValue::from_str(text).unchecked_into_f64();
    (!value.is_nan()).then_some(value)
}

/// Reads a number that may be missing: `null` is NaN, as NaN is written.
///
/// # Errors
/// If it is something else.
pub fn or_missing<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// Reads a list of numbers of which some may be missing.
///
/// # Errors
/// If it is something else.
pub fn each_or_missing<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f32>, D::Error> {
    Ok(some_or_missing(from)?.unwrap_or_default())
}

/// Reads such a list, if there is one.
///
/// # Errors
/// If it is something else.
pub fn some_or_missing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<f32>>, D::Error> {
    let values = Option::<Vec<Option<f32>>>::deserialize(from)?;
    Ok(values.map(|values| values.into_iter().map(|it| it.unwrap_or(f32::NAN)).collect()))
}

/// A count with commas between the thousands, as in all of the page's sentences.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(2 * digits.len());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let texts = [0, 999, 1_000, 13_394, 1_650_000].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "13,394", "1,650,000"]);
    }

    #[test]
    fn reads_decimal_numbers_and_nothing_else() {
        for (text, value) in [("0.4", 0.4), ("-3", -3.0), ("1e-3", 1e-3), (".5", 0.5), ("5.", 5.0)]
        {
            assert_eq!(read(text), Some(value), "{text}");
        }
        assert_eq!(read("1e999"), Some(f64::INFINITY));
        assert_eq!(read("-inf"), Some(f64::NEG_INFINITY));
        assert_eq!(read("Infinity"), Some(f64::INFINITY));
        for text in
            ["", " 1", "1 ", "-", "+-inf", "nan", "0x10", ".", "e5", "1e", "--1", "1,5", "ten"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
