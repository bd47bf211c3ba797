//! A table of text. Scrolls sideways by pointer and keyboard where it has to.

use crate::chart::table::Table;
use crate::text;
use crate::widgets::browser;
use crate::widgets::parts::quiet;
use crate::widgets::shared::Shared;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Properties of [`TableView`].
#[derive(Clone, PartialEq, Properties)]
pub struct TableViewProps {
    /// The cells; the first of each row names it.
    pub table: Shared<Table>,
    /// What it shows.
    pub caption: AttrValue,
}

/// The table.
#[component]
pub fn TableView(props: &TableViewProps) -> Html {
    let TableViewProps { table, caption } = props;
    let copied = use_state(|| text::table_copy().to_owned());
    let on_copy = {
        let (table, copied) = (table.clone(), copied.clone());
        move |_: MouseEvent| {
            let (text, copied) = (table.tabs(), copied.clone());
            spawn_local(async move {
                copied.set(match browser::copy(&text).await {
                    Ok(()) => text::table_copied().to_owned(),
                    Err(why) => text::table_not_copied(&why),
                });
            });
        }
    };
    html! {
        <div class="table-view">
            // Outside of what scrolls, so that it is never cut off; the region and
            // the table carry the same words for assistive technology.
            <p class="hint" aria-hidden="true">{ caption }</p>
            // A region that scrolls has to be reachable by keyboard.
            <div class="table-scroll" role="region" aria-label={caption.clone()} tabindex="0">
                <table class="data-table numbers" aria-label={caption.clone()}>
                    <thead>
                        <tr>{ for table.header.iter().map(|name| html! { <th scope="col">{ name }</th> }) }</tr>
                    </thead>
                    <tbody>
                        { for table.rows.iter().map(|row| html! {
                            <tr>
                                { for row.iter().enumerate().map(|(index, cell)| {
                                    if index == 0 {
                                        html! { <th scope="row">{ cell }</th> }
                                    } else {
                                        html! { <td>{ cell }</td> }
                                    }
                                }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
            { quiet((*copied).clone(), on_copy) }
        </div>
    }
}
