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
mod twins;

use super::chart::Chart;
use super::store::Store;
use crate::app::Action;
use crate::app::storage::Space;
use crate::dataset::DatasetSummary;
use crate::format;
use crate::runs::compare::compare;
use crate::runs::groups::Line;
use crate::runs::list::RunList;
pub use crate::runs::pair::Pick;
use crate::runs::{LiveRun, RunEntry, baseline, epochs, figures};
use crate::text;
use crate::ui::parts::{csv_button, hint, quiet};
use crate::ui::shared::{Shared, use_late};
use crate::widgets::save;
use crate::widgets::table::TableView;
use along::use_along;
use images::Images;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`LiveResults`].
#[derive(Clone, PartialEq, Properties)]
pub struct LiveResultsProps {
    /// The finished runs and what is chosen of them.
    pub shelf: Shared<RunList>,
    /// The run in progress, or the last one of this visit.
    pub live: Option<Shared<LiveRun>>,
    /// True while that run trains.
    #[prop_or_default]
    pub training: bool,
    /// The id under which that run is on the list once it has ended.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// The run, or the runs, whose curve lies under the live one.
    #[prop_or_default]
    pub baseline: Option<Line>,
    /// The browser's store, once it is open.
    #[prop_or_default]
    pub store: Option<Store>,
}

/// The curves of the run in progress and its epochs, over the curves chosen to compare with.
#[component]
pub fn LiveResults(props: &LiveResultsProps) -> Html {
    let LiveResultsProps { shelf, live, training, baseline, .. } = props;
    // With hundreds of runs, the list, the curves and the pair are a lot to draw at once.
    let late = use_late(shelf);
    // After a reload the last run takes the place of the live one.
    let shown = use_memo((late.clone(), live.clone()), |(shelf, live)| match live {
        Some(live) => Some(live.0.clone()),
        None => shelf.runs().last().map(|run| Rc::new(LiveRun::of(run))),
    });
    let shown: Option<Rc<LiveRun>> = (*shown).clone();
    html! {
        <section class="panel panel-live" aria-labelledby="results-title">
            <h2 id="results-title">{ text::results_title() }</h2>
            if let Some(run) = shown.clone() {
                if let Some(baseline) = baseline {
                    { versus(&run, baseline, props) }
                }
                <Curves run={Shared(run.clone())} shelf={late} baseline={baseline.clone()} />
                { epochs(&EpochsProps { run: Shared(run), training: *training }) }
            } else {
                { hint(text::results_empty()) }
            }
        </section>
    }
}

/// How the run stands against the baseline so far, with the interval once both have ended.
fn versus(run: &LiveRun, baseline: &Line, props: &LiveResultsProps) -> Html {
    let LiveResultsProps { shelf, training, id, store, .. } = props;
    let name = shelf.name(baseline);
    let Some(standing) = baseline::standing(&run.rows, run.tta.as_ref(), baseline) else {
        return hint(text::results_under(&name));
    };
    let ended = id.as_ref().and_then(|id| shelf.get(id));
    html! {
        <div class="versus">
            <p><strong>{ standing.sentence(&name, *training) }</strong></p>
            if let (Some(ended), Line::Run(other), Some(store)) = (ended, baseline, store) {
                if ended.has_predictions && other.has_predictions {
                    <Images
                        key={format!("{}-{}", ended.id, other.id)}
                        store={store.clone()}
                        run={ended.id.clone()}
                        baseline={other.id.clone()}
                        relation={compare(ended, other).relation}
                        at_once=true
                    />
                }
            }
        </div>
    }
}

/// Properties of [`Results`].
#[derive(Clone, PartialEq, Properties)]
pub struct ResultsProps {
    /// The finished runs and what is chosen of them.
    pub shelf: Shared<RunList>,
    /// True while a run trains.
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

/// The list of finished runs, and the comparison of two of them.
#[component]
pub fn Results(props: &ResultsProps) -> Html {
    let ResultsProps { shelf, training, deleted, told, pick, dataset, store, space, on } = props;
    let late = use_late(shelf);
    let later = use_late(&late);
    html! {
        <div class="results">
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
                    <p>{ quiet(text::results_persist(), on.reform(|_: MouseEvent| Action::PersistStorage)) }</p>
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
        </div>
    }
}

fn storage_text(space: Option<Space>) -> String {
    let place = if space.is_some_and(|space| space.persisted == Some(true)) {
        text::results_storage_persisted()
    } else {
        text::results_storage()
    };
    match space {
        Some(Space { used, quota: Some(quota), .. }) => {
            text::results_storage_quota(place, &format::bytes(used), &format::bytes(quota))
        }
        Some(Space { used, .. }) => text::results_storage_used(place, &format::bytes(used)),
        None => place.to_owned(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CurvesProps {
    run: Shared<LiveRun>,
    shelf: Shared<RunList>,
    baseline: Option<Line>,
}

/// The two charts.
#[component]
fn Curves(props: &CurvesProps) -> Html {
    let (control, along) = use_along("curves-along");
    let charts =
        use_memo((props.clone(), along), |(CurvesProps { run, shelf, baseline }, along)| {
            let overlays: Vec<_> = baseline::under(shelf.overlays(), baseline.as_ref())
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
        text::results_epochs_training(&rows.len().to_string(), &total_epochs.to_string())
    } else {
        text::results_epochs().to_owned()
    };
    if let Some(tta) = tta {
        caption = text::results_epochs_tta(&caption, tta.passes);
    }
    let on_csv = {
        let csv = table.csv();
        Callback::from(move |_: MouseEvent| save::text("epochs.csv", "text/csv", &csv))
    };
    html! {
        <div class="epochs">
            <TableView table={Shared(Rc::new(table))} {caption} />
            { csv_button(text::results_epochs_csv(), on_csv) }
        </div>
    }
}
