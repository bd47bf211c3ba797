//! The part of a finished run that a sweep needs: figures, and which images were predicted
//! correctly.
//! Independent of burn, of browsers and of where records are stored.

use super::Reading;
use crate::record::{DatasetInfo, Outcome, Predictions, RunRecord};
use crate::stats::StatsError;
use crate::stats::metrics::Scores;
use crate::stats::verdict::Measure;

/// A run that ended by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// True if the loss was no longer a number before the last epoch ended. Such
    /// a run has no scores: those of an earlier epoch are not its result.
    pub diverged: bool,
    /// The plain prediction.
    pub plain: Option<Score>,
    /// The prediction with test-time augmentation, if it was on.
    pub tta: Option<Score>,
    /// Seconds of training, validation and test-time augmentation.
    pub seconds: f64,
    /// Which pixels and sums it is made of: see [`crate::record::NUMERICS`].
    pub numerics: u32,
    /// Build id of the program that trained.
    pub build: String,
    /// The engine and its adapter.
    pub engine: String,
    /// The data that were trained on.
    pub dataset: DatasetInfo,
}

/// How well one prediction of a run did.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Share of the validation images that are right, 0..1.
    pub accuracy: f64,
    /// For each validation image whether it is right; `None` if the record was
    /// stored without its log-probabilities.
    pub correct: Option<Vec<bool>>,
    /// Mean plain negative log-likelihood, in nats; `None` where it is not known, or the
    /// scores are no probabilities.
    pub nll: Option<f64>,
    /// Expected calibration error, 0..1; `None` where it is not known.
    pub ece: Option<f64>,
}

impl Score {
    /// A figure of it, where it is known.
    pub fn measured(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Accuracy => Some(self.accuracy),
            Measure::Nll => self.nll,
            Measure::Ece => self.ece,
        }
    }
}

impl RunResult {
    /// The result of a record; `None` for a run that was stopped.
    ///
    /// # Errors
    /// If the record's log-probabilities are damaged.
    pub fn of(record: &RunRecord) -> Result<Option<Self>, StatsError> {
        let diverged = match record.outcome {
            Outcome::Stopped => return Ok(None),
            Outcome::Diverged => true,
            Outcome::Finished => false,
        };
        let predictions = record.log_probabilities.as_ref();
        let mut plain = score(record.accuracy, predictions, |it| Some(it.plain.as_slice()))?;
        // Kept predictions have lost some bits. The record has not, but for the last one in
        // JSON: nine decimals are the same wherever it comes from.
        let rounded = record.epochs.last().map(|row| (row.nll * 1e9).round() / 1e9);
        plain.nll = rounded.or(plain.nll);
        let tta = match record.tta {
            Some(tta) => Some(score(tta.accuracy, predictions, |it| it.tta.as_deref())?),
            None => None,
        };
        let epochs: f64 = record.epochs.iter().map(|row| row.seconds).sum();
        Ok(Some(Self {
            diverged,
            plain: (!diverged).then_some(plain),
            tta: tta.filter(|_| !diverged),
            seconds: epochs + record.tta.map_or(0.0, |tta| tta.seconds),
            numerics: record.numerics,
            build: record.build.clone(),
            engine: format!("{} ({})", record.engine, record.adapter),
            dataset: record.dataset.clone(),
        }))
    }

    /// The score under one reading.
    pub fn score(&self, reading: Reading) -> Option<&Score> {
        match reading {
            Reading::Plain => self.plain.as_ref(),
            Reading::Tta => self.tta.as_ref(),
        }
    }
}

fn score(
    accuracy: f64,
    predictions: Option<&Predictions>,
    rows: impl Fn(&Predictions) -> Option<&[f32]>,
) -> Result<Score, StatsError> {
    let Some((rows, labels)) = predictions.and_then(|it| Some((rows(it)?, &it.labels))) else {
        return Ok(Score { accuracy, correct: None, nll: None, ece: None });
    };
    let scores = Scores::new(rows, labels)?;
    // The maximum over augmented views is no probability.
    let probabilities = scores.probabilities().ok();
    Ok(Score {
        // Counted again: a share that went through JSON may have lost its last bit.
        accuracy: scores.accuracy(),
        correct: Some(scores.correct()),
        nll: probabilities.map(|it| nine_decimals(it.nll())),
        ece: probabilities.map(|it| nine_decimals(it.calibration().ece)),
    })
}

/// A figure with as many decimals as it keeps on its way through any file.
pub fn nine_decimals(figure: f64) -> f64 {
    (figure * 1e9).round() / 1e9
}
