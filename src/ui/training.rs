//! The training panel: the buttons, what stands in their way, progress, the
//! engine, the expected time.

mod missing;

use super::messages::report;
use super::text;
use crate::app::estimate::{Estimate, estimate};
use crate::app::format::{progress as progress_line, rough_duration};
use crate::app::{Action, AppState, EngineState, Readiness, Run, RunStatus};
use crate::engine::EngineKind;
use crate::experiment::EngineChoice;
use crate::format::percent;
use crate::number::grouped;
use crate::progress::{FailureKind, RunPlan, RunStage};
use crate::record::Outcome;
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
            <h2 id="training-title">{ "Training" }</h2>
            { controls(props) }
            { missing::missing(props) }
            if state.active_run().is_none() {
                <p class="hint estimate">{ expectation(state) }</p>
            }
            if let Some(run) = &state.run {
                { view_run(run, props) }
            }
            <p class="hint engine-line">{ engine_line(state) }</p>
        </section>
    }
}

/// The buttons.
fn controls(props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let status = state.active_run().map(|run| &run.status);
    let goes_on = state.goes_on();
    let waits = state.start_waits();
    let can_start = status.is_none() && !waits && may_start(state);
    let (label, symbol, action, enabled): (_, _, fn() -> Action, _) = match status {
        None if waits => ("Starting…", "…", || Action::Play, false),
        None => ("Train", "▶", || Action::Play, can_start),
        Some(RunStatus::Paused) => ("Go on", "▶", || Action::Resume, true),
        Some(RunStatus::Running) => ("Pause", "❚❚", || Action::Pause, true),
        Some(RunStatus::Pausing) => ("Pausing…", "❚❚", || Action::Pause, false),
        Some(_) => ("Starting…", "…", || Action::Play, false),
    };
    let can_step = can_start || status == Some(&RunStatus::Paused);
    let can_stop = goes_on || status.is_some_and(|status| *status != RunStatus::Stopping);
    let stop = if status == Some(&RunStatus::Stopping) { "Stopping…" } else { "Stop" };
    let on = &props.on;
    html! {
        <>
            <div class="controls" role="group" aria-label="Training controls">
                { control("train", "play primary", (symbol, label), enabled, action, on) }
                { control("step", "", ("▶❚", "Step"), can_step, || Action::Step, on) }
                { control("stop", "", ("■", stop), can_stop, || Action::Stop, on) }
                { control("reset", "", ("↺", "Reset"), state.run.is_some(), || Action::Reset, on) }
                { control("new-seed", "", ("⚄", "New seed"), status.is_none(), || Action::NewSeed, on) }
            </div>
            { hint("Reset: the same seed, so the same start. New seed: other weights, order and crops.") }
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
    matches!(state.readiness(), Readiness::Ready | Readiness::EngineStarting | Readiness::Loading)
}

/// Said while a new engine starts for a run.
const GOES_ON: &str = "The engine broke. It is started again, and the run goes on…";

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
                { primary(format!("Train with a batch size of {fits}"), instead(fits)) }
            }
            if run.status.failure() == Some(FailureKind::NoEngine) {
                { primary("Restart the engine", on(|| Action::RestartEngine)) }
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
            { button("Start again on the CPU", wishes(on, instead)) }
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
                if state.goes_on() { { GOES_ON } } else { { status_text(run) } }
            </p>
            <progress aria-labelledby="run-status" max="1" value={fraction.to_string()} />
            <p class="numbers run-line">
                { progress_line(fraction, done, run.live.total_epochs, elapsed, remaining) }
            </p>
            <dl class="readouts">
                <div>
                    <dt>{ "Loss" }</dt>
                    <dd class="numbers">
                        { loss.map_or_else(|| "–".into(), |point| format!("{:.4}", point.smooth_loss)) }
                    </dd>
                </div>
                <div>
                    <dt>{ "Accuracy" }</dt>
                    <dd class="numbers">
                        { accuracy.map_or_else(|| "–".into(), |row| percent(row.accuracy)) }
                    </dd>
                </div>
                if let Some(tta) = &run.live.tta {
                    <div>
                        <dt>{ "with TTA" }</dt>
                        <dd class="numbers">{ percent(tta.accuracy) }</dd>
                    </div>
                }
            </dl>
            if run.live.synthetic {
                <p class="synthetic">{ tag("synthetic") }{ " " }{ text::SYNTHETIC }</p>
            }
            if let Some(plan) = &run.plan {
                { view_plan(plan) }
            }
            if state.is_queued(run) {
                { hint("This run belongs to the queue. Your settings stay as they are.") }
            }
            if changed {
                { hint("The settings were changed since this run began: they hold for the next one.") }
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
            { hint(format!(
                    "{} training images in {} batches of {}, {} validation images{}.",
                    grouped(u64::from(plan.train)),
                    plan.batches, plan.batch_size, grouped(u64::from(plan.valid)),
                    if plan.noise_rate > 0.0 {
                        format!("; {} of the training labels are wrong", percent(plan.noise_rate))
                    } else {
                        String::new()
                    },
                )) }
            if !plan.notices.is_empty() {
                <ul class="hint">{ for plan.notices.iter().map(|notice| html! { <li>{ notice }</li> }) }</ul>
            }
        </>
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
        let epoch = progress.epoch + 1;
        let batches = run.plan.as_ref().map_or(0, |plan| plan.batches);
        match progress.stage {
            RunStage::Train => format!("epoch {epoch}, batch {} of {batches}", progress.batch),
            RunStage::Validate => format!("epoch {epoch}, measuring"),
            RunStage::Tta => "test-time augmentation".into(),
        }
    });
    let at = at.map(|at| format!(": {at}")).unwrap_or_default();
    match &run.status {
        RunStatus::Reading => "Starting: its files are being read…".into(),
        RunStatus::Starting => "Starting: the network is being built…".into(),
        RunStatus::Running => format!("Training{at}"),
        RunStatus::Pausing => format!("Pausing{at}"),
        RunStatus::Paused => format!("Paused{at}"),
        RunStatus::Stopping => "Stopping…".into(),
        RunStatus::Ended(Outcome::Finished) => "Finished".into(),
        RunStatus::Ended(Outcome::Stopped) => "Stopped".into(),
        RunStatus::Ended(Outcome::Diverged) => {
            "Diverged: the loss is no number any more. Try a lower learning rate.".into()
        }
        RunStatus::Failed { .. } => "The run could not go on".into(),
    }
}

/// How long a run would take, as far as can be said.
fn expectation(state: &AppState) -> String {
    let epochs = state.experiment.total_epochs();
    let epochs = if epochs == 1 { "1 epoch".into() } else { format!("{epochs} epochs") };
    let engine = state.expected_engine();
    let guess = state
        .dataset()
        .and_then(|dataset| estimate(&state.experiment, dataset, engine, state.shelf.runs()));
    match guess {
        Some(Estimate { seconds, same_model: true }) => {
            format!("{epochs}: about {}, as earlier runs went here.", rough_duration(seconds))
        }
        Some(Estimate { seconds, same_model: false }) => format!(
            "{epochs}: very roughly {}, going by another network’s speed here.",
            rough_duration(seconds)
        ),
        None => {
            format!("{epochs}. How long that takes is unknown until a first run was measured here.")
        }
    }
}

/// Which engine, and why.
fn engine_line(state: &AppState) -> String {
    let plan = state.run.as_ref().and_then(|run| run.plan.as_ref());
    if let Some(plan) = plan {
        let reason = if plan.engine_reason.is_empty() {
            String::new()
        } else {
            format!(" – {}", plan.engine_reason)
        };
        return format!("Engine: {} on {}{reason}", plan.engine, plan.adapter);
    }
    match &state.engine {
        EngineState::Starting => "The training engine is being loaded…".into(),
        EngineState::Outdated { .. } | EngineState::Crashed(_) => {
            "The training engine is not running.".into()
        }
        EngineState::Ready(engines) => match (&engines.webgpu, state.expected_engine()) {
            (Ok(adapter), EngineKind::Webgpu) => {
                let software = if adapter.software { " (emulated in software)" } else { "" };
                format!("Engine: webgpu on {}{software}", adapter.name)
            }
            (Err(why), EngineKind::Webgpu) => format!("WebGPU is not available here: {why}"),
            (Ok(adapter), _)
                if adapter.software && state.experiment.engine == EngineChoice::Auto =>
            {
                format!("Engine: {}. {}", engines.cpu, text::SOFTWARE_WEBGPU)
            }
            _ => format!("Engine: {}", engines.cpu),
        },
    }
}
