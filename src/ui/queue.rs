//! "Does it help?": the panel that queues several runs to answer one question,
//! shows how far they are, and what they say.

mod answer;
mod files;
mod items;
mod setup;

use super::browser;
use crate::app::format::rough_duration;
use crate::app::queue::{ItemState, Queue, QueueState, Time};
use crate::app::{Action, AppState, QueueAction, SampleDrawing};
use crate::experiment::DataSource;
use crate::format::duration;
use crate::sweep::{Design, Preset};
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{button, hint, quiet};
use crate::ui::shared::{Shared, SharedState};
use yew::prelude::*;

/// Properties of [`QueuePanel`].
#[derive(Clone, PartialEq, Properties)]
pub struct QueuePanelProps {
    /// The page's state.
    pub state: SharedState,
    /// Hears the wishes.
    pub on: Callback<Action>,
    /// Takes files of runs.
    pub on_runs: Callback<web_sys::FileList>,
}

/// The panel.
#[component]
pub fn QueuePanel(props: &QueuePanelProps) -> Html {
    let state: &AppState = &props.state;
    let on = &props.on;
    let queue = state.queue.clone().map(Shared);
    let facts = use_memo(queue.clone(), |queue| queue.as_ref().map(|queue| Facts::of(queue)));
    html! {
        <section class="panel panel-queue" aria-labelledby="queue-title">
            <h2 id="queue-title">{ text::queue_title() }</h2>
            <setup::Setup seed={state.experiment.seed} busy={state.queue_busy()} on={on.clone()} />
            { files::open_runs(&files::OpenRunsProps { on_files: props.on_runs.clone() }) }
            if let (Some(queue), Some(facts)) = (queue, &*facts) {
                <section class="queue" aria-label={text::queue_label()}>
                    { head(&queue, facts, state, on) }
                    <items::Items queue={queue.clone()} on={on.clone()} />
                </section>
                if queue.summary().finished > 0 {
                    { answer::answer(&answer::AnswerProps { queue }) }
                }
            }
        </section>
    }
}

/// What is told of a queue: worked out when it changes, and not in each frame.
struct Facts {
    link: String,
    title: String,
    expectation: Option<&'static str>,
    state: String,
}

impl Facts {
    fn of(queue: &Queue) -> Self {
        let preset = Preset::of(queue.plan());
        Self {
            link: queue.plan().link(),
            title: title(queue, preset),
            expectation: preset.map(Preset::expectation),
            state: state(queue, queue.count(|state| matches!(state, ItemState::Failed(_)))),
        }
    }
}

fn head(queue: &Queue, facts: &Facts, state: &AppState, on: &Callback<Action>) -> Html {
    let wish = |action: QueueAction| on.reform(move |_: MouseEvent| Action::Queue(action.clone()));
    let (label, action) = match queue.state() {
        QueueState::Ready | QueueState::Ended => (text::queue_start(), QueueAction::Start),
        QueueState::Running => (text::queue_pause(), QueueAction::Pause),
        QueueState::Paused => (text::queue_resume(), QueueAction::Start),
    };
    let able = queue.state() != QueueState::Ended;
    let time = state.queue_time();
    let measurable = time.is_none() && able && !state.queue_busy() && state.queue_data().is_some();
    let onclick = {
        let (on, action) = (on.clone(), action);
        move |_: MouseEvent| {
            if able {
                on.emit(Action::Queue(action.clone()));
            }
        }
    };
    html! {
        <>
            <h3>{ &facts.title }</h3>
            if let Some(expectation) = facts.expectation {
                <p class="queue-expectation">{ expectation }</p>
            }
            <p class="queue-state">{ &facts.state }</p>
            if able {
                { hint(time_text(queue, state, time)) }
            }
            if let Some(trouble) = queue.trouble() {
                <p class="hint is-bad">{ trouble }</p>
            }
            if state.active_run().is_some() && !state.queued_run() && queue.is_running() {
                { hint(text::queue_begins_after()) }
            }
            <progress aria-label={text::queue_progress()} max={queue.items().len().max(1).to_string()} value={(queue.items().len() - queue.left()).to_string()} />
            <div class="actions">
                <button type="button" class="primary" id="queue-start" aria-disabled={(!able).then_some("true")} {onclick}>{ label }</button>
                if measurable {
                    { button(text::queue_measure(), wish(QueueAction::Measure)) }
                }
                <CopySweep link={facts.link.clone()} />
                { quiet(text::queue_clear(), wish(QueueAction::Clear)) }
            </div>
        </>
    }
}

/// The question that a queue answers.
fn title(queue: &Queue, preset: Option<Preset>) -> String {
    let sweep = queue.plan().sweep();
    match (&sweep.design, preset) {
        (_, Some(preset)) => preset.question().to_owned(),
        (Design::Alone(_), None) => text::queue_alone().to_owned(),
        (Design::AllButOne(_), None) => text::queue_all_but_one().to_owned(),
        (Design::Grid(axes), None) if axes.is_empty() => text::queue_one_experiment().to_owned(),
        (Design::Grid(axes), None) => {
            let keys: Vec<&str> = axes.iter().map(|axis| axis.key).collect();
            text::queue_grid(&keys.join(" × "))
        }
    }
}

/// How far the queue is, in a sentence or two.
fn state(queue: &Queue, failed: usize) -> String {
    let all = queue.items().len();
    let done = queue.count(|state| matches!(state, ItemState::Done { .. }));
    let taken = queue.count(|state| matches!(state, ItemState::Done { taken_up: true, .. }));
    let name = match queue.state() {
        QueueState::Ready => text::queue_state_ready(),
        QueueState::Running => text::queue_state_running(),
        QueueState::Paused => text::queue_state_paused(),
        QueueState::Ended => text::queue_state_done(),
    };
    let seeds = queue.plan().sweep().seeds.len();
    let arms = queue.plan().arms().len();
    let mut sentences = vec![text::queue_state(name, &done.to_string(), all, arms, seeds)];
    if taken > 0 {
        sentences.push(text::queue_known(taken));
    }
    if failed > 0 {
        sentences.push(text::queue_failed(failed));
    }
    if queue.state() == QueueState::Ended && queue.summary().seconds > 0.0 {
        sentences.push(text::queue_took(&duration(queue.summary().seconds)));
    }
    sentences.join(" ")
}

fn time_text(queue: &Queue, state: &AppState, time: Option<Time>) -> String {
    let left = queue.left();
    match time {
        Some(Time { seconds, same_models: true }) => {
            text::queue_left_measured(left, &rough_duration(seconds))
        }
        Some(Time { seconds, same_models: false }) => {
            text::queue_left_rough(left, &rough_duration(seconds))
        }
        None if state.queue_data().is_none() => {
            let comes = state.data.loading.is_some()
                || queue.plan().base().data == DataSource::Sample
                    && state.data.sample == SampleDrawing::Automatic;
            if comes { text::queue_left_loading(left) } else { text::queue_left_no_data(left) }
        }
        None => text::queue_left_unknown(left),
    }
}

/// Properties of [`CopySweep`].
#[derive(Clone, PartialEq, Properties)]
struct CopySweepProps {
    link: AttrValue,
}

/// The button that copies the address of the sweep, whatever the page's own says.
#[component]
fn CopySweep(props: &CopySweepProps) -> Html {
    let said = use_state(String::new);
    let onclick = {
        let (said, link) = (said.clone(), props.link.clone());
        move |_: MouseEvent| {
            let (said, address) = (said.clone(), browser::address_of(&link));
            spawn(async move {
                said.set(match browser::copy(&address).await {
                    Ok(()) => text::queue_copied().to_owned(),
                    Err(why) => text::queue_not_copied(&why, &address),
                });
            });
        }
    };
    html! {
        <>
            { button(text::queue_copy_link(), onclick) }
            <span class="hint queue-copied" role="status">{ &*said }</span>
        </>
    }
}
