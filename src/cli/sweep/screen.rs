//! What a sweep shows while it trains: a progress bar, and a line for each run
//! that ended.

use super::super::host::date;
use super::super::print;
use super::folder::Folder;
use crate::format;
use crate::progress::{RunPlan, RunProgress};
use crate::sweep::RunResult;
use crate::train::host::{Host, RunEvent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::time::Instant;

/// The terminal of a sweep.
pub(super) struct Screen {
    quiet: bool,
    bar: ProgressBar,
    title: RefCell<String>,
}

impl Screen {
    pub(super) fn new(quiet: bool) -> Self {
        let style =
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new_spinner().with_style(style);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { quiet, bar, title: RefCell::default() }
    }

    /// Prints a line above the bar.
    pub(super) fn print(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| print::line(line));
        }
    }

    /// Prints a note even with `--quiet`.
    pub(super) fn note(&self, line: &str) {
        self.bar.suspend(|| print::note(line));
    }

    /// A run begins: the `number`th of `all`.
    pub(super) fn begin(&self, number: usize, all: usize, title: &str) {
        let width = all.to_string().len();
        *self.title.borrow_mut() = format!("[{number:>width$}/{all}] {title}");
        self.bar.set_message(format!("{}: starting", self.title.borrow()));
    }

    /// The run ended; `left` is the seconds that the others will take.
    pub(super) fn end(&self, result: &RunResult, left: Option<f64>) {
        let percent = |score: &crate::sweep::Score| format!("{:.2}%", 100.0 * score.accuracy);
        let mut line = match &result.plain {
            Some(plain) => percent(plain),
            None => "diverged".to_owned(),
        };
        if let Some(tta) = &result.tta {
            line = format!("{line}, with TTA {}", percent(tta));
        }
        line = format!("{}: {line}, {}", self.title.borrow(), format::duration(result.seconds));
        if let Some(left) = left.filter(|seconds| *seconds > 0.0) {
            line = format!("{line}; about {} left", format::duration(left));
        }
        self.print(&line);
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn progress(&self, plan: Option<&RunPlan>, progress: &RunProgress) {
        let epochs = plan.map_or(0, |plan| plan.epochs);
        self.bar.set_message(format!(
            "{}: {:.0}% [{}/{epochs} {}<{}]",
            self.title.borrow(),
            100.0 * progress.fraction,
            progress.epoch,
            format::duration(progress.elapsed),
            progress.remaining.map_or_else(|| "?".to_owned(), format::duration),
        ));
    }
}

/// Follows one run of a sweep, and writes its checkpoints. If one cannot be written, it warns,
/// and the run only cannot be resumed.
pub(super) struct Watch<'a> {
    screen: &'a Screen,
    folder: &'a Folder,
    link: &'a str,
    started: Instant,
    plan: Option<RunPlan>,
    /// True once the user was warned that checkpoints cannot be written.
    warned: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(screen: &'a Screen, folder: &'a Folder, link: &'a str) -> Self {
        Self { screen, folder, link, started: Instant::now(), plan: None, warned: false }
    }

    fn save_checkpoint(&mut self, checkpoint: &[u8]) {
        if let Err(error) = self.folder.save_checkpoint(self.link, checkpoint)
            && !self.warned
        {
            self.warned = true;
            self.screen.note(&format!("{error:#}; the run goes on without"));
        }
    }
}

impl Host for Watch<'_> {
    fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(plan) => self.plan = Some(plan),
            RunEvent::Progress(progress) => self.screen.progress(self.plan.as_ref(), &progress),
            RunEvent::EpochEnded { row, checkpoint } => {
                // After the last epoch the record itself is near.
                let last = self.plan.as_ref().is_some_and(|plan| row.epoch + 1 == plan.epochs);
                if !last {
                    self.save_checkpoint(&checkpoint);
                }
            }
            RunEvent::Checkpoint(checkpoint) => self.save_checkpoint(&checkpoint),
            RunEvent::Trained(_)
            | RunEvent::Augmented(_)
            | RunEvent::Paused
            | RunEvent::Resumed => {}
        }
    }

    async fn handle_events(&mut self) {}

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn date(&self) -> String {
        date()
    }
}
