//! Compares two runs image by image: what the second fixed and broke, at every
//! epoch and at the end, and what that means and does not mean. Independent of how
//! it is shown and of where the predictions are stored.

mod flips;
mod pick;
mod seeds;

pub use flips::{Flip, ImageAnswer, Order, Show, arrange, class_name, table};
pub use pick::{Pick, picked};
pub use seeds::{Arms, Bootstrap, arms, bootstrap_sentence, power_sentence, seeds_sentences};

use super::RunEntry;
use super::compare::{PairError, Relation, compare};
use crate::format::percent;
use crate::math;
use crate::record::Predictions;
use crate::stats::StatsError;
use crate::stats::intervals::Pairs;
use crate::stats::metrics::Scores;
use crate::stats::verdict::LEVEL;
use crate::text;
use std::borrow::Cow;

/// Why two runs of the list do not compare image by image, in a sentence; `None`
/// if they do.
pub fn refusal(before: &RunEntry, after: &RunEntry) -> Option<String> {
    let [a, b] = &[before.number, after.number].map(|number| number.to_string());
    let (this, other) = (&before.record.dataset, &after.record.dataset);
    if before.id == after.id {
        return Some(text::pair_pick_two().to_owned());
    }
    if this.hash != other.hash {
        return Some(if this.name == other.name {
            text::pair_same_name(a, b, &this.name)
        } else {
            text::pair_other_data(a, &this.name, b, &other.name)
        });
    }
    if compare(after, before).relation == Relation::OtherImages {
        return Some(if this.valid == other.valid {
            let [seed, other] = [before, after].map(|run| run.experiment().dseed.to_string());
            text::pair_other_dseed(this.valid, a, &seed, b, &other)
        } else {
            text::pair_other_count(a, this.valid, b, other.valid)
        });
    }
    if before.record.numerics != after.record.numerics {
        return Some(text::relation_other_numerics_why().to_owned());
    }
    let without = [before, after].into_iter().find(|run| !run.has_predictions);
    without.map(|run| text::pair_no_predictions(&run.number.to_string()))
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

    /// The stops, in order. Only the end, if a run was stored without its epochs.
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
        let before = answers_at(&self.before, stop)?;
        let after = answers_at(&self.after, stop)?;
        let right = |heard: &StopAnswers| -> Vec<bool> {
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
                before: before.answer(place, label),
                after: after.answer(place, label),
            })
            .collect();
        Ok(PairView { pairs, accuracy, flips })
    }
}

/// The predictions of a run for every image at a stop. Probabilities are computed only for the
/// images that are requested: the exponentials of all would block the page.
struct StopAnswers<'a> {
    predicted: Cow<'a, [u8]>,
    logs: &'a [f32],
    /// Log-scores per image; 0 if only that of the true class is stored.
    classes: usize,
}

fn answers_at(run: &Predictions, stop: Stop) -> Result<StopAnswers<'_>, StatsError> {
    let logs = match stop {
        Stop::Epoch(epoch) if epoch + 1 < run.epochs.len() => {
            let epoch = &run.epochs[epoch];
            let predicted = Cow::Borrowed(&epoch.predicted[..]);
            return Ok(StopAnswers { predicted, logs: &epoch.log_probability, classes: 0 });
        }
        // All classes' probabilities of the last epoch are stored.
        Stop::Epoch(_) => &run.plain,
        Stop::End => run.tta.as_ref().unwrap_or(&run.plain),
    };
    let scores = Scores::new(logs, &run.labels)?;
    Ok(StopAnswers { predicted: scores.predicted().into(), logs, classes: scores.classes() })
}

impl StopAnswers<'_> {
    fn answer(&self, place: usize, label: u8) -> ImageAnswer {
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
    text::pair_sentence(&before.to_string(), &after.to_string(), &pairs.to_string())
}

/// What the pairs mean for the two trained models.
pub fn says(pairs: &Pairs) -> &'static str {
    if pairs.fixed + pairs.broken == 0 {
        text::pair_says_same()
    } else if pairs.mcnemar() >= LEVEL {
        text::pair_says_luck()
    } else {
        text::pair_says_differ()
    }
}

/// What the pairs do not show.
pub fn does_not_say(relation: Relation) -> &'static str {
    match relation {
        Relation::OnlyTta => text::pair_not_tta(),
        Relation::OtherWeights => text::pair_not_weights(),
        Relation::Same => text::pair_not_same(),
        Relation::OtherSeed => text::pair_not_seed(),
        Relation::OtherImages | Relation::OtherNumerics | Relation::OtherTraining => {
            text::pair_not_recipe()
        }
    }
}

/// A stop by its name, e.g. `epoch 3 of 5`.
pub fn stop_name(stop: Stop, stops: usize, ends_with_tta: bool) -> String {
    let epochs = stops - usize::from(ends_with_tta);
    match stop {
        Stop::Epoch(epoch) => text::pair_stop_epoch(&(epoch + 1).to_string(), &epochs.to_string()),
        Stop::End if ends_with_tta => text::pair_stop_tta().to_owned(),
        Stop::End => text::pair_stop_end().to_owned(),
    }
}

/// Both runs at a stop in a few words, for a slider's value and the live region.
pub fn stop_text(name: &str, numbers: [u32; 2], view: &PairView) -> String {
    let [before, after] = numbers.map(|number| number.to_string());
    let [first, second] = view.accuracy.map(percent);
    let (fixed, broken) = (view.pairs.fixed, view.pairs.broken);
    text::pair_stop(name, &before, &first, &after, &second, fixed, broken)
}

#[cfg(test)]
mod tests;
