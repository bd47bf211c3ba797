//! What a learner has done of the lessons, as a small text: kept on the device, taken
//! along as a file. Lessons that the page does not know keep what they have.

use crate::json;
use serde::{Deserialize, Serialize};

/// Version of the text.
const FORMAT: u32 = 1;

/// Everything that a learner has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    format: u32,
    /// The lessons that were begun, in the order in which they were.
    pub lessons: Vec<ProgressEntry>,
}

/// What a learner has done of one lesson. Answers are texts as the controls give them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEntry {
    /// The lesson's id.
    pub lesson: String,
    /// Its title, for files that are read without it.
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
    /// What the grading said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
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

    /// A web page to print: what was predicted, tried, answered and found, lesson by lesson.
    pub fn worksheet(&self) -> String {
        let mut page = String::from(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>My lessons</title>\
             <style>body{font:12pt/1.5 serif;margin:2cm}section{break-inside:avoid}dt{font-weight:bold}\
             dd{margin:0 0 .5em}</style><h1>My lessons</h1><p>Name: ________________ Date: ____________</p>",
        );
        for entry in &self.lessons {
            let mut row = |name: &str, text: &str| {
                let text = if text.is_empty() { "________________" } else { text };
                page.push_str(&format!("<dt>{name}</dt><dd>{}</dd>", escaped(text)));
            };
            row("Lesson", &entry.title);
            row("My prediction", entry.prediction.as_deref().unwrap_or_default());
            row("Times tried", &entry.tries.to_string());
            row("My answer", entry.answer.as_deref().unwrap_or_default());
            row("What came out", entry.verdict.as_deref().unwrap_or_default());
            row("What I learned", "");
        }
        page.replacen("<dt>Lesson", "<dl><dt>Lesson", 1) + "</dl></html>"
    }
}

/// The text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let page = Progress::default().with(entry).worksheet();
        assert!(page.contains("<dl><dt>Lesson</dt><dd>&lt;b&gt; &amp; co</dd>"), "{page}");
        assert!(page.contains("<dt>My answer</dt><dd>5</dd>"), "{page}");
        assert!(page.contains("<dt>My prediction</dt><dd>____"), "{page}");
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
