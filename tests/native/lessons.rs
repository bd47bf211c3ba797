//! The lessons that ship: each file is valid and says what the program does. Numbers that
//! a lesson or `docs/lessons.md` states are worked out again here.

use imagenette_playground::augment::normalize::IMAGENET;
use imagenette_playground::cost::{self, CostInputs};
use imagenette_playground::data::{Split, sample};
use imagenette_playground::experiment::link;
use imagenette_playground::inspect::target::Target;
use imagenette_playground::lessons::{
    Check, Direction, Index, Kind, Lesson, PACE, Problem, SECONDS, VIEWS, macs, rough_seconds,
};
use imagenette_playground::stats::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The questions of the chapter.
const LESSONS: usize = 14;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web/lessons")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn lesson(file: &Path) -> Lesson {
    Lesson::read(&read(file))
        .unwrap_or_else(|problems| panic!("{}:\n{}", file.display(), Problem::lines(&problems)))
}

fn index(folder: &Path) -> Index {
    let index = Index::read(&read(&folder.join("index.json")));
    index.unwrap_or_else(|problems| panic!("{}", Problem::lines(&problems)))
}

fn lessons_in(folder: &Path) -> Vec<Lesson> {
    index(folder).lessons.iter().map(|listed| lesson(&folder.join(&listed.file))).collect()
}

fn lessons() -> Vec<Lesson> {
    lessons_in(&folder())
}

fn named(id: &str) -> Lesson {
    lessons().into_iter().find(|it| it.id == id).unwrap_or_else(|| panic!("no lesson {id}"))
}

/// What the lesson's experiment costs on the built-in drawings.
fn cost(lesson: &Lesson) -> f64 {
    let of = |split| [sample::per_class(split); 10];
    macs(lesson, &of(Split::Train), &of(Split::Valid))
}

#[test]
fn the_list_names_every_file_and_agrees_with_it() {
    let index = Index::read(&read(&folder().join("index.json"))).unwrap();
    assert_eq!(index.lessons.len(), LESSONS);
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json") && name != "index.json")
        .collect();
    files.sort();
    let listed: Vec<&str> = index.lessons.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(listed, files);
    for (number, listed) in (1..).zip(&index.lessons) {
        let lesson = lesson(&folder().join(&listed.file));
        assert_eq!((&lesson.id, lesson.number, &lesson.title), (&listed.id, number, &listed.title));
        assert_eq!(listed.file, format!("{number:02}-{}.json", lesson.id));
    }
}

#[test]
fn the_page_has_what_lessons_can_open() {
    let sources =
        |file: &str| read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui").join(file));
    let inside = sources("inspect.rs");
    let texts = read(&folder().with_file_name("texts").join("en.json"));
    let texts: BTreeMap<String, String> = serde_json::from_str(&texts).unwrap();
    let panels = ["data", "techniques", "model", "training", "queue", "results"]
        .map(|panel| sources(&format!("{panel}.rs")))
        .concat();
    for (name, element, title) in VIEWS {
        let (place, sources) = match element.strip_prefix("inside-") {
            Some(id) => (format!("id=\"{id}\" title={{text::"), &inside),
            None => (format!("id=\"{element}\">{{ text::"), &panels),
        };
        let called = sources.split(&place).nth(1).and_then(|rest| rest.split('(').next());
        let called = called.unwrap_or_else(|| panic!("{name}: no {element}"));
        let key = called.replacen('_', ".", 1).replace('_', "-");
        assert_eq!(texts.get(&key).map(String::as_str), Some(title()), "{name}: {element}");
    }
}

#[test]
fn the_example_for_authors_is_a_lesson() {
    let docs = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-lessons.md"));
    let example = docs.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let read = Lesson::read(example.unwrap());
    assert!(read.is_ok(), "{}", Problem::lines(&read.unwrap_err()));
    for (name, _, _) in VIEWS {
        assert!(docs.contains(&format!("`{name}`")), "docs/writing-lessons.md lacks {name}");
    }
}

#[test]
fn the_site_has_the_recorded_results_that_lessons_name() {
    let recorded = read(&folder().with_file_name("recorded").join("index.json"));
    let named: Vec<String> = lessons().into_iter().filter_map(|it| it.see.recorded).collect();
    assert!(!named.is_empty());
    for name in named {
        assert!(recorded.contains(&format!("\"{name}.recorded\"")), "no recorded results {name}");
    }
}

/// A term, its definition, and how texts spell it.
type Term = (String, String, Vec<String>);

fn glossary(name: &str) -> Vec<Term> {
    let terms: Vec<Term> = serde_json::from_str(&read(&folder().with_file_name(name))).unwrap();
    let spelled = terms.iter().flat_map(|(_, _, it)| it).map(|it| it.to_lowercase());
    let mut spelled: Vec<String> = spelled.collect();
    let count = spelled.len();
    spelled.sort();
    spelled.dedup();
    assert_eq!(spelled.len(), count, "{name}: one spelling, two terms");
    terms
}

#[test]
fn the_glossary_is_sorted_and_defines_each_term_once() {
    let terms = glossary("glossary.json");
    for pair in terms.windows(2) {
        assert!(pair[0].0.to_lowercase() < pair[1].0.to_lowercase(), "{}", pair[1].0);
    }
    let named = [
        "NLL",
        "ECE",
        "Holm",
        "MACs",
        "alpha",
        "λ",
        "arm",
        "logits",
        "momentum",
        "batch norm",
        "TTA",
    ];
    for name in named {
        assert!(terms.iter().any(|(_, _, it)| it.iter().any(|it| it == name)), "no {name}");
    }
    assert!(terms.iter().all(|(_, meaning, _)| meaning.ends_with('.')));
}

#[test]
fn the_german_glossary_has_as_many_terms() {
    let (english, german) = (glossary("glossary.json"), glossary("glossary.de.json"));
    let spelled = |terms: &[Term]| terms.iter().filter(|it| !it.2.is_empty()).count();
    assert_eq!((german.len(), spelled(&german)), (english.len(), spelled(&english)));
    // German sorts Ü like U.
    let key = |term: &str| term.to_lowercase().replace('ü', "u");
    for pair in german.windows(2) {
        assert!(key(&pair[0].0) < key(&pair[1].0), "{}", pair[1].0);
    }
    for (term, meaning, _) in &german {
        assert!(
            meaning.ends_with('.') && meaning.matches('„').count() == meaning.matches('“').count(),
            "{term}"
        );
        assert!(!english.iter().any(|(_, it, _)| it == meaning), "{term} is not translated");
    }
}

/// The texts of a lesson that are translated, and the names of their fields.
fn texts(lesson: &Lesson) -> Vec<(String, String)> {
    let mut texts = vec![
        ("title".to_owned(), lesson.title.clone()),
        ("question".to_owned(), lesson.question.clone()),
        ("predict.text".to_owned(), lesson.predict.text.clone()),
        ("try.text".to_owned(), lesson.experiment.text.clone()),
        ("see.text".to_owned(), lesson.see.text.clone()),
        ("check.text".to_owned(), lesson.check.text().to_owned()),
    ];
    let (name, listed) = match &lesson.predict.kind {
        Kind::Effect { .. } => ("", Vec::new()),
        Kind::Number { unit } => ("unit", vec![unit.clone()]),
        Kind::Choice { options } => ("options", options.clone()),
        Kind::Target { labels } => ("labels", labels.clone()),
    };
    let further = lesson.further.iter().map(|it| it.text.clone()).collect();
    for (name, listed) in [(name, listed), ("why", lesson.why.clone()), ("further", further)] {
        texts.extend((1..).zip(listed).map(|(at, text): (u32, _)| (format!("{name}[{at}]"), text)));
    }
    texts
}

/// A lesson without its texts: what grades, what is trained and what is opened.
fn bones(lesson: &Lesson) -> Lesson {
    let (blank, mut bones) = (String::new, lesson.clone());
    (bones.title, bones.question) = (blank(), blank());
    (bones.predict.text, bones.experiment.text, bones.see.text) = (blank(), blank(), blank());
    match &mut bones.predict.kind {
        Kind::Effect { .. } => {}
        Kind::Number { unit } => unit.clear(),
        Kind::Choice { options: named } | Kind::Target { labels: named } => {
            named.iter_mut().for_each(String::clear);
        }
    }
    match &mut bones.check {
        Check::Effect { text, .. }
        | Check::Number { text, .. }
        | Check::Choice { text, .. }
        | Check::Target { text, .. } => text.clear(),
    }
    bones.why.iter_mut().for_each(String::clear);
    bones.further.iter_mut().for_each(|it| it.text.clear());
    bones
}

/// The numbers of a text, sorted, as a program writes them.
fn numbers(text: &str, thousands: char, decimal: char) -> Vec<String> {
    let marks = [thousands, decimal];
    let words = text.split(|it: char| !it.is_ascii_digit() && !marks.contains(&it));
    let numbers = words.map(|word| word.trim_matches(marks)).filter(|word| !word.is_empty());
    let mut numbers: Vec<String> =
        numbers.map(|word| word.replace(thousands, "").replace(decimal, ".")).collect();
    numbers.sort();
    numbers
}

/// What is wrong with the translation of a lesson into German.
fn faults(english: &Lesson, german: &Lesson) -> Vec<String> {
    let mut faults = Vec::new();
    if bones(english) != bones(german) {
        faults.push(format!("{}: more than texts differs", english.id));
    }
    for ((field, original), (_, text)) in texts(english).into_iter().zip(texts(german)) {
        let count = |mark: char| text.matches(mark).count();
        let fault = if original == text {
            "is not translated"
        } else if count('„') != count('“') || count('"') + count('”') + count('’') > 0 {
            "has no German quotes"
        } else if text.contains('%') && !text.contains("\u{a0}%") {
            "has a percentage without a space"
        } else if numbers(&original, ',', '.') != numbers(&text, '.', ',') {
            "states other numbers"
        } else {
            continue;
        };
        faults.push(format!("{}: {field} {fault}: {text}", english.id));
    }
    faults
}

#[test]
fn german_lessons_are_the_english_ones_in_other_words() {
    let german = folder().join("de");
    let (listed, translated) = (index(&folder()).lessons, index(&german).lessons);
    assert_eq!(listed.len(), translated.len());
    for (english, listed) in listed.iter().zip(&translated) {
        assert_eq!(
            (&english.id, english.number, &english.file),
            (&listed.id, listed.number, &listed.file)
        );
        let lesson = lesson(&german.join(&listed.file));
        assert_eq!((&lesson.id, &lesson.title), (&listed.id, &listed.title));
    }
    assert_eq!(fs::read_dir(&german).unwrap().count(), listed.len() + 1);
    let pairs = lessons().into_iter().zip(lessons_in(&german));
    let faults: Vec<String> =
        pairs.flat_map(|(english, german)| faults(&english, &german)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_translation_that_changes_a_lesson_is_found() {
    let english = named("datasets");
    let german = lesson(&folder().join("de/01-datasets.json"));
    let found = |change: fn(&mut Lesson)| {
        let mut changed = german.clone();
        change(&mut changed);
        faults(&english, &changed).join("\n")
    };
    assert_eq!(found(|_| {}), "");
    let bones: [fn(&mut Lesson); 5] = [
        |it| it.experiment.link = "v=1".to_owned(),
        |it| it.see.opens.truncate(1),
        |it| it.why.truncate(1),
        |it| it.book.clear(),
        |it| it.number = 2,
    ];
    for change in bones {
        assert!(found(change).contains("datasets: more than texts differs"));
    }
    let said = found(|it| it.predict.text = it.predict.text.replace("9.469", "9.496"));
    assert!(said.contains("datasets: predict.text states other numbers"), "{said}");
    let said = found(|it| it.title = "ImageNet and Imagenette".to_owned());
    assert!(said.contains("datasets: title is not translated"), "{said}");
    let said = found(|it| it.see.text = it.see.text.replace('“', "”"));
    assert!(said.contains("datasets: see.text has no German quotes"), "{said}");
    assert_eq!(numbers("1,281,167 and 0.05, in 7.", ',', '.'), ["0.05", "1281167", "7"]);
}

#[test]
fn every_experiment_takes_two_minutes_at_most() {
    for lesson in lessons() {
        let cost = cost(&lesson);
        assert_eq!(cost > 0.0, lesson.experiment.start, "{}", lesson.id);
        assert!(rough_seconds(cost) <= SECONDS, "{}: {} s", lesson.id, rough_seconds(cost));
        assert!(cost <= PACE * SECONDS);
    }
}

#[test]
fn the_docs_state_what_each_experiment_costs() {
    let docs = docs();
    let rows = lessons()
        .into_iter()
        .map(|it| format!("| {} | {} | {:.0} | ", it.number, it.title, cost(&it) / 1e9));
    let missing: Vec<String> = rows.filter(|row| !docs.contains(row)).collect();
    assert!(missing.is_empty(), "docs/lessons.md lacks {missing:#?}");
}

fn docs() -> String {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lessons.md"))
}

/// The lines of a table of differences under `tests/lessons`.
fn differences(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons").join(file);
    let text = read(&path);
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// What an author claims has been repeated: ten times with fresh seeds, and once with five. The
/// first key of the sweep is compared, under each value of the others.
#[test]
fn what_a_lesson_claims_its_repeats_show() {
    let (rows, found) = (differences("repeats.tsv"), differences("found.tsv"));
    let docs = docs();
    for lesson in lessons() {
        let (Check::Effect { expected: Some(expected), .. }, Kind::Effect { measure }) =
            (&lesson.check, &lesson.predict.kind)
        else {
            continue;
        };
        let (head, seeds) = lesson.experiment.link.split_once(";seed:").unwrap();
        let measured_by = measure.name().to_lowercase();
        let mut repeats: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in &rows {
            let [number, link, measured, .., verdict] = row.as_slice() else { panic!("{row:?}") };
            let same = link.split_once(";seed:").is_some_and(|(it, _)| it == head);
            if number == &lesson.number.to_string() && same && *measured == measured_by {
                repeats.entry(link).or_default().push(verdict);
            }
        }
        let verdict = match (expected, measure.lower_is_better()) {
            (Direction::CannotTell, _) => Verdict::CannotTell,
            (Direction::Higher, false) | (Direction::Lower, true) => Verdict::Helps,
            (Direction::Higher, true) | (Direction::Lower, false) => Verdict::Hurts,
        };
        let shows = |verdicts: &Vec<&str>| verdicts.iter().all(|it| *it == verdict.name());
        let confirmed = format!("{head};seed:3001..3005");
        assert!(repeats.remove(confirmed.as_str()).is_some_and(|it| shows(&it)), "{}", lesson.id);
        assert_eq!(repeats.len(), 10, "{}", lesson.id);
        let shown = repeats.values().filter(|it| shows(it)).count();
        assert!(shown >= 8, "{}: {shown} of 10 repeats, as {seeds}", lesson.id);
        let tried: BTreeSet<&str> = found
            .iter()
            .filter(|row| row[0] == lesson.number.to_string())
            .map(|row| row[1].as_str())
            .collect();
        assert_eq!(lesson.experiment.searched, Some(tried.len() as u32), "{}", lesson.id);
        let row = format!("| {} | {shown} of 10 | ", lesson.number);
        assert!(docs.contains(&row), "docs/lessons.md lacks {row}");
    }
}

fn target(lesson: &Lesson) -> (&[String], &[f64], f64) {
    match (&lesson.predict.kind, &lesson.check) {
        (Kind::Target { labels }, Check::Target { values, tolerance, .. }) => {
            (labels, values, *tolerance)
        }
        _ => panic!("{} asks for no target", lesson.id),
    }
}

fn number(lesson: &Lesson) -> (f64, f64) {
    match lesson.check {
        Check::Number { value, tolerance, .. } => (value, tolerance),
        _ => panic!("{} asks for no number", lesson.id),
    }
}

fn assert_close(lesson: &Lesson, stated: f64, found: f64, tolerance: f64) {
    assert!((stated - found).abs() <= tolerance, "{}: {stated}, {found}", lesson.id);
}

#[test]
fn an_epoch_on_imagenet_is_that_much_longer() {
    let lesson = named("datasets");
    let (value, tolerance) = number(&lesson);
    assert_close(&lesson, value, 1_281_167.0 / 9_469.0, 0.05);
    assert!(tolerance / value < 0.06);
    assert!(lesson.predict.text.contains("9,469") && lesson.predict.text.contains("1,281,167"));
}

#[test]
fn the_white_pixel_is_normalized_as_in_training() {
    let lesson = named("normalization");
    let (labels, values, tolerance) = target(&lesson);
    assert_eq!(labels, ["red", "green", "blue"]);
    for ((value, mean), std) in values.iter().zip(IMAGENET.mean).zip(IMAGENET.std) {
        assert_close(&lesson, *value, f64::from((1.0 - mean) / std), 0.001);
        assert!(lesson.predict.text.contains(&mean.to_string()));
        assert!(lesson.predict.text.contains(&std.to_string()));
    }
    assert!(tolerance >= 0.001, "what is rounded to two decimals has to count");
}

#[test]
fn the_phases_cost_as_many_epochs_as_the_lesson_says() {
    let lesson = named("progressive");
    let experiment = link::parse(&lesson.experiment.link).experiment;
    let images = CostInputs { train: 1000, valid: 500, classes: 10 };
    let (control, share) = cost::same_compute(&experiment, images).unwrap();
    assert_eq!((f64::from(control.epochs), control.size), (number(&lesson).0, 64));
    assert!((share - 1.0).abs() < 0.01, "{share}");
    assert_eq!(experiment.total_epochs(), 8);
}

/// The lesson says that both sides cost the same.
#[test]
fn progressive_resizing_is_compared_at_equal_compute() {
    let lesson = named("progressive-helps");
    let plan = imagenette_playground::sweep::Plan::parse(&lesson.experiment.link).plan.unwrap();
    let pixels: Vec<f64> = plan.arms().iter().map(|arm| arm.pixels()).collect();
    assert_eq!(pixels.len(), 2);
    assert!((pixels[1] / pixels[0] - 1.0).abs() < 0.01, "{pixels:?}");
}

#[test]
fn test_time_augmentation_takes_one_pass_more_than_it_has_views() {
    let lesson = named("tta-cost");
    let experiment = link::parse(&lesson.experiment.link).experiment;
    assert_eq!(number(&lesson), (f64::from(experiment.tta + 1), 0.0));
}

#[test]
fn mixed_and_smoothed_targets_are_those_of_training() {
    let lesson = named("mixup");
    let mixed = Target { classes: 3, eps: 0.0, label: 0, mixed: Some((1, 0.7)) };
    let (labels, values, tolerance) = target(&lesson);
    assert_eq!((labels.len(), values.len()), (3, 3));
    for (value, found) in values.iter().zip(mixed.row()) {
        assert_close(&lesson, *value, f64::from(found), tolerance);
    }
    let lesson = named("five-classes");
    let (labels, values, tolerance) = target(&lesson);
    let eps = link::parse(&lesson.experiment.link).experiment.ls;
    let smoothed = Target { classes: labels.len(), eps, label: 1, mixed: None };
    assert_eq!((labels.len(), eps), (5, 0.1));
    for (value, found) in values.iter().zip(smoothed.row()) {
        assert_close(&lesson, *value, f64::from(found), tolerance);
    }
}
