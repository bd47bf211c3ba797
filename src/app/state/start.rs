//! A run that is about to start, and why it starts.

use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::protocol::Begin;
use crate::runs::UnfinishedRun;
use std::rc::Rc;

/// A start that waits for the worker, for its data or for the end of the last run.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct PendingStart {
    /// The run to go on with, instead of a new one.
    pub(in crate::app) resume: Option<Rc<UnfinishedRun>>,
    /// What comes after the start.
    pub(in crate::app) begin: Begin,
    /// The data were read again for it; once is enough.
    pub(in crate::app) reread: bool,
    /// The run of the queue that it is, instead of the present experiment.
    pub(in crate::app) item: Option<QueuedRun>,
    /// The run that a broken engine cut short, instead of the present experiment.
    pub(in crate::app) cut: Option<InterruptedRun>,
}

impl PendingStart {
    /// A new run of the present experiment.
    pub(in crate::app) fn new(begin: Begin) -> Self {
        Self { resume: None, begin, reread: false, item: None, cut: None }
    }
}

/// A run that a broken engine cut short and that starts again by itself.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct InterruptedRun {
    /// Its id in the list of runs.
    pub(in crate::app) key: String,
    /// What is trained.
    pub(in crate::app) experiment: Experiment,
    /// The engine that it was trained on, if it came so far.
    pub(in crate::app) engine: Option<EngineKind>,
    /// Epochs that had ended.
    pub(in crate::app) epochs: usize,
}

/// Where an engine broke: at the second time in a row it is not restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct BreakPoint {
    /// Id of the run that it was training, if it was.
    pub(in crate::app) run: Option<String>,
    /// Epochs of it that had ended.
    pub(in crate::app) epochs: usize,
}

/// The run of the queue that a start or a run belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct QueuedRun {
    /// Names it in the queue.
    pub(in crate::app) key: String,
    /// What is trained.
    pub(in crate::app) experiment: Experiment,
}
