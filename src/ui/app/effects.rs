//! Carries out what the state wants done: in the address, in the worker, in
//! the store.

use super::super::browser;
use super::super::engine::EngineClient;
use super::{App, Message};
use crate::app::{Action, Effect, STOP_PATIENCE, Source};
use crate::protocol::Command;
use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::JsCast;
use yew::prelude::*;

impl App {
    /// `attachments` are those of the event that led to the effect.
    pub(super) fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect, attachments: &Array) {
        match effect {
            Effect::ShowLink(link) => browser::replace_fragment(&link),
            Effect::Post(command) => self.post(ctx, command, Array::new()),
            Effect::Load { load, source, short_side } => {
                let files = match &source {
                    Source::Given { files, .. } => self.files.get(files).cloned(),
                    _ => None,
                };
                let data = source.data().text();
                let source = source.load_source();
                let command = Command::Load { load, source, short_side, data };
                self.post(ctx, command, files.unwrap_or_default());
            }
            Effect::ReadFiles { run, checkpoint, model } => {
                self.read_files(ctx, run, checkpoint, model);
            }
            Effect::Start(command) => self.post(ctx, command, attachments.clone()),
            Effect::WatchStop(run) => {
                let link = ctx.link().clone();
                browser::after(1000.0 * STOP_PATIENCE, move || {
                    link.send_message(Message::Do(Action::StopUnanswered(run)));
                });
            }
            Effect::StartEngine => {
                // The old worker ends before the new one asks for the GPU.
                self.end_engine();
                match EngineClient::start(ctx.link().callback(Message::Engine)) {
                    Ok(engine) => self.engine = Some(engine),
                    Err(error) => ctx.link().send_message(Message::Do(Action::EngineFailed(error))),
                }
            }
            Effect::EndEngine => self.end_engine(),
            Effect::Keep { entry, predictions } => {
                let epochs = attachments.get(0).dyn_into::<ArrayBuffer>().ok();
                self.keep(ctx, entry, predictions, epochs);
            }
            Effect::KeepUnfinished(run) => {
                // A worker that sends no checkpoint has nothing to go on from.
                if let Ok(bytes) = attachments.get(0).dyn_into::<ArrayBuffer>() {
                    self.keep_unfinished(ctx, run, bytes);
                }
            }
            Effect::DropUnfinished(id) => self.drop_unfinished(ctx, id),
            Effect::KeepQueue(text) => browser::keep_queue(&text),
            Effect::ReadPredictions(id) => self.read_predictions(ctx, id),
        }
    }

    /// Posts to the worker. Without one, questions are answered with that.
    pub(super) fn post(&mut self, ctx: &Context<Self>, command: Command, attachments: Array) {
        let Some(engine) = &mut self.engine else { return self.asker.give_up() };
        if let Err(error) = engine.post(command, attachments) {
            ctx.link().send_message(Message::Do(Action::EngineFailed(error)));
        }
    }

    fn end_engine(&mut self) {
        self.engine = None;
        self.asker.give_up();
    }
}
