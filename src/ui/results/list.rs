//! The list of finished runs, newest first, and what can be done with all of them.

use super::super::store::Store;
use super::all::{AllRunsProps, all_runs};
use super::group::GroupRow;
use super::row::Row;
use crate::app::Action;
use crate::format::minute;
use crate::runs::RunEntry;
use crate::runs::groups::Line;
use crate::runs::shelf::{OVERLAYS, RunList};
use crate::ui::parts::{button, hint, quiet};
use crate::ui::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Rows that are shown at first, and that are added on request: drawing
/// hundreds at once would hold up the page.
const PAGE: usize = 10;

/// Properties of [`RunTable`].
#[derive(Clone, PartialEq, Properties)]
pub struct RunTableProps {
    /// The runs and what is chosen of them.
    pub shelf: Shared<RunList>,
    /// Where the runs' predictions are.
    pub store: Option<Store>,
    /// The runs that were deleted last and can be brought back.
    pub deleted: Option<Shared<Vec<Rc<RunEntry>>>>,
    /// What an import brought.
    pub told: Option<AttrValue>,
    /// True while a run is going on.
    pub training: bool,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The list.
#[component]
pub fn RunTable(props: &RunTableProps) -> Html {
    let RunTableProps { shelf, store, deleted, told, training, on } = props;
    let rows = use_state(|| PAGE);
    let runs = shelf.runs();
    let lines = shelf.lines();
    let hidden = lines.len().saturating_sub(*rows);
    let more = {
        let rows = rows.clone();
        Callback::from(move |_: MouseEvent| rows.set(*rows + PAGE))
    };
    let full = shelf.overlays_full();
    let verdicts = use_memo(shelf.clone(), |shelf| shelf.verdicts());
    html! {
        <section class="runs" aria-labelledby="runs-title">
            <h3 id="runs-title">{ "Runs" }<span class="count">{ runs.len() }</span></h3>
            <p class="hint">
                { if runs.is_empty() { "No finished runs yet.".to_owned() } else { baseline_text(shelf) } }
            </p>
            if shelf.chosen_baseline().is_some() {
                <p>{ quiet("Compare each run with the run before it", on.reform(|_: MouseEvent| Action::BaselineChosen(None))) }</p>
            }
            <div role="status">
                if let Some(told) = told {
                    <p class="undo">{ told }</p>
                }
                if let Some(runs) = deleted {
                    <p class="undo">
                        { deleted_text(runs) }
                        { button("Undo", on.reform(|_: MouseEvent| Action::UndoDelete)) }
                    </p>
                }
                if full {
                    { hint(format!("At most {OVERLAYS} runs fit over the curves: take one away to add another.")) }
                }
            </div>
            if !runs.is_empty() {
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
                    { for lines.iter().take(*rows).map(|line| match line {
                        Line::Run(run) => html! {
                            <Row
                                key={run.id.clone()}
                                run={Shared(run.clone())}
                                shelf={shelf.clone()}
                                store={store.clone()}
                                training={*training}
                                on={on.clone()}
                            />
                        },
                        Line::Group(group) => html! {
                            <GroupRow
                                key={group.key.clone()}
                                group={Shared(group.clone())}
                                shelf={shelf.clone()}
                                verdicts={Shared(verdicts.clone())}
                                store={store.clone()}
                                training={*training}
                                on={on.clone()}
                            />
                        },
                    }) }
                </div>
            </div>
            }
            if hidden > 0 {
                <p>{ button(format!("Show {} of {hidden} earlier lines", hidden.min(PAGE)), more) }</p>
            }
            { all_runs(&AllRunsProps { runs: runs.len(), on: on.clone() }) }
        </section>
    }
}

fn deleted_text(runs: &[Rc<RunEntry>]) -> String {
    match runs {
        [run] => format!("Run {} of {} was deleted. ", run.number, minute(&run.record.date)),
        several => format!("{} runs were deleted. ", several.len()),
    }
}

fn baseline_text(shelf: &RunList) -> String {
    let than = match shelf.chosen_line().map(|line| shelf.name(&line)) {
        Some(name) => name,
        None => "the run before on the same data".to_owned(),
    };
    format!(
        "Differences are taken against {than}. Intervals are 95%: those of one run speak of other \
         images, those of several seeds of other seeds on these images. Verdicts go by p after \
         Holm's correction for all lines of the list that can be tested."
    )
}
