//! Test-time augmentation of the model that was trained last: its weights and the
//! passes of its run stay here until the next run ends.

use super::super::Worker;
use super::super::turn::now;
use super::{QuestionWork, Unanswered};
use crate::data::Dataset;
use crate::experiment::link;
use crate::protocol::ask::{Answer, AskProgress};
use crate::report::ErrorReport;
use crate::saved::SavedModel;
use crate::text;
use crate::train::error::TrainError;
use crate::train::passes::{MeasuredPasses, Viewer};
use futures::lock::Mutex;
use js_sys::{Array, Uint8Array};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

/// The model that was trained last, and what it saw.
pub(in crate::worker) struct Seen {
    model: Arc<SavedModel>,
    dataset: Arc<Dataset>,
    state: Mutex<TtaState>,
}

#[derive(Default)]
struct TtaState {
    viewer: Option<Viewer>,
    passes: MeasuredPasses,
}

impl Seen {
    /// `passes` are those of the run, if it had test-time augmentation.
    pub(in crate::worker) fn new(
        model: Arc<SavedModel>,
        dataset: Arc<Dataset>,
        passes: Option<MeasuredPasses>,
    ) -> Self {
        let state = TtaState { viewer: None, passes: passes.unwrap_or_default() };
        Self { model, dataset, state: Mutex::new(state) }
    }
}

impl TtaState {
    async fn viewer(&mut self, seen: &Seen, worker: &Worker) -> Result<&mut Viewer, Unanswered> {
        if self.viewer.is_none() {
            let engine = link::parse(&seen.model.about.link).experiment.engine;
            let engine = worker.open(engine).await.map_err(|error| error.report())?;
            let viewer = Viewer::new(&seen.model, seen.dataset.clone(), engine);
            self.viewer = Some(viewer.map_err(|error| error.report())?);
        }
        self.viewer.as_mut().ok_or(Unanswered::TakenBack)
    }
}

pub(super) async fn passes(
    worker: &Worker,
    at_least: u32,
    work: &mut QuestionWork,
) -> Result<(Answer, Array), Unanswered> {
    let seen = seen(worker)?;
    let mut state = seen.state.lock().await;
    state.viewer(&seen, worker).await?;
    let TtaState { viewer: Some(viewer), passes } = &mut *state else {
        return Err(Unanswered::TakenBack);
    };
    let tick = async |done, of| match work.goes_on(AskProgress { done, of }).await {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let completed = viewer.complete(passes, at_least, || now() / 1000.0, tick).await;
    completed.map_err(unanswered)?;
    let summary = viewer.summarize(passes, &seen.model.about.link);
    Ok((Answer::Passes(Box::new(summary)), Array::new()))
}

pub(super) async fn views(
    worker: &Worker,
    position: u32,
    passes: u32,
) -> Result<(Answer, Array), Unanswered> {
    let seen = seen(worker)?;
    let mut state = seen.state.lock().await;
    let viewer = state.viewer(&seen, worker).await?;
    let (views, pictures) = viewer.views(position, passes).await.map_err(unanswered)?;
    let buffers = pictures.iter().map(|it| Uint8Array::from(it.to_rgba().as_slice()).buffer());
    Ok((Answer::Views(views), buffers.collect()))
}

fn seen(worker: &Worker) -> Result<Rc<Seen>, ErrorReport> {
    worker.seen.borrow().clone().ok_or_else(|| {
        ErrorReport::new(
            text::worker_no_model_here(),
            text::worker_no_model_here_why(),
            text::worker_no_model_here_remedy(),
        )
    })
}

fn unanswered(error: TrainError) -> Unanswered {
    match error {
        TrainError::Stopped => Unanswered::TakenBack,
        error => Unanswered::of(&error),
    }
}
