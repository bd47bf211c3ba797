//! The only vocabulary that crosses the worker boundary: commands of the page,
//! events of the worker. Plain data; independent of yew, burn and browsers.
//! Files and pixel buffers travel beside these messages, not in them.

pub mod ask;

use crate::experiment::{EngineChoice, Experiment};
use crate::record::{EpochRow, ModelInfo, RunRecord};
use crate::report::ErrorReport;
use ask::{Answer, AskId, AskProgress, Question};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Identifies page and worker binaries that were built together.
pub const BUILD_ID: &str = match option_env!("PLAYGROUND_BUILD") {
    Some(id) => id,
    None => concat!("dev-", env!("CARGO_PKG_VERSION")),
};

/// One run of one worker. Events of a run that is no longer current are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunId(pub u32);

/// One request to load a data set; the same rule as for [`RunId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LoadId(pub u32);

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Read a data set. Replaces the present one only if all goes well.
    Load {
        /// Names this request in the events that answer it.
        load: LoadId,
        /// Where the bytes are.
        source: LoadSource,
        /// Short side to keep: what [`Experiment::largest_size`] and its crop need.
        short_side: u32,
        /// The value of `data` in a link for them.
        data: String,
    },
    /// Delete the images that this browser keeps decoded. Answered by [`Event::Kept`].
    ForgetKept,
    /// Give up the load in progress.
    CancelLoad,
    /// Train. Answered by [`Event::RunStarted`] or [`Event::RunFailed`]. All that it
    /// takes is in this message and beside it.
    Train {
        /// Names this run in the events that answer it.
        run: RunId,
        /// What to train.
        experiment: Experiment,
        /// Go on from the checkpoint that travels beside this message. The file
        /// of the model that the experiment starts from, if it does, travels
        /// beside it, too, and last.
        resume: bool,
        /// What comes after the start.
        begin: Begin,
        /// The engine that it was begun on, if it was: it takes no other.
        engine: Option<EngineChoice>,
    },
    /// Hold before the next batch.
    Pause,
    /// Go on.
    Resume,
    /// Train one batch, then hold.
    Step,
    /// End the run; what the finished epochs gave is kept.
    Stop,
    /// Answer a question. Answered by [`Event::Answered`] or [`Event::AskFailed`].
    Ask {
        /// Names this question in the events that answer it.
        ask: AskId,
        /// What is asked. What it needs of bulk travels beside the message.
        question: Question,
    },
    /// The answer is not wanted any more.
    TakeBack {
        /// To which question.
        ask: AskId,
    },
}

/// How a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begin {
    /// It trains at once.
    #[default]
    Go,
    /// It trains one batch, then holds.
    Step,
    /// It holds before its first batch.
    Hold,
}

/// Where the bytes of a data set are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadSource {
    /// Draw the built-in sample.
    Sample,
    /// One archive: the `File` travels beside the message.
    File {
        /// Its name, for the record and for messages.
        name: String,
    },
    /// A folder: one `File` per path travels beside the message, in this order.
    Folder {
        /// The folder's name.
        name: String,
        /// Paths inside the folder.
        paths: Vec<String>,
    },
    /// What this browser keeps decoded from an earlier visit.
    Kept,
    /// An archive to download.
    Url {
        /// Absolute address.
        url: String,
    },
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker is up. Sent once, before anything else.
    Ready {
        /// Must equal the page's own [`BUILD_ID`].
        build: String,
        /// The engines that this browser offers.
        engines: Engines,
        /// What this browser keeps decoded from an earlier visit.
        kept: Option<Kept>,
    },
    /// The images that this browser keeps have changed.
    Kept {
        /// What it keeps now.
        kept: Option<Kept>,
    },
    /// A load goes on.
    Loading {
        /// Which.
        load: LoadId,
        /// How far.
        progress: LoadProgress,
    },
    /// A data set is in place.
    Loaded {
        /// Which.
        load: LoadId,
        /// What it holds.
        dataset: DatasetSummary,
    },
    /// A load was given up on request.
    LoadCancelled {
        /// Which.
        load: LoadId,
    },
    /// A load ended without a data set; the previous one is still in place.
    LoadFailed {
        /// Which.
        load: LoadId,
        /// Why, and what to do.
        error: ErrorReport,
    },
    /// A run begins.
    RunStarted {
        /// Which.
        run: RunId,
        /// What will be done.
        plan: RunPlan,
    },
    /// Batches were trained since the last such event.
    Progress {
        /// Which.
        run: RunId,
        /// Where the run is now.
        progress: RunProgress,
    },
    /// The run holds, after a pause or a single step.
    Paused {
        /// Which.
        run: RunId,
    },
    /// The run goes on.
    Resumed {
        /// Which.
        run: RunId,
    },
    /// An epoch ended. Its checkpoint travels beside the message.
    EpochEnded {
        /// Which.
        run: RunId,
        /// Its row.
        row: EpochRow,
    },
    /// The run is somewhere in an epoch, or in its test-time augmentation. Its
    /// checkpoint travels beside the message.
    CheckpointMade {
        /// Which.
        run: RunId,
    },
    /// The run is over. Its record says how it ended. What it said of the images
    /// after each epoch travels beside the message, packed.
    RunEnded {
        /// Which.
        run: RunId,
        /// What it leaves behind, predictions included.
        record: Box<RunRecord>,
    },
    /// The run could not go on.
    RunFailed {
        /// Which.
        run: RunId,
        /// Why, and what to do.
        error: ErrorReport,
        /// What that means for what comes next.
        failure: Failure,
    },
    /// Work on an answer goes on.
    AskGoesOn {
        /// To which question.
        ask: AskId,
        /// How far.
        progress: AskProgress,
    },
    /// An answer; its bulk travels beside the message.
    Answered {
        /// To which question.
        ask: AskId,
        /// The answer.
        answer: Answer,
    },
    /// A question found no answer.
    AskFailed {
        /// Which.
        ask: AskId,
        /// Why, and what to do.
        error: ErrorReport,
    },
    /// Something is worse than it should be, but work goes on.
    Warning {
        /// In a sentence.
        message: String,
    },
    /// The worker itself is broken (a panic, a lost GPU): it must be restarted.
    Crashed {
        /// Why, and what to do.
        error: ErrorReport,
    },
}

/// What a failed run says of what comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Nothing: the cause was its own.
    #[default]
    Own,
    /// The engine that it needs is not to be had; other runs on it would fail as well.
    NoEngine,
    /// It needs more memory than there is, so that it was not begun.
    TooLarge {
        /// The largest batch size that fits, if any does.
        fits: Option<u32>,
    },
    /// Memory ran out under it. The engine must be restarted.
    OutOfMemory {
        /// A batch size that should fit, if there is one.
        fits: Option<u32>,
    },
}

impl Failure {
    /// The batch size to try instead.
    pub fn fits(self) -> Option<u32> {
        match self {
            Self::TooLarge { fits } | Self::OutOfMemory { fits } => fits,
            Self::Own | Self::NoEngine => None,
        }
    }
}

/// The engines that a browser offers.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Engines {
    /// The WebGPU adapter, or why there is none.
    pub webgpu: Result<AdapterSummary, String>,
    /// How the CPU engine runs, e.g. `CPU (burn flex, wasm SIMD, 1 thread)`.
    pub cpu: String,
}

/// A WebGPU adapter.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct AdapterSummary {
    /// Its own name and vendor, as far as the browser tells.
    pub name: String,
    /// It computes on the CPU (`isFallbackAdapter`).
    pub software: bool,
    /// Limits that matter here, for the report.
    pub limits: Vec<(String, f64)>,
}

/// How far a load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct LoadProgress {
    /// Bytes read so far.
    pub bytes: f64,
    /// Bytes in all, if known.
    pub bytes_total: Option<f64>,
    /// Images decoded so far.
    pub images: u32,
    /// Seconds since the start.
    pub seconds: f64,
}

/// What a data set holds.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct DatasetSummary {
    /// Name for people.
    pub name: String,
    /// True of the built-in drawings: synthetic, and labelled so everywhere.
    pub synthetic: bool,
    /// Class names for people, in the order of the labels.
    pub classes: Vec<String>,
    /// Training images per class.
    pub train: Vec<u32>,
    /// Validation images per class.
    pub valid: Vec<u32>,
    /// SHA-256 of the content, hex.
    pub hash: String,
    /// Short side of the stored pixels.
    pub short_side: u32,
    /// Sides at which the worker holds the same images, this one among them.
    pub sides: Vec<u32>,
    /// True if no image is stored smaller than its file: every side can be made of it.
    pub whole: bool,
    /// Median short side of the originals: sizes above it only blur.
    pub typical_short_side: u32,
    /// True if every stored image is square.
    pub square: bool,
    /// Files that were left out, each as `path: why`; at most ten.
    pub skipped: Vec<String>,
    /// Number of files that were left out.
    pub skipped_count: u32,
    /// True if the official noise columns are there.
    pub official_noise: bool,
    /// Bytes of pixels held in memory.
    pub memory: f64,
    /// Seconds that reading took.
    pub seconds: f64,
}

impl DatasetSummary {
    /// Whether the worker has, or can make, the images as they are stored at `short_side`.
    pub fn serves(&self, short_side: u32) -> bool {
        self.whole || self.sides.contains(&short_side)
    }

    /// Training and validation images in all.
    pub fn images(&self) -> [u64; 2] {
        [&self.train, &self.valid].map(|counts| counts.iter().copied().map(u64::from).sum())
    }
}

/// A data set whose images the browser keeps decoded for the next visit.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Kept {
    /// Its name for people.
    pub name: String,
    /// The value of `data` in its link.
    pub data: String,
    /// SHA-256 of the content, hex.
    pub hash: String,
    /// Short sides at which its pixels are stored.
    pub sides: Vec<u32>,
    /// True if one of them holds every image as large as its file: all other sides can be made
    /// of it.
    pub whole: bool,
    /// Bytes of pixels.
    pub bytes: f64,
}

impl Kept {
    /// What is kept of a data set whose links have this value of `data`.
    pub fn of(data: String, summary: &DatasetSummary) -> Self {
        Self {
            name: summary.name.clone(),
            data,
            hash: summary.hash.clone(),
            sides: vec![summary.short_side],
            whole: summary.whole,
            bytes: summary.memory,
        }
    }

    /// The same data set kept at the sides of both; `None` if it is another one.
    pub fn and(self, other: Self) -> Option<Self> {
        (self.hash == other.hash && self.data == other.data).then(|| Self {
            sides: self.sides.into_iter().chain(other.sides).collect(),
            whole: self.whole || other.whole,
            bytes: self.bytes + other.bytes,
            ..other
        })
    }

    /// Whether it is what an experiment needs.
    pub fn serves(&self, experiment: &Experiment) -> bool {
        self.data == experiment.data.text()
            && (self.whole || self.sides.contains(&experiment.short_side()))
    }
}

/// What a run will do, told at its start.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct RunPlan {
    /// The canonical link, after clamping to the data.
    pub link: String,
    /// `webgpu` or `cpu`.
    pub engine: String,
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
    pub stage: Stage,
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
pub enum Stage {
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

/// [`ErrorReport::what`] of a run whose loss was no number before an epoch ended.
pub const DIVERGED: &str = "Training diverged";
