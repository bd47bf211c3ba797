//! Links for a class: what of the page they hide and lock, a seat, a frame's code.

use super::use_copying;
use crate::text;
use crate::view::{Panel, View};
use crate::widgets::browser;
use crate::widgets::parts::{button, plain};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Links`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct LinksProps {
    /// The page's link.
    pub(super) link: String,
}

/// Keys that are worth locking, with their names in links.
const LOCKS: [&str; 8] = ["data", "model", "size", "epochs", "bs", "lr", "seed", "engine"];

/// The dialog.
#[component]
pub(super) fn Links(props: &LinksProps) -> Html {
    let view = use_state(View::default);
    let seat = use_state(|| false);
    let copying = use_copying();
    let several = props.link.contains("&sweep=");
    let mut link = format!("{}{}", props.link, view.suffix());
    if *seat && several {
        link.push_str("&seat=?");
    }
    let address = browser::address_of(&link);
    let frame = format!(
        "<iframe src=\"{}\" title=\"Imagenette Playground\" width=\"100%\" height=\"900\" allow=\"clipboard-write\"></iframe>",
        address.replace('&', "&amp;")
    );
    let flag = |id: String, label: String, checked: bool, on: Callback<bool>| {
        let onchange = move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                on.emit(input.checked());
            }
        };
        html! {
            <div class="field field-check">
                <input type="checkbox" id={id.clone()} {checked} {onchange} />
                <label for={id}>{ label }</label>
            </div>
        }
    };
    // The view after one of its flags was switched.
    let changed = |change: fn(&View, usize, bool) -> View, at: usize| {
        let view = view.clone();
        Callback::from(move |on: bool| view.set(change(&view, at, on)))
    };
    let panels = Panel::ALL.into_iter().enumerate().map(|(at, panel)| {
        let name = panel.name();
        flag(format!("hide-{name}"), name.to_owned(), !view.shows(panel), changed(hide, at))
    });
    let locks = LOCKS.into_iter().enumerate().map(|(at, key)| {
        flag(format!("lock-{key}"), key.to_owned(), !view.may_change(key), changed(lock, at))
    });
    let on_seat = {
        let seat = seat.setter();
        Callback::from(move |on: bool| seat.set(on))
    };
    html! {
        <>
            { plain(text::class_links_hint()) }
            <fieldset class="choices"><legend>{ text::class_hide() }</legend>{ for panels }</fieldset>
            <fieldset class="choices"><legend>{ text::class_lock() }</legend>{ for locks }</fieldset>
            if several {
                { flag("class-seat".into(), text::class_seat_each().into(), *seat, on_seat) }
            }
            { flag("class-embed".into(), text::class_embed().into(), view.embed, changed(|view, _, embed| View { embed, ..view.clone() }, 0)) }
            <div class="field">
                <label for="class-link">{ text::class_link() }</label>
                <textarea id="class-link" rows="3" readonly=true spellcheck="false" value={address.clone()} />
            </div>
            <div class="actions">
                { button(text::class_copy_link(), copying.of(address)) }
                { button(text::class_copy_frame(), copying.of(frame)) }
            </div>
            <p class="hint" role="status">{ copying.outcome() }</p>
        </>
    }
}

fn hide(view: &View, at: usize, on: bool) -> View {
    let hidden = |(place, panel): &(usize, Panel)| {
        if *place == at { on } else { !view.shows(*panel) }
    };
    let hidden = Panel::ALL.into_iter().enumerate().filter(hidden).map(|(_, it)| it).collect();
    View { hidden, ..view.clone() }
}

fn lock(view: &View, at: usize, on: bool) -> View {
    let locked = |(place, key): &(usize, &str)| {
        if *place == at { on } else { !view.may_change(key) }
    };
    let locked = LOCKS.into_iter().enumerate().filter(locked).map(|(_, it)| it).collect();
    View { locked, ..view.clone() }
}
