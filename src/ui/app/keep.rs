//! Keeps runs and checkpoints in the browser's store, and grants the wishes about
//! them. Without a store everything still works, for this visit.

use super::super::browser;
use super::super::results::{Pick, Wish, save};
use super::super::store::{Deleted, KeptAs, Store};
use super::{App, Message};
use crate::app::Action;
use crate::json;
use crate::record::Predictions;
use crate::report::ErrorReport;
use crate::runs::shelf::Choices;
use crate::runs::{RunEntry, UnfinishedRun};
use crate::ui::browser::spawn;
use js_sys::{Array, ArrayBuffer};
use std::collections::HashMap;
use std::rc::Rc;
use yew::prelude::*;

/// Names what is chosen of the list in the browser's storage.
const CHOICES: &str = "choices";

impl App {
    pub(super) fn open_store(&self, ctx: &Context<Self>) {
        let (link, news) = (ctx.link().clone(), ctx.link().callback(Message::StoreNews));
        spawn(async move { link.send_message(Message::StoreOpened(Store::open(news).await)) });
    }

    pub(super) fn store_opened(&mut self, ctx: &Context<Self>, store: Result<Store, ErrorReport>) {
        let store = match store {
            Ok(store) => store,
            Err(error) => {
                warn(ctx.link(), &error);
                // None that are stored, but the page need not wait for them.
                self.apply(ctx, Action::StoreMissing, &Array::new());
                return self.apply(ctx, Action::ModelsRead(Vec::new()), &Array::new());
            }
        };
        self.store = Some(store.clone());
        self.read_models(ctx, &store);
        // Runs that ended before the store was open.
        for entry in self.state.shelf.runs() {
            keep_run(ctx.link(), store.clone(), entry.clone(), None, None);
        }
        self.read_runs(ctx);
        self.measure(ctx);
        let link = ctx.link().clone();
        spawn(async move {
            match store.unfinished().await {
                Ok(Some(run)) => {
                    link.send_message(Message::Do(Action::UnfinishedFound(Rc::new(run))));
                }
                Ok(None) => link.send_message(Message::Do(Action::NothingUnfinished)),
                Err(error) => {
                    warn(&link, &error);
                    link.send_message(Message::Do(Action::NothingUnfinished));
                }
            }
        });
    }

    /// Reads the predictions of a run for the queue. Those that cannot be read are
    /// not missed: its verdict then goes by the accuracies alone.
    pub(super) fn read_predictions(&self, ctx: &Context<Self>, id: String) {
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn(async move {
            match store.predictions(&id).await {
                Ok(Some(predictions)) => {
                    let predictions = Rc::new(predictions);
                    link.send_message(Message::Do(Action::PredictionsRead { id, predictions }));
                }
                Ok(None) => {}
                Err(error) => warn(&link, &error),
            }
        });
    }

    pub(super) fn read_runs(&self, ctx: &Context<Self>) {
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn(async move {
            match store.runs().await {
                Ok(kept) => {
                    for warning in kept.warnings {
                        link.send_message(Message::Do(Action::Warned(warning)));
                    }
                    link.send_message(Message::StoreRead(kept.runs));
                }
                Err(error) => {
                    warn(&link, &error);
                    link.send_message(Message::Do(Action::StoreMissing));
                }
            }
        });
    }

    pub(super) fn store_read(&mut self, ctx: &Context<Self>, mut runs: Vec<Rc<RunEntry>>) {
        let known =
            std::mem::replace(&mut self.stored, runs.iter().map(|run| run.id.clone()).collect());
        // A run that was stored and is not there any more was deleted elsewhere;
        // one that was never stored is only here.
        let unstored = self.state.shelf.runs().iter().filter(|run| !known.contains(&run.id));
        runs.extend(unstored.cloned());
        let numbers: HashMap<String, u32> =
            runs.iter().map(|run| (run.id.clone(), run.number)).collect();
        self.apply(ctx, Action::RunsRead(runs), &Array::new());
        self.recall_choices(ctx);
        self.store_numbers(ctx, &numbers);
    }

    /// Stores the numbers that the list gave to runs that had none, or one of another.
    pub(super) fn store_numbers(&self, ctx: &Context<Self>, stored: &HashMap<String, u32>) {
        let Some(store) = self.store.clone() else { return };
        let changed: Vec<Rc<RunEntry>> = self
            .state
            .shelf
            .runs()
            .iter()
            .filter(|run| stored.get(&run.id).is_some_and(|number| *number != run.number))
            .cloned()
            .collect();
        if changed.is_empty() {
            return;
        }
        let link = ctx.link().clone();
        spawn(async move {
            if let Err(error) = store.rewrite(&changed).await {
                warn(&link, &error);
            }
        });
    }

    /// Chooses the baseline and the overlays as before a reload, once.
    fn recall_choices(&mut self, ctx: &Context<Self>) {
        if self.choices.is_some() {
            return;
        }
        let kept = browser::kept_text(CHOICES).unwrap_or_default();
        // What cannot be read was chosen by another version: nothing is lost by it.
        let choices: Choices = json::read(&kept).unwrap_or_default();
        self.choices = Some(choices.clone());
        self.apply(ctx, Action::ChoicesFound(choices), &Array::new());
    }

    /// Keeps what is chosen over a reload, when it has changed.
    pub(super) fn remember_choices(&mut self) {
        let choices = self.state.shelf.choices();
        if self.choices.as_ref().is_some_and(|kept| *kept != choices)
            && let Ok(text) = json::write(&choices)
        {
            browser::keep_text(CHOICES, &text);
            self.choices = Some(choices);
        }
    }

    pub(super) fn measure(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        spawn(async move { link.send_message(Message::Measured(Store::space().await)) });
    }

    pub(super) fn keep(
        &mut self,
        ctx: &Context<Self>,
        entry: Rc<RunEntry>,
        predictions: Option<Rc<Predictions>>,
        epochs: Option<ArrayBuffer>,
    ) {
        if let Some(store) = self.store.clone() {
            keep_run(ctx.link(), store, entry, predictions, epochs);
        }
    }

    pub(super) fn run_stored(&mut self, ctx: &Context<Self>, entry: Rc<RunEntry>, kept: KeptAs) {
        self.stored.insert(entry.id.clone());
        self.measure(ctx);
        let lost = match kept {
            KeptAs::Whole => return,
            KeptAs::WithoutEpochs => "its predictions after each epoch",
            KeptAs::WithoutPredictions => "its predictions",
        };
        let warning = format!(
            "Run {} was stored without {lost}: the space that the browser gives this site is \
             used up. Export all runs as one file, then delete those that you no longer need here.",
            entry.number
        );
        self.apply(ctx, Action::Warned(warning), &Array::new());
        if kept == KeptAs::WithoutPredictions {
            let mut entry = entry;
            Rc::make_mut(&mut entry).has_predictions = false;
            let choices = Choices::default();
            self.apply(ctx, Action::RunsAdded { runs: vec![entry], choices }, &Array::new());
        }
    }

    pub(super) fn keep_unfinished(
        &mut self,
        ctx: &Context<Self>,
        run: Rc<UnfinishedRun>,
        bytes: ArrayBuffer,
    ) {
        self.checkpoint = Some((run.id.clone(), bytes.clone()));
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn(async move {
            if let Err(error) = store.keep_unfinished(&run, &bytes).await {
                warn(&link, &error);
            }
        });
    }

    pub(super) fn drop_unfinished(&mut self, ctx: &Context<Self>, id: String) {
        self.checkpoint = self.checkpoint.take().filter(|(kept, _)| *kept != id);
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn(async move {
            if let Err(error) = store.drop_unfinished(&id).await {
                warn(&link, &error);
            }
        });
    }

    /// The checkpoint of a run: this visit's last one, or what the store has.
    pub(super) fn checkpoint_of(
        &self,
        id: String,
    ) -> impl Future<Output = Result<ArrayBuffer, ErrorReport>> + 'static {
        let here = self.checkpoint.as_ref().filter(|(kept, _)| *kept == id);
        // A copy: what is sent to the worker is gone here.
        let here = here.map(|(_, bytes)| bytes.slice(0));
        let store = self.store.clone();
        async move {
            let stored = match (here, store) {
                (Some(bytes), _) => Some(bytes),
                (None, Some(store)) => store.take_checkpoint(&id).await?,
                (None, None) => None,
            };
            stored.ok_or_else(|| {
                ErrorReport::new(
                    "The run cannot go on",
                    "its checkpoint is not in this browser any more",
                    "train it again from the start: the same link gives the same run",
                )
            })
        }
    }

    pub(super) fn grant(&mut self, ctx: &Context<Self>, wish: Wish) {
        match wish {
            Wish::Baseline(id) => self.apply(ctx, Action::BaselineChosen(id), &Array::new()),
            Wish::Overlay { id, on } => {
                self.apply(ctx, Action::OverlayToggled { id, on }, &Array::new());
            }
            Wish::Delete(id) => {
                let run = self.state.shelf.get(&id).cloned();
                self.delete(ctx, run.into_iter().collect());
            }
            Wish::DeleteAll => self.delete(ctx, self.state.shelf.runs().to_vec()),
            Wish::Undo => self.undo(ctx),
            Wish::Download { id, probabilities } => self.download(ctx, &id, probabilities),
            Wish::Persist => self.persist(ctx),
            Wish::Export => self.export(ctx),
            Wish::Import(file) => self.import(ctx, file),
            Wish::Compare(pick) => self.pick = pick,
            Wish::Twin { id, technique } => {
                // The newest run and its twin are what one wants to compare next.
                self.pick = Pick { before: Some(id.clone()), after: None };
                self.apply(ctx, Action::Twin { id, technique }, &Array::new());
            }
        }
    }

    fn delete(&mut self, ctx: &Context<Self>, runs: Vec<Rc<RunEntry>>) {
        if runs.is_empty() {
            return;
        }
        self.told = None;
        let choices = self.state.shelf.choices();
        let Some(store) = self.store.clone() else {
            return self.runs_deleted(ctx, Deleted::unstored(runs, choices));
        };
        let link = ctx.link().clone();
        spawn(async move {
            match store.delete(runs, choices).await {
                Ok(deleted) => link.send_message(Message::StoreDeleted(deleted)),
                Err(error) => fail(&link, error),
            }
        });
    }

    pub(super) fn runs_deleted(&mut self, ctx: &Context<Self>, deleted: Deleted) {
        let ids: Vec<String> = deleted.entries.iter().map(|entry| entry.id.clone()).collect();
        self.stored.retain(|id| !ids.contains(id));
        self.deleted = Some(deleted);
        self.apply(ctx, Action::RunsDeleted(ids), &Array::new());
        self.measure(ctx);
    }

    fn undo(&mut self, ctx: &Context<Self>) {
        let Some(deleted) = self.deleted.take() else { return };
        let (runs, choices) = (deleted.entries.to_vec(), deleted.choices.clone());
        self.apply(ctx, Action::RunsAdded { runs, choices }, &Array::new());
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn(async move {
            match store.restore(&deleted).await {
                Ok(()) => link.send_message(Message::StoreRestored(deleted)),
                Err(error) => fail(&link, error),
            }
        });
    }

    fn download(&self, ctx: &Context<Self>, id: &str, probabilities: bool) {
        let Some(entry) = self.state.shelf.get(id).cloned() else { return };
        let store = self.store.clone().filter(|_| probabilities && entry.has_predictions);
        let link = ctx.link().clone();
        spawn(async move {
            let mut record = entry.record.clone();
            if let Some(store) = store {
                match store.whole_predictions(&entry.id).await {
                    Ok(predictions) => record.log_probabilities = predictions,
                    Err(error) => return fail(&link, error),
                }
            }
            match json::write_pretty(&record) {
                Ok(json) => {
                    let day = record.date.get(..10).unwrap_or_default();
                    let name = format!("imagenette-{}-{day}.json", record.model.name);
                    save::text(&name, "application/json", &json);
                }
                Err(error) => fail(
                    &link,
                    ErrorReport::new(
                        "The run was not written",
                        error,
                        "train it again: the same link gives the same run",
                    ),
                ),
            }
        });
    }
}

fn keep_run(
    link: &html::Scope<App>,
    store: Store,
    entry: Rc<RunEntry>,
    predictions: Option<Rc<Predictions>>,
    epochs: Option<ArrayBuffer>,
) {
    let link = link.clone();
    spawn(async move {
        match store.keep(&entry, predictions.as_deref(), epochs.as_ref()).await {
            Ok(kept) => link.send_message(Message::Stored(entry, kept)),
            Err(error) => fail(&link, error),
        }
    });
}

pub(super) fn warn(link: &html::Scope<App>, error: &ErrorReport) {
    link.send_message(Message::Do(Action::Warned(error.to_string())));
}

pub(super) fn fail(link: &html::Scope<App>, error: ErrorReport) {
    link.send_message(Message::Do(Action::PageFailed(error)));
}
