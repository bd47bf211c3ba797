//! The engines in a browser: a worker that opens a case, hands out its inputs and
//! weights for the other library, and trains steps. `ours.mjs` loads it.

use crate::cases::{self, Case, Trainer};
use imagenette_playground::experiment::EngineChoice;
use imagenette_playground::model::layout::Stage;
use imagenette_playground::train::device;
use imagenette_playground::wire;
use imagenette_playground::worker;
use js_sys::{Array, Float32Array};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};
use web_time::Instant;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Request {
    /// Opens an engine and draws the first weights.
    Open { case: String, engine: String },
    /// Trains steps.
    Steps { count: usize },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Reply {
    /// The worker can be asked.
    Ready,
    /// Attached: pixels, targets, and the tensors in the order of `tensors`.
    Opened {
        adapter: String,
        stages: Vec<StageInfo>,
        size: usize,
        batch: usize,
        tensors: Vec<TensorInfo>,
    },
    Stepped {
        ms: f64,
        losses: Vec<f64>,
    },
    Failed {
        why: String,
    },
}

/// A stage for the library that builds the same network.
#[derive(Serialize)]
struct StageInfo {
    kind: &'static str,
    stride: usize,
    kernel: usize,
    padding: usize,
}

#[derive(Serialize)]
struct TensorInfo {
    name: String,
    shape: Vec<usize>,
}

pub fn main() {
    worker::construct();
    std::panic::set_hook(Box::new(|info| reply(&Reply::Failed { why: info.to_string() })));
    let trainer = Rc::new(RefCell::new(None));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let trainer = trainer.clone();
        spawn_local(async move {
            let answered = match wire::receive::<Request>(&event.data()) {
                Ok((request, _)) => answer(request, &trainer).await,
                Err(error) => Err(error.to_string()),
            };
            match answered {
                Ok((message, attachments)) => post(&message, &attachments),
                Err(why) => reply(&Reply::Failed { why }),
            }
        });
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener lives as long as the worker does.
    on_message.forget();
    reply(&Reply::Ready);
}

async fn answer(
    request: Request,
    slot: &RefCell<Option<Trainer>>,
) -> Result<(Reply, Array), String> {
    match request {
        Request::Open { case, engine } => {
            let case = cases::all()
                .into_iter()
                .find(|known| known.name == case)
                .ok_or_else(|| format!("there is no case {case}"))?;
            let choice = if engine == "cpu" { EngineChoice::Cpu } else { EngineChoice::Webgpu };
            let opened = device::open(choice, None).await.map_err(|error| error.to_string())?;
            let trainer = Trainer::new(&case, &opened.device);
            let told = describe(&case, &trainer, opened.adapter).await?;
            slot.replace(Some(trainer));
            Ok(told)
        }
        Request::Steps { count } => {
            // Taken out for the time of the steps: one request is under way at a time.
            let mut trainer = slot.take().ok_or("no case is open")?;
            let begun = Instant::now();
            let losses = trainer.steps(count).await;
            let ms = begun.elapsed().as_secs_f64() * 1e3;
            slot.replace(Some(trainer));
            Ok((Reply::Stepped { ms, losses: losses? }, Array::new()))
        }
    }
}

async fn describe(
    case: &Case,
    trainer: &Trainer,
    adapter: String,
) -> Result<(Reply, Array), String> {
    let tensors = trainer.network.export_async().await.map_err(|error| error.to_string())?;
    let batch = cases::batch(case);
    let attachments = Array::new();
    let attach = |values: &[f32]| attachments.push(&Float32Array::from(values).buffer());
    attach(&batch.pixels);
    attach(&batch.targets);
    for tensor in &tensors {
        attach(&tensor.data);
    }
    let stages = case.stages.iter().map(|stage| stage_info(*stage)).collect();
    let tensors =
        tensors.into_iter().map(|it| TensorInfo { name: it.name, shape: it.shape }).collect();
    let reply = Reply::Opened { adapter, stages, size: case.size, batch: batch.len, tensors };
    Ok((reply, attachments))
}

fn stage_info(stage: Stage) -> StageInfo {
    let (kind, stride, kernel, padding) = match stage {
        Stage::Conv { stride, .. } => ("conv", stride, 3, 1),
        Stage::Pool { kernel, padding } => ("pool", 2, kernel, padding),
        Stage::Residual { .. } => ("residual", 1, 3, 1),
        Stage::Block { stride, .. } => ("block", stride, 3, 1),
    };
    StageInfo { kind, stride, kernel, padding }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn reply(message: &Reply) {
    post(message, &Array::new());
}

fn post(message: &Reply, attachments: &Array) {
    if let Err(error) = wire::post(&scope(), message, attachments) {
        web_sys::console::error_1(&error.to_string().into());
    }
}
