//! Values as JSON text. The page leaves the parsing and writing to the browser and
//! goes through the one deserialiser that it has for the worker's messages; all else
//! uses `serde_json`. A second deserialiser would weigh a tenth of the page.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON, or it ends too early.
    #[error("{0}")]
    Syntax(String),
    /// It is JSON, but of something else.
    #[error("{0}")]
    Data(String),
}

/// Reads a value.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    imp::read(text)
}

/// Reads a value from the bytes of a text.
///
/// # Errors
/// [`JsonError`]; bytes that are not UTF-8 are [`JsonError::Syntax`].
pub fn read_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    read(std::str::from_utf8(bytes).map_err(|error| JsonError::Syntax(error.to_string()))?)
}

/// Deepest nesting that is read of a file: ours have six levels.
const DEEPEST: usize = 64;

/// Reads a value from a file that anything may have written: Python's `NaN` and
/// `Infinity`, which are no JSON, are missing numbers.
///
/// # Errors
/// [`JsonError`]; a text nested too deeply to be read safely is [`JsonError::Syntax`].
pub fn read_foreign<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    read(&tidy(text)?)
}

/// The text with `null` for numbers that are none. One pass over its bytes.
fn tidy(text: &str) -> Result<Cow<'_, str>, JsonError> {
    let mut tidy = String::new();
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    let (mut copied, mut place) = (0, 0);
    while let Some(byte) = text.as_bytes().get(place) {
        let mut step = 1;
        if quoted {
            (quoted, escaped) = (escaped || *byte != b'"', *byte == b'\\' && !escaped);
        } else {
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'N' | b'I' | b'-' => {
                    let rest = text.get(place..).unwrap_or_default();
                    let token = ["NaN", "Infinity", "-Infinity", "-NaN"]
                        .into_iter()
                        .find(|token| rest.starts_with(token));
                    if let Some(token) = token {
                        tidy.push_str(text.get(copied..place).unwrap_or_default());
                        tidy.push_str("null");
                        step = token.len();
                        copied = place + step;
                    }
                }
                _ => {}
            }
            if depth > DEEPEST {
                return Err(JsonError::Syntax("it is nested too deeply".to_owned()));
            }
        }
        place += step;
    }
    if copied == 0 {
        return Ok(Cow::Borrowed(text));
    }
    tidy.push_str(text.get(copied..).unwrap_or_default());
    Ok(Cow::Owned(tidy))
}

/// Writes a value on one line.
///
/// # Errors
/// A sentence, if it has no such form.
pub fn write(value: &impl Serialize) -> Result<String, String> {
    imp::write(value, false)
}

/// Writes a value over several lines, indented by two spaces.
///
/// # Errors
/// A sentence, if it has no such form.
pub fn write_pretty(value: &impl Serialize) -> Result<String, String> {
    imp::write(value, true)
}

#[cfg(not(feature = "widgets"))]
mod imp {
    use super::{DeserializeOwned, JsonError, Serialize};

    pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
        serde_json::from_str(text).map_err(|error| match error.is_data() {
            true => JsonError::Data(error.to_string()),
            false => JsonError::Syntax(error.to_string()),
        })
    }

    pub fn write(value: &impl Serialize, pretty: bool) -> Result<String, String> {
        let written = match pretty {
            true => serde_json::to_string_pretty(value),
            false => serde_json::to_string(value),
        };
        written.map_err(|error| error.to_string())
    }
}

#[cfg(feature = "widgets")]
mod imp {
    use super::{DeserializeOwned, JsonError, Serialize};
    use crate::wire::describe;
    use js_sys::JSON;
    use wasm_bindgen::JsValue;

    pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
        let value = JSON::parse(text).map_err(|error| JsonError::Syntax(describe(&error)))?;
        serde_wasm_bindgen::from_value(value).map_err(|error| JsonError::Data(error.to_string()))
    }

    pub fn write(value: &impl Serialize, pretty: bool) -> Result<String, String> {
        let value = value
            .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
            .map_err(|error| error.to_string())?;
        let indent = if pretty { JsValue::from_f64(2.0) } else { JsValue::UNDEFINED };
        let text = JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &indent);
        text.map(String::from).map_err(|error| describe(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_python_are_missing_numbers_and_texts_stay() {
        let text = r#"{"a": NaN, "NaN": [Infinity, -Infinity, -1], "b\"": "NaN -Infinity"}"#;
        let tidy = tidy(text).unwrap();
        assert_eq!(tidy, r#"{"a": null, "NaN": [null, null, -1], "b\"": "NaN -Infinity"}"#);
        assert_eq!(read_foreign::<Vec<Option<f64>>>("[NaN, 1]"), Ok(vec![None, Some(1.0)]));
        assert!(read_foreign::<Vec<Option<f64>>>("[Nan]").is_err());
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused() {
        let deep = "[".repeat(100_000);
        let error = read_foreign::<serde::de::IgnoredAny>(&deep).unwrap_err();
        assert!(error.to_string().contains("too deeply"), "{error}");
    }
}
