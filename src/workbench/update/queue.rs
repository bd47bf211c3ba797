//! The queue of runs: made from a sweep, started, held, changed, kept, and led
//! from one run to the next.

use super::super::queue::{
    Clock, Current, Here, ItemState, Kept, Move, Origin, Queue, QueueState, Time, result_of,
};
use super::super::{EngineState, Pending, Workbench};
use super::{Effect, error_text, sentences};
use crate::experiment::{EngineChoice, Experiment};
use crate::protocol::{BUILD_ID, DIVERGED, ErrorReport};
use crate::record::{DatasetInfo, Outcome, Predictions};
use crate::runs::RunEntry;
use crate::runs::opened::OpenedSweep;
use crate::sweep::{Parsed, Plan, Preset, RunResult};
use std::rc::Rc;

/// Batches after which a run's time is known well enough to tell.
const MEASURED_AFTER: u32 = 3;

/// Engines that may break one after another before the queue gives up.
const CRASHES: u32 = 2;

/// What the person wants of the queue.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueAction {
    /// Queue this sweep over the present experiment: a value of `sweep` in links.
    Define(String),
    /// Queue this ready-made sweep over the present experiment.
    Preset(Preset),
    /// Train what is left, one run after another.
    Start,
    /// Train the first batches of the next run, then hold: the time is known then.
    Measure,
    /// Hold, and the run in progress with it.
    Pause,
    /// Forget the queue; its finished runs stay on the list.
    Clear,
    /// Move a waiting run.
    Shift {
        /// Names the run in the queue.
        key: String,
        /// Where to.
        how: Move,
    },
    /// Take a run out of the queue.
    Remove(String),
    /// Put the runs back that were taken out.
    PutBack,
    /// Train a failed run again.
    Retry(String),
}

/// The run of the queue that a start or a run belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workbench) struct Queued {
    /// Names it in the queue.
    pub(in crate::workbench) key: String,
    /// What is trained.
    pub(in crate::workbench) experiment: Experiment,
}

impl Workbench {
    pub(super) fn queue_wanted(&mut self, action: QueueAction, effects: &mut Vec<Effect>) {
        match action {
            QueueAction::Define(definition) => {
                let parsed = Plan::define(&definition, &self.experiment);
                self.queue_up(parsed, effects);
            }
            QueueAction::Preset(preset) => {
                let parsed = preset.plan(&self.experiment);
                self.queue_up(parsed, effects);
            }
            QueueAction::Start => self.queue_start(false, effects),
            QueueAction::Measure => self.queue_start(true, effects),
            QueueAction::Pause => {
                self.change_queue(|queue| queue.hold(None));
                self.forget_queued_start();
                if self.queued_run() {
                    self.pause(effects);
                }
                self.announce("The queue is paused.".into());
            }
            QueueAction::Clear => self.clear_queue(effects),
            QueueAction::Shift { key, how } => self.change_queue(|queue| queue.shift(&key, how)),
            QueueAction::Remove(key) => self.change_queue(|queue| queue.remove(&key)),
            QueueAction::PutBack => {
                self.change_queue(Queue::put_back);
                self.queue_stale = true;
            }
            QueueAction::Retry(key) => self.change_queue(|queue| queue.retry(&key)),
        }
    }

    /// Takes a sweep for the queue, not started, unless one is under way.
    fn queue_up(&mut self, parsed: Parsed, effects: &mut Vec<Effect>) {
        self.notices = sentences(parsed.notices);
        let Some(plan) = parsed.plan else { return };
        if self.queue_busy() {
            self.notices.push(BUSY.to_owned());
            return;
        }
        self.take_queue(Queue::new(plan, Origin::Here), effects);
        let runs = self.queue.as_ref().map_or(0, |queue| queue.items().len());
        self.announce(format!("{runs} runs are queued. Nothing is trained before you start."));
    }

    /// The page was opened with the link of a sweep.
    pub(super) fn open_sweep(&mut self, parsed: Parsed, effects: &mut Vec<Effect>) {
        self.notices = sentences(parsed.notices);
        let Some(plan) = parsed.plan else { return self.show_link(effects) };
        let same = |queue: &Rc<Queue>| queue.plan().link() == plan.link();
        if self.queue.as_ref().is_some_and(same) {
            self.queue_linked = true;
            return self.show_queue_link(effects);
        }
        if self.queue_busy() {
            self.notices.push(BUSY.to_owned());
            return self.show_link(effects);
        }
        let seed = plan.sweep().seeds.first().copied();
        self.experiment = plan.base().clone();
        self.experiment.seed = seed.unwrap_or(self.experiment.seed);
        let start = std::mem::take(&mut self.experiment.run);
        self.take_queue(Queue::new(plan, Origin::Here), effects);
        if start {
            self.queue_start(false, effects);
        }
    }

    /// The queue of the last time that this tab was open.
    pub(super) fn queue_restored(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let Some(kept) = Kept::read(text) else { return };
        // A tab that was opened with another sweep asks that one.
        let other = self.queue.as_ref().is_some_and(|queue| queue.plan().link() != kept.link());
        if other {
            return;
        }
        let linked = self.queue.is_some();
        if let Some(queue) = Queue::restore(&kept) {
            self.take_queue(queue, effects);
            if !linked {
                self.show_link(effects);
            }
        }
    }

    /// Runs came in files: they go to the list, and their sweep to the panel.
    pub(super) fn runs_opened(
        &mut self,
        runs: Vec<(Rc<RunEntry>, Option<Rc<Predictions>>)>,
        sweep: Option<OpenedSweep>,
        effects: &mut Vec<Effect>,
    ) {
        let count = runs.len();
        let entries = runs.iter().map(|(run, _)| run.clone()).collect();
        self.shelf = Rc::new(self.shelf.with_all(entries));
        for (run, predictions) in runs {
            // On the list it got its number, with which it is stored.
            let entry = self.shelf.get(&run.id).cloned();
            effects.extend(entry.map(|entry| Effect::Keep { entry, predictions }));
        }
        let count = if count == 1 { "1 run was".into() } else { format!("{count} runs were") };
        self.announce(format!("{count} added to the list from files."));
        let Some(OpenedSweep { link, hash }) = sweep else { return };
        let Some(plan) = Plan::parse(&link).plan else { return };
        if self.queue_busy() {
            self.notices.push(BUSY.to_owned());
            return;
        }
        let mut queue = Queue::new(plan, Origin::Files);
        if let Some(hash) = hash {
            queue.settle_on(&hash);
        }
        self.take_queue(queue, effects);
    }

    fn take_queue(&mut self, queue: Queue, effects: &mut Vec<Effect>) {
        self.queue = Some(Rc::new(queue));
        self.queue_linked = true;
        self.queue_stale = true;
        self.queue_changed = true;
        self.show_queue_link(effects);
    }

    fn queue_start(&mut self, measure: bool, effects: &mut Vec<Effect>) {
        self.crashes = 0;
        self.measuring = measure;
        self.change_queue(Queue::start);
        if self.queued_run() {
            self.resume(effects);
        }
        if let Some(queue) = self.queue.as_ref().filter(|queue| queue.is_running()) {
            let left = queue.left();
            let runs = if left == 1 { "1 run is".into() } else { format!("{left} runs are") };
            self.announce(format!("The queue goes on: {runs} left."));
        }
    }

    fn clear_queue(&mut self, effects: &mut Vec<Effect>) {
        self.drop_queue(effects);
        self.announce("The queue is gone. Its finished runs are on the list.".into());
    }

    /// Another tab has the queue: one that is under way is left to it.
    pub(super) fn leave_queue(&mut self, effects: &mut Vec<Effect>) {
        let under_way = [QueueState::Running, QueueState::Paused];
        if self.queue.as_ref().is_some_and(|queue| under_way.contains(&queue.state())) {
            self.drop_queue(effects);
        }
    }

    fn drop_queue(&mut self, effects: &mut Vec<Effect>) {
        self.forget_queued_start();
        if self.queued_run() {
            self.stop(effects);
        }
        self.queue = None;
        self.queue_linked = false;
        self.queue_changed = true;
        self.show_link(effects);
    }

    fn forget_queued_start(&mut self) {
        self.pending = self.pending.take().filter(|pending| pending.item.is_none());
    }

    /// True while a queue is going on, or a run of it is.
    pub fn queue_busy(&self) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.is_running()) || self.queued_run()
    }

    /// True while a run of the queue is being trained or held.
    pub fn queued_run(&self) -> bool {
        self.active_run().is_some_and(|run| run.item.is_some())
    }

    /// True of a run that the queue will go on with by itself.
    pub fn queue_takes(&self, unfinished: &crate::runs::UnfinishedRun) -> bool {
        let Some(queue) = self.queue.as_ref().filter(|queue| queue.is_running()) else {
            return false;
        };
        queue.item(&unfinished.link).is_some_and(|item| item.state == ItemState::Waiting)
    }

    /// The engine that a choice comes to here; `None` while that is not known.
    pub(super) fn engine_of(&self, choice: EngineChoice) -> Option<&'static str> {
        match (&self.engine, choice) {
            (_, EngineChoice::Webgpu) => Some("webgpu"),
            (_, EngineChoice::Cpu) => Some("cpu"),
            (EngineState::Ready(_), EngineChoice::Auto) => Some(self.engine_for(choice)),
            (_, EngineChoice::Auto) => None,
        }
    }

    /// How long the rest of the queue takes. `None` while nothing like it was
    /// measured here, or its data are not in place.
    pub fn queue_time(&self) -> Option<Time> {
        let queue = self.queue.as_ref()?;
        let loaded = self.queue_data()?;
        let run = self.active_run().filter(|run| run.item.is_some());
        let current = run.and_then(|run| {
            let progress = run.progress.as_ref()?;
            Some(Current {
                experiment: &run.experiment,
                elapsed: progress.elapsed,
                remaining: progress.remaining?,
            })
        });
        queue.time(&Clock {
            dataset: loaded,
            runs: self.shelf.runs(),
            engine: &|choice| self.engine_for(choice),
            current,
        })
    }

    /// The data set in place, if it is the one that the queue names.
    pub fn queue_data(&self) -> Option<&crate::protocol::DatasetSummary> {
        let data = &self.queue.as_ref()?.plan().base().data;
        let loaded = self.data.loaded.as_ref().filter(|loaded| loaded.source.data() == *data)?;
        Some(&loaded.summary)
    }

    pub(super) fn change_queue(&mut self, change: impl FnOnce(&mut Queue)) {
        if let Some(queue) = &mut self.queue {
            change(Rc::make_mut(queue));
            self.queue_changed = true;
        }
    }

    /// Compares the queue with the list of runs, the data and the engine.
    pub(super) fn refresh_queue(&mut self, effects: &mut Vec<Effect>) {
        self.queue_stale = false;
        if !self.stored.runs {
            return;
        }
        let Some(mut queue) = self.queue.clone() else { return };
        let before = queue.clone();
        let dataset = self.queue_data().cloned();
        let changed = Rc::make_mut(&mut queue);
        if let Some(dataset) = &dataset {
            changed.fit(match dataset.original_short_side {
                0 => u32::MAX,
                side => side,
            });
        }
        let engine = |choice| self.engine_of(choice);
        let here = dataset.as_ref().map(|dataset| Here { hash: &dataset.hash, engine: &engine });
        let needed = changed.take_up(self.shelf.runs(), here);
        effects.extend(needed.into_iter().map(Effect::ReadPredictions));
        // A start that waits may be for a run that now goes by another name.
        let waits = self.pending.as_ref().and_then(|pending| pending.item.as_ref());
        if waits.is_some_and(|item| changed.current().is_none_or(|now| now.key != item.key)) {
            self.pending = None;
        }
        if *before != *queue {
            self.queue = Some(queue);
            self.queue_changed = true;
        }
    }

    /// The predictions of a run were read.
    pub(super) fn predictions_read(&mut self, id: &str, predictions: &Predictions) {
        let run = self.shelf.get(id);
        let result = run.and_then(|run| result_of(run, Some(predictions.clone())));
        if let Some(result) = result {
            self.change_queue(|queue| queue.learn(id, Rc::new(result)));
        }
    }

    /// Leads the queue to its next run once the last one is out of the way.
    pub(super) fn advance_queue(&mut self) {
        self.release_orphan();
        let Some(queue) = self.queue.clone().filter(|queue| queue.is_running()) else { return };
        let free = self.active_run().is_none() && self.pending.is_none() && self.draining.is_none();
        let ready = matches!(self.engine, EngineState::Ready(_)) && self.stored.all();
        if !free || !ready || self.queue_stale {
            return;
        }
        match queue.next() {
            Some(item) => {
                let item = Queued { key: item.key.clone(), experiment: item.experiment.clone() };
                self.change_queue(|queue| queue.mark(&item.key, ItemState::Running));
                self.pending =
                    Some(Pending { resume: None, step: false, reread: false, item: Some(item) });
            }
            None => {
                self.change_queue(Queue::end);
                self.announce(ended(&queue));
            }
        }
    }

    /// A run of the queue whose start came to nothing waits again, and the queue
    /// holds: the start was cancelled, or the data did not come.
    pub(super) fn release_orphan(&mut self) {
        let current = self.queue.as_ref().and_then(|queue| queue.current());
        let Some(current) = current else { return };
        let of_it = |item: Option<&Queued>| item.is_some_and(|item| item.key == current.key);
        let starts = self.pending.as_ref().is_some_and(|it| of_it(it.item.as_ref()));
        let trains = self.active_run().is_some_and(|run| of_it(run.item.as_ref()));
        if starts || trains {
            return;
        }
        let why = self.data.error.as_ref().map(error_text);
        let key = current.key.clone();
        self.change_queue(|queue| {
            queue.mark(&key, ItemState::Waiting);
            queue.hold(why);
        });
    }

    /// Whether a run of the queue may start on the data set in place; holds the
    /// queue if it was begun on other data.
    pub(super) fn queue_agrees(&mut self, hash: &str) -> bool {
        let begun = self.queue.as_ref().and_then(|queue| queue.hash().map(|begun| begun == hash));
        if begun == Some(false) {
            self.data.error = Some(ErrorReport {
                what: "The queue cannot go on with these data".into(),
                why: "its runs so far were trained on a data set with other images".into(),
                remedy: "load the same archive as before, or clear the queue and start it anew"
                    .into(),
            });
            return false;
        }
        if self.queue.as_ref().is_some_and(|queue| queue.hash().is_none()) {
            self.change_queue(|queue| queue.settle_on(hash));
        }
        true
    }

    /// The checkpoint with which a run of the queue can go on.
    pub(super) fn queue_checkpoint(
        &self,
        item: &Queued,
        hash: &str,
    ) -> Option<Rc<crate::runs::UnfinishedRun>> {
        let unfinished = self.unfinished.as_ref()?;
        let fits = unfinished.link == item.key
            && unfinished.dataset_hash == hash
            && unfinished.build == BUILD_ID;
        fits.then(|| unfinished.clone())
    }

    /// A run has been measured: where that was all that was wanted, it holds.
    pub(super) fn queue_measured(&mut self, effects: &mut Vec<Effect>) {
        if !self.measuring || !self.queued_run() {
            return;
        }
        let progress = self.run.as_ref().and_then(|run| run.progress.as_ref());
        let known = progress.is_some_and(|progress| {
            let batches = progress.batch >= MEASURED_AFTER || progress.epoch > 0;
            batches && progress.remaining.is_some()
        });
        if known {
            self.measuring = false;
            self.change_queue(|queue| queue.hold(None));
            self.pause(effects);
        }
    }

    /// A run of the queue is over.
    pub(super) fn queue_run_ended(
        &mut self,
        key: &str,
        entry: &RunEntry,
        predictions: Option<&Predictions>,
    ) {
        if std::mem::take(&mut self.measuring) {
            // It was over before it was measured: its time is known all the same.
            self.change_queue(|queue| queue.hold(None));
        }
        if entry.record.outcome == Outcome::Stopped {
            return self.change_queue(|queue| {
                queue.mark(key, ItemState::Waiting);
                queue.hold(None);
            });
        }
        self.crashes = 0;
        let result = result_of(entry, predictions.cloned()).or_else(|| result_of(entry, None));
        let (id, trained) = (entry.id.clone(), !entry.record.epochs.is_empty());
        match result.filter(|_| trained) {
            Some(result) => {
                self.change_queue(|queue| queue.finish(key, &id, false, Rc::new(result)));
            }
            None => {
                let why = "It ended without a result.".to_owned();
                self.change_queue(|queue| queue.fail(key, why, None));
            }
        }
    }

    /// A run of the queue failed: it is named, and the queue goes on.
    pub(super) fn queue_run_failed(&mut self, key: &str, error: &ErrorReport) {
        self.measuring = false;
        let diverged = (error.what == DIVERGED).then(|| self.diverged()).flatten();
        let why = error_text(error);
        self.change_queue(|queue| queue.fail(key, why, diverged));
    }

    /// The engine broke under the queue: a new one is tried, but not for ever.
    pub(super) fn queue_crashed(&mut self, effects: &mut Vec<Effect>) {
        if !self.queue.as_ref().is_some_and(|queue| queue.is_running()) {
            return;
        }
        self.crashes += 1;
        if self.crashes < CRASHES {
            self.restart_engine(effects);
        } else {
            let why = "The engine broke twice in a row. Restart it, then start the queue again.";
            self.change_queue(|queue| queue.hold(Some(why.into())));
        }
    }

    /// The result of a run that diverged before its first epoch ended.
    fn diverged(&self) -> Option<RunResult> {
        let run = self.run.as_ref()?;
        let plan = run.plan.as_ref()?;
        let name = self.data.loaded.as_ref().map(|loaded| loaded.summary.name.clone());
        Some(RunResult {
            diverged: true,
            plain: None,
            tta: None,
            seconds: run.progress.as_ref().map_or(0.0, |progress| progress.elapsed),
            build: BUILD_ID.into(),
            engine: format!("{} ({})", plan.engine, plan.adapter),
            dataset: DatasetInfo {
                name: name.unwrap_or_default(),
                train: plan.train,
                valid: plan.valid,
                hash: run.dataset_hash.clone(),
            },
        })
    }

    fn show_queue_link(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::ShowLink(self.link()));
    }
}

/// Said when a queue is over.
fn ended(queue: &Queue) -> String {
    let failed = queue.count(|state| matches!(state, ItemState::Failed(_)));
    let mut text = "The queue has ended.".to_owned();
    if failed > 0 {
        let runs = if failed == 1 { "1 run" } else { &format!("{failed} runs") };
        text.push_str(&format!(" {runs} failed."));
    }
    for contrast in &queue.summary().contrasts {
        text.push_str(&format!(" {}: {}.", contrast.name, contrast.verdict.name()));
    }
    text
}

/// Said to who wants another queue while one goes on.
const BUSY: &str = "A queue is going on: pause it and clear it before another one is made.";

/// What is known of the browser's store: a queue must not train again what is in it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::workbench) struct Stored {
    /// The runs were read, or there is no store.
    pub(in crate::workbench) runs: bool,
    /// A run that was cut short was looked for.
    pub(in crate::workbench) unfinished: bool,
}

impl Stored {
    fn all(self) -> bool {
        self.runs && self.unfinished
    }
}
