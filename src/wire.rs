//! How a message crosses the worker boundary: `{ m: message, b: [attachments] }`.
//! The only code that turns [`crate::protocol`] into JavaScript values and back;
//! independent of yew and burn.
//!
//! Bytes never pass through serde: an `ArrayBuffer` among the attachments is
//! transferred without a copy (the sender's becomes empty), a `File` is cloned
//! by reference.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// What can be posted to: the worker as the page sees it, and the page as the
/// worker sees it.
pub trait Port {
    /// Posts one value and gives the listed buffers away.
    ///
    /// # Errors
    /// The browser's exception, for example when a value cannot be cloned.
    fn post_value(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue>;
}

impl Port for web_sys::Worker {
    fn post_value(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

impl Port for web_sys::DedicatedWorkerGlobalScope {
    fn post_value(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

/// Why a message did not cross.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The message has no JavaScript form.
    #[error("the message cannot be written as a JavaScript value: {0}")]
    Encode(String),
    /// What arrived is not a message of this build's protocol.
    #[error("what arrived is no message of this build: {0}")]
    Decode(String),
    /// The browser refused to post it.
    #[error("the browser refused to post the message: {0}")]
    Refused(String),
}

/// Posts `message` with its attachments: `ArrayBuffer`s (transferred), `File`s
/// and other cloneable values.
///
/// # Errors
/// [`WireError::Encode`] and [`WireError::Refused`].
pub fn post<T: Serialize>(
    port: &impl Port,
    message: &T,
    attachments: &Array,
) -> Result<(), WireError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let message =
        message.serialize(&serializer).map_err(|error| WireError::Encode(error.to_string()))?;
    let envelope = Object::new();
    set(&envelope, "m", &message)?;
    set(&envelope, "b", attachments)?;
    let transfer: Array =
        attachments.iter().filter(|value| value.is_instance_of::<ArrayBuffer>()).collect();
    port.post_value(&envelope, &transfer).map_err(|error| WireError::Refused(describe(&error)))
}

/// Takes apart the `data` of a `message` event.
///
/// # Errors
/// [`WireError::Decode`] if it is not such an envelope.
pub fn receive<T: DeserializeOwned>(data: &JsValue) -> Result<(T, Array), WireError> {
    let field = |name: &str| {
        Reflect::get(data, &JsValue::from_str(name))
            .map_err(|error| WireError::Decode(describe(&error)))
    };
    let message = serde_wasm_bindgen::from_value(field("m")?)
        .map_err(|error| WireError::Decode(error.to_string()))?;
    let attachments = field("b")?
        .dyn_into::<Array>()
        .map_err(|_| WireError::Decode("the list of attachments is missing".into()))?;
    Ok((message, attachments))
}

/// The text of a JavaScript exception or of any other value.
pub fn describe(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}

fn set(object: &Object, key: &str, value: &JsValue) -> Result<(), WireError> {
    Reflect::set(object, &JsValue::from_str(key), value)
        .map(drop)
        .map_err(|error| WireError::Encode(describe(&error)))
}

/// The name of the folder of private files for a path of the site: its end, which a name has
/// room for.
pub fn private_folder(path: &str) -> String {
    const MOST: usize = 200;
    let path: String = js_sys::encode_uri_component(path).into();
    // All of it is ASCII.
    let (_, last) = path.split_at(path.len().saturating_sub(MOST));
    format!("site {last}")
}
