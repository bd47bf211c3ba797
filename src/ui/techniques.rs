//! The five techniques: a switch each, with what it does and its parameters.

use super::fields::{CheckField, Choice, RangeField, SelectField};
use super::text;
use crate::app::Action;
use crate::experiment::technique::Technique;
use crate::experiment::{Experiment, Norm};
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
            <h2 id="techniques-title">{ "Techniques" }<span class="count">{ format!("{on_count} of 5 on") }</span></h2>
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
                    aria-describedby={hint_id.clone()}
                    {onchange}
                />
                <span class="switch-name">{ technique.name() }</span>
            </label>
            <p class="hint" id={hint_id}>{ text::technique(technique) }</p>
            if is_on {
                <div class="switch-parameters">
                    { parameters(&SwitchProps { technique, experiment: props.experiment.clone(), on: props.on.clone() }) }
                </div>
            }
        </div>
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
                .map(|norm| Choice::new(norm.name(), text::norm(norm)))
                .collect::<Vec<_>>();
            html! {
                <SelectField id="norm" label="With" {choices} value={experiment.norm.name()} on_change={set("norm")} />
            }
        }
        Technique::ProgressiveResizing => html! {
            <>
                <Phases experiment={experiment.clone()} on_change={set("prog")} />
                <CheckField
                    id="freeze"
                    label="Freeze the convolutions in each warm-up epoch"
                    checked={experiment.freeze}
                    on_change={flag("freeze")}
                />
            </>
        },
        Technique::Tta => html! {
            <>
                <RangeField
                    id="tta" label="Views besides the plain one" value={f64::from(experiment.tta)}
                    min={1.0} max={16.0} step={1.0} on_change={set("tta")}
                />
                <SelectField
                    id="ttamax" label="Combine by" value={if experiment.ttamax { "1" } else { "0" }}
                    choices={vec![
                        Choice::new("0", "average"),
                        Choice::new("1", "maximum"),
                    ]}
                    on_change={set("ttamax")}
                />
                <RangeField
                    id="beta" label="Weight of the plain view" value={experiment.beta} min={0.0}
                    max={1.0} step={0.05} disabled={experiment.ttamax} on_change={set("beta")}
                />
            </>
        },
        Technique::Mixup => html! {
            <RangeField
                id="mixup" label="alpha: higher blends more evenly" value={experiment.mixup}
                min={0.05} max={4.0} step={0.05} on_change={set("mixup")}
            />
        },
        Technique::LabelSmoothing => html! {
            <RangeField
                id="ls" label="eps: share given to all classes" value={experiment.ls} min={0.01}
                max={0.5} step={0.01} on_change={set("ls")}
            />
        },
    }
}

/// Properties of [`Phases`].
#[derive(Clone, PartialEq, Properties)]
struct PhasesProps {
    experiment: Experiment,
    on_change: Callback<String>,
}

/// The phases of progressive resizing as text, checked while it is typed.
#[component]
fn Phases(props: &PhasesProps) -> Html {
    let typed = use_state(|| None::<String>);
    let value = props.experiment.get("prog").unwrap_or_default();
    let shown = (*typed).clone().unwrap_or_else(|| value.clone());
    let mut trial = props.experiment.clone();
    let problem = trial.set("prog", &shown).first().map(ToString::to_string);
    let verdict = match &problem {
        Some(problem) => problem.clone(),
        None => format!(
            "{} epochs in all, with a warm-up epoch after each change of size.",
            trial.total_epochs()
        ),
    };
    let oninput = {
        let typed = typed.clone();
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                typed.set(Some(input.value()));
            }
        }
    };
    let onchange = {
        let (typed, on_change) = (typed.clone(), props.on_change.clone());
        move |event: web_sys::Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                on_change.emit(input.value());
                typed.set(None);
            }
        }
    };
    html! {
        <div class="field">
            <label for="prog">{ "Size × epochs of each phase" }</label>
            <input
                type="text" id="prog" value={shown} spellcheck="false" autocomplete="off"
                aria-invalid={problem.is_some().then_some("true")} aria-describedby="prog-verdict"
                {oninput} {onchange}
            />
            <p class={classes!("hint", problem.is_some().then_some("is-bad"))} id="prog-verdict">{ verdict }</p>
        </div>
    }
}
