//! Small pieces of markup that recur on every panel. Each is compiled once here: the
//! same element written out in forty components weighs forty times.

use crate::app::Action;
use crate::text;
use yew::prelude::*;

/// A sentence beside the matter itself.
pub fn hint(text: impl Into<AttrValue>) -> Html {
    paragraph(Some("hint"), text.into())
}

/// A plain paragraph.
pub fn plain(text: impl Into<AttrValue>) -> Html {
    paragraph(None, text.into())
}

fn paragraph(class: Option<&'static str>, text: AttrValue) -> Html {
    html! { <p {class}>{ text }</p> }
}

/// Says, also to those who do not see it appear, why something is not done.
pub fn refusal(text: impl Into<AttrValue>) -> Html {
    fn made(text: AttrValue) -> Html {
        html! { <p class="hint is-bad" role="status">{ text }</p> }
    }
    made(text.into())
}

/// A word that marks a thing.
pub fn tag(text: impl Into<AttrValue>) -> Html {
    span("tag", text.into())
}

/// What the eye sees from the place, and a screen reader has to be told.
pub fn unseen(text: impl Into<AttrValue>) -> Html {
    span("visually-hidden", text.into())
}

fn span(class: &'static str, text: AttrValue) -> Html {
    html! { <span {class}>{ text }</span> }
}

/// A button.
pub fn button(label: impl Into<Html>, onclick: impl Into<Callback<MouseEvent>>) -> Html {
    press(None, true, label.into(), onclick.into())
}

/// A button that can be pressed on a condition.
pub fn button_if(
    able: bool,
    label: impl Into<Html>,
    onclick: impl Into<Callback<MouseEvent>>,
) -> Html {
    press(None, able, label.into(), onclick.into())
}

/// The button that a person came for.
pub fn primary(label: impl Into<Html>, onclick: impl Into<Callback<MouseEvent>>) -> Html {
    press(Some("primary"), true, label.into(), onclick.into())
}

/// The same, on a condition.
pub fn primary_if(
    able: bool,
    label: impl Into<Html>,
    onclick: impl Into<Callback<MouseEvent>>,
) -> Html {
    press(Some("primary"), able, label.into(), onclick.into())
}

/// A button for what is seldom wanted.
pub fn quiet(label: impl Into<Html>, onclick: impl Into<Callback<MouseEvent>>) -> Html {
    press(Some("quiet"), true, label.into(), onclick.into())
}

fn press(
    class: Option<&'static str>,
    able: bool,
    label: Html,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! { <button type="button" {class} disabled={!able} {onclick}>{ label }</button> }
}

/// A button that offers a table as a file; `name` says which, for those who do not
/// see what it stands below.
pub fn csv_button(name: impl Into<AttrValue>, onclick: impl Into<Callback<MouseEvent>>) -> Html {
    fn made(name: AttrValue, onclick: Callback<MouseEvent>) -> Html {
        html! {
            <button type="button" class="quiet" aria-label={name} {onclick}>{ text::table_csv() }</button>
        }
    }
    made(name.into(), onclick.into())
}

/// What a press does when it asks for one action.
pub fn wishes(on: &Callback<Action>, action: fn() -> Action) -> Callback<MouseEvent> {
    on.reform(move |_| action())
}
