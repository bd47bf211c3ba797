//! Links for a class: what of the page they hide and lock, lessons, a seat, a prediction, a
//! frame's code, a QR code.

use super::order::LessonOrder;
use super::time_box::TimeBox;
use super::use_copying;
use crate::bridge::PageSnapshot;
use crate::classroom::qr::folded_code;
use crate::text;
use crate::view::{Panel, View};
use crate::widgets::browser;
use crate::widgets::parts::{button, plain};
use crate::widgets::shared::Shared;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Links`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct LinksProps {
    /// What is known of the page.
    pub(super) page: Shared<PageSnapshot>,
}

/// Keys that are worth locking, with their names in links.
const LOCKS: [&str; 8] = ["data", "model", "size", "epochs", "bs", "lr", "seed", "engine"];

/// The dialog.
#[component]
pub(super) fn Links(props: &LinksProps) -> Html {
    let view = use_state(View::default);
    let seat = use_state(|| false);
    let copying = use_copying();
    let lessons = use_state(Vec::<String>::new);
    let page = &props.page;
    let several = page.link.contains("&sweep=");
    let mut link = format!("{}{}", page.link, view.suffix());
    if *seat && several {
        link.push_str("&seat=?");
    }
    if !lessons.is_empty() {
        link.push_str(&format!("&lesson={}", lessons.join(",")));
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
    let on_lessons = {
        let lessons = lessons.setter();
        Callback::from(move |chosen: Vec<String>| lessons.set(chosen))
    };
    let code = folded_code(text::qr_link(), &address);
    html! {
        <>
            { plain(text::class_links_hint()) }
            <fieldset class="choices"><legend>{ text::class_hide() }</legend>{ for panels }</fieldset>
            <fieldset class="choices"><legend>{ text::class_lock() }</legend>{ for locks }</fieldset>
            if several {
                { flag("class-seat".into(), text::class_seat_each().into(), *seat, on_seat) }
            }
            <TimeBox page={page.clone()} seats={*seat && several} />
            <LessonOrder lessons={(*lessons).clone()} on_change={on_lessons} />
            { flag("class-predict".into(), text::class_predict().into(), view.predict, changed(|view, _, predict| View { predict, ..view.clone() }, 0)) }
            { flag("class-show".into(), text::class_show().into(), view.show, changed(|view, _, show| View { show, ..view.clone() }, 0)) }
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
            { code }
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
