//! The benchmark's own program: trains networks on inputs that stand still, with the
//! training step of the product. In a browser it is a worker that obeys `run.mjs`;
//! natively it prints one line of JSON per network.

#[cfg(target_family = "wasm")]
mod browser;
mod cases;
#[cfg(not(target_family = "wasm"))]
mod native;

#[cfg(target_family = "wasm")]
use browser::main as start;
#[cfg(not(target_family = "wasm"))]
use native::main as start;

fn main() {
    start();
}
