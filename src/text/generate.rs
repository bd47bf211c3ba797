//! Turns a catalogue of messages into Rust: one function per key. `build.rs` includes this
//! file; the library itself has it for its tests only.

use super::grammar::{block, branch, placeholder};
use std::fmt::Write as _;

/// A message: its key and its text.
pub type KeyedMessage = (String, String);

/// The source of the functions, the checksums of the keys, and the messages: those of the page, and
/// those that only the worker says, whose places follow.
///
/// # Errors
/// A sentence for each message that is malformed, with its key.
pub fn source(page: &[KeyedMessage], worker: &[KeyedMessage]) -> Result<String, Vec<String>> {
    let (mut out, mut errors) = (String::new(), Vec::new());
    for (place, (key, message)) in page.iter().chain(worker).enumerate() {
        match arguments(message).and_then(|args| Ok((function_name(key)?, args))) {
            Ok((name, args)) => function(&mut out, place, &name, message, &args),
            Err(error) => errors.push(format!("{key}: {error}")),
        }
    }
    let keys = |of: &[KeyedMessage]| checksum(&of.iter().map(|it| &*it.0).collect::<Vec<_>>());
    let texts =
        |of: &[KeyedMessage]| format!("{:#?}", of.iter().map(|it| &it.1).collect::<Vec<_>>());
    let _ = write!(
        out,
        "/// Checksum of the keys: a catalogue of another build has another.\n\
         pub const KEYS: u32 = {};\n\
         /// Checksum of the keys that only the worker says.\n\
         pub const WORKER_KEYS: u32 = {};\n\
         /// The place of the first message that only the worker says.\n\
         const WORKER_FROM: usize = {};\n\n\
         #[cfg(not(target_family = \"wasm\"))]\n\
         static ENGLISH: &[&str] = &{};\n\
         #[cfg(target_family = \"wasm\")]\n\
         static ENGLISH: &[&str] = &[];\n\n\
         #[cfg(any(not(target_family = \"wasm\"), feature = \"worker\"))]\n\
         static WORKER_ENGLISH: &[&str] = &{};\n\
         #[cfg(all(target_family = \"wasm\", not(feature = \"worker\")))]\n\
         static WORKER_ENGLISH: &[&str] = &[];\n",
        keys(page),
        keys(worker),
        page.len(),
        texts(page),
        texts(worker),
    );
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// FNV-1a of the keys, separated by line feeds. web/scripts/texts.mjs computes the same.
pub fn checksum(keys: &[&str]) -> u32 {
    let hash = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    keys.join("\n").bytes().fold(0x811c_9dc5, hash)
}

/// The name of a key's function: `training.new-seed` is `training_new_seed`.
///
/// # Errors
/// If the key is something else than words of small letters and digits, with a dot.
pub fn function_name(key: &str) -> Result<String, String> {
    let word = |word: &str| {
        word.starts_with(|it: char| it.is_ascii_lowercase())
            && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    if key.contains('.') && key.split(['.', '-']).all(word) {
        Ok(key.replace(['.', '-'], "_"))
    } else {
        Err("a key is small letters, digits and hyphens in at least two parts: panel.what".into())
    }
}

/// A placeholder: its name, and whether it is a count.
pub type Argument = (String, bool);

/// The placeholders of a message, in the order in which they first appear.
///
/// # Errors
/// A sentence, if the message is malformed.
pub fn arguments(message: &str) -> Result<Vec<Argument>, String> {
    let mut found = Vec::new();
    collect(message, false, &mut found)?;
    if message.is_empty() || message.trim() != message {
        return Err("a message has no spaces at its ends and is not empty".into());
    }
    Ok(found)
}

fn collect(message: &str, in_plural: bool, found: &mut Vec<Argument>) -> Result<(), String> {
    let mut rest = message;
    while let Some(place) = rest.find(['{', '}', '#']) {
        let from = rest.get(place..).unwrap_or_default();
        if from.starts_with('#') {
            if !in_plural {
                return Err("# stands for a number, so it belongs into a plural".into());
            }
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        let (inside, after) = block(from)
            .filter(|_| from.starts_with('{'))
            .ok_or_else(|| format!("its braces do not match: {message}"))?;
        rest = after;
        let (name, branches) = placeholder(inside);
        let is_name = name.starts_with(|it: char| it.is_ascii_lowercase())
            && name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_' || it.is_ascii_digit());
        if !is_name {
            return Err(format!("{{{inside}}} is no placeholder: its name is small letters"));
        }
        let kind = inside.split_once(',').map(|(_, kind)| kind.trim());
        if branches.is_none() && !matches!(kind, None | Some("number")) {
            return Err(format!("{{{inside}}}: the kinds are number and plural"));
        }
        note(found, name, kind.is_some())?;
        if let Some(branches) = branches {
            collect_branches(name, branches, found)?;
        }
    }
    Ok(())
}

fn note(found: &mut Vec<Argument>, name: &str, counts: bool) -> Result<(), String> {
    match found.iter().find(|(known, _)| known == name) {
        Some((_, known)) if *known != counts => {
            Err(format!("{{{name}}} is a count in one place and a text in another"))
        }
        Some(_) => Ok(()),
        None => {
            found.push((name.to_owned(), counts));
            Ok(())
        }
    }
}

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn collect_branches(name: &str, branches: &str, found: &mut Vec<Argument>) -> Result<(), String> {
    let (mut rest, mut selectors) = (branches, Vec::new());
    while let Some((selector, message, after)) = branch(rest) {
        let exact = selector.strip_prefix('=').is_some_and(|it| it.parse::<u64>().is_ok());
        if !exact && !CATEGORIES.contains(&selector) {
            return Err(format!("the plural of {name} has the unknown branch “{selector}”"));
        }
        if selectors.contains(&selector) {
            return Err(format!("the plural of {name} has two branches “{selector}”"));
        }
        selectors.push(selector);
        collect(message, true, found)?;
        rest = after;
    }
    if !rest.trim().is_empty() {
        return Err(format!("the plural of {name} ends in “{}”", rest.trim()));
    }
    if !selectors.contains(&"other") {
        return Err(format!("the plural of {name} has no branch “other”"));
    }
    Ok(())
}

fn function(out: &mut String, place: usize, name: &str, message: &str, args: &[Argument]) {
    // `train/<class>` is no HTML.
    let told = message.replace('<', "\\<");
    let _ = writeln!(out, "#[doc = {:?}]\n#[inline]\n#[must_use]", format!("“{told}”"));
    if args.is_empty() {
        let _ = writeln!(out, "pub fn {name}() -> &'static str {{\n    message({place})\n}}\n");
        return;
    }
    let (mut parameters, mut values, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, counts) in args {
        names.push(name.as_str());
        if *counts {
            parameters.push(format!("{name}: impl Into<Count>"));
            values.push(format!("Arg::Count({name}.into().0)"));
        } else {
            parameters.push(format!("{name}: &str"));
            values.push(format!("Arg::Text({name})"));
        }
    }
    let _ = writeln!(
        out,
        "pub fn {name}({}) -> String {{\n    filled({place}, {:?}, &[{}])\n}}\n",
        parameters.join(", "),
        names.join(","),
        values.join(", "),
    );
}
