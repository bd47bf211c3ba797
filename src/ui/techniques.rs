//! The five techniques: a switch each, with what it does and its parameters.

mod phases;

use super::fields::{CheckField, Choice, RangeField, SelectField, use_lock};
use crate::app::Action;
use crate::experiment::technique::Technique;
use crate::experiment::{Experiment, Norm, names};
use crate::text;
use phases::Phases;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`techniques`] shows.
pub struct TechniquesProps {
    /// What is switched.
    pub experiment: Experiment,
    /// Hears the switches.
    pub on: Callback<Action>,
}

/// The panel of the five switches.
pub fn techniques(props: &TechniquesProps) -> Html {
    let on_count = Technique::ALL.iter().filter(|it| it.is_on(&props.experiment)).count();
    html! {
        <section class="panel panel-techniques" aria-labelledby="techniques-title">
            <h2 id="techniques-title">{ text::technique_title() }<span class="count">{ text::technique_count(&on_count.to_string()) }</span></h2>
            <ul class="switches">
                { for Technique::ALL.into_iter().map(|technique| html! {
                    <li key={technique.key()}>
                        <Switch {technique} experiment={props.experiment.clone()} on={props.on.clone()} />
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// Properties of [`Switch`].
#[derive(Clone, PartialEq, Properties)]
struct SwitchProps {
    technique: Technique,
    experiment: Experiment,
    on: Callback<Action>,
}

/// One technique.
#[component]
fn Switch(props: &SwitchProps) -> Html {
    let update = use_force_update();
    let technique = props.technique;
    let is_on = technique.is_on(&props.experiment);
    let locked = use_lock(technique.key());
    let onchange = {
        let on = props.on.clone();
        move |event: web_sys::Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                on.emit(Action::Toggle { technique, on: input.checked() });
                // A switch that cannot come on goes back to where it was.
                update.force_update();
            }
        }
    };
    let id = format!("technique-{}", technique.key());
    let hint_id = format!("{id}-hint");
    html! {
        <div class={classes!("switch", is_on.then_some("is-on"))}>
            <label class="switch-head" for={id.clone()}>
                <input
                    type="checkbox"
                    role="switch"
                    id={id}
                    checked={is_on}
                    disabled={locked}
                    aria-describedby={hint_id.clone()}
                    {onchange}
                />
                <span class="switch-name">{ technique.name() }</span>
            </label>
            <p class="hint" id={hint_id}>{ purpose(technique) }</p>
            if is_on {
                <div class="switch-parameters">
                    { parameters(&SwitchProps { technique, experiment: props.experiment.clone(), on: props.on.clone() }) }
                </div>
            }
        </div>
    }
}

/// What a technique does, in a sentence.
fn purpose(technique: Technique) -> &'static str {
    match technique {
        Technique::Normalization => text::technique_normalization(),
        Technique::ProgressiveResizing => text::technique_progressive(),
        Technique::Tta => text::technique_tta(),
        Technique::Mixup => text::technique_mixup(),
        Technique::LabelSmoothing => text::technique_smoothing(),
    }
}

/// The parameters of one technique.
fn parameters(props: &SwitchProps) -> Html {
    let SwitchProps { technique, experiment, on } = props;
    let set = |key: &'static str| {
        let on = on.clone();
        Callback::from(move |value: String| on.emit(Action::Set { key, value }))
    };
    let flag = |key: &'static str| {
        let on = on.clone();
        Callback::from(move |value: bool| {
            on.emit(Action::Set { key, value: u8::from(value).to_string() });
        })
    };
    match technique {
        Technique::Normalization => {
            let choices = Norm::ALL
                .into_iter()
                .filter(|norm| {
                    *norm != Norm::Off && (*norm != Norm::Model || experiment.init.is_some())
                })
                .map(|norm| Choice::new(norm.name(), names::value_text("norm", norm.name())))
                .collect::<Vec<_>>();
            html! {
                <SelectField id="norm" label={text::technique_norm()} {choices} value={experiment.norm.name()} on_change={set("norm")} />
            }
        }
        Technique::ProgressiveResizing => html! {
            <>
                <Phases experiment={experiment.clone()} on_change={set("prog")} />
                <CheckField
                    id="freeze"
                    label={text::technique_freeze()}
                    checked={experiment.freeze}
                    on_change={flag("freeze")}
                />
            </>
        },
        Technique::Tta => html! {
            <>
                <RangeField
                    id="tta" label={text::technique_tta_views()} value={f64::from(experiment.tta)}
                    min={1.0} max={16.0} step={1.0} on_change={set("tta")}
                />
                <SelectField
                    id="ttamax" label={text::technique_tta_combine()} value={if experiment.ttamax { "1" } else { "0" }}
                    choices={vec![
                        Choice::new("0", text::technique_tta_average()),
                        Choice::new("1", text::technique_tta_maximum()),
                    ]}
                    on_change={set("ttamax")}
                />
                <RangeField
                    id="beta" label={text::technique_tta_beta()} value={experiment.beta} min={0.0}
                    max={1.0} step={0.05} disabled={experiment.ttamax} on_change={set("beta")}
                />
            </>
        },
        Technique::Mixup => html! {
            <RangeField
                id="mixup" label={text::technique_mixup_alpha()} value={experiment.mixup}
                min={0.05} max={4.0} step={0.05} on_change={set("mixup")}
            />
        },
        Technique::LabelSmoothing => html! {
            <RangeField
                id="ls" label={text::technique_smoothing_eps()} value={experiment.ls} min={0.01}
                max={0.5} step={0.01} on_change={set("ls")}
            />
        },
    }
}
