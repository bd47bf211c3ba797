//! Files with mistakes: each is named with its line.

use super::*;

const GOOD: &str = r#"{
  "format": 1,
  "id": "two-and-two",
  "number": 3,
  "title": "T",
  "question": "Q",
  "book": "B",
  "predict": { "text": "How many?", "kind": "number", "unit": "passes" },
  "try": { "text": "X", "link": "v=1&epochs=1" },
  "see": { "text": "S", "opens": ["targets"] },
  "check": { "text": "C", "value": 5, "tolerance": 0 },
  "why": ["W"]
}"#;

fn problems(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    Problem::lines(&Lesson::read(&GOOD.replace(from, to)).unwrap_err())
}

#[test]
fn a_good_file_is_read() {
    let lesson = Lesson::read(GOOD).unwrap();
    assert_eq!((lesson.id.as_str(), lesson.number), ("two-and-two", 3));
    assert_eq!(lesson.predict.kind, Kind::Number { unit: "passes".to_owned() });
    assert!(matches!(lesson.check, Check::Number { value: 5.0, .. }));
    assert!(!lesson.experiment.start && lesson.paper.is_none() && lesson.further.is_empty());
}

#[test]
fn mistakes_are_named_by_line_and_field() {
    for (from, to, said) in [
        (
            "\"title\"",
            "\"titel\"",
            "line 1, column 1, `title`: this field is missing\nline 5, column 3, `titel`: there is no such field; known are format, id, number, title",
        ),
        (
            "\"format\": 1",
            "\"format\": 2",
            "line 2, column 13, `format`: this page reads version 1",
        ),
        ("two-and-two", "Two", "line 3, column 9, `id`: at most 40 lowercase"),
        (
            "\"T\"",
            "7",
            "line 5, column 12, `title`: a text in double quotes should stand here, not a number",
        ),
        ("\"T\"", "\" \"", "line 5, column 12, `title`: this text is empty"),
        (
            "\"number\": 3",
            "\"number\": 0.5",
            "line 4, column 13, `number`: a whole number from 1 on",
        ),
        ("v=1&epochs=1", "v=1&epoch=1", "line 9, column 33, `try.link`: "),
        (
            "v=1&epochs=1",
            "v=1&epochs=5&lr=0.02",
            "line 9, column 33, `try.link`: write it as `v=1&lr=0.02`",
        ),
        ("v=1&epochs=1", "v=1&run=1", "`try.link`: leave out `run=1`"),
        (
            "v=1&epochs=1",
            "v=1&sweep=mixup:0|0.4",
            "`try.link`: write it as `v=1&sweep=mixup:0|0.4;seed:42`",
        ),
        (
            "\"targets\"",
            "\"target\"",
            "line 10, column 35, `see.opens[1]`: the page has no such part",
        ),
        ("[\"targets\"]", "[]", "`see.opens`: the list has 0 of at least 1 items"),
        ("\"tolerance\": 0", "\"tolerance\": -1", "`check.tolerance`: it should be 0 or more"),
        (", \"tolerance\": 0", "", "line 11, column 12, `check.tolerance`: this field is missing"),
        (
            "\"kind\": \"number\"",
            "\"kind\": \"guess\"",
            "`predict.kind`: one of these should stand here: effect, number, choice, target",
        ),
        ("[\"W\"]", "\"W\"", "`why`: a list in brackets should stand here, not a text"),
        (
            "\"book\": \"B\",",
            "\"book\": \"B\"",
            "line 8, column 3: a comma or `}` should stand here",
        ),
    ] {
        let found = problems(from, to);
        assert!(found.contains(said), "{to}:\n{found}\n{said}");
    }
}

#[test]
fn an_effect_needs_runs_to_compare() {
    let effect = GOOD
        .replace(
            "\"kind\": \"number\", \"unit\": \"passes\"",
            "\"kind\": \"effect\", \"measure\": \"ece\"",
        )
        .replace("\"value\": 5, \"tolerance\": 0", "\"expected\": \"lower\"");
    let said = Problem::lines(&Lesson::read(&effect).unwrap_err());
    assert!(said.contains("add `&sweep=…`"), "{said}");
    let sweep = effect.replace("v=1&epochs=1", "v=1&sweep=mixup:0|0.4;seed:1..3");
    let said = Problem::lines(&Lesson::read(&sweep).unwrap_err());
    assert!(said.contains("\"start\": true"), "{said}");
    let started = sweep.replace("\"try\": {", "\"try\": { \"start\": true, \"searched\": 12,");
    let lesson = Lesson::read(&started).unwrap();
    assert_eq!(lesson.experiment.searched, Some(12));
    assert_eq!(lesson.predict.kind, Kind::Effect { measure: Measure::Ece });
    let odd = started.replace("\"lower\"", "\"worse\"");
    let said = Problem::lines(&Lesson::read(&odd).unwrap_err());
    assert!(said.contains("`check.expected`: one of these"), "{said}");
}

#[test]
fn several_mistakes_are_named_at_once_in_the_order_of_the_text() {
    let file = GOOD.replace("two-and-two", "T").replace("\"Q\"", "1").replace("\"B\"", "2");
    let lines: Vec<u32> = Lesson::read(&file).unwrap_err().iter().map(|it| it.place.line).collect();
    assert_eq!(lines, [3, 6, 7]);
}

#[test]
fn answers_and_labels_have_to_agree() {
    let choice = GOOD
        .replace(
            "\"kind\": \"number\", \"unit\": \"passes\"",
            "\"kind\": \"choice\", \"options\": [\"a\", \"b\"]",
        )
        .replace("\"value\": 5, \"tolerance\": 0", "\"right\": 3");
    let said = Problem::lines(&Lesson::read(&choice).unwrap_err());
    assert!(said.contains("`check.right`: there are 2 options"), "{said}");
    let target = GOOD
        .replace(
            "\"kind\": \"number\", \"unit\": \"passes\"",
            "\"kind\": \"target\", \"labels\": [\"a\", \"b\"]",
        )
        .replace("\"value\": 5", "\"values\": [1]");
    let said = Problem::lines(&Lesson::read(&target).unwrap_err());
    assert!(said.contains("`check.values`: 1 values for 2 labels"), "{said}");
}

#[test]
fn what_is_no_lesson_is_refused() {
    assert!(Lesson::read("[]").unwrap_err()[0].to_string().contains("is a list, not an object"));
    let long = " ".repeat(LONGEST_FILE + 1);
    assert!(Lesson::read(&long).unwrap_err()[0].to_string().contains("at most 65536"));
}
