//! The confusion matrix: a table whose cells open their images. One of them is in
//! the order of the Tab key; the arrow keys go from cell to cell.

use super::super::browser;
use crate::format::percent;
use crate::inspect::predictions::Report;
use crate::text;
use crate::ui::shared::Shared;
use yew::prelude::*;

/// A cell: actual class, predicted class.
pub type Cell = (usize, usize);

/// Properties of [`Matrix`].
#[derive(Clone, PartialEq, Properties)]
pub struct MatrixProps {
    /// What is counted.
    pub report: Shared<Report>,
    /// Shares of each row instead of counts.
    pub shares: bool,
    /// The cell whose images are shown.
    pub open: Option<Cell>,
    /// Hears the cell that is to be opened, or closed.
    pub on_open: Callback<Cell>,
}

/// The matrix.
#[component]
pub fn Matrix(props: &MatrixProps) -> Html {
    let MatrixProps { report, shares, open, on_open } = props;
    let at = use_state(|| (0, 0));
    let last = report.confusion.classes().saturating_sub(1);
    let (row, column) = (at.0.min(last), at.1.min(last));
    let onkeydown = {
        let at = at.clone();
        move |event: KeyboardEvent| {
            let cell = match event.key().as_str() {
                "ArrowUp" => (row.saturating_sub(1), column),
                "ArrowDown" => ((row + 1).min(last), column),
                "ArrowLeft" => (row, column.saturating_sub(1)),
                "ArrowRight" => (row, (column + 1).min(last)),
                "Home" => (row, 0),
                "End" => (row, last),
                _ => return,
            };
            event.prevent_default();
            at.set(cell);
            browser::focus(&id(cell));
        }
    };
    let cell = |actual: usize, predicted: usize| {
        let count = report.confusion.count(actual, predicted);
        let share = report.confusion.share(actual, predicted);
        let right = actual == predicted;
        let (of, percent) = (report.name(actual), percent(share));
        let label = if right {
            text::matrix_found(of, count, &percent)
        } else {
            text::matrix_mistaken(of, report.name(predicted), count, &percent)
        };
        let onclick = on_open.reform(move |_: MouseEvent| (actual, predicted));
        let onfocus = {
            let at = at.clone();
            move |_: FocusEvent| at.set((actual, predicted))
        };
        let is_open = *open == Some((actual, predicted));
        html! {
            <td class={if right { "numbers is-right" } else { "numbers is-wrong" }} ~style={format!("--share: {share:.3}")}>
                <button
                    type="button"
                    id={id((actual, predicted))}
                    tabindex={if (actual, predicted) == (row, column) { "0" } else { "-1" }}
                    aria-label={label}
                    aria-pressed={is_open.to_string()}
                    class={(count == 0).then_some("is-empty")}
                    {onclick}
                    {onfocus}
                >
                    { if *shares { format!("{:.2}", share) } else { count.to_string() } }
                </button>
            </td>
        }
    };
    html! {
        <div class="table-scroll">
            <table class="matrix" aria-label={text::matrix_label()} {onkeydown}>
                <thead>
                    <tr>
                        <th scope="col"><span class="matrix-corner">{ text::matrix_corner() }</span></th>
                        { for (0..=last).map(|class| html! {
                            <th scope="col"><span class="matrix-name">{ report.name(class) }</span></th>
                        }) }
                    </tr>
                </thead>
                <tbody>
                    { for (0..=last).map(|actual| html! {
                        <tr>
                            <th scope="row">{ report.name(actual) }</th>
                            { for (0..=last).map(|predicted| cell(actual, predicted)) }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn id((actual, predicted): Cell) -> String {
    format!("matrix-{actual}-{predicted}")
}
