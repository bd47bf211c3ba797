//! Models at the page's edge: stored ones, files that a run begins with, files
//! that were dropped and are no data set.

use super::super::drop::{self, Given};
use super::super::models::Handed;
use super::super::store::Store;
use super::keep::warn;
use super::{App, Message};
use crate::app::Action;
use crate::progress::FailureKind;
use crate::protocol::{Event, RunId};
use crate::report::ErrorReport;
use crate::ui::browser::spawn;
use js_sys::Array;
use web_sys::File;
use yew::prelude::*;

/// The files that a run begins with: its checkpoint, if it goes on from one, then its
/// model, if it starts from one.
pub struct Beginning {
    run: RunId,
    files: Result<Array, ErrorReport>,
}

impl App {
    /// Finds out which models the store has.
    pub(super) fn read_models(&self, ctx: &Context<Self>, store: &Store) {
        self.model_files.set_store(Some(store.clone()));
        let (link, store) = (ctx.link().clone(), store.clone());
        spawn(async move {
            let cards = match store.models().await {
                Ok(cards) => cards,
                Err(error) => {
                    warn(&link, &error);
                    Vec::new()
                }
            };
            link.send_message(Message::Do(Action::ModelsRead(cards)));
        });
    }

    /// Reads the files that a run begins with.
    pub(super) fn read_files(
        &self,
        ctx: &Context<Self>,
        run: RunId,
        checkpoint: Option<String>,
        model: Option<String>,
    ) {
        let (link, models) = (ctx.link().clone(), self.model_files.clone());
        let checkpoint = checkpoint.map(|id| self.checkpoint_of(id));
        spawn(async move {
            let read = async {
                let files = Array::new();
                if let Some(checkpoint) = checkpoint {
                    let bytes = checkpoint.await?;
                    files.push(&bytes);
                }
                if let Some(hash) = model {
                    let bytes = models.bytes(&hash).await?;
                    files.push(&bytes);
                }
                Ok(files)
            };
            let files = read.await;
            link.send_message(Message::Begin(Beginning { run, files }));
        });
    }

    /// Lets a run begin with its files.
    pub(super) fn begin(&mut self, ctx: &Context<Self>, Beginning { run, files }: Beginning) {
        match files {
            Ok(files) => self.apply(ctx, Action::FilesRead(run), &files),
            Err(error) => {
                let failure = FailureKind::Other;
                self.hear(ctx, Event::RunFailed { run, error, failure }, &Array::new());
            }
        }
    }

    /// Hands a picture or a saved model to its panel. False if it is neither.
    pub(super) fn hand_over(&mut self, given: &Given) -> bool {
        if let Some(file) = drop::picture(given) {
            self.picture = Some(handed(file, self.picture.as_ref()));
            return true;
        }
        if let Some(file) = drop::model(given) {
            self.model = Some(handed(file, self.model.as_ref()));
            return true;
        }
        false
    }
}

fn handed(file: File, before: Option<&Handed>) -> Handed {
    Handed { file, number: before.map_or(0, |before| before.number).wrapping_add(1) }
}
