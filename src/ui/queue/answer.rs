//! What the finished runs of a queue say.

use super::super::chart::Chart;
use crate::app::queue::Queue;
use crate::sweep::{Preset, Summary, lines};
use crate::text;
use crate::ui::shared::Shared;
use crate::widgets::summary::SummaryView;
use std::rc::Rc;
use yew::prelude::*;

/// What [`answer`] shows.
pub struct AnswerProps {
    /// The queue.
    pub queue: Shared<Queue>,
}

/// The answer so far.
pub fn answer(props: &AnswerProps) -> Html {
    let summary = Shared(props.queue.summary().clone());
    html! {
        <section class="answer" aria-labelledby="answer-title">
            <h3 id="answer-title">{ text::queue_answer() }</h3>
            <Lines queue={props.queue.clone()} summary={summary.clone()} />
            <SummaryView
                {summary}
                outcome={Preset::of(props.queue.plan()).is_some()}
                equal={props.queue.plan().with_equal_compute().map(|plan| AttrValue::from(plan.link()))}
            />
        </section>
    }
}

/// Properties of [`Lines`].
#[derive(Clone, Properties)]
struct LinesProps {
    queue: Shared<Queue>,
    summary: Shared<Summary>,
}

impl PartialEq for LinesProps {
    /// What is drawn changes only with the summary.
    fn eq(&self, other: &Self) -> bool {
        self.summary == other.summary
    }
}

/// The lines of a grid with their bands.
#[component]
fn Lines(props: &LinesProps) -> Html {
    let figure = use_memo(props.clone(), |LinesProps { queue, summary }| {
        lines(queue.plan(), summary, |arm| queue.train_images(arm)).map(Rc::new)
    });
    match &*figure {
        Some(figure) => html! {
            <Chart
                id="chart-sweep" figure={Shared(figure.clone())}
                note={text::queue_lines_note()}
            />
        },
        None => Html::default(),
    }
}
