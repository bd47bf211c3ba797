//! From stored pixels to batches: golden values of every technique, frozen
//! draws, independence of the switches, and properties of all views.
#![cfg(not(target_family = "wasm"))]

mod augment;
