//! A bar per class: a table whose cells carry bars, so that it needs no other
//! text alternative, and its CSV.

use crate::chart::table::Table;
use crate::text;
use crate::ui::parts::csv_button;
use crate::widgets::save;
use yew::prelude::*;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledBar {
    /// What it belongs to.
    pub name: AttrValue,
    /// Its length, 0..1; anything else is cut to that.
    pub value: f64,
    /// The value in figures.
    pub text: AttrValue,
    /// What is special about it, in a word or two; such a bar also looks different.
    pub mark: Option<AttrValue>,
}

/// What [`bar_list`] shows.
#[derive(Clone)]
pub struct BarsProps {
    /// What the bars show.
    pub caption: AttrValue,
    /// The headings of names and values.
    pub header: [AttrValue; 2],
    /// The bars, from the top.
    pub bars: Vec<LabelledBar>,
    /// File name of the CSV, without its ending; empty for none.
    pub file: AttrValue,
}

/// The bars.
pub fn bar_list(props: &BarsProps) -> Html {
    let BarsProps { caption, header, bars, file } = props;
    let on_csv = {
        let props = props.clone();
        move |_: MouseEvent| {
            let table = Table {
                header: props.header.iter().map(ToString::to_string).collect(),
                rows: props
                    .bars
                    .iter()
                    .map(|bar| vec![bar.name.to_string(), bar.text.to_string()])
                    .collect(),
            };
            save::text(&format!("{}.csv", props.file), "text/csv", &table.csv());
        }
    };
    html! {
        <div class="bars-view">
            <table class="bars">
                <caption>{ caption }</caption>
                <thead class="visually-hidden">
                    <tr>{ for header.iter().map(|name| html! { <th scope="col">{ name }</th> }) }</tr>
                </thead>
                <tbody>{ for bars.iter().map(row) }</tbody>
            </table>
            if !file.is_empty() {
                { csv_button(text::bars_csv(caption), on_csv) }
            }
        </div>
    }
}

fn row(bar: &LabelledBar) -> Html {
    let width = 100.0 * bar.value.clamp(0.0, 1.0);
    html! {
        <tr key={bar.name.to_string()} class={classes!(bar.mark.is_some().then_some("is-marked"))}>
            <th scope="row">
                { &bar.name }
                if let Some(mark) = &bar.mark {
                    { " " }<span class="bar-mark">{ mark }</span>
                }
            </th>
            <td>
                <span class="bar-cell">
                    <span class="bar-track" aria-hidden="true">
                        <span class="bar" ~style={format!("inline-size:{width:.3}%")} />
                    </span>
                    <span class="bar-text numbers">{ &bar.text }</span>
                </span>
            </td>
        </tr>
    }
}
