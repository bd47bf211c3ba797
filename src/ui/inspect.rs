//! “Look inside”: the page's instruments, one to a question. What a closed one
//! would show is not made.

pub(super) mod bars;
mod batch;
mod code;
mod confidence;
mod copy;
mod gallery;
mod matrix;
mod normalization;
mod predictions;
mod reliability;
mod resizing;
mod runs;
mod targets;
mod views;
mod waiting;
mod which;
mod xray;

use super::models::Handed;
use super::models::finder::Finder;
use super::models::list::Models;
use super::models::look::Look;
use super::store::Store;
use crate::app::{Action, EngineState};
use crate::text;
use crate::ui::details::{Details, use_details};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use runs::RunStore;
use web_sys::Element;
use yew::prelude::*;

/// Properties of [`LookInside`].
#[derive(Clone, PartialEq, Properties)]
pub struct LookInsideProps {
    /// The page's state.
    pub state: SharedState,
    /// A picture that was dropped or pasted.
    pub picture: Option<Handed>,
    /// A model's file that was dropped.
    pub model: Option<Handed>,
    /// The browser's store of runs, once it is open.
    pub store: Option<Store>,
    /// How many runs it is known to hold.
    pub stored: usize,
    /// Hears what an instrument changes.
    pub on: Callback<Action>,
}

/// The panel of the instruments.
#[component]
pub fn LookInside(props: &LookInsideProps) -> Html {
    let LookInsideProps { state, picture, model, store, stored, on } = props;
    let experiment = &state.experiment;
    let names = state.dataset().map(|dataset| dataset.classes.clone()).unwrap_or_default();
    let kept =
        RunStore { shelf: Shared(state.shelf.clone()), store: store.clone(), stored: *stored };
    let data = state.data.loaded.as_ref().map(|loaded| loaded.summary.clone());
    // The worker has weights once a run of its own has ended, until it is restarted.
    let ended = state.run.as_ref().filter(|run| !run.status.is_active());
    let ready = matches!(state.engine, EngineState::Ready(_));
    let hash = data.as_ref().map_or("", |data| &data.hash);
    let trained =
        ended.filter(|_| ready).map_or_else(String::new, |run| format!("{} {hash}", run.key));
    html! {
        <section class="panel panel-inside" aria-labelledby="inside-title">
            <h2 id="inside-title">{ text::inside_title() }</h2>
            <div class="instruments">
                <Instrument
                    id="batch" title={text::inside_batch()}
                    question={text::inside_batch_question()}
                >
                    <batch::Batch state={state.clone()} />
                </Instrument>
                <Instrument
                    id="normalization" title={text::inside_normalization()}
                    question={text::inside_normalization_question()}
                >
                    <normalization::Normalization state={state.clone()} />
                </Instrument>
                <Instrument
                    id="targets" title={text::inside_targets()}
                    question={text::inside_targets_question()}
                >
                    <targets::Targets eps={experiment.ls} mixup={experiment.mixup > 0.0} {names} on={on.clone()} />
                </Instrument>
                <Instrument
                    id="resizing" title={text::inside_resizing()}
                    question={text::inside_resizing_question()}
                >
                    <resizing::Resizing state={state.clone()} on={on.clone()} />
                </Instrument>
                <Instrument
                    id="finder" title={text::inside_finder()}
                    question={text::inside_finder_question()}
                >
                    <Finder state={state.clone()} on={on.clone()} />
                </Instrument>
                <Instrument
                    id="models" title={text::inside_models()} handed={model.as_ref().map_or(0, |it| it.number)}
                    question={text::inside_models_question()}
                >
                    <Models state={state.clone()} handed={model.clone()} on={on.clone()} />
                </Instrument>
                <Instrument
                    id="picture" title={text::inside_picture()} handed={picture.as_ref().map_or(0, |it| it.number)}
                    question={text::inside_picture_question()}
                >
                    <Look state={state.clone()} handed={picture.clone()} />
                </Instrument>
                <Instrument
                    id="predictions" title={text::inside_predictions()}
                    question={text::inside_predictions_question()}
                >
                    <predictions::Predicted kept={kept.clone()} data={data.clone()} />
                </Instrument>
                <Instrument
                    id="confidence" title={text::inside_confidence()}
                    question={text::inside_confidence_question()}
                >
                    <confidence::Confident kept={kept.clone()} />
                </Instrument>
                <Instrument
                    id="xray" title={text::inside_xray()}
                    question={text::inside_xray_question()}
                >
                    <xray::Xray {trained} busy={state.active_run().is_some()} />
                </Instrument>
                <Instrument
                    id="code" title={text::inside_code()}
                    question={text::inside_code_question()}
                >
                    <code::AsCode experiment={experiment.clone()} {kept} />
                </Instrument>
            </div>
        </section>
    }
}

/// Properties of [`Instrument`].
#[derive(Clone, PartialEq, Properties)]
pub struct InstrumentProps {
    /// Unique in the page; the element is `inside-<id>`.
    pub id: AttrValue,
    /// Its name.
    pub title: AttrValue,
    /// The learner's question that it answers.
    pub question: AttrValue,
    /// How often something was handed to it from outside: each time opens it.
    #[prop_or_default]
    pub handed: u32,
    /// What it shows, made only while it is open.
    pub children: Children,
}

/// One instrument, closed until a person opens it.
#[component]
pub fn Instrument(props: &InstrumentProps) -> Html {
    let InstrumentProps { id, title, question, handed, children } = props;
    let Details { node, open, ontoggle } = use_details();
    {
        let node = node.clone();
        use_effect_with(*handed, move |handed| {
            if *handed > 0
                && let Some(details) = node.cast::<Element>()
            {
                // The toggle event that follows makes what is in it.
                details.set_attribute("open", "").ok();
                details.scroll_into_view();
            }
        });
    }
    html! {
        <details ref={node} class="instrument" id={format!("inside-{id}")} {ontoggle}>
            <summary>
                <h3>{ title }</h3>
                <span class="hint">{ question }</span>
            </summary>
            if open {
                <div class="instrument-body" role="group" aria-label={title.clone()}>{ children.clone() }</div>
            }
        </details>
    }
}
