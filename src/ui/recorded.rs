//! Results on the real photographs, recorded: trained with `train`, shipped with the page, fetched
//! when a person opens the panel. Wherever they are shown they say that they are recorded.

use super::browser;
use super::chart::Chart;
use super::queue::summary::SummaryView;
use crate::recorded::RecordedTable;
use crate::report::ErrorReport;
use crate::ui::parts::{hint, plain, refusal, tag};
use crate::ui::shared::Shared;
use serde::Deserialize;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// One table of the list beside the page, `recorded/index.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct ListedTable {
    /// What it compares, for people.
    title: String,
    /// Its file, relative to the page.
    file: String,
}

/// What was fetched, or why it could not be.
type Fetched<T> = Option<Result<T, ErrorReport>>;

/// The panel, closed until a person opens it.
#[component]
pub fn Recorded() -> Html {
    let open = use_state(|| false);
    let list = use_state(|| Fetched::<Rc<Vec<ListedTable>>>::None);
    let chosen = use_state(|| 0usize);
    let node = use_node_ref();
    let ontoggle = {
        let (open, node) = (open.clone(), node.clone());
        // Asks the element itself, because what is inside may toggle, too.
        move |_: Event| {
            let details = node.cast::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        }
    };
    {
        let list = list.clone();
        use_effect_with(*open, move |open| {
            // Asked again after a failure, when the panel is opened again.
            if *open && !matches!(*list, Some(Ok(_))) {
                browser::spawn(async move {
                    let found = browser::fetch_json("recorded").await;
                    list.set(Some(found.map(Rc::new)));
                });
            }
        });
    }
    let on_choose = {
        let chosen = chosen.setter();
        Callback::from(move |event: Event| {
            let select: Option<HtmlSelectElement> = event.target_dyn_into();
            if let Some(select) = select {
                chosen.set(usize::try_from(select.selected_index()).unwrap_or(0));
            }
        })
    };
    let body = match &*list {
        None => html! { <p role="status">{ "Loading the list…" }</p> },
        Some(Err(error)) => refusal(error.to_string()),
        Some(Ok(list)) => html! {
            <>
                <label class="field">
                    <span>{ "Which comparison" }</span>
                    <select onchange={on_choose}>
                        { for list.iter().enumerate().map(|(index, it)| html! {
                            <option selected={index == *chosen}>{ &it.title }</option>
                        }) }
                    </select>
                </label>
                if let Some(listed) = list.get(*chosen) {
                    <Table key={listed.file.clone()} file={listed.file.clone()} />
                }
            </>
        },
    };
    html! {
        <section class="panel" aria-labelledby="recorded-title">
            <h2 id="recorded-title">{ "Imagenette, recorded" }</h2>
            <details ref={node} {ontoggle}>
                <summary>{ "Results on the real photographs" }</summary>
                if *open {
                    { plain("These runs were trained beforehand on all 9,469 training photographs and \
                             measured on the 3,925 validation photographs. They were not trained in \
                             this browser.") }
                    { body }
                }
            </details>
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct TableProps {
    /// The table's file, relative to the page.
    file: String,
}

/// One table: verdicts, curves, and the link that trains the same here.
#[component]
fn Table(props: &TableProps) -> Html {
    let table = use_state(|| Fetched::<Rc<RecordedTable>>::None);
    {
        let table = table.clone();
        use_effect_with(props.file.clone(), move |file| {
            let file = file.clone();
            browser::spawn(async move {
                let read = |bytes: Vec<u8>| {
                    RecordedTable::read(&bytes).map(Rc::new).map_err(|error| {
                        ErrorReport::new(
                            "The recorded results could not be read",
                            error.to_string(),
                            "reload the page",
                        )
                    })
                };
                table.set(Some(browser::fetch_bytes(&file).await.and_then(read)));
            });
        });
    }
    match &*table {
        None => html! { <p role="status">{ "Loading the recorded results…" }</p> },
        Some(Err(error)) => refusal(error.to_string()),
        Some(Ok(table)) => html! { <Shown table={Shared(table.clone())} /> },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ShownProps {
    table: Shared<RecordedTable>,
}

#[component]
fn Shown(props: &ShownProps) -> Html {
    let made = use_memo(props.table.clone(), |table| {
        let (summary, curves) = (table.summary().ok()?, table.curves().ok()?);
        Some((Shared(Rc::new(summary)), Shared(Rc::new(curves)), table.link_here().ok()?))
    });
    let Some((summary, curves, link)) = &*made else {
        return refusal("These recorded results name no sweep: reload the page.");
    };
    html! {
        <div class="answer" role="group" aria-label="Recorded results">
            <p>{ tag("recorded") }{ format!(" {}", props.table.origin()) }</p>
            <SummaryView summary={summary.clone()} outcome=true />
            <Chart
                id="chart-recorded" figure={curves.clone()}
                note="Recorded. The mean over the seeds; the band is one standard deviation to either side."
            />
            { hint("One curve per arm that was trained. Accuracies of different lengths of training are not compared here.") }
            <p><a href={format!("#{link}")}>{ "Reproduce it here: queue the same runs" }</a></p>
        </div>
    }
}
