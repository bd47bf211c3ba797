//! What to try next: the same experiment with one technique switched, which is the
//! smallest experiment that says something about that technique.

use super::{AppState, RunStatus};
use crate::experiment::Experiment;
use crate::experiment::technique::Technique;
use crate::record::Outcome;
use crate::runs::baseline;
use crate::runs::groups::Line;

/// The techniques in the order in which they are offered.
const ORDER: [Technique; 5] = [
    Technique::Mixup,
    Technique::Tta,
    Technique::LabelSmoothing,
    Technique::ProgressiveResizing,
    Technique::Normalization,
];

/// The next thing to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Switch this technique and train the twin.
    Switch {
        /// The technique.
        technique: Technique,
        /// On, or off if it is on now.
        on: bool,
    },
    /// Each has been tried: more seeds would tell more.
    Seeds,
}

impl AppState {
    /// What to try after the run that has just finished; `None` while anything else is
    /// going on, or if the settings have been changed since.
    pub fn next_step(&self) -> Option<NextStep> {
        let run = self.run.as_ref()?;
        let finished = run.status == RunStatus::Ended(Outcome::Finished);
        if !finished || run.experiment != self.experiment || self.queue_busy() || !self.data_match()
        {
            return None;
        }
        let tried = |link: &str| self.shelf.runs().iter().any(|run| run.record.link == link);
        for technique in ORDER {
            let on = !technique.is_on(&self.experiment);
            let twin = twin(&self.experiment, technique, on);
            if twin.is_some_and(|twin| !tried(&twin.link())) {
                return Some(NextStep::Switch { technique, on });
            }
        }
        Some(NextStep::Seeds)
    }

    /// The run, or the runs, whose curve lies under that of the run that is shown.
    pub fn baseline(&self) -> Option<Line> {
        let list = &self.shelf;
        match &self.run {
            Some(run) => baseline::baseline(list, &run.experiment, &run.dataset_hash, &run.key),
            // After a reload the last run is shown.
            None => {
                let last = list.runs().last()?;
                let hash = &last.record.dataset.hash;
                baseline::baseline(list, &last.experiment(), hash, &last.id)
            }
        }
    }
}

/// The experiment with this technique switched, if that can be.
fn twin(experiment: &Experiment, technique: Technique, on: bool) -> Option<Experiment> {
    let mut twin = experiment.clone();
    technique.set(&mut twin, on).ok()?;
    Some(twin)
}
