//! A run's twins: the same run with one technique switched.

use crate::app::Action;
use crate::experiment::technique::Technique;
use crate::runs::RunEntry;
use crate::text;
use crate::ui::parts::{button_if, hint, unseen};
use crate::ui::shared::Shared;
use yew::prelude::*;

/// Properties of [`Twins`].
#[derive(Clone, PartialEq, Properties)]
pub struct TwinsProps {
    /// The run.
    pub run: Shared<RunEntry>,
    /// True while a run is going on.
    pub training: bool,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The twins. Made only when they are opened: a long list would have hundreds of
/// buttons else.
#[component]
pub fn Twins(props: &TwinsProps) -> Html {
    let open = use_state(|| false);
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    html! {
        <details class="twins" ontoggle={on_toggle}>
            <summary>
                { text::run_twin() }{ " " }{ unseen(text::run_of(&props.run.number.to_string())) }
            </summary>
            if *open {
                { buttons(props) }
            }
        </details>
    }
}

fn buttons(props: &TwinsProps) -> Html {
    let TwinsProps { run, training, on } = props;
    let experiment = run.experiment();
    html! {
        <>
            { hint(text::run_twin_hint()) }
            <div class="twin-buttons">
                { for Technique::ALL.into_iter().map(|technique| {
                    let wish = Action::Twin { id: run.id.clone(), technique };
                    let name = technique.inline_name();
                    let label = if technique.is_on(&experiment) {
                        text::run_twin_without(name)
                    } else {
                        text::run_twin_with(name)
                    };
                    button_if(!(*training), label, on.reform(move |_: MouseEvent| wish.clone()))
                }) }
            </div>
            if *training {
                { hint(text::run_twin_busy()) }
            }
        </>
    }
}
