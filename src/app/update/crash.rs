//! An engine that broke: a panic, a lost GPU. Another one takes its place, and the run
//! goes on from its last checkpoint; twice in a row at the same place is the end of that.

use crate::app::Effect;
use crate::app::queue::ItemState;
use crate::app::queue::{Origin, Queue};
use crate::app::{
    AppState, BreakPoint, EngineState, InterruptedRun, PendingStart, QueueGoal, RunStatus,
};
use crate::progress::FailureKind;
use crate::protocol::Begin;
use crate::report::ErrorReport;
use crate::sweep::Plan;
use crate::text;

impl AppState {
    pub(super) fn engine_crashed(&mut self, error: ErrorReport, effects: &mut Vec<Effect>) {
        if matches!(self.engine, EngineState::Crashed(_)) {
            // A dying worker often reports twice: the first report is the cause.
            return;
        }
        let cut = self.interrupted_run().or_else(|| self.pending.as_ref()?.cut.clone());
        let place = BreakPoint {
            run: cut.as_ref().map(|cut| cut.key.clone()),
            epochs: cut.as_ref().map_or(0, |cut| cut.epochs),
        };
        let was_up = matches!(self.engine, EngineState::Ready(_));
        // Data that break the engine would break the next one.
        let by_load = cut.is_none() && self.data.loading.is_some();
        let twice = self.last_break.as_ref() == Some(&place);
        self.last_break = Some(place);
        if twice {
            let ErrorReport { what, why, .. } = error;
            let error =
                ErrorReport::new(what, text::engine_twice_why(&why), text::engine_twice_remedy());
            return self.give_up_engine(error, effects);
        }
        if !was_up || by_load {
            return self.give_up_engine(error, effects);
        }
        let waits = self.pending.take();
        let next = self.end_worker_work(&error, cut).or(waits);
        self.warn(match next.as_ref().filter(|next| next.cut.is_some()) {
            Some(PendingStart { resume: Some(_), .. }) => text::engine_replaced_resumed(&error.why),
            Some(_) => text::engine_replaced_again(&error.why),
            None => text::engine_replaced(&error.why),
        });
        self.restart_engine(effects);
        self.pending = next;
    }

    /// Ends the engine and waits for a decision of the person.
    pub(super) fn give_up_engine(&mut self, error: ErrorReport, effects: &mut Vec<Effect>) {
        self.announce(error.to_string());
        self.pending = None;
        self.end_worker_work(&error, None);
        let queue = self.queue.clone().filter(|queue| queue.is_running());
        if let Some(queue) = queue {
            let current = queue.current().map(|item| item.key.clone());
            self.change_queue(|queue| {
                if let Some(key) = current {
                    queue.mark(&key, ItemState::Waiting);
                }
                queue.hold(Some(text::engine_holds_queue().into()));
            });
        }
        self.engine = EngineState::Crashed(error);
        effects.push(Effect::EndEngine);
    }

    /// The run in progress, if it should go on: not if the person stopped it.
    fn interrupted_run(&self) -> Option<InterruptedRun> {
        let run = self.active_run().filter(|run| run.status != RunStatus::Stopping)?;
        let engine = run.plan.as_ref().map(|plan| plan.engine);
        Some(InterruptedRun {
            key: run.key.clone(),
            experiment: run.experiment.clone(),
            engine: engine.or(run.engine),
            epochs: run.live.rows.len(),
        })
    }

    /// Ends what the lost worker was doing. Returns the start with which the run in
    /// progress goes on, if it should.
    fn end_worker_work(
        &mut self,
        error: &ErrorReport,
        cut: Option<InterruptedRun>,
    ) -> Option<PendingStart> {
        self.draining = None;
        self.models.trained = None;
        self.forget_data();
        let run = self.run.as_mut().filter(|run| run.status.is_active())?;
        let begin = match run.status {
            RunStatus::Paused | RunStatus::Pausing => Begin::Hold,
            RunStatus::Reading | RunStatus::Starting => run.begin,
            _ => Begin::Go,
        };
        run.status = RunStatus::Failed { error: error.clone(), kind: FailureKind::Other };
        let item = run.item.clone();
        let resume = self.checkpointed.take();
        if resume.is_some() {
            self.unfinished.clone_from(&resume);
        }
        cut.map(|cut| PendingStart { resume, begin, reread: false, item, cut: Some(cut) })
    }

    /// The data in the worker are gone with it: the next one reads them again.
    fn forget_data(&mut self) {
        self.data.again = None;
        let loading = self.data.loading.take().map(|loading| (loading.source, loading.short_side));
        let loaded = self.data.loaded.take();
        let loaded = loaded.map(|loaded| (loaded.source, loaded.summary.short_side));
        self.data_to_reload = loaded.or(loading).or(self.data_to_reload.take());
    }

    /// Starts another worker in place of one that may still run, with the same data.
    pub(super) fn replace_engine(&mut self, effects: &mut Vec<Effect>) {
        self.draining = None;
        self.models.trained = None;
        self.forget_data();
        self.restart_engine(effects);
    }

    /// Trains the run that failed last again with one key changed: another experiment,
    /// so a new run. On another engine a whole queue begins anew.
    pub(super) fn train_instead(&mut self, key: &str, value: &str, effects: &mut Vec<Effect>) {
        if self.active_run().is_some() {
            return;
        }
        let Some(run) = &self.run else { return };
        let (mut experiment, queued) = (run.experiment.clone(), run.item.is_some());
        experiment.set(key, value);
        if !matches!(self.engine, EngineState::Ready(_) | EngineState::Starting) {
            self.restart_engine(effects);
        }
        self.last_break = None;
        let queue = self.queue.clone().filter(|_| queued);
        let plan = queue.and_then(|queue| {
            let mut base = queue.plan().base().clone();
            base.set(key, value);
            Plan::define(&queue.plan().definition(), &base).plan
        });
        if let Some(plan) = plan {
            self.take_queue(Queue::new(plan, Origin::Here), effects);
            return self.queue_start(QueueGoal::Finish, effects);
        }
        self.experiment = experiment;
        self.show_link(effects);
        self.start_wanted(Begin::Go);
    }
}
