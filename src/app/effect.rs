//! What has to be done outside of the state.

use super::state::Source;
use crate::protocol::{Command, LoadId, RunId};
use crate::record::Predictions;
use crate::runs::{RunEntry, UnfinishedRun};
use std::rc::Rc;

/// Something to do outside of the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Make this the page's fragment.
    ShowLink(String),
    /// Tell the worker.
    Post(Command),
    /// Tell the worker to load, with the files of the source beside.
    Load {
        /// Names the load.
        load: LoadId,
        /// What to read.
        source: Source,
        /// Short side to keep.
        short_side: u32,
    },
    /// Read the files that a run begins with: [`Action::FilesRead`], or the run fails.
    ReadFiles {
        /// Names the run.
        run: RunId,
        /// Names the checkpoint that it goes on from, if it does.
        checkpoint: Option<String>,
        /// Hash of the model that it starts from, if it does.
        model: Option<String>,
    },
    /// Tell the worker to train, with the files that came beside the action.
    Start(Command),
    /// Report [`Action::StopUnanswered`] if the worker needs longer than
    /// [`STOP_PATIENCE`].
    WatchStop(RunId),
    /// End the worker, if there is one, and start another.
    StartEngine,
    /// End the worker.
    EndEngine,
    /// Store a finished run.
    Keep {
        /// The run.
        entry: Rc<RunEntry>,
        /// Its log-probabilities.
        predictions: Option<Rc<Predictions>>,
    },
    /// Store what it takes to go on with a run; the checkpoint came beside the event.
    KeepUnfinished(Rc<UnfinishedRun>),
    /// Drop an unfinished run from the store.
    DropUnfinished(String),
    /// Keep the queue for this tab; empty: forget it.
    KeepQueue(String),
    /// Read the predictions of a run from the store: [`Action::PredictionsRead`].
    ReadPredictions(String),
}

/// Seconds that a stop may take before the worker is taken for dead: a step of
/// the largest network on a slow CPU fits.
pub const STOP_PATIENCE: f64 = 5.0;
