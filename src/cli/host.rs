//! A run in the terminal: a progress bar, fastai's epoch table, and its checkpoints.

use super::checkpoint::Keeper;
use super::print;
use crate::format;
use crate::progress::{RunPlan, RunProgress, RunStage};
use crate::record::{EpochRow, RunRecord};
use crate::saved::SavedModel;
use crate::train::checkpoint::Checkpoint;
use crate::train::error::TrainError;
use crate::train::host::{Host, RunEvent};
use crate::train::shards::{Gradient, Replica, ShardWork};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Instant, SystemTime};

/// Resolution of the progress bar.
const TICKS: u64 = 1000;

pub(super) struct Terminal<'a> {
    quiet: bool,
    started: Instant,
    bar: ProgressBar,
    plan: Option<RunPlan>,
    rows: usize,
    /// Where checkpoints are kept, if anywhere.
    keeper: Option<&'a Keeper>,
    /// True if there is a checkpoint.
    kept: bool,
    /// True once somebody was told that checkpoints cannot be written.
    told: bool,
    /// The epochs of the checkpoint that the run goes on from, if it does.
    earlier: Option<Vec<EpochRow>>,
    /// The model that the run trained, once it is over.
    pub(super) trained: Option<Arc<SavedModel>>,
    /// One for each thread that computes shards of a batch.
    replicas: Vec<Replica>,
}

impl<'a> Terminal<'a> {
    /// A run that keeps its checkpoints with `keeper`, and goes on from `resume`.
    pub(super) fn new(
        quiet: bool,
        keeper: Option<&'a Keeper>,
        resume: Option<&Checkpoint>,
    ) -> Self {
        let style =
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(TICKS).with_style(style);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self {
            quiet,
            started: Instant::now(),
            bar,
            plan: None,
            rows: 0,
            keeper,
            kept: resume.is_some(),
            told: false,
            earlier: resume.map(|checkpoint| checkpoint.state.epochs.clone()),
            trained: None,
            replicas: Vec::new(),
        }
    }

    /// Prints what the whole run came to.
    pub(super) fn finish(&self, record: &RunRecord) {
        self.bar.finish_and_clear();
        if self.quiet {
            let accuracy = record.tta.map_or(record.accuracy, |tta| tta.accuracy);
            print::line(&format!("{accuracy:.6}"));
            return;
        }
        if let Some(tta) = record.tta {
            print::line(&format!(
                "TTA: accuracy {} after {} passes, {}",
                format::metric(tta.accuracy),
                tta.passes,
                format::duration(tta.seconds)
            ));
        }
        print::line(&format!(
            "{:.0} images/s in training, {}",
            record.images_per_second, record.adapter
        ));
    }

    /// Where the state of the run is, if it could go on from there.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.keeper.filter(|_| self.kept).map(Keeper::path)
    }

    fn keep(&mut self, checkpoint: &[u8]) {
        match self.keeper.map(|keeper| keeper.save(checkpoint)) {
            Some(Ok(())) => self.kept = true,
            Some(Err(error)) if !self.told => {
                self.told = true;
                let note = format!("{error:#}; the run goes on without");
                self.bar.suspend(|| print::note(&note));
            }
            Some(Err(_)) | None => {}
        }
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| print::line(line));
        }
    }

    fn started(&mut self, plan: RunPlan) {
        self.say(&plan.link);
        self.say(&format!(
            "{} parameters, {} MMAC/image; {} training and {} validation images; {}",
            plan.model.params,
            plan.model.macs / 1_000_000,
            plan.train,
            plan.valid,
            plan.engine_reason
        ));
        for notice in &plan.notices {
            self.say(&format!("note: {notice}"));
        }
        if plan.noise_rate > 0.0 {
            self.say(&format!(
                "{} of the training labels are wrong",
                format::percent(plan.noise_rate)
            ));
        }
        let (epochs, path) = (plan.epochs, self.keeper.map(|keeper| keeper.path().display()));
        let at = path.map_or_else(|| "a checkpoint".to_owned(), |path| path.to_string());
        self.plan = Some(plan);
        match self.earlier.take() {
            Some(rows) => {
                self.say(&format!(
                    "going on from {at}: {} of {epochs} epochs are over",
                    rows.len()
                ));
                rows.iter().for_each(|row| self.row(row));
            }
            None if self.keeper.is_some() => {
                self.say(&format!("if this is interrupted, the same command goes on from {at}"));
            }
            None => {}
        }
    }

    fn progress(&self, progress: &RunProgress) {
        let Some(plan) = &self.plan else { return };
        self.bar.set_position((progress.fraction * TICKS as f64) as u64);
        let stage = match progress.stage {
            RunStage::Train => format!("batch {}/{}", progress.batch, plan.batches),
            RunStage::Validate => "validating".into(),
            RunStage::Tta => "TTA".into(),
        };
        let remaining = progress.remaining.map_or_else(|| "?".into(), format::duration);
        let loss = progress
            .points
            .last()
            .map_or_else(String::new, |point| format!(", loss {:.4}", point.smooth_loss));
        self.bar.set_message(format!(
            "{:.2}% [{}/{} {}<{}] {stage}{loss}",
            100.0 * progress.fraction,
            progress.epoch,
            plan.epochs,
            format::duration(progress.elapsed),
            remaining,
        ));
    }

    fn row(&mut self, row: &EpochRow) {
        if self.rows == 0 {
            self.say("epoch  size  train_loss  valid_loss  nll       accuracy  time");
        }
        self.rows += 1;
        self.say(&format!(
            "{:<5}  {:<4}  {:<10}  {:<10}  {:<8}  {:<8}  {}",
            row.epoch,
            row.size,
            format::metric(row.train_loss),
            format::metric(row.valid_loss),
            format::metric(row.nll),
            format::metric(row.accuracy),
            format::duration(row.seconds),
        ));
    }
}

impl Host for Terminal<'_> {
    fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(plan) => self.started(plan),
            RunEvent::Progress(progress) => self.progress(&progress),
            RunEvent::EpochEnded { row, checkpoint } => {
                self.keep(&checkpoint);
                self.row(&row);
            }
            RunEvent::Checkpoint(checkpoint) => self.keep(&checkpoint),
            RunEvent::Trained(model) => self.trained = Some(model),
            RunEvent::Augmented(_) | RunEvent::Paused | RunEvent::Resumed => {}
        }
    }

    async fn breathe(&mut self) {}

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    async fn gradients(&mut self, work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
        if self.replicas.is_empty() {
            let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let threads = cores.min(work.shards.len());
            self.replicas.extend((0..threads).map(|_| work.replica.again()));
        }
        on_threads(&self.replicas, work)
    }

    fn date(&self) -> String {
        date()
    }
}

/// The shards of a batch, each replica on a thread of its own.
fn on_threads(replicas: &[Replica], work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
    let threads = replicas.len().max(1);
    let mine = |thread: usize| work.shards.iter().skip(thread).step_by(threads);
    let parts: Vec<Result<Vec<Gradient>, TrainError>> = thread::scope(|scope| {
        let compute = |(number, replica): (usize, &Replica)| {
            mine(number)
                .map(|shard| {
                    let gradient = replica.gradient(&work.state, work.frozen, shard);
                    pollster::block_on(gradient)
                })
                .collect()
        };
        let running: Vec<_> =
            replicas.iter().enumerate().map(|it| scope.spawn(move || compute(it))).collect();
        running
            .into_iter()
            .map(|it| {
                let broke = || TrainError::DeviceLost("a thread of the CPU engine ended".into());
                it.join().unwrap_or_else(|_| Err(broke()))
            })
            .collect()
    });
    let mut parts =
        parts.into_iter().map(|it| it.map(Vec::into_iter)).collect::<Result<Vec<_>, _>>()?;
    let order = (0..work.shards.len()).filter_map(|index| parts[index % threads].next());
    Ok(order.collect())
}

/// The date and time, as [`Host::date`] wants it.
pub(super) fn date() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
