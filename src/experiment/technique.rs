//! The five techniques of chapter 7 as switches on an [`Experiment`].
//! Independent of how they are computed and shown.

use super::prog::NoProposal;
use super::range::EPOCHS;
use super::{Experiment, Norm};
use crate::text;

/// One of the chapter's five techniques.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Technique {
    /// Subtract the mean, divide by the standard deviation, per channel.
    Normalization,
    /// Begin with small images, end with large ones.
    ProgressiveResizing,
    /// Train on mixtures of two images and of their labels.
    Mixup,
    /// Train towards labels that are not quite certain.
    LabelSmoothing,
    /// Average the predictions of several augmented views.
    Tta,
}

impl Technique {
    /// All five, in the chapter's order.
    pub const ALL: [Self; 5] = [
        Self::Normalization,
        Self::ProgressiveResizing,
        Self::Tta,
        Self::Mixup,
        Self::LabelSmoothing,
    ];

    /// Its name, as shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normalization => text::name_normalization(),
            Self::ProgressiveResizing => text::name_progressive(),
            Self::Mixup => text::name_mixup(),
            Self::LabelSmoothing => text::name_smoothing(),
            Self::Tta => text::name_tta(),
        }
    }

    /// Its name within a sentence.
    pub fn inline_name(self) -> &'static str {
        match self {
            Self::Normalization => text::name_inline_normalization(),
            Self::ProgressiveResizing => text::name_inline_progressive(),
            Self::Mixup => text::name_inline_mixup(),
            Self::LabelSmoothing => text::name_inline_smoothing(),
            Self::Tta => text::name_inline_tta(),
        }
    }

    /// The key of links that switches it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Normalization => "norm",
            Self::ProgressiveResizing => "prog",
            Self::Mixup => "mixup",
            Self::LabelSmoothing => "ls",
            Self::Tta => "tta",
        }
    }

    /// True if the experiment uses it, with any parameters.
    pub fn is_on(self, experiment: &Experiment) -> bool {
        match self {
            Self::Normalization => experiment.norm != Norm::Off,
            Self::ProgressiveResizing => !experiment.prog.is_empty(),
            Self::Mixup => experiment.mixup > 0.0,
            Self::LabelSmoothing => experiment.ls > 0.0,
            Self::Tta => experiment.tta > 0,
        }
    }

    /// Flips the switch. A technique that is already on keeps its parameters; one that
    /// is switched on gets fastai's: `imagenet_stats`, alpha .4, eps .1, 4 passes, and
    /// [`Experiment::propose_prog`]. Progressive resizing switched off leaves the
    /// last phase's size and the same number of epochs.
    ///
    /// # Errors
    /// Progressive resizing needs 3 epochs and room for a smaller size; the
    /// experiment is then unchanged.
    pub fn set(self, experiment: &mut Experiment, on: bool) -> Result<(), NoProposal> {
        if on == self.is_on(experiment) {
            return Ok(());
        }
        match self {
            Self::Normalization => experiment.norm = if on { Norm::Imagenet } else { Norm::Off },
            Self::ProgressiveResizing if on => experiment.prog = experiment.propose_prog()?,
            Self::ProgressiveResizing => {
                experiment.size = experiment.final_size();
                experiment.epochs = EPOCHS.clamp(experiment.sized_epochs());
                experiment.prog.clear();
            }
            Self::Mixup => experiment.mixup = if on { 0.4 } else { 0.0 },
            Self::LabelSmoothing => experiment.ls = if on { 0.1 } else { 0.0 },
            Self::Tta => experiment.tta = if on { 4 } else { 0 },
        }
        Ok(())
    }
}

impl Experiment {
    /// The same experiment with all five techniques off: the arm against which
    /// an ablation compares.
    pub fn without_techniques(&self) -> Self {
        let mut plain = self.clamped().0;
        for technique in Technique::ALL {
            // Only switching on can fail.
            let _ = technique.set(&mut plain, false);
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_comes_on_with_the_books_parameters_and_goes_off_again() {
        let plain = Experiment::default().without_techniques();
        assert_eq!(plain.link(), "v=1&norm=off");
        let expected = [
            "v=1",
            "v=1&norm=off&prog=32x3,64x1",
            "v=1&norm=off&tta=4",
            "v=1&norm=off&mixup=0.4",
            "v=1&norm=off&ls=0.1",
        ];
        for (technique, link) in Technique::ALL.into_iter().zip(expected) {
            let mut experiment = plain.clone();
            assert!(!technique.is_on(&experiment));
            technique.set(&mut experiment, true).unwrap();
            assert!(technique.is_on(&experiment));
            assert_eq!(experiment.link(), link);
            technique.set(&mut experiment, false).unwrap();
            assert_eq!(experiment, plain, "{}", technique.name());
        }
    }

    #[test]
    fn a_switch_that_is_on_keeps_its_parameters() {
        let mut experiment = Experiment { mixup: 1.5, norm: Norm::Data, ..Experiment::default() };
        Technique::Mixup.set(&mut experiment, true).unwrap();
        Technique::Normalization.set(&mut experiment, true).unwrap();
        assert_eq!((experiment.mixup, experiment.norm), (1.5, Norm::Data));
    }

    #[test]
    fn a_switch_that_cannot_come_on_changes_nothing() {
        let mut experiment = Experiment { epochs: 2, ..Experiment::default() };
        let before = experiment.clone();
        let error = Technique::ProgressiveResizing.set(&mut experiment, true).unwrap_err();
        assert!(error.to_string().contains("at least 3 epochs"));
        assert_eq!(experiment, before);
    }

    #[test]
    fn progressive_resizing_off_leaves_its_last_size_and_its_epochs() {
        let mut experiment = crate::experiment::link::parse("prog=32x2,48x1,96x1").experiment;
        Technique::ProgressiveResizing.set(&mut experiment, false).unwrap();
        assert_eq!(experiment.link(), "v=1&size=96&epochs=6");
    }
}
