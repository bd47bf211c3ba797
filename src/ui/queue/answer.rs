//! What the finished runs of a queue say: the differences with their intervals
//! and verdicts, the arms, the same as tables and CSV.

use super::super::chart::Chart;
use super::super::results::save;
use super::super::results::table::TableView;
use super::dots::Dots;
use crate::app::queue::Queue;
use crate::chart::table::Table;
use crate::sweep::{Preset, Summary, lines};
use crate::ui::parts::{csv_button, hint};
use crate::ui::shared::Shared;
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
            <h3 id="answer-title">{ "What the runs say" }</h3>
            <Lines queue={props.queue.clone()} summary={summary.clone()} />
            <Told
                {summary}
                preset={Preset::of(props.queue.plan()).is_some()}
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
                note="The mean over the seeds; the band is one standard deviation to either side."
            />
        },
        None => Html::default(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ToldProps {
    summary: Shared<Summary>,
    preset: bool,
    /// Link of the same ablation with progressive resizing at equal compute, too.
    equal: Option<AttrValue>,
}

/// Drawn anew only when a run has ended.
#[component]
fn Told(props: &ToldProps) -> Html {
    let summary = &props.summary;
    let tables = use_memo(summary.clone(), |summary| {
        let tables = [
            summary.contrasts_table(),
            summary.measures_table(),
            summary.interactions_table(),
            summary.arms_table(),
        ];
        tables.map(Rc::new)
    });
    let [contrasts, measures, interactions, arms] = &*tables;
    let further = |table: &Rc<Table>, title: &'static str| {
        if table.rows.is_empty() {
            return Html::default();
        }
        html! {
            <details>
                <summary>{ title }</summary>
                <TableView table={Shared(table.clone())} caption={title} />
            </details>
        }
    };
    let csv = |name: &'static str, text: fn(&Summary) -> String| {
        let summary = summary.clone();
        Callback::from(move |_: MouseEvent| save::text(name, "text/csv", &text(&summary)))
    };
    html! {
        <>
            if props.preset && !summary.contrasts.is_empty() {
                <h4>{ "What came out" }</h4>
                <ul class="queue-outcome">
                    { for summary.contrasts.iter().map(|contrast| html! {
                        <li><strong>{ &contrast.name }</strong>{ format!(": {}.", contrast.sentence) }</li>
                    }) }
                    { for summary.interactions.iter().map(|it| html! {
                        <li>{ "Gain of " }<strong>{ &it.name }</strong>{ format!(": {}.", it.told.sentence) }</li>
                    }) }
                </ul>
            }
            if !summary.contrasts.is_empty() {
                <Dots summary={summary.clone()} />
                <details>
                    <summary>{ "Differences as a table" }</summary>
                    <TableView table={Shared(contrasts.clone())} caption="Differences of accuracy and their verdicts" />
                    { csv_button("Download CSV of the differences", csv("differences.csv", Summary::contrasts_csv)) }
                </details>
            }
            { further(measures, "NLL and calibration error (ECE) and their verdicts") }
            { further(interactions, "Whether the gain is another under other conditions") }
            if !measures.rows.is_empty() {
                { csv_button("Download CSV of loss, calibration and gains", csv("others.csv", Summary::others_csv)) }
            }
            if let Some(link) = &props.equal {
                <p><a href={format!("#{link}")}>{ "The same queue with progressive resizing at equal compute, too" }</a></p>
            }
            <details>
                <summary>{ "Accuracy of each arm" }</summary>
                <TableView table={Shared(arms.clone())} caption="Accuracy of each arm over its seeds" />
                { csv_button("Download CSV of the arms", csv("arms.csv", Summary::arms_csv)) }
            </details>
            { for summary.notes().into_iter().map(hint) }
        </>
    }
}
