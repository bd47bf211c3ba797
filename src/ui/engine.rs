//! The page's end of the worker: starts it, queues for it, ends it. Knows
//! nothing of what the messages mean, but for the first one.

use super::browser::{self, Listener};
use crate::BUILD_ID;
use crate::protocol::{Command, Event};
use crate::report::ErrorReport;
use crate::text;
use crate::widgets::texts;
use crate::wire;
use js_sys::Array;
use std::iter;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

/// What comes from the worker.
pub enum FromEngine {
    /// A message, and what travelled beside it.
    Event(Event, Array),
    /// It broke, or something came that is no message.
    Broken(ErrorReport),
}

/// A running worker. Dropping it ends the worker, whatever it is doing.
pub struct EngineClient {
    worker: Worker,
    /// Commands given before the worker was up; `None` once it is.
    queue: Option<Vec<(Command, Array)>>,
    listeners: Vec<Listener>,
}

impl EngineClient {
    /// Starts the worker; its wasm is fetched in the background.
    ///
    /// # Errors
    /// A report for the person, if the browser refuses to start it.
    pub fn start(report: Callback<FromEngine>) -> Result<Self, ErrorReport> {
        // The build puts the worker into a folder named by its content.
        let script = browser::meta("worker").and_then(|script| browser::resolve(&script));
        let script = script.unwrap_or_default();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        // By its name the loader knows where to find what only the worker says.
        let texts = browser::meta("worker-texts").filter(|file| !file.is_empty());
        let texts = texts.and_then(|file| browser::resolve(&file)).unwrap_or_default();
        options.set_name(&format!("engine {texts}"));
        let worker = Worker::new_with_options(&script, &options)
            .map_err(|error| broken(text::engine_not_started(), &error))?;
        let listeners = vec![
            on(&worker, "message", &report, |event| {
                let event: &MessageEvent = event.unchecked_ref();
                match wire::receive(&event.data()) {
                    Ok((event, attachments)) => FromEngine::Event(event, attachments),
                    Err(error) => {
                        FromEngine::Broken(broken(&error.to_string(), &JsValue::UNDEFINED))
                    }
                }
            }),
            on(&worker, "messageerror", &report, |_| {
                FromEngine::Broken(broken(text::engine_bad_message(), &JsValue::UNDEFINED))
            }),
            on(&worker, "error", &report, |event| {
                // It is reported here and must not reach the window as the page's own.
                event.prevent_default();
                // A script that cannot be loaded gives a plain event without a message.
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
                FromEngine::Broken(match message.filter(|message| !message.is_empty()) {
                    Some(message) => broken(&message, &JsValue::UNDEFINED),
                    None => ErrorReport::new(
                        text::engine_not_loaded(),
                        text::engine_not_loaded_why(),
                        text::engine_not_loaded_remedy(),
                    ),
                })
            }),
        ];
        Ok(Self { worker, queue: Some(Vec::new()), listeners })
    }

    /// Sends a command with its attachments, or keeps both until the worker is up.
    ///
    /// # Errors
    /// A report for the person, if the browser refuses to send them.
    pub fn post(&mut self, command: Command, attachments: Array) -> Result<(), ErrorReport> {
        match &mut self.queue {
            Some(queue) => queue.push((command, attachments)),
            None => wire::post(&self.worker, &command, &attachments)
                .map_err(|error| broken(&error.to_string(), &JsValue::UNDEFINED))?,
        }
        Ok(())
    }

    /// Notes that the worker is up and sends what has waited. A worker of another
    /// build gets nothing.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub fn flush(&mut self, build: &str) -> Result<(), ErrorReport> {
        if build == BUILD_ID {
            let queue = self.queue.take().unwrap_or_default();
            let speak = Command::Speak { texts: texts::block() };
            for (command, attachments) in iter::once((speak, Array::new())).chain(queue) {
                self.post(command, attachments)?;
            }
        }
        Ok(())
    }
}

impl Drop for EngineClient {
    fn drop(&mut self) {
        // First the listeners: nothing that a dying worker sends matters.
        self.listeners.clear();
        self.worker.terminate();
    }
}

fn on(
    worker: &Worker,
    kind: &'static str,
    report: &Callback<FromEngine>,
    read: impl Fn(&web_sys::Event) -> FromEngine + 'static,
) -> Listener {
    let report = report.clone();
    Listener::new(worker, kind, move |event| report.emit(read(&event)))
}

fn broken(why: &str, error: &JsValue) -> ErrorReport {
    let why =
        if error.is_undefined() { why.into() } else { format!("{why}: {}", wire::describe(error)) };
    ErrorReport::new(text::engine_broken(), why, text::engine_broken_remedy())
}
