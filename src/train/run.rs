//! One run: from an experiment and a data set to a record.

mod checkpointing;
mod end;
mod prepare;

use super::checkpoint::Checkpoint;
use super::control::{Control, Gate};
use super::device::OpenedEngine;
use super::error::TrainError;
use super::evaluate::{self, EvaluationFigures};
use super::ghosts::Ghosts;
use super::host::{Host, RunEvent};
use super::losses::Losses;
use super::memory;
use super::optimizer::Adam;
use super::pace::{Pace, evaluation_work, training_work};
use super::passes::MeasuredPasses;
use super::smooth::SmoothLoss;
use super::step;
use crate::augment::batch::{Batch, Batcher};
use crate::data::{Dataset, Selection};
use crate::experiment::Experiment;
use crate::model::{NamedTensor, Network};
use crate::progress::{RunStage, StepPoint};
use crate::record::{EpochPredictions, EpochRow, ModelInfo, Outcome, RunRecord, TtaResult};
use crate::saved::SavedModel;
use crate::schedule::{EpochPlan, Hyper, ONE_RATE, Schedule};
use crate::tta::{self, Combine};
use burn::module::Module as _;
use burn::optim::GradientsParams;
use std::collections::HashMap;
use std::sync::Arc;

/// Images of one forward pass outside training.
const EVALUATION_BATCH: usize = 64;

/// What to run.
pub struct Job {
    /// The experiment, as asked for.
    pub experiment: Experiment,
    /// The data set, stored at the size that the experiment needs.
    pub dataset: Arc<Dataset>,
    /// Where to go on, if the run was begun before.
    pub resume: Option<Checkpoint>,
    /// The saved model that the experiment starts from, where its `init` names one.
    pub init: Option<Arc<SavedModel>>,
}

/// Trains, validates after each epoch, and applies TTA at the end.
///
/// Yields to the host once a batch. What was lost with a crash, it goes over again to the
/// same result. Dropping the future between two batches is
/// safe and loses what the last checkpoint does not hold.
///
/// # Errors
///
/// See [`TrainError`]. A run that is stopped after its first epoch, or that
/// diverges after it, gives the record of the epochs that ended.
pub async fn run<H: Host>(
    job: Job,
    engine: &OpenedEngine,
    control: &Control,
    host: &mut H,
) -> Result<RunRecord, TrainError> {
    let mut run = RunLoop::prepare(job, engine, control, host)?;
    let outcome = match run.train().await {
        Ok(()) => Outcome::Finished,
        Err(TrainError::Stopped) if !run.epochs.is_empty() => Outcome::Stopped,
        Err(TrainError::NonFinite { .. }) if !run.epochs.is_empty() => Outcome::Diverged,
        Err(TrainError::OutOfMemory { why, .. }) => {
            let fits = memory::smaller(run.batcher.batch_size() as u32);
            return Err(TrainError::OutOfMemory { why, fits });
        }
        Err(error) => return Err(error),
    };
    let tta = match outcome {
        Outcome::Finished if run.experiment.tta > 0 => match run.test_time_augmentation().await {
            Err(TrainError::Stopped) => return Ok(run.end(Outcome::Stopped, None)),
            result => Some(result?),
        },
        _ => None,
    };
    Ok(run.end(outcome, tta))
}

struct RunLoop<'a, H> {
    experiment: Experiment,
    dataset: Arc<Dataset>,
    selection: Arc<Selection>,
    batcher: Batcher,
    normalization: Option<[[f64; 3]; 2]>,
    plan: Schedule,
    model: ModelInfo,
    network: Network,
    optimizer: Adam,
    /// Where the experiment asks for ghost batches.
    ghosts: Option<Ghosts>,
    engine: &'a OpenedEngine,
    control: &'a Control,
    host: &'a mut H,
    pace: Pace,
    losses: Losses,
    epochs: Vec<EpochRow>,
    resumed: usize,
    /// Batches trained of the epoch under way.
    batch: usize,
    /// Seconds of the run at which the epoch, or test-time augmentation, began.
    begun: f64,
    /// Seconds that it had taken before the run was resumed.
    spent: f64,
    /// Seconds of the run at its last checkpoint.
    last_checkpoint: f64,
    /// Log-probabilities of the last validation, in the order of the selection.
    predictions: Vec<f32>,
    /// Of the pass over the validation images under way, as far as it is.
    pass: Vec<f32>,
    /// Of the augmented passes that ended.
    augmented: Vec<Vec<f32>>,
    /// The network after the last epoch that ended.
    weights: Vec<NamedTensor>,
    /// The predictions after each epoch.
    epoch_predictions: Vec<EpochPredictions>,
    training: f64,
    images: f64,
}

impl<H: Host> RunLoop<'_, H> {
    async fn train(&mut self) -> Result<(), TrainError> {
        let plans: Vec<EpochPlan> = self.plan.epochs.iter().skip(self.resumed).cloned().collect();
        for plan in &plans {
            self.begin();
            if plan.fresh_optimizer && self.batch == 0 {
                self.optimizer = Adam::new();
                self.losses.smooth = SmoothLoss::default();
            }
            self.train_epoch(plan).await?;
            let figures = self.validate(plan).await?;
            self.send_progress(plan, self.batcher.batches_per_epoch(), RunStage::Validate);
            let now = self.elapsed();
            let row = EpochRow {
                epoch: plan.epoch,
                phase: plan.phase,
                size: plan.size,
                train_loss: self.losses.smooth.value(),
                valid_loss: figures.loss,
                nll: figures.nll,
                accuracy: figures.accuracy,
                seconds: now - self.begun,
            };
            self.batch = 0;
            self.epochs.push(row);
            let labels = &self.selection.valid_labels;
            self.epoch_predictions.push(evaluate::epoch_predictions(&self.predictions, labels));
            let checkpoint = self.checkpoint().await?;
            self.host.event(RunEvent::EpochEnded { row, checkpoint });
        }
        Ok(())
    }

    /// Seconds so far, paused time excluded.
    fn elapsed(&self) -> f64 {
        self.pace.elapsed(self.host.seconds())
    }

    /// Notes that an epoch, or test-time augmentation, begins or is resumed.
    fn begin(&mut self) {
        self.begun = self.elapsed() - std::mem::take(&mut self.spent);
    }

    async fn train_epoch(&mut self, plan: &EpochPlan) -> Result<(), TrainError> {
        self.network = self.network.clone().freeze_convolutions(plan.frozen);
        self.optimizer.set_rates(if plan.rates == ONE_RATE {
            HashMap::new()
        } else {
            self.network.rates(self.experiment.model, plan.rates)
        });
        let classes = self.dataset.classes.len();
        for batch_index in self.batch..self.batcher.batches_per_epoch() {
            self.gate(Gate::Batch, plan, batch_index, RunStage::Train).await?;
            let begun = self.host.seconds();
            let Hyper { lr, momentum } = plan.at(batch_index as u32);
            let batch = self.batcher.train(plan.epoch, batch_index as u32, plan.size);
            let len = batch.len;
            let (loss, grads) = if let Some(ghosts) = &self.ghosts {
                let network = self.network.clone();
                let (loss, grads, network) =
                    ghosts.step(network, &batch, plan.frozen, self.host).await?;
                self.network = network;
                (loss, grads)
            } else {
                self.optimizer.prepare(lr, momentum, &self.engine.device);
                let loss = step::loss(&self.network, batch, classes, &self.engine.device);
                let grads = GradientsParams::from_grads(loss.backward(), &self.network);
                (loss.inner(), grads)
            };
            let index = plan.epoch * self.batcher.batches_per_epoch() as u32 + batch_index as u32;
            let point = StepPoint {
                step: index,
                epoch: f64::from(plan.epoch)
                    + (batch_index + 1) as f64 / self.batcher.batches_per_epoch() as f64,
                loss: f64::NAN,
                smooth_loss: f64::NAN,
                lr,
                momentum,
            };
            self.losses.add(point, loss);
            self.network = self.optimizer.step(self.network.clone(), grads, lr, momentum);
            self.losses.read_ready().await?;
            self.pace.work(training_work(len as u32, plan.size));
            self.training += self.host.seconds() - begun;
            self.images += len as f64;
            self.batch = batch_index + 1;
            self.send_progress_if_due(plan, batch_index + 1, RunStage::Train);
        }
        let begun = self.host.seconds();
        self.losses.read_all().await?;
        self.training += self.host.seconds() - begun;
        Ok(())
    }

    async fn validate(&mut self, plan: &EpochPlan) -> Result<EvaluationFigures, TrainError> {
        let network = self.network.valid();
        self.predictions = self
            .evaluate(&network, plan, RunStage::Validate, |batcher, range| {
                batcher.valid(plan.size, range)
            })
            .await?;
        let labels = &self.selection.valid_labels;
        Ok(evaluate::figures(&self.predictions, labels, self.experiment.ls))
    }

    async fn test_time_augmentation(&mut self) -> Result<(TtaResult, Vec<f32>), TrainError> {
        let Some(plan) = self.plan.epochs.last().cloned() else {
            return Err(TrainError::Data("the experiment has no epochs".into()));
        };
        self.begin();
        let network = self.network.valid();
        let passes = self.experiment.tta;
        for pass in self.augmented.len() as u32..passes {
            let view = |batcher: &mut Batcher, range| batcher.tta(pass, plan.size, range);
            let rows = self.evaluate(&network, &plan, RunStage::Tta, view).await?;
            self.augmented.push(rows);
        }
        let augmented = std::mem::take(&mut self.augmented);
        let how = Combine::of(&self.experiment);
        let combined = tta::combine(&self.predictions, &augmented, how);
        let figures = evaluate::figures(&combined, &self.selection.valid_labels, 0.0);
        let seconds = self.elapsed() - self.begun;
        let plain = self.predictions.clone();
        self.host.event(RunEvent::Augmented(MeasuredPasses { plain, augmented, seconds }));
        Ok((TtaResult { accuracy: figures.accuracy, passes: passes + 1, seconds }, combined))
    }

    async fn evaluate(
        &mut self,
        network: &Network,
        plan: &EpochPlan,
        stage: RunStage,
        mut view: impl FnMut(&mut Batcher, std::ops::Range<usize>) -> Batch,
    ) -> Result<Vec<f32>, TrainError> {
        let images = self.selection.valid.len();
        let seen = self.pass.len() / self.dataset.classes.len().max(1);
        for start in (seen..images).step_by(EVALUATION_BATCH) {
            let batches = self.batcher.batches_per_epoch();
            self.gate(Gate::Evaluation, plan, batches, stage).await?;
            let batch = view(&mut self.batcher, start..images.min(start + EVALUATION_BATCH));
            let (len, size) = (batch.len, batch.size as usize);
            let device = &self.engine.device;
            let rows =
                evaluate::log_probabilities(network, batch.pixels, len, size, device).await?;
            self.pass.extend(rows);
            self.pace.work(evaluation_work(len as u32, plan.size));
            self.send_progress_if_due(plan, batches, stage);
        }
        let all = std::mem::take(&mut self.pass);
        if all.iter().any(|value| value.is_nan()) {
            return Err(TrainError::NonFinite {
                step: (plan.epoch + 1) * self.batcher.batches_per_epoch() as u32,
            });
        }
        self.engine.device.memory_cleanup();
        Ok(all)
    }
}
