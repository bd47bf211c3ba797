//! Values as JSON text. The page leaves the parsing and writing to the browser and
//! goes through the one deserialiser that it has for the worker's messages; all else
//! uses `serde_json`. A second deserialiser would weigh a tenth of the page.

use serde::Serialize;
use serde::de::DeserializeOwned;

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

#[cfg(not(feature = "ui"))]
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

#[cfg(feature = "ui")]
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
