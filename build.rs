//! Writes a function for each message of the catalogue (`src/text.rs` includes them), and
//! says how the worker and the benchmark are linked.

#[path = "src/text/generate.rs"]
#[allow(dead_code, reason = "the crate's tests use all of it")]
mod generate;
#[path = "src/text/grammar.rs"]
mod grammar;

use std::path::Path;
use std::{env, fs};

/// The catalogues that name the keys and the placeholders of all others: what the page says, and
/// what only the worker says.
const ENGLISH: [&str; 2] = ["web/texts/en.json", "web/texts/worker/en.json"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    write_texts()?;
    // Without this the linker has every call into the program run its constructors
    // again: those of the compiler for GPUs, three quarters of all time while images
    // are read. `worker::construct` runs them once.
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bin=worker=--export=__wasm_call_ctors");
        println!("cargo::rustc-link-arg-examples=--export=__wasm_call_ctors");
    }
    Ok(())
}

fn write_texts() -> Result<(), Box<dyn std::error::Error>> {
    for file in ENGLISH.into_iter().chain(["src/text/generate.rs", "src/text/grammar.rs"]) {
        println!("cargo::rerun-if-changed={file}");
    }
    let [page, worker] = ENGLISH.map(messages);
    let source = generate::source(&page?, &worker?)
        .map_err(|errors| format!("web/texts:\n{}", errors.join("\n")))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("texts.rs"), source)?;
    Ok(())
}

fn messages(file: &str) -> Result<Vec<generate::KeyedMessage>, Box<dyn std::error::Error>> {
    let catalogue: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&fs::read_to_string(file)?)?;
    let mut messages = Vec::new();
    for (key, value) in catalogue {
        let text = value.as_str().ok_or_else(|| format!("{file}: {key} is no string"))?;
        messages.push((key, text.to_owned()));
    }
    // The order of the keys' bytes, whatever serde_json's map does.
    messages.sort();
    Ok(messages)
}
