//! A run from play to its place on the list.

use crate::BUILD_ID;
use crate::app::Effect;
use crate::app::{AppState, Cut, EngineState, PendingStart, Run, RunStatus};
use crate::experiment::technique::Technique;
use crate::experiment::{DataSource, Experiment, link};
use crate::number::grouped;
use crate::progress::{FailureKind, RunPlan, RunProgress};
use crate::protocol::{Begin, Command, RunId};
use crate::record::{EpochRow, Outcome, RunRecord};
use crate::report::ErrorReport;
use crate::runs::format::{duration, percent};
use crate::runs::{LiveRun, RunEntry, UnfinishedRun, curve};
use std::rc::Rc;

/// Seconds of training between two announced epochs: short ones would never let
/// a screen reader finish.
const QUIET: f64 = 5.0;

/// Said of a run that was stopped too early to leave anything.
const NOTHING_ENDED: &str = "Training stopped before the first epoch ended.";

impl AppState {
    pub(super) fn start_wanted(&mut self, begin: Begin) {
        if self.active_run().is_none()
            && (!self.models.read || self.model_is_here(&self.experiment))
        {
            self.pending = Some(PendingStart::new(begin));
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
            Some(PendingStart { resume: Some(unfinished), ..PendingStart::new(Begin::Go) });
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
        let experiment = match (&pending.cut, &pending.item) {
            (Some(cut), _) => cut.experiment.clone(),
            (None, Some(item)) => item.experiment.clone(),
            (None, None) => self.experiment.clone(),
        };
        if busy
            || !self.provide_data(&experiment, &mut pending.reread, effects)
            || !self.model_is_here(&experiment)
        {
            self.pending = Some(pending);
            return;
        }
        self.start(pending, experiment, effects);
    }

    fn start(
        &mut self,
        mut pending: PendingStart,
        experiment: Experiment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(loaded) = &self.data.loaded else { return };
        let (hash, synthetic) = (loaded.summary.hash.clone(), loaded.summary.synthetic);
        if let Some(item) = &pending.item {
            if !self.queue_agrees(&hash) {
                return;
            }
            pending.resume = pending.resume.or_else(|| self.queue_checkpoint(item, &hash));
        }
        self.runs_started += 1;
        let run = RunId(self.runs_started);
        let mut live = LiveRun {
            link: experiment.link(),
            total_epochs: experiment.total_epochs(),
            synthetic,
            ..LiveRun::default()
        };
        let resumes = pending.resume.is_some();
        let id = match pending.resume {
            Some(unfinished) if unfinished.dataset_hash != hash => {
                self.data.error = Some(ErrorReport::new(
                    "The run cannot go on with these data",
                    "it was trained on a data set with other images",
                    "load the same archive as before, or start the run from the beginning",
                ));
                return;
            }
            Some(unfinished) => {
                live.rows.clone_from(&unfinished.rows);
                live.points.clone_from(&unfinished.points);
                let id = unfinished.id.clone();
                self.unfinished = self.unfinished.take().filter(|other| other.id != id);
                self.kept = Some(unfinished);
                id
            }
            None => match &pending.cut {
                Some(Cut { key, .. }) => key.clone(),
                None => format!("{}-{}", self.visit, run.0),
            },
        };
        let model = experiment.init.clone();
        let reads = resumes || model.is_some();
        self.run = Some(Run {
            id: run,
            key: id.clone(),
            experiment,
            status: if reads { RunStatus::Reading } else { RunStatus::Starting },
            plan: None,
            live: Rc::new(live),
            progress: None,
            failure: FailureKind::Other,
            begin: pending.begin,
            engine: pending.cut.and_then(|cut| cut.engine),
            item: pending.item,
            dataset_hash: hash,
            announced: f64::NEG_INFINITY,
        });
        if reads {
            effects.push(Effect::ReadFiles { run, checkpoint: resumes.then_some(id), model });
        } else {
            effects.extend(self.train_command(false).map(Effect::Post));
        }
    }

    /// What tells the worker to train the run that starts.
    fn train_command(&self, resume: bool) -> Option<Command> {
        let Run { id, experiment, begin, engine, .. } = self.run.as_ref()?;
        Some(Command::Train {
            run: *id,
            experiment: experiment.clone(),
            resume,
            begin: *begin,
            engine: *engine,
        })
    }

    /// The files of a run are there: it starts, unless it was given up meanwhile.
    pub(super) fn files_read(&mut self, id: RunId, effects: &mut Vec<Effect>) {
        let kept = self.kept.as_ref().map(|kept| kept.id.clone());
        let Some(run) = self.current_run(id).filter(|run| run.status == RunStatus::Reading) else {
            return;
        };
        run.status = RunStatus::Starting;
        let resume = kept.is_some_and(|kept| kept == run.key);
        effects.extend(self.train_command(resume).map(Effect::Start));
    }

    /// Gives up a run of which the worker does not know yet. True if it was one.
    fn take_back_start(&mut self) -> bool {
        let Some(run) = self.run.as_mut().filter(|run| run.status == RunStatus::Reading) else {
            return false;
        };
        run.status = RunStatus::Ended(Outcome::Stopped);
        // Its checkpoint is as good as it was.
        if let Some(kept) = self.kept.take() {
            self.unfinished = Some(kept);
        }
        true
    }

    /// The twin has the run's own link but for one switch: the same seed, so the
    /// same weights, order and draws, and curves that start at the same point.
    pub(super) fn twin(&mut self, id: &str, technique: Technique, effects: &mut Vec<Effect>) {
        if self.active_run().is_some() {
            return;
        }
        let Some(run) = self.shelf.get(id).cloned() else { return };
        let mut experiment = (*run.experiment()).clone();
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
        self.start_wanted(Begin::Go);
    }

    pub(super) fn step(&mut self, effects: &mut Vec<Effect>) {
        match self.active_run().map(|run| &run.status) {
            None => self.start_wanted(Begin::Step),
            Some(RunStatus::Paused) => effects.push(Effect::Post(Command::Step)),
            Some(_) => {}
        }
    }

    pub(super) fn pause(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.run else { return };
        match run.status {
            RunStatus::Reading => run.begin = Begin::Hold,
            RunStatus::Running | RunStatus::Starting => {
                run.status = RunStatus::Pausing;
                effects.push(Effect::Post(Command::Pause));
            }
            _ => {}
        }
    }

    pub(super) fn resume(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.run else { return };
        match run.status {
            RunStatus::Reading => run.begin = Begin::Go,
            RunStatus::Paused | RunStatus::Pausing => effects.push(Effect::Post(Command::Resume)),
            _ => {}
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.pending = None;
        if self.take_back_start() {
            return self.announce("The run was given up before it began.".into());
        }
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
        self.take_back_start();
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
        let batches = f64::from(plan.batches.max(1));
        let resumed = f64::from(plan.resumed_epochs) + f64::from(plan.resumed_batches) / batches;
        live.points.retain(|point| point.epoch <= resumed + 0.5 / batches);
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
        self.broke = None;
        self.checkpoint_made(id, at, effects);
        if due {
            self.announce(text);
        }
    }

    /// The checkpoint of a run came beside the event.
    pub(super) fn checkpoint_made(&mut self, id: RunId, at: String, effects: &mut Vec<Effect>) {
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
        effects.push(Effect::KeepUnfinished(kept.clone()));
        self.kept = Some(kept);
    }

    pub(super) fn run_ended(&mut self, id: RunId, record: RunRecord, effects: &mut Vec<Effect>) {
        if self.draining == Some(id) {
            self.draining = None;
            if !record.epochs.is_empty() {
                self.models.trained = Some(record.link);
            }
            return;
        }
        if self.current_run(id).is_some() {
            self.broke = None;
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
            Outcome::Stopped => NOTHING_ENDED.into(),
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
            self.announce(NOTHING_ENDED.into());
            return self.forget_kept(effects);
        }
        let text = error.to_string();
        let item = run.item.clone();
        run.status = RunStatus::Failed(error.clone());
        run.failure = failure;
        if let Some(kept) = self.kept.take() {
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
        if let Some(kept) = self.kept.take() {
            effects.push(Effect::DropUnfinished(kept.id.clone()));
        }
    }
}
