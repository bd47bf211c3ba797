//! The search for a learning rate: its curve, and its suggestion at a click.

use super::super::ask::{AnswerState, Asker, PendingQuestion, Reply};
use super::super::chart::Chart;
use super::super::messages::report;
use super::files::ModelFiles;
use crate::app::Action;
use crate::chart::{Axis, Dash, Figure, Mark, Marker, Point, Series, Style, Unit, Weight};
use crate::finder::{FoundRate, STEPS, Tried};
use crate::math;
use crate::number;
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion};
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{button, hint, plain, primary_if};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use js_sys::Array;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Finder`].
#[derive(Clone, PartialEq, Properties)]
pub struct FinderProps {
    /// The page's state.
    pub state: SharedState,
    /// Hears that the suggestion is taken.
    pub on: Callback<Action>,
}

/// The instrument.
#[component]
pub fn Finder(props: &FinderProps) -> Html {
    let FinderProps { state, on } = props;
    let asker = use_context::<Asker>();
    let files = use_context::<ModelFiles>().unwrap_or_default();
    let asking = use_state(AnswerState::default);
    // The link that the answer is about: its fields may be changed since.
    let about = use_state(String::new);
    let asked = use_mut_ref(|| None::<PendingQuestion>);
    let ready = state.dataset().is_some() && state.active_run().is_none();
    let search = {
        let (asking, about, asked) = (asking.setter(), about.setter(), asked.clone());
        let experiment = state.experiment.clone();
        move |_: MouseEvent| {
            let Some(asker) = asker.clone() else { return };
            let (asking, asked, files) = (asking.clone(), asked.clone(), files.clone());
            let experiment = experiment.clone();
            about.set(experiment.link());
            asking.set(AnswerState { busy: true, ..AnswerState::default() });
            spawn(async move {
                let beside = Array::new();
                if let Some(hash) = &experiment.init {
                    match files.bytes(hash).await {
                        Ok(bytes) => beside.push(&bytes),
                        Err(error) => {
                            asking
                                .set(AnswerState { error: Some(error), ..AnswerState::default() });
                            return;
                        }
                    };
                }
                let experiment = Box::new(experiment);
                let question = Question::Model(ModelQuestion::FindRate { experiment });
                let reply = Callback::from(move |reply: Reply| {
                    asking.set(match reply {
                        Reply::Progress(progress) => AnswerState {
                            busy: true,
                            progress: Some(progress),
                            ..AnswerState::default()
                        },
                        Reply::Answer(answer) => {
                            AnswerState { answer: Some(answer), ..AnswerState::default() }
                        }
                        Reply::Failed(error) => {
                            AnswerState { error: Some(error), ..AnswerState::default() }
                        }
                    });
                });
                *asked.borrow_mut() = Some(asker.ask(question, beside, reply));
            });
        }
    };
    let cancel = {
        let asking = asking.setter();
        move |_: MouseEvent| {
            asked.borrow_mut().take();
            asking.set(AnswerState::default());
        }
    };
    let found = match asking.answer.as_deref().map(|it| &it.answer) {
        Some(Answer::Model(ModelAnswer::Rates(found))) => Some(found),
        _ => None,
    };
    let done = asking.progress.map_or(0, |progress| progress.done);
    html! {
        <>
            { hint(text::finder_hint(STEPS)) }
            <div class="actions">
                if asking.busy {
                    { button(text::finder_cancel(), cancel) }
                } else {
                    { primary_if(ready, text::finder_search(), search) }
                }
            </div>
            if !ready {
                { hint(text::finder_needs()) }
            }
            if asking.busy {
                <label>
                    { text::finder_progress(&done.to_string(), &STEPS.to_string()) }{ " " }
                    <progress max={STEPS.to_string()} value={done.to_string()} />
                </label>
            }
            if let Some(error) = &asking.error {
                { report(error, Html::default()) }
            }
            <div role="status">
                if let Some(found) = found {
                    { plain(said(found)) }
                }
            </div>
            if let Some(found) = found {
                if let Some(suggestion) = found.suggestion {
                    { take_button(&TakeProps { lr: suggestion.lr, current: state.experiment.lr, on: on.clone() }) }
                }
                if *about != state.experiment.link() {
                    { hint(text::finder_changed()) }
                }
                <Chart
                    figure={Shared(Rc::new(figure(found)))} id="finder-chart"
                    caption={text::finder_caption()}
                    note={text::finder_note()}
                />
            }
        </>
    }
}

struct TakeProps {
    lr: f64,
    current: f64,
    on: Callback<Action>,
}

/// The button that takes the suggestion.
fn take_button(props: &TakeProps) -> Html {
    let value = rounded(props.lr);
    let taken = number::read(&value) == Some(props.current);
    let onclick = {
        let (on, value) = (props.on.clone(), value.clone());
        move |_: MouseEvent| on.emit(Action::Set { key: "lr", value: value.clone() })
    };
    primary_if(
        !(taken),
        if taken { text::finder_taken(&value) } else { text::finder_take(&value) },
        onclick,
    )
}

/// A rate with two digits that count.
fn rounded(lr: f64) -> String {
    number::read(&format!("{lr:.1e}")).unwrap_or(lr).to_string()
}

fn said(FoundRate { tried, suggestion }: &FoundRate) -> String {
    match (suggestion, tried.last()) {
        (Some(Tried { lr, .. }), Some(last)) => {
            text::finder_suggested(&rounded(*lr), tried.len(), &format!("{:.0e}", last.lr))
        }
        _ => text::finder_none().to_owned(),
    }
}

fn figure(found: &FoundRate) -> Figure {
    let series = |name: &str, weight, value: fn(&Tried) -> f64| Series {
        name: name.to_owned(),
        label: String::new(),
        points: found
            .tried
            .iter()
            .map(|tried| Point { x: math::log10(tried.lr), y: value(tried) })
            .collect(),
        style: Style { colour: 1, dash: Dash::Solid, marker: Marker::None, weight },
        dense: true,
    };
    let axis = |label: &str, unit| Axis { label: label.to_owned(), unit, include: None };
    Figure {
        title: text::finder_title().to_owned(),
        x: axis(text::finder_axis(), Unit::Power),
        y: axis(text::finder_loss(), Unit::Number),
        series: vec![
            series(text::finder_smoothed(), Weight::Normal, |tried| tried.smooth_loss),
            series(text::finder_batch_loss(), Weight::Light, |tried| tried.loss),
        ],
        bands: Vec::new(),
        marks: found
            .suggestion
            .iter()
            .map(|it| Mark { x: math::log10(it.lr), label: text::finder_mark().to_owned() })
            .collect(),
    }
}
