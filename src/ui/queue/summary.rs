//! A sweep's summary: the differences with their intervals and verdicts, the arms, the same as
//! tables and CSV.

use super::super::results::save;
use super::super::results::table::TableView;
use super::dots::Dots;
use crate::chart::table::Table;
use crate::sweep::Summary;
use crate::ui::parts::{csv_button, hint};
use crate::ui::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`SummaryView`].
#[derive(Clone, PartialEq, Properties)]
pub struct SummaryViewProps {
    /// What the runs say together.
    pub summary: Shared<Summary>,
    /// The verdicts come first, as sentences.
    pub outcome: bool,
    /// Link of the same ablation with progressive resizing at equal compute, too.
    #[prop_or_default]
    pub equal: Option<AttrValue>,
}

/// The summary, drawn anew only when it changes.
#[component]
pub fn SummaryView(props: &SummaryViewProps) -> Html {
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
            if props.outcome && !summary.contrasts.is_empty() {
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
