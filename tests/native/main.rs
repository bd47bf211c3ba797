//! The native integration tests in one program, so that burn is linked once.
//!
//! Tests that need a process of their own are programs of their own: `memory` and `data_memory`
//! measure the memory of theirs, `kill` starts and ends others at exact moments, which no other
//! test may delay, and `fuzz` starts itself again with limits. Those that run in a browser end
//! in `_web`.

#![cfg(not(target_family = "wasm"))]

#[path = "../augment/mod.rs"]
mod augment;
#[cfg(feature = "engine")]
#[expect(dead_code, reason = "only the benchmark needs all of it")]
#[path = "../bench/cases.rs"]
mod cases;
#[cfg(feature = "engine")]
#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "media")]
#[path = "../common/made.rs"]
mod made;
#[cfg(feature = "engine")]
#[path = "../common/parity.rs"]
mod parity;
#[cfg(feature = "engine")]
#[path = "../recorder/mod.rs"]
mod recorder;
#[cfg(feature = "engine")]
#[path = "../rig/mod.rs"]
mod rig;
#[cfg(feature = "engine")]
#[path = "../saved/mod.rs"]
mod saved;
#[cfg(feature = "engine")]
#[path = "../common/weights.rs"]
mod weights;

#[cfg(feature = "engine")]
mod class;
#[cfg(feature = "media")]
mod data_cases;
#[cfg(feature = "media")]
mod data_kinds;
#[cfg(feature = "media")]
mod data_made;
#[cfg(feature = "media")]
mod data_real;
#[cfg(feature = "engine")]
mod frozen;
#[cfg(feature = "engine")]
mod kernels;
mod layers;
#[cfg(feature = "media")]
mod lessons;
mod licenses;
#[cfg(feature = "engine")]
mod models;
#[cfg(feature = "engine")]
mod passes;
mod planted;
mod recorded;
#[cfg(feature = "engine")]
mod resumed;
#[cfg(feature = "engine")]
mod saved_models;
#[cfg(feature = "engine")]
mod training;
#[cfg(feature = "engine")]
mod webgpu;
