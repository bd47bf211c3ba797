//! The parts of the page that a lesson can open.

use crate::text;

/// What a lesson can open.
type LessonView = (&'static str, &'static str, fn() -> &'static str);

/// What a lesson can open: its name in files, the id of its element in the page, and its
/// name for people.
pub const VIEWS: [LessonView; 17] = [
    ("data", "data-title", text::data_title),
    ("techniques", "techniques-title", text::technique_title),
    ("model", "model-title", text::model_title),
    ("training", "training-title", text::training_title),
    ("queue", "queue-title", text::queue_title),
    ("results", "results-title", text::results_title),
    ("batch", "inside-batch", text::inside_batch),
    ("normalization", "inside-normalization", text::inside_normalization),
    ("targets", "inside-targets", text::inside_targets),
    ("resizing", "inside-resizing", text::inside_resizing),
    ("finder", "inside-finder", text::inside_finder),
    ("models", "inside-models", text::inside_models),
    ("picture", "inside-picture", text::inside_picture),
    ("predictions", "inside-predictions", text::inside_predictions),
    ("confidence", "inside-confidence", text::inside_confidence),
    ("xray", "inside-xray", text::inside_xray),
    ("code", "inside-code", text::inside_code),
];

/// The entry of [`VIEWS`] of this name.
pub fn view(name: &str) -> Option<LessonView> {
    VIEWS.into_iter().find(|(known, _, _)| *known == name)
}
