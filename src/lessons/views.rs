//! The parts of the page that a lesson can open.

/// What a lesson can open: its name in files, the id of its element in the page, and its
/// name for people.
pub const VIEWS: [(&str, &str, &str); 17] = [
    ("data", "data-title", "Data"),
    ("techniques", "techniques-title", "Techniques"),
    ("model", "model-title", "Model and schedule"),
    ("training", "training-title", "Training"),
    ("queue", "queue-title", "Does it help?"),
    ("results", "results-title", "Results"),
    ("batch", "inside-batch", "The next batch"),
    ("normalization", "inside-normalization", "Normalization"),
    ("targets", "inside-targets", "Targets"),
    ("resizing", "inside-resizing", "Schedule and cost"),
    ("finder", "inside-finder", "Learning-rate finder"),
    ("models", "inside-models", "Saved models"),
    ("picture", "inside-picture", "Your own picture"),
    ("predictions", "inside-predictions", "Predictions"),
    ("confidence", "inside-confidence", "Confidence"),
    ("xray", "inside-xray", "TTA X-ray"),
    ("code", "inside-code", "As code"),
];

/// The entry of [`VIEWS`] of this name.
pub fn view(name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    VIEWS.into_iter().find(|(known, _, _)| *known == name)
}
