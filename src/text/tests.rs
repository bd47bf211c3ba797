//! The catalogues, the generator's refusals, and the filling in of placeholders.

use super::expand::{Arg, english_plural, expand};
use super::generate::{arguments, checksum, function_name, source};
use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ENGLISH_RULES: Catalogue = Catalogue {
    messages: &[],
    plural: english_plural,
    number: crate::number::grouped,
    figures: ENGLISH_FIGURES,
};

fn said(message: &str, names: &str, args: &[Arg<'_>]) -> String {
    expand(message, names, args, &ENGLISH_RULES)
}

#[test]
fn placeholders_are_filled_in_by_name() {
    let args = [Arg::Text("mixup"), Arg::Count(13_394)];
    assert_eq!(
        said("{b, number} images of {a}: {b}", "a,b", &args),
        "13,394 images of mixup: 13,394"
    );
    // What a text contains is no message.
    assert_eq!(said("{a}", "a", &[Arg::Text("{a} #")]), "{a} #");
    assert_eq!(said("{unknown} {a", "a", &args), "unknown {a");
}

#[test]
fn plurals_choose_by_number_then_category() {
    let message = "{n, plural, =0 {no run} one {# run of {of}} other {# runs of {of}}}.";
    let say = |count| said(message, "n,of", &[Arg::Count(count), Arg::Text("#5")]);
    assert_eq!(say(0), "no run.");
    assert_eq!(say(1), "1 run of #5.");
    assert_eq!(say(1200), "1,200 runs of #5.");
    let polish = Catalogue { plural: |_| "few".into(), ..ENGLISH_RULES };
    let message = "{n, plural, one {a} few {b} other {c}}";
    assert_eq!(expand(message, "n", &[Arg::Count(2)], &polish), "b");
    let missing = "{n, plural, one {a} other {c}}";
    assert_eq!(expand(missing, "n", &[Arg::Count(2)], &polish), "c");
}

fn refused(message: &str) -> String {
    let messages = [("panel.what".to_owned(), message.to_owned())];
    source(&messages).expect_err(message).join("\n")
}

#[test]
fn malformed_messages_are_refused_by_their_key() {
    for (message, why) in [
        ("{count", "braces"),
        ("count}", "braces"),
        ("{}", "no placeholder"),
        ("{Count}", "no placeholder"),
        ("{count, plural, one {#}}", "no branch “other”"),
        ("{count, plural, one {#} one {#} other {#}}", "two branches “one”"),
        ("{count, plural, uno {#} other {#}}", "unknown branch “uno”"),
        ("{count, plural, other {#} and}", "ends in “and”"),
        ("{count, plural, other {{}}}", "no placeholder"),
        ("{count, select, other {x}}", "number and plural"),
        ("# runs", "belongs into a plural"),
        ("{n} of {n, number}", "count in one place"),
        (" Train", "no spaces"),
        ("", "not empty"),
    ] {
        let error = refused(message);
        assert!(error.starts_with("panel.what: ") && error.contains(why), "{message}: {error}");
    }
    for key in ["panel", "Panel.what", "panel.", "panel.what_for", "panel.1", "panel..what"] {
        assert!(function_name(key).is_err(), "{key}");
    }
}

#[test]
fn functions_take_the_placeholders_of_their_message() {
    let messages = [
        ("a.plain".to_owned(), "Train".to_owned()),
        ("a.two-parts".to_owned(), "{n, plural, one {# of {of}} other {#}} {name}".to_owned()),
    ];
    let source = source(&messages).unwrap();
    assert!(source.contains("pub fn a_plain() -> &'static str {"), "{source}");
    let with = "pub fn a_two_parts(n: impl Into<Count>, of: &str, name: &str) -> String {";
    assert!(source.contains(with), "{source}");
    assert!(source.contains("\"n,of,name\""), "{source}");
    // As web/scripts/texts.mjs computes it.
    assert_eq!(checksum(&["a.plain", "b.plain"]), 0x5d3b_b704);
}

fn catalogue(file: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).unwrap();
    let messages: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    let tidy = serde_json::to_string_pretty(&messages).unwrap() + "\n";
    let wrong = text.lines().zip(tidy.lines()).find(|(line, tidy)| line != tidy);
    assert!(text == tidy, "{}: keys sorted, once each, two spaces: {wrong:?}", file.display());
    messages
}

#[test]
fn every_catalogue_has_the_keys_and_placeholders_of_the_english_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/texts");
    let english = catalogue(&folder.join("en.json"));
    let sorted = |message: &str| {
        let mut args = arguments(message).unwrap();
        args.sort();
        args
    };
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let other = catalogue(&file);
        let keys = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&other), keys(&english), "{}", file.display());
        for (key, message) in &other {
            assert_eq!(sorted(message), sorted(&english[key]), "{}: {key}", file.display());
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The keys whose function no source calls as `text::…`.
fn unused<'a>(keys: impl Iterator<Item = &'a String>, sources: &str) -> Vec<&'a str> {
    let mut called = std::collections::BTreeSet::new();
    for (place, _) in sources.match_indices("text::") {
        let name =
            sources[place + "text::".len()..].split(|it: char| !it.is_alphanumeric() && it != '_');
        called.extend(name.take(1));
    }
    keys.filter(|key| !called.contains(function_name(key).unwrap().as_str()))
        .map(String::as_str)
        .collect()
}

#[test]
fn every_message_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let source: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let english = catalogue(&root.join("web/texts/en.json"));
    assert_eq!(unused(english.keys(), &source), [""; 0], "messages that nothing shows");
    let gone = "panel.gone".to_owned();
    assert_eq!(unused([&gone].into_iter(), "text::panel_gone_too()"), ["panel.gone"]);
}

#[test]
fn a_message_that_the_catalogue_lacks_is_empty() {
    assert!(KEYS != 0 && !message(0).is_empty());
    install(Catalogue { messages: &["Los"], ..ENGLISH_RULES });
    assert_eq!((*message(0), *message(1)), ("Los", ""));
}

#[test]
fn sentences_have_one_full_stop() {
    assert_eq!(sentence("no data set is loaded"), "No data set is loaded.");
    assert_eq!(sentence("Ändere das. "), "Ändere das.");
    assert_eq!(sentence(""), "");
}
