//! The share that this browser computed, as a line of text.

use super::use_copying;
use crate::bridge::SeatStanding;
use crate::classroom::qr::folded_code;
use crate::handin::{HandIn, LONGEST_NAME};
use crate::text;
use crate::widgets::parts::{hint, plain, primary};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`HandInForm`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct HandInProps {
    /// The seat.
    pub(super) seat: SeatStanding,
}

/// The form: what is missing, or a nickname and the line.
#[component]
pub(super) fn HandInForm(props: &HandInProps) -> Html {
    let SeatStanding { seed, line, missing } = &props.seat;
    let name = use_state(String::new);
    let copying = use_copying();
    let Some(line) = line else {
        return html! {
            <>
                { plain(text::class_seat(&seed.to_string())) }
                { hint(missing.clone()) }
            </>
        };
    };
    // The nickname is the person's and not the page's: it is put in here.
    let named = HandIn::read(line)
        .ok()
        .and_then(|hand_in| HandIn { name: name.trim().to_owned(), ..hand_in }.line().ok())
        .unwrap_or_else(|| line.clone());
    let oninput = {
        let name = name.setter();
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                name.set(input.value());
            }
        }
    };
    let onclick = copying.of(named.clone());
    let code = folded_code(text::qr_hand_in(), &named);
    html! {
        <>
            { plain(text::class_ready(&seed.to_string())) }
            <div class="field">
                <label for="hand-in-name">{ text::class_name() }</label>
                <input
                    id="hand-in-name" type="text" maxlength={LONGEST_NAME.to_string()}
                    autocomplete="off" value={(*name).clone()} {oninput}
                />
            </div>
            <div class="field">
                <label for="hand-in-line">{ text::class_line() }</label>
                <textarea id="hand-in-line" rows="4" readonly=true spellcheck="false" value={named} />
            </div>
            <p>
                { primary(text::class_copy(), onclick) }
                { " " }<span class="hint" role="status">{ copying.outcome() }</span>
            </p>
            { code }
        </>
    }
}
