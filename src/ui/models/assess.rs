//! A model measured on the images at hand, with its own statistics and with
//! others: what the right ones are worth.

use super::super::messages::report;
use super::super::results::table::TableView;
use super::super::text;
use super::reply::{ReplyBuffers, use_reply};
use crate::chart::table::Table;
use crate::experiment::Norm;
use crate::format::{metric, percent};
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion};
use crate::protocol::ask::{Answer, Question};
use crate::saved::ModelCard;
use crate::saved::assessment::Assessment;
use crate::ui::parts::{hint, plain, tag};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use std::rc::Rc;
use yew::prelude::*;

/// The model's own statistics first: the others are compared with them.
const NORMS: [Norm; 4] = [Norm::Model, Norm::Imagenet, Norm::Off, Norm::Data];

/// Properties of [`Assess`].
#[derive(Clone, PartialEq, Properties)]
pub struct AssessProps {
    /// The model.
    pub card: ModelCard,
    /// The page's state.
    pub state: SharedState,
}

/// The measurement.
#[component]
pub fn Assess(props: &AssessProps) -> Html {
    let AssessProps { card, state } = props;
    let dataset = state.dataset();
    let (experiment, hash) =
        (state.experiment.clone(), dataset.map(|it| it.hash.clone()).unwrap_or_default());
    let question = dataset.map(|_| {
        // Only what decides the images and the engine, so that nothing else asks again.
        let chosen = crate::experiment::Experiment {
            data: experiment.data.clone(),
            subset: experiment.subset,
            valid: experiment.valid,
            dseed: experiment.dseed,
            engine: experiment.engine,
            ..crate::experiment::Experiment::default()
        };
        let experiment = Box::new(chosen);
        Question::Model(ModelQuestion::Assess { experiment, norms: NORMS.to_vec() })
    });
    let asking = use_reply(
        question,
        ReplyBuffers { picture: None, model: Some(card.hash.clone()) },
        hash.into(),
    );
    let assessment = match asking.answer.as_deref().map(|it| &it.answer) {
        Some(Answer::Model(ModelAnswer::Assessment(assessment))) => Some(assessment),
        _ => None,
    };
    let (done, of) = asking.progress.map_or((0, 1), |it| (it.done, it.of.max(1)));
    html! {
        <div class="assessment">
            if dataset.is_none() {
                { hint("Load the data that the experiment names first.") }
            }
            if asking.busy {
                <label>
                    { "Measuring… " }
                    <progress max={of.to_string()} value={done.to_string()} />
                </label>
            }
            if let Some(error) = &asking.error {
                { report(error, Html::default()) }
            }
            <div role="status">
                if let Some(assessment) = assessment {
                    { plain(sentence(assessment)) }
                }
            </div>
            if let Some(assessment) = assessment {
                <TableView
                    table={Shared(Rc::new(table(assessment)))}
                    caption={format!(
                        "Accuracy of {} on {} validation images at {} px",
                        card.about.model,
                        assessment.measured.first().map_or(0, |own| own.right.len()),
                        assessment.size
                    )}
                />
                if dataset.is_some_and(|it| it.synthetic) {
                    <p class="synthetic">{ tag("synthetic") }{ " " }{ text::SYNTHETIC }</p>
                }
            }
        </div>
    }
}

fn table(assessment: &Assessment) -> Table {
    let changes = assessment.changes();
    let header = ["Statistics", "Accuracy", "NLL", "Against its own", "Verdict"];
    Table {
        header: header.map(str::to_owned).to_vec(),
        rows: assessment
            .measured
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let change = changes.get(index).and_then(Option::as_ref);
                vec![
                    if index == 0 { "its own".into() } else { text::norm(row.norm).into() },
                    percent(row.accuracy()),
                    metric(row.nll),
                    change.map_or_else(|| "–".into(), |it| it.text()),
                    change.map_or_else(|| "–".into(), |it| it.verdict().into()),
                ]
            })
            .collect(),
    }
}

/// What the worst statistics do.
fn sentence(assessment: &Assessment) -> String {
    let Some(own) = assessment.measured.first() else { return String::new() };
    let worst = assessment
        .measured
        .iter()
        .zip(assessment.changes())
        .filter_map(|(row, change)| Some((row, change?)))
        .min_by(|(_, a), (_, b)| a.delta().total_cmp(&b.delta()));
    let own = percent(own.accuracy());
    match worst {
        Some((row, change)) if change.verdict() == "worse" => format!(
            "With its own statistics it is right on {own} of the images; with others ({}) on {}: \
             {}.",
            text::norm(row.norm),
            percent(row.accuracy()),
            change.text()
        ),
        _ => format!(
            "With its own statistics it is right on {own} of the images; with no others can a \
             fall be told from chance here."
        ),
    }
}
