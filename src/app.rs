//! The page's state, without the page. [`AppState::apply`] is pure: it takes what
//! happened, an [`Action`], and returns what has to be done, a list of [`Effect`]s.
//! Independent of yew, burn and browsers.

mod action;
mod effect;
pub mod estimate;
pub mod format;
pub mod models;
pub mod queue;
mod state;
mod store;
pub mod thumbnails;
mod update;

pub use action::{Action, QueueAction};
pub use effect::{Effect, STOP_PATIENCE};
pub use state::{
    Announcement, AppState, DataState, EngineState, Loaded, Loading, Readiness, Run, RunStatus,
    Served, Source,
};

use state::{BreakPoint, Cut, PendingStart, QueuedRun};
