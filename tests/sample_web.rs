//! The built-in sample is drawn in wasm exactly as it is natively.
#![cfg(target_family = "wasm")]

use imagenette_playground::data::sample::{HASH, dataset, images};
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn pictures_are_bit_equal_to_the_native_ones() {
    assert_eq!(dataset(images().collect()).hash, HASH);
}
