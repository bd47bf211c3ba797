//! Finished runs: one entry per run, what the page shows of it, and how two runs
//! compare. Independent of yew, burn and browsers.

pub mod archive;
pub mod baseline;
pub mod compare;
pub mod curve;
pub mod epochs;
pub mod figures;
pub mod groups;
pub mod list;
mod meaning;
pub mod opened;
pub mod pack;
pub mod pair;
pub mod printed;
pub mod stored;
pub mod summary;
pub mod x_axis;

use crate::bytes::hex;
use crate::experiment::Experiment;
use crate::progress::StepPoint;
use crate::record::{EpochRow, ModelInfo, Outcome, Predictions, RunRecord, TtaResult};
use crate::stats::intervals::{Interval, wilson};
use meaning::Meaning;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Highest number that a run is given, or may bring from a file: above it numbering
/// would come to an end.
pub const LARGEST_NUMBER: u32 = 1_000_000;

/// One run on the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEntry {
    /// Unique over all tabs and devices: see [`id_from_bytes`].
    pub id: String,
    /// Its number on the page, from 1; 0 until it is on a list: see
    /// [`list::RunList`].
    pub number: u32,
    /// The run's record, without its log-probabilities, which are stored
    /// separately and read on request.
    pub record: RunRecord,
    /// The training curve, at most [`curve::KEPT`] points.
    pub points: Vec<StepPoint>,
    /// True of a run that came with the site or from a file, not trained here.
    pub recorded: bool,
    /// True if it was trained on the built-in drawings.
    pub synthetic: bool,
    /// True if its log-probabilities are stored.
    pub has_predictions: bool,
    /// What its link means, once somebody asked.
    #[serde(skip)]
    pub(crate) meaning: Meaning,
}

impl RunEntry {
    /// The entry of a run that has just ended, and separately its log-probabilities.
    pub fn new(
        id: String,
        mut record: RunRecord,
        points: &[StepPoint],
        synthetic: bool,
    ) -> (Self, Option<Predictions>) {
        let predictions = record.log_probabilities.take();
        let entry = Self {
            id,
            number: 0,
            record,
            points: curve::thin(points, curve::KEPT),
            recorded: false,
            synthetic,
            has_predictions: predictions.is_some(),
            meaning: Meaning::default(),
        };
        (entry, predictions)
    }

    /// The experiment of its link, which is read once.
    pub fn experiment(&self) -> Rc<Experiment> {
        self.meaning.of(&self.record.link)
    }

    /// The accuracy that the run is known by, 0..1: with test-time
    /// augmentation, if it was on.
    pub fn accuracy(&self) -> f64 {
        self.record.tta.map_or(self.record.accuracy, |tta| tta.accuracy)
    }

    /// Validation images that [`Self::accuracy`] counts as right, and all of them.
    pub fn counts(&self) -> (u32, u32) {
        let n = self.record.dataset.valid;
        ((self.accuracy() * f64::from(n)).round() as u32, n)
    }

    /// Seconds of training, validation and test-time augmentation.
    pub fn seconds(&self) -> f64 {
        let epochs: f64 = self.record.epochs.iter().map(|row| row.seconds).sum();
        epochs + self.record.tta.map_or(0.0, |tta| tta.seconds)
    }

    /// The 95% interval of [`Self::accuracy`] over other validation images of
    /// the same kind, after Wilson.
    pub fn interval(&self) -> Interval {
        let (right, n) = self.counts();
        wilson(right as usize, n as usize)
    }

    /// True if all its epochs were trained.
    pub fn finished(&self) -> bool {
        self.record.outcome == Outcome::Finished
    }
}

/// A run in progress, or the one that ended last: what the live curves and the
/// epoch table show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveRun {
    /// Its canonical link.
    pub link: String,
    /// Epochs in all, warm-up epochs included.
    pub total_epochs: u32,
    /// The epochs that ended.
    pub rows: Vec<EpochRow>,
    /// Every trained batch so far.
    pub points: Vec<StepPoint>,
    /// The result of test-time augmentation, once it is known.
    pub tta: Option<TtaResult>,
    /// True if it trains on the built-in drawings.
    pub synthetic: bool,
    /// Its network, once the worker has reported it.
    pub model: Option<ModelInfo>,
    /// The number of its training images, once the worker has reported it.
    pub train: u32,
}

impl LiveRun {
    /// A run of the list, to be shown as the last one.
    pub fn of(entry: &RunEntry) -> Self {
        let RunRecord { link, epochs, tta, model, dataset, .. } = entry.record.clone();
        Self {
            total_epochs: u32::try_from(epochs.len()).unwrap_or(u32::MAX),
            link,
            rows: epochs,
            points: entry.points.clone(),
            tta,
            synthetic: entry.synthetic,
            model: Some(model),
            train: dataset.train,
        }
    }
}

/// A run that was cut off (a reload, a crash): what it takes to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnfinishedRun {
    /// The id that the finished run will have.
    pub id: String,
    /// Its canonical link.
    pub link: String,
    /// Build id of the program that wrote the checkpoint.
    pub build: String,
    /// SHA-256 of the data set's content, hex.
    pub dataset_hash: String,
    /// When the last epoch ended, ISO 8601 in UTC.
    pub date: String,
    /// Epochs in all, warm-up epochs included.
    pub total_epochs: u32,
    /// The epochs that ended before the checkpoint.
    pub rows: Vec<EpochRow>,
    /// The training curve up to the checkpoint, at most [`curve::KEPT`] points.
    pub points: Vec<StepPoint>,
    /// True if it trains on the built-in drawings.
    pub synthetic: bool,
}

/// A run's id from 16 random bytes, in hex.
pub fn id_from_bytes(bytes: [u8; 16]) -> String {
    hex(&bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::{DatasetInfo, FORMAT, ModelInfo};

    /// A finished run of `epochs` epochs on 500 drawings.
    pub(crate) fn entry(id: &str, link: &str, accuracy: f64) -> RunEntry {
        let rows = (0..3)
            .map(|epoch| EpochRow {
                epoch,
                phase: 0,
                size: 64,
                train_loss: 2.0 / f64::from(epoch + 1),
                valid_loss: 2.1 / f64::from(epoch + 1),
                nll: 2.1 / f64::from(epoch + 1),
                accuracy: accuracy * f64::from(epoch + 1) / 3.0,
                seconds: 61.4,
            })
            .collect();
        RunEntry {
            id: id.to_owned(),
            number: 0,
            record: RunRecord {
                format: FORMAT,
                numerics: crate::record::NUMERICS,
                build: "test".to_owned(),
                date: "2026-03-01T12:34:56Z".to_owned(),
                outcome: Outcome::Finished,
                link: link.to_owned(),
                dataset: DatasetInfo {
                    name: "built-in sample (synthetic)".to_owned(),
                    train: 1000,
                    valid: 500,
                    hash: "ab".repeat(32),
                },
                engine: "cpu".to_owned(),
                adapter: "CPU".to_owned(),
                model: ModelInfo { name: "tiny".to_owned(), params: 100_000, macs: 6_000_000 },
                epochs: rows,
                accuracy,
                tta: None,
                images_per_second: 812.5,
                log_probabilities: None,
            },
            points: Vec::new(),
            recorded: false,
            synthetic: true,
            has_predictions: false,
            meaning: Meaning::default(),
        }
    }

    #[test]
    fn a_new_entry_keeps_its_predictions_apart() {
        let mut record = entry("a", "v=1", 0.5).record;
        record.log_probabilities = Some(Predictions {
            images: vec![3],
            labels: vec![1],
            plain: vec![-0.5],
            ..Predictions::default()
        });
        let (made, predictions) = RunEntry::new("a".to_owned(), record, &[], true);
        assert!(made.has_predictions);
        assert_eq!(made.record.log_probabilities, None);
        assert_eq!(predictions.map(|p| p.images), Some(vec![3]));
    }

    #[test]
    fn accuracy_and_time_include_test_time_augmentation() {
        let mut run = entry("a", "v=1&tta=4", 0.5);
        assert_eq!(run.counts(), (250, 500));
        run.record.tta = Some(TtaResult { accuracy: 0.512, passes: 5, seconds: 2.0 });
        assert_eq!(run.counts(), (256, 500));
        assert!((run.seconds() - (3.0 * 61.4 + 2.0)).abs() < 1e-9);
    }

    #[test]
    fn the_interval_goes_by_the_accuracy_that_is_shown() {
        let mut run = entry("a", "v=1&tta=4", 0.5);
        assert_eq!(run.interval(), wilson(250, 500));
        run.record.tta = Some(TtaResult { accuracy: 0.512, passes: 5, seconds: 2.0 });
        assert_eq!(run.interval(), wilson(256, 500));
    }

    #[test]
    fn ids_are_hex() {
        assert_eq!(id_from_bytes([0xAB; 16]), "ab".repeat(16));
    }
}
