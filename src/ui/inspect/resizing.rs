//! Progressive resizing: the schedule before training, what each phase costs, and
//! the control at one constant size.

use super::super::chart::Chart;
use super::super::results::save;
use super::super::results::table::TableView;
use crate::app::Action;
use crate::cost::images;
use crate::cost::{self, CostInputs};
use crate::experiment::Experiment;
use crate::inspect::timeline;
use crate::schedule::Schedule;
use crate::ui::parts::{button, csv_button, hint, plain};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
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
                { hint("No data set is loaded yet: this counts with Imagenette's 9,469 training and 3,925 validation images.") }
            }
            <div class="timeline">
                { for figures.iter().zip(HEIGHTS).zip(["size", "rate", "momentum"]).map(|((figure, height), id)| html! {
                    <Chart
                        key={id} id={format!("timeline-{id}")} figure={figure.clone()} {height}
                        twin={Some((twin.clone(), AttrValue::from("Schedule of each epoch: size, learning rate, momentum")))}
                    />
                }) }
            </div>
            <div class="epochs">
                <TableView
                    table={costs.clone()}
                    caption="Cost of each phase: images × MACs per image, 2 FLOP for each MAC, a training step as 3 forward passes"
                />
                { csv_button("Download CSV of the costs", on_csv) }
            </div>
            <p class="hint">
                { "A convolution's work grows with the number of pixels, that is with the square of the side. Only the \
                   last phase has to be large: the earlier ones learn at a fraction of the cost." }
                if experiment.tta > 0 {
                    { format!(" Test-time augmentation adds {}.", cost::flop_text(cost::tta(experiment, counted))) }
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
        return hint(
            "The size is constant. Switch progressive resizing on to see its phases, what each costs, and the \
                   constant-size run that computes as much.",
        );
    };
    let take = {
        let (on, link) = (on.clone(), control.link());
        move |_: MouseEvent| on.emit(Action::LinkOpened(link.clone()))
    };
    html! {
        <div class="control">
            <h4>{ "The fair comparison" }</h4>
            { plain(format!(
                    "The chapter compares a progressive run with a shorter one: more epochs, and 1.6 times the time. A fair \
                     control computes as much at one size: {} epochs at {} px cost {:.0}% of this run's training.",
                    control.total_epochs(), control.final_size(), 100.0 * share
                )) }
            { button("Same compute, constant size", take) }
            { hint("This sets the controls above. The finished runs stay on the list, so that both can be compared.") }
        </div>
    }
}

/// What freezing does here, and in fastai.
fn freeze_note(experiment: &Experiment) -> Html {
    let state = if experiment.freeze { "It is on." } else { "It is off." };
    html! {
        <div>
            <h4>{ "Freezing in the warm-up epoch" }</h4>
            { hint(format!(
                    "In the chapter each later phase is fine_tune: one “frozen” epoch, then the rest. But its Learner has a \
                     single group of parameters, so that freeze there freezes nothing: the whole network trains, and the one \
                     thing freeze and unfreeze do is to clear Adam's averages. This page does the same by default. The switch \
                     “Freeze the convolutions” (freeze=1) freezes in earnest: in the warm-up epoch the body's convolutions \
                     keep their weights, while batch norm and the last layer go on learning, as in fastai's vision_learner. \
                     {state}"
                )) }
        </div>
    }
}
