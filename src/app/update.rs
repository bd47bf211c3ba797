//! What can happen to the app, and what has to be done about it. Pure:
//! the page carries the effects out.

mod advance;
mod crash;
mod data;
mod engine;
mod models;
mod queue;
mod run;
mod start;
mod storage;
mod whole;

use super::action::Action;
use super::effect::Effect;
use super::state::{AppState, EngineState, PendingStart};
use super::storage::Lookup;
use super::{Attachments, GivenFile, LinkSource, LoadCause};
use crate::dataset::DatasetSummary;
use crate::experiment::{Experiment, link};
use crate::progress::FailureKind;
use crate::protocol::{Begin, Command};
use crate::report::ErrorReport;
use crate::runs::list::RunList;
use crate::runs::pair::Pick;
use crate::sweep::{Plan, offered};
use crate::text;
use crate::view::View;
use std::rc::Rc;

impl AppState {
    /// Applies an action and returns what has to be done.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        let mut effects = Vec::new();
        let before = self.surroundings();
        let queue = self.queue.clone();
        match action {
            Action::LinkOpened(text) => self.open_link(&text, Autostart::Allowed, &mut effects),
            Action::LinkChanged(text) => self.open_link(&text, Autostart::AtClick, &mut effects),
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
            Action::LanguageChosen => {
                if !std::mem::take(&mut self.view.lang).is_empty() {
                    self.show_same_link(&mut effects);
                }
            }
            Action::NewSeed => {
                self.experiment.seed = self.experiment.seed.wrapping_add(1);
                self.announce(text::announce_seed(&self.experiment.seed.to_string()));
                self.show_link(&mut effects);
            }
            Action::NoticesRead => self.notices.clear(),
            Action::WarningsRead => self.warnings.clear(),
            Action::FaultRead => self.fault = None,
            Action::LoadErrorRead => self.data.error = None,
            Action::ServedFound(served) => self.data.served = Some(served),
            Action::Whole(news) => self.whole_news(news, &mut effects),
            Action::Load(source) => self.load_wanted(source, &mut effects),
            Action::DeleteCachedData => effects.push(post(Command::DeleteCachedData)),
            Action::CancelLoad => {
                if self.data.loading.is_some() {
                    effects.push(post(Command::CancelLoad));
                }
            }
            Action::Predicted => self.predicted = true,
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
                self.announce(text::announce_fresh().into());
                self.show_link(&mut effects);
            }
            Action::ModelsRead(cards) => self.models.add_stored(cards),
            Action::ModelOpened(card) => self.model_opened(card),
            Action::ModelForgotten(hash) => self.models.forget(&hash),
            Action::StartFrom(hash) => self.start_from(&hash, &mut effects),
            Action::ResumeUnfinished => self.resume_unfinished(&mut effects),
            Action::ForgetUnfinished => {
                if let Some(run) = self.unfinished.take() {
                    self.delete_checkpoint(&run.id, &mut effects);
                }
            }
            Action::RestartEngine => {
                // The person wants another try.
                self.last_break = None;
                self.replace_engine(&mut effects);
            }
            Action::RunFilesRead { run, files } => self.run_files_ready(run, files, &mut effects),
            Action::RunFilesFailed { run, error } => {
                self.run_failed(run, error, FailureKind::Other, &mut effects);
            }
            Action::TrainInstead { key, value } => self.train_instead(key, &value, &mut effects),
            Action::BaselineChosen(id) => {
                self.shelf = Rc::new(self.shelf.with_baseline(id.as_deref()));
            }
            Action::OverlayToggled { id, on } => {
                self.shelf = Rc::new(self.shelf.with_overlay(&id, on));
            }
            Action::DeleteRun(id) => {
                let run = self.shelf.get(&id).cloned();
                self.delete_runs(run.into_iter().collect(), &mut effects);
            }
            Action::DeleteAllRuns => self.delete_runs(self.shelf.runs().to_vec(), &mut effects),
            Action::UndoDelete => self.undo_delete(&mut effects),
            Action::PersistStorage => effects.push(Effect::PersistStorage),
            Action::ExportRuns => effects.push(Effect::ExportRuns(self.shelf.clone())),
            Action::ImportRuns(file) => self.import_runs(file, &mut effects),
            Action::DownloadRun { id, probabilities } => {
                self.download_run(&id, probabilities, &mut effects);
            }
            Action::ComparePair(pick) => self.pick = pick,
            Action::Twin { id, technique } => {
                // The newest run and its twin are what one wants to compare next.
                self.pick = Pick { before: Some(id.clone()), after: None };
                self.twin(&id, technique, &mut effects);
            }
            Action::StoreOpened => self.store_opened(&mut effects),
            Action::StoreUnavailable(error) => self.store_unavailable(&error),
            Action::StoreBlocked => self.store_blocked(),
            Action::StoreChanged => effects.push(Effect::ReadRuns),
            Action::StoreClosed => self.store_closed(&mut effects),
            Action::StoreOutdated => self.store_outdated(&mut effects),
            Action::StoredRunsRead(runs) => self.stored_runs_read(runs, &mut effects),
            Action::StoredRunsUnreadable(error) => self.runs_unreadable(&error),
            Action::RunStored { entry, parts } => self.run_stored(entry, parts, &mut effects),
            Action::RunsDeleted(deleted) => self.runs_deleted(deleted, &mut effects),
            Action::RunsRestored(ids) => self.runs_restored(ids, &mut effects),
            Action::RunsImported(imported) => self.runs_imported(imported, &mut effects),
            Action::ImportFailed(error) => self.import_failed(error),
            Action::ChoicesRead(choices) => self.choices_read(choices),
            Action::SpaceMeasured(space) => self.storage.space = space,
            Action::UnfinishedFound(run) => {
                self.storage.unfinished = Lookup::Done;
                self.unfinished_found(run);
            }
            Action::NothingUnfinished => self.storage.unfinished = Lookup::Done,
            Action::OpenedRunsRead(opened) => self.run_files_read(opened, &mut effects),
            Action::FilesHovering(hovering) => self.drop.hovering = hovering,
            Action::FilesFound(found) => self.drop.found = found,
            Action::PictureGiven(file) => {
                self.picture = Some(GivenFile::after(self.picture.as_ref(), file));
            }
            Action::ModelFileGiven(file) => {
                self.model_file = Some(GivenFile::after(self.model_file.as_ref(), file));
            }
            Action::Queue(action) => self.queue_wanted(action, &mut effects),
            Action::QueueRestored(text) => self.queue_restored(&text, &mut effects),
            Action::QueueElsewhere => self.leave_queue(&mut effects),
            Action::PredictionsRead { id, predictions } => {
                self.predictions_read(&id, &predictions);
            }
            Action::Warned(message) => self.warn(message),
            Action::EngineReported { event, at, attachments } => {
                self.engine_reported(*event, at, attachments, &mut effects);
            }
            Action::EngineFailed(error) => self.engine_crashed(error, &mut effects),
            Action::StopTimedOut(run) => self.stop_timed_out(run, &mut effects),
            Action::PageFailed(error) => self.page_failed(error),
        }
        if self.queue_stale || !before.same(&self.surroundings()) {
            self.refresh_queue(&mut effects);
        }
        self.advance_queue();
        self.advance(&mut effects);
        self.release_orphan();
        let same = match (&queue, &self.queue) {
            (Some(before), Some(now)) => Rc::ptr_eq(before, now) || before == now,
            (None, None) => true,
            _ => false,
        };
        if !same {
            let kept = self.queue.as_ref().map(|queue| queue.save());
            effects.push(Effect::SaveQueue(kept.unwrap_or_default()));
        }
        self.save_choices(&mut effects);
        effects
    }

    pub(super) fn page_failed(&mut self, error: ErrorReport) {
        self.announce(error.to_string());
        self.fault = Some(error);
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            shelf: self.shelf.clone(),
            dataset: self.data.loaded.as_ref().map(|loaded| loaded.summary.clone()),
            ready: matches!(self.engine, EngineState::Ready(_)),
        }
    }

    /// Opens a link of an experiment or a sweep.
    fn open_link(&mut self, text: &str, autostart: Autostart, effects: &mut Vec<Effect>) {
        let mut several = false;
        let (view, text, unknown) = View::parse(text.trim_start_matches('#'));
        self.view = view;
        self.predicted = false;
        let (seat, text) = offered(&text);
        let text = text.as_str();
        if text.is_empty() {
            self.experiment = Experiment::default();
            self.notices.clear();
        } else {
            let parsed = link::parse(text);
            self.experiment = parsed.experiment;
            self.notices = sentences(parsed.notices);
            several = parsed.sweep.is_some();
            if several {
                self.open_sweep(Plan::parse(text), seat, effects);
            } else {
                self.show_link(effects);
            }
        }
        if let Some(loading) = &mut self.data.loading
            && loading.cause == LoadCause::Chosen
        {
            loading.cause = LoadCause::Needed;
        }
        for word in unknown {
            self.notices.push(text::link_unknown_word(&word));
        }
        let wanted = self.experiment.run;
        let starts = autostart == Autostart::Allowed && !several && !self.prediction_missing();
        if wanted && !starts {
            self.notices.push(text::link_waits().to_owned());
        }
        self.pending = (wanted && starts).then(|| PendingStart::new(Begin::Go));
    }

    fn show_link(&mut self, effects: &mut Vec<Effect>) {
        self.linked = LinkSource::Experiment;
        effects.push(Effect::ShowLink(self.link() + &self.view.suffix()));
    }

    pub(super) fn announce(&mut self, text: String) {
        self.announcement.count = self.announcement.count.wrapping_add(1);
        self.announcement.text = text;
    }
}

/// Whether a link with `run=1` may start by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Autostart {
    /// It may: the page was opened with it.
    Allowed,
    /// It waits for a click: somebody else may have put it there.
    AtClick,
}

/// What a queue has to be compared with, as often as it changes.
struct Surroundings {
    shelf: Rc<RunList>,
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

/// A command for the worker with nothing beside it.
fn post(command: Command) -> Effect {
    Effect::Post(command, Attachments::default())
}

fn sentences(notices: Vec<crate::experiment::notice::Notice>) -> Vec<String> {
    notices.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
