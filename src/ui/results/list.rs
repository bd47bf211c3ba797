//! The list of finished runs, newest first, and what can be done with all of them.

use super::super::store::Store;
use super::all::{AllRunsProps, all_runs};
use super::group::GroupRow;
use super::row::Row;
use crate::app::Action;
use crate::format::minute;
use crate::runs::RunEntry;
use crate::runs::groups::Line;
use crate::runs::list::{OVERLAYS, RunList};
use crate::text;
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
            <h3 id="runs-title">{ text::runs_title() }<span class="count">{ runs.len() }</span></h3>
            <p class="hint">
                { if runs.is_empty() { text::runs_none().to_owned() } else { baseline_text(shelf) } }
            </p>
            if shelf.chosen_baseline().is_some() {
                <p>{ quiet(text::runs_compare_previous(), on.reform(|_: MouseEvent| Action::BaselineChosen(None))) }</p>
            }
            <div role="status">
                if let Some(told) = told {
                    <p class="undo">{ told }</p>
                }
                if let Some(runs) = deleted {
                    <p class="undo">
                        { deleted_text(runs) }{ " " }
                        { button(text::button_undo(), on.reform(|_: MouseEvent| Action::UndoDelete)) }
                    </p>
                }
                if full {
                    { hint(text::runs_overlays_full(&OVERLAYS.to_string())) }
                }
            </div>
            if !runs.is_empty() {
            // Explicit roles: on a narrow screen the style sheet turns rows into
            // cards, which would cost them their meaning.
            <div role="table" class="run-table" aria-labelledby="runs-title">
                <div role="rowgroup" class="run-head">
                    <div role="row" class="run-row">
                        { for columns().into_iter().map(|name| html! {
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
                <p>{ button(text::runs_more(hidden, &hidden.min(PAGE).to_string()), more) }</p>
            }
            { all_runs(&AllRunsProps { runs: runs.len(), on: on.clone() }) }
        </section>
    }
}

fn columns() -> [&'static str; 5] {
    [
        text::runs_column_run(),
        text::runs_column_accuracy(),
        text::runs_column_difference(),
        text::runs_column_speed(),
        text::runs_column_actions(),
    ]
}

fn deleted_text(runs: &[Rc<RunEntry>]) -> String {
    match runs {
        [run] => text::runs_deleted(&run.number.to_string(), &minute(&run.record.date)),
        several => text::runs_deleted_several(several.len()),
    }
}

fn baseline_text(shelf: &RunList) -> String {
    let name = shelf.chosen_line().map(|line| shelf.name(&line));
    text::runs_baseline_hint(name.as_deref().unwrap_or(text::runs_baseline_previous()))
}
