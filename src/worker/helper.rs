//! Workers of this worker, of the same program, that lend their core for one kind of work.
//! Without shared memory: what they need goes there and comes back as messages.

use super::post::scope;
use crate::wire;
use futures::channel::mpsc::UnboundedSender;
use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Most threads that work at the same time, this one among them.
const MOST: f64 = 8.0;

/// Threads that this machine has for us, this one among them.
pub(super) fn threads() -> usize {
    scope().navigator().hardware_concurrency().clamp(1.0, MOST) as usize
}

/// Answers each piece of work as it comes. What `work` cannot answer becomes an error of
/// this worker, which reaches the one that started it. Called once, by a helper's `main`.
pub(super) fn serve<W: DeserializeOwned, A: Serialize>(
    mut work: impl FnMut(W, Array) -> Result<(A, Array), String> + 'static,
) {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let done = wire::receive(&event.data())
            .map_err(|error| error.to_string())
            .and_then(|(asked, attached)| work(asked, attached))
            .and_then(|(answer, attached)| {
                wire::post(&scope(), &answer, &attached).map_err(|error| error.to_string())
            });
        if let Err(error) = done {
            wasm_bindgen::throw_str(&error);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    if let Err(error) = scope().post_message(&UP.into()) {
        wasm_bindgen::throw_val(error);
    }
}

/// A helper's message that it is ready: messages posted before are lost.
const UP: &str = "up";

/// A message of a helper.
pub(super) enum HelperMessage<A> {
    /// It takes work from now on.
    Up,
    /// An answer, and its attachments.
    Answer(A, Array),
    /// It broke, or could not start.
    Broke,
}

/// A helper's number, and its message.
pub(super) type NumberedMessage<A> = (usize, HelperMessage<A>);

/// A helper. Dropping it ends it.
pub(super) struct Helper {
    worker: Worker,
    _listeners: [Closure<dyn FnMut(Event)>; 2],
}

impl Helper {
    /// Starts a helper for the work called `name`, which ends in "helper": by that the
    /// loader knows that it gets the program in a message. `None` if the browser refuses.
    pub(super) fn start<A: DeserializeOwned + 'static>(
        name: &str,
        number: usize,
        messages: &UnboundedSender<NumberedMessage<A>>,
    ) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(name);
        let worker = Worker::new_with_options(&scope().location().href(), &options).ok()?;
        // The first message: see `web/worker_loader.js`.
        if worker.post_message(&wasm_bindgen::module()).is_err() {
            worker.terminate();
            return None;
        }
        let answers = messages.clone();
        let answered = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let event: &MessageEvent = event.unchecked_ref();
            let data = event.data();
            let message = if data.as_string().as_deref() == Some(UP) {
                HelperMessage::Up
            } else {
                wire::receive(&data).map_or(HelperMessage::Broke, |(answer, attached)| {
                    HelperMessage::Answer(answer, attached)
                })
            };
            answers.unbounded_send((number, message)).ok();
        });
        let messages = messages.clone();
        let broke = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            event.prevent_default();
            messages.unbounded_send((number, HelperMessage::Broke)).ok();
        });
        worker.set_onmessage(Some(answered.as_ref().unchecked_ref()));
        worker.set_onerror(Some(broke.as_ref().unchecked_ref()));
        Some(Self { worker, _listeners: [answered, broke] })
    }

    /// Gives it a piece of work.
    ///
    /// # Errors
    /// If the browser refuses.
    pub(super) fn give(
        &self,
        work: &impl Serialize,
        attached: &Array,
    ) -> Result<(), wire::WireError> {
        wire::post(&self.worker, work, attached)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
