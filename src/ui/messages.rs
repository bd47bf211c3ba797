//! What the person has to know before going on: a broken engine, an unfinished
//! run, changes to the link, warnings. Errors stay until they are dealt with.

use super::browser;
use super::training::on_the_cpu;
use crate::app::{Action, AppState, EngineState};
use crate::format::minute;
use crate::report::ErrorReport;
use crate::text::{self, sentence};
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
        <section class="messages" aria-label={text::messages_label()}>
            if let Some(fault) = &state.fault {
                { report(fault, button(text::button_dismiss(), on(|| Action::FaultRead))) }
            }
            { match &state.engine {
                EngineState::Crashed(error) => {
                    let ways = html! {
                        <>
                            { primary(text::training_restart_engine(), on(|| Action::RestartEngine)) }
                            { on_the_cpu(state, &props.on) }
                        </>
                    };
                    report(error, ways)
                }
                EngineState::Outdated { build } => {
                    let error = ErrorReport::new(
                        text::messages_outdated(),
                        text::messages_outdated_why(build),
                        text::messages_outdated_remedy(),
                    );
                    report(&error, primary(text::messages_reload(), reload))
                }
                EngineState::Ready(engines) => match &engines.webgpu {
                    Ok(_) => Html::default(),
                    Err(why) => html! {
                        <details class="message message-note">
                            <summary>{ if browser::is_secure() { text::engine_no_webgpu() } else { text::engine_plain_http() } }</summary>
                            <p>{ text::messages_browser_reason(&sentence(why)) }</p>
                        </details>
                    },
                },
                EngineState::Starting => Html::default(),
            } }
            if let Some(run) = state.unfinished.as_ref().filter(|run| may_resume(state) && !state.queue_takes(run)) {
                <section class="message message-note" aria-label={text::messages_unfinished_label()}>
                    <p>
                        <strong>{ text::messages_unfinished() }</strong>{ " " }
                        { text::messages_unfinished_text(
                            &run.rows.len().to_string(), run.total_epochs, &minute(&run.date),
                        ) }
                    </p>
                    <p><code>{ &run.link }</code></p>
                    <div class="actions">
                        { primary(text::messages_resume(), on(|| Action::ResumeUnfinished)) }
                        { button(text::messages_discard(), on(|| Action::ForgetUnfinished)) }
                    </div>
                </section>
            }
            if !state.notices.is_empty() {
                <section class="message message-note message-brief" aria-label={text::messages_link()}>
                    <ul>{ for state.notices.iter().map(|notice| html! { <li>{ notice }</li> }) }</ul>
                    { button(text::button_dismiss(), on(|| Action::NoticesRead)) }
                </section>
            }
            if state.view.is_restricted() {
                <p class="message message-note">
                    { text::view_restricted() }{ " " }
                    <a href={format!("#{}", state.link())}>{ text::view_whole() }</a>
                </p>
            }
            if !state.warnings.is_empty() {
                <section class="message message-warn message-brief" aria-label={text::messages_warnings()}>
                    <ul>{ for state.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }</ul>
                    { button(text::button_dismiss(), on(|| Action::WarningsRead)) }
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
        <section class="message message-bad" aria-label={text::messages_error()}>
            <p><strong>{ sentence(what) }</strong>{ " " }{ sentence(why) }</p>
            <p>{ text::error_remedy(&sentence(remedy)) }</p>
            <div class="actions">{ ways }</div>
        </section>
    }
}
