//! What can happen to the app, and what has to be done about it. Pure:
//! the page carries the effects out.

mod advance;
mod crash;
mod data;
mod engine;
mod models;
mod queue;
mod run;

use super::action::Action;
use super::effect::Effect;
use super::state::{AppState, EngineState, PendingStart};
use super::store::Stored;
use crate::dataset::DatasetSummary;
use crate::experiment::{Experiment, link};
use crate::protocol::{Begin, Command};
use crate::runs::shelf::Shelf;
use crate::sweep::Plan;
use std::rc::Rc;

impl AppState {
    /// Takes notice of what happened and says what has to be done.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        let mut effects = Vec::new();
        let before = self.surroundings();
        match action {
            Action::LinkOpened(text) => self.open_link(&text, true, &mut effects),
            Action::LinkChanged(text) => self.open_link(&text, false, &mut effects),
            Action::Set { key, value } => {
                self.notices = sentences(self.experiment.set(key, &value));
                self.show_link(&mut effects);
            }
            Action::Toggle { technique, on } => {
                self.notices.clear();
                if let Err(reason) = technique.set(&mut self.experiment, on) {
                    self.notices.push(reason.to_string());
                }
                self.show_link(&mut effects);
            }
            Action::NewSeed => {
                self.experiment.seed = self.experiment.seed.wrapping_add(1);
                self.announce(format!("The next run uses seed {}.", self.experiment.seed));
                self.show_link(&mut effects);
            }
            Action::NoticesRead => self.notices.clear(),
            Action::WarningsRead => self.warnings.clear(),
            Action::FaultRead => self.fault = None,
            Action::LoadErrorRead => self.data.error = None,
            Action::ServedFound(served) => self.data.served = Some(served),
            Action::Load(source) => self.load_wanted(source, &mut effects),
            Action::ForgetKept => effects.push(Effect::Post(Command::ForgetKept)),
            Action::CancelLoad => {
                if self.data.loading.is_some() {
                    effects.push(Effect::Post(Command::CancelLoad));
                }
            }
            Action::Play => self.start_wanted(Begin::Go),
            Action::Step => self.step(&mut effects),
            Action::Pause => self.pause(&mut effects),
            Action::Resume => self.resume(&mut effects),
            Action::Stop => self.stop(&mut effects),
            Action::Reset => self.reset(&mut effects),
            Action::CancelStart => self.pending = None,
            Action::RunOnSample => {
                self.experiment.data = crate::experiment::DataSource::Sample;
                self.show_link(&mut effects);
                self.start_wanted(Begin::Go);
            }
            Action::WithoutSavedModel => {
                self.notices = sentences(self.experiment.set("init", ""));
                self.announce("The next run starts from fresh weights.".into());
                self.show_link(&mut effects);
            }
            Action::ModelsRead(cards) => self.models.read(cards),
            Action::ModelOpened(card) => self.model_opened(card),
            Action::ModelForgotten(hash) => self.models.forget(&hash),
            Action::StartFrom(hash) => self.start_from(&hash, &mut effects),
            Action::ResumeUnfinished => self.resume_unfinished(&mut effects),
            Action::ForgetUnfinished => {
                if let Some(run) = self.unfinished.take() {
                    effects.push(Effect::DropUnfinished(run.id.clone()));
                }
            }
            Action::RestartEngine => {
                // Who asks for it wants another try.
                self.broke = None;
                self.replace_engine(&mut effects);
            }
            Action::FilesRead(run) => self.files_read(run, &mut effects),
            Action::TrainInstead { key, value } => self.train_instead(key, &value, &mut effects),
            Action::BaselineChosen(id) => {
                self.shelf = Rc::new(self.shelf.with_baseline(id.as_deref()));
            }
            Action::OverlayToggled { id, on } => {
                self.shelf = Rc::new(self.shelf.with_overlay(&id, on));
            }
            Action::RunsDeleted(ids) => self.shelf = Rc::new(self.shelf.without(&ids)),
            Action::RunsAdded { runs, choices } => {
                self.shelf = Rc::new(self.shelf.with_all(runs).with_choices(&choices));
            }
            Action::ChoicesFound(choices) => {
                self.shelf = Rc::new(self.shelf.with_choices(&choices));
            }
            Action::Twin { id, technique } => self.twin(&id, technique, &mut effects),
            Action::RunsRead(runs) => {
                self.shelf = Rc::new(self.shelf.with_runs(runs));
                self.stored.runs = true;
            }
            Action::UnfinishedFound(run) => {
                self.stored.unfinished = true;
                self.unfinished_found(run);
            }
            Action::NothingUnfinished => self.stored.unfinished = true,
            Action::StoreMissing => {
                self.stored = Stored { runs: true, unfinished: true };
                self.queue_stale = true;
            }
            Action::RunsOpened { runs, sweep } => self.runs_opened(runs, sweep, &mut effects),
            Action::Queue(action) => self.queue_wanted(action, &mut effects),
            Action::QueueRestored(text) => self.queue_restored(&text, &mut effects),
            Action::QueueElsewhere => self.leave_queue(&mut effects),
            Action::PredictionsRead { id, predictions } => {
                self.predictions_read(&id, &predictions);
            }
            Action::Warned(message) => self.warn(message),
            Action::Reported { event, at } => self.reported(*event, at, &mut effects),
            Action::EngineFailed(error) => self.engine_crashed(error, &mut effects),
            Action::StopUnanswered(run) => self.stop_unanswered(run, &mut effects),
            Action::PageFailed(error) => {
                self.announce(error.to_string());
                self.fault = Some(error);
            }
        }
        if self.queue_stale || !before.same(&self.surroundings()) {
            self.refresh_queue(&mut effects);
        }
        self.advance_queue();
        self.advance(&mut effects);
        self.release_orphan();
        if std::mem::take(&mut self.queue_changed) {
            let kept = self.queue.as_ref().map(|queue| queue.keep());
            effects.push(Effect::KeepQueue(kept.unwrap_or_default()));
        }
        effects
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            shelf: self.shelf.clone(),
            dataset: self.data.loaded.as_ref().map(|loaded| loaded.summary.clone()),
            ready: matches!(self.engine, EngineState::Ready(_)),
        }
    }

    /// Opens a link; `starts` is false where `run=1` waits for a click.
    fn open_link(&mut self, text: &str, starts: bool, effects: &mut Vec<Effect>) {
        let mut several = false;
        let text = text.trim_start_matches('#');
        if text.is_empty() {
            self.experiment = Experiment::default();
            self.notices.clear();
        } else {
            let parsed = link::parse(text);
            self.experiment = parsed.experiment;
            self.notices = sentences(parsed.notices);
            several = parsed.sweep.is_some();
            if several {
                self.open_sweep(Plan::parse(text), effects);
            } else {
                self.show_link(effects);
            }
        }
        if let Some(loading) = &mut self.data.loading {
            loading.adopt = false;
        }
        let wanted = self.experiment.run;
        let starts = starts && !several;
        if wanted && !starts {
            self.notices.push(WAITS.to_owned());
        }
        self.pending = (wanted && starts).then(|| PendingStart::new(Begin::Go));
    }

    fn show_link(&mut self, effects: &mut Vec<Effect>) {
        self.queue_linked = false;
        effects.push(Effect::ShowLink(self.link()));
    }

    pub(super) fn announce(&mut self, text: String) {
        self.announcement.count = self.announcement.count.wrapping_add(1);
        self.announcement.text = text;
    }
}

/// Said of a link with `run=1` that somebody else may have put there, or that asks for
/// hours.
pub(super) const WAITS: &str =
    "This link asks to start by itself (`run=1`). It waits for your click.";

/// What a queue has to be compared with, as often as it changes.
struct Surroundings {
    shelf: Rc<Shelf>,
    dataset: Option<Rc<DatasetSummary>>,
    ready: bool,
}

impl Surroundings {
    fn same(&self, other: &Self) -> bool {
        let dataset = match (&self.dataset, &other.dataset) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        Rc::ptr_eq(&self.shelf, &other.shelf) && dataset && self.ready == other.ready
    }
}

fn sentences(notices: Vec<crate::experiment::notice::Notice>) -> Vec<String> {
    notices.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
