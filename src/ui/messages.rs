//! What the person has to know before going on: a broken engine, an unfinished
//! run, changes to the link, warnings. Errors stay until they are dealt with.

use super::training::on_the_cpu;
use super::{browser, text};
use crate::app::{Action, AppState, EngineState};
use crate::format::minute;
use crate::report::ErrorReport;
use crate::text::sentence;
use crate::ui::parts::{button, primary, wishes};
use crate::ui::shared::SharedState;
use yew::prelude::*;

/// What [`messages`] shows.
pub struct MessagesProps {
    /// The page's state.
    pub state: SharedState,
    /// Hears the person's decisions.
    pub on: Callback<Action>,
}

/// The messages above the panels.
pub fn messages(props: &MessagesProps) -> Html {
    let state: &AppState = &props.state;
    let on = |action| wishes(&props.on, action);
    let reload = Callback::from(|_: MouseEvent| browser::reload());
    html! {
        <section class="messages" aria-label="Messages">
            if let Some(fault) = &state.fault {
                { report(fault, button("Dismiss", on(|| Action::FaultRead))) }
            }
            { match &state.engine {
                EngineState::Crashed(error) => {
                    let ways = html! {
                        <>
                            { primary("Restart the engine", on(|| Action::RestartEngine)) }
                            { on_the_cpu(state, &props.on) }
                        </>
                    };
                    report(error, ways)
                }
                EngineState::Outdated { build } => {
                    let error = ErrorReport::new("The page and its engine are of different versions", format!("the site was updated in between (the engine is {build})"), "reload the page; the finished runs are kept");
                    report(&error, primary("Reload", reload))
                }
                EngineState::Ready(engines) => match &engines.webgpu {
                    Ok(_) => Html::default(),
                    Err(why) => html! {
                        <details class="message message-note">
                            <summary>{ if browser::is_secure() { text::NO_WEBGPU } else { text::PLAIN_HTTP } }</summary>
                            <p>{ "The browser’s reason: " }{ sentence(why) }</p>
                        </details>
                    },
                },
                EngineState::Starting => Html::default(),
            } }
            if let Some(run) = state.unfinished.as_ref().filter(|run| may_resume(state) && !state.queue_takes(run)) {
                <section class="message message-note" aria-label="Unfinished run">
                    <p>
                        <strong>{ "A run was cut short. " }</strong>
                        { format!(
                            "It had trained {} of {} epochs ({}), and can go on from there.",
                            run.rows.len(), run.total_epochs, minute(&run.date),
                        ) }
                    </p>
                    <p><code>{ &run.link }</code></p>
                    <div class="actions">
                        { primary("Resume run", on(|| Action::ResumeUnfinished)) }
                        { button("Forget it", on(|| Action::ForgetUnfinished)) }
                    </div>
                </section>
            }
            if !state.notices.is_empty() {
                <section class="message message-note message-brief" aria-label="About the link">
                    <ul>{ for state.notices.iter().map(|notice| html! { <li>{ notice }</li> }) }</ul>
                    { button("Dismiss", on(|| Action::NoticesRead)) }
                </section>
            }
            if !state.warnings.is_empty() {
                <section class="message message-warn message-brief" aria-label="Warnings">
                    <ul>{ for state.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }</ul>
                    { button("Dismiss", on(|| Action::WarningsRead)) }
                </section>
            }
        </section>
    }
}

/// First the engine, then the run.
fn may_resume(state: &AppState) -> bool {
    let broken = matches!(state.engine, EngineState::Crashed(_) | EngineState::Outdated { .. });
    !broken && state.active_run().is_none() && !state.start_waits()
}

/// An error: what failed, why, what to do, and the ways on.
pub fn report(error: &ErrorReport, ways: Html) -> Html {
    let ErrorReport { what, why, remedy } = error;
    html! {
        <section class="message message-bad" aria-label="Error">
            <p><strong>{ sentence(what) }</strong>{ " " }{ sentence(why) }</p>
            <p>{ "What to do: " }{ sentence(remedy) }</p>
            <div class="actions">{ ways }</div>
        </section>
    }
}
