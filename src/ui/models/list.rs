//! The models that the page has, and what can be done with each.

use super::super::fields::CheckField;
use super::super::messages::report;
use super::Handed;
use super::assess::Assess;
use super::files::ModelFiles;
use super::open::{ModelRequest, OpenModel, use_opening};
use crate::app::{Action, AppState};
use crate::experiment::Norm;
use crate::format::{bytes, percent};
use crate::saved::{ModelCard, short};
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{button, button_if, hint, quiet, tag, unseen};
use crate::ui::shared::SharedState;
use crate::widgets::save;
use js_sys::Uint8Array;
use yew::prelude::*;

/// Properties of [`Models`].
#[derive(Clone, PartialEq, Properties)]
pub struct ModelsProps {
    /// The page's state.
    pub state: SharedState,
    /// A model's file that was dropped.
    pub handed: Option<Handed>,
    /// Hears the person's wishes.
    pub on: Callback<Action>,
}

/// The list, with the ways to get on it.
#[component]
pub fn Models(props: &ModelsProps) -> Html {
    let ModelsProps { state, handed, on } = props;
    let opening = use_opening(on.clone());
    {
        let bring = opening.bring.clone();
        use_effect_with(handed.clone(), move |handed| {
            if let Some(Handed { file, .. }) = handed {
                bring.emit(ModelRequest::File(file.clone(), None));
            }
        });
    }
    let trained = state.models.trained.is_some();
    let save = {
        let bring = opening.bring.clone();
        move |_: MouseEvent| bring.emit(ModelRequest::Trained)
    };
    let kept = &state.models.cards;
    html! {
        <>
            { hint(text::models_hint()) }
            <div class="actions">
                { button_if(trained && !opening.busy, text::models_save(), save) }
            </div>
            if !trained {
                { hint(text::models_train_first()) }
            }
            if let Some(error) = opening.error {
                { report(&error, Html::default()) }
            }
            <OpenModel id="open-model" on={on.clone()} />
            if let Some(hash) = &state.experiment.init {
                { start_of(hash, state, on) }
            }
            if !kept.is_empty() {
                <ul class="model-list" aria-label={text::models_list()}>
                    { for kept.iter().rev().map(|card| html! {
                        <li key={card.hash.clone()}>
                            <Entry card={card.clone()} state={state.clone()} on={on.clone()} />
                        </li>
                    }) }
                </ul>
            }
        </>
    }
}

/// How the next run starts from a model.
fn start_of(hash: &str, state: &AppState, on: &Callback<Action>) -> Html {
    let set = |key: &'static str| {
        let on = on.clone();
        move |value: String| on.emit(Action::Set { key, value })
    };
    let tune = {
        let set = set("ft");
        Callback::from(move |tune: bool| set(u8::from(tune).to_string()))
    };
    let own = state.experiment.norm == Norm::Model;
    let norm = {
        let set = set("norm");
        Callback::from(move |own: bool| set(if own { "model" } else { "imagenet" }.to_owned()))
    };
    let fresh = {
        let on = on.clone();
        move |_: MouseEvent| on.emit(Action::WithoutSavedModel)
    };
    html! {
        <section class="card" aria-labelledby="start-title">
            <h4 id="start-title">{ text::models_start(short(hash)) }</h4>
            <CheckField
                id="start-norm" label={text::models_start_norm()} checked={own}
                on_change={norm}
            />
            <CheckField
                id="ft" checked={state.experiment.ft} on_change={tune}
                label={text::models_fine_tune()}
            />
            { hint(text::models_fine_tune_hint()) }
            { button(text::models_fresh(), fresh) }
        </section>
    }
}

/// Properties of [`Entry`].
#[derive(Clone, PartialEq, Properties)]
struct EntryProps {
    card: ModelCard,
    state: SharedState,
    on: Callback<Action>,
}

/// One model.
#[component]
fn Entry(props: &EntryProps) -> Html {
    let EntryProps { card, state, on } = props;
    let files = use_context::<ModelFiles>().unwrap_or_default();
    let measuring = use_state(|| false);
    let name = short(&card.hash).to_owned();
    let starts = state.experiment.init.as_ref() == Some(&card.hash);
    let start = {
        let (on, hash) = (on.clone(), card.hash.clone());
        move |_: MouseEvent| on.emit(Action::StartFrom(hash.clone()))
    };
    let measure = {
        let measuring = measuring.clone();
        move |_: MouseEvent| measuring.set(!*measuring)
    };
    let download = {
        let (files, on, card) = (files.clone(), on.clone(), card.clone());
        move |_: MouseEvent| {
            let (files, on, card) = (files.clone(), on.clone(), card.clone());
            spawn(async move {
                match files.bytes(&card.hash).await {
                    Ok(bytes) => save::bytes(&card.file_name(), &Uint8Array::new(&bytes).to_vec()),
                    Err(error) => on.emit(Action::Warned(error.to_string())),
                }
            });
        }
    };
    let forget = {
        let (files, on, hash) = (files, on.clone(), card.hash.clone());
        move |_: MouseEvent| {
            let (files, on, hash) = (files.clone(), on.clone(), hash.clone());
            spawn(async move {
                match files.forget(&hash).await {
                    Ok(()) => on.emit(Action::ModelForgotten(hash)),
                    Err(error) => on.emit(Action::Warned(error.to_string())),
                }
            });
        }
    };
    html! {
        <div class="model-entry">
            <p>
                <strong class="numbers">{ format!("{}-{name}", card.about.model) }</strong>
                if starts { { " " }{ tag(text::models_start_tag()) } }
            </p>
            { hint(described(card)) }
            <p class="hint"><code>{ &card.about.link }</code></p>
            <div class="actions">
                { button_if(!starts, named(text::models_start_from(), &name), start) }
                <button type="button" onclick={measure} aria-expanded={measuring.to_string()}>
                    { named(text::models_evaluate(), &name) }
                </button>
                { quiet(named(text::models_download(), &name), download) }
                { quiet(named(text::models_delete(), &name), forget) }
            </div>
            if *measuring {
                <Assess card={card.clone()} state={state.clone()} />
            }
        </div>
    }
}

/// A label and, for those who do not see where it stands, the model.
fn named(label: &'static str, name: &str) -> Html {
    html! { <>{ label }{ " " }{ unseen(name.to_owned()) }</> }
}

fn described(card: &ModelCard) -> String {
    let about = &card.about;

    let normalized = match about.normalization {
        Some([mean, std]) => {
            let list = |values: [f64; 3]| values.map(|value| format!("{value:.3}")).join(" ");
            text::models_normalized(&list(mean), &list(std))
        }
        None => text::models_not_normalized().to_owned(),
    };
    text::models_described(
        &percent(about.accuracy),
        &about.dataset,
        about.epochs,
        &about.size.to_string(),
        about.classes.len(),
        &normalized,
        &bytes(card.bytes),
    )
}
