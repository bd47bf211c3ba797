//! The list of finished runs, newest first.

use super::super::store::Store;
use super::Wish;
use super::row::Row;
use super::shared::Shared;
use crate::runs::RunEntry;
use crate::runs::shelf::{OVERLAYS, Shelf};
use yew::prelude::*;

/// Rows that are shown at first, and that are added on request: drawing
/// hundreds at once would hold up the page.
const PAGE: usize = 20;

/// Properties of [`RunList`].
#[derive(Clone, PartialEq, Properties)]
pub struct RunListProps {
    /// The runs and what is chosen of them.
    pub shelf: Shared<Shelf>,
    /// Where the runs' predictions are.
    pub store: Option<Store>,
    /// The run that was deleted last and can be brought back.
    pub deleted: Option<Shared<RunEntry>>,
    /// Hears the wishes.
    pub on: Callback<Wish>,
}

/// The list.
#[component]
pub fn RunList(props: &RunListProps) -> Html {
    let RunListProps { shelf, store, deleted, on } = props;
    let rows = use_state(|| PAGE);
    let runs = shelf.runs();
    let hidden = runs.len().saturating_sub(*rows);
    let more = {
        let rows = rows.clone();
        Callback::from(move |_: MouseEvent| rows.set(*rows + PAGE))
    };
    if runs.is_empty() && deleted.is_none() {
        return Html::default();
    }
    let full = shelf.overlays_full();
    html! {
        <section class="runs" aria-labelledby="runs-title">
            <h3 id="runs-title">{ "Runs" }<span class="count">{ runs.len() }</span></h3>
            <p class="hint">{ baseline_text(shelf) }</p>
            if shelf.chosen_baseline().is_some() {
                <p><button type="button" class="quiet" onclick={on.reform(|_: MouseEvent| Wish::Baseline(None))}>
                    { "Compare each run with the run before it" }
                </button></p>
            }
            <div role="status">
                if let Some(run) = deleted {
                    <p class="undo">
                        { format!("The run of {} was deleted. ", crate::runs::format::minute(&run.record.date)) }
                        <button type="button" onclick={on.reform(|_: MouseEvent| Wish::Undo)}>{ "Undo" }</button>
                    </p>
                }
                if full {
                    <p class="hint">{ format!("At most {OVERLAYS} runs fit over the curves: take one away to add another.") }</p>
                }
            </div>
            // Explicit roles: on a narrow screen the style sheet turns rows into
            // cards, which would cost them their meaning.
            <div role="table" class="run-table" aria-labelledby="runs-title">
                <div role="rowgroup" class="run-head">
                    <div role="row" class="run-row">
                        { for ["Run", "Accuracy", "Difference", "Speed", "Do"].into_iter().map(|name| html! {
                            <span role="columnheader">{ name }</span>
                        }) }
                    </div>
                </div>
                <div role="rowgroup">
                    { for runs.iter().rev().take(*rows).map(|run| html! {
                        <Row
                            key={run.id.clone()}
                            run={Shared(run.clone())}
                            shelf={shelf.clone()}
                            store={store.clone()}
                            on={on.clone()}
                        />
                    }) }
                </div>
            </div>
            if hidden > 0 {
                <p><button type="button" onclick={more}>
                    { format!("Show {} of {hidden} earlier runs", hidden.min(PAGE)) }
                </button></p>
            }
        </section>
    }
}

fn baseline_text(shelf: &Shelf) -> String {
    match shelf.chosen_baseline().and_then(|id| shelf.number(id)) {
        Some(number) => format!(
            "Differences are taken against run {number}. Intervals are 95% and speak of other \
             images, not of other seeds."
        ),
        None => "Differences are taken against the run before on the same data. Intervals are 95% \
                 and speak of other images, not of other seeds."
            .to_owned(),
    }
}
