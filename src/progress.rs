//! What a run reports while it trains: its plan, how far it is, the points of its
//! curve, and why it failed. Plain data; independent of who trains and who listens.

use crate::engine::EngineKind;
use crate::record::ModelInfo;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// What a run will do, as reported at its start.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct RunPlan {
    /// The canonical link, after clamping to the data.
    pub link: String,
    /// The engine that trains it.
    pub engine: EngineKind,
    /// The adapter's own name.
    pub adapter: String,
    /// Why `auto` took this engine, or why the one asked for could not be had.
    pub engine_reason: String,
    /// The network.
    pub model: ModelInfo,
    /// Epochs in all, warm-up epochs included.
    pub epochs: u32,
    /// Batches per epoch.
    pub batches: u32,
    /// Batch size after clamping.
    pub batch_size: u32,
    /// Training and validation images used.
    pub train: u32,
    /// Validation images used.
    pub valid: u32,
    /// Share of training labels that are wrong, 0..1.
    pub noise_rate: f64,
    /// Mean and standard deviation of the three channels, if normalized.
    pub normalization: Option<[[f64; 3]; 2]>,
    /// What was adjusted to the data, in sentences.
    pub notices: Vec<String>,
    /// Number of epochs already trained, when going on from a checkpoint.
    pub resumed_epochs: u32,
    /// Number of batches already trained of the epoch after those.
    pub resumed_batches: u32,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct RunProgress {
    /// Epoch, from 0 over all phases.
    pub epoch: u32,
    /// Batches trained in this epoch.
    pub batch: u32,
    /// What is being done.
    pub stage: RunStage,
    /// Share of the whole run's work that is done, 0..1, validation and TTA included.
    pub fraction: f64,
    /// Seconds so far, paused time excluded.
    pub elapsed: f64,
    /// Seconds to go, from the measured steps.
    pub remaining: Option<f64>,
    /// New points of the training curve.
    pub points: Vec<StepPoint>,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStage {
    /// Training batches.
    Train,
    /// Validating.
    Validate,
    /// Test-time augmentation.
    Tta,
}

/// One trained batch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepPoint {
    /// Batch, from 0 over all epochs.
    pub step: u32,
    /// Epochs so far, as a fraction: the x axis of the curves.
    pub epoch: f64,
    /// Loss of this batch.
    pub loss: f64,
    /// Debiased average (beta .98).
    pub smooth_loss: f64,
    /// Learning rate of this batch.
    pub lr: f64,
    /// Momentum of this batch.
    pub momentum: f64,
}

/// Why a run failed, as far as it decides what happens next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// Something that concerns this run alone.
    #[default]
    Other,
    /// The loss was no number before the first epoch ended.
    Diverged,
    /// The engine is not available: other runs on it would fail as well.
    NoEngine,
    /// The run needs more memory than there is, so it did not start.
    TooLarge {
        /// The largest batch size that fits, if any does.
        fits: Option<u32>,
    },
    /// Memory ran out during the run. The engine must be restarted.
    OutOfMemory {
        /// A batch size that should fit, if there is one.
        fits: Option<u32>,
    },
}

impl FailureKind {
    /// The batch size to try instead.
    pub fn fits(self) -> Option<u32> {
        match self {
            Self::TooLarge { fits } | Self::OutOfMemory { fits } => fits,
            Self::Other | Self::Diverged | Self::NoEngine => None,
        }
    }
}
