//! Leads the queue from one run to the next, and records how each ended.

use crate::BUILD_ID;
use crate::app::Effect;
use crate::app::QueuedRun;
use crate::app::queue::{ItemState, Queue, TrainedOn, result_of};
use crate::app::storage::Lookup;
use crate::app::{AppState, EngineState, PendingStart, QueueGoal};
use crate::progress::FailureKind;
use crate::protocol::Begin;
use crate::record::{DatasetInfo, Outcome, Predictions};
use crate::report::ErrorReport;
use crate::runs::RunEntry;
use crate::sweep::RunResult;
use crate::text;
use std::rc::Rc;

/// Batches after which a run's time is known well enough to tell.
const MEASURED_AFTER: u32 = 3;

impl AppState {
    /// Compares the queue with the list of runs, the data and the engine.
    pub(super) fn refresh_queue(&mut self, effects: &mut Vec<Effect>) {
        self.queue_stale = false;
        if self.storage.runs == Lookup::Pending {
            return;
        }
        let Some(mut queue) = self.queue.clone() else { return };
        let before = queue.clone();
        let dataset = self.queue_data().cloned();
        let changed = Rc::make_mut(&mut queue);
        if let Some(dataset) = &dataset {
            changed.fit(match dataset.typical_short_side {
                0 => u32::MAX,
                side => side,
            });
        }
        let engine = |choice| self.engine_of(choice);
        let here =
            dataset.as_ref().map(|dataset| TrainedOn { hash: &dataset.hash, engine: &engine });
        let needed = changed.reuse(self.shelf.runs(), here);
        effects.extend(needed.into_iter().map(Effect::ReadPredictions));
        // A start that waits may be for a run that now goes by another name.
        let waits = self.pending.as_ref().and_then(|pending| pending.item.as_ref());
        if waits.is_some_and(|item| changed.current().is_none_or(|now| now.key != item.key)) {
            self.pending = None;
        }
        if *before != *queue {
            self.queue = Some(queue);
        }
    }

    /// The predictions of a run were read.
    pub(super) fn predictions_read(&mut self, id: &str, predictions: &Predictions) {
        let run = self.shelf.get(id);
        let result = run.and_then(|run| result_of(run, Some(predictions.clone())));
        if let Some(result) = result {
            self.change_queue(|queue| queue.add_predictions(id, Rc::new(result)));
        }
    }

    /// Leads the queue to its next run once the last one is out of the way.
    pub(super) fn advance_queue(&mut self) {
        self.release_orphan();
        let Some(queue) = self.queue.clone().filter(|queue| queue.is_running()) else { return };
        let free = self.active_run().is_none() && self.pending.is_none() && self.draining.is_none();
        let ready = matches!(self.engine, EngineState::Ready(_)) && self.storage.is_read();
        if !free || !ready {
            return;
        }
        match queue.next() {
            Some(item) => {
                let item = QueuedRun { key: item.key.clone(), experiment: item.experiment.clone() };
                self.change_queue(|queue| queue.mark(&item.key, ItemState::Running));
                self.pending =
                    Some(PendingStart { item: Some(item), ..PendingStart::new(Begin::Go) });
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
        let of_it = |item: Option<&QueuedRun>| item.is_some_and(|item| item.key == current.key);
        let starts = self.pending.as_ref().is_some_and(|it| of_it(it.item.as_ref()));
        let trains = self.active_run().is_some_and(|run| of_it(run.item.as_ref()));
        if starts || trains {
            return;
        }
        let why = self.data.error.as_ref().map(ToString::to_string);
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
            self.data.error = Some(ErrorReport::new(
                text::queue_other_data(),
                text::queue_other_data_why(),
                text::queue_other_data_remedy(),
            ));
            return false;
        }
        if self.queue.as_ref().is_some_and(|queue| queue.hash().is_none()) {
            self.change_queue(|queue| queue.bind_to(hash));
        }
        true
    }

    /// The checkpoint with which a run of the queue can go on.
    pub(super) fn queue_checkpoint(
        &self,
        item: &QueuedRun,
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
        if self.queue_goal == QueueGoal::Finish || !self.queued_run() {
            return;
        }
        let progress = self.run.as_ref().and_then(|run| run.progress.as_ref());
        let known = progress.is_some_and(|progress| {
            let batches = progress.batch >= MEASURED_AFTER || progress.epoch > 0;
            batches && progress.remaining.is_some()
        });
        if known {
            self.queue_goal = QueueGoal::Finish;
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
        if std::mem::take(&mut self.queue_goal) == QueueGoal::Measure {
            // It was over before it was measured: its time is known all the same.
            self.change_queue(|queue| queue.hold(None));
        }
        if entry.record.outcome == Outcome::Stopped {
            return self.change_queue(|queue| {
                queue.mark(key, ItemState::Waiting);
                queue.hold(None);
            });
        }
        let result = result_of(entry, predictions.cloned()).or_else(|| result_of(entry, None));
        let (id, trained) = (entry.id.clone(), !entry.record.epochs.is_empty());
        match result.filter(|_| trained) {
            Some(result) => {
                self.change_queue(|queue| queue.finish(key, &id, Rc::new(result)));
            }
            None => {
                let why = text::queue_no_result().to_owned();
                self.change_queue(|queue| queue.fail(key, why, None));
            }
        }
    }

    /// A run of the queue failed: it is named, and the queue goes on; without the
    /// engine that it needs, all would fail, so that the queue holds.
    pub(super) fn queue_run_failed(
        &mut self,
        key: &str,
        error: &ErrorReport,
        failure: FailureKind,
    ) {
        self.queue_goal = QueueGoal::Finish;
        if failure == FailureKind::NoEngine {
            let why = error.to_string();
            return self.change_queue(|queue| {
                queue.mark(key, ItemState::Waiting);
                queue.hold(Some(why));
            });
        }
        let diverged = (failure == FailureKind::Diverged).then(|| self.diverged()).flatten();
        let why = error.to_string();
        self.change_queue(|queue| queue.fail(key, why, diverged));
    }

    /// The result of a run that diverged before its first epoch ended.
    fn diverged(&self) -> Option<RunResult> {
        let run = self.run.as_ref()?;
        let plan = run.plan.as_ref()?;
        let name = self.data.loaded.as_ref().map(|loaded| loaded.summary.name.clone());
        Some(RunResult {
            numerics: crate::record::NUMERICS,
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
}

/// The announcement at the end of a queue.
fn ended(queue: &Queue) -> String {
    let failed = queue.count(|state| matches!(state, ItemState::Failed(_)));
    let mut sentences = vec![text::queue_ended().to_owned()];
    if failed > 0 {
        sentences.push(text::queue_ended_failed(failed));
    }
    for contrast in &queue.summary().contrasts {
        sentences.push(text::summary_contrast(&contrast.name, contrast.verdict.word()));
    }
    sentences.join(" ")
}
