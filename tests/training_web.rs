//! The training loop in a browser's worker: the same numbers as natively.
#![cfg(all(feature = "worker", target_family = "wasm"))]

mod recorder;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn the_first_losses_are_those_of_every_other_target() {
    recorder::assert_first_losses().await;
}
