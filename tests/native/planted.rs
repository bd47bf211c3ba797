//! The faults that `tests/planted/run.mjs` puts back: each still changes the line that it names.

use serde::Deserialize;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
struct Fault {
    fault: String,
    file: String,
    find: String,
    put: String,
    test: String,
    filter: String,
}

#[test]
fn every_planted_fault_changes_one_place_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let faults = fs::read_to_string(root.join("tests/planted/faults.json")).unwrap();
    let faults: Vec<Fault> = serde_json::from_str(&faults).unwrap();
    let docs = fs::read_to_string(root.join("docs/fuzzing.md")).unwrap();
    assert!(faults.len() >= 20);
    for Fault { fault, file, find, put, test, filter } in faults {
        let source = fs::read_to_string(root.join(&file)).unwrap();
        assert_eq!(source.matches(&find).count(), 1, "{fault}: {file}");
        assert_ne!(find, put, "{fault}");
        assert!(["lib", "native", "fuzz"].contains(&test.as_str()) && !filter.is_empty());
        assert!(docs.contains(&format!("| {fault} |")), "docs/fuzzing.md lacks: {fault}");
    }
}
