//! Compares two runs: the difference of their accuracies, what was different about them,
//! and what can be concluded from it.
//! Independent of how it is shown.

use super::RunEntry;
use crate::experiment::Experiment;
use crate::experiment::key::Difference;
use crate::record::Predictions;
use crate::stats::intervals::Pairs;
use crate::stats::metrics::Scores;
use crate::stats::verdict::{Verdict, judge};
use crate::stats::{self, StatsError};
use crate::text;

/// A run against a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct RunComparison {
    /// Accuracy of the run minus that of the baseline, −1..1.
    pub difference: f64,
    /// The keys in which their experiments differ: `this` is the run's value,
    /// `other` the baseline's.
    pub changes: Vec<Difference>,
    /// How the two runs are related.
    pub relation: Relation,
}

/// How two runs are related, which decides what their difference can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Measured on different validation images.
    OtherImages,
    /// Trained before and after the pixels and sums of runs changed.
    OtherNumerics,
    /// The same experiment.
    Same,
    /// The same recipe with other seeds.
    OtherSeed,
    /// Only test-time augmentation differs: the same weights, if the plain
    /// predictions agree.
    OnlyTta,
    /// Only test-time augmentation differs, but the plain predictions do not agree.
    OtherWeights,
    /// Something about the training differs.
    OtherTraining,
}

/// Keys of test-time augmentation.
pub(super) const TTA: [&str; 3] = ["tta", "ttamax", "beta"];
/// Keys that say where something is done, not what: the data's hash and the
/// record's engine are more precise.
const PLACE: [&str; 2] = ["data", "engine"];

/// Compares a run to a baseline.
pub fn compare(run: &RunEntry, baseline: &RunEntry) -> RunComparison {
    let this = run.experiment();
    let other = baseline.experiment();
    let changes = this.differences(&other);
    let only = |keys: &[&str]| {
        let mut relevant = changes.iter().filter(|change| !PLACE.contains(&change.key));
        relevant.all(|change| keys.contains(&change.key))
    };
    let same_engine = run.record.engine == baseline.record.engine;
    let relation = if !same_images(run, baseline, &this, &other) {
        Relation::OtherImages
    } else if run.record.numerics != baseline.record.numerics {
        Relation::OtherNumerics
    } else if only(&[]) {
        Relation::Same
    } else if only(&["seed"]) {
        Relation::OtherSeed
    } else if only(&TTA) && same_engine {
        Relation::OnlyTta
    } else {
        Relation::OtherTraining
    };
    RunComparison { difference: run.accuracy() - baseline.accuracy(), changes, relation }
}

/// The experiment of a run.
pub(super) fn experiment_of(run: &RunEntry) -> Experiment {
    (*run.experiment()).clone()
}

/// What a run trains, without its seed and the place where it runs: two runs with equal recipes
/// differ in nothing else.
pub(super) fn recipe(mut experiment: Experiment) -> Experiment {
    let place = Experiment::default();
    experiment.data = place.data;
    experiment.engine = place.engine;
    experiment.run = place.run;
    experiment.seed = place.seed;
    experiment
}

/// True if both runs were measured on the same validation images, judging by
/// their records. `dseed` matters only where a subset is drawn.
pub(super) fn same_images(
    run: &RunEntry,
    baseline: &RunEntry,
    this: &Experiment,
    other: &Experiment,
) -> bool {
    let (a, b) = (&run.record.dataset, &baseline.record.dataset);
    a.hash == b.hash && a.valid == b.valid && same_draw(this, other)
}

/// True if two experiments measure on the same validation images of a data set. `dseed`
/// matters only where a subset is drawn.
pub(super) fn same_draw(this: &Experiment, other: &Experiment) -> bool {
    this.valid == other.valid && (this.valid.is_none() || this.dseed == other.dseed)
}

/// True if two runs that differ only in test-time augmentation seem to have the same
/// weights: their epochs have the same figures in the records.
pub(super) fn same_figures(a: &RunEntry, b: &RunEntry) -> bool {
    let (a, b) = (&a.record.epochs, &b.record.epochs);
    // JSON may have taken the last bits.
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9;
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            near(a.nll, b.nll) && near(a.train_loss, b.train_loss) && near(a.accuracy, b.accuracy)
        })
}

/// True if the plain predictions of two runs name the same class for every image.
fn same_predictions(a: &Predictions, b: &Predictions) -> bool {
    let predicted =
        |side: &Predictions| Scores::new(&side.plain, &side.labels).map(|it| it.predicted());
    matches!((predicted(a), predicted(b)), (Ok(a), Ok(b)) if a == b)
}

impl Relation {
    /// The relation after a look at the predictions: the same weights predict the same.
    #[must_use]
    pub fn checked(self, run: &Predictions, baseline: &Predictions) -> Self {
        match self {
            Self::OnlyTta if !same_predictions(run, baseline) => Self::OtherWeights,
            relation => relation,
        }
    }

    /// True if the difference between two such runs means something.
    pub fn compares(self) -> bool {
        !matches!(self, Self::OtherImages | Self::OtherNumerics)
    }

    /// What a single pair of such runs can show about the difference, in words.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::OtherImages => text::relation_other_images(),
            Self::OtherNumerics => text::relation_other_numerics(),
            Self::Same => text::relation_same(),
            Self::OtherSeed => text::relation_other_seed(),
            Self::OnlyTta => text::relation_only_tta(),
            Self::OtherWeights => text::relation_other_weights(),
            Self::OtherTraining => text::relation_other_training(),
        }
    }

    /// The same in a sentence or two, for those who ask why.
    pub fn reason(self) -> &'static str {
        match self {
            Self::OtherImages => text::relation_other_images_why(),
            Self::OtherNumerics => text::relation_other_numerics_why(),
            Self::Same => text::relation_same_why(),
            Self::OtherSeed => text::relation_other_seed_why(),
            Self::OnlyTta => text::relation_only_tta_why(),
            Self::OtherWeights => text::relation_other_weights_why(),
            Self::OtherTraining => text::relation_other_training_why(),
        }
    }
}

/// Why two runs cannot be compared image by image.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PairError {
    /// They hold other images, or the same ones with other labels.
    #[error("the two runs were measured on different validation images")]
    OtherImages,
    /// The predictions of one of them are damaged.
    #[error(transparent)]
    Stats(#[from] StatsError),
}

/// Compares two runs image by image, each by the scores it is known by: with
/// test-time augmentation, if it was on.
///
/// # Errors
/// [`PairError`] if they were not measured on the same images, or are damaged.
pub fn pairs(run: &Predictions, baseline: &Predictions) -> Result<Pairs, PairError> {
    if run.images != baseline.images || run.labels != baseline.labels {
        return Err(PairError::OtherImages);
    }
    Ok(Pairs::new(&correct(baseline)?, &correct(run)?)?)
}

fn correct(predictions: &Predictions) -> Result<Vec<bool>, StatsError> {
    let scores = predictions.tta.as_ref().unwrap_or(&predictions.plain);
    Ok(Scores::new(scores, &predictions.labels)?.correct())
}

/// The result of pairs of images in words: the counts, the interval, the p-value, and their
/// limits.
///
/// `relation` is that after [`Relation::checked`].
pub fn pair_sentences(pairs: &Pairs, relation: Relation) -> String {
    let limits = match relation {
        Relation::OnlyTta => {
            let judged = judge(&[stats::verdict::Comparison::SameWeights { pairs: vec![*pairs] }]);
            let verdict = judged.first().map_or(Verdict::CannotTell, |judged| judged.verdict);
            text::relation_tta_verdict(verdict.word())
        }
        Relation::OtherWeights => relation.reason().to_owned(),
        _ => text::relation_two_models().to_owned(),
    };
    format!("{pairs} {limits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    fn relation(from: &str, to: &str) -> Relation {
        compare(&entry("b", to, 0.6), &entry("a", from, 0.5)).relation
    }

    #[test]
    fn what_differs_decides_what_can_be_said() {
        assert_eq!(relation("v=1", "v=1"), Relation::Same);
        assert_eq!(relation("v=1", "v=1&seed=7"), Relation::OtherSeed);
        assert_eq!(relation("v=1", "v=1&engine=cpu"), Relation::Same);
        assert_eq!(relation("v=1", "v=1&tta=4"), Relation::OnlyTta);
        assert_eq!(relation("v=1&mixup=0.4", "v=1&tta=4"), Relation::OtherTraining);
        assert_eq!(relation("v=1&valid=20", "v=1&valid=30"), Relation::OtherImages);
        assert_eq!(relation("v=1&valid=20", "v=1&valid=20&dseed=3"), Relation::OtherImages);
        assert_eq!(relation("v=1&subset=20", "v=1&subset=20&dseed=3"), Relation::OtherTraining);
    }

    #[test]
    fn another_data_set_does_not_compare() {
        let baseline = entry("a", "v=1", 0.5);
        let mut run = entry("b", "v=1", 0.6);
        run.record.dataset.hash = "cd".repeat(32);
        assert_eq!(compare(&run, &baseline).relation, Relation::OtherImages);
    }

    #[test]
    fn weights_of_another_engine_are_other_weights() {
        let baseline = entry("a", "v=1", 0.5);
        let mut run = entry("b", "v=1&tta=4", 0.6);
        run.record.engine = "webgpu".to_owned();
        assert_eq!(compare(&run, &baseline).relation, Relation::OtherTraining);
    }

    #[test]
    fn runs_of_other_numerics_do_not_compare() {
        let baseline = entry("a", "v=1", 0.5);
        let mut run = entry("b", "v=1&mixup=0.4", 0.6);
        run.record.numerics = 1;
        let made = compare(&run, &baseline);
        assert_eq!(made.relation, Relation::OtherNumerics);
        assert!(!made.relation.compares() && made.relation.reason().contains("Train the older"));
        // Two old ones still do.
        let mut old = baseline;
        old.record.numerics = 1;
        assert_eq!(compare(&run, &old).relation, Relation::OtherTraining);
    }

    #[test]
    fn the_same_weights_are_those_that_predict_the_same() {
        let plain = predictions([-0.1, -2.0, -0.1, -2.0, -2.0, -0.1]);
        let mut augmented = plain.clone();
        augmented.tta = Some(vec![-2.0, -0.1, -0.1, -2.0, -2.0, -0.1]);
        assert_eq!(Relation::OnlyTta.checked(&augmented, &plain), Relation::OnlyTta);
        augmented.plain[0] = -3.0;
        let other = Relation::OnlyTta.checked(&augmented, &plain);
        assert_eq!(other, Relation::OtherWeights);
        assert_eq!(Relation::OtherSeed.checked(&augmented, &plain), Relation::OtherSeed);
        let text = pair_sentences(&pairs(&augmented, &plain).unwrap(), other);
        assert!(text.ends_with("the runs do not have the same weights."), "{text}");
        // The records tell as much by the figures of their epochs.
        let (a, mut b) = (entry("a", "v=1", 0.5), entry("b", "v=1&tta=4", 0.5));
        assert!(same_figures(&a, &b));
        b.record.epochs[1].nll += 1e-6;
        assert!(!same_figures(&a, &b));
    }

    #[test]
    fn a_single_pair_of_trainings_cannot_tell() {
        let made = compare(&entry("b", "v=1&mixup=0.4", 0.62), &entry("a", "v=1", 0.5));
        assert!((made.difference - 0.12).abs() < 1e-12);
        assert_eq!(made.relation.verdict(), "cannot tell (one seed)");
        assert_eq!(made.changes.len(), 1);
        assert_eq!(made.changes[0].key, "mixup");
        assert_eq!(made.changes[0].this, "0.4");
    }

    fn predictions(plain: [f32; 6]) -> Predictions {
        Predictions {
            images: vec![5, 6, 7],
            labels: vec![0, 1, 1],
            plain: plain.to_vec(),
            ..Predictions::default()
        }
    }

    #[test]
    fn pairs_count_fixed_and_broken_images() {
        let baseline = predictions([-0.1, -2.0, -0.1, -2.0, -2.0, -0.1]);
        let run = predictions([-2.0, -0.1, -2.0, -0.1, -2.0, -0.1]);
        assert_eq!(pairs(&run, &baseline), Ok(Pairs { n: 3, fixed: 1, broken: 1 }));
        let mut augmented = run.clone();
        augmented.tta = Some(baseline.plain.clone());
        assert_eq!(pairs(&augmented, &baseline), Ok(Pairs { n: 3, fixed: 0, broken: 0 }));
        let mut other = run;
        other.images[0] = 9;
        assert_eq!(pairs(&other, &baseline), Err(PairError::OtherImages));
    }

    #[test]
    fn only_tta_is_judged_by_one_pair() {
        let clear = Pairs { n: 500, fixed: 40, broken: 5 };
        assert!(pair_sentences(&clear, Relation::OnlyTta).contains("weights: helps."));
        let other = pair_sentences(&clear, Relation::OtherTraining);
        assert!(other.contains("40 fixed, 5 broken of 500") && other.contains("another seed"));
    }
}
