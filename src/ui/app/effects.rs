//! Carries out what the state wants done: in the address, in the worker, in the store.

use super::super::browser;
use super::super::engine::EngineClient;
use super::whole::Fetch;
use super::{App, Message};
use crate::app::{Action, Attachments, Effect, STOP_PATIENCE, Source};
use crate::lessons::asked;
use crate::protocol::Command;
use crate::report::ErrorReport;
use js_sys::Array;
use wasm_bindgen::JsCast;
use yew::prelude::*;

impl App {
    pub(super) fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::ShowLink(link) => show_link(&link),
            Effect::Post(command, attachments) => self.post(ctx, command, list(&attachments)),
            Effect::Load { load, source, short_side } => {
                let files = match &source {
                    Source::Given { files, .. } => list(files),
                    _ => Array::new(),
                };
                let data = source.data().text();
                let source = source.load_source();
                self.post(ctx, Command::Load { load, source, short_side, data }, files);
            }
            Effect::FetchWhole(url) => {
                self.whole = url.and_then(|url| Fetch::start(&url, ctx.link().clone()));
            }
            Effect::ReadRunFiles { run, checkpoint, model } => {
                self.read_run_files(ctx, run, checkpoint, model);
            }
            Effect::StartStopTimer(run) => {
                let link = ctx.link().clone();
                browser::after(1000.0 * STOP_PATIENCE, move || {
                    act(&link, Action::StopTimedOut(run));
                });
            }
            Effect::StartEngine => {
                // The old worker ends before the new one asks for the GPU.
                self.end_engine();
                match EngineClient::start(ctx.link().callback(Message::Engine)) {
                    Ok(engine) => self.engine = Some(engine),
                    Err(error) => act(ctx.link(), Action::EngineFailed(error)),
                }
            }
            Effect::EndEngine => self.end_engine(),
            Effect::SaveRun { entry, predictions, epochs } => {
                self.save_run(ctx, entry, predictions, first(&epochs));
            }
            Effect::SaveCheckpoint { run, checkpoint } => {
                self.save_checkpoint(ctx, run, &checkpoint);
            }
            Effect::DeleteCheckpoint(id) => self.delete_checkpoint(ctx, id),
            Effect::SaveQueue(text) => browser::keep_queue(&text),
            Effect::ReadPredictions(id) => self.read_predictions(ctx, id),
            Effect::ReadModels => self.read_models(ctx),
            Effect::ReadRuns => self.read_runs(ctx),
            Effect::ReadUnfinished => self.read_unfinished(ctx),
            Effect::ReadChoices => self.read_choices(ctx),
            Effect::SaveChoices(choices) => super::persistence::save_choices(&choices),
            Effect::RewriteRuns(runs) => self.rewrite_runs(ctx, runs),
            Effect::DeleteRuns(deleted) => self.delete_runs(ctx, deleted),
            Effect::RestoreRuns(deleted) => self.restore_runs(ctx, deleted),
            Effect::ReopenStore(runs) => self.reopen_store(ctx, runs),
            Effect::CloseStore => {
                self.store = None;
                self.model_files.set_store(None);
            }
            Effect::MeasureSpace => super::persistence::measure_space(ctx),
            Effect::PersistStorage => super::persistence::persist(ctx),
            Effect::ExportRuns(shelf) => self.export_runs(ctx, shelf),
            Effect::ImportRuns { file, shelf } => self.import_runs(ctx, &file, &shelf),
            Effect::DownloadRun { entry, probabilities } => {
                self.download_run(ctx, entry, probabilities);
            }
        }
    }

    /// Posts to the worker. Without one, questions are answered with that.
    pub(super) fn post(&mut self, ctx: &Context<Self>, command: Command, attachments: Array) {
        let Some(engine) = &mut self.engine else { return self.asker.give_up() };
        if let Err(error) = engine.post(command, attachments) {
            act(ctx.link(), Action::EngineFailed(error));
        }
    }

    fn end_engine(&mut self) {
        self.engine = None;
        self.asker.give_up();
    }
}

/// Puts the link into the address. The lesson that is open there stays beside it.
pub(super) fn show_link(link: &str) {
    match asked(&browser::fragment()).0 {
        Some(lesson) => browser::replace_fragment(&format!("{link}&lesson={lesson}")),
        None => browser::replace_fragment(link),
    }
}

/// The attachments as what is posted with a message.
fn list(attachments: &Attachments) -> Array {
    attachments.get::<Array>().cloned().unwrap_or_default()
}

/// The first of the attachments, if it is of this type.
pub(super) fn first<T: JsCast>(attachments: &Attachments) -> Option<T> {
    attachments.get::<Array>()?.get(0).dyn_into().ok()
}

pub(super) fn act(link: &html::Scope<App>, action: Action) {
    link.send_message(Message::Do(action));
}

pub(super) fn warn(link: &html::Scope<App>, error: &ErrorReport) {
    act(link, Action::Warned(error.to_string()));
}
