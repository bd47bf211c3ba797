//! A run from the wish for it to the command for the worker.

use super::post;
use crate::app::storage::Lookup;
use crate::app::{
    AppState, Attachments, CheckpointSource, Effect, EngineState, InterruptedRun, PendingStart,
    Run, RunStatus, SampleDrawing,
};
use crate::experiment::technique::Technique;
use crate::experiment::{DataSource, Experiment, link};
use crate::protocol::{Begin, Command, RunId};
use crate::record::Outcome;
use crate::report::ErrorReport;
use crate::runs::LiveRun;
use crate::text;
use std::rc::Rc;

impl AppState {
    pub(super) fn start_wanted(&mut self, begin: Begin) {
        if self.active_run().is_none()
            && !self.prediction_missing()
            && (self.models.lookup == Lookup::Pending || self.model_is_here(&self.experiment))
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
                DataSource::Sample => self.data.sample == SampleDrawing::Automatic,
                _ => self.cached_for(&self.experiment).is_some(),
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
                    text::resume_other_data(),
                    text::resume_other_data_why(),
                    text::resume_other_data_remedy(),
                ));
                return;
            }
            Some(unfinished) => {
                live.rows.clone_from(&unfinished.rows);
                live.points.clone_from(&unfinished.points);
                let id = unfinished.id.clone();
                self.unfinished = self.unfinished.take().filter(|other| other.id != id);
                self.checkpointed = Some(unfinished);
                id
            }
            None => match &pending.cut {
                Some(InterruptedRun { key, .. }) => key.clone(),
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
            begin: pending.begin,
            engine: pending.cut.and_then(|cut| cut.engine),
            item: pending.item,
            dataset_hash: hash,
            announced: f64::NEG_INFINITY,
        });
        if reads {
            let checkpoint = resumes.then(|| self.checkpoint_source(id));
            effects.push(Effect::ReadRunFiles { run, checkpoint, model });
        } else {
            effects.extend(self.train_command(false).map(post));
        }
    }

    /// The command that trains the run that starts.
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

    /// The checkpoint of a run: this visit's last one, or what is stored.
    fn checkpoint_source(&self, id: String) -> CheckpointSource {
        let latest = self.storage.checkpoint.as_ref().filter(|(run, _)| *run == id);
        let latest = latest.map(|(_, checkpoint)| checkpoint.clone()).unwrap_or_default();
        CheckpointSource { id, latest }
    }

    /// The files of a run are there: it starts, unless it was given up meanwhile.
    pub(super) fn run_files_ready(
        &mut self,
        id: RunId,
        files: Attachments,
        effects: &mut Vec<Effect>,
    ) {
        let kept = self.checkpointed.as_ref().map(|kept| kept.id.clone());
        let Some(run) = self.current_run(id).filter(|run| run.status == RunStatus::Reading) else {
            return;
        };
        run.status = RunStatus::Starting;
        let resume = kept.is_some_and(|kept| kept == run.key);
        let command = self.train_command(resume);
        effects.extend(command.map(|command| Effect::Post(command, files)));
    }

    /// Gives up a run of which the worker does not know yet. True if it was one.
    pub(super) fn take_back_start(&mut self) -> bool {
        let Some(run) = self.run.as_mut().filter(|run| run.status == RunStatus::Reading) else {
            return false;
        };
        run.status = RunStatus::Ended(Outcome::Stopped);
        // Its checkpoint is as good as it was.
        if let Some(kept) = self.checkpointed.take() {
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
        let (number, name) = (run.number.to_string(), technique.inline_name());
        self.announce(if on {
            text::announce_twin_with(&number, name)
        } else {
            text::announce_twin_without(&number, name)
        });
        self.start_wanted(Begin::Go);
    }
}
