//! How the worker and the benchmark are linked.

fn main() {
    println!("cargo::rerun-if-changed=.cargo/build.rs");
    // Without this the linker has every call into the program run its constructors
    // again: those of the compiler for GPUs, three quarters of all time while images
    // are read. `worker::construct` runs them once.
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bin=worker=--export=__wasm_call_ctors");
        println!("cargo::rustc-link-arg-examples=--export=__wasm_call_ctors");
    }
}
