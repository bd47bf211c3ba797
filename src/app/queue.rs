//! A queue of runs that answer one question: a sweep's plan, what is left of it,
//! in which order, and what the finished runs say together. Pure state; who
//! trains and where runs are stored is not known here.

mod edit;
mod reuse;
mod saved;
mod time;

pub use edit::Move;
pub use reuse::{TrainedOn, result_of};
pub use saved::SavedQueue;
pub use time::{Clock, Current, Time};

use crate::experiment::Experiment;
use crate::handin::{HandIn, NotReady};
use crate::order;
use crate::sweep::{Plan, RunResult, Summary};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A sweep and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    plan: Plan,
    /// The sweep of the class of which this queue is one seat's block.
    class: Option<Plan>,
    items: Vec<Item>,
    state: QueueState,
    origin: Origin,
    /// The data set that its runs are trained on, once one is known.
    hash: Option<String>,
    /// Short side of the originals to which the runs were fitted.
    fitted_to: Option<u32>,
    /// The link of each planned run → the key of the item that serves it.
    served: HashMap<String, String>,
    /// The results so far, by the key of their item.
    results: HashMap<String, Rc<RunResult>>,
    /// Runs whose predictions were asked for.
    asked: HashSet<String>,
    summary: Rc<Summary>,
    trouble: Option<String>,
}

/// What a queue is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueState {
    /// Not started.
    Ready,
    /// Its runs are trained, one after another.
    Running,
    /// It holds.
    Paused,
    /// Nothing is left to train.
    Ended,
}

/// Whose runs a queue takes as its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Those of this build and of the engine that would be used here.
    Here,
    /// Any: it was opened with the files of its runs.
    Files,
}

/// One run of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The arms that it serves, for people.
    pub arms: String,
    /// What is trained, fitted to the data if they are known.
    pub experiment: Experiment,
    /// Its canonical link: names it in the queue.
    pub key: String,
    /// How far it is.
    pub state: ItemState,
}

/// How far one run of a queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// It waits for its turn.
    Waiting,
    /// It is being trained.
    Running,
    /// It is there.
    Done {
        /// Its id in the list of runs.
        run: String,
        /// It was there before the queue came to it.
        taken_up: bool,
    },
    /// It could not be trained, and why.
    Failed(String),
}

impl Queue {
    /// A queue of all runs of a plan, not started.
    pub fn new(plan: Plan, origin: Origin) -> Self {
        let summary = Rc::new(Summary::new(&plan, |_| None));
        let mut queue = Self {
            plan,
            class: None,
            items: Vec::new(),
            state: QueueState::Ready,
            origin,
            hash: None,
            fitted_to: None,
            served: HashMap::new(),
            results: HashMap::new(),
            asked: HashSet::new(),
            summary,
            trouble: None,
        };
        (queue.items, queue.served) = planned(&queue.plan, None);
        queue
    }

    /// The block of one seat of a class: this seed of the class's sweep, with all arms.
    pub fn of_seat(class: Plan, seed: u32) -> Self {
        let queue = Self::new(class.with_seed(seed), Origin::Here);
        Self { class: Some(class), ..queue }
    }

    /// The sweep of the class of which this is one seat's block, if it is one.
    pub fn class(&self) -> Option<&Plan> {
        self.class.as_ref()
    }

    /// What this seat hands in; `None` of a queue that is no seat's block.
    ///
    /// # Errors
    /// [`NotReady`] while runs are missing, or if they do not belong together.
    pub fn hand_in(&self, name: &str) -> Option<Result<HandIn, NotReady>> {
        let result_of = |experiment: &Experiment| {
            self.results.get(self.served.get(&experiment.link())?).map(|result| &**result)
        };
        Some(HandIn::new(self.class.as_ref()?, &self.plan, name, result_of))
    }

    /// What it answers.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its runs, in the order in which they are trained.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What it is doing.
    pub fn state(&self) -> QueueState {
        self.state
    }

    /// Whose runs it takes.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What the finished runs say.
    pub fn summary(&self) -> &Rc<Summary> {
        &self.summary
    }

    /// Training images of an arm, by its position in [`Plan::arms`], once one of its
    /// runs has ended.
    pub fn train_images(&self, arm: usize) -> Option<u32> {
        let arm = self.plan.arms().into_iter().nth(arm)?;
        let mut links = self.plan.sweep().seeds.iter().map(|seed| arm.run(*seed).link());
        links.find_map(|link| Some(self.results.get(self.served.get(&link)?)?.dataset.train))
    }

    /// Why it holds, if not because somebody wanted it.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Hash of the data set of its runs, once one is known.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// The item of this key.
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// How many items are in such a state.
    pub fn count(&self, what: impl Fn(&ItemState) -> bool) -> usize {
        self.items.iter().filter(|item| what(&item.state)).count()
    }

    /// Runs that wait or are being trained.
    pub fn left(&self) -> usize {
        self.count(|state| matches!(state, ItemState::Waiting | ItemState::Running))
    }

    /// Runs of the plan that were taken out of the queue.
    pub fn cut(&self) -> usize {
        let mut all = HashSet::new();
        all.extend(self.served.values());
        all.len().saturating_sub(self.items.len())
    }

    /// True if a run in the queue still waits or trains, and the queue goes on.
    pub fn is_running(&self) -> bool {
        self.state == QueueState::Running
    }

    /// The next run to be trained.
    pub(super) fn next(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.state == ItemState::Waiting)
    }

    /// The run that is being trained.
    pub fn current(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.state == ItemState::Running)
    }

    /// Lets it go on, or begin, if anything is left.
    pub(super) fn start(&mut self) {
        self.trouble = None;
        self.state = if self.left() == 0 { QueueState::Ended } else { QueueState::Running };
    }

    /// Holds it before its next run.
    pub(super) fn hold(&mut self, trouble: Option<String>) {
        if self.state == QueueState::Running {
            self.state = QueueState::Paused;
        }
        self.trouble = trouble;
    }

    /// Sets the state of one run.
    pub(super) fn mark(&mut self, key: &str, state: ItemState) {
        if let Some(item) = self.items.iter_mut().find(|item| item.key == key) {
            item.state = state;
        }
    }

    /// The run of this key has ended.
    pub(super) fn finish(&mut self, key: &str, run: &str, result: Rc<RunResult>) {
        self.hash.get_or_insert_with(|| result.dataset.hash.clone());
        self.mark(key, ItemState::Done { run: run.to_owned(), taken_up: false });
        self.results.insert(key.to_owned(), result);
        self.sum_up();
    }

    /// The run of this key failed. One that diverged before its first epoch ended
    /// counts against its arm, as one that diverged later does.
    pub(super) fn fail(&mut self, key: &str, why: String, diverged: Option<RunResult>) {
        self.mark(key, ItemState::Failed(why));
        if let Some(result) = diverged {
            self.results.insert(key.to_owned(), Rc::new(result));
        }
        self.sum_up();
    }

    /// Nothing is left to be trained.
    pub(super) fn end(&mut self) {
        self.state = QueueState::Ended;
        self.trouble = None;
    }

    /// The data set that the runs are trained on from now on.
    pub(super) fn bind_to(&mut self, hash: &str) {
        self.hash.get_or_insert_with(|| hash.to_owned());
    }

    /// Fits the runs to data whose smallest original has this short side. Runs that
    /// become the same are trained once.
    pub(super) fn fit(&mut self, original: u32) {
        if self.fitted_to == Some(original) {
            return;
        }
        let (fitted, served) = planned(&self.plan, Some(original));
        // The order, the cuts and the states stay: each planned run knows its old key.
        let places: HashMap<&String, usize> =
            self.items.iter().enumerate().map(|(place, item)| (&item.key, place)).collect();
        let mut kept: Vec<(usize, Item)> = Vec::new();
        for item in fitted {
            let old =
                self.served.iter().filter(|(planned, _)| served.get(*planned) == Some(&item.key));
            let place = old.filter_map(|(_, key)| places.get(key)).min();
            if let Some(&place) = place {
                let state = self.items.get(place).map(|old| old.state.clone());
                kept.push((place, Item { state: state.unwrap_or(ItemState::Waiting), ..item }));
            }
        }
        order::sort_by(&mut kept, |a, b| a.0.cmp(&b.0));
        self.items = kept.into_iter().map(|(_, item)| item).collect();
        self.served = served;
        self.fitted_to = Some(original);
        self.results.retain(|key, _| self.items.iter().any(|item| item.key == *key));
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let (served, results) = (&self.served, &self.results);
        let result = |experiment: &Experiment| {
            results.get(served.get(&experiment.link())?).map(|result| &**result)
        };
        self.summary = Rc::new(Summary::new(&self.plan, result));
    }
}

/// The runs of a plan, each once, and which of them serves each planned link.
fn planned(plan: &Plan, original: Option<u32>) -> (Vec<Item>, HashMap<String, String>) {
    let first = plan.sweep().seeds.first().copied().unwrap_or_default();
    // Arms by what is trained for them: the same for every seed but for the seed.
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for arm in plan.arms() {
        names.entry(arm.run(first).link()).or_default().push(arm.name);
    }
    let (mut items, mut served): (Vec<Item>, HashMap<String, String>) = Default::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    for run in plan.runs() {
        let alike = Experiment { seed: first, ..run.experiment.clone() }.link();
        let arms = names.get(&alike).map_or(run.arm, |names| names.join(" + "));
        let link = run.experiment.link();
        let experiment = match original {
            Some(original) => run.experiment.fitted(original).0,
            None => run.experiment,
        };
        let key = if original.is_some() { experiment.link() } else { link.clone() };
        served.insert(link, key.clone());
        match places.get(&key).and_then(|place| items.get_mut(*place)) {
            Some(item) => item.arms = format!("{} + {arms}", item.arms),
            None => {
                places.insert(key.clone(), items.len());
                items.push(Item { arms, experiment, key, state: ItemState::Waiting });
            }
        }
    }
    (items, served)
}
