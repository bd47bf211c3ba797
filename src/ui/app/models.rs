//! Models at the page's edge: stored ones, files that a run begins with, files
//! that were dropped and are no data set.

use super::super::drop::{self, Given};
use super::super::models::Handed;
use super::super::store::Store;
use super::keep::warn;
use super::{App, Message};
use crate::experiment::Experiment;
use crate::protocol::{Command, ErrorReport, Event, RunId};
use crate::ui::browser::spawn;
use crate::workbench::Action;
use js_sys::{Array, ArrayBuffer};
use web_sys::File;
use yew::prelude::*;

/// A run whose files were read.
pub struct Beginning {
    run: RunId,
    experiment: Experiment,
    checkpoint: Option<ArrayBuffer>,
    model: Result<Option<ArrayBuffer>, ErrorReport>,
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

    /// Fetches the file of the model that an experiment starts from, if it does,
    /// and begins with it.
    pub(super) fn fetch_model(
        &self,
        ctx: &Context<Self>,
        run: RunId,
        experiment: Experiment,
        checkpoint: Option<ArrayBuffer>,
    ) {
        let (link, files) = (ctx.link().clone(), self.model_files.clone());
        spawn(async move {
            let model = match &experiment.init {
                Some(hash) => files.bytes(hash).await.map(Some),
                None => Ok(None),
            };
            link.send_message(Message::Begin(Beginning { run, experiment, checkpoint, model }));
        });
    }

    /// Sends a run to the worker with its files beside.
    pub(super) fn begin(&mut self, ctx: &Context<Self>, beginning: Beginning) {
        let Beginning { run, experiment, checkpoint, model } = beginning;
        match model {
            Ok(model) => {
                let resume = checkpoint.is_some();
                let beside = checkpoint.iter().chain(&model).collect::<Array>();
                self.post(ctx, Command::Train { run, experiment, resume }, beside);
            }
            Err(error) => self.hear(ctx, Event::RunFailed { run, error }, &Array::new()),
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
