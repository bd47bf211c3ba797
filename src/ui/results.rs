//! The results panel: live curves, the epoch table, the list of finished runs.
//! Shows what it is given and reports wishes; who carries them out is not known
//! here.

mod images;
mod list;
mod notes;
mod row;
pub mod save;
pub mod shared;
pub mod table;

use super::chart::Chart;
use super::store::{Space, Store};
use crate::runs::shelf::Shelf;
use crate::runs::{LiveRun, RunEntry, epochs, figures, format};
use shared::Shared;
use std::rc::Rc;
use table::TableView;
use yew::prelude::*;

/// What the person wants of the list of runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Compare all runs with this one; `None`: each with the run before it.
    Baseline(Option<String>),
    /// Lay a run over the curves, or take it away.
    Overlay {
        /// The run's id.
        id: String,
        /// Drawn or not.
        on: bool,
    },
    /// Delete a run.
    Delete(String),
    /// Bring the run back that was deleted last.
    Undo,
    /// Download a run as JSON.
    Download {
        /// The run's id.
        id: String,
        /// With its log-probabilities.
        probabilities: bool,
    },
}

/// Properties of [`Results`].
#[derive(Clone, PartialEq, Properties)]
pub struct ResultsProps {
    /// The finished runs and what is chosen of them.
    pub shelf: Shared<Shelf>,
    /// The run in progress, or the last one of this visit.
    pub live: Option<Shared<LiveRun>>,
    /// True while that run trains.
    #[prop_or_default]
    pub training: bool,
    /// The run that was deleted last and can be brought back.
    #[prop_or_default]
    pub deleted: Option<Shared<RunEntry>>,
    /// The browser's store, once it is open.
    #[prop_or_default]
    pub store: Option<Store>,
    /// What this site has stored in the browser.
    #[prop_or_default]
    pub space: Option<Space>,
    /// Hears the wishes.
    pub on: Callback<Wish>,
}

/// The results panel.
#[component]
pub fn Results(props: &ResultsProps) -> Html {
    let ResultsProps { shelf, live, training, deleted, store, space, on } = props;
    // After a reload the last run takes the place of the live one.
    let shown = use_memo((shelf.clone(), live.clone()), |(shelf, live)| match live {
        Some(live) => Some(live.0.clone()),
        None => shelf.runs().last().map(|run| Rc::new(LiveRun::of(run))),
    });
    let shown: Option<Rc<LiveRun>> = (*shown).clone();
    html! {
        <section class="results" aria-labelledby="results-title">
            <div class="panel panel-live">
                <h2 id="results-title">{ "Results" }</h2>
                if let Some(run) = shown.clone() {
                    <Curves run={Shared(run.clone())} shelf={shelf.clone()} />
                    <Epochs run={Shared(run)} training={*training} />
                } else {
                    <p class="hint">
                        { "Loss and accuracy are drawn here while a run trains, epoch by epoch. \
                           Every finished run stays on a list, to compare the next one with." }
                    </p>
                }
            </div>
            if !shelf.runs().is_empty() || deleted.is_some() {
                <div class="panel panel-runs">
                    <list::RunList shelf={shelf.clone()} store={store.clone()} deleted={deleted.clone()} on={on.clone()} />
                    <p class="hint">{ storage_text(*space) }</p>
                </div>
            }
        </section>
    }
}

fn storage_text(space: Option<Space>) -> String {
    let place = "Runs are kept in this browser on this device; clearing its data for this site \
                 deletes them.";
    match space {
        Some(Space { used, quota: Some(quota) }) => {
            format!("{place} {} of {} used.", format::bytes(used), format::bytes(quota))
        }
        Some(Space { used, quota: None }) => format!("{place} {} used.", format::bytes(used)),
        None => place.to_owned(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CurvesProps {
    run: Shared<LiveRun>,
    shelf: Shared<Shelf>,
}

/// The two charts.
#[component]
fn Curves(props: &CurvesProps) -> Html {
    let charts = use_memo(props.clone(), |CurvesProps { run, shelf }| {
        let overlays: Vec<_> = shelf
            .overlays()
            .into_iter()
            .map(|(place, run)| {
                let number = shelf.number(&run.id).unwrap_or_default();
                figures::Overlay { place, name: format!("run {number}"), run }
            })
            .collect();
        let loss = Rc::new(figures::loss(Some(run), &overlays));
        let accuracy = Rc::new(figures::accuracy(Some(run), &overlays));
        (loss, accuracy, notes::loss(&run.link, !overlays.is_empty()))
    });
    let (loss, accuracy, note) = &*charts;
    html! {
        <div class="charts">
            <Chart id="chart-loss" figure={Shared(loss.clone())} note={note.clone()} />
            <Chart id="chart-accuracy" figure={Shared(accuracy.clone())} />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct EpochsProps {
    run: Shared<LiveRun>,
    training: bool,
}

/// The epoch table in fastai's columns.
#[component]
fn Epochs(props: &EpochsProps) -> Html {
    let LiveRun { rows, tta, total_epochs, .. } = &*props.run;
    let table = epochs::table(rows, tta.as_ref(), epochs::has_phases(rows));
    let mut caption = if props.training {
        format!("Epochs so far: {} of {total_epochs}.", rows.len())
    } else {
        "Epochs of the last run.".to_owned()
    };
    if let Some(tta) = tta {
        caption.push_str(&format!(" TTA took {} passes over the validation images.", tta.passes));
    }
    let on_csv = {
        let csv = table.csv();
        Callback::from(move |_: MouseEvent| save::text("epochs.csv", "text/csv", &csv))
    };
    html! {
        <div class="epochs">
            <TableView table={Shared(Rc::new(table))} {caption} />
            <button type="button" class="quiet" onclick={on_csv} aria-label="Download CSV of the epoch table">
                { "Download CSV" }
            </button>
        </div>
    }
}
