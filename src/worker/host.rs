//! A run in the worker: its events are posted, its breaths are macrotasks.

use super::post::{post, post_with};
use super::turn::{Turn, now};
use super::worker_pool::WorkerPool;
use crate::protocol::{Event, RunId};
use crate::record::RunRecord;
use crate::runs::pack::pack_epochs;
use crate::saved::SavedModel;
use crate::train::error::TrainError;
use crate::train::host::{Host, RunEvent};
use crate::train::passes::MeasuredPasses;
use crate::train::shards::{Gradient, ShardWork};
use js_sys::{Array, Uint8Array};
use std::sync::Arc;

/// Takes the predictions after each epoch out of a record and packs them for a message, as an
/// attachment, which is not copied. Empty if the record has none.
pub(super) fn take_epochs(record: &mut RunRecord) -> Array {
    let epochs = record.log_probabilities.as_mut().map(|it| std::mem::take(&mut it.epochs));
    match epochs.filter(|epochs| !epochs.is_empty()).map(|epochs| pack_epochs(&epochs)) {
        Some(Ok(bytes)) => attachment(&bytes),
        _ => Array::new(),
    }
}

fn attachment(bytes: &[u8]) -> Array {
    Array::of1(&Uint8Array::from(bytes).buffer())
}

pub(super) struct WorkerHost {
    run: RunId,
    turn: Option<Turn>,
    /// The model that the run trained, once it is over.
    pub(super) trained: Option<Arc<SavedModel>>,
    /// The passes of its test-time augmentation, if it had one.
    pub(super) augmented: Option<MeasuredPasses>,
    /// For batches in shards, once there is one.
    pool: Option<WorkerPool>,
}

impl WorkerHost {
    pub(super) fn new(run: RunId) -> Self {
        Self { run, turn: Turn::new().ok(), trained: None, augmented: None, pool: None }
    }
}

impl Host for WorkerHost {
    fn event(&mut self, event: RunEvent) {
        let run = self.run;
        match event {
            RunEvent::Started(plan) => post(&Event::RunStarted { run, plan }),
            RunEvent::Progress(progress) => post(&Event::Progress { run, progress }),
            RunEvent::Trained(model) => self.trained = Some(model),
            RunEvent::Augmented(passes) => self.augmented = Some(passes),
            RunEvent::Paused => post(&Event::Paused { run }),
            RunEvent::Resumed => post(&Event::Resumed { run }),
            RunEvent::EpochEnded { row, checkpoint } => {
                post_with(&Event::EpochEnded { run, row }, &attachment(&checkpoint));
            }
            RunEvent::Checkpoint(checkpoint) => {
                post_with(&Event::CheckpointMade { run }, &attachment(&checkpoint));
            }
        }
    }

    async fn handle_events(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.give().await;
        }
    }

    fn seconds(&self) -> f64 {
        now() / 1000.0
    }

    async fn gradients(&mut self, work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
        let pool = self.pool.get_or_insert_with(|| WorkerPool::start(work.shards.len()));
        pool.gradients(work).await
    }

    fn date(&self) -> String {
        String::from(js_sys::Date::new_0().to_iso_string())
    }
}
