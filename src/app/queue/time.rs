//! How long the rest of a queue takes, from steps that were measured on this
//! machine.

use super::{Item, ItemState, Queue};
use crate::app::estimate::speed_of;
use crate::cost::{images, work};
use crate::dataset::DatasetSummary;
use crate::engine::EngineKind;
use crate::experiment::{EngineChoice, Experiment, ModelKind};
use crate::runs::RunEntry;
use std::collections::HashMap;
use std::rc::Rc;

/// What the time of a queue is reckoned from.
#[derive(Clone, Copy)]
pub struct Clock<'a> {
    /// The data set.
    pub dataset: &'a DatasetSummary,
    /// Earlier runs.
    pub runs: &'a [Rc<RunEntry>],
    /// The engine that each choice comes to: `webgpu` or `cpu`.
    pub engine: &'a dyn Fn(EngineChoice) -> EngineKind,
    /// The run of the queue that is being trained, and how far.
    pub current: Option<Current<'a>>,
}

/// The run that is being trained.
#[derive(Clone, Copy, Debug)]
pub struct Current<'a> {
    /// What is trained.
    pub experiment: &'a Experiment,
    /// Seconds so far.
    pub elapsed: f64,
    /// Seconds to go, from its measured steps.
    pub remaining: f64,
}

/// How long a queue takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Seconds for the runs that are left.
    pub seconds: f64,
    /// True if every network among them was measured.
    pub same_models: bool,
}

impl Queue {
    /// How long the runs that are left take together; those that share weights cost
    /// one training. `None` before anything was measured on their engine.
    pub fn time(&self, clock: &Clock) -> Option<Time> {
        let work_of = |experiment: &Experiment| {
            let (train, valid) = images(experiment, clock.dataset);
            work(experiment, train, valid)
        };
        let mut speeds: HashMap<(ModelKind, EngineKind), Option<(f64, bool)>> = HashMap::new();
        if let Some(Current { experiment, elapsed, remaining }) = clock.current {
            let seconds = elapsed + remaining;
            if seconds > 0.0 {
                let key = (experiment.model, (clock.engine)(experiment.engine));
                speeds.insert(key, Some((work_of(experiment) / seconds, true)));
            }
        }
        let mut time = Time { seconds: 0.0, same_models: true };
        for Item { experiment, state, .. } in &self.items {
            match (state, clock.current) {
                (ItemState::Running, Some(Current { remaining, .. })) => time.seconds += remaining,
                (ItemState::Running | ItemState::Waiting, _) => {
                    let engine = (clock.engine)(experiment.engine);
                    let measured = speeds
                        .entry((experiment.model, engine))
                        .or_insert_with(|| speed_of(experiment.model.name(), engine, clock.runs));
                    let (speed, same_model) = (*measured)?;
                    time.seconds += work_of(experiment) / speed;
                    time.same_models &= same_model;
                }
                (ItemState::Done { .. } | ItemState::Failed(_), _) => {}
            }
        }
        Some(time)
    }
}
