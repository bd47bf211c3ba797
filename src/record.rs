//! What a finished run leaves behind: one record, the same JSON from the page
//! and from the `train` binary. A figure that is no number, as of a run that diverged,
//! is NaN here and `null` there.

pub mod check;

use crate::number;
use serde::{Deserialize, Serialize};

/// The version of the JSON schema below.
pub const FORMAT: u32 = 1;

/// Which pixels and sums a run is made of: 1 until the pixels of a run began to depend on
/// its link and data alone, 2 until the CPU engine began to convolve with larger tiles, 3 since. Runs
/// of different numerics are never put together.
pub const NUMERICS: u32 = 3;

/// The numerics of a record that names none: it was written before there was a second.
fn first_numerics() -> u32 {
    1
}

/// One finished (or stopped) run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Schema version: [`FORMAT`].
    pub format: u32,
    /// Which pixels and sums it is made of: [`NUMERICS`] when it was trained, 1 if a
    /// record does not say.
    #[serde(default = "first_numerics")]
    pub numerics: u32,
    /// Build id of the program that trained.
    pub build: String,
    /// When the run ended, ISO 8601 in UTC.
    pub date: String,
    /// How the run ended.
    pub outcome: Outcome,
    /// The canonical link of the experiment.
    pub link: String,
    /// The data that were trained on.
    pub dataset: DatasetInfo,
    /// The engine that was used: `webgpu` or `cpu`.
    pub engine: String,
    /// The adapter's own name, or what the CPU engine is.
    pub adapter: String,
    /// The network.
    pub model: ModelInfo,
    /// One row per epoch, in order.
    pub epochs: Vec<EpochRow>,
    /// Accuracy of the last epoch on the validation images, 0..1, without TTA.
    #[serde(deserialize_with = "number::or_missing")]
    pub accuracy: f64,
    /// The test-time augmentation, if it was on.
    pub tta: Option<TtaResult>,
    /// Training speed over the whole run, paused time excluded.
    #[serde(deserialize_with = "number::or_missing")]
    pub images_per_second: f64,
    /// Per-image log-probabilities, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_probabilities: Option<Predictions>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All epochs were trained.
    Finished,
    /// The loss was no longer a number; the rows are those of the epochs that ended.
    Diverged,
    /// The person stopped it; the rows are those of the epochs that ended.
    Stopped,
}

/// The data set of a run, after subset and noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// Name for people, e.g. `imagenette2-160` or `built-in sample (synthetic)`.
    pub name: String,
    /// Training images used.
    pub train: u32,
    /// Validation images used.
    pub valid: u32,
    /// SHA-256 over the sorted paths and the files' SHA-256, hex.
    pub hash: String,
}

impl DatasetInfo {
    /// True of the built-in drawings, whose name says so.
    pub fn is_synthetic(&self) -> bool {
        self.name.contains("(synthetic")
    }
}

/// The network of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Its name in links.
    pub name: String,
    /// Trainable parameters.
    pub params: u64,
    /// Multiply-accumulates of one forward pass of one image at the final size.
    pub macs: u64,
}

/// One row of the epoch table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// Index from 0 over all phases.
    pub epoch: u32,
    /// Index of the phase, from 0.
    pub phase: u32,
    /// Image side in pixels.
    pub size: u32,
    /// Debiased exponential average (beta .98) of the training loss.
    #[serde(deserialize_with = "number::or_missing")]
    pub train_loss: f64,
    /// Mean validation loss under the experiment's own loss (smoothed, if it smooths).
    #[serde(deserialize_with = "number::or_missing")]
    pub valid_loss: f64,
    /// Mean plain negative log-likelihood on the validation images.
    #[serde(deserialize_with = "number::or_missing")]
    pub nll: f64,
    /// Validation accuracy, 0..1.
    #[serde(deserialize_with = "number::or_missing")]
    pub accuracy: f64,
    /// Training and validation time of this epoch, paused time excluded.
    #[serde(deserialize_with = "number::or_missing")]
    pub seconds: f64,
}

/// The result of test-time augmentation on the final weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TtaResult {
    /// Accuracy of the combined prediction, 0..1.
    #[serde(deserialize_with = "number::or_missing")]
    pub accuracy: f64,
    /// Forward passes over the validation images: n augmented and the plain one.
    pub passes: u32,
    /// Time of the augmented passes.
    #[serde(deserialize_with = "number::or_missing")]
    pub seconds: f64,
}

/// Log-probabilities of the validation images, in the order of the sorted paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Predictions {
    /// Index of each image in the data set.
    pub images: Vec<u32>,
    /// True class of each image.
    pub labels: Vec<u8>,
    /// `[n][classes]` log-probabilities of the plain pass, row after row.
    #[serde(deserialize_with = "number::each_or_missing")]
    pub plain: Vec<f32>,
    /// The same of test-time augmentation, if it was on; with `ttamax` these are
    /// logarithms of scores that do not sum to 1.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number::some_or_missing"
    )]
    pub tta: Option<Vec<f32>>,
    /// What the plain pass said after each epoch, in order: one entry per row of
    /// the epoch table, or none at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epochs: Vec<EpochPredictions>,
}

/// What a run said of the validation images after one epoch, in the order of
/// [`Predictions::images`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochPredictions {
    /// The class that each image was taken for.
    pub predicted: Vec<u8>,
    /// Log-probability of each image's true class, in half precision.
    #[serde(deserialize_with = "number::each_or_missing")]
    pub log_probability: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_names_no_numerics_is_of_the_first() {
        let run = crate::runs::tests::entry("a", "v=1", 0.5).record;
        assert_eq!(run.numerics, NUMERICS);
        let text = serde_json::to_string(&run).unwrap();
        assert!(text.contains(r#""numerics":3,"#), "{text}");
        assert_eq!(serde_json::from_str::<RunRecord>(&text).unwrap(), run);
        let old = text.replace(r#""numerics":3,"#, "");
        assert_eq!(serde_json::from_str::<RunRecord>(&old).unwrap().numerics, 1);
    }
}
