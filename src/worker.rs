//! The web worker: receives [`Command`]s, drives the core, posts [`Event`]s.
//! With `ui`, the only module that knows a browser; it never names yew.

mod answer;
mod arriving;
mod blob;
mod decoders;
mod download;
mod helper;
mod host;
mod image_cache;
mod load;
mod log;
mod post;
mod probe;
mod running;
mod speech;
mod turn;
mod warm_up;
mod worker_pool;

use crate::BUILD_ID;
use crate::data::Dataset;
use crate::data::stores::Stores;
use crate::dataset::CachedDataset;
use crate::engine::AdapterSummary;
use crate::experiment::EngineChoice;
use crate::protocol::ask::AskId;
use crate::protocol::{Command, Event, LoadId, LoadSource, RunId};
use crate::report::ErrorReport;
use crate::saved::SavedModel;
use crate::train::control::Control;
use crate::train::device::{self, OpenedEngine};
use crate::train::error::TrainError;
use crate::{text, wire};
use js_sys::{Array, ArrayBuffer, Function, Reflect, Uint8Array};
use post::post;
use running::Start;
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
    /// The images, at the sides that were needed so far.
    stores: RefCell<Stores>,
    /// Where they came from, to read them again at another side.
    source: RefCell<Option<(LoadSource, Array)>>,
    /// The load in progress, and whether it has been cancelled.
    loading: RefCell<Option<(LoadId, Rc<Cell<bool>>)>>,
    /// Whether the images that are read again for a run are not wanted any more.
    rereads: RefCell<Rc<Cell<bool>>>,
    /// The run in progress.
    running: RefCell<Option<(RunId, Control)>>,
    /// Questions that wait for their answer, and whether it is still wanted.
    asked: RefCell<HashMap<AskId, Rc<Cell<bool>>>>,
    /// The run on made-up images, which compiles shaders.
    warming: warm_up::Warming,
    /// The model that the last run trained.
    trained: RefCell<Option<Arc<SavedModel>>>,
    /// The model that the last run trained, and what it saw.
    seen: RefCell<Option<Rc<answer::Seen>>>,
    /// The images in the browser's private files.
    image_cache: image_cache::ImageCache,
    /// Whether this browser offers a WebGPU adapter, once probed.
    webgpu: RefCell<Option<Result<AdapterSummary, String>>>,
}

/// Starts serving. Called once, by the worker's `main`.
pub fn main() {
    construct();
    log::install();
    match post::scope().name().as_str() {
        decoders::NAME => return decoders::serve(),
        worker_pool::NAME => return worker_pool::serve(),
        _ => {}
    }
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
        let cached = worker.image_cache.summary().await;
        post(&Event::Ready { build: BUILD_ID.into(), engines, cached });
    });
}

/// Runs the program's constructors: to be called once, first of all. See `build.rs`.
pub fn construct() {
    let constructors = Reflect::get(&wasm_bindgen::exports(), &"__wasm_call_ctors".into());
    if let Some(run) = constructors.ok().and_then(|it| it.dyn_into::<Function>().ok()) {
        run.call0(&JsValue::UNDEFINED).ok();
    }
}

impl Worker {
    fn obey(self: &Rc<Self>, command: Command, attachments: Array) {
        match command {
            Command::Load { load, source, short_side, data } => {
                self.cancel_load();
                let cancelled = Rc::new(Cell::new(false));
                self.loading.replace(Some((load, cancelled.clone())));
                let worker = self.clone();
                spawn_local(async move {
                    // Cached images need not be cached again, nor drawings that take a second.
                    let new = !matches!(source, LoadSource::Cached | LoadSource::Sample);
                    let again = (source.clone(), attachments.clone());
                    let result = load::load(
                        load,
                        source,
                        attachments,
                        short_side,
                        &cancelled,
                        &worker.image_cache,
                    )
                    .await;
                    let Some(dataset) = worker.loaded(load, result, &cancelled) else { return };
                    worker.source.replace(Some(again));
                    if new {
                        worker.cache_images(&dataset, data).await;
                    }
                });
            }
            Command::Speak { texts } => speech::speak(&texts),
            Command::WarmUp { experiment } => {
                let worker = self.clone();
                spawn_local(async move { worker.warm_up(&experiment).await });
            }
            Command::DeleteCachedData => {
                let worker = self.clone();
                spawn_local(async move { worker.image_cache.clear().await });
            }
            Command::CancelLoad => self.cancel_load(),
            Command::Train { run, experiment, resume, begin, engine } => {
                let worker = self.clone();
                let start = Start { experiment, resume, begin, engine };
                spawn_local(async move { worker.run(run, start, &attachments).await });
            }
            Command::Pause => self.control(Control::pause),
            Command::Resume => self.control(Control::resume),
            Command::Step => self.control(Control::step),
            Command::Stop => {
                // A run that still waits for its images has no batch to stop before.
                self.rereads.borrow().set(true);
                self.control(Control::stop);
            }
            Command::Ask { ask, question } => self.answer(ask, question, attachments),
            Command::CancelAsk { ask } => {
                if let Some(wanted) = self.asked.borrow_mut().remove(&ask) {
                    wanted.set(false);
                }
            }
        }
    }

    fn control(&self, how: impl FnOnce(&Control)) {
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
    ) -> Option<Arc<Dataset>> {
        if cancelled.get() {
            return None;
        }
        self.loading.take();
        match result {
            Ok((dataset, seconds)) => {
                let dataset = Arc::new(dataset);
                self.stores.borrow_mut().insert(dataset.clone());
                // It would hold the images that it was trained on in memory, too.
                self.seen.take();
                let mut summary = dataset.summary(seconds);
                summary.sides = self.stores.borrow().sides();
                post(&Event::Loaded { load, dataset: summary });
                Some(dataset)
            }
            Err(error) => {
                post(&Event::LoadFailed { load, error });
                None
            }
        }
    }

    /// Caches the images for the next visit, unless another data set replaces them meanwhile.
    async fn cache_images(&self, dataset: &Arc<Dataset>, data: String) {
        let cached = CachedDataset::of(data, &dataset.summary(0.0));
        let wanted = || self.stores.borrow().holds(dataset);
        self.image_cache.write(dataset, cached, wanted).await;
    }

    /// The images stored at `short_side`. They are read again if they are missing at that side and
    /// cannot be made of the originals.
    ///
    /// # Errors
    /// If no data set is loaded, or it cannot be read again.
    async fn images(&self, short_side: u32) -> Result<Arc<Dataset>, ErrorReport> {
        let present = self.data()?;
        if let Some(found) = self.stores.borrow_mut().at(short_side) {
            return Ok(found);
        }
        let lost = |why: &str| {
            ErrorReport::new(
                text::worker_side(),
                text::worker_side_why(
                    &present.short_side.to_string(),
                    &short_side.to_string(),
                    why,
                ),
                text::worker_again(),
            )
        };
        let source = self.source.borrow().clone();
        let (source, files) = source.ok_or_else(|| lost(text::worker_source_gone()))?;
        let cancelled = Rc::new(Cell::new(false));
        self.rereads.replace(cancelled.clone());
        let again = LoadId::AGAIN;
        let read =
            load::load(again, source, files, short_side, &cancelled, &self.image_cache).await;
        post(&Event::ReadAgain);
        let (dataset, _) = read.map_err(|error| lost(&error.why))?;
        if dataset.hash != present.hash {
            return Err(lost(text::worker_files_changed()));
        }
        let dataset = Arc::new(dataset);
        self.stores.borrow_mut().insert(dataset.clone());
        Ok(dataset)
    }

    /// The images for an instrument: at `short_side` if that takes no reading, else as they are.
    fn present_images(&self, short_side: u32) -> Result<Arc<Dataset>, ErrorReport> {
        let found = self.stores.borrow_mut().at(short_side);
        found.map_or_else(|| self.data(), Ok)
    }

    /// Opens the engine that `choice` stands for in this browser.
    async fn open(&self, choice: EngineChoice) -> Result<OpenedEngine, TrainError> {
        let probed = self.webgpu.borrow().clone();
        let probed = probed.unwrap_or_else(|| Err("WebGPU was not probed yet".into()));
        device::open(choice, Some(&probed))
            .await
            .map_err(|error| TrainError::Engine(error.to_string()))
    }
}

/// The bytes of a buffer; none of anything else.
fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<ArrayBuffer>().map_or_else(Vec::new, |it| Uint8Array::new(it).to_vec())
}
