//! A model measured on the images at hand, with its own statistics and with
//! others: what the right ones are worth.

use super::super::messages::report;
use super::reply::{ReplyBuffers, use_reply};
use crate::chart::table::Table;
use crate::experiment::Norm;
use crate::experiment::names::norm_name;
use crate::format::{metric, percent};
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion};
use crate::protocol::ask::{Answer, Question};
use crate::saved::ModelCard;
use crate::saved::assessment::Assessment;
use crate::text;
use crate::ui::parts::{hint, plain, tag};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use crate::widgets::table::TableView;
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
                { hint(text::assess_no_data()) }
            }
            if asking.busy {
                <label>
                    { text::assess_measuring() }{ " " }
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
                    caption={text::assess_caption(
                        &card.about.model,
                        assessment.measured.first().map_or(0, |own| own.right.len()),
                        &assessment.size.to_string(),
                    )}
                />
                if dataset.is_some_and(|it| it.synthetic) {
                    <p class="synthetic">{ tag(text::page_synthetic_tag()) }{ " " }{ text::page_synthetic() }</p>
                }
            }
        </div>
    }
}

fn table(assessment: &Assessment) -> Table {
    let changes = assessment.changes();
    let header = [
        text::assess_statistics(),
        text::assess_accuracy(),
        text::assess_nll(),
        text::assess_difference(),
        text::assess_verdict(),
    ];
    Table {
        header: header.map(str::to_owned).to_vec(),
        rows: assessment
            .measured
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let change = changes.get(index).and_then(Option::as_ref);
                vec![
                    if index == 0 { text::assess_own().into() } else { norm_name(row.norm).into() },
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
        Some((row, change)) if change.verdict() == "worse" => {
            text::assess_worse(&own, norm_name(row.norm), &percent(row.accuracy()), &change.text())
        }
        _ => text::assess_same(&own),
    }
}
