//! What the person has to know before going on: a broken engine, an unfinished
//! run, changes to the link, warnings. Errors stay until they are dealt with.

use super::{browser, text};
use crate::protocol::ErrorReport;
use crate::runs::format::minute;
use crate::workbench::format::sentence;
use crate::workbench::{Action, EngineState, Workbench};
use yew::prelude::*;

/// Properties of [`Messages`].
#[derive(Clone, PartialEq, Properties)]
pub struct MessagesProps {
    /// The page's state.
    pub bench: super::app::Bench,
    /// Hears the person's decisions.
    pub on: Callback<Action>,
}

/// The messages above the panels.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    let bench: &Workbench = &props.bench;
    let on = |action: Action| {
        let on = props.on.clone();
        Callback::from(move |_: MouseEvent| on.emit(action.clone()))
    };
    let reload = Callback::from(|_: MouseEvent| browser::reload());
    html! {
        <section class="messages" aria-label="Messages">
            if let Some(fault) = &bench.fault {
                <Report error={fault.clone()}>
                    <button type="button" onclick={on(Action::FaultRead)}>{ "Dismiss" }</button>
                </Report>
            }
            { match &bench.engine {
                EngineState::Crashed(error) => html! {
                    <Report error={error.clone()}>
                        <button type="button" class="primary" onclick={on(Action::RestartEngine)}>
                            { "Restart the engine" }
                        </button>
                    </Report>
                },
                EngineState::Outdated { build } => html! {
                    <Report error={ErrorReport {
                        what: "The page and its engine are of different versions".into(),
                        why: format!("the site was updated in between (the engine is {build})"),
                        remedy: "reload the page; the finished runs are kept".into(),
                    }}>
                        <button type="button" class="primary" onclick={reload}>{ "Reload" }</button>
                    </Report>
                },
                EngineState::Ready(engines) => match &engines.webgpu {
                    Ok(_) => Html::default(),
                    Err(why) => html! {
                        <details class="message message-note">
                            <summary>{ text::NO_WEBGPU }</summary>
                            <p>{ "The browser’s reason: " }{ sentence(why) }</p>
                        </details>
                    },
                },
                EngineState::Starting => Html::default(),
            } }
            if let Some(run) = bench.unfinished.as_ref().filter(|run| may_resume(bench) && !bench.queue_takes(run)) {
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
                        <button type="button" class="primary" onclick={on(Action::ResumeUnfinished)}>{ "Resume run" }</button>
                        <button type="button" onclick={on(Action::ForgetUnfinished)}>{ "Forget it" }</button>
                    </div>
                </section>
            }
            if !bench.notices.is_empty() {
                <section class="message message-note message-brief" aria-label="About the link">
                    <ul>{ for bench.notices.iter().map(|notice| html! { <li>{ notice }</li> }) }</ul>
                    <button type="button" onclick={on(Action::NoticesRead)}>{ "Dismiss" }</button>
                </section>
            }
            if !bench.warnings.is_empty() {
                <section class="message message-warn message-brief" aria-label="Warnings">
                    <ul>{ for bench.warnings.iter().map(|warning| html! { <li>{ warning }</li> }) }</ul>
                    <button type="button" onclick={on(Action::WarningsRead)}>{ "Dismiss" }</button>
                </section>
            }
        </section>
    }
}

/// First the engine, then the run.
fn may_resume(bench: &Workbench) -> bool {
    let broken = matches!(bench.engine, EngineState::Crashed(_) | EngineState::Outdated { .. });
    !broken && bench.active_run().is_none() && !bench.start_waits()
}

/// Properties of [`Report`].
#[derive(Clone, PartialEq, Properties)]
pub struct ReportProps {
    /// What happened.
    pub error: ErrorReport,
    /// The ways on.
    #[prop_or_default]
    pub children: Children,
}

/// An error: what failed, why, what to do.
#[component]
pub fn Report(props: &ReportProps) -> Html {
    let ErrorReport { what, why, remedy } = &props.error;
    html! {
        <section class="message message-bad" aria-label="Error">
            <p><strong>{ sentence(what) }</strong>{ " " }{ sentence(why) }</p>
            <p>{ "What to do: " }{ sentence(remedy) }</p>
            <div class="actions">{ props.children.clone() }</div>
        </section>
    }
}
