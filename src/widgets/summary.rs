//! A sweep's summary: the differences with their intervals and verdicts, the arms, the same as
//! tables and CSV.

use super::dots::Dots;
use super::save;
use super::table::TableView;
use crate::chart::table::Table;
use crate::sweep::Summary;
use crate::text;
use crate::widgets::parts::{csv_button, hint};
use crate::widgets::shared::Shared;
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
                <h4>{ text::summary_outcome() }</h4>
                <ul class="queue-outcome">
                    { for summary.contrasts.iter().map(|contrast| html! {
                        <li>{ text::summary_contrast(&contrast.name, &contrast.sentence) }</li>
                    }) }
                    { for summary.interactions.iter().map(|it| html! {
                        <li>{ text::summary_gain(&it.name, &it.test.sentence) }</li>
                    }) }
                </ul>
            }
            if !summary.contrasts.is_empty() {
                <Dots summary={summary.clone()} />
                <details>
                    <summary>{ text::summary_differences() }</summary>
                    <TableView table={Shared(contrasts.clone())} caption={text::summary_differences_caption()} />
                    { csv_button(text::summary_differences_csv(), csv("differences.csv", Summary::contrasts_csv)) }
                </details>
            }
            { further(measures, text::summary_measures()) }
            { further(interactions, text::summary_interactions()) }
            if !measures.rows.is_empty() {
                { csv_button(text::summary_others_csv(), csv("others.csv", Summary::others_csv)) }
            }
            if let Some(link) = &props.equal {
                <p><a href={format!("#{link}")}>{ text::summary_equal() }</a></p>
            }
            <details>
                <summary>{ text::summary_arms() }</summary>
                <TableView table={Shared(arms.clone())} caption={text::summary_arms_caption()} />
                { csv_button(text::summary_arms_csv(), csv("arms.csv", Summary::arms_csv)) }
            </details>
            { for summary.notes().into_iter().map(hint) }
        </>
    }
}
