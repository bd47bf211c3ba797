//! “Look inside”: the page's instruments, one to a question. What a closed one
//! would show is not made.

mod bars;
mod targets;

use super::app::Bench;
use crate::workbench::Action;
use web_sys::Element;
use yew::prelude::*;

/// Properties of [`LookInside`].
#[derive(Clone, PartialEq, Properties)]
pub struct LookInsideProps {
    /// The page's state.
    pub bench: Bench,
    /// Hears what an instrument changes.
    pub on: Callback<Action>,
}

/// The panel of the instruments.
#[component]
pub fn LookInside(props: &LookInsideProps) -> Html {
    let LookInsideProps { bench, on } = props;
    let experiment = &bench.experiment;
    let names = bench.dataset().map(|dataset| dataset.classes.clone()).unwrap_or_default();
    html! {
        <section class="panel panel-inside" aria-labelledby="inside-title">
            <h2 id="inside-title">{ "Look inside" }</h2>
            <div class="instruments">
                <Instrument
                    id="targets" title="Targets"
                    question="What do label smoothing and mixup ask the network for?"
                >
                    <targets::Targets eps={experiment.ls} mixup={experiment.mixup > 0.0} {names} on={on.clone()} />
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
    /// What it shows, made only while it is open.
    pub children: Children,
}

/// One instrument, closed until a person opens it.
#[component]
pub fn Instrument(props: &InstrumentProps) -> Html {
    let InstrumentProps { id, title, question, children } = props;
    let node = use_node_ref();
    let open = use_state(|| false);
    let ontoggle = {
        let (open, node) = (open.clone(), node.clone());
        // Asks the element itself: what is inside may toggle, too.
        move |_: Event| {
            let details = node.cast::<Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        }
    };
    html! {
        <details ref={node} class="instrument" id={format!("inside-{id}")} {ontoggle}>
            <summary>
                <h3>{ title }</h3>
                <span class="hint">{ question }</span>
            </summary>
            if *open {
                <div class="instrument-body" role="group" aria-label={title.clone()}>{ children.clone() }</div>
            }
        </details>
    }
}
