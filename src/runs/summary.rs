//! An experiment in a line of words, for lists. Independent of how it is shown.

use crate::experiment::technique::Technique;
use crate::experiment::{Experiment, prog};
use crate::text;

/// The network, the size, the epochs and the techniques that are on, e.g.
/// `tiny, 64 px, 5 epochs · mixup 0.4, tta 4`.
pub fn of(experiment: &Experiment) -> String {
    format!("{} · {}", network_and_sizes(experiment), techniques(experiment))
}

/// The network, the size and the epochs, e.g. `tiny, 64 px, 5 epochs`.
pub fn network_and_sizes(experiment: &Experiment) -> String {
    let model = experiment.model.name();
    let phases = if experiment.prog.is_empty() {
        text::experiment_epochs(&experiment.size.to_string(), experiment.epochs)
    } else {
        text::experiment_phases(&prog::format(&experiment.prog))
    };
    format!("{model}, {phases}")
}

/// The techniques that are on, or `no technique`.
pub fn techniques(experiment: &Experiment) -> String {
    let on: Vec<String> = Technique::ALL
        .into_iter()
        .filter(|technique| technique.is_on(experiment))
        .map(|technique| match technique {
            Technique::Normalization => text::experiment_norm(experiment.norm.name()),
            Technique::ProgressiveResizing => text::experiment_progressive().to_owned(),
            Technique::Mixup => text::experiment_mixup(&experiment.mixup.to_string()),
            Technique::LabelSmoothing => text::experiment_smoothing(&experiment.ls.to_string()),
            Technique::Tta => format!("TTA {}", experiment.tta),
        })
        .collect();
    if on.is_empty() { text::experiment_plain().to_owned() } else { on.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;

    #[test]
    fn a_line_says_what_is_on() {
        let line = |text: &str| of(&link::parse(text).experiment);
        assert_eq!(line("v=1"), "tiny, 64 px, 5 epochs · normalization (imagenet)");
        assert_eq!(line("v=1&norm=off&epochs=1"), "tiny, 64 px, 1 epoch · no technique");
        assert_eq!(
            line("v=1&prog=32x2,64x1&mixup=0.4&tta=4"),
            "tiny, 32x2,64x1 px × epochs · normalization (imagenet), progressive, TTA 4, mixup 0.4"
        );
    }
}
