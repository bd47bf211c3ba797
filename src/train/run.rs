//! One run: from an experiment and a data set to a record.

use super::checkpoint::{Checkpoint, RunState};
use super::control::{Control, Flow, Gate};
use super::device::Opened;
use super::error::TrainError;
use super::evaluate::{self, Figures};
use super::ghosts::Ghosts;
use super::host::{Host, RunEvent};
use super::losses::Losses;
use super::optimizer::Adam;
use super::pace::{Pace, evaluation_work, training_work};
use super::passes::Passes;
use super::setup::{Setup, classes, told};
use super::smooth::SmoothLoss;
use super::step;
use crate::augment::batch::{Batch, Batcher};
use crate::data::{Dataset, Selection};
use crate::experiment::Experiment;
use crate::model::{self, ImportError, NamedTensor, Network, ReadError};
use crate::protocol::{BUILD_ID, RunPlan, RunProgress, Stage, StepPoint};
use crate::record::{
    self, DatasetInfo, EpochPredictions, EpochRow, ModelInfo, Outcome, Predictions, RunRecord,
    TtaResult,
};
use crate::saved::{About, SavedModel};
use crate::schedule::{EpochPlan, Hyper, ONE_RATE, Plan};
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
/// Yields to the host once a batch. Dropping the future between two batches is
/// safe and loses what the last checkpoint does not hold.
///
/// # Errors
///
/// See [`TrainError`]. A run that is stopped after its first epoch, or that
/// diverges after it, gives the record of the epochs that ended.
pub async fn run<H: Host>(
    job: Job,
    engine: &Opened,
    control: &Control,
    host: &mut H,
) -> Result<RunRecord, TrainError> {
    let mut run = Run::prepare(job, engine, control, host)?;
    let outcome = match run.train().await {
        Ok(()) => Outcome::Finished,
        Err(TrainError::Stopped) if !run.epochs.is_empty() => Outcome::Stopped,
        Err(TrainError::NonFinite { .. }) if !run.epochs.is_empty() => Outcome::Diverged,
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

struct Run<'a, H> {
    experiment: Experiment,
    dataset: Arc<Dataset>,
    selection: Arc<Selection>,
    batcher: Batcher,
    normalization: Option<[[f64; 3]; 2]>,
    plan: Plan,
    model: ModelInfo,
    network: Network,
    optimizer: Adam,
    /// Where the experiment asks for ghost batches.
    ghosts: Option<Ghosts>,
    engine: &'a Opened,
    control: &'a Control,
    host: &'a mut H,
    pace: Pace,
    losses: Losses,
    epochs: Vec<EpochRow>,
    resumed: usize,
    /// Log-probabilities of the last validation, in the order of the selection.
    predictions: Vec<f32>,
    /// The network after the last epoch that ended.
    weights: Vec<NamedTensor>,
    /// What was said after each epoch; fewer than the rows only after going on from
    /// a checkpoint that had none.
    said: Vec<EpochPredictions>,
    training: f64,
    images: f64,
}

impl<'a, H: Host> Run<'a, H> {
    fn prepare(
        job: Job,
        engine: &'a Opened,
        control: &'a Control,
        host: &'a mut H,
    ) -> Result<Self, TrainError> {
        let setup = Setup::new(&job.experiment, job.dataset, job.init)?;
        setup.check_pixels()?;
        let device = engine.device.clone().autodiff();
        let mut network = setup.network(&device)?;
        let Setup { experiment, dataset, selection, batcher, stats, notices, .. } = setup;
        let batches = batcher.batches_per_epoch();
        let plan = Plan::new(&experiment, batches as u32);

        let classes = dataset.classes.len();
        let summary = model::summary(experiment.model, classes, experiment.final_size() as usize);
        let mut weights = Vec::new();
        let mut optimizer = Adam::new();
        let on_cpu = engine.engine == "cpu";
        let mut losses = Losses::new(on_cpu);
        let (mut epochs, mut said) = (Vec::new(), Vec::new());
        let (mut elapsed, mut training, mut images) = (0.0, 0.0, 0.0);
        if let Some(Checkpoint { state, tensors, epochs: before }) = job.resume {
            if state.link != experiment.link() || state.dataset != dataset.hash {
                return Err(TrainError::Checkpoint(
                    "the checkpoint belongs to another experiment or data set".into(),
                ));
            }
            let (moments, kept): (Vec<_>, Vec<_>) =
                tensors.into_iter().partition(|tensor| tensor.name.starts_with("adam."));
            weights = kept;
            let unfit = |error: ImportError| TrainError::Checkpoint(error.to_string());
            network = network.import(&weights).map_err(unfit)?;
            optimizer = Adam::import(&network, &moments).map_err(unfit)?;
            losses.smooth = SmoothLoss::from_parts(state.smooth);
            epochs = state.epochs;
            said = before;
            (elapsed, training, images) = (state.elapsed, state.training, state.images);
        }

        let ghosts = (experiment.gbs > 0).then(|| {
            let size = experiment.gbs as usize;
            Ghosts::new(size, experiment.model, classes, &engine.device, on_cpu)
        });

        let seen = (batcher.batch_size() * batches) as u32;
        let valid = selection.valid.len() as u32;
        let work = |epoch: &EpochPlan| {
            training_work(seen, epoch.size) + evaluation_work(valid, epoch.size)
        };
        let inherited = plan.epochs.iter().take(epochs.len()).map(work).sum();
        let tta = f64::from(experiment.tta) * evaluation_work(valid, experiment.final_size());
        let total = plan.epochs.iter().map(work).sum::<f64>() + tta;

        let run = Self {
            model: ModelInfo {
                name: experiment.model.name().into(),
                params: summary.params,
                macs: summary.macs,
            },
            pace: Pace::start(total, inherited, elapsed, host.seconds()),
            resumed: epochs.len(),
            predictions: Vec::new(),
            weights,
            normalization: told(stats),
            said,
            experiment,
            dataset,
            selection,
            batcher,
            plan,
            network,
            optimizer,
            ghosts,
            engine,
            control,
            host,
            losses,
            epochs,
            training,
            images,
        };
        run.host.event(RunEvent::Started(RunPlan {
            link: run.experiment.link(),
            engine: engine.engine.into(),
            adapter: engine.adapter.clone(),
            engine_reason: engine.reason.clone(),
            model: run.model.clone(),
            epochs: run.plan.epochs.len() as u32,
            batches: batches as u32,
            batch_size: run.batcher.batch_size() as u32,
            train: run.selection.train.len() as u32,
            valid,
            noise_rate: run.selection.noise_rate,
            normalization: run.normalization,
            notices,
            resumed_epochs: run.resumed as u32,
        }));
        Ok(run)
    }

    async fn train(&mut self) -> Result<(), TrainError> {
        let plans: Vec<EpochPlan> = self.plan.epochs.iter().skip(self.resumed).cloned().collect();
        if plans.is_empty()
            && let Some(last) = self.plan.epochs.last().cloned()
        {
            // Resumed after its last epoch: the predictions are not in the checkpoint.
            self.validate(&last).await?;
        }
        for plan in &plans {
            let begun = self.pace.elapsed(self.host.seconds());
            if plan.fresh_optimizer {
                self.optimizer = Adam::new();
                self.losses.smooth = SmoothLoss::default();
            }
            self.train_epoch(plan).await?;
            let figures = self.validate(plan).await?;
            self.send_progress(plan, self.batcher.batches_per_epoch(), Stage::Validate);
            let now = self.pace.elapsed(self.host.seconds());
            let row = EpochRow {
                epoch: plan.epoch,
                phase: plan.phase,
                size: plan.size,
                train_loss: self.losses.smooth.value(),
                valid_loss: figures.loss,
                nll: figures.nll,
                accuracy: figures.accuracy,
                seconds: now - begun,
            };
            self.epochs.push(row);
            let labels = &self.selection.valid_labels;
            self.said.push(evaluate::epoch_predictions(&self.predictions, labels));
            let checkpoint = self.checkpoint(now).await?;
            self.host.event(RunEvent::EpochEnded { row, checkpoint });
        }
        Ok(())
    }

    async fn train_epoch(&mut self, plan: &EpochPlan) -> Result<(), TrainError> {
        self.network = self.network.clone().freeze_convolutions(plan.frozen);
        self.optimizer.set_rates(if plan.rates == ONE_RATE {
            HashMap::new()
        } else {
            self.network.rates(self.experiment.model, plan.rates)
        });
        let classes = self.dataset.classes.len();
        for batch_index in 0..self.batcher.batches_per_epoch() {
            self.gate(Gate::Batch, plan, batch_index, Stage::Train).await?;
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
            self.tell(plan, batch_index + 1, Stage::Train);
        }
        let begun = self.host.seconds();
        self.losses.read_all().await?;
        self.training += self.host.seconds() - begun;
        Ok(())
    }

    async fn validate(&mut self, plan: &EpochPlan) -> Result<Figures, TrainError> {
        let network = self.network.valid();
        self.predictions = self
            .evaluate(&network, plan, Stage::Validate, |batcher, range| {
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
        let begun = self.pace.elapsed(self.host.seconds());
        let network = self.network.valid();
        let passes = self.experiment.tta;
        let mut augmented = Vec::with_capacity(passes as usize);
        for pass in 0..passes {
            let view = |batcher: &mut Batcher, range| batcher.tta(pass, plan.size, range);
            augmented.push(self.evaluate(&network, &plan, Stage::Tta, view).await?);
        }
        let how = Combine::of(&self.experiment);
        let combined = tta::combine(&self.predictions, &augmented, how);
        let figures = evaluate::figures(&combined, &self.selection.valid_labels, 0.0);
        let seconds = self.pace.elapsed(self.host.seconds()) - begun;
        let plain = self.predictions.clone();
        self.host.event(RunEvent::Augmented(Passes { plain, augmented, seconds }));
        Ok((TtaResult { accuracy: figures.accuracy, passes: passes + 1, seconds }, combined))
    }

    async fn evaluate(
        &mut self,
        network: &Network,
        plan: &EpochPlan,
        stage: Stage,
        mut view: impl FnMut(&mut Batcher, std::ops::Range<usize>) -> Batch,
    ) -> Result<Vec<f32>, TrainError> {
        let images = self.selection.valid.len();
        let mut all = Vec::with_capacity(images * self.dataset.classes.len());
        for start in (0..images).step_by(EVALUATION_BATCH) {
            let batches = self.batcher.batches_per_epoch();
            self.gate(Gate::Evaluation, plan, batches, stage).await?;
            let batch = view(&mut self.batcher, start..images.min(start + EVALUATION_BATCH));
            let (len, size) = (batch.len, batch.size as usize);
            let device = &self.engine.device;
            let rows =
                evaluate::log_probabilities(network, batch.pixels, len, size, device).await?;
            all.extend(rows);
            self.pace.work(evaluation_work(len as u32, plan.size));
            self.tell(plan, batches, stage);
        }
        if all.iter().any(|value| value.is_nan()) {
            return Err(TrainError::NonFinite {
                step: (plan.epoch + 1) * self.batcher.batches_per_epoch() as u32,
            });
        }
        self.engine.device.memory_cleanup();
        Ok(all)
    }

    /// Lets the host breathe, then passes, holds or ends, as the control says.
    async fn gate(
        &mut self,
        gate: Gate,
        plan: &EpochPlan,
        batch: usize,
        stage: Stage,
    ) -> Result<(), TrainError> {
        self.host.breathe().await;
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

    fn tell(&mut self, plan: &EpochPlan, batch: usize, stage: Stage) {
        if self.pace.due(self.host.seconds()) {
            self.send_progress(plan, batch, stage);
        }
    }

    fn send_progress(&mut self, plan: &EpochPlan, batch: usize, stage: Stage) {
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

    async fn checkpoint(&mut self, now: f64) -> Result<Vec<u8>, TrainError> {
        let lost = |error: ReadError| TrainError::DeviceLost(error.reason);
        let mut tensors = self.network.export_async().await.map_err(lost)?;
        self.weights.clone_from(&tensors);
        tensors.extend(self.optimizer.export_async(&self.network).await.map_err(lost)?);
        let state = RunState {
            link: self.experiment.link(),
            dataset: self.dataset.hash.clone(),
            epochs: self.epochs.clone(),
            smooth: self.losses.smooth.parts(),
            elapsed: now,
            training: self.training,
            images: self.images,
        };
        Ok(Checkpoint { state, tensors, epochs: self.said.clone() }.to_bytes())
    }

    /// Hands over the trained model, then makes the record.
    fn end(mut self, outcome: Outcome, tta: Option<(TtaResult, Vec<f32>)>) -> RunRecord {
        if let Some(last) = self.epochs.last() {
            let about = About {
                link: self.experiment.link(),
                model: self.model.name.clone(),
                classes: classes(&self.dataset),
                normalization: self.normalization,
                size: last.size,
                accuracy: last.accuracy,
                epochs: self.epochs.len() as u32,
                dataset: self.dataset.name.clone(),
                build: BUILD_ID.into(),
            };
            let tensors = std::mem::take(&mut self.weights);
            self.host.event(RunEvent::Trained(Arc::new(SavedModel { about, tensors })));
        }
        self.record(outcome, tta)
    }

    fn record(self, outcome: Outcome, tta: Option<(TtaResult, Vec<f32>)>) -> RunRecord {
        let (tta, tta_predictions) = tta.unzip();
        // A run that was stopped in the middle of an epoch has no validation of
        // its present weights; its predictions are those of the last full epoch.
        let predictions = Predictions {
            images: self.selection.valid.clone(),
            labels: self.selection.valid_labels.clone(),
            plain: self.predictions,
            tta: tta_predictions,
            epochs: if self.said.len() == self.epochs.len() { self.said } else { Vec::new() },
        };
        RunRecord {
            format: record::FORMAT,
            numerics: record::NUMERICS,
            build: BUILD_ID.into(),
            date: self.host.date(),
            outcome,
            link: self.experiment.link(),
            dataset: DatasetInfo {
                name: self.dataset.name.clone(),
                train: self.selection.train.len() as u32,
                valid: self.selection.valid.len() as u32,
                hash: self.dataset.hash.clone(),
            },
            engine: self.engine.engine.into(),
            adapter: self.engine.adapter.clone(),
            model: self.model,
            accuracy: self.epochs.last().map_or(0.0, |row| row.accuracy),
            epochs: self.epochs,
            tta,
            images_per_second: self.images / self.training.max(f64::EPSILON),
            log_probabilities: (!predictions.plain.is_empty()).then_some(predictions),
        }
    }
}
