//! The queue of runs as the person has it: made from a sweep, started, held, changed, kept.

use super::sentences;
use crate::app::queue::{Clock, Current, ItemState, Origin, Queue, QueueState, SavedQueue, Time};
use crate::app::{AppState, EngineState};
use crate::app::{Attachments, Effect, LinkSource, QueueAction, QueueGoal};
use crate::engine::EngineKind;
use crate::experiment::EngineChoice;
use crate::record::Predictions;
use crate::runs::RunEntry;
use crate::runs::opened::OpenedSweep;
use crate::sweep::{ParsedSweep, Plan, SeatOffer};
use crate::text;
use std::rc::Rc;

impl AppState {
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
            QueueAction::Start => self.queue_start(QueueGoal::Finish, effects),
            QueueAction::Measure => self.queue_start(QueueGoal::Measure, effects),
            QueueAction::Pause => {
                self.change_queue(|queue| queue.hold(None));
                self.forget_queued_start();
                if self.queued_run() {
                    self.pause(effects);
                }
                self.announce(text::queue_paused().into());
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
    fn queue_up(&mut self, parsed: ParsedSweep, effects: &mut Vec<Effect>) {
        self.notices = sentences(parsed.notices);
        let Some(plan) = parsed.plan else { return };
        if self.queue_busy() {
            self.notices.push(text::queue_busy().to_owned());
            return;
        }
        self.take_queue(Queue::new(plan, Origin::Here), effects);
        let runs = self.queue.as_ref().map_or(0, |queue| queue.items().len());
        self.announce(text::queue_queued(runs));
    }

    /// The page was opened with the link of a sweep.
    pub(super) fn open_sweep(
        &mut self,
        parsed: ParsedSweep,
        seat: Option<SeatOffer>,
        effects: &mut Vec<Effect>,
    ) {
        self.notices = sentences(parsed.notices);
        let Some(plan) = parsed.plan else { return self.show_link(effects) };
        let queue = self.seated(plan, seat);
        let plan = queue.plan();
        let same = |queue: &Rc<Queue>| queue.plan().link() == plan.link();
        if self.queue.as_ref().is_some_and(same) {
            self.linked = LinkSource::Queue;
            return self.show_same_link(effects);
        }
        if self.queue_busy() {
            self.notices.push(text::queue_busy().to_owned());
            return self.show_link(effects);
        }
        let seed = plan.sweep().seeds.first().copied();
        self.experiment = plan.base().clone();
        self.experiment.seed = seed.unwrap_or(self.experiment.seed);
        if std::mem::take(&mut self.experiment.run) {
            self.notices.push(text::link_waits().to_owned());
        }
        self.take_queue(queue, effects);
    }

    /// The queue of a link's sweep: all of it, or the block of the seat that it offers.
    fn seated(&mut self, plan: Plan, seat: Option<SeatOffer>) -> Queue {
        let seeds = &plan.sweep().seeds;
        let seed = match seat {
            None => None,
            Some(SeatOffer::Drawn) => Some(self.device_seed),
            Some(SeatOffer::Numbered(number)) => {
                let seed = (number as usize).checked_sub(1).and_then(|place| seeds.get(place));
                if seed.is_none() {
                    let notice = text::queue_seats(seeds.len(), &number.to_string());
                    self.notices.push(notice);
                }
                seed.copied()
            }
        };
        match seed {
            Some(seed) => Queue::of_seat(plan, seed),
            None => Queue::new(plan, Origin::Here),
        }
    }

    /// The queue of the last time that this tab was open.
    pub(super) fn queue_restored(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let Some(kept) = SavedQueue::read(text) else { return };
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

    /// Adds runs from files to the list, and shows the sweep that they belong to.
    pub(super) fn add_runs(
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
            effects.extend(entry.map(|entry| Effect::SaveRun {
                entry,
                predictions,
                epochs: Attachments::default(),
            }));
        }
        self.announce(text::queue_files_added(count));
        let Some(OpenedSweep { link, hash }) = sweep else { return };
        let Some(plan) = Plan::parse(&link).plan else { return };
        if self.queue_busy() {
            self.notices.push(text::queue_busy().to_owned());
            return;
        }
        let mut queue = Queue::new(plan, Origin::Files);
        if let Some(hash) = hash {
            queue.bind_to(&hash);
        }
        self.take_queue(queue, effects);
    }

    pub(super) fn take_queue(&mut self, queue: Queue, effects: &mut Vec<Effect>) {
        self.queue = Some(Rc::new(queue));
        self.linked = LinkSource::Queue;
        self.queue_stale = true;
        self.show_same_link(effects);
    }

    pub(super) fn queue_start(&mut self, goal: QueueGoal, effects: &mut Vec<Effect>) {
        self.last_break = None;
        self.queue_goal = goal;
        self.change_queue(Queue::start);
        if self.queued_run() {
            self.resume(effects);
        }
        if let Some(queue) = self.queue.as_ref().filter(|queue| queue.is_running()) {
            let left = queue.left();
            self.announce(text::queue_continues(left));
        }
    }

    fn clear_queue(&mut self, effects: &mut Vec<Effect>) {
        self.drop_queue(effects);
        self.announce(text::queue_cleared().into());
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
        self.linked = LinkSource::Experiment;
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
    pub(super) fn engine_of(&self, choice: EngineChoice) -> Option<EngineKind> {
        match (&self.engine, choice) {
            (_, EngineChoice::Webgpu) => Some(EngineKind::Webgpu),
            (_, EngineChoice::Cpu) => Some(EngineKind::Cpu),
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
    pub fn queue_data(&self) -> Option<&crate::dataset::DatasetSummary> {
        let data = &self.queue.as_ref()?.plan().base().data;
        let loaded = self.data.loaded.as_ref().filter(|loaded| loaded.source.data() == *data)?;
        Some(&loaded.summary)
    }

    pub(super) fn change_queue(&mut self, change: impl FnOnce(&mut Queue)) {
        if let Some(queue) = &mut self.queue {
            change(Rc::make_mut(queue));
        }
    }

    /// Shows the link of what the address is about, with another view or sweep.
    pub(super) fn show_same_link(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::ShowLink(self.link() + &self.view.suffix()));
    }
}
