//! The run in progress, or the last one.

use super::QueuedRun;
use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::protocol::{Begin, RunId};
use crate::record::Outcome;
use crate::report::ErrorReport;
use crate::runs::LiveRun;
use std::rc::Rc;

/// The run in progress, or the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name in the events.
    pub id: RunId,
    /// Its id in the list of runs.
    pub key: String,
    /// What is trained.
    pub experiment: Experiment,
    /// What it is doing.
    pub status: RunStatus,
    /// What the worker reported at its start.
    pub plan: Option<Rc<RunPlan>>,
    /// Its rows and its training curve so far.
    pub live: Rc<LiveRun>,
    /// Where it is; without the points, which are in `live`.
    pub progress: Option<RunProgress>,
    /// How it begins.
    pub(in crate::app) begin: Begin,
    /// The engine that it was begun on before a crash: it takes no other.
    pub(in crate::app) engine: Option<EngineKind>,
    /// The run of the queue that it is.
    pub(in crate::app) item: Option<QueuedRun>,
    /// Hash of the data set that it trains on.
    pub(in crate::app) dataset_hash: String,
    /// Seconds into the run at which an epoch was last announced.
    pub(in crate::app) announced: f64,
}

/// What a run is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    /// The files that it begins with are read; the worker does not know of it.
    Reading,
    /// The worker prepares it.
    Starting,
    /// It trains.
    Running,
    /// It was asked to hold.
    Pausing,
    /// It holds.
    Paused,
    /// It was asked to end.
    Stopping,
    /// It is over.
    Ended(Outcome),
    /// It could not go on.
    Failed {
        /// Why, and what to do.
        error: ErrorReport,
        /// What that means for what comes next.
        kind: FailureKind,
    },
}

impl RunStatus {
    /// Why the run failed, if it did.
    pub fn failure(&self) -> Option<FailureKind> {
        match self {
            Self::Failed { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// True until the run has ended or failed.
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Ended(_) | Self::Failed { .. })
    }
}
