//! Which batch is looked at: that of the controls as they are set, or the run's
//! next one.

use super::super::browser;
use super::super::fields::{Choice, NumberField, SelectField};
use crate::app::RunStatus;
use crate::experiment::Experiment;
use crate::inspect::strip::next_batch;
use crate::number;
use crate::saved::About;
use crate::text;
use crate::ui::shared::SharedState;
use yew::prelude::*;

/// Milliseconds between two looks at a run in progress: each costs the worker the
/// making of a batch.
const LOOK_EVERY: f64 = 3000.0;

/// The batch that is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Which {
    /// Whose batch.
    pub experiment: Experiment,
    /// The saved model that it starts from, if its file is here.
    pub init: Option<Box<About>>,
    /// Epoch, from 0.
    pub epoch: u32,
    /// Batch, from 0.
    pub batch: u32,
}

/// Chooses a batch; gives the controls for it and, once data are there, the choice.
#[hook]
pub fn use_which(state: &SharedState, id: &'static str) -> (Html, Option<Which>) {
    let chosen = use_state(|| (0u32, 0u32));
    let follow = use_state(|| None::<bool>);
    let looked = use_mut_ref(|| None::<(Which, f64)>);

    let run = state.active_run().and_then(|run| Some((run, run.plan.as_deref()?)));
    // A person who changes a control during a run wants to see what that does.
    let untouched = run.is_some_and(|(run, _)| run.experiment == state.experiment);
    let following = run.is_some() && follow.unwrap_or(untouched);
    let which = match run.filter(|_| following) {
        Some((run, plan)) => {
            let (epoch, batch) = next_batch(plan, run.progress.as_ref());
            let next = Which { experiment: run.experiment.clone(), init: None, epoch, batch };
            let now = browser::milliseconds();
            let mut looked = looked.borrow_mut();
            let held = run.status == RunStatus::Paused;
            match &*looked {
                Some((which, at))
                    if !held && now - at < LOOK_EVERY && which.experiment == next.experiment =>
                {
                    which.clone()
                }
                _ => {
                    *looked = Some((next.clone(), now));
                    next
                }
            }
        }
        None => {
            let (epoch, batch) = *chosen;
            Which { experiment: state.experiment.clone(), init: None, epoch, batch }
        }
    };
    let init = which.experiment.init.as_ref().and_then(|hash| state.models.get(hash));
    let init = init.map(|card| Box::new(card.about.clone()));
    let which = Which { experiment: plain(&which.experiment), init, ..which };

    let choices = vec![
        Choice::new("run", text::which_run()),
        Choice::new("controls", text::which_controls()),
    ];
    let on_follow = {
        let follow = follow.clone();
        move |value: String| follow.set(Some(value == "run"))
    };
    // Written from 1, as the training panel does.
    let number = |second: bool| {
        let chosen = chosen.clone();
        Callback::from(move |value: String| {
            let value = number::read(&value).map_or(0, |value| (value.max(1.0) - 1.0) as u32);
            chosen.set(if second { (chosen.0, value) } else { (value, chosen.1) });
        })
    };
    let controls = html! {
        <div class="which">
            if run.is_some() {
                <SelectField
                    id={format!("{id}-which")} label={text::which_show()} {choices}
                    value={if following { "run" } else { "controls" }} on_change={on_follow}
                />
            }
            if !following {
                <NumberField
                    id={format!("{id}-epoch")} label={text::which_epoch()} min="1" max={which.experiment.total_epochs().to_string()}
                    value={(which.epoch + 1).to_string()} on_change={number(false)}
                />
                <NumberField
                    id={format!("{id}-batch")} label={text::which_batch()} min="1"
                    value={(which.batch + 1).to_string()} on_change={number(true)}
                />
            }
        </div>
    };
    let ready = following || state.dataset().is_some();
    (controls, ready.then_some(which))
}

/// Without what does not change a batch, so that changing it asks nothing anew.
fn plain(experiment: &Experiment) -> Experiment {
    let usual = Experiment::default();
    Experiment {
        engine: usual.engine,
        run: usual.run,
        tta: usual.tta,
        ttamax: usual.ttamax,
        beta: usual.beta,
        valid: usual.valid,
        ..experiment.clone()
    }
}
