//! The phases of progressive resizing: a size and a number of epochs each, as fields, and
//! as text for those who know how links write them.

use crate::experiment::range::PHASES;
use crate::experiment::{Experiment, Phase, prog};
use crate::text;
use crate::ui::fields::{NumberField, use_lock};
use crate::ui::parts::{button_if, hint};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Phases`].
#[derive(Clone, PartialEq, Properties)]
pub struct PhasesProps {
    /// The experiment that has the phases.
    pub experiment: Experiment,
    /// Takes them as links write them.
    pub on_change: Callback<String>,
}

/// The phases.
#[component]
pub fn Phases(props: &PhasesProps) -> Html {
    let PhasesProps { experiment, on_change } = props;
    let (phases, locked) = (&experiment.prog, use_lock("prog"));
    let change = |phases: Vec<Phase>| on_change.reform(move |_: MouseEvent| prog::format(&phases));
    let mut longer = phases.clone();
    longer.extend(phases.last().map(|last| Phase { size: last.size, epochs: 1 }));
    let shorter: Vec<Phase> = phases.split_last().map_or(Vec::new(), |(_, rest)| rest.to_vec());
    html! {
        <fieldset class="phases" disabled={locked} aria-label={text::technique_phases()}>
            { for phases.iter().enumerate().map(|(place, phase)| html! {
                <div class="pair" key={place} role="group" aria-label={text::technique_phase(&(place + 1).to_string())}>
                    { field(props, place, "size", phase.size) }
                    { field(props, place, "epochs", phase.epochs) }
                </div>
            }) }
            <div class="actions">
                { button_if(phases.len() < PHASES.high, text::technique_phase_add(), change(longer)) }
                { button_if(phases.len() > PHASES.low, text::technique_phase_remove(), change(shorter)) }
            </div>
            { hint(text::technique_phases_total(experiment.total_epochs())) }
            <details>
                <summary>{ text::technique_phases_text() }</summary>
                <AsText experiment={experiment.clone()} on_change={on_change.clone()} />
            </details>
        </fieldset>
    }
}

/// The size or the epochs of one phase.
fn field(props: &PhasesProps, place: usize, what: &'static str, value: u32) -> Html {
    let on_change = {
        let phases = props.experiment.prog.clone();
        props.on_change.reform(move |text: String| {
            let mut phases = phases.clone();
            if let (Some(phase), Ok(value)) = (phases.get_mut(place), text.trim().parse()) {
                if what == "size" {
                    phase.size = value;
                } else {
                    phase.epochs = value;
                }
            }
            prog::format(&phases)
        })
    };
    let number = (place + 1).to_string();
    let label = if what == "size" {
        text::technique_phase_size(&number)
    } else {
        text::technique_phase_epochs(&number)
    };
    let (min, max) = if what == "size" { ("16", "160") } else { ("0", "200") };
    html! {
        <NumberField
            id={format!("prog-{what}-{}", place + 1)} {label}
            value={value.to_string()} {min} {max} {on_change}
        />
    }
}

/// The phases as links write them, checked while they are typed.
#[component]
fn AsText(props: &PhasesProps) -> Html {
    let typed = use_state(|| None::<String>);
    let value = props.experiment.get("prog").unwrap_or_default();
    let shown = (*typed).clone().unwrap_or_else(|| value.clone());
    let mut trial = props.experiment.clone();
    let problem = trial.set("prog", &shown).first().map(ToString::to_string);
    let verdict =
        problem.clone().unwrap_or_else(|| text::technique_phases_total(trial.total_epochs()));
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
            <label for="prog">{ text::technique_phases() }</label>
            <input
                type="text" id="prog" value={shown} spellcheck="false" autocomplete="off"
                aria-invalid={problem.is_some().then_some("true")} aria-describedby="prog-verdict"
                {oninput} {onchange}
            />
            <p class={classes!("hint", problem.is_some().then_some("is-bad"))} id="prog-verdict">{ verdict }</p>
        </div>
    }
}
