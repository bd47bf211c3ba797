//! The lessons of a class's link, chosen from the list and put in order.

use crate::classroom::lessons::lesson_index;
use crate::lessons::ListedLesson;
use crate::text;
use crate::widgets::browser;
use crate::widgets::parts::{hint, quiet, unseen};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`LessonOrder`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct LessonOrderProps {
    /// The lessons of the link, by their ids.
    pub(super) lessons: Vec<String>,
    /// Takes them when they were changed.
    pub(super) on_change: Callback<Vec<String>>,
}

/// A list to choose from, and the lessons that were chosen.
#[component]
pub(super) fn LessonOrder(props: &LessonOrderProps) -> Html {
    let LessonOrderProps { lessons, on_change } = props;
    let known = use_state(Vec::<ListedLesson>::new);
    {
        let known = known.setter();
        use_effect_with((), move |()| {
            browser::spawn(async move {
                // Without the list no lesson can be chosen; the panel of the lessons says why.
                if let Ok(index) = lesson_index().await {
                    known.set(index.lessons);
                }
            });
        });
    }
    let onchange = {
        let (lessons, known, on_change) = (lessons.clone(), known.clone(), on_change.clone());
        move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else { return };
            // The first option is none of them.
            let place = usize::try_from(select.selected_index()).unwrap_or(0);
            if let Some(lesson) = place.checked_sub(1).and_then(|place| known.get(place))
                && !lessons.contains(&lesson.id)
            {
                on_change.emit([lessons.clone(), vec![lesson.id.clone()]].concat());
            }
            select.set_selected_index(0);
        }
    };
    let line = |id: &String| {
        let title = known.iter().find(|it| it.id == *id).map_or(id.clone(), |it| it.title.clone());
        let (rest, on_change) = (lessons.clone(), on_change.clone());
        let gone = id.clone();
        let remove = move |_: MouseEvent| {
            on_change.emit(rest.iter().filter(|id| **id != gone).cloned().collect());
        };
        let label = html! { <>{ text::order_remove() }{ " " }{ unseen(title.clone()) }</> };
        html! { <li key={id.clone()}>{ title }{ " " }{ quiet(label, remove) }</li> }
    };
    html! {
        <>
            <div class="field">
                <label for="class-lessons">{ text::order_add() }</label>
                <select id="class-lessons" {onchange}>
                    <option>{ text::order_choose() }</option>
                    { for known.iter().map(|it| html! { <option>{ format!("{}. {}", it.number, it.title) }</option> }) }
                </select>
            </div>
            if !lessons.is_empty() {
                { hint(text::order_hint()) }
                <ol aria-label={text::order_list()}>{ for lessons.iter().map(line) }</ol>
            }
        </>
    }
}
