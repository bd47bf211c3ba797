//! Bringing a model's file into the page: opened from a file, or saved from the
//! worker. The worker reads it, the page keeps it.

use super::super::ask::{Asker, PendingQuestion, Reply};
use super::super::messages::report;
use super::files::ModelFiles;
use crate::app::Action;
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion};
use crate::protocol::ask::{Answer, Question};
use crate::report::ErrorReport;
use crate::saved::short;
use crate::text;
use crate::ui::browser::spawn;
use crate::widgets::save;
use js_sys::Array;
use std::rc::Rc;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// What is to be brought.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelRequest {
    /// The model in this file, if it has the hash.
    File(File, Option<String>),
    /// The model that the last run trained, which is downloaded, too.
    Trained,
}

/// The way of a file into the page.
#[derive(Clone, PartialEq)]
pub struct Opening {
    /// True while it is on its way.
    pub busy: bool,
    /// Why the last one did not come.
    pub error: Option<ErrorReport>,
    /// Brings one.
    pub bring: Callback<ModelRequest>,
}

/// A way to bring files into the page; `on` hears of those that came.
#[hook]
pub fn use_opening(on: Callback<Action>) -> Opening {
    let asker = use_context::<Asker>();
    let files = use_context::<ModelFiles>();
    let busy = use_state(|| false);
    let error = use_state(|| None::<ErrorReport>);
    // Dropping the question takes it back.
    let asked = use_mut_ref(|| None::<PendingQuestion>);
    let bring = {
        let (busy, error) = (busy.setter(), error.setter());
        Callback::from(move |wanted: ModelRequest| {
            let (Some(asker), Some(files)) = (asker.clone(), files.clone()) else { return };
            busy.set(true);
            error.set(None);
            let download = wanted == ModelRequest::Trained;
            let (question, beside) = match wanted {
                ModelRequest::File(file, wanted) => {
                    (ModelQuestion::Open { wanted }, Array::of1(&file))
                }
                ModelRequest::Trained => (ModelQuestion::Save, Array::new()),
            };
            let reply = {
                let (busy, error, on) = (busy.clone(), error.clone(), on.clone());
                Callback::from(move |reply: Reply| match reply {
                    Reply::Progress(_) => {}
                    Reply::Failed(report) => {
                        busy.set(false);
                        error.set(Some(report));
                    }
                    Reply::Answer(answered) => {
                        busy.set(false);
                        if let Answer::Model(ModelAnswer::Card(card)) = &answered.answer
                            && let Some(bytes) = answered.buffers.first()
                        {
                            arrived(
                                (**card).clone(),
                                bytes.clone(),
                                download,
                                files.clone(),
                                on.clone(),
                            );
                        }
                    }
                })
            };
            *asked.borrow_mut() = Some(asker.ask(Question::Model(question), beside, reply));
        })
    };
    Opening { busy: *busy, error: (*error).clone(), bring }
}

/// Keeps a file that came, then offers it as a download if that was asked for, and says
/// so: whoever holds the download finds the model here after a reload, too.
fn arrived(
    card: crate::saved::ModelCard,
    bytes: Rc<Vec<u8>>,
    download: bool,
    files: ModelFiles,
    on: Callback<Action>,
) {
    spawn(async move {
        if let Err(error) = files.keep(&card, &bytes).await {
            on.emit(Action::Warned(error.to_string()));
        }
        if download {
            save::bytes(&card.file_name(), &bytes);
        }
        on.emit(Action::ModelOpened(card));
    });
}

/// Properties of [`OpenModel`].
#[derive(Clone, PartialEq, Properties)]
pub struct OpenModelProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// The hash that the file must have.
    #[prop_or_default]
    pub wanted: Option<String>,
    /// Hears of the model.
    pub on: Callback<Action>,
}

/// A file picker for a model, with what went wrong.
#[component]
pub fn OpenModel(props: &OpenModelProps) -> Html {
    let opening = use_opening(props.on.clone());
    let onchange = {
        let (bring, wanted) = (opening.bring.clone(), props.wanted.clone());
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                if let Some(file) = input.files().and_then(|files| files.get(0)) {
                    bring.emit(ModelRequest::File(file, wanted.clone()));
                }
                // So that choosing the same file again is a change again.
                input.set_value("");
            }
        })
    };
    let label = match &props.wanted {
        Some(hash) => text::models_open_wanted(short(hash)),
        None => text::models_open().to_owned(),
    };
    html! {
        <>
            <div class="field">
                <label for={props.id.clone()}>{ label }</label>
                <input type="file" id={props.id.clone()} accept=".safetensors" disabled={opening.busy} {onchange} />
            </div>
            if let Some(error) = opening.error {
                { report(&error, Html::default()) }
            }
        </>
    }
}
