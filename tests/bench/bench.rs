//! The benchmark's own program: trains networks on inputs that stand still, with the
//! training step of the product. In a browser it is a worker that obeys `run.mjs`;
//! natively it prints one line of JSON per network, or what the kernels of a step move.

#[cfg(target_family = "wasm")]
mod browser;
mod cases;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
#[path = "../rig/mod.rs"]
mod rig;

#[cfg(target_family = "wasm")]
use browser::main as start;
#[cfg(not(target_family = "wasm"))]
use native::main as start;

fn main() {
    start();
}
