//! What a reader of the curves has to know to read them rightly.

use crate::experiment::{ModelKind, link};
use crate::inspect::target::{Target, shown};
use crate::runs::LiveRun;
use crate::runs::along::classes;
use yew::AttrValue;

/// The note under the loss chart of a run.
pub fn loss(run: &LiveRun, overlays: bool) -> Option<AttrValue> {
    let experiment = link::parse(&run.link).experiment;
    let reason = match (experiment.mixup > 0.0, experiment.ls > 0.0) {
        (true, true) => "Mixup and label smoothing change the training loss",
        (true, false) => "Mixup changes the training loss",
        (false, true) => "Label smoothing changes the training and validation loss",
        (false, false) if overlays => {
            return Some(
                "Other runs show nll, the one loss that means the same in all of them.".into(),
            );
        }
        (false, false) => return None,
    };
    let nll = if experiment.ls > 0.0 { "nll" } else { "valid_loss (here the same as nll)" };
    let floor = floor(run, experiment.ls).unwrap_or_default();
    Some(format!("{reason}: it does not compare with other runs. Compare {nll}, the plain loss on the validation images.{floor}").into())
}

/// What label smoothing leaves of the loss even where every prediction is right.
fn floor(run: &LiveRun, eps: f64) -> Option<String> {
    let model = run.model.as_ref().filter(|_| eps > 0.0)?;
    let kind = ModelKind::ALL.into_iter().find(|kind| kind.name() == model.name)?;
    let size = link::parse(&run.link).experiment.final_size();
    let classes = classes(kind, size, model.macs);
    let floor = Target { classes, eps, label: 0, mixed: None }.floor();
    Some(format!(
        " With ε = {} and {classes} classes, train_loss and valid_loss cannot come below {floor:.4}.",
        shown(eps)
    ))
}
