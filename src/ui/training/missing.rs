//! What an experiment needs and is not there, and how to get it. Nothing is ever
//! put in its place without a click that says so.

use super::super::models::OpenModel;
use crate::app::{Action, AppState, Readiness};
use crate::experiment::DataSource;
use crate::saved::short;
use crate::ui::parts::{button, plain, quiet, wishes};
use yew::prelude::*;

use super::TrainingProps;
use crate::text;

/// The message beside the play button while something is missing.
pub fn missing(props: &TrainingProps) -> Html {
    let state: &AppState = &props.state;
    let on = |action| wishes(&props.on, action);
    let waits = state.start_waits();
    match state.readiness() {
        Readiness::ModelMissing => html! {
            <section class="message message-warn" aria-label={text::missing_model_label()}>
                <p>
                    <strong>{ text::missing_model() }</strong>{ " " }
                    { text::missing_model_hint(state.experiment.init.as_deref().map_or("", short)) }
                </p>
                <OpenModel id="missing-model" wanted={state.experiment.init.clone()} on={props.on.clone()} />
                { button(text::models_fresh(), on(|| Action::WithoutSavedModel)) }
            </section>
        },
        Readiness::DataMissing => html! {
            <section class="message message-warn" aria-label={text::missing_data_label()}>
                <p>
                    <strong>{ what(&state.experiment.data) }</strong>{ " " }{ how(state) }
                </p>
                if waits {
                    { plain(text::missing_starts_later()) }
                }
                <div class="actions">
                    if waits {
                        { button(text::missing_cancel_start(), on(|| Action::CancelStart)) }
                    }
                    { button(text::missing_use_sample(), on(|| Action::RunOnSample)) }
                </div>
            </section>
        },
        Readiness::Loading | Readiness::EngineStarting if waits => html! {
            <p class="hint">
                { text::missing_starts_later() }{ " " }
                { quiet(text::missing_cancel(), on(|| Action::CancelStart)) }
            </p>
        },
        _ => Html::default(),
    }
}

fn what(data: &DataSource) -> &'static str {
    match data {
        DataSource::Url(_) => text::missing_url(),
        DataSource::Imagenette | DataSource::Sample => text::missing_imagenette(),
    }
}

fn how(state: &AppState) -> &'static str {
    match (&state.experiment.data, &state.data.served) {
        (DataSource::Url(_), _) => text::missing_how_url(),
        (_, Some(_)) => text::missing_how_served(),
        (_, None) => text::missing_how_download(),
    }
}
