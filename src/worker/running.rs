//! A run in the worker, from the command to its last event.

use super::host::{WorkerHost, take_epochs};
use super::post::{post, post_with};
use super::{Worker, answer, bytes};
use crate::data::Dataset;
use crate::engine::EngineKind;
use crate::experiment::{EngineChoice, Experiment};
use crate::progress::FailureKind;
use crate::protocol::{Begin, Event, RunId};
use crate::record::RunRecord;
use crate::report::ErrorReport;
use crate::saved::SavedModel;
use crate::text;
use crate::train::checkpoint::Checkpoint;
use crate::train::control::Control;
use crate::train::error::TrainError;
use crate::train::fit::fit;
use crate::train::run::{Job, run};
use js_sys::Array;
use std::rc::Rc;
use std::sync::Arc;

/// How a run starts: see [`crate::protocol::Command::Train`].
pub(super) struct Start {
    pub(super) experiment: Experiment,
    pub(super) resume: bool,
    pub(super) begin: Begin,
    pub(super) engine: Option<EngineKind>,
}

/// Why a run gave no record.
enum Failed {
    /// It was not begun.
    Refused(ErrorReport),
    /// It could not go on.
    Broke(TrainError),
}

impl From<ErrorReport> for Failed {
    fn from(error: ErrorReport) -> Self {
        Self::Refused(error)
    }
}

impl From<TrainError> for Failed {
    fn from(error: TrainError) -> Self {
        Self::Broke(error)
    }
}

impl Worker {
    /// Trains, and posts what came of it.
    pub(super) async fn run(&self, run: RunId, start: Start, attachments: &Array) {
        match self.train(run, start, attachments).await {
            Ok(mut record) => {
                let epochs = take_epochs(&mut record);
                post_with(&Event::RunEnded { run, record: Box::new(record) }, &epochs);
            }
            Err(Failed::Refused(error)) => {
                post(&Event::RunFailed { run, error, failure: FailureKind::Other });
            }
            Err(Failed::Broke(error @ TrainError::DeviceLost(_))) => {
                post(&Event::Crashed { error: error.report() });
            }
            Err(Failed::Broke(error)) => {
                let failure = error.failure();
                post(&Event::RunFailed { run, error: error.report(), failure });
            }
        }
    }

    async fn train(
        &self,
        id: RunId,
        start: Start,
        attachments: &Array,
    ) -> Result<RunRecord, Failed> {
        if self.running.borrow().is_some() {
            return Err(Failed::Refused(ErrorReport::new(
                text::worker_busy(),
                text::worker_busy_why(),
                text::worker_busy_remedy(),
            )));
        }
        let control = Control::default();
        match start.begin {
            Begin::Go => {}
            Begin::Step => control.step(),
            Begin::Hold => control.pause(),
        }
        // From here on it can be controlled, even while it waits.
        self.running.replace(Some((id, control.clone())));
        let ended = self.train_with(&control, id, start, attachments).await;
        self.running.take();
        ended
    }

    async fn train_with(
        &self,
        control: &Control,
        id: RunId,
        start: Start,
        attachments: &Array,
    ) -> Result<RunRecord, Failed> {
        let Start { experiment, resume, engine, .. } = start;
        let resume = match resume {
            true => Some(Checkpoint::from_bytes(&bytes(&attachments.get(0)))?),
            false => None,
        };
        // A run never changes its engine by itself.
        let begun_on = resume.as_ref().map(|checkpoint| checkpoint.state.engine);
        let begun_on = begun_on.or(engine);
        let choice = begun_on.map_or(experiment.engine, EngineChoice::from);
        let init = match experiment.init {
            Some(_) => {
                let last = bytes(&attachments.get(attachments.length().saturating_sub(1)));
                let model = SavedModel::from_bytes(&last).map_err(|error| error.report())?;
                Some(Arc::new(model))
            }
            None => None,
        };
        let dataset = self.images_for(&experiment, control).await?;
        self.warming.end().await;
        let engine = self.open(choice).await?;
        let job = Job { experiment, dataset: dataset.clone(), resume, init };
        let mut host = WorkerHost::new(id);
        let ended = run(job, &engine, control, &mut host).await;
        if let Some(model) = host.trained {
            let seen = answer::Seen::new(model.clone(), dataset, host.augmented);
            self.seen.replace(Some(Rc::new(seen)));
            self.trained.replace(Some(model));
        }
        Ok(ended?)
    }

    /// The images as a run needs them.
    async fn images_for(
        &self,
        experiment: &Experiment,
        control: &Control,
    ) -> Result<Arc<Dataset>, Failed> {
        // Sizes that are clamped to the images need smaller ones.
        let fitted = fit(experiment, &*self.data()?).0;
        let found = self.images(fitted.short_side()).await;
        if control.is_stopped() {
            return Err(TrainError::Stopped.into());
        }
        Ok(found?)
    }
}
