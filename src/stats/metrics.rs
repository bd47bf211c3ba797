//! Metrics of one run's predictions: accuracy from any scores, losses only from
//! probabilities. Independent of how the predictions were made.

mod calibration;
mod confusion;

pub use calibration::{BINS, Calibration, ReliabilityBin};
pub use confusion::{ClassReport, ConfusedPair, Confusion};

use super::StatsError;
use crate::math;
use crate::order;

/// Predictions and labels of the same images, checked for shape: `n` rows of
/// `classes` log-scores, and a class for each.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a> {
    rows: &'a [f32],
    labels: &'a [u8],
    classes: usize,
}

impl<'a> Scores<'a> {
    /// Takes `[n][classes]` log-scores, row after row, and the `n` true classes,
    /// as in [`crate::record::Predictions`].
    ///
    /// # Errors
    /// Without images, with rows of unequal length, without 2 to 255 classes,
    /// or with a label that has no column.
    pub fn new(log_scores: &'a [f32], labels: &'a [u8]) -> Result<Self, StatsError> {
        if labels.is_empty() {
            return Err(StatsError::Empty);
        }
        let classes = log_scores.len() / labels.len();
        // Labels are bytes.
        if !(2..=255).contains(&classes) || classes * labels.len() != log_scores.len() {
            return Err(StatsError::Shape { values: log_scores.len(), labels: labels.len() });
        }
        match labels.iter().position(|label| usize::from(*label) >= classes) {
            Some(image) => Err(StatsError::Label { image, label: labels[image], classes }),
            None => Ok(Self { rows: log_scores, labels, classes }),
        }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never true: there is at least one image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The true classes.
    pub fn labels(&self) -> &'a [u8] {
        self.labels
    }

    /// The rows, one per image.
    fn rows(&self) -> impl Iterator<Item = &'a [f32]> {
        self.rows.chunks_exact(self.classes)
    }

    /// The predicted class of each image: the largest score, the first of equals.
    pub fn predicted(&self) -> Vec<u8> {
        self.rows().map(|row| largest(row).0).collect()
    }

    /// For each image, whether the prediction is right.
    pub fn correct(&self) -> Vec<bool> {
        self.predicted()
            .iter()
            .zip(self.labels)
            .map(|(predicted, label)| predicted == label)
            .collect()
    }

    /// Number of images predicted right.
    pub fn hits(&self) -> usize {
        self.correct().into_iter().filter(|correct| *correct).count()
    }

    /// Share of images predicted right, 0..1.
    pub fn accuracy(&self) -> f64 {
        self.hits() as f64 / self.len() as f64
    }

    /// How often each class was predicted as each.
    pub fn confusion(&self) -> Confusion {
        Confusion::new(self.classes, self.labels, &self.predicted())
    }

    /// The same scores as probabilities.
    ///
    /// # Errors
    /// [`StatsError::NotProbabilities`] if a row does not sum to 1 within 1%,
    /// as logarithms stored with 16 bits do.
    pub fn probabilities(self) -> Result<Probabilities<'a>, StatsError> {
        for (image, row) in self.rows().enumerate() {
            let sum: f64 = row.iter().map(|log| math::exp(f64::from(*log))).sum();
            if sum.is_nan() || (sum - 1.0).abs() > 0.01 {
                return Err(StatsError::NotProbabilities { image, sum });
            }
        }
        Ok(Probabilities(self))
    }
}

/// Index and value of the largest element, the first of equals; NaN is smallest.
fn largest(row: &[f32]) -> (u8, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, value) in (0u8..).zip(row) {
        if *value > best.1 {
            best = (index, *value);
        }
    }
    best
}

/// [`Scores`] that are probabilities, so that losses and confidence mean something.
#[derive(Clone, Copy, Debug)]
pub struct Probabilities<'a>(Scores<'a>);

/// One image in fastai's `plot_top_losses`: prediction / actual / loss / probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopLoss {
    /// Position of the image.
    pub image: usize,
    /// Predicted class.
    pub predicted: u8,
    /// True class.
    pub actual: u8,
    /// Plain negative log-likelihood.
    pub loss: f64,
    /// Probability of the predicted class.
    pub probability: f64,
}

impl<'a> Probabilities<'a> {
    /// What they were made of.
    pub fn scores(&self) -> Scores<'a> {
        self.0
    }

    /// Plain negative log-likelihood of each image, in nats.
    pub fn losses(&self) -> Vec<f64> {
        let labels = self.0.labels.iter();
        self.0.rows().zip(labels).map(|(row, label)| -f64::from(row[usize::from(*label)])).collect()
    }

    /// Mean plain negative log-likelihood, in nats: unsmoothed, so that all runs
    /// compare.
    pub fn nll(&self) -> f64 {
        self.losses().iter().sum::<f64>() / self.0.len() as f64
    }

    /// Brier's score in its form for several classes, 0..2: the mean over images
    /// of Σₖ (pₖ − \[k = y\])².
    pub fn brier(&self) -> f64 {
        let of_image = |(row, label): (&[f32], &u8)| -> f64 {
            let terms = (0u8..).zip(row).map(|(class, log)| {
                let target = if class == *label { 1.0 } else { 0.0 };
                let error = math::exp(f64::from(*log)) - target;
                error * error
            });
            terms.sum()
        };
        self.0.rows().zip(self.0.labels).map(of_image).sum::<f64>() / self.0.len() as f64
    }

    /// The probability of each image's predicted class, 0..1.
    pub fn confidences(&self) -> Vec<f64> {
        self.0.rows().map(|row| math::exp(f64::from(largest(row).1)).min(1.0)).collect()
    }

    /// Reliability in [`BINS`] bins, and the expected calibration error.
    pub fn calibration(&self) -> Calibration {
        Calibration::new(&self.confidences(), &self.0.correct())
    }

    /// The `count` images of the largest loss, the largest first.
    pub fn top_losses(&self, count: usize) -> Vec<TopLoss> {
        let mut order: Vec<(usize, f64)> = self.losses().into_iter().enumerate().collect();
        order::sort_by_number(&mut order, |(_, loss)| -loss);
        let (predicted, confidences) = (self.0.predicted(), self.confidences());
        order
            .into_iter()
            .take(count)
            .map(|(image, loss)| TopLoss {
                image,
                predicted: predicted[image],
                actual: self.0.labels[image],
                loss,
                probability: confidences[image],
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
