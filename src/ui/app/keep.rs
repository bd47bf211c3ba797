//! Keeps runs and checkpoints in the browser's store, and grants the wishes about
//! them. Without a store everything still works, for this visit.

use super::super::results::{Wish, save};
use super::super::store::{News, Store};
use super::{App, Message};
use crate::experiment::Experiment;
use crate::protocol::{Command, ErrorReport, Event, RunId};
use crate::record::Predictions;
use crate::runs::{RunEntry, UnfinishedRun};
use crate::workbench::{Action, error_text};
use js_sys::{Array, ArrayBuffer};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// A run that can go on, as soon as its checkpoint is there.
pub struct Resumption {
    run: RunId,
    experiment: Experiment,
    bytes: Result<Option<ArrayBuffer>, ErrorReport>,
}

impl App {
    pub(super) fn open_store(&self, ctx: &Context<Self>) {
        let (link, news) = (ctx.link().clone(), ctx.link().callback(Message::StoreNews));
        spawn_local(
            async move { link.send_message(Message::StoreOpened(Store::open(news).await)) },
        );
    }

    pub(super) fn store_opened(&mut self, ctx: &Context<Self>, store: Result<Store, ErrorReport>) {
        let store = match store {
            Ok(store) => store,
            Err(error) => return warn(ctx.link(), &error),
        };
        self.store = Some(store.clone());
        // Runs that ended before the store was open.
        for entry in self.state.shelf.runs() {
            keep_run(ctx.link(), store.clone(), entry.clone(), None);
        }
        self.read_runs(ctx);
        self.measure(ctx);
        let link = ctx.link().clone();
        spawn_local(async move {
            match store.unfinished().await {
                Ok(Some(run)) => {
                    link.send_message(Message::Do(Action::UnfinishedFound(Rc::new(run))));
                }
                Ok(None) => {}
                Err(error) => warn(&link, &error),
            }
        });
    }

    pub(super) fn store_news(&mut self, ctx: &Context<Self>, news: News) {
        match news {
            News::Changed => self.read_runs(ctx),
            News::Outdated => {
                self.store = None;
                let warning = "Another tab runs a newer version of this page: runs of this tab are \
                               kept again after a reload.";
                ctx.link().send_message(Message::Do(Action::Warned(warning.into())));
            }
        }
    }

    fn read_runs(&self, ctx: &Context<Self>) {
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn_local(async move {
            match store.runs().await {
                Ok(kept) => {
                    for warning in kept.warnings {
                        link.send_message(Message::Do(Action::Warned(warning)));
                    }
                    link.send_message(Message::StoreRead(kept.runs));
                }
                Err(error) => warn(&link, &error),
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
        self.apply(ctx, Action::RunsRead(runs), &Array::new());
    }

    pub(super) fn measure(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        spawn_local(async move { link.send_message(Message::Measured(Store::space().await)) });
    }

    pub(super) fn keep(
        &mut self,
        ctx: &Context<Self>,
        entry: Rc<RunEntry>,
        predictions: Option<Rc<Predictions>>,
    ) {
        if let Some(store) = self.store.clone() {
            keep_run(ctx.link(), store, entry, predictions);
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
        spawn_local(async move {
            if let Err(error) = store.keep_unfinished(&run, &bytes).await {
                warn(&link, &error);
            }
        });
    }

    pub(super) fn drop_unfinished(&mut self, ctx: &Context<Self>, id: String) {
        self.checkpoint = self.checkpoint.take().filter(|(kept, _)| *kept != id);
        let Some(store) = self.store.clone() else { return };
        let link = ctx.link().clone();
        spawn_local(async move {
            if let Err(error) = store.drop_unfinished(&id).await {
                warn(&link, &error);
            }
        });
    }

    pub(super) fn fetch_checkpoint(
        &self,
        ctx: &Context<Self>,
        run: RunId,
        experiment: Experiment,
        id: String,
    ) {
        let link = ctx.link().clone();
        let here = self.checkpoint.as_ref().filter(|(kept, _)| *kept == id);
        if let Some((_, bytes)) = here {
            // A copy: what is sent to the worker is gone here.
            let bytes = Ok(Some(bytes.slice(0)));
            link.send_message(Message::Checkpoint(Resumption { run, experiment, bytes }));
            return;
        }
        let store = self.store.clone();
        spawn_local(async move {
            let bytes = match store {
                Some(store) => store.checkpoint(&id).await,
                None => Ok(None),
            };
            link.send_message(Message::Checkpoint(Resumption { run, experiment, bytes }));
        });
    }

    pub(super) fn go_on(&mut self, ctx: &Context<Self>, resumption: Resumption) {
        let Resumption { run, experiment, bytes } = resumption;
        let error = match bytes {
            Ok(Some(bytes)) => {
                let command = Command::Train { run, experiment, resume: true };
                return self.post(ctx, command, Array::of1(&bytes));
            }
            Ok(None) => ErrorReport {
                what: "The run cannot go on".into(),
                why: "its checkpoint is not in this browser any more".into(),
                remedy: "train it again from the start: the same link gives the same run".into(),
            },
            Err(error) => error,
        };
        self.hear(ctx, Event::RunFailed { run, error }, &Array::new());
    }

    pub(super) fn grant(&mut self, ctx: &Context<Self>, wish: Wish) {
        match wish {
            Wish::Baseline(id) => self.apply(ctx, Action::BaselineChosen(id), &Array::new()),
            Wish::Overlay { id, on } => {
                self.apply(ctx, Action::OverlayToggled { id, on }, &Array::new());
            }
            Wish::Delete(id) => self.delete(ctx, &id),
            Wish::Undo => self.undo(ctx),
            Wish::Download { id, probabilities } => self.download(ctx, &id, probabilities),
        }
    }

    fn delete(&mut self, ctx: &Context<Self>, id: &str) {
        let Some(entry) = self.state.shelf.get(id).cloned() else { return };
        let Some(store) = self.store.clone() else {
            return self.apply(ctx, Action::RunDeleted(entry.id.clone()), &Array::new());
        };
        let link = ctx.link().clone();
        spawn_local(async move {
            match store.delete(&entry).await {
                Ok(deleted) => link.send_message(Message::StoreDeleted(deleted)),
                Err(error) => fail(&link, error),
            }
        });
    }

    fn undo(&mut self, ctx: &Context<Self>) {
        let (Some(deleted), Some(store)) = (self.deleted.take(), self.store.clone()) else {
            return;
        };
        self.apply(ctx, Action::RunRestored(deleted.entry.clone()), &Array::new());
        let link = ctx.link().clone();
        spawn_local(async move {
            match store.restore(&deleted).await {
                Ok(()) => link.send_message(Message::Stored(deleted.entry.id.clone())),
                Err(error) => fail(&link, error),
            }
        });
    }

    fn download(&self, ctx: &Context<Self>, id: &str, probabilities: bool) {
        let Some(entry) = self.state.shelf.get(id).cloned() else { return };
        let store = self.store.clone().filter(|_| probabilities && entry.has_predictions);
        let link = ctx.link().clone();
        spawn_local(async move {
            let mut record = entry.record.clone();
            if let Some(store) = store {
                match store.predictions(&entry.id).await {
                    Ok(predictions) => record.log_probabilities = predictions,
                    Err(error) => return fail(&link, error),
                }
            }
            match serde_json::to_string_pretty(&record) {
                Ok(json) => {
                    let day = record.date.get(..10).unwrap_or_default();
                    let name = format!("imagenette-{}-{day}.json", record.model.name);
                    save::text(&name, "application/json", &json);
                }
                Err(error) => fail(
                    &link,
                    ErrorReport {
                        what: "The run was not written".into(),
                        why: error.to_string(),
                        remedy: "train it again: the same link gives the same run".into(),
                    },
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
) {
    let link = link.clone();
    spawn_local(async move {
        match store.keep(&entry, predictions.as_deref()).await {
            Ok(()) => link.send_message(Message::Stored(entry.id.clone())),
            Err(error) => fail(&link, error),
        }
    });
}

fn warn(link: &html::Scope<App>, error: &ErrorReport) {
    link.send_message(Message::Do(Action::Warned(error_text(error))));
}

fn fail(link: &html::Scope<App>, error: ErrorReport) {
    link.send_message(Message::Do(Action::PageFailed(error)));
}
