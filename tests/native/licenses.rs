//! What the program is made of: licences, banned crates and sources, after the lists in
//! `deny.toml`. Reads cargo's own trees, so that it needs no further tool.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WASM: &str = "wasm32-unknown-unknown";
const HOST: &str = "x86_64-unknown-linux-gnu";

/// The strings of a list in `deny.toml`.
fn list(name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(ROOT).join("deny.toml")).unwrap();
    let start = text.find(&format!("\n{name} = [")).expect("the list is there");
    let lines = text[start..].lines().skip(2).take_while(|line| *line != "]");
    let strings = lines.filter_map(|line| line.trim().strip_prefix('"')?.split('"').next());
    let found: BTreeSet<String> = strings.map(str::to_owned).collect();
    assert!(!found.is_empty(), "no strings in {name}");
    found
}

/// Name and licence of every crate that a build takes, build scripts and tests included.
fn crates(features: &str, target: &str) -> BTreeSet<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--no-default-features", "--prefix", "none"])
        .args(["--features", features, "--target", target])
        .args(["--edges", "normal,build,dev", "--format", "{p}|{l}"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(name, licence)| {
            let name = name.split(' ').next().unwrap_or_default();
            (name.to_owned(), licence.trim_end_matches(" (*)").to_owned())
        })
        .collect();
    assert!(crates.len() > 30, "the tree was not read: {text}");
    crates
}

fn all_crates() -> BTreeSet<(String, String)> {
    [("ui", WASM), ("worker", WASM), ("cli", HOST)]
        .into_iter()
        .flat_map(|(features, target)| crates(features, target))
        .collect()
}

/// True if the licences of the list are enough for an SPDX expression; `/` is how older
/// crates write `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut rest = words.as_slice();
    let value = any(&mut rest, allowed);
    value && rest.is_empty()
}

fn any(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut value = every(words, allowed);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        // Read in any case: the words have to go by.
        let other = every(words, allowed);
        value |= other;
    }
    value
}

fn every(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut value = one(words, allowed);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        let other = one(words, allowed);
        value &= other;
    }
    value
}

fn one(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let value = any(words, allowed);
            match *words {
                [")", rest @ ..] => {
                    *words = rest;
                    value
                }
                _ => false,
            }
        }
        [licence, "WITH", exception, rest @ ..] => {
            *words = rest;
            allowed.contains(&format!("{licence} WITH {exception}"))
        }
        [licence, rest @ ..] => {
            *words = rest;
            allowed.contains(*licence)
        }
        [] => false,
    }
}

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let allowed = list("allow");
    let refused: Vec<_> =
        all_crates().into_iter().filter(|(_, licence)| !is_allowed(licence, &allowed)).collect();
    assert!(refused.is_empty(), "not allowed by deny.toml: {refused:#?}");
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0 WITH x", "ISC"].map(str::to_owned));
    for yes in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL", "(GPL OR MIT) AND ISC", "Apache-2.0 WITH x"] {
        assert!(is_allowed(yes, &allowed), "{yes}");
    }
    for no in
        ["", "GPL-3.0", "MIT AND GPL", "(MIT", "MIT ISC", "Apache-2.0", "GPL OR (ISC AND GPL)"]
    {
        assert!(!is_allowed(no, &allowed), "{no}");
    }
}

#[test]
fn no_banned_crate_is_built_in() {
    let banned = list("deny");
    let all = all_crates();
    let found: Vec<_> = all.iter().filter(|(name, _)| banned.contains(name)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(
        all.iter().any(|(name, _)| name == "yew") && all.iter().any(|(name, _)| name == "clap")
    );
}

#[test]
fn every_crate_comes_from_the_one_registry_by_its_checksum() {
    let lock = fs::read_to_string(Path::new(ROOT).join("Cargo.lock")).unwrap();
    let mut sources = BTreeSet::new();
    let mut own = 0;
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line =
                package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.map(|line| line.trim_end_matches('"'))
        };
        match value("source") {
            None => own += 1,
            Some(source) => {
                assert!(source.starts_with("registry+"), "{source}");
                assert!(value("checksum").is_some_and(|sum| sum.len() == 64), "{package}");
                sources.insert(source);
            }
        }
    }
    assert_eq!((sources.len(), own), (1, 1), "{sources:?}");
}

#[test]
fn no_version_is_left_open() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap();
    assert!(manifest.contains("[dependencies]"));
    for line in manifest.lines() {
        assert!(!line.contains("\"*\"") || line.starts_with("[profile"), "{line}");
        assert!(!line.contains("git = "), "{line}");
    }
}
