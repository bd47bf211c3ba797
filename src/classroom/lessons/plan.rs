//! The lessons that a class's link lists, in its order: which are done, and which is next.

use crate::lessons::{Index, Progress};
use crate::text;
use crate::widgets::parts::{plain, quiet, tag};
use crate::widgets::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// The first of these lessons that is not answered, or the first.
pub(super) fn next_of(lessons: &[String], progress: &Progress) -> Option<String> {
    let open = |id: &&String| progress.of(id).is_none_or(|entry| !entry.passed);
    lessons.iter().find(open).or_else(|| lessons.first()).cloned()
}

/// Properties of [`ClassPlan`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ClassPlanProps {
    /// The lessons, as links name them.
    pub(super) lessons: Rc<Vec<String>>,
    /// The list of lessons, for their titles, once it is there.
    pub(super) index: Option<Shared<Index>>,
    /// What was done.
    pub(super) progress: Shared<Progress>,
    /// Opens a lesson.
    pub(super) on_open: Callback<String>,
}

/// The list.
#[component]
pub(super) fn ClassPlan(props: &ClassPlanProps) -> Html {
    let ClassPlanProps { lessons, index, progress, on_open } = props;
    let passed = |id: &str| progress.of(id).is_some_and(|entry| entry.passed);
    let done = lessons.iter().filter(|id| passed(id)).count();
    let line = |id: &String| {
        let listed = index.as_ref().and_then(|index| index.named(id));
        let title = listed.map_or_else(|| id.clone(), |listed| listed.title.clone());
        let (on_open, asked) = (on_open.clone(), id.clone());
        html! {
            <li key={id.clone()}>
                { quiet(title, move |_: MouseEvent| on_open.emit(asked.clone())) }
                if passed(id) {
                    { " " }{ tag(text::plan_answered()) }
                }
            </li>
        }
    };
    html! {
        <section class="lesson-plan" aria-labelledby="lesson-plan">
            <h3 id="lesson-plan">{ text::plan_title() }</h3>
            { plain(text::plan_done(&done.to_string(), lessons.len() as u64)) }
            <ol>{ for lessons.iter().map(line) }</ol>
        </section>
    }
}
