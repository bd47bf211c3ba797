//! Progressive resizing: the schedule before training, what each phase costs, and
//! the control at one constant size.

use super::super::chart::Chart;
use crate::app::Action;
use crate::cost::images;
use crate::cost::{self, CostInputs};
use crate::experiment::Experiment;
use crate::inspect::timeline;
use crate::schedule::Schedule;
use crate::text;
use crate::ui::parts::{button, csv_button, hint, plain};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use crate::widgets::save;
use crate::widgets::table::TableView;
use std::rc::Rc;
use yew::prelude::*;

/// Heights of the three charts in pixels.
const HEIGHTS: [f64; 3] = [170.0, 190.0, 170.0];
/// Imagenette's official split, for a plan before the data are there.
const IMAGENETTE: CostInputs = CostInputs { train: 9469, valid: 3925, classes: 10 };

/// Properties of [`Resizing`].
#[derive(Clone, PartialEq, Properties)]
pub struct ResizingProps {
    /// The page's state.
    pub state: SharedState,
    /// Hears the control experiment.
    pub on: Callback<Action>,
}

/// The instrument.
#[component]
pub fn Resizing(props: &ResizingProps) -> Html {
    let ResizingProps { state, on } = props;
    let experiment = &state.experiment;
    let known = state.dataset().map(|dataset| {
        let (train, valid) = images(experiment, dataset);
        CostInputs { train, valid, classes: dataset.classes.len() }
    });
    let counted = known.unwrap_or(IMAGENETTE);
    let made = use_memo((experiment.clone(), counted), |(experiment, counted)| {
        let (batches, _) = cost::batches(experiment, counted.train);
        let plan = Schedule::new(experiment, batches);
        let figures = timeline::figures(&plan).map(|figure| Shared(Rc::new(figure)));
        let twin = Shared(Rc::new(timeline::table(&plan)));
        (figures, twin, Shared(Rc::new(cost::table(experiment, *counted))))
    });
    let (figures, twin, costs) = &*made;
    let on_csv = {
        let costs = costs.clone();
        move |_: MouseEvent| save::text("costs.csv", "text/csv", &costs.csv())
    };
    html! {
        <>
            if known.is_none() {
                { hint(text::resizing_no_data()) }
            }
            <div class="timeline">
                { for figures.iter().zip(HEIGHTS).zip(["size", "rate", "momentum"]).map(|((figure, height), id)| html! {
                    <Chart
                        key={id} id={format!("timeline-{id}")} figure={figure.clone()} {height}
                        twin={Some((twin.clone(), AttrValue::from(text::resizing_schedule())))}
                    />
                }) }
            </div>
            <div class="epochs">
                <TableView
                    table={costs.clone()}
                    caption={text::resizing_costs()}
                />
                { csv_button(text::resizing_costs_csv(), on_csv) }
            </div>
            <p class="hint">
                { text::resizing_hint() }
                if experiment.tta > 0 {
                    { " " }{ text::resizing_tta(&cost::flop_text(cost::tta(experiment, counted))) }
                }
            </p>
            { same_compute(experiment, counted, on) }
            { freeze_note(experiment) }
        </>
    }
}

/// The run at one constant size that computes as much.
fn same_compute(experiment: &Experiment, counted: CostInputs, on: &Callback<Action>) -> Html {
    let Some((control, share)) = cost::same_compute(experiment, counted) else {
        return hint(text::resizing_constant());
    };
    let take = {
        let (on, link) = (on.clone(), control.link());
        move |_: MouseEvent| on.emit(Action::LinkOpened(link.clone()))
    };
    html! {
        <div class="control">
            <h4>{ text::resizing_fair() }</h4>
            { plain(text::resizing_fair_text(
                    control.total_epochs(),
                    &control.final_size().to_string(),
                    &format!("{:.0}", 100.0 * share),
                )) }
            { button(text::resizing_fair_use(), take) }
            { hint(text::resizing_fair_hint()) }
        </div>
    }
}

/// What freezing does here, and in fastai.
fn freeze_note(experiment: &Experiment) -> Html {
    let explained = text::resizing_freezing_text();
    let explained = if experiment.freeze {
        text::resizing_freezing_on(explained)
    } else {
        text::resizing_freezing_off(explained)
    };
    html! {
        <div>
            <h4>{ text::resizing_freezing() }</h4>
            { hint(explained) }
        </div>
    }
}
