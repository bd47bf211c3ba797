//! Runs of the list that a queue takes up instead of training them again.

use super::{Item, ItemState, Origin, Queue, QueueState};
use crate::BUILD_ID;
use crate::engine::EngineKind;
use crate::experiment::EngineChoice;
use crate::record::{Outcome, Predictions};
use crate::runs::RunEntry;
use crate::sweep::RunResult;
use std::collections::HashMap;
use std::rc::Rc;

/// What a run must have been trained on to serve here.
#[derive(Clone, Copy)]
pub struct TrainedOn<'a> {
    /// Hash of the data set.
    pub hash: &'a str,
    /// The engine that each choice comes to; `None` while that is not known.
    pub engine: &'a dyn Fn(EngineChoice) -> Option<EngineKind>,
}

/// The result of a run of the list, by which of its images were right if its
/// predictions are at hand.
pub fn result_of(run: &RunEntry, predictions: Option<Predictions>) -> Option<RunResult> {
    let mut record = run.record.clone();
    record.log_probabilities = predictions;
    RunResult::of(&record).ok().flatten()
}

impl Queue {
    /// Takes up what the list of runs has of it, and lets go of what is no longer
    /// there. Returns the runs whose predictions are needed besides.
    pub(in crate::app) fn reuse(
        &mut self,
        runs: &[Rc<RunEntry>],
        here: Option<TrainedOn>,
    ) -> Vec<String> {
        // Later runs hide earlier ones of the same link.
        let mut by_link: HashMap<String, Vec<&Rc<RunEntry>>> = HashMap::new();
        for run in runs.iter().rev().filter(|run| run.record.outcome != Outcome::Stopped) {
            by_link.entry(same_link(&run.record.link)).or_default().push(run);
        }
        let by_id: HashMap<&str, &Rc<RunEntry>> =
            runs.iter().map(|run| (run.id.as_str(), run)).collect();
        let hash = self.hash.clone();
        let hash = hash.as_deref().or(here.map(|here| here.hash));
        let mut changed = false;
        let found: Vec<(usize, Option<&Rc<RunEntry>>)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| {
                let known = by_link.get(item.key.as_str()).map_or(&[][..], Vec::as_slice);
                match &item.state {
                    ItemState::Running => None,
                    ItemState::Done { run, .. } if by_id.contains_key(run.as_str()) => {
                        let lacks = !self.results.contains_key(&item.key);
                        lacks.then(|| (place, by_id.get(run.as_str()).copied()))
                    }
                    ItemState::Done { .. } | ItemState::Waiting => {
                        let fits = known.iter().find(|run| {
                            Some(run.record.dataset.hash.as_str()) == hash
                                && self.accepts(run, item, here)
                        });
                        let gone = item.state != ItemState::Waiting;
                        (gone || fits.is_some()).then(|| (place, fits.copied()))
                    }
                    ItemState::Failed(_) => None,
                }
            })
            .collect();
        for (place, run) in found {
            let Some(item) = self.items.get_mut(place) else { continue };
            let result = run.and_then(|run| Some((run, result_of(run, None)?)));
            match result {
                Some((run, result)) => {
                    let again =
                        matches!(&item.state, ItemState::Done { run: it, .. } if *it == run.id);
                    if !again {
                        item.state = ItemState::Done { run: run.id.clone(), taken_up: true };
                    }
                    self.results.insert(item.key.clone(), Rc::new(result));
                }
                None => {
                    item.state = ItemState::Waiting;
                    self.results.remove(&item.key);
                }
            }
            changed = true;
        }
        if changed {
            self.sum_up();
            match self.state {
                QueueState::Ended => self.reopen(),
                QueueState::Running => {}
                // A queue of which everything is there already has nothing to start.
                QueueState::Ready | QueueState::Paused => self.close(),
            }
        }
        self.predictions_needed(runs)
    }

    /// The predictions of a run have been read.
    pub(in crate::app) fn add_predictions(&mut self, run: &str, result: Rc<RunResult>) {
        let done =
            |item: &&Item| matches!(&item.state, ItemState::Done { run: it, .. } if it == run);
        if let Some(key) = self.items.iter().find(done).map(|item| item.key.clone()) {
            self.results.insert(key, result);
            self.sum_up();
        }
    }

    fn accepts(&self, run: &RunEntry, item: &Item, here: Option<TrainedOn>) -> bool {
        match (self.origin, here) {
            (Origin::Files, _) => true,
            (Origin::Here, None) => false,
            (Origin::Here, Some(TrainedOn { engine, .. })) => {
                let engine = engine(item.experiment.engine);
                run.record.build == BUILD_ID
                    && engine.is_none_or(|it| it.name() == run.record.engine)
            }
        }
    }

    /// Test-time augmentation is judged image by image, and calibration takes the
    /// probabilities: ids of the runs whose predictions that takes and that were not asked
    /// for yet.
    fn predictions_needed(&mut self, runs: &[Rc<RunEntry>]) -> Vec<String> {
        if self.plan.contrasts().is_empty() {
            return Vec::new();
        }
        let mut needed = Vec::new();
        for item in &self.items {
            let ItemState::Done { run, .. } = &item.state else { continue };
            let result = self.results.get(&item.key);
            let known = |result: &Rc<RunResult>| {
                result.plain.as_ref().is_none_or(|score| score.correct.is_some())
            };
            let stored = runs.iter().any(|it| it.id == *run && it.has_predictions);
            if stored && !result.is_some_and(known) && self.asked.insert(run.clone()) {
                needed.push(run.clone());
            }
        }
        needed
    }
}

/// A canonical link without the word that it starts by itself.
fn same_link(link: &str) -> String {
    link.replace("&run=1", "")
}
