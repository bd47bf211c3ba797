//! The page's state, without the page. [`AppState::apply`] is pure: it takes what
//! happened, an [`Action`], and returns what has to be done, a list of [`Effect`]s.
//! Independent of yew, burn and browsers.

mod action;
mod attachments;
mod effect;
pub mod estimate;
pub mod format;
pub mod models;
mod next_step;
pub mod queue;
mod snapshot;
mod state;
pub mod storage;
pub mod thumbnails;
mod update;

pub use action::{Action, QueueAction, WholeNews};
pub use attachments::Attachments;
pub use effect::{CheckpointSource, Effect, STOP_PATIENCE};
pub use next_step::NextStep;
pub use state::{
    Announcement, AppState, DataState, DropState, EngineState, GivenFile, LoadCause, Loaded,
    Loading, Readiness, Run, RunStatus, SampleDrawing, Served, Source, Whole,
};

use state::{BreakPoint, InterruptedRun, LinkSource, PendingStart, QueueGoal, QueuedRun};
