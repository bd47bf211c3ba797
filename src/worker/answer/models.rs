//! Trained models: opening and saving them, measuring them, showing them a
//! picture; and the search for a learning rate.

use super::super::Worker;
use super::super::blob::BlobReader;
use super::{QuestionWork, Unanswered};
use crate::data::builder::ReadLimits;
use crate::data::decode::decode;
use crate::experiment::{Experiment, Norm};
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion, Sight};
use crate::protocol::ask::{Answer, AskProgress};
use crate::report::ErrorReport;
use crate::saved::{LARGEST_FILE, ModelCard, SavedError, SavedModel, hash, short};
use crate::text;
use crate::train::error::TrainError;
use crate::train::fit::fit;
use crate::train::setup::Setup;
use crate::train::{assess, find_lr, picture};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::ops::ControlFlow;
use std::sync::Arc;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Blob;

impl QuestionWork {
    /// The same for work that counts its steps.
    async fn step(&mut self, done: u32, of: u32) -> ControlFlow<()> {
        match self.goes_on(AskProgress { done, of }).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

impl From<TrainError> for Unanswered {
    fn from(error: TrainError) -> Self {
        match error {
            // Only a question that was taken back stops the work on it.
            TrainError::Stopped => Self::TakenBack,
            error => Self::of(&error),
        }
    }
}

impl From<SavedError> for Unanswered {
    fn from(error: SavedError) -> Self {
        Self::Failed(error.report())
    }
}

pub(super) async fn answer(
    worker: &Worker,
    question: ModelQuestion,
    attached: &Array,
    work: &mut QuestionWork,
) -> Result<(Answer, Array), Unanswered> {
    let (answer, buffers) = match question {
        ModelQuestion::Open { wanted } => open(&attached.get(0), wanted)?,
        ModelQuestion::Save => {
            let model = trained(worker)?;
            card(&model, &model.to_bytes())
        }
        ModelQuestion::FindRate { experiment } => {
            let found = find_rate(worker, &experiment, &attached.get(0), work).await?;
            (ModelAnswer::Rates(found), Array::new())
        }
        ModelQuestion::Assess { experiment, norms } => {
            let model = attached_or_trained(worker, &attached.get(0))?;
            let assessment = measure(worker, &model, &experiment, &norms, work).await?;
            (ModelAnswer::Assessment(assessment), Array::new())
        }
        ModelQuestion::Look { passes, experiment } => {
            let model = attached_or_trained(worker, &attached.get(1))?;
            classify(worker, &model, &attached.get(0), passes, &experiment, work).await?
        }
    };
    Ok((Answer::Model(answer), buffers))
}

/// Reads a model's file. Its bytes are part of the answer, for the page to store.
fn open(file: &JsValue, wanted: Option<String>) -> Result<(ModelAnswer, Array), SavedError> {
    let bytes = bytes(file)?;
    let model = SavedModel::from_bytes(&bytes)?;
    let found = hash(&bytes);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
        let [wanted, found] = [&wanted, &found].map(|hash| short(hash).to_owned());
        return Err(SavedError::Another { wanted, found });
    }
    assess::check(&model).map_err(|error| SavedError::Damaged(error.to_string()))?;
    Ok(card(&model, &bytes))
}

/// The bytes of a file, or those that the page stored.
fn bytes(given: &JsValue) -> Result<Vec<u8>, SavedError> {
    if let Some(blob) = given.dyn_ref::<Blob>() {
        let size = blob.size() as u64;
        if size > LARGEST_FILE {
            return Err(SavedError::TooLarge(size));
        }
        return BlobReader::read_all(blob).map_err(|error| SavedError::Read(error.to_string()));
    }
    match given.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Ok(Uint8Array::new(buffer).to_vec()),
        None => Err(SavedError::Read(text::worker_not_arrived().into())),
    }
}

fn card(model: &SavedModel, bytes: &[u8]) -> (ModelAnswer, Array) {
    let about = model.about.clone();
    let card = ModelCard { hash: hash(bytes), bytes: bytes.len() as f64, about };
    (ModelAnswer::Card(Box::new(card)), Array::of1(&Uint8Array::from(bytes).buffer()))
}

/// The model whose bytes are attached, or else the one that the last run trained.
fn attached_or_trained(worker: &Worker, attached: &JsValue) -> Result<Arc<SavedModel>, Unanswered> {
    if attached.is_undefined() {
        return Ok(trained(worker)?);
    }
    Ok(Arc::new(SavedModel::from_bytes(&bytes(attached)?)?))
}

fn trained(worker: &Worker) -> Result<Arc<SavedModel>, ErrorReport> {
    worker.trained.borrow().clone().ok_or_else(|| {
        ErrorReport::new(
            text::worker_no_model(),
            text::worker_no_model_why(),
            text::worker_no_model_remedy(),
        )
    })
}

async fn find_rate(
    worker: &Worker,
    experiment: &Experiment,
    attached: &JsValue,
    work: &mut QuestionWork,
) -> Result<crate::finder::FoundRate, Unanswered> {
    let init = match experiment.init {
        Some(_) => Some(attached_or_trained(worker, attached)?),
        None => None,
    };
    let engine = worker.open(experiment.engine).await?;
    let fitted = fit(experiment, &*worker.data()?).0;
    let data = worker.images(fitted.short_side()).await?;
    let mut setup = Setup::new(experiment, data, init)?;
    let network = setup.network(&engine.device.clone().autodiff())?;
    let tick = async |done, of| work.step(done, of).await;
    Ok(find_lr::find_lr(&mut setup, &network, &engine, tick).await?)
}

async fn measure(
    worker: &Worker,
    model: &SavedModel,
    experiment: &Experiment,
    norms: &[Norm],
    work: &mut QuestionWork,
) -> Result<crate::saved::assessment::Assessment, Unanswered> {
    let engine = worker.open(experiment.engine).await?;
    let data = worker.images(assess::short_side(model)).await?;
    let tick = async |done, of| work.step(done, of).await;
    Ok(assess::assess(model, experiment, &data, norms, &engine, tick).await?)
}

async fn classify(
    worker: &Worker,
    model: &SavedModel,
    file: &JsValue,
    passes: u32,
    experiment: &Experiment,
    work: &mut QuestionWork,
) -> Result<(ModelAnswer, Array), Unanswered> {
    let unread =
        |why: String| ErrorReport::new(text::worker_picture(), why, text::worker_picture_remedy());
    let limits = ReadLimits::default();
    let blob = file.dyn_ref::<Blob>().ok_or_else(|| unread(text::worker_not_arrived().into()))?;
    if blob.size() > limits.entry_bytes as f64 {
        return Err(unread(text::worker_picture_bytes(blob.size() as u64)).into());
    }
    let bytes = BlobReader::read_all(blob).map_err(|error| unread(error.to_string()))?;
    let decoded = decode(&bytes, assess::short_side(model), limits.image_pixels)
        .map_err(|error| unread(error.to_string()))?;
    let engine = worker.open(experiment.engine).await?;
    let tick = async |done, of| work.step(done, of).await;
    let seen = picture::classify(model, decoded, passes, &engine, tick).await?;
    let buffers = Array::new();
    for view in &seen.views {
        buffers.push(&Uint8Array::from(view.to_rgba().as_slice()).buffer());
    }
    let sight = Sight {
        classes: model.about.classes.clone(),
        size: seen.views.first().map_or(0, |view| view.size),
        probabilities: seen.probabilities,
        together: seen.together,
    };
    Ok((ModelAnswer::Sight(sight), buffers))
}
