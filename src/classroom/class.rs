//! A class without a server: check a laptop, hand in the share of this browser, collect those of
//! all, make links for a lesson, clear the browser.

mod check;
mod clear;
mod collect;
mod hand_in;
mod links;
mod order;
mod time_box;

use crate::bridge::{self, PageSnapshot};
use crate::text;
use crate::widgets::browser;
use crate::widgets::shared::Shared;
use check::ClassCheck;
use clear::ClearBrowser;
use collect::Collect;
use hand_in::HandInForm;
use links::Links;
use yew::prelude::*;

/// Copying, and what became of it, in a sentence.
struct Copying {
    copied: UseStateHandle<Option<String>>,
}

#[hook]
fn use_copying() -> Copying {
    Copying { copied: use_state(|| None) }
}

impl Copying {
    /// What a press does that copies this text.
    fn of(&self, what: String) -> Callback<MouseEvent> {
        let copied = self.copied.setter();
        Callback::from(move |_: MouseEvent| {
            let (copied, what) = (copied.clone(), what.clone());
            browser::spawn(async move {
                copied.set(Some(match browser::copy(&what).await {
                    Ok(()) => text::class_copied().to_owned(),
                    Err(why) => text::class_not_copied(&why),
                }));
            });
        })
    }

    /// What became of the last press.
    fn outcome(&self) -> String {
        (*self.copied).clone().unwrap_or_default()
    }
}

/// Properties of [`Class`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ClassProps {
    /// What is known of the page.
    pub(super) page: Shared<PageSnapshot>,
}

/// The panel's content.
#[component]
pub(super) fn Class(props: &ClassProps) -> Html {
    if !super::use_opened(bridge::CLASS) {
        return Html::default();
    }
    let seat = props.page.queue.as_ref().and_then(|queue| queue.seat.clone());
    html! {
        <div class="class">
            <h3>{ text::check_title() }</h3>
            <ClassCheck page={props.page.clone()} />
            if let Some(seat) = seat {
                <h3>{ text::class_hand_in() }</h3>
                <HandInForm {seat} />
            }
            <h3>{ text::class_collect() }</h3>
            <Collect />
            <h3>{ text::class_links() }</h3>
            <Links page={props.page.clone()} />
            <p><a href={format!("#{}&show=1", props.page.link)}>{ text::class_show_here() }</a></p>
            <h3>{ text::clear_title() }</h3>
            <ClearBrowser kept={props.page.kept} busy={props.page.busy} />
        </div>
    }
}
