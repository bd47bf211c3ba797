//! What to ask: an ablation of some techniques, a ready-made question, any sweep.

use crate::app::{Action, QueueAction};
use crate::experiment::technique::Technique;
use crate::sweep::{DEFAULT_SEEDS, MAX_SEEDS, Preset, seeds_from};
use crate::text;
use crate::ui::fold::Fold;
use crate::ui::parts::{hint, plain, unseen};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Setup`].
#[derive(Clone, PartialEq, Properties)]
pub struct SetupProps {
    /// The first seed.
    pub seed: u32,
    /// A queue goes on: nothing can be queued now.
    pub busy: bool,
    /// Hears what is wanted.
    pub on: Callback<Action>,
}

/// The form.
#[component]
pub fn Setup(props: &SetupProps) -> Html {
    let SetupProps { seed, busy, on, .. } = props;
    let chosen = use_state(|| [true; Technique::ALL.len()]);
    let typed = use_state(|| DEFAULT_SEEDS.to_string());
    let seeds = typed.trim().parse::<u32>().unwrap_or(DEFAULT_SEEDS).clamp(1, MAX_SEEDS);
    let techniques: Vec<&str> = Technique::ALL
        .iter()
        .zip(*chosen)
        .filter(|(_, on)| *on)
        .map(|(technique, _)| technique.key())
        .collect();
    let able = !busy && !techniques.is_empty();
    let seed_list: Vec<String> =
        seeds_from(*seed, seeds).into_iter().map(|seed| seed.to_string()).collect();
    let queue = |name: &str| {
        let wanted = format!("{name}:{};seed:{}", techniques.join("|"), seed_list.join("|"));
        let on = on.clone();
        Callback::from(move |_: MouseEvent| {
            if able {
                on.emit(Action::Queue(QueueAction::Define(wanted.clone())));
            }
        })
    };
    let on_seeds = {
        let typed = typed.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                typed.set(input.value());
            }
        })
    };
    html! {
        <Fold id="queue" label={text::queue_setup()}>
            { plain(text::queue_setup_hint()) }
            <fieldset>
                <legend>{ text::queue_techniques() }</legend>
                <div class="queue-techniques">
                    { for Technique::ALL.into_iter().enumerate().map(|(place, technique)| {
                        let id = format!("ask-{}", technique.key());
                        let onchange = {
                            let chosen = chosen.clone();
                            move |event: Event| {
                                let input: Option<HtmlInputElement> = event.target_dyn_into();
                                let mut now = *chosen;
                                if let (Some(one), Some(input)) = (now.get_mut(place), input) {
                                    *one = input.checked();
                                }
                                chosen.set(now);
                            }
                        };
                        let checked = chosen.get(place).copied().unwrap_or_default();
                        html! {
                            <label key={technique.key()} class="queue-technique" for={id.clone()}>
                                <input {id} type="checkbox" {checked} {onchange} />
                                { technique.name() }
                            </label>
                        }
                    }) }
                </div>
            </fieldset>
            <div class="field queue-seeds">
                <label for="ask-seeds">{ text::queue_seeds() }</label>
                <input
                    id="ask-seeds" type="number" min="1" max={MAX_SEEDS.to_string()}
                    value={(*typed).clone()} aria-describedby="ask-seeds-hint" oninput={on_seeds}
                />
                <p class="hint" id="ask-seeds-hint">{ seeds_text(seeds) }</p>
            </div>
            <div class="actions">
                <button type="button" aria-disabled={(!able).then_some("true")} onclick={queue("alone")}>
                    { text::queue_ask_alone() }
                </button>
                <button type="button" aria-disabled={(!able).then_some("true")} onclick={queue("all-but-one")}>
                    { text::queue_ask_all_but_one() }
                </button>
            </div>
            { presets(&WayProps { busy: *busy, on: on.clone() }) }
            <Free busy={*busy} on={on.clone()} />
        </Fold>
    }
}

fn seeds_text(seeds: u32) -> &'static str {
    match seeds {
        0..3 => text::queue_seeds_few(),
        3..10 => text::queue_seeds_some(),
        _ => text::queue_seeds_many(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct WayProps {
    busy: bool,
    on: Callback<Action>,
}

/// The ready-made questions, with what to expect before anything is trained.
fn presets(props: &WayProps) -> Html {
    html! {
        <details>
            <summary>{ text::queue_presets() }</summary>
            <ul class="queue-presets">
                { for Preset::ALL.into_iter().map(|preset| {
                    let (on, busy) = (props.on.clone(), props.busy);
                    let onclick = move |_: MouseEvent| {
                        if !busy {
                            on.emit(Action::Queue(QueueAction::Preset(preset)));
                        }
                    };
                    html! {
                        <li key={preset.name()}>
                            <p><strong>{ preset.question() }</strong></p>
                            { hint(preset.expectation()) }
                            <button type="button" aria-disabled={busy.then_some("true")} {onclick}>
                                { text::queue_preset_queue() }{ " " }
                                { unseen(preset.question()) }
                            </button>
                        </li>
                    }
                }) }
            </ul>
        </details>
    }
}

/// Any sweep, as links write it.
#[component]
fn Free(props: &WayProps) -> Html {
    let text = use_state(String::new);
    let oninput = {
        let text = text.setter();
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                text.set(input.value());
            }
        }
    };
    let onsubmit = {
        let (text, on, busy) = (text.clone(), props.on.clone(), props.busy);
        move |event: SubmitEvent| {
            event.prevent_default();
            if !busy && !text.trim().is_empty() {
                on.emit(Action::Queue(QueueAction::Define(text.trim().to_owned())));
            }
        }
    };
    html! {
        <details>
            <summary>{ text::queue_free() }</summary>
            <form class="field" {onsubmit}>
                <label for="ask-sweep">{ text::queue_free_label() }</label>
                <input
                    id="ask-sweep" type="text" autocomplete="off" spellcheck="false" value={(*text).clone()}
                    placeholder="mixup:0|0.4;epochs:5|20;seed:1..3" aria-describedby="ask-sweep-hint" {oninput}
                />
                <p class="hint" id="ask-sweep-hint">
                    { text::queue_free_hint() }
                </p>
                <button type="submit" aria-disabled={props.busy.then_some("true")}>{ text::queue_free_queue() }</button>
            </form>
        </details>
    }
}
