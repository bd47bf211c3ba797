//! What a training loop asks of the program around it. The worker and the
//! `train` binary each implement it.

use super::error::TrainError;
use super::passes::MeasuredPasses;
use super::shards::{self, Gradient, ShardWork};
use crate::progress::{RunPlan, RunProgress};
use crate::record::EpochRow;
use crate::saved::SavedModel;
use std::sync::Arc;

/// What a run reports to its host, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEvent {
    /// The run begins.
    Started(RunPlan),
    /// Batches went by. At most about ten a second.
    Progress(RunProgress),
    /// The run holds.
    Paused,
    /// The run continues.
    Resumed,
    /// An epoch ended.
    EpochEnded {
        /// Its row of the table.
        row: EpochRow,
        /// The run's state after it: see [`super::checkpoint`].
        checkpoint: Vec<u8>,
    },
    /// The run's state between two batches: see [`super::checkpoint`]. Sent often enough
    /// that a crash costs a minute at most.
    Checkpoint(Vec<u8>),
    /// The run is over; this is the model that it trained, after the last epoch
    /// that ended.
    Trained(Arc<SavedModel>),
    /// What the passes of test-time augmentation gave, before they were combined.
    Augmented(MeasuredPasses),
}

/// The program around a run.
pub trait Host {
    /// Receives an event.
    fn event(&mut self, event: RunEvent);
    /// Lets the host handle its own events, such as commands. Called once per batch, so it
    /// should return at once if there are none.
    fn handle_events(&mut self) -> impl Future<Output = ()>;
    /// Seconds on a monotonic clock.
    fn seconds(&self) -> f64;
    /// The date and time, ISO 8601 in UTC.
    fn date(&self) -> String;
    /// Computes the shards of a batch on the CPU engine, in their order; a host that has
    /// more than one thread may do so at the same time.
    fn gradients(
        &mut self,
        work: &ShardWork<'_>,
    ) -> impl Future<Output = Result<Vec<Gradient>, TrainError>> {
        shards::one_after_another(work)
    }
}
