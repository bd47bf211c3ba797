//! A run in the terminal: a progress bar and fastai's epoch table.

use crate::protocol::{RunPlan, RunProgress, Stage};
use crate::record::{EpochRow, RunRecord};
use crate::runs::format;
use crate::saved::SavedModel;
use crate::train::error::TrainError;
use crate::train::host::{Host, RunEvent};
use crate::train::shards::{Gradient, Replica, Work};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::{Instant, SystemTime};

/// Resolution of the progress bar.
const TICKS: u64 = 1000;

pub(super) struct Terminal {
    quiet: bool,
    started: Instant,
    bar: ProgressBar,
    plan: Option<RunPlan>,
    rows: usize,
    /// The model that the run trained, once it is over.
    pub(super) trained: Option<Arc<SavedModel>>,
    /// One for each thread that computes shards of a batch.
    replicas: Vec<Replica>,
}

impl Terminal {
    pub(super) fn new(quiet: bool) -> Self {
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
            trained: None,
            replicas: Vec::new(),
        }
    }

    /// Prints what the whole run came to.
    pub(super) fn finish(&self, record: &RunRecord) {
        self.bar.finish_and_clear();
        if self.quiet {
            let accuracy = record.tta.map_or(record.accuracy, |tta| tta.accuracy);
            println!("{accuracy:.6}");
            return;
        }
        if let Some(tta) = record.tta {
            println!(
                "TTA: accuracy {} after {} passes, {}",
                format::metric(tta.accuracy),
                tta.passes,
                format::duration(tta.seconds)
            );
        }
        println!("{:.0} images/s in training, {}", record.images_per_second, record.adapter);
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| println!("{line}"));
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
        self.plan = Some(plan);
    }

    fn progress(&self, progress: &RunProgress) {
        let Some(plan) = &self.plan else { return };
        self.bar.set_position((progress.fraction * TICKS as f64) as u64);
        let stage = match progress.stage {
            Stage::Train => format!("batch {}/{}", progress.batch, plan.batches),
            Stage::Validate => "validating".into(),
            Stage::Tta => "TTA".into(),
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

impl Host for Terminal {
    fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(plan) => self.started(plan),
            RunEvent::Progress(progress) => self.progress(&progress),
            RunEvent::EpochEnded { row, .. } => self.row(&row),
            RunEvent::Trained(model) => self.trained = Some(model),
            RunEvent::Augmented(_)
            | RunEvent::Checkpoint(_)
            | RunEvent::Paused
            | RunEvent::Resumed => {}
        }
    }

    async fn breathe(&mut self) {}

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    async fn gradients(&mut self, work: &Work<'_>) -> Result<Vec<Gradient>, TrainError> {
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
fn on_threads(replicas: &[Replica], work: &Work<'_>) -> Result<Vec<Gradient>, TrainError> {
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
