//! Two runs on the same images: what one fixed and broke of the other, at every
//! epoch and at the end, and what that says and does not say. Independent of how
//! it is shown and of where the predictions are stored.

mod flips;
mod pick;
mod seeds;

pub use flips::{Flip, ImageAnswer, Order, Show, arrange, class_name, table};
pub use pick::{Pick, picked};
pub use seeds::{Arms, Bootstrap, arms, bootstrap_sentence, power_sentence, seeds_sentences};

use super::RunEntry;
use super::compare::{OTHER_NUMERICS, PairError, Relation, compare};
use crate::format::percent;
use crate::math;
use crate::record::Predictions;
use crate::stats::StatsError;
use crate::stats::intervals::Pairs;
use crate::stats::metrics::Scores;
use crate::stats::verdict::LEVEL;
use std::borrow::Cow;

/// Why two runs of the list do not compare image by image, in a sentence; `None`
/// if they do.
pub fn refusal(before: &RunEntry, after: &RunEntry) -> Option<String> {
    let (a, b) = (before.number, after.number);
    let (this, other) = (&before.record.dataset, &after.record.dataset);
    if before.id == after.id {
        return Some("Pick two different runs.".to_owned());
    }
    if this.hash != other.hash {
        return Some(if this.name == other.name {
            format!(
                "Run {a} and run {b} were measured on data sets of the same name ({}) with \
                 other content, so their images do not pair up.",
                this.name
            )
        } else {
            format!(
                "Run {a} was measured on {}, run {b} on {}: only the same images compare.",
                this.name, other.name
            )
        });
    }
    if compare(after, before).relation == Relation::OtherImages {
        return Some(if this.valid == other.valid {
            let seeds = [before, after].map(|run| run.experiment().dseed);
            format!(
                "Both were measured on {} validation images, but run {a} drew them with dseed \
                 {} and run {b} with dseed {}: only the same images compare.",
                this.valid, seeds[0], seeds[1]
            )
        } else {
            format!(
                "Run {a} was measured on {} validation images, run {b} on {}: only the same \
                 images compare.",
                this.valid, other.valid
            )
        });
    }
    if before.record.numerics != after.record.numerics {
        return Some(OTHER_NUMERICS.to_owned());
    }
    [before, after].into_iter().find(|run| !run.has_predictions).map(|run| {
        format!(
            "Run {} was kept without its predictions, so that its images cannot be compared. \
             Train it again: the same link gives the same run.",
            run.number
        )
    })
}

/// Where in the two runs one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After this epoch, from 0. A run with fewer epochs stays at its last one.
    Epoch(usize),
    /// At the end, with test-time augmentation where it was on.
    End,
}

/// The predictions of two runs on the same images.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    before: Predictions,
    after: Predictions,
}

/// Two runs at one stop.
#[derive(Clone, Debug, PartialEq)]
pub struct PairView {
    /// How many images were fixed and broken.
    pub pairs: Pairs,
    /// The accuracies before and after, 0..1.
    pub accuracy: [f64; 2],
    /// The images whose correctness differs, in the order of the data set.
    pub flips: Vec<Flip>,
}

impl Pair {
    /// Pairs up two runs' predictions.
    ///
    /// # Errors
    /// [`PairError`] if they were not measured on the same images, or are damaged.
    pub fn new(before: Predictions, after: Predictions) -> Result<Self, PairError> {
        if before.images != after.images || before.labels != after.labels {
            return Err(PairError::OtherImages);
        }
        for side in [&before, &after] {
            let n = side.labels.len();
            let fits = side.images.len() == n
                && side
                    .epochs
                    .iter()
                    .all(|epoch| epoch.predicted.len() == n && epoch.log_probability.len() == n);
            if !fits {
                let shape = StatsError::Shape { values: side.images.len(), labels: n };
                return Err(PairError::Stats(shape));
            }
        }
        let pair = Self { before, after };
        // Damage shows here, once, and not at every stop.
        pair.at(Stop::End)?;
        Ok(pair)
    }

    /// The stops, in order. Only the end, if a run was kept without its epochs.
    pub fn stops(&self) -> Vec<Stop> {
        let [before, after] = [&self.before, &self.after].map(|side| side.epochs.len());
        if before == 0 || after == 0 {
            return vec![Stop::End];
        }
        let mut stops: Vec<Stop> = (0..before.max(after)).map(Stop::Epoch).collect();
        // Without test-time augmentation the end is the last epoch.
        if self.before.tta.is_some() || self.after.tta.is_some() {
            stops.push(Stop::End);
        }
        stops
    }

    /// True if the last stop is the end with test-time augmentation, after the
    /// last epoch.
    pub fn ends_with_tta(&self) -> bool {
        let stops = self.stops();
        stops.len() > 1 && stops.last() == Some(&Stop::End)
    }

    /// How the two runs are related, after a look at what they predict.
    pub fn relation(&self, by_record: Relation) -> Relation {
        by_record.checked(&self.after, &self.before)
    }

    /// The two runs at a stop.
    ///
    /// # Errors
    /// [`PairError::Stats`] if the predictions are damaged.
    pub fn at(&self, stop: Stop) -> Result<PairView, PairError> {
        let labels = &self.before.labels;
        let before = heard(&self.before, stop)?;
        let after = heard(&self.after, stop)?;
        let right = |heard: &Heard| -> Vec<bool> {
            heard
                .predicted
                .iter()
                .zip(labels)
                .map(|(predicted, label)| predicted == label)
                .collect()
        };
        let (a, b) = (right(&before), right(&after));
        let pairs = Pairs::new(&a, &b)?;
        let share = |right: &[bool]| {
            right.iter().filter(|right| **right).count() as f64 / right.len().max(1) as f64
        };
        let accuracy = [share(&a), share(&b)];
        let all = self.before.images.iter().zip(labels).zip(a.into_iter().zip(b)).enumerate();
        let flips = all
            .filter(|(_, (_, (before, after)))| before != after)
            .map(|(place, ((&image, &label), (_, fixed)))| Flip {
                image,
                label,
                fixed,
                before: before.said(place, label),
                after: after.said(place, label),
            })
            .collect();
        Ok(PairView { pairs, accuracy, flips })
    }
}

/// What a run said of every image at a stop. How sure it was is reckoned only for
/// the images that are asked for: the exponentials of all would hold up the page.
struct Heard<'a> {
    predicted: Cow<'a, [u8]>,
    logs: &'a [f32],
    /// Log-scores of an image; 0 where only the true class's is kept.
    classes: usize,
}

fn heard(run: &Predictions, stop: Stop) -> Result<Heard<'_>, StatsError> {
    let logs = match stop {
        Stop::Epoch(epoch) if epoch + 1 < run.epochs.len() => {
            let epoch = &run.epochs[epoch];
            let predicted = Cow::Borrowed(&epoch.predicted[..]);
            return Ok(Heard { predicted, logs: &epoch.log_probability, classes: 0 });
        }
        // Of the last epoch all classes' probabilities are there.
        Stop::Epoch(_) => &run.plain,
        Stop::End => run.tta.as_ref().unwrap_or(&run.plain),
    };
    let scores = Scores::new(logs, &run.labels)?;
    Ok(Heard { predicted: scores.predicted().into(), logs, classes: scores.classes() })
}

impl Heard<'_> {
    fn said(&self, place: usize, label: u8) -> ImageAnswer {
        let exp = |place: usize| self.logs.get(place).map_or(0.0, |log| math::exp(f64::from(*log)));
        let predicted = self.predicted.get(place).copied().unwrap_or_default();
        if self.classes == 0 {
            return ImageAnswer { predicted, truth: exp(place), own: None };
        }
        let row = place * self.classes;
        // The maximum over augmented views does not sum to 1: it is scaled.
        let sum: f64 = (row..row + self.classes).map(exp).sum();
        let of = |class: u8| exp(row + usize::from(class)) / sum;
        ImageAnswer { predicted, truth: of(label), own: Some(of(predicted)) }
    }
}

/// The comparison in one plain sentence.
pub fn sentence(before: u32, after: u32, pairs: &Pairs) -> String {
    format!("From run {before} to run {after}: {pairs}")
}

/// What that says of the two trained models.
pub fn says(pairs: &Pairs) -> &'static str {
    if pairs.fixed + pairs.broken == 0 {
        "Both runs are right and wrong on the same images."
    } else if pairs.mcnemar() >= LEVEL {
        "A split like this comes about easily by luck: on these images the two trained models \
         cannot be told apart."
    } else {
        "The changed images are split more unevenly than luck would split them: on images like \
         these the two trained models differ."
    }
}

/// What it does not say.
pub fn does_not_say(relation: Relation) -> &'static str {
    match relation {
        Relation::OnlyTta => {
            "It does not say what test-time augmentation does to other weights: another seed may \
             differ."
        }
        Relation::OtherWeights => {
            "It does not say what test-time augmentation does: the plain predictions differ, so \
             that these are not the same weights."
        }
        Relation::Same => "It does not say anything of a technique: both runs have the same link.",
        Relation::OtherSeed => {
            "It does not say anything of a technique: only the seed differs, and this is how \
             much luck alone changes."
        }
        Relation::OtherImages | Relation::OtherNumerics | Relation::OtherTraining => {
            "It does not say that the recipe makes the difference: another seed of the same \
             recipe may turn it around."
        }
    }
}

/// A stop by its name, e.g. `epoch 3 of 5`.
pub fn stop_name(stop: Stop, stops: usize, ends_with_tta: bool) -> String {
    let epochs = stops - usize::from(ends_with_tta);
    match stop {
        Stop::Epoch(epoch) => format!("epoch {} of {epochs}", epoch + 1),
        Stop::End if ends_with_tta => "the end, with TTA".to_owned(),
        Stop::End => "the end".to_owned(),
    }
}

/// Both runs at a stop in a few words, for a slider's value and the live region.
pub fn stop_text(name: &str, numbers: [u32; 2], view: &PairView) -> String {
    let [before, after] = view.accuracy.map(percent);
    format!(
        "{name}: run {} {before}, run {} {after}; {} fixed, {} broken",
        numbers[0], numbers[1], view.pairs.fixed, view.pairs.broken
    )
}

#[cfg(test)]
mod tests;
