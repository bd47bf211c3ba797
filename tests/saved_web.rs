//! A saved model in a browser's worker: WebGPU against the CPU engine, and its
//! weights read back in one asynchronous transaction.
#![cfg(all(feature = "worker", target_family = "wasm"))]

mod saved;

use imagenette_playground::experiment::EngineChoice;
use imagenette_playground::train::device;
use saved::{LINK, dataset, largest_difference, predict, probabilities, train};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_saved_model_predicts_the_same_on_webgpu_and_on_the_cpu() {
    let cpu = device::open(EngineChoice::Cpu, None).await.expect("there is a CPU");
    let gpu = device::open(EngineChoice::Webgpu, None).await.expect("there is an adapter");
    let (record, keeper) = train(LINK, dataset(), None, &cpu).await.expect("it trains");
    let file = keeper.trained.expect("a run leaves a model").to_bytes();
    let on_cpu = predict(&file, &cpu).await;
    let difference = largest_difference(&on_cpu, &predict(&file, &gpu).await);
    console_log!("WebGPU against CPU: {difference:e}");
    assert!(difference < 1e-4, "{difference}");
    assert!(largest_difference(&on_cpu, &probabilities(&record)) < 1e-6);
}

#[wasm_bindgen_test]
async fn a_model_that_webgpu_trained_is_read_back_and_predicts_the_same() {
    let cpu = device::open(EngineChoice::Cpu, None).await.expect("there is a CPU");
    let gpu = device::open(EngineChoice::Webgpu, None).await.expect("there is an adapter");
    let link = LINK.replace("engine=cpu", "engine=webgpu");
    let (record, keeper) = train(&link, dataset(), None, &gpu).await.expect("it trains");
    let file = keeper.trained.expect("a run leaves a model").to_bytes();
    let difference = largest_difference(&predict(&file, &cpu).await, &probabilities(&record));
    console_log!("trained on WebGPU, loaded on the CPU: {difference:e}");
    assert!(difference < 1e-4, "{difference}");
}
