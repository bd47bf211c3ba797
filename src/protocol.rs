//! The messages between page and worker: commands of the page, events of the worker.
//! Plain data; independent of yew, burn and browsers. Files and pixel buffers are attached
//! to these messages, not contained in them.

pub mod ask;

use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::engine::{EngineKind, Engines};
use crate::experiment::Experiment;
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::record::{EpochRow, RunRecord};
use crate::report::ErrorReport;
use ask::{Answer, AskId, AskProgress, Question};
use serde::{Deserialize, Serialize};

/// Identifies a run of a worker. Events of a run that is no longer current are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunId(pub u32);

/// Identifies a request to load a data set, by the same rule as [`RunId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LoadId(pub u32);

impl LoadId {
    /// The worker reads the images again by itself, at the side that something asks for.
    pub const AGAIN: Self = Self(0);
}

/// A command of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Say everything in these texts: sent once, before anything else.
    Speak {
        /// The block of texts of the entry page.
        texts: String,
    },
    /// Read a data set. It replaces the present one only if reading succeeds.
    Load {
        /// The id of this request in the events that answer it.
        load: LoadId,
        /// The source of the bytes.
        source: LoadSource,
        /// Short side of the decoded images, in pixels: what [`Experiment::largest_size`] and its
        /// crop need.
        short_side: u32,
        /// The value of `data` in a link for this data set.
        data: String,
    },
    /// Compile the shaders of this experiment by training on made-up images, if it runs on WebGPU.
    /// A run that begins ends that.
    WarmUp {
        /// What will be trained.
        experiment: Experiment,
    },
    /// Delete the cached data set. Answered by [`Event::CacheChanged`].
    DeleteCachedData,
    /// Cancel the load in progress.
    CancelLoad,
    /// Train. Answered by [`Event::RunStarted`] or [`Event::RunFailed`]. The message and its
    /// attachments contain everything that the run needs.
    Train {
        /// The id of this run in the events that answer it.
        run: RunId,
        /// What to train.
        experiment: Experiment,
        /// Resume from the attached checkpoint. If the experiment starts from a saved
        /// model, the model's file is the last attachment.
        resume: bool,
        /// What to do after the start.
        begin: Begin,
        /// The engine of a resumed run, which runs on no other.
        engine: Option<EngineKind>,
    },
    /// Pause before the next batch.
    Pause,
    /// Continue.
    Resume,
    /// Train one batch, then pause.
    Step,
    /// End the run. The results of the finished epochs are preserved.
    Stop,
    /// Answer a question. Answered by [`Event::Answered`] or [`Event::AskFailed`].
    Ask {
        /// The id of this question in the events that answer it.
        ask: AskId,
        /// The question. Its bulk data are attached.
        question: Question,
    },
    /// Cancel a question.
    CancelAsk {
        /// The id of the question.
        ask: AskId,
    },
}

/// How a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begin {
    /// It trains at once.
    #[default]
    Go,
    /// It trains one batch, then pauses.
    Step,
    /// It pauses before its first batch.
    Hold,
}

/// The source of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadSource {
    /// Draw the built-in sample.
    Sample,
    /// One archive: the `File` is attached.
    File {
        /// Its name, for the record and for messages.
        name: String,
    },
    /// A folder: one `File` per path is attached, in this order.
    Folder {
        /// The folder's name.
        name: String,
        /// Paths inside the folder.
        paths: Vec<String>,
    },
    /// The data set that this browser has cached from an earlier visit.
    Cached,
    /// An archive to download.
    Url {
        /// Absolute address.
        url: String,
    },
}

/// An event of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker is ready. Sent once, before anything else.
    Ready {
        /// Must equal the page's own [`BUILD_ID`](crate::BUILD_ID).
        build: String,
        /// The engines that this browser offers.
        engines: Engines,
        /// The data set that this browser has cached from an earlier visit.
        cached: Option<CachedDataset>,
    },
    /// The cached data set has changed.
    CacheChanged {
        /// The data set that is cached now.
        cached: Option<CachedDataset>,
    },
    /// A load has progressed.
    Loading {
        /// The id of the load.
        load: LoadId,
        /// The progress.
        progress: LoadProgress,
    },
    /// A data set has been loaded.
    Loaded {
        /// The id of the load.
        load: LoadId,
        /// Its summary.
        dataset: DatasetSummary,
    },
    /// A load was cancelled on request.
    LoadCancelled {
        /// The id of the load.
        load: LoadId,
    },
    /// A load failed; the previous data set is still loaded.
    LoadFailed {
        /// The id of the load.
        load: LoadId,
        /// The reason, and what to do.
        error: ErrorReport,
    },
    /// What the worker read again by itself has been read, or could not be.
    ReadAgain,
    /// A run begins.
    RunStarted {
        /// The id of the run.
        run: RunId,
        /// The plan of the run.
        plan: RunPlan,
    },
    /// Batches were trained since the last such event.
    Progress {
        /// The id of the run.
        run: RunId,
        /// The progress of the run.
        progress: RunProgress,
    },
    /// The run has paused, after a command or a single step.
    Paused {
        /// The id of the run.
        run: RunId,
    },
    /// The run continues.
    Resumed {
        /// The id of the run.
        run: RunId,
    },
    /// An epoch ended. The checkpoint is attached.
    EpochEnded {
        /// The id of the run.
        run: RunId,
        /// The row of the epoch.
        row: EpochRow,
    },
    /// A checkpoint was made within an epoch, or during test-time augmentation. It is
    /// attached.
    CheckpointMade {
        /// The id of the run.
        run: RunId,
    },
    /// The run is over; its record has the outcome. The packed predictions after each epoch are
    /// attached.
    RunEnded {
        /// The id of the run.
        run: RunId,
        /// Its record, predictions included.
        record: Box<RunRecord>,
    },
    /// The run failed.
    RunFailed {
        /// The id of the run.
        run: RunId,
        /// The reason, and what to do.
        error: ErrorReport,
        /// The kind of failure, which decides what can be done next.
        failure: FailureKind,
    },
    /// Work on an answer has progressed.
    AskProgressed {
        /// The id of the question.
        ask: AskId,
        /// The progress.
        progress: AskProgress,
    },
    /// An answer; its bulk data are attached.
    Answered {
        /// The id of the question.
        ask: AskId,
        /// The answer.
        answer: Answer,
    },
    /// A question could not be answered.
    AskFailed {
        /// The id of the question.
        ask: AskId,
        /// The reason, and what to do.
        error: ErrorReport,
    },
    /// Something went wrong, but work continues.
    Warning {
        /// The warning, in a sentence.
        message: String,
    },
    /// The worker itself is broken (a panic, a lost GPU): it must be restarted.
    Crashed {
        /// The reason, and what to do.
        error: ErrorReport,
    },
}
