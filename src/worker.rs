//! The web worker: receives [`Command`]s, drives the core, posts [`Event`]s.
//! With `ui`, the only module that knows a browser; it never names yew.

mod answer;
mod blob;
mod download;
mod host;
mod load;
mod log;
mod post;
mod probe;
mod turn;

use crate::data::Dataset;
use crate::experiment::{EngineChoice, Experiment};
use crate::protocol::ask::AskId;
use crate::protocol::{AdapterSummary, BUILD_ID, Command, ErrorReport, Event, LoadId, RunId};
use crate::record::RunRecord;
use crate::train::checkpoint::Checkpoint;
use crate::train::control::Control;
use crate::train::device::{self, Opened};
use crate::train::error::TrainError;
use crate::train::run::{Job, run};
use crate::wire;
use host::WorkerHost;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use post::post;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

/// Everything the worker holds between two messages.
#[derive(Default)]
struct Worker {
    dataset: RefCell<Option<Arc<Dataset>>>,
    /// The load in progress, and whether it has been cancelled.
    loading: RefCell<Option<(LoadId, Rc<Cell<bool>>)>>,
    /// The run in progress.
    running: RefCell<Option<(RunId, Control)>>,
    /// Questions that wait for their answer, and whether it is still wanted.
    asked: RefCell<HashMap<AskId, Rc<Cell<bool>>>>,
    /// Whether this browser offers a WebGPU adapter, once probed.
    webgpu: RefCell<Option<Result<AdapterSummary, String>>>,
}

/// Starts serving. Called once, by the worker's `main`.
pub fn main() {
    log::install();
    let worker = Rc::new(Worker::default());
    let receiver = worker.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match wire::receive::<Command>(&event.data()) {
            Ok((command, attachments)) => receiver.obey(command, attachments),
            Err(error) => post(&Event::Warning { message: error.to_string() }),
        }
    });
    post::scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener lives as long as the worker does.
    on_message.forget();
    spawn_local(async move {
        let engines = probe::engines().await;
        worker.webgpu.replace(Some(engines.webgpu.clone()));
        post(&Event::Ready { build: BUILD_ID.into(), engines });
    });
}

impl Worker {
    fn obey(self: &Rc<Self>, command: Command, attachments: Array) {
        match command {
            Command::Load { load, source, short_side } => {
                self.cancel_load();
                let cancelled = Rc::new(Cell::new(false));
                self.loading.replace(Some((load, cancelled.clone())));
                let worker = self.clone();
                spawn_local(async move {
                    let result =
                        load::load(load, source, attachments, short_side, &cancelled).await;
                    worker.loaded(load, result, &cancelled);
                });
            }
            Command::CancelLoad => self.cancel_load(),
            Command::Train { run, experiment, resume } => {
                let worker = self.clone();
                spawn_local(async move {
                    let checkpoint = resume.then(|| attachments.get(0));
                    let ended = match worker.train(run, experiment, checkpoint).await {
                        Ok(record) => Event::RunEnded { run, record: Box::new(record) },
                        Err(error) => Event::RunFailed { run, error },
                    };
                    post(&ended);
                });
            }
            Command::Pause => self.steer(Control::pause),
            Command::Resume => self.steer(Control::resume),
            Command::Step => self.steer(Control::step),
            Command::Stop => self.steer(Control::stop),
            Command::Ask { ask, question } => self.answer(ask, question, attachments),
            Command::TakeBack { ask } => {
                if let Some(wanted) = self.asked.borrow_mut().remove(&ask) {
                    wanted.set(false);
                }
            }
        }
    }

    fn steer(&self, how: impl FnOnce(&Control)) {
        if let Some((_, control)) = &*self.running.borrow() {
            how(control);
        }
    }

    fn cancel_load(&self) {
        if let Some((load, cancelled)) = self.loading.take() {
            cancelled.set(true);
            post(&Event::LoadCancelled { load });
        }
    }

    fn loaded(
        &self,
        load: LoadId,
        result: Result<(Dataset, f64), ErrorReport>,
        cancelled: &Cell<bool>,
    ) {
        if cancelled.get() {
            return;
        }
        self.loading.take();
        match result {
            Ok((dataset, seconds)) => {
                let dataset = Arc::new(dataset);
                self.dataset.replace(Some(dataset.clone()));
                post(&Event::Loaded { load, dataset: dataset.summary(seconds) });
            }
            Err(error) => post(&Event::LoadFailed { load, error }),
        }
    }

    async fn train(
        &self,
        id: RunId,
        experiment: Experiment,
        checkpoint: Option<JsValue>,
    ) -> Result<RunRecord, ErrorReport> {
        if self.running.borrow().is_some() {
            return Err(ErrorReport {
                what: "The run could not start".into(),
                why: "Another run is still going on.".into(),
                remedy: "Stop it, or wait for its end.".into(),
            });
        }
        let Some(dataset) = self.dataset.borrow().clone() else {
            return Err(ErrorReport {
                what: "The run could not start".into(),
                why: "No data set is loaded.".into(),
                remedy: "Choose the data first.".into(),
            });
        };
        let short_side = experiment.short_side();
        if !dataset.serves(short_side) {
            return Err(ErrorReport {
                what: "The run could not start".into(),
                why: format!(
                    "Its sizes and crop need images stored at {short_side} pixels; these are \
                     stored at {}.",
                    dataset.short_side
                ),
                remedy: "Read the data again at that size.".into(),
            });
        }
        let resume = match checkpoint {
            Some(bytes) => {
                let bytes = bytes.dyn_into::<ArrayBuffer>().unwrap_or_else(|_| ArrayBuffer::new(0));
                let bytes = Uint8Array::new(&bytes).to_vec();
                Some(Checkpoint::from_bytes(&bytes).map_err(|error| error.report())?)
            }
            None => None,
        };
        let control = Control::default();
        self.running.replace(Some((id, control.clone())));
        let result = async {
            let engine = self.open(experiment.engine).await?;
            let job = Job { experiment, dataset, resume };
            run(job, &engine, &control, &mut WorkerHost::new(id)).await
        }
        .await;
        self.running.take();
        result.map_err(|error| error.report())
    }

    async fn open(&self, choice: EngineChoice) -> Result<Opened, TrainError> {
        let probed = self.webgpu.borrow().clone();
        let probed = probed.unwrap_or_else(|| Err("WebGPU was not probed yet".into()));
        device::open(choice, Some(&probed))
            .await
            .map_err(|error| TrainError::Engine(error.to_string()))
    }
}
