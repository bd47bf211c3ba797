//! A run in the terminal: a progress bar, fastai's epoch table, and its checkpoints.

use super::checkpoint::CheckpointFile;
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
    /// Where checkpoints are written, if anywhere.
    checkpoint_file: Option<&'a CheckpointFile>,
    /// True if there is a checkpoint.
    has_checkpoint: bool,
    /// True once the user was warned that checkpoints cannot be written.
    warned: bool,
    /// The epochs of the checkpoint that the run resumes from, if any.
    earlier: Option<Vec<EpochRow>>,
    /// The model that the run trained, once it is over.
    pub(super) trained: Option<Arc<SavedModel>>,
    /// One for each thread that computes shards of a batch.
    replicas: Vec<Replica>,
}

impl<'a> Terminal<'a> {
    /// A run that writes its checkpoints to `checkpoint_file`, and resumes from `resume`.
    pub(super) fn new(
        quiet: bool,
        checkpoint_file: Option<&'a CheckpointFile>,
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
            checkpoint_file,
            has_checkpoint: resume.is_some(),
            warned: false,
            earlier: resume.map(|checkpoint| checkpoint.state.epochs.clone()),
            trained: None,
            replicas: Vec::new(),
        }
    }

    /// Prints the result of the whole run.
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

    /// The checkpoint from which the run could resume, if there is one.
    pub(super) fn checkpoint_path(&self) -> Option<&Path> {
        self.checkpoint_file.filter(|_| self.has_checkpoint).map(CheckpointFile::path)
    }

    fn save_checkpoint(&mut self, checkpoint: &[u8]) {
        match self.checkpoint_file.map(|checkpoint_file| checkpoint_file.save(checkpoint)) {
            Some(Ok(())) => self.has_checkpoint = true,
            Some(Err(error)) if !self.warned => {
                self.warned = true;
                let note = format!("{error:#}; the run goes on without");
                self.bar.suspend(|| print::note(&note));
            }
            Some(Err(_)) | None => {}
        }
    }

    fn print(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| print::line(line));
        }
    }

    fn started(&mut self, plan: RunPlan) {
        self.print(&plan.link);
        self.print(&format!(
            "{} parameters, {} MMAC/image; {} training and {} validation images; {}",
            plan.model.params,
            plan.model.macs / 1_000_000,
            plan.train,
            plan.valid,
            plan.engine_reason
        ));
        for notice in &plan.notices {
            self.print(&format!("note: {notice}"));
        }
        if plan.noise_rate > 0.0 {
            self.print(&format!(
                "{} of the training labels are wrong",
                format::percent(plan.noise_rate)
            ));
        }
        let (epochs, path) = (
            plan.epochs,
            self.checkpoint_file.map(|checkpoint_file| checkpoint_file.path().display()),
        );
        let at = path.map_or_else(|| "a checkpoint".to_owned(), |path| path.to_string());
        self.plan = Some(plan);
        match self.earlier.take() {
            Some(rows) => {
                self.print(&format!(
                    "going on from {at}: {} of {epochs} epochs are over",
                    rows.len()
                ));
                rows.iter().for_each(|row| self.row(row));
            }
            None if self.checkpoint_file.is_some() => {
                self.print(&format!("if this is interrupted, the same command goes on from {at}"));
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
            self.print("epoch  size  train_loss  valid_loss  nll       accuracy  time");
        }
        self.rows += 1;
        self.print(&format!(
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
                self.save_checkpoint(&checkpoint);
                self.row(&row);
            }
            RunEvent::Checkpoint(checkpoint) => self.save_checkpoint(&checkpoint),
            RunEvent::Trained(model) => self.trained = Some(model),
            RunEvent::Augmented(_) | RunEvent::Paused | RunEvent::Resumed => {}
        }
    }

    async fn handle_events(&mut self) {}

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    async fn gradients(&mut self, work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
        if self.replicas.is_empty() {
            let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let threads = cores.min(work.shards.len());
            self.replicas.extend((0..threads).map(|_| work.replica.duplicate()));
        }
        on_threads(&self.replicas, work)
    }

    fn date(&self) -> String {
        date()
    }
}

/// Computes the shards of a batch, each replica on its own thread.
fn on_threads(replicas: &[Replica], work: &ShardWork<'_>) -> Result<Vec<Gradient>, TrainError> {
    let threads = replicas.len().max(1);
    let shards_of = |thread: usize| work.shards.iter().skip(thread).step_by(threads);
    let parts: Vec<Result<Vec<Gradient>, TrainError>> = thread::scope(|scope| {
        let compute = |(number, replica): (usize, &Replica)| {
            shards_of(number)
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
