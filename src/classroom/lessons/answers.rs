//! The questions of a lesson as form controls: radio buttons, one number or several.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How a missing number is written.
const MISSING: &str = "?";

/// A way to answer.
pub(in crate::classroom) enum AnswerForm {
    /// One of these: values, and what they say.
    One(Vec<(AttrValue, AttrValue)>),
    /// A number for each of these labels.
    Numbers(Vec<AttrValue>),
}

/// Whether nothing is missing in an answer.
pub(super) fn is_complete(answer: &str) -> bool {
    !answer.is_empty() && !answer.contains(MISSING)
}

/// The controls; `id` is unique in the page.
pub(in crate::classroom) fn ask(
    id: &'static str,
    text: &str,
    form: &AnswerForm,
    answer: &UseStateHandle<String>,
    disabled: bool,
) -> Html {
    html! {
        <fieldset class="lesson-ask" {disabled}>
            <legend>{ text }</legend>
            { match form {
                AnswerForm::One(options) => options.iter().enumerate().map(|(place, option)| {
                    radio(id, place, option, answer)
                }).collect::<Html>(),
                AnswerForm::Numbers(labels) => labels.iter().enumerate().map(|(place, label)| {
                    number(id, place, label, labels.len(), answer)
                }).collect::<Html>(),
            } }
        </fieldset>
    }
}

fn radio(
    id: &'static str,
    place: usize,
    (value, label): &(AttrValue, AttrValue),
    answer: &UseStateHandle<String>,
) -> Html {
    let onchange = {
        let (answer, value) = (answer.setter(), value.clone());
        move |_: Event| answer.set(value.to_string())
    };
    let own = format!("{id}-{place}");
    html! {
        <div class="field field-check">
            <input type="radio" id={own.clone()} name={id} value={value.clone()} checked={**answer == **value} {onchange} />
            <label for={own}>{ label }</label>
        </div>
    }
}

fn number(
    id: &'static str,
    place: usize,
    label: &AttrValue,
    count: usize,
    answer: &UseStateHandle<String>,
) -> Html {
    let parts: Vec<String> = (0..count)
        .map(|at| {
            answer.split(' ').nth(at).filter(|it| !it.is_empty()).unwrap_or(MISSING).to_owned()
        })
        .collect();
    let value = parts.get(place).filter(|it| *it != MISSING).cloned().unwrap_or_default();
    // At each key: what is typed is not lost when the card is drawn again.
    let oninput = {
        let answer = answer.setter();
        move |event: InputEvent| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let (text, mut parts) = (input.value(), parts.clone());
            if let Some(part) = parts.get_mut(place) {
                *part = if text.is_empty() { MISSING.to_owned() } else { text };
            }
            answer.set(parts.join(" "));
        }
    };
    let own = format!("{id}-{place}");
    html! {
        <div class="field">
            <label for={own.clone()}>{ label }</label>
            <input type="number" id={own} inputmode="decimal" step="any" {value} {oninput} />
        </div>
    }
}
