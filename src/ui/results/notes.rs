//! What a reader of the curves has to know to read them rightly.

use crate::experiment::link;
use yew::AttrValue;

/// The note under the loss chart of a run with this link.
pub fn loss(link: &str, overlays: bool) -> Option<AttrValue> {
    let experiment = link::parse(link).experiment;
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
    Some(format!("{reason}: it does not compare with other runs. Compare {nll}, the plain loss on the validation images.").into())
}
