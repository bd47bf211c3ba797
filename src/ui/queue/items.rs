//! The runs of a queue: how far each is, and what can be done about those that
//! wait.

use crate::app::queue::{Item, ItemState, Move, Queue};
use crate::app::{Action, QueueAction};
use crate::text;
use crate::ui::parts::{button, quiet, unseen};
use crate::ui::shared::Shared;
use yew::prelude::*;

/// Runs that are shown at first, and that are added on request.
const PAGE: usize = 12;

/// Properties of [`Items`].
#[derive(Clone, PartialEq, Properties)]
pub struct ItemsProps {
    /// The queue.
    pub queue: Shared<Queue>,
    /// Hears what is wanted.
    pub on: Callback<Action>,
}

/// The list, folded away at first.
#[component]
pub fn Items(props: &ItemsProps) -> Html {
    let ItemsProps { queue, on } = props;
    let open = use_state(|| false);
    let rows = use_state(|| PAGE);
    let ontoggle = {
        let open = open.setter();
        move |event: Event| {
            let element: Option<web_sys::Element> = event.target_dyn_into();
            open.set(element.is_some_and(|details| details.has_attribute("open")));
        }
    };
    let hidden = queue.items().len().saturating_sub(*rows);
    let more = {
        let rows = rows.clone();
        Callback::from(move |_: MouseEvent| rows.set(*rows + PAGE))
    };
    let cut = queue.cut();
    html! {
        <details {ontoggle}>
            <summary>{ text::queue_runs(queue.items().len()) }</summary>
            if *open {
                <ol class="queue-items">
                    { for queue.items().iter().take(*rows).map(|item| row(item, on)) }
                </ol>
                if hidden > 0 {
                    <p>{ button(text::queue_more(&hidden.min(PAGE).to_string(), &hidden.to_string()), more) }</p>
                }
                if cut > 0 {
                    <p>
                        { text::queue_removed(cut) }{ " " }
                        { quiet(text::queue_put_back(), on.reform(|_: MouseEvent| Action::Queue(QueueAction::PutBack))) }
                    </p>
                }
            }
        </details>
    }
}

fn row(item: &Item, on: &Callback<Action>) -> Html {
    let (mark, name) = match &item.state {
        ItemState::Waiting => ("○", text::queue_item_waiting()),
        ItemState::Running => ("◐", text::queue_item_running()),
        ItemState::Done { taken_up: true, .. } => ("●", text::queue_item_known()),
        ItemState::Done { .. } => ("●", text::queue_item_done()),
        ItemState::Failed(_) => ("✕", text::queue_item_failed()),
    };
    let title = text::queue_item(&item.arms.to_string(), &item.experiment.seed.to_string());
    let button = |label: &'static str, action: QueueAction| {
        let (on, action) = (on.clone(), action.clone());
        html! {
            <button type="button" class="quiet" onclick={move |_: MouseEvent| on.emit(Action::Queue(action.clone()))}>
                { label }{ " " }{ unseen(title.clone()) }
            </button>
        }
    };
    let shift = |label, how| button(label, QueueAction::Shift { key: item.key.clone(), how });
    let remove = || button(text::queue_item_remove(), QueueAction::Remove(item.key.clone()));
    html! {
        <li key={item.key.clone()}>
            <p>
                <span aria-hidden="true">{ mark }</span>{ " " }<strong>{ &title }</strong>{ format!(" – {name}") }
            </p>
            <p class="hint"><code>{ &item.key }</code></p>
            if let ItemState::Failed(why) = &item.state {
                <p class="hint is-bad">{ why }</p>
            }
            <div class="queue-item-actions">
                { match &item.state {
                    ItemState::Waiting => html! {
                        <>
                            { shift(text::queue_item_first(), Move::First) }
                            { shift(text::queue_item_earlier(), Move::Up) }
                            { shift(text::queue_item_later(), Move::Down) }
                            { remove() }
                        </>
                    },
                    ItemState::Failed(_) => html! {
                        <>{ button(text::queue_item_retry(), QueueAction::Retry(item.key.clone())) }{ remove() }</>
                    },
                    ItemState::Running | ItemState::Done { .. } => Html::default(),
                } }
            </div>
        </li>
    }
}
