//! An experiment in a line of words, for lists. Independent of how it is shown.

use crate::experiment::technique::Technique;
use crate::experiment::{Experiment, prog};

/// The network, the size, the epochs and the techniques that are on, e.g.
/// `tiny, 64 px, 5 epochs · mixup 0.4, tta 4`.
pub fn of(experiment: &Experiment) -> String {
    let model = experiment.model.name();
    let phases = if experiment.prog.is_empty() {
        let epochs = experiment.epochs;
        let plural = if epochs == 1 { "" } else { "s" };
        format!("{} px, {epochs} epoch{plural}", experiment.size)
    } else {
        format!("{} px × epochs", prog::format(&experiment.prog))
    };
    format!("{model}, {phases} · {}", techniques(experiment))
}

/// The techniques that are on, or `no technique`.
pub fn techniques(experiment: &Experiment) -> String {
    let on: Vec<String> = Technique::ALL
        .into_iter()
        .filter(|technique| technique.is_on(experiment))
        .map(|technique| match technique {
            Technique::Normalization => format!("norm {}", experiment.norm.name()),
            Technique::ProgressiveResizing => "progressive".to_owned(),
            Technique::Mixup => format!("mixup {}", experiment.mixup),
            Technique::LabelSmoothing => format!("label smoothing {}", experiment.ls),
            Technique::Tta => format!("TTA {}", experiment.tta),
        })
        .collect();
    if on.is_empty() { "no technique".to_owned() } else { on.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;

    #[test]
    fn a_line_says_what_is_on() {
        let line = |text: &str| of(&link::parse(text).experiment);
        assert_eq!(line("v=1"), "tiny, 64 px, 5 epochs · norm imagenet");
        assert_eq!(line("v=1&norm=off&epochs=1"), "tiny, 64 px, 1 epoch · no technique");
        assert_eq!(
            line("v=1&prog=32x2,64x1&mixup=0.4&tta=4"),
            "tiny, 32x2,64x1 px × epochs · norm imagenet, progressive, TTA 4, mixup 0.4"
        );
    }
}
