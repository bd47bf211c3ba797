//! Which engines this browser offers.

use crate::engine::{AdapterSummary, Engines};
use crate::wire::describe;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Limits that decide what can be trained, for the report.
const LIMITS: [&str; 5] = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupStorageSize",
    "maxStorageBuffersPerShaderStage",
];

/// Asks the browser. Nothing is allocated on the adapter.
pub(super) async fn engines() -> Engines {
    Engines { webgpu: adapter().await, cpu: crate::train::device::cpu_name().into() }
}

async fn adapter() -> Result<AdapterSummary, String> {
    // Untyped, because web-sys has WebGPU behind an unstable flag; wgpu panics
    // where `navigator.gpu` is missing, so it must not be the one to ask.
    let navigator = get(&js_sys::global(), "navigator");
    let gpu = get(&navigator, "gpu");
    if gpu.is_undefined() || gpu.is_null() {
        return Err("this browser does not offer WebGPU to workers".into());
    }
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok();
    let request: Function = get(&gpu, "requestAdapter")
        .dyn_into()
        .map_err(|_| "this browser's WebGPU has no requestAdapter".to_owned())?;
    let promise = request.call1(&gpu, &options).map_err(|error| describe(&error))?;
    let promise: Promise =
        promise.dyn_into().map_err(|_| "requestAdapter gave no promise".to_owned())?;
    let adapter = JsFuture::from(promise).await.map_err(|error| describe(&error))?;
    if adapter.is_null() || adapter.is_undefined() {
        return Err("this browser has WebGPU, but no graphics adapter that it trusts".into());
    }
    let info = get(&adapter, "info");
    let text = |key: &str| get(&info, key).as_string().filter(|it| !it.is_empty());
    let parts: Vec<String> =
        ["vendor", "architecture", "device", "description"].into_iter().filter_map(text).collect();
    let limits = get(&adapter, "limits");
    let limits = LIMITS
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), get(&limits, key).as_f64()?)))
        .collect();
    let software = [&info, &adapter]
        .into_iter()
        .any(|it| get(it, "isFallbackAdapter").as_bool() == Some(true));
    let name = if parts.is_empty() { "unnamed adapter".into() } else { parts.join(" ") };
    Ok(AdapterSummary { name, software, limits })
}

/// A property of an object; undefined if it does not exist.
fn get(object: &JsValue, key: &str) -> JsValue {
    if object.is_object() {
        Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
    } else {
        JsValue::UNDEFINED
    }
}
