//! Which of the stored runs an instrument shows, and its predictions.

use super::super::fields::{Choice, SelectField};
use super::super::store::Store;
use crate::format::{minute, percent};
use crate::record::Predictions;
use crate::runs::RunEntry;
use crate::runs::list::RunList;
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{hint, refusal};
use crate::ui::shared::Shared;
use std::cell::Cell;
use std::rc::Rc;
use yew::prelude::*;

/// The finished runs and where their predictions are.
#[derive(Clone, PartialEq)]
pub struct RunStore {
    /// The list.
    pub shelf: Shared<RunList>,
    /// The browser's store, once it is open.
    pub store: Option<Store>,
    /// How many runs the store is known to hold: predictions are read again when
    /// it grows.
    pub stored: usize,
}

impl RunStore {
    /// The runs whose predictions are stored, newest first.
    pub fn with_predictions(&self) -> Vec<Rc<RunEntry>> {
        let runs = self.shelf.runs().iter().rev();
        runs.filter(|run| run.has_predictions).cloned().collect()
    }

    /// The run of this id, or the newest one with predictions.
    pub fn chosen(&self, id: Option<&str>) -> Option<Rc<RunEntry>> {
        let runs = self.with_predictions();
        let wanted = runs.iter().find(|run| Some(run.id.as_str()) == id);
        wanted.or(runs.first()).cloned()
    }

    /// A run in a list of choices.
    pub fn label(&self, run: &RunEntry) -> String {
        let number = self.shelf.number(&run.id).unwrap_or_default().to_string();
        let (accuracy, date) = (percent(run.accuracy()), minute(&run.record.date));
        match run.record.tta {
            Some(_) => text::inside_run_choice_tta(&number, &accuracy, &date),
            None => text::inside_run_choice(&number, &accuracy, &date),
        }
    }
}

/// A list of runs to choose from: its id, what is chosen, the runs, the one chosen,
/// what choosing none is called (where that is a choice), and who hears of another.
pub fn run_choice(
    [id, label]: [&'static str; 2],
    kept: &RunStore,
    value: Option<&RunEntry>,
    none: Option<&'static str>,
    on_change: Callback<Option<AttrValue>>,
) -> Html {
    let none = none.map(|none| Choice::new("", none));
    let runs = kept.with_predictions();
    let runs = runs.iter().map(|run| Choice::new(run.id.clone(), kept.label(run)));
    let choices: Vec<Choice> = none.into_iter().chain(runs).collect();
    let value = value.map(|run| run.id.clone()).unwrap_or_default();
    let on_change = on_change.reform(|chosen: String| (!chosen.is_empty()).then(|| chosen.into()));
    html! { <SelectField {id} {label} {choices} {value} {on_change} /> }
}

/// The predictions of a run, as far as they are known.
#[derive(Clone, PartialEq)]
pub enum PredictionsState {
    /// No run was asked for.
    Nothing,
    /// On their way.
    Reading,
    /// Here.
    Here(Shared<Predictions>),
    /// Not to be had, and why.
    Failed(AttrValue),
}

/// Reads the predictions of the run of this id.
#[hook]
pub fn use_predictions(kept: &RunStore, id: Option<AttrValue>) -> PredictionsState {
    let read = use_state(|| PredictionsState::Nothing);
    {
        let read = read.setter();
        use_effect_with((kept.store.clone(), kept.stored, id), move |(store, _, id)| {
            let wanted = Rc::new(Cell::new(true));
            match (store.clone(), id.clone()) {
                (_, None) => read.set(PredictionsState::Nothing),
                (None, Some(_)) => {
                    read.set(PredictionsState::Failed(text::inside_no_store().into()));
                }
                (Some(store), Some(id)) => {
                    read.set(PredictionsState::Reading);
                    let wanted = wanted.clone();
                    spawn(async move {
                        let found = match store.predictions(&id).await {
                            Ok(Some(predictions)) => {
                                PredictionsState::Here(Shared(Rc::new(predictions)))
                            }
                            // A run that has just ended is stored in a moment.
                            Ok(None) => PredictionsState::Reading,
                            Err(error) => PredictionsState::Failed(error.cause().into()),
                        };
                        if wanted.get() {
                            read.set(found);
                        }
                    });
                }
            }
            move || wanted.set(false)
        });
    }
    (*read).clone()
}

/// What stands in place of an instrument that has no run to show.
pub fn nothing() -> Html {
    hint(text::inside_nothing())
}

/// What stands in place of predictions that are not here.
pub fn waiting(read: &PredictionsState) -> Html {
    match read {
        PredictionsState::Nothing | PredictionsState::Here(_) => Html::default(),
        PredictionsState::Reading => hint(text::pair_reading()),
        PredictionsState::Failed(why) => refusal(why),
    }
}
