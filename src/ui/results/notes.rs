//! What a reader of the curves has to know to read them rightly.

use crate::experiment::{ModelKind, link};
use crate::inspect::target::{Target, shown};
use crate::runs::LiveRun;
use crate::runs::x_axis::classes;
use crate::text;
use yew::AttrValue;

/// The note under the loss chart of a run.
pub fn loss(run: &LiveRun, overlays: bool) -> Option<AttrValue> {
    let experiment = link::parse(&run.link).experiment;
    let note = match (experiment.mixup > 0.0, experiment.ls > 0.0) {
        (true, true) => text::notes_mixup_smoothing(),
        (true, false) => text::notes_mixup(),
        (false, true) => text::notes_smoothing(),
        (false, false) if overlays => text::notes_overlays(),
        (false, false) => return None,
    };
    Some(floor(run, experiment.ls, note).map_or_else(|| note.into(), AttrValue::from))
}

/// The note, with what label smoothing leaves of the loss even where every prediction is right.
fn floor(run: &LiveRun, eps: f64, note: &str) -> Option<String> {
    let model = run.model.as_ref().filter(|_| eps > 0.0)?;
    let kind = ModelKind::ALL.into_iter().find(|kind| kind.name() == model.name)?;
    let size = link::parse(&run.link).experiment.final_size();
    let classes = classes(kind, size, model.macs);
    let floor = Target { classes, eps, label: 0, mixed: None }.floor();
    Some(text::notes_floor(
        note,
        &shown(eps),
        &classes.to_string(),
        &text::decimal(&format!("{floor:.4}")),
    ))
}
