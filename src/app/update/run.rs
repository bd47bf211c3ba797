//! A run from its start to its place on the list.

use super::post;
use crate::BUILD_ID;
use crate::app::{AppState, Attachments, Effect, Run, RunStatus};
use crate::format::{duration, percent};
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::protocol::{Begin, Command, RunId};
use crate::record::{EpochRow, Outcome, RunRecord};
use crate::report::ErrorReport;
use crate::runs::{RunEntry, UnfinishedRun, curve};
use crate::text;
use std::rc::Rc;

/// Seconds of training between two announced epochs: short ones would never let
/// a screen reader finish.
const QUIET: f64 = 5.0;

impl AppState {
    pub(super) fn step(&mut self, effects: &mut Vec<Effect>) {
        match self.active_run().map(|run| &run.status) {
            None => self.start_wanted(Begin::Step),
            Some(RunStatus::Paused) => effects.push(post(Command::Step)),
            Some(_) => {}
        }
    }

    pub(super) fn pause(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.run else { return };
        match run.status {
            RunStatus::Reading => run.begin = Begin::Hold,
            RunStatus::Running | RunStatus::Starting => {
                run.status = RunStatus::Pausing;
                effects.push(post(Command::Pause));
            }
            _ => {}
        }
    }

    pub(super) fn resume(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.run else { return };
        match run.status {
            RunStatus::Reading => run.begin = Begin::Go,
            RunStatus::Paused | RunStatus::Pausing => effects.push(post(Command::Resume)),
            _ => {}
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.pending = None;
        if self.take_back_start() {
            return self.announce(text::announce_not_started().into());
        }
        let run = self.run.as_mut();
        if let Some(run) =
            run.filter(|run| run.status.is_active() && run.status != RunStatus::Stopping)
        {
            run.status = RunStatus::Stopping;
            let queued = run.item.is_some();
            effects.extend([post(Command::Stop), Effect::StartStopTimer(run.id)]);
            if queued {
                self.change_queue(|queue| queue.hold(None));
            }
        }
    }

    pub(super) fn reset(&mut self, effects: &mut Vec<Effect>) {
        self.pending = None;
        self.take_back_start();
        let Some(run) = self.run.take() else { return };
        if run.status.is_active() {
            self.draining = Some(run.id);
            effects.extend([post(Command::Stop), Effect::StartStopTimer(run.id)]);
            self.forget_kept(effects);
        }
        self.announce(text::announce_reset(&self.experiment.seed.to_string()));
    }

    pub(super) fn current_run(&mut self, run: RunId) -> Option<&mut Run> {
        self.run.as_mut().filter(|it| it.id == run && it.status.is_active())
    }

    pub(super) fn run_started(&mut self, id: RunId, plan: RunPlan) {
        let Some(run) = self.current_run(id) else { return };
        let live = Rc::make_mut(&mut run.live);
        live.link.clone_from(&plan.link);
        live.model = Some(plan.model.clone());
        live.train = plan.train;
        live.total_epochs = plan.epochs;
        // The checkpoint decides what is behind us, not what the page remembers.
        live.rows.truncate(plan.resumed_epochs as usize);
        let batches = f64::from(plan.batches.max(1));
        let resumed = f64::from(plan.resumed_epochs) + f64::from(plan.resumed_batches) / batches;
        live.points.retain(|point| point.epoch <= resumed + 0.5 / batches);
        if run.status == RunStatus::Starting {
            run.status = RunStatus::Running;
        }
        let text = text::announce_started(plan.epochs, plan.train, &plan.adapter);
        run.plan = Some(Rc::new(plan));
        self.announce(text);
    }

    pub(super) fn run_progressed(
        &mut self,
        id: RunId,
        mut progress: RunProgress,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.current_run(id) else { return };
        let points = std::mem::take(&mut progress.points);
        if !points.is_empty() {
            Rc::make_mut(&mut run.live).points.extend(points);
        }
        run.progress = Some(progress);
        self.queue_measured(effects);
    }

    pub(super) fn run_paused(&mut self, id: RunId) {
        if let Some(run) = self.current_run(id)
            && run.status != RunStatus::Stopping
        {
            run.status = RunStatus::Paused;
            self.announce(text::announce_paused().into());
        }
    }

    pub(super) fn run_resumed(&mut self, id: RunId) {
        if let Some(run) = self.current_run(id)
            && run.status != RunStatus::Stopping
        {
            run.status = RunStatus::Running;
        }
    }

    pub(super) fn epoch_ended(
        &mut self,
        id: RunId,
        row: EpochRow,
        at: String,
        checkpoint: Attachments,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.current_run(id) else { return };
        let live = Rc::make_mut(&mut run.live);
        live.rows.push(row);
        let text = text::announce_epoch(
            &(row.epoch + 1).to_string(),
            &live.total_epochs.to_string(),
            &percent(row.accuracy),
            &text::decimal(&format!("{:.3}", row.valid_loss)),
        );
        let elapsed = run.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        let due = elapsed - run.announced >= QUIET;
        if due {
            run.announced = elapsed;
        }
        self.last_break = None;
        self.checkpoint_made(id, at, checkpoint, effects);
        if due {
            self.announce(text);
        }
    }

    pub(super) fn checkpoint_made(
        &mut self,
        id: RunId,
        at: String,
        checkpoint: Attachments,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.current_run(id) else { return };
        let live = &run.live;
        let kept = Rc::new(UnfinishedRun {
            id: run.key.clone(),
            link: live.link.clone(),
            build: BUILD_ID.into(),
            dataset_hash: run.dataset_hash.clone(),
            date: at,
            total_epochs: live.total_epochs,
            rows: live.rows.clone(),
            points: curve::thin(&live.points, curve::KEPT),
            synthetic: live.synthetic,
        });
        self.storage.checkpoint = Some((kept.id.clone(), checkpoint.clone()));
        effects.push(Effect::SaveCheckpoint { run: kept.clone(), checkpoint });
        self.checkpointed = Some(kept);
    }

    pub(super) fn run_ended(
        &mut self,
        id: RunId,
        record: RunRecord,
        epochs: Attachments,
        effects: &mut Vec<Effect>,
    ) {
        if self.draining == Some(id) {
            self.draining = None;
            if !record.epochs.is_empty() {
                self.models.trained = Some(record.link);
            }
            return;
        }
        if self.current_run(id).is_some() {
            self.last_break = None;
        }
        let Some(run) = self.current_run(id) else { return };
        run.status = RunStatus::Ended(record.outcome);
        let live = Rc::make_mut(&mut run.live);
        live.tta = record.tta;
        let trained = !record.epochs.is_empty();
        let key = run.key.clone();
        let item = run.item.clone();
        let (entry, predictions) =
            RunEntry::new(run.key.clone(), record, &live.points, live.synthetic);
        let (accuracy, time) = (percent(entry.accuracy()), duration(entry.seconds()));
        let text = match entry.record.outcome {
            Outcome::Finished => text::announce_finished(&accuracy, &time),
            Outcome::Stopped if trained => text::announce_stopped(&accuracy, &time),
            Outcome::Stopped => text::announce_stopped_early().into(),
            Outcome::Diverged => text::announce_diverged().into(),
        };
        self.announce(text);
        if let Some(item) = item {
            self.queue_run_ended(&item.key, &entry, predictions.as_ref());
        }
        if !trained {
            self.forget_kept(effects);
        } else {
            // The store drops the checkpoint as it takes the run, and not before: a
            // reload in between must lose neither.
            self.checkpointed = None;
            self.models.trained = Some(entry.record.link.clone());
            // On the list it gets its number, with which it is stored.
            self.shelf = Rc::new(self.shelf.with(Rc::new(entry)));
            let entry = self.shelf.get(&key).cloned();
            let predictions = predictions.map(Rc::new);
            effects.extend(entry.map(|entry| Effect::SaveRun { entry, predictions, epochs }));
        }
    }

    pub(super) fn run_failed(
        &mut self,
        id: RunId,
        error: ErrorReport,
        failure: FailureKind,
        effects: &mut Vec<Effect>,
    ) {
        let broken = matches!(failure, FailureKind::OutOfMemory { .. });
        if self.draining == Some(id) {
            self.draining = None;
            if broken {
                self.replace_engine(effects);
            }
            return;
        }
        let Some(run) = self.current_run(id) else { return };
        if run.status == RunStatus::Stopping
            && matches!(failure, FailureKind::Other | FailureKind::Diverged)
        {
            // It had nothing to keep yet; a run of the queue waits again.
            run.status = RunStatus::Ended(Outcome::Stopped);
            self.announce(text::announce_stopped_early().into());
            return self.forget_kept(effects);
        }
        let text = error.to_string();
        let item = run.item.clone();
        run.status = RunStatus::Failed { error: error.clone(), kind: failure };
        if let Some(kept) = self.checkpointed.take() {
            self.unfinished = Some(kept);
        }
        self.announce(text);
        if let Some(item) = item {
            self.queue_run_failed(&item.key, &error, failure);
        }
        if broken {
            self.replace_engine(effects);
        }
    }

    /// A run that is going on in this very page was not cut short.
    pub(super) fn unfinished_found(&mut self, run: Rc<UnfinishedRun>) {
        let mine = self.run.as_ref().is_some_and(|it| it.key == run.id);
        if !mine && self.unfinished.is_none() {
            self.unfinished = Some(run);
        }
    }

    fn forget_kept(&mut self, effects: &mut Vec<Effect>) {
        if let Some(kept) = self.checkpointed.take() {
            self.delete_checkpoint(&kept.id, effects);
        }
    }

    pub(super) fn delete_checkpoint(&mut self, id: &str, effects: &mut Vec<Effect>) {
        self.storage.checkpoint = self.storage.checkpoint.take().filter(|(run, _)| run != id);
        effects.push(Effect::DeleteCheckpoint(id.to_owned()));
    }
}
