//! What a learner has done of the lessons, as a small text: kept on the device, taken
//! along as a file. Lessons that the page does not know keep what they have.

use super::answer::{Direction, LearnerGuess};
use super::grade::{FoundEffect, told, written};
use super::index::Index;
use super::lesson::Lesson;
use crate::{json, number, text};
use serde::{Deserialize, Serialize};

/// Version of the text.
const FORMAT: u32 = 1;

/// Everything that a learner has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    format: u32,
    /// The lessons that were begun, in the order in which they were.
    pub lessons: Vec<ProgressEntry>,
}

/// What a learner has done of one lesson. Answers are texts as the controls give them, the same
/// in every language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgressEntry {
    /// The lesson's id.
    pub lesson: String,
    /// Its title when it was last open, for files that are read without it.
    #[serde(default)]
    pub title: String,
    /// The prediction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<String>,
    /// How often its experiment was started.
    #[serde(default)]
    pub tries: u32,
    /// The answer after the experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// True once that answer was graded as right.
    #[serde(default)]
    pub passed: bool,
    /// What the runs had found, where they decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundEffect>,
    /// What the grading said then, for a reader that does not know the lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

impl ProgressEntry {
    /// What is known of a lesson that was not begun.
    pub fn fresh(lesson: &Lesson) -> Self {
        let (lesson, title) = (lesson.id.clone(), lesson.title.clone());
        Self { lesson, title, ..Self::default() }
    }

    /// The same in the words of the lesson and in the language of the texts.
    #[must_use]
    pub fn retold(&self, lesson: &Lesson) -> Self {
        let mut entry = Self { title: lesson.title.clone(), ..self.clone() };
        if let (Some(answer), Some(_)) = (&self.answer, &self.verdict) {
            let guess = self.prediction.as_deref().unwrap_or_default();
            let grade = told(lesson, self.found.as_ref(), answer, guess);
            entry.verdict = grade.map(|grade| grade.text).or(entry.verdict);
        }
        entry
    }

    /// What the grading said, as far as possible in the language of the texts.
    fn outcome(&self) -> String {
        let guess = self.prediction.as_deref().unwrap_or_default();
        let answer = self.answer.as_deref().unwrap_or_default();
        let retold = self.found.and_then(|found| found.told(answer, guess));
        retold.map(|grade| grade.text).or_else(|| self.verdict.clone()).unwrap_or_default()
    }
}

/// An answer in words, and with numbers as the language writes them.
fn in_words(answer: &str) -> String {
    if let Some(guess) = LearnerGuess::named(answer) {
        return guess.word().to_owned();
    }
    if let Some(direction) = Direction::named(answer) {
        return direction.word().to_owned();
    }
    let words = answer.split(' ');
    let shown = words.map(|word| number::read(word).map_or_else(|| word.to_owned(), written));
    shown.collect::<Vec<_>>().join(" ")
}

impl Default for Progress {
    fn default() -> Self {
        Self { format: FORMAT, lessons: Vec::new() }
    }
}

impl Progress {
    /// Reads what [`Self::text`] wrote; `None` of anything else, and of another version.
    pub fn parse(text: &str) -> Option<Self> {
        json::read::<Self>(text).ok().filter(|it| it.format == FORMAT)
    }

    /// The text that is kept and exported.
    pub fn text(&self) -> String {
        // Texts and numbers always have a JSON form.
        json::write_pretty(self).unwrap_or_default()
    }

    /// What was done of a lesson.
    pub fn of(&self, lesson: &str) -> Option<&ProgressEntry> {
        self.lessons.iter().find(|entry| entry.lesson == lesson)
    }

    /// The same progress with this lesson's entry in place of the one before.
    #[must_use]
    pub fn with(&self, entry: ProgressEntry) -> Self {
        let mut progress = self.clone();
        match progress.lessons.iter_mut().find(|known| known.lesson == entry.lesson) {
            Some(known) => *known = entry,
            None => progress.lessons.push(entry),
        }
        progress
    }

    /// How many lessons were passed.
    pub fn passed(&self) -> usize {
        self.lessons.iter().filter(|entry| entry.passed).count()
    }

    /// A web page to print, in the language of the texts: what was predicted, tried, answered and
    /// found, lesson by lesson. The titles are those of the list, where it knows the lesson.
    pub fn worksheet(&self, language: &str, index: Option<&Index>) -> String {
        let (title, person) = (text::worksheet_title(), text::worksheet_person(LINE));
        let mut page = format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:12pt/1.5 serif;margin:2cm}}section{{break-inside:avoid}}dt{{font-weight:bold}}\
             dd{{margin:0 0 .5em}}</style><h1>{title}</h1><p>{person}</p>",
        );
        for entry in &self.lessons {
            let mut row = |name: &str, text: &str| {
                let text = if text.is_empty() { LINE } else { text };
                page.push_str(&format!("<dt>{name}</dt><dd>{}</dd>", escaped(text)));
            };
            let listed = index.and_then(|index| index.named(&entry.lesson));
            row(text::worksheet_lesson(), listed.map_or(&entry.title, |listed| &listed.title));
            let answer = |given: &Option<String>| in_words(given.as_deref().unwrap_or_default());
            row(text::worksheet_prediction(), &answer(&entry.prediction));
            row(text::worksheet_tries(), &entry.tries.to_string());
            row(text::worksheet_answer(), &answer(&entry.answer));
            row(text::worksheet_outcome(), &entry.outcome());
            row(text::worksheet_learned(), "");
        }
        page.replacen("<dt>", "<dl><dt>", 1) + "</dl></html>"
    }
}

/// A line to write on.
const LINE: &str = "________________";

/// The text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::verdict::Measure;

    #[test]
    fn progress_is_read_back_and_keeps_unknown_lessons() {
        let entry = |lesson: &str, tries: u32| ProgressEntry {
            lesson: lesson.to_owned(),
            title: "Ours".to_owned(),
            tries,
            passed: tries == 2,
            ..ProgressEntry::default()
        };
        let begun = Progress::default()
            .with(entry("a-teacher-s", 1))
            .with(ProgressEntry { prediction: Some("higher".to_owned()), ..entry("mixup", 0) })
            .with(entry("a-teacher-s", 2));
        let read = Progress::parse(&begun.text()).unwrap();
        assert_eq!(read, begun);
        assert_eq!(read.lessons.len(), 2);
        let entry = read.of("a-teacher-s").unwrap();
        assert_eq!((entry.tries, entry.passed, entry.title.as_str()), (2, true, "Ours"));
        assert_eq!(read.passed(), 1);
    }

    #[test]
    fn a_worksheet_shows_texts_and_leaves_lines_to_write_on() {
        let entry = ProgressEntry {
            lesson: "a".to_owned(),
            title: "<b> & co".to_owned(),
            answer: Some("5".to_owned()),
            ..ProgressEntry::default()
        };
        let page = Progress::default().with(entry).worksheet("en", None);
        assert!(page.contains("<dl><dt>Lesson</dt><dd>&lt;b&gt; &amp; co</dd>"), "{page}");
        assert!(page.contains("<dt>My answer</dt><dd>5</dd>"), "{page}");
        assert!(page.contains("<dt>My prediction</dt><dd>____"), "{page}");
    }

    #[test]
    fn a_worksheet_says_answers_and_outcomes_in_words() {
        let found = FoundEffect {
            measure: Measure::Ece,
            compared: 1,
            direction: Direction::Lower,
            delta: -0.02,
        };
        let entry = ProgressEntry {
            lesson: "a".to_owned(),
            title: "Früher".to_owned(),
            prediction: Some("much lower".to_owned()),
            answer: Some("lower".to_owned()),
            found: Some(found),
            verdict: Some("In einer anderen Sprache.".to_owned()),
            ..ProgressEntry::default()
        };
        let progress = Progress::parse(&Progress::default().with(entry).text()).unwrap();
        let listed = r#"{"id": "a", "number": 1, "title": "Today", "file": "a.json"}"#;
        let index = Index::read(&format!(r#"{{"format": 1, "lessons": [{listed}]}}"#)).unwrap();
        let page = progress.worksheet("en", Some(&index));
        assert!(page.contains("<dd>Today</dd>") && !page.contains("Früher"), "{page}");
        assert!(page.contains("<dd>much lower</dd>") && page.contains("<dd>lower</dd>"), "{page}");
        assert!(page.contains("so you may claim that the ECE is lower. Your prediction"), "{page}");
        assert_eq!(in_words("0.02 0.98"), "0.02 0.98");
    }

    #[test]
    fn a_lesson_in_another_language_is_told_anew() {
        let lesson = |title: &str, option: &str| {
            let text = format!(
                r#"{{"format": 1, "id": "a", "number": 1, "title": "{title}", "question": "Q",
                "book": "B", "predict": {{"text": "P", "kind": "choice", "options": ["{option}", "x"]}},
                "try": {{"text": "X", "link": "v=1"}}, "see": {{"text": "S", "opens": ["data"]}},
                "check": {{"text": "C", "right": 1}}, "why": ["W"]}}"#
            );
            Lesson::read(&text).unwrap()
        };
        let entry = ProgressEntry {
            prediction: Some("2".to_owned()),
            ..ProgressEntry::fresh(&lesson("Birds", "Yes."))
        };
        let (before, german) = (entry.retold(&lesson("Birds", "Yes.")), lesson("Vögel", "Ja."));
        assert_eq!((&before, before.verdict.is_some()), (&entry, false));
        let answered =
            ProgressEntry { answer: Some("1".to_owned()), verdict: Some("?".to_owned()), ..entry };
        let retold = answered.retold(&german);
        assert_eq!(retold.title, "Vögel");
        assert_eq!(retold.verdict.unwrap(), "Right: Ja. Your prediction was different.");
        assert_eq!((retold.answer, retold.passed), (answered.answer, false));
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_other_texts_are_refused() {
        let text = r#"{"format": 1, "lessons": [{"lesson": "a", "stars": 5}]}"#;
        assert_eq!(Progress::parse(text).unwrap().of("a").unwrap().tries, 0);
        for text in ["", "{}", "null", r#"{"format": 2, "lessons": []}"#] {
            assert_eq!(Progress::parse(text), None, "{text}");
        }
    }
}
