//! The results panel: live curves, the epoch table, the list of finished runs.
//! Shows what it is given and reports what the person wants.

mod all;
mod along;
mod group;
mod images;
mod list;
mod notes;
mod pair;
mod row;
pub mod save;
pub mod table;
mod twins;

use super::chart::Chart;
use super::store::Store;
use crate::app::Action;
use crate::app::storage::Space;
use crate::dataset::DatasetSummary;
use crate::format;
use crate::runs::groups::Line;
pub use crate::runs::pair::Pick;
use crate::runs::shelf::RunList;
use crate::runs::{LiveRun, RunEntry, epochs, figures};
use crate::ui::parts::{csv_button, hint, quiet};
use crate::ui::shared::{Shared, use_late};
use along::use_along;
use std::rc::Rc;
use table::TableView;
use yew::prelude::*;

/// Properties of [`Results`].
#[derive(Clone, PartialEq, Properties)]
pub struct ResultsProps {
    /// The finished runs and what is chosen of them.
    pub shelf: Shared<RunList>,
    /// The run in progress, or the last one of this visit.
    pub live: Option<Shared<LiveRun>>,
    /// True while that run trains.
    #[prop_or_default]
    pub training: bool,
    /// The runs that were deleted last and can be brought back.
    #[prop_or_default]
    pub deleted: Option<Shared<Vec<Rc<RunEntry>>>>,
    /// What an import brought.
    #[prop_or_default]
    pub told: Option<AttrValue>,
    /// The two runs that are compared, as far as they were picked.
    #[prop_or_default]
    pub pick: Pick,
    /// The data set in place, for its pictures and the names of its classes.
    #[prop_or_default]
    pub dataset: Option<Shared<DatasetSummary>>,
    /// The browser's store, once it is open.
    #[prop_or_default]
    pub store: Option<Store>,
    /// What this site has stored in the browser.
    #[prop_or_default]
    pub space: Option<Space>,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The results panel.
#[component]
pub fn Results(props: &ResultsProps) -> Html {
    let ResultsProps { shelf, live, training, deleted, told, pick, dataset, store, space, on } =
        props;
    // With hundreds of runs, the list, the curves and the pair are a lot to draw at once.
    let late = use_late(shelf);
    let later = use_late(&late);
    // After a reload the last run takes the place of the live one.
    let shown = use_memo((late.clone(), live.clone()), |(shelf, live)| match live {
        Some(live) => Some(live.0.clone()),
        None => shelf.runs().last().map(|run| Rc::new(LiveRun::of(run))),
    });
    let shown: Option<Rc<LiveRun>> = (*shown).clone();
    html! {
        <section class="results" aria-labelledby="results-title">
            <div class="panel panel-live">
                <h2 id="results-title">{ "Results" }</h2>
                if let Some(run) = shown.clone() {
                    <Curves run={Shared(run.clone())} shelf={late} />
                    { epochs(&EpochsProps { run: Shared(run), training: *training }) }
                } else {
                    { hint("Loss and accuracy are drawn here while a run trains, epoch by epoch. \
                           Every finished run stays on a list, to compare the next one with.") }
                }
            </div>
            <div class="panel panel-runs">
                <list::RunTable
                    shelf={shelf.clone()}
                    store={store.clone()}
                    deleted={deleted.clone()}
                    told={told.clone()}
                    training={*training}
                    on={on.clone()}
                />
                { hint(storage_text(*space)) }
                if space.is_some_and(|space| space.persisted == Some(false)) {
                    <p>{ quiet("Keep on this device", on.reform(|_: MouseEvent| Action::PersistStorage)) }</p>
                }
            </div>
            if later.runs().len() > 1 {
                <pair::PairPanel
                    shelf={later}
                    store={store.clone()}
                    pick={pick.clone()}
                    dataset={dataset.clone()}
                    training={*training}
                    on={on.clone()}
                />
            }
        </section>
    }
}

fn storage_text(space: Option<Space>) -> String {
    let place = if space.is_some_and(|space| space.persisted == Some(true)) {
        "Runs are kept on this device until you clear this browser’s data for this site."
    } else {
        "Runs are kept in this browser on this device; clearing its data for this site \
         deletes them."
    };
    match space {
        Some(Space { used, quota: Some(quota), .. }) => {
            format!("{place} {} of {} used.", format::bytes(used), format::bytes(quota))
        }
        Some(Space { used, .. }) => format!("{place} {} used.", format::bytes(used)),
        None => place.to_owned(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CurvesProps {
    run: Shared<LiveRun>,
    shelf: Shared<RunList>,
}

/// The two charts.
#[component]
fn Curves(props: &CurvesProps) -> Html {
    let (control, along) = use_along("curves-along");
    let charts = use_memo((props.clone(), along), |(CurvesProps { run, shelf }, along)| {
        let overlays: Vec<_> = shelf
            .overlays()
            .into_iter()
            .map(|(place, line)| {
                let runs = match &line {
                    Line::Run(run) => vec![run.clone()],
                    Line::Group(group) => group.members.clone(),
                };
                figures::Overlay { place, name: shelf.name(&line), runs }
            })
            .collect();
        let loss = Rc::new(figures::loss(Some(run), &overlays, *along));
        let accuracy = Rc::new(figures::accuracy(Some(run), &overlays, *along));
        (loss, accuracy, notes::loss(run, !overlays.is_empty()))
    });
    let (loss, accuracy, note) = &*charts;
    html! {
        <>
        { control }
        <div class="charts">
            <Chart id="chart-loss" figure={Shared(loss.clone())} note={note.clone()} />
            <Chart id="chart-accuracy" figure={Shared(accuracy.clone())} />
        </div>
        </>
    }
}

struct EpochsProps {
    run: Shared<LiveRun>,
    training: bool,
}

/// The epoch table in fastai's columns.
fn epochs(props: &EpochsProps) -> Html {
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
            { csv_button("Download CSV of the epoch table", on_csv) }
        </div>
    }
}
