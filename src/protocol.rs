//! The only vocabulary that crosses the worker boundary: commands of the page,
//! events of the worker. Plain data; independent of yew, burn and browsers.
//! Files and pixel buffers travel beside these messages, not in them.

pub mod ask;

use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::engine::{EngineKind, Engines};
use crate::experiment::Experiment;
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::record::{EpochRow, RunRecord};
use crate::report::ErrorReport;
use ask::{Answer, AskId, AskProgress, Question};
use serde::{Deserialize, Serialize};

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
    /// Delete the cached data set. Answered by [`Event::CacheChanged`].
    DeleteCachedData,
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
        engine: Option<EngineKind>,
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
    /// Cancel a question.
    CancelAsk {
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
    /// The data set that this browser has cached from an earlier visit.
    Cached,
    /// An archive to download.
    Url {
        /// Absolute address.
        url: String,
    },
}

/// What the worker sends to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker is up. Sent once, before anything else.
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
        /// What is cached now.
        cached: Option<CachedDataset>,
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
        failure: FailureKind,
    },
    /// Work on an answer goes on.
    AskProgressed {
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
