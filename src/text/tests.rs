//! The catalogues: complete, translated, used, and what is said without them.

mod messages;

use super::expand::english_plural;
use super::generate::{arguments, function_name};
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

/// The folders of the catalogues: what the page says, and what only the worker says.
const FOLDERS: [&str; 2] = ["web/texts", "web/texts/worker"];

/// A language's catalogues, in the order of [`FOLDERS`].
fn catalogues(language: &str) -> [Messages; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    FOLDERS.map(|folder| catalogue(&root.join(folder).join(format!("{language}.json"))))
}

#[test]
fn every_catalogue_is_complete_and_translated() {
    let mut known = LANGUAGES.map(|(language, ..)| format!("{language}.json"));
    known.sort_unstable();
    for folder in FOLDERS {
        let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut found: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
        found.sort();
        assert_eq!(found, known, "a language has its plural categories in LANGUAGES");
    }
    let english = catalogues("en");
    for (language, ..) in LANGUAGES {
        for (english, other) in english.iter().zip(&catalogues(language)) {
            assert_eq!(faults(language, english, other), [""; 0], "{language}");
        }
    }
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
    for (key, message) in catalogues("de").into_iter().flatten() {
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

/// The modules that neither page nor classroom contain.
const NOT_IN_THE_PAGE: [&str; 4] = ["data", "train", "worker", "cli"];

/// What the worker says in the page's language when its own texts have not arrived.
const SAID_WITHOUT_THE_FILE: &str = "text::engine_in_english() text::engine_other_texts()";

/// What page and classroom consist of, and the rest of the sources.
fn sources_of_the_page() -> [String; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let elsewhere = |file: &PathBuf| {
        let first = file.strip_prefix(&root).unwrap().components().next().unwrap().as_os_str();
        NOT_IN_THE_PAGE.contains(&first.to_str().unwrap().trim_end_matches(".rs"))
    };
    let (rest, page): (Vec<_>, Vec<_>) = files.into_iter().partition(elsewhere);
    [page, rest].map(|files| files.iter().map(|it| fs::read_to_string(it).unwrap()).collect())
}

#[test]
fn every_message_is_used_and_in_the_right_catalogue() {
    let [mut page, rest] = sources_of_the_page();
    assert!(page.len() > 100_000 && rest.len() > 100_000);
    let [of_page, of_worker] = catalogues("en");
    let all = page.clone() + &rest;
    let keys = of_page.keys().chain(of_worker.keys());
    assert_eq!(unused(keys, &all), [""; 0], "messages that nothing shows");
    page += SAID_WITHOUT_THE_FILE;
    let [folder, worker_folder] = FOLDERS;
    let unused_here = unused(of_page.keys(), &page);
    assert_eq!(unused_here, [""; 0], "only the worker says them: they belong to {worker_folder}");
    let unused_here = unused(of_worker.keys(), &page).len();
    assert_eq!(unused_here, of_worker.len(), "the page says some of them: they belong to {folder}");
    let gone = "panel.gone".to_owned();
    assert_eq!(unused([&gone].into_iter(), "text::panel_gone_too()"), ["panel.gone"]);
}

#[test]
fn a_message_that_the_catalogue_lacks_says_so() {
    assert!(KEYS != WORKER_KEYS && !message(0).is_empty());
    install(Catalogue { messages: &["Los"], ..ENGLISH_RULES });
    assert_eq!((*message(0), *message(1)), ("Los", NO_TEXT));
}

#[test]
fn what_only_the_worker_says_is_in_english_if_nothing_else_arrived() {
    let [page, worker] = catalogues("en");
    assert_eq!(WORKER_FROM, page.len());
    let first = worker.values().next().unwrap();
    let mut messages = vec!["Seite"; page.len()];
    install(Catalogue { messages: messages.clone().leak(), ..ENGLISH_RULES });
    assert_eq!((*message(0), *message(WORKER_FROM)), ("Seite", first.as_str()));
    assert_eq!(fault_quoted("a.tgz"), "Seite");
    assert_eq!(*message(WORKER_FROM + worker.len()), NO_TEXT);
    messages.push("Engine");
    install(Catalogue { messages: messages.leak(), ..ENGLISH_RULES });
    assert_eq!(*message(WORKER_FROM), "Engine");
    assert_eq!(*message(WORKER_FROM + 1), worker.values().nth(1).unwrap());
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
