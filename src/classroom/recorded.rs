//! Results on the real photographs, recorded: trained with `train`, shipped with the page, fetched
//! when a person opens the panel. Wherever they are shown they say that they are recorded.

use super::{WantedTable, use_opened};
use crate::bridge::{self, PageRequest};
use crate::recorded::RecordedTable;
use crate::report::ErrorReport;
use crate::text;
use crate::widgets::browser;
use crate::widgets::chart::Chart;
use crate::widgets::parts::{button, hint, plain, refusal, tag};
use crate::widgets::shared::Shared;
use crate::widgets::summary::SummaryView;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The heading of the page's panel.
const TITLE: &str = "recorded-title";

/// One table of the list beside the page: its file, relative to the page, and its title.
type ListedTable = (String, String);

/// What was fetched, or why it could not be.
type Fetched<T> = Option<Result<T, ErrorReport>>;

/// Properties of [`Recorded`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct RecordedProps {
    /// What a lesson wants to show.
    pub(super) wanted: WantedTable,
}

/// The panel's content.
#[component]
pub(super) fn Recorded(props: &RecordedProps) -> Html {
    let open = use_opened(bridge::RECORDED);
    let list = use_state(|| Fetched::<Rc<Vec<ListedTable>>>::None);
    let chosen = use_state(|| 0usize);
    let attempt = use_state(|| 0u32);
    {
        let list = list.clone();
        use_effect_with((open, *attempt), move |(open, _)| {
            // Asked again after a failure.
            if *open && !matches!(*list, Some(Ok(_))) {
                browser::spawn(async move {
                    let file = browser::meta("recorded").unwrap_or_default();
                    let found = browser::fetch_bytes(&file).await;
                    list.set(Some(found.map(|bytes| Rc::new(listed(&bytes)))));
                });
            }
        });
    }
    {
        let wanted = props.wanted.clone();
        use_effect_with(wanted, move |wanted| {
            if wanted.is_some() {
                super::ask(&PageRequest::Show(TITLE.to_owned()));
            }
        });
    }
    {
        // The list may come after the wish.
        let loaded = match &*list {
            Some(Ok(list)) => Some(Shared(list.clone())),
            _ => None,
        };
        let chosen = chosen.setter();
        use_effect_with((props.wanted.clone(), loaded), move |(wanted, list)| {
            if let (Some((_, name)), Some(list)) = (wanted, list)
                && let Some(place) = list.iter().position(|(file, _)| stem(file) == *name)
            {
                chosen.set(place);
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
        None => html! { <p role="status">{ text::classroom_loading_list() }</p> },
        Some(Err(error)) => {
            let again = move |_: MouseEvent| attempt.set(*attempt + 1);
            html! { <>{ refusal(error.to_string()) }<p>{ button(text::classroom_again(), again) }</p></> }
        }
        Some(Ok(list)) => html! {
            <>
                <label class="field">
                    <span>{ text::recorded_which() }</span>
                    <select onchange={on_choose}>
                        { for list.iter().enumerate().map(|(index, (_, title))| html! {
                            <option selected={index == *chosen}>{ title }</option>
                        }) }
                    </select>
                </label>
                if let Some((file, title)) = list.get(*chosen) {
                    <RecordedView key={file.clone()} file={file.clone()} title={title.clone()} />
                }
            </>
        },
    };
    html! {
        <>
            { plain(text::recorded_hint()) }
            { body }
        </>
    }
}

/// Reads the list: a line a table, its file and its title with a tab between them.
fn listed(bytes: &[u8]) -> Vec<ListedTable> {
    let text = String::from_utf8_lossy(bytes);
    let tables = text.lines().filter_map(|line| line.split_once('\t'));
    tables.map(|(file, title)| (file.to_owned(), title.to_owned())).collect()
}

/// The name by which lessons call a table: `tiny-5` of `recorded/tiny-5-0123456789abcdef.recorded`.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('-').map_or(name, |(stem, _)| stem)
}

#[derive(Clone, PartialEq, Properties)]
struct RecordedViewProps {
    /// The table's file, relative to the page.
    file: String,
    /// Its title.
    title: String,
}

/// One table: verdicts, curves, and the link that trains the same here.
#[component]
fn RecordedView(props: &RecordedViewProps) -> Html {
    let table = use_state(|| Fetched::<Rc<RecordedTable>>::None);
    let attempt = use_state(|| 0u32);
    {
        let table = table.clone();
        use_effect_with((props.file.clone(), *attempt), move |(file, _)| {
            let file = file.clone();
            browser::spawn(async move {
                let read = |bytes: Vec<u8>| {
                    RecordedTable::read(&bytes).map(Rc::new).map_err(|error| {
                        ErrorReport::new(
                            text::recorded_unreadable(),
                            error.to_string(),
                            text::browser_no_window_remedy(),
                        )
                    })
                };
                table.set(Some(browser::fetch_bytes(&file).await.and_then(read)));
            });
        });
    }
    let table = match &*table {
        None => return html! { <p role="status">{ text::recorded_loading() }</p> },
        Some(Err(error)) => {
            let again = move |_: MouseEvent| attempt.set(*attempt + 1);
            return html! { <>{ refusal(error.to_string()) }<p>{ button(text::classroom_again(), again) }</p></> };
        }
        Some(Ok(table)) => table,
    };
    // Drawn when another table arrives, and not again: what is worked out here needs no memo.
    let (Ok(summary), Ok(curves), Ok(link)) = (table.summary(), table.curves(), table.link_here())
    else {
        return refusal(text::recorded_no_sweep());
    };
    html! {
        <div class="answer" role="group" aria-label={text::recorded_label()}>
            <h3>{ &props.title }</h3>
            <p>{ tag(text::run_recorded_tag()) }{ format!(" {}", table.origin()) }</p>
            <SummaryView summary={Shared(Rc::new(summary))} outcome=true />
            <Chart
                id="chart-recorded" figure={Shared(Rc::new(curves))}
                note={text::recorded_note()}
            />
            { hint(text::recorded_curves()) }
            <p><a href={format!("#{link}")}>{ text::recorded_reproduce() }</a></p>
        </div>
    }
}
