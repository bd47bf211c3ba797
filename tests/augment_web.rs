//! The same draws and pixels in wasm as natively.
#![cfg(target_family = "wasm")]

#[path = "augment/fixture.rs"]
mod fixture;
#[path = "augment/frozen.rs"]
mod frozen;

use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn draws_are_bit_equal_to_the_native_ones() {
    assert_eq!(frozen::draws(), frozen::DRAWS);
}

#[wasm_bindgen_test]
fn pixels_are_bit_equal_to_the_native_ones() {
    assert_eq!(frozen::pixels(), frozen::PIXELS);
}
