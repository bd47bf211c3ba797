//! A lesson's file: its fields and what has to hold of them.

use super::Direction;
use super::document::Problem;
use super::fields::{FieldReader, Section};
use super::views::{VIEWS, view};
use crate::experiment::link;
use crate::stats::verdict::Measure;
use crate::sweep::Plan;

/// Version of a lesson's file. A file of another version is refused.
pub const FORMAT: u32 = 1;

/// Most bytes of a lesson's file that are read.
pub const LONGEST_FILE: usize = 65_536;

/// One lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Its name in links and in progress: lowercase letters, digits and `-`.
    pub id: String,
    /// Its place in the list, from 1.
    pub number: u32,
    /// A few words.
    pub title: String,
    /// The question that it answers.
    pub question: String,
    /// The section of the book.
    pub book: String,
    /// The paper behind it.
    pub paper: Option<Paper>,
    /// What the learner is asked before anything runs.
    pub predict: Predict,
    /// What is tried.
    pub experiment: LessonExperiment,
    /// Where the answer can be seen.
    pub see: See,
    /// What is right.
    pub check: Check,
    /// The explanation, in paragraphs.
    pub why: Vec<String>,
    /// What to do next.
    pub further: Vec<Further>,
}

/// A paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Authors, title and year.
    pub title: String,
    /// Its `https:` address.
    pub url: String,
}

/// The question before the experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    /// The question.
    pub text: String,
    /// How it is answered.
    pub kind: Kind,
}

/// Kinds of answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The sign and rough size of the difference that an experiment makes.
    Effect {
        /// By which figure.
        measure: Measure,
    },
    /// One number.
    Number {
        /// What it counts.
        unit: String,
    },
    /// One of several statements.
    Choice {
        /// The statements.
        options: Vec<String>,
    },
    /// One number for each label.
    Target {
        /// The labels.
        labels: Vec<String>,
    },
}

/// The experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonExperiment {
    /// What happens.
    pub text: String,
    /// The canonical link of one experiment or of a sweep.
    pub link: String,
    /// True if something is trained; else the link only sets the controls.
    pub start: bool,
    /// How many settings were tried to find this one, where it was chosen to show an effect.
    pub searched: Option<u32>,
}

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct See {
    /// What to look for.
    pub text: String,
    /// Names in [`VIEWS`] of what is opened.
    pub opens: Vec<String>,
    /// Recorded results that show the effect on photographs: a file's stem in `web/recorded`.
    pub recorded: Option<String>,
}

/// What is right.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// What the runs show. `expected` is what the lesson's author found: it grades nothing.
    Effect {
        /// The question after the experiment.
        text: String,
        /// The author's result, if the author claims one.
        expected: Option<Direction>,
    },
    /// A number.
    Number {
        /// The question after the experiment.
        text: String,
        /// The right number.
        value: f64,
        /// How far off it may be.
        tolerance: f64,
    },
    /// A statement, from 0.
    Choice {
        /// The question after the experiment.
        text: String,
        /// The right one.
        right: usize,
    },
    /// One number for each label.
    Target {
        /// The question after the experiment.
        text: String,
        /// The right numbers.
        values: Vec<f64>,
        /// How far off each may be.
        tolerance: f64,
    },
}

impl Check {
    /// The question after the experiment.
    pub fn text(&self) -> &str {
        match self {
            Self::Effect { text, .. }
            | Self::Number { text, .. }
            | Self::Choice { text, .. }
            | Self::Target { text, .. } => text,
        }
    }
}

/// Something to do after the lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// What.
    pub text: String,
    /// The canonical link of an experiment or a sweep.
    pub link: Option<String>,
}

impl Lesson {
    /// Reads a lesson's file.
    ///
    /// # Errors
    /// All mistakes with their places, in the order of the text; at least one.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        FieldReader::whole(text, LONGEST_FILE, lesson)
    }
}

fn lesson(reader: &mut FieldReader, top: &mut Section) -> Lesson {
    format(reader, top);
    let mut lesson = Lesson {
        id: id(reader, top),
        number: reader.count(top, "number"),
        title: reader.text(top, "title"),
        question: reader.text(top, "question"),
        book: reader.text(top, "book"),
        paper: None,
        predict: Predict { text: String::new(), kind: Kind::Number { unit: String::new() } },
        experiment: LessonExperiment {
            text: String::new(),
            link: String::new(),
            start: false,
            searched: None,
        },
        see: See { text: String::new(), opens: Vec::new(), recorded: None },
        check: Check::Choice { text: String::new(), right: 0 },
        why: Vec::new(),
        further: Vec::new(),
    };
    if let Some(node) = reader.optional(top, "paper") {
        reader.section_of(node, "paper".to_owned(), |reader, it| {
            lesson.paper = Some(paper(reader, it));
        });
    }
    reader.section(top, "predict", |reader, it| lesson.predict = predict(reader, it));
    reader.section(top, "try", |reader, it| lesson.experiment = experiment(reader, it));
    reader.section(top, "see", |reader, it| lesson.see = see(reader, it));
    let asked = lesson.predict.kind.clone();
    reader.section(top, "check", |reader, it| lesson.check = check(reader, it, &asked));
    let sweeps = Plan::parse(&lesson.experiment.link).plan.is_some();
    if matches!(asked, Kind::Effect { .. }) && !lesson.experiment.link.is_empty() {
        let why = match (sweeps, lesson.experiment.start) {
            (true, true) => None,
            (false, _) => Some("an effect takes several runs: add `&sweep=…` to the link"),
            (true, false) => Some("an effect is measured: write \"start\": true"),
        };
        if let Some(why) = why {
            reader.note(top.place("try"), "try".to_owned(), why);
        }
    }
    lesson.why = reader.texts(top, "why", 1);
    for (node, field) in reader.list(top, "further", 0) {
        reader.section_of(node, field, |reader, it| {
            let text = reader.text(it, "text");
            let link = reader.optional_text(it, "link");
            if let Some(link) = &link {
                check_link(reader, it, link);
            }
            lesson.further.push(Further { text, link });
        });
    }
    lesson
}

/// The version of the file.
pub(super) fn format(reader: &mut FieldReader, top: &mut Section) {
    let format = reader.count(top, "format");
    if format != FORMAT {
        let why = format!("this page reads version {FORMAT} and the file is of version {format}");
        reader.note(top.place("format"), "format".to_owned(), why);
    }
}

/// A name for links.
pub(super) fn id(reader: &mut FieldReader, section: &mut Section) -> String {
    let id = reader.text(section, "id");
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if !id.chars().all(plain) || id.len() > 40 {
        let why = "at most 40 lowercase letters, digits and `-` make an id";
        reader.note(section.place("id"), section.name("id"), why);
    }
    id
}

fn paper(reader: &mut FieldReader, section: &mut Section) -> Paper {
    let paper = Paper { title: reader.text(section, "title"), url: reader.text(section, "url") };
    if !paper.url.is_empty() && !paper.url.starts_with("https://") {
        reader.note(section.place("url"), section.name("url"), "it should begin with https://");
    }
    paper
}

fn predict(reader: &mut FieldReader, section: &mut Section) -> Predict {
    let text = reader.text(section, "text");
    let kinds = "effect, number, choice, target";
    let find = |it: &str| kinds.split(", ").find(|known| *known == it);
    let kind = reader.word(section, "kind", kinds, find);
    let kind = match kind {
        Some("effect") => {
            let measures = [Measure::Accuracy, Measure::Nll, Measure::Ece];
            let measure = reader.word(section, "measure", "accuracy, nll, ece", |it| {
                measures.into_iter().find(|measure| measure.name().eq_ignore_ascii_case(it))
            });
            Kind::Effect { measure: measure.unwrap_or(Measure::Accuracy) }
        }
        Some("choice") => Kind::Choice { options: reader.texts(section, "options", 2) },
        Some("target") => Kind::Target { labels: reader.texts(section, "labels", 1) },
        _ => Kind::Number { unit: reader.optional_text(section, "unit").unwrap_or_default() },
    };
    Predict { text, kind }
}

fn experiment(reader: &mut FieldReader, section: &mut Section) -> LessonExperiment {
    let text = reader.text(section, "text");
    let link = reader.text(section, "link");
    check_link(reader, section, &link);
    let searched = section.has("searched").then(|| reader.count(section, "searched"));
    LessonExperiment { text, link, start: reader.flag(section, "start"), searched }
}

/// Notes what is wrong with the field `link`.
fn check_link(reader: &mut FieldReader, section: &Section, text: &str) {
    if text.is_empty() {
        return;
    }
    let (place, field) = (section.place("link"), section.name("link"));
    let parsed = link::parse(text);
    let (notices, canonical) = match &parsed.sweep {
        None => (parsed.notices, parsed.experiment.link()),
        Some(_) => {
            let read = Plan::parse(text);
            let link = read.plan.map_or_else(String::new, |plan| plan.link());
            (read.notices, link)
        }
    };
    let faults: Vec<String> = notices.iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        reader.note(place, field, faults.join(" "));
    } else if parsed.experiment.run {
        reader.note(place, field, "leave out `run=1`: the learner starts it");
    } else if canonical != text {
        reader.note(place, field, format!("write it as `{canonical}`"));
    }
}

fn see(reader: &mut FieldReader, section: &mut Section) -> See {
    let text = reader.text(section, "text");
    let opens = reader.list(section, "opens", 1).into_iter().map(|(node, field)| {
        let name = reader.text_of(node, field.clone());
        if !name.is_empty() && view(&name).is_none() {
            let known = VIEWS.map(|(name, _, _)| name).join(", ");
            reader.note(node.place, field, format!("the page has no such part; it has {known}"));
        }
        name
    });
    let opens = opens.collect();
    See { text, opens, recorded: reader.optional_text(section, "recorded") }
}

fn check(reader: &mut FieldReader, section: &mut Section, asked: &Kind) -> Check {
    let text = reader.text(section, "text");
    match asked {
        Kind::Effect { .. } => {
            let expected = section.has("expected").then(|| {
                reader.word(section, "expected", "higher, lower, cannot tell", Direction::named)
            });
            Check::Effect { text, expected: expected.flatten() }
        }
        Kind::Number { .. } => Check::Number {
            text,
            value: reader.number(section, "value"),
            tolerance: tolerance(reader, section),
        },
        Kind::Choice { options } => {
            let right = reader.count(section, "right") as usize;
            if right > options.len() {
                let why = format!("there are {} options; the first one is 1", options.len());
                reader.note(section.place("right"), section.name("right"), why);
            }
            Check::Choice { text, right: right - 1 }
        }
        Kind::Target { labels } => {
            let values = reader.numbers(section, "values", 1);
            if values.len() != labels.len() {
                let why = format!("{} values for {} labels", values.len(), labels.len());
                reader.note(section.place("values"), section.name("values"), why);
            }
            Check::Target { text, values, tolerance: tolerance(reader, section) }
        }
    }
}

fn tolerance(reader: &mut FieldReader, section: &mut Section) -> f64 {
    let tolerance = reader.number(section, "tolerance");
    if tolerance < 0.0 {
        reader.note(
            section.place("tolerance"),
            section.name("tolerance"),
            "it should be 0 or more",
        );
    }
    tolerance
}

#[cfg(test)]
mod tests;
