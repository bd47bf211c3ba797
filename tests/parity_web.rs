//! WebGPU against the CPU engine, in a dedicated worker of a real browser. In
//! Chromium's software adapter this proves correctness, not speed.
#![cfg(all(feature = "worker", target_family = "wasm"))]

mod common;
#[path = "common/parity.rs"]
mod parity;
#[path = "common/weights.rs"]
mod weights;

use burn::tensor::Device;
use imagenette_playground::experiment::{EngineChoice, ModelKind};
use imagenette_playground::model::Network;
use imagenette_playground::train::device;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_time::Instant;
use weights::{FIRST_WEIGHTS, fingerprint};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The WebGPU engine. A browser without an adapter fails these tests: it would prove nothing.
async fn engine() -> Device {
    device::open(EngineChoice::Webgpu, None).await.unwrap().device
}

fn say(line: &str) {
    console_log!("{line}");
}

async fn model(kind: ModelKind) {
    let start = Instant::now();
    parity::model(kind, 3, &Device::flex(), &engine().await, say).await;
    console_log!("{}: {:.1} s", kind.name(), start.elapsed().as_secs_f64());
}

#[wasm_bindgen_test]
fn the_comparison_notices_differences() {
    parity::comparison_notices_differences();
}

#[wasm_bindgen_test]
async fn first_weights_are_those_of_every_other_target() {
    for (kind, expected) in FIRST_WEIGHTS {
        let network = Network::new(kind, 10, 42, &Device::flex());
        let tensors = network.export_async().await.unwrap();
        assert_eq!(fingerprint(&tensors), expected, "{kind:?}");
    }
}

#[wasm_bindgen_test]
async fn weights_survive_the_way_through_webgpu() {
    parity::transfer(&Device::flex(), &engine().await).await;
}

#[wasm_bindgen_test]
async fn layers_agree() {
    let start = Instant::now();
    parity::layers(&Device::flex(), &engine().await, say).await;
    console_log!("layers: {:.1} s", start.elapsed().as_secs_f64());
}

#[wasm_bindgen_test]
async fn odd_shapes_agree() {
    parity::odd_shapes(&Device::flex(), &engine().await, say).await;
}

#[wasm_bindgen_test]
async fn optimizer_agrees() {
    parity::optimizer(&Device::flex(), &engine().await, say).await;
}

#[wasm_bindgen_test]
async fn training_agrees() {
    parity::training(ModelKind::Tiny, 4, &Device::flex(), &engine().await, say).await;
}

#[wasm_bindgen_test]
async fn tiny_agrees() {
    model(ModelKind::Tiny).await;
}

#[wasm_bindgen_test]
async fn resnet9_agrees() {
    model(ModelKind::Resnet9).await;
}

#[wasm_bindgen_test]
async fn xresnet18_agrees() {
    model(ModelKind::Xresnet18).await;
}

#[wasm_bindgen_test]
async fn conv5_agrees() {
    model(ModelKind::Conv5).await;
}
