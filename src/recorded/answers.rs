//! What a recorded run says of each image, in three bytes.

use crate::math;
use crate::record::Predictions;
use crate::stats::StatsError;
use crate::stats::metrics::Scores;
use serde::{Deserialize, Serialize};

/// Steps of a stored −ln p a nat: 255 of them end at 15.9 nats, p = 1.2e-7.
const STEPS: f64 = 16.0;

/// Figures that are stored exactly, because the columns are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerFigures {
    /// Mean negative log-likelihood of the true classes, in nats; `None` of scores that are no
    /// probabilities.
    pub nll: Option<f64>,
    /// Expected calibration error, 0..1; `None` as above.
    pub ece: Option<f64>,
}

/// What one prediction of a run says of `[n]` images.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// What is known exactly.
    pub figures: AnswerFigures,
    /// The class that each image was taken for.
    pub predicted: Vec<u8>,
    /// −ln of each true class's probability, in sixteenths of a nat, at most 255.
    pub truth: Vec<u8>,
    /// Probability of each predicted class, in 255ths.
    pub top: Vec<u8>,
}

impl Answers {
    /// Rounds `[n][classes]` log-probabilities.
    ///
    /// # Errors
    /// [`StatsError`] if they do not fit the labels.
    pub fn new(log_scores: &[f32], labels: &[u8]) -> Result<Self, StatsError> {
        let scores = Scores::new(log_scores, labels)?;
        let classes = scores.classes();
        let predicted = scores.predicted();
        let at = |(row, class): (&[f32], &u8)| {
            f64::from(row.get(usize::from(*class)).copied().unwrap_or(f32::NEG_INFINITY))
        };
        let rows = || log_scores.chunks(classes.max(1));
        let truth = rows().zip(labels).map(at).map(|log| (-log * STEPS).round() as u8).collect();
        let top = rows()
            .zip(&predicted)
            .map(at)
            .map(|log| (math::exp(log) * 255.0).round() as u8)
            .collect();
        let probabilities = scores.probabilities().ok();
        let figures = AnswerFigures {
            nll: probabilities.as_ref().map(|it| it.nll()),
            ece: probabilities.map(|it| it.calibration().ece),
        };
        Ok(Self { figures, predicted, truth, top })
    }

    /// For each image whether it is right.
    pub fn correct(&self, labels: &[u8]) -> Vec<bool> {
        self.predicted.iter().zip(labels).map(|(predicted, label)| predicted == label).collect()
    }

    /// Log-probabilities that agree with what is stored: those of the true and of the predicted
    /// class are within a rounding step of the run's own, the rest is shared evenly among the other
    /// classes. For instruments that look at these two alone.
    pub fn predictions(&self, labels: &[u8], classes: usize) -> Predictions {
        let mut plain = Vec::with_capacity(labels.len() * classes);
        let columns = self.predicted.iter().zip(&self.truth).zip(&self.top).zip(labels);
        for (((predicted, truth), top), label) in columns {
            let truth = math::exp(-f64::from(*truth) / STEPS);
            let top = f64::from(*top) / 255.0;
            let (named, others) = if predicted == label {
                (top, classes.saturating_sub(1))
            } else {
                // Rounding must not turn the order around.
                (top + truth.min(top), classes.saturating_sub(2))
            };
            let rest = ((1.0 - named) / others.max(1) as f64).max(1e-7);
            for class in 0..classes {
                let p = if class == usize::from(*predicted) {
                    top
                } else if class == usize::from(*label) {
                    truth.min(top)
                } else {
                    rest.min(top)
                };
                plain.push(math::log(p.max(1e-7)) as f32);
            }
        }
        Predictions {
            images: (0..labels.len() as u32).collect(),
            labels: labels.to_vec(),
            plain,
            tta: None,
            epochs: Vec::new(),
        }
    }
}
