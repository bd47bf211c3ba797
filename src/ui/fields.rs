//! Form controls: a label, a native control, a hint, tied together for assistive
//! technology. They hold text as it is being typed; a value that is not taken
//! comes back as it was.

use crate::view::View;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// True if the page's link locks the control of this key.
#[hook]
pub fn use_lock(key: &str) -> bool {
    use_context::<Rc<View>>().is_some_and(|view| !view.may_change(key))
}

/// Properties of [`NumberField`].
#[derive(Clone, PartialEq, Properties)]
pub struct NumberProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is.
    pub label: AttrValue,
    /// The value in force.
    pub value: AttrValue,
    /// Smallest value.
    #[prop_or_default]
    pub min: Option<AttrValue>,
    /// Largest value.
    #[prop_or_default]
    pub max: Option<AttrValue>,
    /// Step of the arrows; `any` leaves every value valid.
    #[prop_or(AttrValue::Static("1"))]
    pub step: AttrValue,
    /// Shown while there is no value.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// A sentence below.
    #[prop_or_default]
    pub hint: AttrValue,
    /// Something else decides the value.
    #[prop_or_default]
    pub disabled: bool,
    /// A new value, when it is complete.
    pub on_change: Callback<String>,
}

/// A number with its label.
#[component]
pub fn NumberField(props: &NumberProps) -> Html {
    let locked = use_lock(&props.id);
    let update = use_force_update();
    let on_change = props.on_change.clone();
    let onchange = move |event: web_sys::Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            on_change.emit(input.value());
            update.force_update();
        }
    };
    let hint_id = format!("{}-hint", props.id);
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ &props.label }</label>
            <input
                type="number"
                id={props.id.clone()}
                inputmode="decimal"
                value={props.value.clone()}
                min={props.min.clone()}
                max={props.max.clone()}
                step={props.step.clone()}
                placeholder={props.placeholder.clone()}
                disabled={props.disabled || locked}
                aria-describedby={(!props.hint.is_empty()).then(|| hint_id.clone())}
                {onchange}
            />
            if !props.hint.is_empty() {
                <p class="hint" id={hint_id}>{ &props.hint }</p>
            }
        </div>
    }
}

/// Properties of [`RangeField`].
#[derive(Clone, PartialEq, Properties)]
pub struct RangeProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is.
    pub label: AttrValue,
    /// The value in force.
    pub value: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Step.
    pub step: f64,
    /// The technique is off.
    #[prop_or_default]
    pub disabled: bool,
    /// Tell each value that the slider passes, too, where that costs little.
    #[prop_or_default]
    pub live: bool,
    /// A new value, when the slider is let go.
    pub on_change: Callback<String>,
}

/// A slider that shows its value while it moves.
#[component]
pub fn RangeField(props: &RangeProps) -> Html {
    let locked = use_lock(&props.id);
    let dragged = use_state(|| None::<String>);
    let oninput = {
        let (dragged, on_change, live) = (dragged.clone(), props.on_change.clone(), props.live);
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                if live {
                    on_change.emit(input.value());
                }
                dragged.set(Some(input.value()));
            }
        }
    };
    let onchange = {
        let (dragged, on_change) = (dragged.clone(), props.on_change.clone());
        move |event: web_sys::Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                on_change.emit(input.value());
                dragged.set(None);
            }
        }
    };
    let value = props.value.to_string();
    let shown = (*dragged).clone().unwrap_or_else(|| value.clone());
    html! {
        <div class="field field-range">
            <label for={props.id.clone()}>{ &props.label }</label>
            <output for={props.id.clone()}>{ &shown }</output>
            <input
                type="range"
                id={props.id.clone()}
                min={props.min.to_string()}
                max={props.max.to_string()}
                step={props.step.to_string()}
                value={shown.clone()}
                disabled={props.disabled || locked}
                {oninput}
                {onchange}
            />
        </div>
    }
}

/// One entry of a [`SelectField`].
#[derive(Clone, PartialEq)]
pub struct Choice {
    /// What is handed on; links write it so.
    pub value: AttrValue,
    /// For people.
    pub label: AttrValue,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<AttrValue>, label: impl Into<AttrValue>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// Properties of [`SelectField`].
#[derive(Clone, PartialEq, Properties)]
pub struct SelectProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is.
    pub label: AttrValue,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// The value in force.
    pub value: AttrValue,
    /// A sentence below.
    #[prop_or_default]
    pub hint: AttrValue,
    /// The choice has no effect now.
    #[prop_or_default]
    pub disabled: bool,
    /// A new value.
    pub on_change: Callback<String>,
}

/// A list of choices with its label.
#[component]
pub fn SelectField(props: &SelectProps) -> Html {
    let locked = use_lock(&props.id);
    let on_change = props.on_change.clone();
    let onchange = move |event: web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(select) = target {
            on_change.emit(select.value());
        }
    };
    let select = use_node_ref();
    {
        // What a person chose in a list no longer follows its attributes.
        let (select, value) = (select.clone(), props.value.clone());
        use_effect(move || {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(&value);
            }
        });
    }
    let hint_id = format!("{}-hint", props.id);
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ &props.label }</label>
            <select
                ref={select}
                id={props.id.clone()}
                disabled={props.disabled || locked}
                aria-describedby={(!props.hint.is_empty()).then(|| hint_id.clone())}
                {onchange}
            >
                { for props.choices.iter().map(|choice| html! {
                    <option key={&*choice.value} value={choice.value.clone()}>{ &choice.label }</option>
                }) }
            </select>
            if !props.hint.is_empty() {
                <p class="hint" id={hint_id}>{ &props.hint }</p>
            }
        </div>
    }
}

/// Properties of [`CheckField`].
#[derive(Clone, PartialEq, Properties)]
pub struct CheckProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is.
    pub label: AttrValue,
    /// In force.
    pub checked: bool,
    /// It has no effect now.
    #[prop_or_default]
    pub disabled: bool,
    /// Flipped.
    pub on_change: Callback<bool>,
}

/// A checkbox with its label.
#[component]
pub fn CheckField(props: &CheckProps) -> Html {
    let locked = use_lock(&props.id);
    let update = use_force_update();
    let on_change = props.on_change.clone();
    let onchange = move |event: web_sys::Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            on_change.emit(input.checked());
            update.force_update();
        }
    };
    html! {
        <div class="field field-check">
            <input
                type="checkbox"
                id={props.id.clone()}
                checked={props.checked}
                disabled={props.disabled || locked}
                {onchange}
            />
            <label for={props.id.clone()}>{ &props.label }</label>
        </div>
    }
}
