//! What an experiment needs and is not there, and how to get it. Nothing is ever
//! put in its place without a click that says so.

use super::super::models::OpenModel;
use crate::app::{Action, AppState, Readiness};
use crate::experiment::DataSource;
use crate::saved::short;
use crate::ui::parts::{button, plain, quiet, wishes};
use yew::prelude::*;

use super::TrainingProps;

/// The message beside the play button while something is missing.
pub fn missing(props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let on = |action| wishes(&props.on, action);
    let waits = state.start_waits();
    match state.readiness() {
        Readiness::ModelMissing => html! {
            <section class="message message-warn" aria-label="Missing model">
                <p>
                    <strong>{ "This link starts from a saved model that is not here. " }</strong>
                    { format!(
                        "Its hash begins with {}. Open its file, which whoever gave you the link has, or train from fresh weights, which is another experiment.",
                        state.experiment.init.as_deref().map_or("", short),
                    ) }
                </p>
                <OpenModel id="missing-model" wanted={state.experiment.init.clone()} on={props.on.clone()} />
                { button("Start from fresh weights instead", on(|| Action::WithoutSavedModel)) }
            </section>
        },
        Readiness::DataMissing => html! {
            <section class="message message-warn" aria-label="Missing data">
                <p>
                    <strong>{ what(&state.experiment.data) }</strong>{ " " }{ how(state) }
                </p>
                if waits {
                    { plain("Training starts as soon as the data are there.") }
                }
                <div class="actions">
                    if waits {
                        { button("Don’t start by itself", on(|| Action::CancelStart)) }
                    }
                    { button("Run on the built-in sample instead (synthetic)", on(|| Action::RunOnSample)) }
                </div>
            </section>
        },
        Readiness::Loading | Readiness::EngineStarting if waits => html! {
            <p class="hint">
                { "Training starts as soon as the data are there. " }
                { quiet("Don’t start", on(|| Action::CancelStart)) }
            </p>
        },
        _ => Html::default(),
    }
}

fn what(data: &DataSource) -> &'static str {
    match data {
        DataSource::Url(_) => "This experiment uses an archive from elsewhere.",
        DataSource::Imagenette | DataSource::Sample => {
            "This experiment uses Imagenette, which is not loaded."
        }
    }
}

fn how(state: &AppState) -> &'static str {
    match (&state.experiment.data, &state.data.served) {
        (DataSource::Url(_), _) => "See “Data”: it is fetched only if you say so.",
        (_, Some(_)) => "See “Data”: this site has it.",
        (_, None) => "See “Data” for where to get it, then drop the file on this page.",
    }
}
