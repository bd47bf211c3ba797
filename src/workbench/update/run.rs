//! A run from play to its place on the list.

use super::super::{EngineState, Pending, Run, RunStatus, Workbench};
use super::{Effect, error_text};
use crate::experiment::technique::Technique;
use crate::experiment::{DataSource, Experiment, link};
use crate::number::grouped;
use crate::protocol::{BUILD_ID, Command, ErrorReport, RunId, RunPlan, RunProgress};
use crate::record::{EpochRow, Outcome, RunRecord};
use crate::runs::format::{duration, percent};
use crate::runs::{LiveRun, RunEntry, UnfinishedRun, curve};
use std::rc::Rc;

/// Seconds of training between two announced epochs: short ones would never let
/// a screen reader finish.
const QUIET: f64 = 5.0;

impl Workbench {
    pub(super) fn start_wanted(&mut self, step: bool) {
        if self.active_run().is_none()
            && (!self.models.read || self.model_is_here(&self.experiment))
        {
            self.pending = Some(Pending { resume: None, step, reread: false, item: None });
        }
    }

    pub(super) fn resume_unfinished(&mut self, effects: &mut Vec<Effect>) {
        if self.active_run().is_some() {
            return;
        }
        let Some(unfinished) = self.unfinished.clone() else { return };
        let parsed = link::parse(&unfinished.link);
        self.experiment = parsed.experiment;
        self.show_link(effects);
        self.pending =
            Some(Pending { resume: Some(unfinished), step: false, reread: false, item: None });
    }

    /// Starts what is waiting to start, once nothing stands in its way.
    pub(super) fn advance(&mut self, effects: &mut Vec<Effect>) {
        if !matches!(self.engine, EngineState::Ready(_)) {
            return;
        }
        let Some(mut pending) = self.pending.take() else {
            // The sample costs nothing to have at hand, and little what was kept. Once
            // it failed or was cancelled, it takes a click.
            let free = match self.experiment.data {
                DataSource::Sample => !self.data.sample_failed,
                _ => self.kept_for(&self.experiment).is_some(),
            };
            if free && self.data.loaded.is_none() && self.active_run().is_none() {
                let experiment = self.experiment.clone();
                self.provide_data(&experiment, &mut false, effects);
            }
            return;
        };
        let busy = self.active_run().is_some() || self.draining.is_some();
        let item = pending.item.as_ref().map(|item| item.experiment.clone());
        let experiment = item.unwrap_or_else(|| self.experiment.clone());
        if busy
            || !self.provide_data(&experiment, &mut pending.reread, effects)
            || !self.model_is_here(&experiment)
        {
            self.pending = Some(pending);
            return;
        }
        self.start(pending, experiment, effects);
    }

    fn start(&mut self, mut pending: Pending, experiment: Experiment, effects: &mut Vec<Effect>) {
        let Some(loaded) = &self.data.loaded else { return };
        let (hash, synthetic) = (loaded.summary.hash.clone(), loaded.summary.synthetic);
        if let Some(item) = &pending.item {
            if !self.queue_agrees(&hash) {
                return;
            }
            pending.resume = self.queue_checkpoint(item, &hash);
        }
        self.runs_started += 1;
        let run = RunId(self.runs_started);
        let mut live = LiveRun {
            link: experiment.link(),
            total_epochs: experiment.total_epochs(),
            synthetic,
            ..LiveRun::default()
        };
        let id = match pending.resume {
            Some(unfinished) if unfinished.dataset_hash != hash => {
                self.data.error = Some(ErrorReport {
                    what: "The run cannot go on with these data".into(),
                    why: "it was trained on a data set with other images".into(),
                    remedy: "load the same archive as before, or start the run from the beginning"
                        .into(),
                });
                return;
            }
            Some(unfinished) => {
                live.rows.clone_from(&unfinished.rows);
                live.points.clone_from(&unfinished.points);
                let id = unfinished.id.clone();
                effects.push(Effect::TrainFromCheckpoint {
                    run,
                    experiment: experiment.clone(),
                    id: id.clone(),
                });
                self.kept = self.unfinished.take();
                id
            }
            None => {
                let experiment = experiment.clone();
                effects.push(match experiment.init {
                    Some(_) => Effect::TrainFromModel { run, experiment },
                    None => Effect::Post(Command::Train { run, experiment, resume: false }),
                });
                format!("{}-{}", self.visit, run.0)
            }
        };
        if pending.step {
            effects.push(Effect::Post(Command::Step));
        }
        self.run = Some(Run {
            id: run,
            key: id,
            experiment,
            status: RunStatus::Starting,
            plan: None,
            live: Rc::new(live),
            progress: None,
            item: pending.item,
            dataset_hash: hash,
            announced: f64::NEG_INFINITY,
        });
    }

    /// The twin has the run's own link but for one switch: the same seed, so the
    /// same weights, order and draws, and curves that start at the same point.
    pub(super) fn twin(&mut self, id: &str, technique: Technique, effects: &mut Vec<Effect>) {
        if self.active_run().is_some() {
            return;
        }
        let Some(run) = self.shelf.get(id).cloned() else { return };
        let mut experiment = link::parse(&run.record.link).experiment;
        let on = !technique.is_on(&experiment);
        self.notices.clear();
        if let Err(reason) = technique.set(&mut experiment, on) {
            self.notices.push(reason.to_string());
            return;
        }
        self.experiment = experiment;
        self.shelf = Rc::new(self.shelf.with_overlay(id, true));
        self.show_link(effects);
        self.announce(format!(
            "Training a twin of run {}, {} {}.",
            run.number,
            if on { "with" } else { "without" },
            technique.name().to_ascii_lowercase()
        ));
        self.start_wanted(false);
    }

    pub(super) fn step(&mut self, effects: &mut Vec<Effect>) {
        match self.active_run().map(|run| &run.status) {
            None => self.start_wanted(true),
            Some(RunStatus::Paused) => effects.push(Effect::Post(Command::Step)),
            Some(_) => {}
        }
    }

    pub(super) fn pause(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = &mut self.run
            && run.status == RunStatus::Running
        {
            run.status = RunStatus::Pausing;
            effects.push(Effect::Post(Command::Pause));
        }
    }

    pub(super) fn resume(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = &mut self.run
            && matches!(run.status, RunStatus::Paused | RunStatus::Pausing)
        {
            effects.push(Effect::Post(Command::Resume));
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.pending = None;
        let run = self.run.as_mut();
        if let Some(run) =
            run.filter(|run| run.status.is_active() && run.status != RunStatus::Stopping)
        {
            run.status = RunStatus::Stopping;
            let queued = run.item.is_some();
            effects.extend([Effect::Post(Command::Stop), Effect::WatchStop(run.id)]);
            if queued {
                self.change_queue(|queue| queue.hold(None));
            }
        }
    }

    pub(super) fn reset(&mut self, effects: &mut Vec<Effect>) {
        self.pending = None;
        let Some(run) = self.run.take() else { return };
        if run.status.is_active() {
            self.draining = Some(run.id);
            effects.extend([Effect::Post(Command::Stop), Effect::WatchStop(run.id)]);
            self.forget_kept(effects);
        }
        self.announce(format!("Back at the start, with seed {}.", self.experiment.seed));
    }

    fn current_run(&mut self, run: RunId) -> Option<&mut Run> {
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
        live.points.retain(|point| point.epoch <= f64::from(plan.resumed_epochs));
        if run.status == RunStatus::Starting {
            run.status = RunStatus::Running;
        }
        let text = format!(
            "Training started: {} epochs on {} images with {}.",
            plan.epochs,
            grouped(u64::from(plan.train)),
            plan.adapter
        );
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
            self.announce("Training is paused.".into());
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
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.current_run(id) else { return };
        let live = Rc::make_mut(&mut run.live);
        live.rows.push(row);
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
        let text = format!(
            "Epoch {} of {}: accuracy {}, validation loss {:.3}.",
            row.epoch + 1,
            live.total_epochs,
            percent(row.accuracy),
            row.valid_loss
        );
        let elapsed = run.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        let due = elapsed - run.announced >= QUIET;
        if due {
            run.announced = elapsed;
        }
        effects.push(Effect::KeepUnfinished(kept.clone()));
        self.kept = Some(kept);
        if due {
            self.announce(text);
        }
    }

    pub(super) fn run_ended(&mut self, id: RunId, record: RunRecord, effects: &mut Vec<Effect>) {
        if self.draining == Some(id) {
            self.draining = None;
            if !record.epochs.is_empty() {
                self.models.trained = Some(record.link);
            }
            return;
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
        let result =
            format!("accuracy {} after {}", percent(entry.accuracy()), duration(entry.seconds()));
        let text = match entry.record.outcome {
            Outcome::Finished => format!("Training finished: {result}."),
            Outcome::Stopped if trained => format!("Training stopped: {result}."),
            Outcome::Stopped => "Training stopped before the first epoch ended.".into(),
            Outcome::Diverged => {
                "Training ended, because the loss was no number any more: try a lower learning rate.".into()
            }
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
            self.kept = None;
            self.models.trained = Some(entry.record.link.clone());
            // On the list it gets its number, with which it is stored.
            self.shelf = Rc::new(self.shelf.with(Rc::new(entry)));
            let entry = self.shelf.get(&key).cloned();
            let predictions = predictions.map(Rc::new);
            effects.extend(entry.map(|entry| Effect::Keep { entry, predictions }));
        }
    }

    pub(super) fn run_failed(&mut self, id: RunId, error: ErrorReport) {
        if self.draining == Some(id) {
            self.draining = None;
            return;
        }
        let Some(run) = self.current_run(id) else { return };
        let text = error_text(&error);
        let item = run.item.clone();
        run.status = RunStatus::Failed(error.clone());
        self.unfinished = self.kept.take();
        self.announce(text);
        if let Some(item) = item {
            self.queue_run_failed(&item.key, &error);
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
        if let Some(kept) = self.kept.take() {
            effects.push(Effect::DropUnfinished(kept.id.clone()));
        }
    }
}
