//! Which of the stored runs an instrument shows, and its predictions.

use super::super::results::shared::Shared;
use super::super::store::Store;
use crate::record::Predictions;
use crate::runs::RunEntry;
use crate::runs::format::{minute, percent};
use crate::runs::shelf::Shelf;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The finished runs and where their predictions are.
#[derive(Clone, PartialEq)]
pub struct Kept {
    /// The list.
    pub shelf: Shared<Shelf>,
    /// The browser's store, once it is open.
    pub store: Option<Store>,
    /// How many runs the store is known to hold: predictions are read again when
    /// it grows.
    pub stored: usize,
}

impl Kept {
    /// The runs whose predictions are stored, newest first.
    pub fn with_predictions(&self) -> Vec<Rc<RunEntry>> {
        let runs = self.shelf.runs().iter().rev();
        runs.filter(|run| run.has_predictions).cloned().collect()
    }

    /// The run of this id, or the newest one with predictions.
    pub fn chosen(&self, id: Option<&str>) -> Option<Rc<RunEntry>> {
        let runs = self.with_predictions();
        let wanted = runs.iter().find(|run| Some(run.id.as_str()) == id);
        wanted.or(runs.first()).cloned()
    }

    /// A run in a list of choices.
    pub fn label(&self, run: &RunEntry) -> String {
        let number = self.shelf.number(&run.id).unwrap_or_default();
        let tta = if run.record.tta.is_some() { " with TTA" } else { "" };
        let accuracy = percent(run.accuracy());
        format!("run {number}: {accuracy}{tta}, {}", minute(&run.record.date))
    }
}

/// Properties of [`RunChoice`].
#[derive(Clone, PartialEq, Properties)]
pub struct RunChoiceProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What is chosen.
    pub label: AttrValue,
    /// The runs.
    pub kept: Kept,
    /// The chosen one, if any.
    pub value: Option<AttrValue>,
    /// What choosing none is called, where that is a choice.
    #[prop_or_default]
    pub none: Option<AttrValue>,
    /// Hears the id of another one.
    pub on_change: Callback<Option<AttrValue>>,
}

/// A list of runs to choose from.
#[component]
pub fn RunChoice(props: &RunChoiceProps) -> Html {
    let RunChoiceProps { id, label, kept, value, none, on_change } = props;
    let on_change = on_change.clone();
    let onchange = move |event: Event| {
        let select = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
        if let Some(select) = select {
            let chosen = select.value();
            on_change.emit((!chosen.is_empty()).then(|| chosen.into()));
        }
    };
    let select = use_node_ref();
    {
        // What a person chose in a list no longer follows its attributes.
        let (select, value) = (select.clone(), value.clone());
        use_effect(move || {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(value.as_deref().unwrap_or_default());
            }
        });
    }
    html! {
        <div class="field">
            <label for={id.clone()}>{ label }</label>
            <select ref={select} id={id.clone()} {onchange}>
                if let Some(none) = none {
                    <option value="">{ none }</option>
                }
                { for kept.with_predictions().iter().map(|run| html! {
                    <option key={run.id.clone()} value={run.id.clone()}>{ kept.label(run) }</option>
                }) }
            </select>
        </div>
    }
}

/// The predictions of a run, as far as they are known.
#[derive(Clone, PartialEq)]
pub enum Read {
    /// No run was asked for.
    Nothing,
    /// On their way.
    Reading,
    /// Here.
    Here(Shared<Predictions>),
    /// Not to be had, and why.
    Failed(AttrValue),
}

/// Reads the predictions of the run of this id.
#[hook]
pub fn use_predictions(kept: &Kept, id: Option<AttrValue>) -> Read {
    let read = use_state(|| Read::Nothing);
    {
        let read = read.setter();
        use_effect_with((kept.store.clone(), kept.stored, id), move |(store, _, id)| {
            let wanted = Rc::new(Cell::new(true));
            match (store.clone(), id.clone()) {
                (_, None) => read.set(Read::Nothing),
                (None, Some(_)) => read.set(Read::Failed(
                    "This browser keeps no runs for this page, and so no predictions.".into(),
                )),
                (Some(store), Some(id)) => {
                    read.set(Read::Reading);
                    let wanted = wanted.clone();
                    spawn_local(async move {
                        let found = match store.predictions(&id).await {
                            Ok(Some(predictions)) => Read::Here(Shared(Rc::new(predictions))),
                            // A run that has just ended is stored in a moment.
                            Ok(None) => Read::Reading,
                            Err(error) => {
                                Read::Failed(format!("{}: {}.", error.what, error.why).into())
                            }
                        };
                        if wanted.get() {
                            read.set(found);
                        }
                    });
                }
            }
            move || wanted.set(false)
        });
    }
    (*read).clone()
}

/// What stands in place of an instrument that has no run to show.
pub fn nothing() -> Html {
    html! {
        <p class="hint">
            { "Nothing to show yet: train a run. Its predictions of the validation images are \
               kept with it, and shown here." }
        </p>
    }
}

/// What stands in place of predictions that are not here.
pub fn waiting(read: &Read) -> Html {
    match read {
        Read::Nothing | Read::Here(_) => Html::default(),
        Read::Reading => html! { <p class="hint">{ "Reading the predictions…" }</p> },
        Read::Failed(why) => html! { <p class="hint is-bad" role="status">{ why }</p> },
    }
}
