//! Lessons: a question, a prediction, an experiment that answers it, and a check that
//! grades both. A lesson is a file (`docs/writing-lessons.md`), so that teachers write
//! their own. Independent of burn, of browsers and of how a lesson is shown.
//!
//! [`Lesson::read`] and [`Index::read`] read files and say for each mistake on which
//! line it is. [`grade`] compares answers with what is right or with what the runs
//! measured. [`Progress`] is what a learner has done so far.

mod answer;
mod cost;
mod document;
mod fields;
pub mod grade;
mod index;
mod lesson;
mod progress;
mod views;

pub use answer::{Direction, LearnerGuess};
pub use cost::{DRAWINGS, PACE, SECONDS, macs, rough_seconds};
pub use document::{Place, Problem};
pub use index::{Index, ListedLesson, asked, is_beside, listed};
pub use lesson::{
    Check, FORMAT, Further, Kind, LONGEST_FILE, Lesson, LessonExperiment, Paper, Predict, See,
};
pub use progress::{Progress, ProgressEntry};
pub use views::{VIEWS, view};
