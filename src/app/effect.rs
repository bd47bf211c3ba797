//! What has to be done outside of the state.

use super::Attachments;
use super::state::Source;
use super::storage::DeletedRuns;
use crate::protocol::{Command, LoadId, RunId};
use crate::record::Predictions;
use crate::runs::list::{Choices, RunList};
use crate::runs::{RunEntry, UnfinishedRun};
use std::rc::Rc;

/// Something to do outside of the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Make this the page's fragment.
    ShowLink(String),
    /// Send a command to the worker, with what it needs beside it.
    Post(Command, Attachments),
    /// Have the worker load a data set, with the files of the source beside the command.
    Load {
        /// Names the load.
        load: LoadId,
        /// What to read.
        source: Source,
        /// Short side to keep.
        short_side: u32,
    },
    /// Fetch this archive beside what the worker does, in place of the one on its way; `None` ends
    /// that: [`Action::Whole`](super::Action).
    FetchWhole(Option<String>),
    /// Read the files that a run begins with: [`Action::RunFilesRead`](super::Action),
    /// or [`Action::RunFilesFailed`](super::Action).
    ReadRunFiles {
        /// Names the run.
        run: RunId,
        /// The checkpoint that it goes on from, if it does.
        checkpoint: Option<CheckpointSource>,
        /// Hash of the model that it starts from, if it does.
        model: Option<String>,
    },
    /// Report [`Action::StopTimedOut`](super::Action) after [`STOP_PATIENCE`].
    StartStopTimer(RunId),
    /// End the worker, if there is one, and start another.
    StartEngine,
    /// End the worker.
    EndEngine,
    /// Store a finished run: [`Action::RunStored`](super::Action).
    SaveRun {
        /// The run.
        entry: Rc<RunEntry>,
        /// Its log-probabilities.
        predictions: Option<Rc<Predictions>>,
        /// Its packed predictions by epoch, if the worker sent them.
        epochs: Attachments,
    },
    /// Store what it takes to go on with a run.
    SaveCheckpoint {
        /// The run.
        run: Rc<UnfinishedRun>,
        /// Its checkpoint.
        checkpoint: Attachments,
    },
    /// Delete the checkpoint of a run, by the run's id.
    DeleteCheckpoint(String),
    /// Save the queue for this tab; empty: forget it.
    SaveQueue(String),
    /// Read the predictions of a run: [`Action::PredictionsRead`](super::Action).
    ReadPredictions(String),
    /// Read the stored models: [`Action::ModelsRead`](super::Action).
    ReadModels,
    /// Read the stored runs: [`Action::StoredRunsRead`](super::Action).
    ReadRuns,
    /// Look for a run that was cut short: [`Action::UnfinishedFound`](super::Action) or
    /// [`Action::NothingUnfinished`](super::Action).
    ReadUnfinished,
    /// Read the baseline and the overlays: [`Action::ChoicesRead`](super::Action).
    ReadChoices,
    /// Save the baseline and the overlays.
    SaveChoices(Choices),
    /// Store changed entries of stored runs.
    RewriteRuns(Vec<Rc<RunEntry>>),
    /// Delete runs from the store: [`Action::RunsDeleted`](super::Action).
    DeleteRuns(DeletedRuns),
    /// Store deleted runs again: [`Action::RunsRestored`](super::Action).
    RestoreRuns(DeletedRuns),
    /// Open the store again and store those of the runs that it lost.
    ReopenStore(Vec<Rc<RunEntry>>),
    /// The store cannot be used any more.
    CloseStore,
    /// Measure the space: [`Action::SpaceMeasured`](super::Action).
    MeasureSpace,
    /// Ask the browser never to clear the store by itself.
    PersistStorage,
    /// Download all runs as one file.
    ExportRuns(Rc<RunList>),
    /// Import the runs of a file: [`Action::RunsImported`](super::Action), or
    /// [`Action::ImportFailed`](super::Action).
    ImportRuns {
        /// The file.
        file: Attachments,
        /// The runs that are here.
        shelf: Rc<RunList>,
    },
    /// Download a run as JSON.
    DownloadRun {
        /// The run.
        entry: Rc<RunEntry>,
        /// With its log-probabilities, from the store.
        probabilities: bool,
    },
}

/// Where the checkpoint of a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointSource {
    /// The run's id, by which it is stored.
    pub id: String,
    /// The checkpoint itself, if it was made in this visit.
    pub latest: Attachments,
}

/// Seconds that a stop may take before the worker is taken for dead: a step of
/// the largest network on a slow CPU fits.
pub const STOP_PATIENCE: f64 = 5.0;
