//! Answers questions of the page's panels. One file per subject below this one.

mod batch;
mod models;
mod thumbnails;
mod tta;

pub(super) use tta::Seen;

use super::Worker;
use super::post::{post, post_with};
use super::turn::Turn;
use crate::data::Dataset;
use crate::protocol::Event;
use crate::protocol::ask::{Answer, AskId, AskProgress, Question};
use crate::report::ErrorReport;
use crate::text;
use crate::train::error::TrainError;
use js_sys::Array;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// A question being worked on.
struct QuestionWork {
    ask: AskId,
    wanted: Rc<Cell<bool>>,
    turn: Option<Turn>,
}

/// Why there is no answer.
enum Unanswered {
    /// The page withdrew the question and expects no answer.
    TakenBack,
    Failed(ErrorReport),
    /// The engine broke over it.
    Broke(ErrorReport),
}

impl Unanswered {
    /// Of an error that nobody asked for.
    fn of(error: &TrainError) -> Self {
        let report = error.report();
        if error.breaks_engine() { Self::Broke(report) } else { Self::Failed(report) }
    }
}

impl From<ErrorReport> for Unanswered {
    fn from(error: ErrorReport) -> Self {
        Self::Failed(error)
    }
}

impl QuestionWork {
    /// Lets other messages in and reports progress.
    ///
    /// # Errors
    /// [`Unanswered::TakenBack`] once the page has withdrawn the question.
    async fn goes_on(&mut self, progress: AskProgress) -> Result<(), Unanswered> {
        if let Some(turn) = &mut self.turn
            && turn.give().await
        {
            post(&Event::AskProgressed { ask: self.ask, progress });
        }
        if self.wanted.get() { Ok(()) } else { Err(Unanswered::TakenBack) }
    }
}

impl Worker {
    pub(super) fn answer(self: &Rc<Self>, ask: AskId, question: Question, attachments: Array) {
        let wanted = Rc::new(Cell::new(true));
        self.asked.borrow_mut().insert(ask, wanted.clone());
        let worker = self.clone();
        spawn_local(async move {
            let mut work = QuestionWork { ask, wanted, turn: Turn::new().ok() };
            let answered = worker.find(question, &attachments, &mut work).await;
            worker.asked.borrow_mut().remove(&ask);
            match answered {
                Ok((answer, buffers)) => post_with(&Event::Answered { ask, answer }, &buffers),
                Err(Unanswered::Failed(error)) => post(&Event::AskFailed { ask, error }),
                Err(Unanswered::Broke(error)) => {
                    post(&Event::AskFailed { ask, error: error.clone() });
                    post(&Event::Crashed { error });
                }
                Err(Unanswered::TakenBack) => {}
            }
        });
    }

    async fn find(
        &self,
        question: Question,
        attachments: &Array,
        work: &mut QuestionWork,
    ) -> Result<(Answer, Array), Unanswered> {
        match question {
            Question::Thumbnails { images, size } => {
                thumbnails::answer(&*self.data()?, images, size, work).await
            }
            Question::Model(question) => models::answer(self, question, attachments, work).await,
            Question::Passes { at_least } => tta::passes(self, at_least, work).await,
            Question::Views { position, passes } => tta::views(self, position, passes).await,
            Question::Batch { experiment, init, epoch, batch, images } => {
                let data = self.present_images(experiment.short_side())?;
                Ok(batch::strip(data, (experiment, init), (epoch, batch), images)?)
            }
            Question::Draws { experiment, init, image, epoch, draws } => {
                let data = self.present_images(experiment.short_side())?;
                Ok(batch::draws(data, (experiment, init), image, epoch, draws)?)
            }
            Question::Channels { experiment, init, epoch, batch } => {
                let data = self.present_images(experiment.short_side())?;
                batch::channels(data, (experiment, init), (epoch, batch), work).await
            }
        }
    }

    /// The loaded data set.
    ///
    /// # Errors
    /// A report, if none is loaded.
    pub(super) fn data(&self) -> Result<Arc<Dataset>, ErrorReport> {
        self.stores.borrow().current().ok_or_else(|| {
            ErrorReport::new(
                text::worker_no_data(),
                text::worker_no_data_why(),
                text::worker_no_data_remedy(),
            )
        })
    }
}
