//! Keeps the architecture: what each build may contain, what each module may name.
//! Independent of the code's behaviour: it reads cargo's dependency trees and the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WASM: &str = "wasm32-unknown-unknown";

/// Modules that know neither burn nor a browser.
const PURE: &[&str] = &[
    "app",
    "augment",
    "bridge",
    "bytes",
    "chart",
    "class",
    "cost",
    "data",
    "dataset",
    "engine",
    "experiment",
    "inspect",
    "finder",
    "format",
    "lessons",
    "math",
    "progress",
    "protocol",
    "record",
    "recorded",
    "report",
    "rng",
    "runs",
    "saved",
    "schedule",
    "stats",
    "sweep",
    "text",
    "tta",
];
/// Modules that know burn, but not where they run.
const ENGINE: &[&str] = &["model", "train"];

#[test]
fn page_and_classroom_are_built_without_the_engine() {
    for features in ["ui", "classroom"] {
        let packages = packages(features, WASM);
        for absent in [
            "burn",
            "burn-cubecl",
            "burn-wgpu",
            "cubecl",
            "wgpu",
            "image",
            "tar",
            "flate2",
            "fast_image_resize",
        ] {
            assert!(!packages.contains(absent), "{features} must not link {absent}");
        }
        assert!(packages.contains("yew"), "the tree was not read: no yew in {packages:?}");
    }
}

#[test]
fn only_the_page_reaches_the_database() {
    assert!(packages("ui", WASM).contains("idb"));
    assert!(!packages("classroom", WASM).contains("idb"));
}

#[test]
fn worker_is_built_without_the_page() {
    let packages = packages("worker", WASM);
    for absent in ["yew", "yew-macro", "gloo", "idb"] {
        assert!(!packages.contains(absent), "the worker must not link {absent}");
    }
    assert!(packages.contains("burn"), "the tree was not read: no burn in {packages:?}");
}

#[test]
fn autotune_is_nowhere() {
    // On a software adapter autotune never finishes, and while it runs results may
    // differ from step to step. Default features of burn or burn-wgpu bring it in.
    let host = "x86_64-unknown-linux-gnu";
    for (features, target) in [("worker", WASM), ("cli", host)] {
        let tree = cargo_tree(features, target, "features");
        assert!(tree.contains("burn-wgpu feature"), "the tree was not read:\n{tree}");
        let found: Vec<_> = tree.lines().filter(|line| line.contains("autotune")).collect();
        assert!(found.is_empty(), "autotune is on in {features}: {found:#?}");
    }
}

#[test]
fn pure_modules_name_neither_burn_nor_a_browser() {
    let banned = [
        "burn",
        "burn_cubecl",
        "burn_wgpu",
        "cubecl",
        "web_sys",
        "js_sys",
        "wasm_bindgen",
        "yew",
        "idb",
    ];
    assert_never_named(PURE, &banned);
}

#[test]
fn engine_modules_name_no_browser() {
    assert_never_named(ENGINE, &["web_sys", "js_sys", "wasm_bindgen", "yew", "idb"]);
}

#[test]
fn page_names_no_engine_and_no_decoder() {
    assert_never_named(
        &["ui", "classroom", "widgets"],
        &[
            "burn",
            "burn_cubecl",
            "burn_wgpu",
            "cubecl",
            "image",
            "tar",
            "flate2",
            "fast_image_resize",
        ],
    );
}

#[test]
fn worker_names_no_page() {
    assert_never_named(&["worker"], &["yew", "idb"]);
}

#[test]
fn clocks_are_those_that_a_browser_has() {
    // The standard library's panic there. Natively `web_time` is it, so that clippy
    // cannot tell the two apart.
    let src = Path::new(ROOT).join("src");
    for file in rust_files(&src).iter().filter(|file| !file.starts_with(src.join("cli"))) {
        for clock in ["std::time::Instant", "std::time::SystemTime"] {
            assert!(!read(file).contains(clock), "{} names {clock}", file.display());
        }
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    for file in rust_files(&Path::new(ROOT).join("src")) {
        let source = read(&file);
        let says =
            source.starts_with("//!") && source.lines().next().is_some_and(|line| line.len() > 12);
        assert!(says, "{}: the first line must say what the file is", file.display());
    }
}

#[test]
fn nothing_names_a_machine_s_paths() {
    // Spelled in two parts so that this file passes its own rule.
    let banned = [
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["/tm", "p/"].concat(),
        ["/wo", "rk/"].concat(),
    ];
    for file in committed_text_files() {
        let text = read(&file);
        for path in &banned {
            assert!(!text.contains(path.as_str()), "{} names {path}", file.display());
        }
    }
}

#[test]
fn wasm_bindgen_crate_and_tool_are_one_version() {
    // .ci/setup reads the tool's version from Cargo.toml; the lock file must agree.
    let manifest = read(&Path::new(ROOT).join("Cargo.toml"));
    let wanted = manifest
        .lines()
        .filter(|line| line.starts_with("wasm-bindgen = "))
        .filter_map(|line| line.split("\"=").nth(1)?.split('"').next())
        .collect::<Vec<_>>();
    assert_eq!(wanted.len(), 1, "Cargo.toml must pin wasm-bindgen exactly, once");
    let lock = read(&Path::new(ROOT).join("Cargo.lock"));
    let locked = format!("name = \"wasm-bindgen\"\nversion = \"{}\"", wanted[0]);
    assert!(lock.contains(&locked), "Cargo.lock has another wasm-bindgen than {}", wanted[0]);
    let setup = read(&Path::new(ROOT).join(".ci/setup"));
    assert!(setup.contains("WASM_BINDGEN_VERSION=\"$(sed"), ".ci/setup no longer reads Cargo.toml");
}

/// Names of all packages that a build with these features links for the target.
fn packages(features: &str, target: &str) -> BTreeSet<String> {
    cargo_tree(features, target, "normal")
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn cargo_tree(features: &str, target: &str, edges: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--no-default-features", "--prefix", "none"])
        .args(["--features", features, "--target", target, "--edges", edges])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    String::from_utf8(output.stdout).expect("cargo tree prints UTF-8")
}

/// `std`'s clocks panic in a browser; only the terminal may use them.
#[test]
fn only_the_terminal_uses_the_clocks_of_std() {
    for file in rust_files(&Path::new(ROOT).join("src")) {
        if file.components().any(|part| part.as_os_str() == "cli") {
            continue;
        }
        let source = read(&file);
        let used = source.contains("std::time::Instant") || source.contains("SystemTime");
        assert!(!used, "{} uses a clock of std: use web_time", file.display());
    }
}

/// Fails if a module of the list, or a submodule, uses a crate by name in its code.
fn assert_never_named(modules: &[&str], banned: &[&str]) {
    for module in modules {
        let file = Path::new(ROOT).join("src").join(format!("{module}.rs"));
        let mut files = rust_files(&file.with_extension(""));
        assert!(file.exists(), "no module {module}: bring the list up to date");
        files.push(file);
        for file in files {
            let source = read(&file);
            for (number, line) in source.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for name in banned {
                    let named = names_crate(code, name);
                    assert!(!named, "{}:{} names {name}: {line}", file.display(), number + 1);
                }
            }
        }
    }
}

/// True if the code has `name::` or `use name` with nothing of a word before it.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let starts_word = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let after = &code[at + name.len()..];
        let imported = code.trim_start().starts_with("use ") && after.starts_with([';', ' ']);
        starts_word && (after.starts_with("::") || imported)
    })
}

#[test]
fn crate_names_are_told_from_other_words() {
    assert!(names_crate("use burn::tensor::Tensor;", "burn"));
    assert!(names_crate("let x: ::burn::Tensor;", "burn") == names_crate("a::burn::b", "burn"));
    assert!(names_crate("fn f() -> burn::Tensor {", "burn"));
    assert!(names_crate("use image;", "image"));
    assert!(!names_crate("let image = load();", "image"));
    assert!(!names_crate("self::image::decode()", "image"));
    assert!(!names_crate("use burn_wgpu::Wgpu;", "burn"));
}

/// All `.rs` files below a folder; none if there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    files_ending_in(folder, &["rs"])
}

/// All files below a folder with one of these extensions; none if there is no such folder.
fn files_ending_in(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            files.extend(files_ending_in(&path, extensions));
        } else if extensions.iter().any(|wanted| path.extension().is_some_and(|it| it == *wanted)) {
            files.push(path);
        }
    }
    files
}

/// Files under version control that are text, or nothing where git is not there.
fn committed_text_files() -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(ROOT).output();
    let Ok(output) = listed else {
        eprintln!("SKIPPED: git is not there to list the files");
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(|name| Path::new(ROOT).join(name))
        .filter(|path| {
            path.is_file() && fs::read(path).is_ok_and(|bytes| std::str::from_utf8(&bytes).is_ok())
        })
        .collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Most lines of a file that is neither a test nor a table.
const MOST_LINES: usize = 400;
/// Files that may be longer.
const LONG_FILES: &[&str] = &["src/widgets/browser.rs"];

/// The arguments of errors for a person that are written in the source.
fn literal_reports(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = code.split("ErrorReport::new(").skip(1);
    // Up to the end of the statement, which is where the call ends at the latest.
    let calls = calls.map(|call| call.split([';', '}']).next().unwrap_or_default());
    calls
        .filter(|call| {
            call.trim_start().starts_with('"')
                || call.contains(", \"")
                || call.lines().any(|line| line.trim_start().starts_with('"'))
        })
        .collect()
}

#[test]
fn errors_for_a_person_are_in_the_catalogue() {
    for file in rust_files(&Path::new(ROOT).join("src")) {
        let name = file.strip_prefix(ROOT).unwrap().to_string_lossy().replace('\\', "/");
        if name.starts_with("src/cli") || name.ends_with("tests.rs") || name.contains("/tests/") {
            continue;
        }
        assert_eq!(literal_reports(&read(&file)), [""; 0], "{name}: see docs/translating.md");
    }
    for call in [
        "ErrorReport::new(\"It failed\", why, remedy);",
        "ErrorReport::new(\n  what,\n  \"why\",\n)",
    ] {
        assert_eq!(literal_reports(call).len(), 1, "{call}");
    }
    assert_eq!(literal_reports("ErrorReport::new(text::a_b(), why, text::a_c()); \"x\""), [""; 0]);
}

#[test]
fn no_source_file_is_too_long() {
    let sources = files_ending_in(&Path::new(ROOT).join("src"), &["rs", "wgsl"]);
    assert!(sources.len() > 300, "only {} files were found", sources.len());
    for file in sources {
        let name = file.strip_prefix(ROOT).unwrap_or(&file).display().to_string();
        let lines = read(&file).lines().count();
        let exempt = name.contains("/tests") || LONG_FILES.contains(&name.as_str());
        assert!(
            lines <= MOST_LINES || exempt,
            "{name} has {lines} lines: part it where it does two jobs, or move its tests"
        );
    }
}

/// Names that two types may share.
const SHARED_NAMES: &[&str] = &[];

#[test]
fn no_two_types_have_the_same_name() {
    let mut files = BTreeMap::<String, Vec<String>>::new();
    for file in rust_files(&Path::new(ROOT).join("src")) {
        let name = file.strip_prefix(ROOT).unwrap_or(&file).display().to_string();
        if name.contains("tests") {
            continue;
        }
        let source = read(&file);
        let shipped = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for declared in declared_types(shipped) {
            files.entry(declared.to_owned()).or_default().push(name.clone());
        }
    }
    assert!(files.len() > 300, "only {} types were found", files.len());
    files.retain(|name, files| files.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    assert!(files.is_empty(), "types that share a name: {files:#?}");
}

/// Names of the types that a source declares; associated types, which are indented, are none.
fn declared_types(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let indented = line.starts_with(' ');
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
        let keyword = words.next()?;
        let name = words.next()?;
        let declares = match keyword {
            "struct" | "enum" | "trait" => true,
            "type" => !indented,
            _ => false,
        };
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        name.get(..end).filter(|_| declares)
    })
}

#[test]
fn types_with_the_same_name_are_found() {
    let source =
        "pub(super) struct Kept<T>(T);\n    type State = Kept;\npub enum Kept {\n// struct No\n";
    assert_eq!(declared_types(source).collect::<Vec<_>>(), ["Kept", "Kept"]);
}

/// For each top-level module, those that its shipped code names.
fn known_modules() -> BTreeMap<String, BTreeSet<String>> {
    let src = Path::new(ROOT).join("src");
    let top = |file: &Path| -> Option<String> {
        let below = file.strip_prefix(&src).ok()?;
        let first = below.components().next()?.as_os_str().to_str()?;
        Some(first.trim_end_matches(".rs").to_owned())
    };
    let files: Vec<_> = rust_files(&src)
        .into_iter()
        .filter_map(|file| Some((top(&file)?, file)))
        .filter(|(top, file)| {
            !["lib", "bin"].contains(&top.as_str()) && !file.display().to_string().contains("tests")
        })
        .collect();
    let modules: BTreeSet<String> = files.iter().map(|(top, _)| top.clone()).collect();
    let mut known = BTreeMap::<String, BTreeSet<String>>::new();
    for (top, file) in &files {
        let source = read(file);
        let shipped = source.split("\nmod tests {").next().unwrap_or_default();
        let named = named_modules(shipped).filter(|name| modules.contains(*name) && name != top);
        known.entry(top.clone()).or_default().extend(named.map(str::to_owned));
    }
    known
}

/// The first names of all paths that begin at the crate, those of a braced list one by one.
fn named_modules(source: &str) -> impl Iterator<Item = &str> {
    let word = |text: &'_ str| text.find(|c: char| !c.is_alphanumeric() && c != '_');
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .flat_map(|path| match path.strip_prefix('{') {
            Some(list) => list.split(',').map(str::trim).collect(),
            None => vec![path],
        })
        .filter_map(move |path| path.get(..word(path).unwrap_or(path.len())))
}

#[test]
fn top_level_modules_know_each_other_in_no_circle() {
    let mut left = known_modules();
    assert!(left.len() > 30, "only {} modules were found", left.len());
    loop {
        let free: Vec<String> = left
            .iter()
            .filter(|(_, known)| known.iter().all(|name| !left.contains_key(name)))
            .map(|(name, _)| name.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|name, _| !free.contains(name));
    }
    assert!(left.is_empty(), "modules in a circle: {left:#?}");
}

#[test]
fn the_architecture_says_who_knows_whom() {
    let known = known_modules();
    let page = read(&Path::new(ROOT).join("ARCHITECTURE.md"));
    let mut told = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, modules, _, knows, _] = cells.as_slice() else { continue };
        let own: BTreeSet<String> = quoted(modules).collect();
        if !own.iter().all(|name| known.contains_key(name)) {
            continue;
        }
        let listed: BTreeSet<String> = quoted(knows).filter(|it| known.contains_key(it)).collect();
        let stated: BTreeSet<String> = match knows.strip_prefix("all but") {
            Some(_) => known.keys().filter(|name| !listed.contains(*name)).cloned().collect(),
            None => listed,
        };
        let stated: BTreeSet<_> = stated.difference(&own).cloned().collect();
        let true_ones: BTreeSet<_> = own.iter().flat_map(|name| known[name].clone()).collect();
        let true_ones: BTreeSet<_> = true_ones.difference(&own).cloned().collect();
        assert_eq!(stated, true_ones, "the row of {modules} in ARCHITECTURE.md");
        told.extend(own);
    }
    let missing: Vec<_> = known.keys().filter(|name| !told.contains(*name)).collect();
    assert!(missing.is_empty(), "modules without a row in ARCHITECTURE.md: {missing:?}");
}

#[test]
fn the_architecture_names_files_that_are_there() {
    let page = read(&Path::new(ROOT).join("ARCHITECTURE.md"));
    // An item may go on in the lines below it.
    let items = page.replace("\n  ", " ");
    let mut named = 0;
    for item in items.lines() {
        let mut words = quoted(item);
        let Some(folder) = words.next().filter(|word| item.starts_with(&format!("- `{word}`")))
        else {
            continue;
        };
        let Some(folder) = folder.strip_suffix('/').map(str::to_owned) else { continue };
        let mut folder = Path::new(ROOT).join("src").join(folder);
        for word in words {
            named += 1;
            if let Some(other) = word.strip_suffix('/').filter(|it| !folder.join(it).is_dir()) {
                folder = Path::new(ROOT).join("src").join(other);
                assert!(folder.is_dir(), "{word} in ARCHITECTURE.md is no folder of src");
                continue;
            }
            let there = ["", ".rs"].map(|ending| folder.join(format!("{word}{ending}")).exists());
            assert!(there.contains(&true), "{word} is not in {}", folder.display());
        }
    }
    assert!(named > 80, "{named} files are named");
}

/// The words of a text that stand in backticks.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}
