//! The training panel: the buttons, what stands in their way, progress, the
//! engine, the expected time.

mod missing;

use super::browser;
use super::messages::report;
use crate::app::estimate::{Estimate, estimate};
use crate::app::format::{progress as progress_line, rough_duration};
use crate::app::{Action, AppState, EngineState, NextStep, Readiness, Run, RunStatus};
use crate::bridge;
use crate::engine::EngineKind;
use crate::experiment::EngineChoice;
use crate::format::percent;
use crate::progress::{FailureKind, RunPlan, RunStage};
use crate::record::Outcome;
use crate::text;
use crate::ui::parts::{button, hint, primary, tag, wishes};
use crate::ui::shared::SharedState;
use yew::prelude::*;

/// What [`training`] shows.
pub struct TrainingProps {
    /// The page's state.
    pub state: SharedState,
    /// Hears the buttons.
    pub on: Callback<Action>,
}

/// The training panel.
pub fn training(props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    html! {
        <section class="panel panel-training" aria-labelledby="training-title">
            <h2 id="training-title">{ text::training_title() }</h2>
            { controls(props) }
            if state.view.predict {
                // The classroom fills it.
                <div id={bridge::PREDICT} class="predict"></div>
            }
            { missing::missing(props) }
            if state.active_run().is_none() {
                <p class="hint estimate">{ expectation(state) }</p>
            }
            if let Some(run) = &state.run {
                { view_run(run, props) }
            }
            { next_step(props) }
            <p class="hint engine-line">{ engine_line(state) }</p>
        </section>
    }
}

/// What to try after a run that has finished.
fn next_step(props: &TrainingProps) -> Html {
    let on = &props.on;
    let (label, act): (String, Callback<MouseEvent>) = match props.state.next_step() {
        None => return Html::default(),
        Some(NextStep::Switch { technique, on: enable }) => {
            let on = on.clone();
            let name = technique.inline_name();
            let label =
                if enable { text::training_next_on(name) } else { text::training_next_off(name) };
            let act = move |_: MouseEvent| {
                on.emit(Action::Toggle { technique, on: enable });
                on.emit(Action::Play);
            };
            (label, act.into())
        }
        Some(NextStep::Seeds) => {
            let act = |_: MouseEvent| browser::show("queue-title");
            (text::training_next_seeds().to_owned(), act.into())
        }
    };
    html! { <p class="next-step"><strong>{ text::training_next() }</strong>{ " " }{ button(label, act) }</p> }
}

/// The buttons.
fn controls(props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let status = state.active_run().map(|run| &run.status);
    let goes_on = state.goes_on();
    let waits = state.start_waits();
    let can_start = status.is_none() && !waits && may_start(state);
    let (label, symbol, action, enabled): (_, _, fn() -> Action, _) = match status {
        None if waits => (text::training_starting(), "…", || Action::Play, false),
        None => (text::training_train(), "▶", || Action::Play, can_start),
        Some(RunStatus::Paused) => (text::training_resume(), "▶", || Action::Resume, true),
        Some(RunStatus::Running) => (text::training_pause(), "❚❚", || Action::Pause, true),
        Some(RunStatus::Pausing) => (text::training_pausing(), "❚❚", || Action::Pause, false),
        Some(_) => (text::training_starting(), "…", || Action::Play, false),
    };
    let can_step = can_start || status == Some(&RunStatus::Paused);
    let can_stop = goes_on || status.is_some_and(|status| *status != RunStatus::Stopping);
    let stop = if status == Some(&RunStatus::Stopping) {
        text::training_stopping()
    } else {
        text::training_stop()
    };
    let on = &props.on;
    html! {
        <>
            <div class="controls" role="group" aria-label={text::training_controls()}>
                { control("train", "play primary", (symbol, label), enabled, action, on) }
                { control("step", "", ("▶❚", text::training_step()), can_step, || Action::Step, on) }
                { control("stop", "", ("■", stop), can_stop, || Action::Stop, on) }
                { control("reset", "", ("↺", text::training_reset()), state.run.is_some(), || Action::Reset, on) }
                { control("new-seed", "", ("⚄", text::training_new_seed()), status.is_none() && state.view.may_change("seed"), || Action::NewSeed, on) }
            </div>
            { hint(text::training_hint()) }
        </>
    }
}

/// One button. Without effect it stays where the keyboard can find it: a
/// disabled one would drop the focus each time a run begins or ends.
fn control(
    id: &'static str,
    class: &'static str,
    (symbol, label): (&'static str, &'static str),
    enabled: bool,
    action: fn() -> Action,
    on: &Callback<Action>,
) -> Html {
    let on = on.clone();
    let onclick = move |_: MouseEvent| {
        if enabled {
            on.emit(action());
        }
    };
    html! {
        <button
            type="button" {id} class={(!class.is_empty()).then_some(class)}
            aria-disabled={(!enabled).then_some("true")} {onclick}
        >
            <span aria-hidden="true" class="symbol">{ symbol }</span>{ label }
        </button>
    }
}

/// A start is allowed while the engine or the sample is still on its way: it waits.
fn may_start(state: &AppState) -> bool {
    !state.prediction_missing()
        && matches!(
            state.readiness(),
            Readiness::Ready | Readiness::EngineStarting | Readiness::Loading
        )
}

/// What a person can do about a run that failed, as buttons.
fn ways_on(run: &Run, props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let fits = run.status.failure().and_then(FailureKind::fits).filter(|_| !state.is_queued(run));
    let on = |action| wishes(&props.on, action);
    let instead = move |fits: u32| {
        let on = props.on.clone();
        Callback::from(move |_: MouseEvent| {
            on.emit(Action::TrainInstead { key: "bs", value: fits.to_string() });
        })
    };
    html! {
        <>
            if let Some(fits) = fits {
                { primary(text::training_smaller_batch(&fits.to_string()), instead(fits)) }
            }
            if run.status.failure() == Some(FailureKind::NoEngine) {
                { primary(text::training_restart_engine(), on(|| Action::RestartEngine)) }
                { on_the_cpu(state, &props.on) }
            }
        </>
    }
}

/// The button that trains the last run again on the CPU, where that is another way.
pub(super) fn on_the_cpu(state: &AppState, on: &Callback<Action>) -> Html {
    let instead = || Action::TrainInstead { key: "engine", value: "cpu".into() };
    html! {
        if state.cpu_may_do() {
            { button(text::training_on_cpu(), wishes(on, instead)) }
        }
    }
}

fn view_run(run: &Run, props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let fraction = match (&run.status, &run.progress) {
        (RunStatus::Ended(Outcome::Finished), _) => 1.0,
        (_, Some(progress)) => progress.fraction,
        (_, None) => 0.0,
    };
    let progress = run.progress.as_ref();
    let (elapsed, remaining) =
        progress.map_or((0.0, None), |progress| (progress.elapsed, progress.remaining));
    let remaining = if run.status.is_active() { remaining } else { Some(0.0) };
    let done = run.live.rows.len() as u32;
    let loss = run.live.points.last();
    let accuracy = run.live.rows.last();
    let changed =
        run.status.is_active() && !state.is_queued(run) && run.experiment != state.experiment;
    html! {
        <div class="run" data-status={status_name(&run.status)}>
            <p id="run-status" class="run-status">
                if state.goes_on() { { text::training_recovering() } } else { { status_text(run) } }
            </p>
            <progress aria-labelledby="run-status" max="1" value={fraction.to_string()} />
            <p class="numbers run-line">
                { progress_line(fraction, done, run.live.total_epochs, elapsed, remaining) }
            </p>
            <dl class="readouts">
                <div>
                    <dt>{ text::training_loss() }</dt>
                    <dd class="numbers">
                        { loss.map_or_else(|| "–".into(), |point| text::decimal(&format!("{:.4}", point.smooth_loss))) }
                    </dd>
                </div>
                <div>
                    <dt>{ text::training_accuracy() }</dt>
                    <dd class="numbers">
                        { accuracy.map_or_else(|| "–".into(), |row| percent(row.accuracy)) }
                    </dd>
                </div>
                if let Some(tta) = &run.live.tta {
                    <div>
                        <dt>{ text::training_with_tta() }</dt>
                        <dd class="numbers">{ percent(tta.accuracy) }</dd>
                    </div>
                }
            </dl>
            if run.live.synthetic {
                <p class="synthetic">{ tag(text::page_synthetic_tag()) }{ " " }{ text::page_synthetic() }</p>
            }
            if let Some(plan) = &run.plan {
                { view_plan(plan) }
            }
            if state.is_queued(run) {
                { hint(text::training_queued()) }
            }
            if changed {
                { hint(text::training_changed()) }
            }
            if let RunStatus::Failed { error, .. } = &run.status {
                // A broken engine says so above, with the way on.
                if !state.goes_on() && !matches!(state.engine, EngineState::Crashed(_)) {
                    { report(error, ways_on(run, props)) }
                }
            }
        </div>
    }
}

fn view_plan(plan: &RunPlan) -> Html {
    html! {
        <>
            { hint(extent(plan)) }
            if !plan.notices.is_empty() {
                <ul class="hint">{ for plan.notices.iter().map(|notice| html! { <li>{ notice }</li> }) }</ul>
            }
        </>
    }
}

/// How many images the run uses, and how many of their labels are wrong.
fn extent(plan: &RunPlan) -> String {
    let RunPlan { train, batches, valid, .. } = *plan;
    let size = plan.batch_size.to_string();
    if plan.noise_rate > 0.0 {
        text::training_plan_noise(train, batches, &size, valid, &percent(plan.noise_rate))
    } else {
        text::training_plan(train, batches, &size, valid)
    }
}

fn status_name(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Reading | RunStatus::Starting => "starting",
        RunStatus::Running => "running",
        RunStatus::Pausing => "pausing",
        RunStatus::Paused => "paused",
        RunStatus::Stopping => "stopping",
        RunStatus::Ended(Outcome::Finished) => "finished",
        RunStatus::Ended(Outcome::Stopped) => "stopped",
        RunStatus::Ended(Outcome::Diverged) => "diverged",
        RunStatus::Failed { .. } => "failed",
    }
}

fn status_text(run: &Run) -> String {
    let at = run.progress.as_ref().map(|progress| {
        let epoch = (progress.epoch + 1).to_string();
        let batches = run.plan.as_ref().map_or(0, |plan| plan.batches).to_string();
        match progress.stage {
            RunStage::Train => {
                text::training_at_batch(&epoch, &progress.batch.to_string(), &batches)
            }
            RunStage::Validate => text::training_at_validation(&epoch),
            RunStage::Tta => text::training_at_tta().into(),
        }
    });
    let status = match (&run.status, at) {
        (RunStatus::Running, Some(at)) => return text::training_status_training_at(&at),
        (RunStatus::Pausing, Some(at)) => return text::training_status_pausing_at(&at),
        (RunStatus::Paused, Some(at)) => return text::training_status_paused_at(&at),
        (RunStatus::Reading, _) => text::training_status_reading(),
        (RunStatus::Starting, _) => text::training_status_starting(),
        (RunStatus::Running, None) => text::training_status_training(),
        (RunStatus::Pausing, None) => text::training_status_pausing(),
        (RunStatus::Paused, None) => text::training_status_paused(),
        (RunStatus::Stopping, _) => text::training_status_stopping(),
        (RunStatus::Ended(Outcome::Finished), _) => text::training_status_finished(),
        (RunStatus::Ended(Outcome::Stopped), _) => text::training_status_stopped(),
        (RunStatus::Ended(Outcome::Diverged), _) => text::training_status_diverged(),
        (RunStatus::Failed { .. }, _) => text::training_status_failed(),
    };
    status.to_owned()
}

/// How long a run would take, as far as can be said.
fn expectation(state: &AppState) -> String {
    let epochs = state.experiment.total_epochs();

    let engine = state.expected_engine();
    let guess = state
        .dataset()
        .and_then(|dataset| estimate(&state.experiment, dataset, engine, state.shelf.runs()));
    match guess {
        Some(Estimate { seconds, same_model: true }) => {
            text::training_expected(epochs, &rough_duration(seconds))
        }
        Some(Estimate { seconds, same_model: false }) => {
            text::training_expected_rough(epochs, &rough_duration(seconds))
        }
        None => text::training_expected_unknown(epochs),
    }
}

/// Which engine, and why.
fn engine_line(state: &AppState) -> String {
    let plan = state.run.as_ref().and_then(|run| run.plan.as_ref());
    if let Some(plan) = plan {
        let RunPlan { engine, adapter, engine_reason, .. } = &**plan;
        return if engine_reason.is_empty() {
            text::engine_on(&engine.to_string(), adapter)
        } else {
            text::engine_on_reason(&engine.to_string(), adapter, engine_reason)
        };
    }
    match &state.engine {
        EngineState::Starting => text::engine_loading().into(),
        EngineState::Outdated { .. } | EngineState::Crashed(_) => text::engine_not_running().into(),
        EngineState::Ready(engines) => match (&engines.webgpu, state.expected_engine()) {
            (Ok(adapter), EngineKind::Webgpu) => {
                if adapter.software {
                    text::engine_on_software("webgpu", &adapter.name)
                } else {
                    text::engine_on("webgpu", &adapter.name)
                }
            }
            (Err(why), EngineKind::Webgpu) => text::engine_webgpu_unavailable(why),
            (Ok(adapter), _)
                if adapter.software && state.experiment.engine == EngineChoice::Auto =>
            {
                text::engine_name_note(&engines.cpu, text::engine_software())
            }
            _ => text::engine_name(&engines.cpu),
        },
    }
}
