//! A run in the worker: its events are posted, its breaths are macrotasks.

use super::crew::Crew;
use super::post::{post, post_with};
use super::turn::{Turn, now};
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

/// Takes what was said after each epoch out of a record and packs it: it travels
/// beside the message, where nothing is copied. Empty if there is none.
pub(super) fn epochs_apart(record: &mut RunRecord) -> Array {
    let said = record.log_probabilities.as_mut().map(|it| std::mem::take(&mut it.epochs));
    match said.filter(|epochs| !epochs.is_empty()).map(|epochs| pack_epochs(&epochs)) {
        Some(Ok(bytes)) => beside(&bytes),
        _ => Array::new(),
    }
}

fn beside(bytes: &[u8]) -> Array {
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
    crew: Option<Crew>,
}

impl WorkerHost {
    pub(super) fn new(run: RunId) -> Self {
        Self { run, turn: Turn::new().ok(), trained: None, augmented: None, crew: None }
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
                post_with(&Event::EpochEnded { run, row }, &beside(&checkpoint));
            }
            RunEvent::Checkpoint(checkpoint) => {
                post_with(&Event::CheckpointMade { run }, &beside(&checkpoint));
            }
        }
    }

    async fn breathe(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.give().await;
        }
    }

    fn seconds(&self) -> f64 {
        now() / 1000.0
    }

    async fn gradients(&mut self, work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
        let crew = self.crew.get_or_insert_with(|| Crew::start(work.shards.len()));
        crew.gradients(work).await
    }

    fn date(&self) -> String {
        String::from(js_sys::Date::new_0().to_iso_string())
    }
}
