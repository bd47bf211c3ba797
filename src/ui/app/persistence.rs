//! Runs, checkpoints and models in the browser's store. Without a store everything
//! still works, for this visit.

use super::super::browser;
use super::super::store::{Deleted, News, Store};
use super::effects::{act, first, warn};
use super::{App, Message};
use crate::app::storage::DeletedRuns;
use crate::app::{Action, Attachments, CheckpointSource};
use crate::json;
use crate::protocol::RunId;
use crate::record::Predictions;
use crate::report::ErrorReport;
use crate::runs::list::Choices;
use crate::runs::{RunEntry, UnfinishedRun};
use crate::text;
use crate::ui::browser::spawn;
use js_sys::{Array, ArrayBuffer};
use std::rc::Rc;
use yew::prelude::*;

/// Names the baseline and the overlays in the browser's storage.
const CHOICES: &str = "choices";

impl App {
    pub(super) fn open_store(ctx: &Context<Self>) {
        let (link, news) = (ctx.link().clone(), ctx.link().callback(Message::StoreNews));
        spawn(async move { link.send_message(Message::StoreOpened(Store::open(news).await)) });
    }

    pub(super) fn store_opened(&mut self, ctx: &Context<Self>, store: Result<Store, ErrorReport>) {
        match store {
            Ok(store) => {
                self.model_files.set_store(Some(store.clone()));
                self.store = Some(store);
                self.apply(ctx, Action::StoreOpened);
            }
            Err(error) => self.apply(ctx, Action::StoreUnavailable(error)),
        }
    }

    /// Does something with the store, if there is one, and applies the action that comes
    /// of it. A failure is a warning.
    fn with_store<F>(&self, ctx: &Context<Self>, work: impl FnOnce(Store) -> F)
    where
        F: Future<Output = Result<Option<Action>, ErrorReport>> + 'static,
    {
        let Some(store) = self.store.clone() else { return };
        let (link, work) = (ctx.link().clone(), work(store));
        spawn(async move {
            match work.await {
                Ok(action) => action.into_iter().for_each(|action| act(&link, action)),
                Err(error) => warn(&link, &error),
            }
        });
    }

    /// Reads the predictions of a run for the queue. Those that cannot be read are
    /// not missed: its verdict then goes by the accuracies alone.
    pub(super) fn read_predictions(&self, ctx: &Context<Self>, id: String) {
        self.with_store(ctx, async move |store| {
            let predictions = store.predictions(&id).await?.map(Rc::new);
            Ok(predictions.map(|predictions| Action::PredictionsRead { id, predictions }))
        });
    }

    pub(super) fn read_models(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.with_store(ctx, async move |store| {
            let cards = store.models().await.unwrap_or_else(|error| {
                warn(&link, &error);
                Vec::new()
            });
            Ok(Some(Action::ModelsRead(cards)))
        });
    }

    pub(super) fn read_runs(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.with_store(ctx, async move |store| {
            Ok(Some(match store.runs().await {
                Ok(read) => {
                    for warning in read.warnings {
                        act(&link, Action::Warned(warning));
                    }
                    Action::StoredRunsRead(read.runs)
                }
                Err(error) => Action::StoredRunsUnreadable(error),
            }))
        });
    }

    pub(super) fn read_unfinished(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.with_store(ctx, async move |store| {
            let unfinished = store.unfinished().await.unwrap_or_else(|error| {
                warn(&link, &error);
                None
            });
            Ok(Some(match unfinished {
                Some(run) => Action::UnfinishedFound(Rc::new(run)),
                None => Action::NothingUnfinished,
            }))
        });
    }

    pub(super) fn read_choices(&mut self, ctx: &Context<Self>) {
        let saved = browser::kept_text(CHOICES).unwrap_or_default();
        // What cannot be read was chosen by another version: nothing is lost by it.
        let choices: Choices = json::read(&saved).unwrap_or_default();
        self.apply(ctx, Action::ChoicesRead(choices));
    }

    pub(super) fn rewrite_runs(&self, ctx: &Context<Self>, runs: Vec<Rc<RunEntry>>) {
        self.with_store(ctx, async move |store| store.rewrite(&runs).await.map(|()| None));
    }

    pub(super) fn save_run(
        &self,
        ctx: &Context<Self>,
        entry: Rc<RunEntry>,
        predictions: Option<Rc<Predictions>>,
        epochs: Option<ArrayBuffer>,
    ) {
        self.with_store(ctx, async move |store| {
            let stored = store.keep(&entry, predictions.as_deref(), epochs.as_ref()).await;
            Ok(Some(match stored {
                Ok(parts) => Action::RunStored { entry, parts },
                Err(error) => Action::PageFailed(error),
            }))
        });
    }

    pub(super) fn save_checkpoint(
        &self,
        ctx: &Context<Self>,
        run: Rc<UnfinishedRun>,
        checkpoint: &Attachments,
    ) {
        // A worker that sends no checkpoint has nothing to go on from.
        let Some(bytes) = first::<ArrayBuffer>(checkpoint) else { return };
        self.with_store(ctx, async move |store| {
            store.keep_unfinished(&run, &bytes).await.map(|()| None)
        });
    }

    pub(super) fn delete_checkpoint(&self, ctx: &Context<Self>, id: String) {
        self.with_store(ctx, async move |store| store.drop_unfinished(&id).await.map(|()| None));
    }

    pub(super) fn delete_runs(&self, ctx: &Context<Self>, runs: DeletedRuns) {
        self.with_store(ctx, async move |store| {
            let DeletedRuns { entries, choices, .. } = runs;
            Ok(Some(match store.delete(entries.to_vec()).await {
                Ok(deleted) => {
                    let contents = Attachments::new(deleted);
                    Action::RunsDeleted(DeletedRuns { entries, choices, contents })
                }
                Err(error) => Action::PageFailed(error),
            }))
        });
    }

    pub(super) fn restore_runs(&self, ctx: &Context<Self>, runs: DeletedRuns) {
        self.with_store(ctx, async move |store| {
            let DeletedRuns { entries, contents, .. } = runs;
            let deleted = contents.get::<Deleted>().cloned();
            let deleted = deleted.unwrap_or_else(|| Deleted::unstored(entries.len()));
            Ok(Some(match store.restore(&entries, &deleted).await {
                Ok(()) => {
                    Action::RunsRestored(entries.iter().map(|entry| entry.id.clone()).collect())
                }
                Err(error) => Action::PageFailed(error),
            }))
        });
    }

    pub(super) fn reopen_store(&self, ctx: &Context<Self>, runs: Vec<Rc<RunEntry>>) {
        self.with_store(ctx, async move |store| {
            store.reopen(&runs).await.map(|()| Some(Action::StoreChanged))
        });
    }

    /// Reads the files that a run begins with: its checkpoint, then its model.
    pub(super) fn read_run_files(
        &self,
        ctx: &Context<Self>,
        run: RunId,
        checkpoint: Option<CheckpointSource>,
        model: Option<String>,
    ) {
        let (link, models, store) =
            (ctx.link().clone(), self.model_files.clone(), self.store.clone());
        spawn(async move {
            let read = async {
                let files = Array::new();
                if let Some(source) = checkpoint {
                    let bytes = read_checkpoint(store, source).await?;
                    files.push(&bytes);
                }
                if let Some(hash) = model {
                    let bytes = models.bytes(&hash).await?;
                    files.push(&bytes);
                }
                Ok(files)
            };
            act(
                &link,
                match read.await {
                    Ok(files) => Action::RunFilesRead { run, files: Attachments::new(files) },
                    Err(error) => Action::RunFilesFailed { run, error },
                },
            );
        });
    }
}

async fn read_checkpoint(
    store: Option<Store>,
    source: CheckpointSource,
) -> Result<ArrayBuffer, ErrorReport> {
    // A copy: what is sent to the worker is gone here.
    let latest = first::<ArrayBuffer>(&source.latest).map(|bytes| bytes.slice(0));
    let stored = match (latest, store) {
        (Some(bytes), _) => Some(bytes),
        (None, Some(store)) => store.take_checkpoint(&source.id).await?,
        (None, None) => None,
    };
    stored.ok_or_else(|| {
        ErrorReport::new(
            text::resume_failed(),
            text::resume_failed_why(),
            text::resume_failed_remedy(),
        )
    })
}

/// What happened to the store outside of this tab, as an action.
pub(super) fn action_of(news: News) -> Action {
    match news {
        News::Changed => Action::StoreChanged,
        News::Copied => Action::QueueElsewhere,
        News::Blocked => Action::StoreBlocked,
        News::Closed => Action::StoreClosed,
        News::Outdated => Action::StoreOutdated,
    }
}

pub(super) fn save_choices(choices: &Choices) {
    if let Ok(text) = json::write(choices) {
        browser::keep_text(CHOICES, &text);
    }
}

pub(super) fn measure_space(ctx: &Context<App>) {
    let link = ctx.link().clone();
    spawn(async move { act(&link, Action::SpaceMeasured(Store::space().await)) });
}

/// Asks the browser never to clear what is stored by itself.
pub(super) fn persist(ctx: &Context<App>) {
    let link = ctx.link().clone();
    spawn(async move {
        if !Store::persist().await {
            act(&link, Action::Warned(text::store_persist_refused().into()));
        }
        act(&link, Action::SpaceMeasured(Store::space().await));
    });
}
