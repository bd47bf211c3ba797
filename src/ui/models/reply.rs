//! A question with files beside it, and what is known of its answer.

use super::super::ask::{AnswerState, Asker, Reply};
use super::Handed;
use super::files::ModelFiles;
use crate::protocol::ask::Question;
use crate::report::ErrorReport;
use crate::ui::browser::spawn;
use js_sys::Array;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

/// What travels beside a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplyBuffers {
    /// A picture.
    pub picture: Option<Handed>,
    /// The hash of a model; the one that was trained last, if none.
    pub model: Option<String>,
}

/// As `use_answer`, with files beside the question.
#[hook]
pub fn use_reply(question: Option<Question>, beside: ReplyBuffers, key: AttrValue) -> AnswerState {
    let asker = use_context::<Asker>();
    let files = use_context::<ModelFiles>();
    let asking = use_state(AnswerState::default);
    {
        let asking = asking.setter();
        let state = (asker, files, question, beside, key);
        use_effect_with(state, move |(asker, files, question, beside, _)| {
            // Dropping what is in it takes the question back; an empty one that
            // was dropped tells that it is not to be asked any more.
            let asked = Rc::new(RefCell::new(None));
            match (asker.clone(), files.clone(), question.clone()) {
                (Some(asker), Some(files), Some(question)) => {
                    asking.set(AnswerState { busy: true, ..AnswerState::default() });
                    let (beside, kept) = (beside.clone(), Rc::downgrade(&asked));
                    spawn(async move {
                        let attachments = match attachments(&files, &beside).await {
                            Ok(attachments) => attachments,
                            Err(error) => {
                                asking.set(AnswerState {
                                    error: Some(error),
                                    ..AnswerState::default()
                                });
                                return;
                            }
                        };
                        let Some(kept) = kept.upgrade() else { return };
                        let reply = Callback::from(move |reply: Reply| {
                            asking.set(match reply {
                                Reply::Progress(progress) => {
                                    let progress = Some(progress);
                                    AnswerState { busy: true, progress, ..AnswerState::default() }
                                }
                                Reply::Answer(answer) => {
                                    AnswerState { answer: Some(answer), ..AnswerState::default() }
                                }
                                Reply::Failed(error) => {
                                    AnswerState { error: Some(error), ..AnswerState::default() }
                                }
                            });
                        });
                        *kept.borrow_mut() = Some(asker.ask(question, attachments, reply));
                    });
                }
                _ => asking.set(AnswerState::default()),
            }
            move || drop(asked)
        });
    }
    (*asking).clone()
}

async fn attachments(files: &ModelFiles, beside: &ReplyBuffers) -> Result<Array, ErrorReport> {
    let attachments = Array::new();
    if let Some(picture) = &beside.picture {
        attachments.push(&picture.file);
    }
    // Nothing is named: the worker takes the model that was trained last.
    if let Some(hash) = &beside.model {
        let bytes = files.bytes(hash).await?;
        attachments.push(&bytes);
    }
    Ok(attachments)
}
