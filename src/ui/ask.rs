//! Questions of a panel to the worker: asked through a context, answered to the
//! panel that asked. A question whose panel is gone is taken back.

use crate::protocol::ask::{Answer, AskId, AskProgress, Question};
use crate::protocol::{Command, Event};
use crate::report::ErrorReport;
use crate::text;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// What comes back to the panel that asked.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The work goes on.
    Progress(AskProgress),
    /// The answer.
    Answer(Rc<ReceivedAnswer>),
    /// There is none, and why.
    Failed(ErrorReport),
}

/// An answer and the bulk that came beside it.
#[derive(Debug, PartialEq)]
pub struct ReceivedAnswer {
    /// The answer.
    pub answer: Answer,
    /// Its buffers, in the order that the answer gives.
    pub buffers: Vec<Rc<Vec<u8>>>,
}

/// Asks. Cheap to clone, equal only to itself.
#[derive(Clone)]
pub struct Asker(Rc<Inner>);

struct Inner {
    last: Cell<u32>,
    waiting: RefCell<HashMap<AskId, Callback<Reply>>>,
    post: Callback<(Command, Array)>,
}

impl PartialEq for Asker {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A question that waits for its answer. Dropping it takes the question back.
pub struct PendingQuestion {
    asker: Asker,
    ask: AskId,
}

impl Asker {
    /// An asker whose commands go to the worker through `post`.
    pub fn new(post: Callback<(Command, Array)>) -> Self {
        Self(Rc::new(Inner { last: Cell::default(), waiting: RefCell::default(), post }))
    }

    /// Asks; `attachments` travel beside the question.
    pub fn ask(
        &self,
        question: Question,
        attachments: Array,
        reply: Callback<Reply>,
    ) -> PendingQuestion {
        let ask = AskId(self.0.last.get().wrapping_add(1));
        self.0.last.set(ask.0);
        self.0.waiting.borrow_mut().insert(ask, reply);
        self.0.post.emit((Command::Ask { ask, question }, attachments));
        PendingQuestion { asker: self.clone(), ask }
    }

    /// Passes an event of the worker to the panel that asked, if it is an answer.
    pub(super) fn dispatch(&self, event: &Event, attachments: &Array) {
        let (ask, reply) = match event {
            Event::AskProgressed { ask, progress } => (ask, Reply::Progress(*progress)),
            Event::Answered { ask, answer } => {
                let buffers = attachments
                    .iter()
                    .filter_map(|value| value.dyn_into::<ArrayBuffer>().ok())
                    .map(|buffer| Rc::new(Uint8Array::new(&buffer).to_vec()));
                let answer = answer.clone();
                (ask, Reply::Answer(Rc::new(ReceivedAnswer { answer, buffers: buffers.collect() })))
            }
            Event::AskFailed { ask, error } => (ask, Reply::Failed(error.clone())),
            _ => return,
        };
        // The panel may ask again at once, so that nothing is borrowed meanwhile.
        let waiting = match reply {
            Reply::Progress(_) => self.0.waiting.borrow().get(ask).cloned(),
            Reply::Answer(_) | Reply::Failed(_) => self.0.waiting.borrow_mut().remove(ask),
        };
        if let Some(waiting) = waiting {
            waiting.emit(reply);
        }
    }

    /// The worker is gone and with it every answer.
    pub(super) fn give_up(&self) {
        let waiting = std::mem::take(&mut *self.0.waiting.borrow_mut());
        for reply in waiting.into_values() {
            reply.emit(Reply::Failed(ErrorReport::new(
                text::engine_no_answer(),
                text::engine_no_answer_why(),
                text::engine_no_answer_remedy(),
            )));
        }
    }
}

impl Drop for PendingQuestion {
    fn drop(&mut self) {
        if self.asker.0.waiting.borrow_mut().remove(&self.ask).is_some() {
            let command = Command::CancelAsk { ask: self.ask };
            self.asker.0.post.emit((command, Array::new()));
        }
    }
}

/// What a panel knows of the answer to its question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerState {
    /// The last answer; it stays while the next one is under way.
    pub answer: Option<Rc<ReceivedAnswer>>,
    /// True while an answer is under way.
    pub busy: bool,
    /// How far the work is, if the worker reports it.
    pub progress: Option<AskProgress>,
    /// Why there is no answer.
    pub error: Option<ErrorReport>,
}

/// Asks `question`, and again whenever it or `key` changes: the key is what the
/// answer depends on besides, such as the data set's hash. `None` asks nothing.
#[hook]
pub fn use_answer(question: Option<Question>, key: AttrValue) -> AnswerState {
    let asker = use_context::<Asker>();
    let asking = use_state(AnswerState::default);
    // Replies arrive after the render that asked, so that they need the newest state.
    let current = use_mut_ref(AnswerState::default);
    {
        let asking = asking.setter();
        use_effect_with((asker, question, key), move |(asker, question, _)| {
            let change = move |how: &dyn Fn(&mut AnswerState)| {
                let mut state = current.borrow_mut();
                how(&mut state);
                asking.set(state.clone());
            };
            let asked = match (asker, question) {
                (Some(asker), Some(question)) => {
                    change(&|it| {
                        *it = AnswerState {
                            answer: it.answer.clone(),
                            busy: true,
                            ..AnswerState::default()
                        };
                    });
                    let reply = Callback::from(move |reply: Reply| match reply {
                        Reply::Progress(progress) => change(&|it| it.progress = Some(progress)),
                        Reply::Answer(answer) => {
                            change(&|it| {
                                let answer = Some(answer.clone());
                                *it = AnswerState { answer, ..AnswerState::default() };
                            });
                        }
                        Reply::Failed(error) => {
                            change(&|it| {
                                let error = Some(error.clone());
                                *it = AnswerState { error, ..AnswerState::default() };
                            });
                        }
                    });
                    Some(asker.ask(question.clone(), Array::new(), reply))
                }
                _ => {
                    change(&|it| *it = AnswerState::default());
                    None
                }
            };
            move || drop(asked)
        });
    }
    (*asking).clone()
}
