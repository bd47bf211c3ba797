//! The catalogues, the generator's refusals, and the filling in of placeholders.

use super::expand::{Arg, english_plural, expand};
use super::generate::{arguments, checksum, function_name, source};
use super::grammar::{block, branch, placeholder};
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

type Messages = BTreeMap<String, String>;

fn catalogue(file: &Path) -> Messages {
    let text = fs::read_to_string(file).unwrap();
    let messages: Messages = serde_json::from_str(&text).unwrap();
    let tidy = serde_json::to_string_pretty(&messages).unwrap() + "\n";
    let wrong = text.lines().zip(tidy.lines()).find(|(line, tidy)| line != tidy);
    assert!(text == tidy, "{}: keys sorted, once each, two spaces: {wrong:?}", file.display());
    messages
}

/// What is wrong with a translation, a line for each message.
fn faults(language: &str, english: &Messages, other: &Messages) -> Vec<String> {
    let mut faults = Vec::new();
    for key in english.keys().filter(|key| !other.contains_key(*key)) {
        faults.push(format!("{key} is missing"));
    }
    for (key, message) in other {
        let fault = match english.get(key) {
            None => Some("is no key of the English catalogue".to_owned()),
            Some(original) => message_fault(language, key, original, message),
        };
        faults.extend(fault.map(|fault| format!("{key} {fault}")));
    }
    faults
}

fn message_fault(language: &str, key: &str, original: &str, message: &str) -> Option<String> {
    let sorted = |message: &str| {
        let mut args = arguments(message).unwrap();
        args.sort();
        args
    };
    let args = match arguments(message) {
        Ok(_) => sorted(message),
        Err(error) => return Some(error),
    };
    let wanted = sorted(original);
    if args != wanted {
        return Some(format!("has the placeholders {args:?}, not {wanted:?}"));
    }
    let (_, plurals, same) = LANGUAGES.iter().find(|(it, ..)| *it == language)?;
    for branches in plural_branches(message) {
        let named: Vec<&str> =
            branches.iter().map(String::as_str).filter(|it| !it.starts_with('=')).collect();
        if named != *plurals {
            return Some(format!("has the plural branches {named:?}, not {plurals:?}"));
        }
    }
    let is_same = message == original && words(message) && language != "en";
    match (is_same, same.contains(&key)) {
        (true, false) => Some("is not translated".to_owned()),
        (false, true) => Some("is translated, and listed as the same as in English".to_owned()),
        _ => None,
    }
}

/// The languages: the plural categories that their messages need, in the catalogues' order, and
/// the keys whose message is the same as in English. A language without an entry fails.
const LANGUAGES: [(&str, &[&str], &[&str]); 2] = [
    ("en", &["one", "other"], &[]),
    (
        "de",
        &["one", "other"],
        &[
            "assess.nll",
            "check.gigabytes",
            "check.https",
            "class.adapters",
            "class.link",
            "engine.name",
            "engine.name-note",
            "model.engine",
            "model.seed",
            "name.mixup",
            "page.title",
            "queue.free-label",
            "resizing.momentum",
            "run.baseline",
            "run.json",
            "run.utc",
            "technique.phase",
            "training.loss",
            "training.pause",
            "training.title",
            "which.batch",
        ],
    ),
];

/// True if there are words outside of the placeholders.
fn words(message: &str) -> bool {
    let (mut depth, mut letters) = (0, 0);
    for character in message.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            // A Greek letter alone is a symbol.
            _ if depth == 0 && character.is_ascii_alphabetic() => letters += 1,
            _ => {}
        }
    }
    letters > 1
}

/// The selectors of each plural of a message.
fn plural_branches(message: &str) -> Vec<Vec<String>> {
    let (mut rest, mut found) = (message, Vec::new());
    while let Some(place) = rest.find('{') {
        let (inside, after) = block(&rest[place..]).unwrap();
        if let (_, Some(mut branches)) = placeholder(inside) {
            let mut selectors = Vec::new();
            while let Some((selector, message, after)) = branch(branches) {
                selectors.push(selector.to_owned());
                found.extend(plural_branches(message));
                branches = after;
            }
            found.push(selectors);
        }
        rest = after;
    }
    found
}

#[test]
fn every_catalogue_is_complete_and_translated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/texts");
    let english = catalogue(&folder.join("en.json"));
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let language = file.file_stem().unwrap().to_str().unwrap().to_owned();
        assert_eq!(faults(&language, &english, &catalogue(&file)), [""; 0], "{language}");
        found.push(language);
    }
    found.sort();
    let mut known = LANGUAGES.map(|(language, ..)| language);
    known.sort_unstable();
    assert_eq!(found, known, "a language has its plural categories in LANGUAGES");
}

#[test]
fn the_check_of_a_catalogue_finds_each_kind_of_fault() {
    let messages = |pairs: &[(&str, &str)]| -> Messages {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    };
    let english = messages(&[
        ("a.count", "{n, plural, one {# run} other {# runs}} of {name}"),
        ("a.symbol", "λ {value}"),
        ("a.train", "Train"),
        ("model.seed", "Seed"),
    ]);
    let german = |key: &str, text: &str| {
        let mut all = messages(&[
            ("a.count", "{name}: {n, plural, one {# Lauf} other {# Läufe}}"),
            ("a.symbol", "λ {value}"),
            ("a.train", "Trainieren"),
            ("model.seed", "Seed"),
        ]);
        match text {
            "" => all.remove(key),
            _ => all.insert(key.to_owned(), text.to_owned()),
        };
        faults("de", &english, &all)
    };
    assert_eq!(german("a.train", "Trainieren"), [""; 0]);
    for (key, text, fault) in [
        ("a.train", "", "a.train is missing"),
        ("a.new", "Neu", "a.new is no key"),
        ("a.train", "Train", "a.train is not translated"),
        ("model.seed", "Saat", "model.seed is translated, and listed"),
        ("a.count", "{n, plural, one {# Lauf} other {# Läufe}}", "a.count has the placeholders"),
        ("a.count", "{n, number} Läufe: {name}", ""),
        ("a.count", "{n, plural, other {# Läufe}} {name}", "a.count has the plural branches"),
        ("a.count", "{n, plural, one {# Lauf}} {name}", "a.count the plural of n has no branch"),
        ("a.train", "Trainieren}", "a.train its braces"),
    ] {
        let found = german(key, text);
        let wanted = usize::from(!fault.is_empty());
        assert_eq!(found.len(), wanted, "{key} {text}: {found:?}");
        assert!(found.iter().all(|it| it.starts_with(fault)), "{key} {text}: {found:?}");
    }
}

#[test]
fn german_texts_have_german_quotes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/texts/de.json");
    for (key, message) in catalogue(&file) {
        let count = |mark: char| message.matches(mark).count();
        assert_eq!(count('„'), count('“'), "{key}: {message}");
        assert_eq!(count('"') + count('”') + count('’'), 0, "{key}: {message}");
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
fn a_message_that_the_catalogue_lacks_says_so() {
    assert!(KEYS != 0 && !message(0).is_empty());
    install(Catalogue { messages: &["Los"], ..ENGLISH_RULES });
    assert_eq!((*message(0), *message(1)), ("Los", NO_TEXT));
}

#[test]
fn numbers_are_written_as_the_language_writes_them() {
    assert_eq!((decimal("1.5"), percentage("71.2")), ("1.5".into(), "71.2%".into()));
    let german = Figures { decimal: ",", percent: "\u{a0}%" };
    install(Catalogue { figures: german, ..ENGLISH_RULES });
    assert_eq!((decimal("−0.5 MB"), decimal("12")), ("−0,5 MB".into(), "12".into()));
    assert_eq!((percentage("71.2"), percentage("5")), ("71,2\u{a0}%".into(), "5\u{a0}%".into()));
}

#[test]
fn sentences_have_one_full_stop() {
    assert_eq!(sentence("no data set is loaded"), "No data set is loaded.");
    assert_eq!(sentence("Ändere das. "), "Ändere das.");
    assert_eq!(sentence("http://a.de/b.tgz: it broke off"), "http://a.de/b.tgz: it broke off.");
    assert_eq!(sentence("train/n01/a.png is damaged."), "train/n01/a.png is damaged.");
    assert_eq!(sentence("damaged: it ends early"), "Damaged: it ends early.");
    assert_eq!(sentence(""), "");
}
