//! Prepares a run from its start or from a checkpoint.

use super::{Job, RunLoop};
use crate::cost::memory::Load;
use crate::data::Dataset;
use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::model::{self, ImportError};
use crate::progress::RunPlan;
use crate::record::ModelInfo;
use crate::schedule::{EpochPlan, Schedule};
use crate::text;
use crate::train::checkpoint::{Checkpoint, RunState};
use crate::train::control::Control;
use crate::train::device::OpenedEngine;
use crate::train::error::TrainError;
use crate::train::ghosts::Ghosts;
use crate::train::host::{Host, RunEvent};
use crate::train::losses::Losses;
use crate::train::optimizer::Adam;
use crate::train::pace::{Pace, evaluation_work, training_work};
use crate::train::setup::{Setup, to_f64};
use crate::train::smooth::SmoothLoss;

impl<'a, H: Host> RunLoop<'a, H> {
    pub(super) fn prepare(
        job: Job,
        engine: &'a OpenedEngine,
        control: &'a Control,
        host: &'a mut H,
    ) -> Result<Self, TrainError> {
        let setup = Setup::new(&job.experiment, job.dataset, job.init)?;
        setup.check_pixels()?;
        let load = Load {
            experiment: &setup.experiment,
            classes: setup.dataset.classes.len(),
            data: setup.dataset.pixel_bytes(),
            train: setup.selection.train.len(),
        };
        load.check(&engine.limits, engine.engine)?;
        let device = engine.device.clone().autodiff();
        let mut network = setup.network(&device)?;
        let Setup { experiment, dataset, selection, batcher, stats, notices, .. } = setup;
        let batches = batcher.batches_per_epoch();
        let plan = Schedule::new(&experiment, batches as u32);

        let classes = dataset.classes.len();
        let summary = model::summary(experiment.model, classes, experiment.final_size() as usize);
        let mut weights = Vec::new();
        let mut optimizer = Adam::new();
        let on_cpu = engine.engine == EngineKind::Cpu;
        let mut losses = Losses::new(on_cpu);
        let resumes = job.resume.is_some();
        let resume = job.resume.unwrap_or_default();
        let Checkpoint {
            state,
            tensors,
            ended,
            predictions,
            pass,
            augmented,
            epochs: epoch_predictions,
        } = resume;
        if resumes {
            check(&state, &experiment, &dataset, engine)?;
            let (moments, present): (Vec<_>, Vec<_>) =
                tensors.into_iter().partition(|tensor| tensor.name.starts_with("adam."));
            let unfit = |error: ImportError| TrainError::Checkpoint(error.to_string());
            network = network.import(&present).map_err(unfit)?;
            optimizer = Adam::import(&network, &moments).map_err(unfit)?;
            losses.smooth = SmoothLoss::from_parts(state.smooth);
            weights = if state.batch > 0 { ended } else { present };
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
        let rows = (valid as usize * classes).max(1);
        let seen_of_pass = (pass.len() / classes.max(1)) as u32;
        let fits = state.batch as usize <= batches
            && state.epochs.len() + usize::from(state.batch > 0) <= plan.epochs.len()
            && pass.len() < rows
            && pass.len().is_multiple_of(classes.max(1))
            && augmented.len() <= experiment.tta as usize
            && augmented.iter().all(|pass| pass.len() == rows)
            && predictions.len() == if state.epochs.is_empty() { 0 } else { rows };
        if resumes && !fits {
            return Err(TrainError::Checkpoint(text::checkpoint_unfit().into()));
        }
        let ended: f64 = plan.epochs.iter().take(state.epochs.len()).map(work).sum();
        let size =
            plan.epochs.get(state.epochs.len()).or(plan.epochs.last()).map_or(0, |it| it.size);
        let trained = state.batch * batcher.batch_size() as u32;
        let evaluated = seen_of_pass + augmented.len() as u32 * valid;
        let inherited = ended + training_work(trained, size) + evaluation_work(evaluated, size);
        let tta = f64::from(experiment.tta) * evaluation_work(valid, experiment.final_size());
        let total = plan.epochs.iter().map(work).sum::<f64>() + tta;

        let run = Self {
            model: ModelInfo {
                name: experiment.model.name().into(),
                params: summary.params,
                macs: summary.macs,
            },
            pace: Pace::start(total, inherited, state.elapsed, host.seconds()),
            resumed: state.epochs.len(),
            batch: state.batch as usize,
            begun: state.elapsed,
            spent: state.spent,
            last_checkpoint: state.elapsed,
            predictions,
            pass,
            augmented,
            weights,
            normalization: to_f64(stats),
            epoch_predictions,
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
            epochs: state.epochs,
            training: state.training,
            images: state.images,
        };
        run.host.event(RunEvent::Started(RunPlan {
            link: run.experiment.link(),
            engine: engine.engine,
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
            resumed_batches: run.batch as u32,
        }));
        Ok(run)
    }
}

/// Whether a checkpoint is of this run.
fn check(
    state: &RunState,
    experiment: &Experiment,
    dataset: &Dataset,
    engine: &OpenedEngine,
) -> Result<(), TrainError> {
    if state.link != experiment.link() || state.dataset != dataset.hash {
        return Err(TrainError::Checkpoint(text::checkpoint_another().into()));
    }
    if state.engine != engine.engine {
        return Err(TrainError::Checkpoint(text::checkpoint_engine(
            &state.engine.to_string(),
            &engine.engine.to_string(),
        )));
    }
    Ok(())
}
