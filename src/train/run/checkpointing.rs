//! What happens between two batches: progress, checkpoints, and the host's commands.

use super::RunLoop;
use crate::model::ReadError;
use crate::progress::{RunProgress, RunStage};
use crate::schedule::EpochPlan;
use crate::train::checkpoint::{Checkpoint, RunState};
use crate::train::control::{Flow, Gate};
use crate::train::device;
use crate::train::error::TrainError;
use crate::train::host::{Host, RunEvent};

/// Seconds of work between two checkpoints: a crash costs a minute at most.
const CHECKPOINT_EVERY: f64 = 45.0;

impl<H: Host> RunLoop<'_, H> {
    /// Lets the host handle its events, writes a checkpoint if one is due, and then continues,
    /// pauses or stops as the control says.
    pub(super) async fn gate(
        &mut self,
        gate: Gate,
        plan: &EpochPlan,
        batch: usize,
        stage: RunStage,
    ) -> Result<(), TrainError> {
        self.host.handle_events().await;
        if self.elapsed() - self.last_checkpoint >= CHECKPOINT_EVERY {
            self.losses.read_all().await?;
            // The points of the curve are sent before the state that they lead to.
            self.send_progress(plan, batch, stage);
            let checkpoint = self.checkpoint().await?;
            self.host.event(RunEvent::Checkpoint(checkpoint));
        }
        if !self.control.holds() {
            return match self.control.pass(gate).await {
                Flow::Go => Ok(()),
                Flow::Stop => Err(TrainError::Stopped),
            };
        }
        let begun = self.host.seconds();
        self.losses.read_all().await?;
        self.send_progress(plan, batch, stage);
        self.host.event(RunEvent::Paused);
        let flow = self.control.pass(gate).await;
        self.pace.hold(self.host.seconds() - begun);
        self.host.event(RunEvent::Resumed);
        match flow {
            Flow::Go => Ok(()),
            Flow::Stop => Err(TrainError::Stopped),
        }
    }

    /// Sends progress as often as it is shown.
    pub(super) fn send_progress_if_due(&mut self, plan: &EpochPlan, batch: usize, stage: RunStage) {
        if self.pace.due(self.host.seconds()) {
            self.send_progress(plan, batch, stage);
        }
    }

    /// Sends progress now, with the points of the curve so far.
    pub(super) fn send_progress(&mut self, plan: &EpochPlan, batch: usize, stage: RunStage) {
        let now = self.host.seconds();
        let progress = RunProgress {
            epoch: plan.epoch,
            batch: batch as u32,
            stage,
            fraction: self.pace.fraction(),
            elapsed: self.pace.elapsed(now),
            remaining: self.pace.remaining(now),
            points: self.losses.take(),
        };
        self.host.event(RunEvent::Progress(progress));
    }

    /// True between two epochs, or before the test-time augmentation.
    fn is_between(&self) -> bool {
        self.batch == 0 && self.pass.is_empty() && self.augmented.is_empty()
    }

    /// The bytes of a checkpoint of this moment.
    pub(super) async fn checkpoint(&mut self) -> Result<Vec<u8>, TrainError> {
        let lost = |error: ReadError| device::read_error(&error.reason);
        let mut tensors = self.network.export_async().await.map_err(lost)?;
        let ended = if self.batch > 0 {
            self.weights.clone()
        } else {
            self.weights.clone_from(&tensors);
            Vec::new()
        };
        tensors.extend(self.optimizer.export_async(&self.network).await.map_err(lost)?);
        device::check()?;
        let elapsed = self.elapsed();
        self.last_checkpoint = elapsed;
        let state = RunState {
            link: self.experiment.link(),
            dataset: self.dataset.hash.clone(),
            engine: self.engine.engine,
            epochs: self.epochs.clone(),
            batch: self.batch as u32,
            spent: if self.is_between() { 0.0 } else { elapsed - self.begun },
            smooth: self.losses.smooth.parts(),
            elapsed,
            training: self.training,
            images: self.images,
        };
        let checkpoint = Checkpoint {
            state,
            tensors,
            ended,
            predictions: self.predictions.clone(),
            pass: self.pass.clone(),
            augmented: self.augmented.clone(),
            epochs: self.epoch_predictions.clone(),
        };
        Ok(checkpoint.to_bytes())
    }
}
