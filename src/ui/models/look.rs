//! A picture of the person's own: what a trained model takes it for, plainly and
//! with test-time augmentation, and the views that it saw.

use super::super::fields::{Choice, RangeField, SelectField};
use super::super::inspect::bars::{BarsProps, LabelledBar, bar_list};
use super::super::messages::report;
use super::super::picture::Picture;
use super::Handed;
use super::reply::{ReplyBuffers, use_reply};
use crate::experiment::Experiment;
use crate::format::percent;
use crate::order;
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion, Sight};
use crate::protocol::ask::{Answer, Question};
use crate::saved::short;
use crate::text;
use crate::ui::parts::{hint, plain};
use crate::ui::shared::SharedState;
use std::rc::Rc;
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// Classes that are listed.
const LISTED: usize = 5;

/// Properties of [`Look`].
#[derive(Clone, PartialEq, Properties)]
pub struct LookProps {
    /// The page's state.
    pub state: SharedState,
    /// A picture that was dropped or pasted.
    pub handed: Option<Handed>,
}

/// The instrument.
#[component]
pub fn Look(props: &LookProps) -> Html {
    let LookProps { state, handed } = props;
    let picture = use_state(|| handed.clone());
    let passes = use_state(|| 4u32);
    // The hash of a saved model, or nothing for the one that was trained last.
    let chosen = use_state(|| None::<String>);
    {
        let picture = picture.setter();
        use_effect_with(handed.clone(), move |handed| {
            if handed.is_some() {
                picture.set(handed.clone());
            }
        });
    }
    let models = &state.models;
    let model = match &*chosen {
        Some(hash) => models.get(hash).map(|card| Some(card.hash.clone())),
        None if models.trained.is_some() => Some(None),
        None => models.cards.last().map(|card| Some(card.hash.clone())),
    };
    let question = match (&*picture, &model) {
        (Some(_), Some(_)) => {
            let experiment =
                Experiment { engine: state.experiment.engine, ..Experiment::default() };
            let (passes, experiment) = (*passes, Box::new(experiment));
            Some(Question::Model(ModelQuestion::Look { passes, experiment }))
        }
        _ => None,
    };
    let beside = ReplyBuffers { picture: (*picture).clone(), model: model.clone().flatten() };
    // A new run is a new model.
    let key = match &model {
        Some(None) => state.run.as_ref().map(|run| run.key.clone()).unwrap_or_default(),
        _ => String::new(),
    };
    let asking = use_reply(question, beside, key.into());
    let sight = match asking.answer.as_deref().map(|it| (&it.answer, &it.buffers)) {
        Some((Answer::Model(ModelAnswer::Sight(sight)), buffers)) => Some((sight, buffers)),
        _ => None,
    };
    let onchange = {
        let picture = picture.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                if let Some(file) = input.files().and_then(|files| files.get(0)) {
                    let number = picture.as_ref().map_or(0, |it| it.number).wrapping_add(1);
                    picture.set(Some(Handed { file, number }));
                }
                input.set_value("");
            }
        })
    };
    let options = models
        .trained
        .iter()
        .map(|_| Choice::new("", text::look_trained()))
        .chain(models.cards.iter().rev().map(|card| {
            let label = format!("{}-{}", card.about.model, short(&card.hash));
            Choice::new(card.hash.clone(), label)
        }))
        .collect::<Vec<_>>();
    let on_model = {
        let chosen = chosen.setter();
        Callback::from(move |hash: String| chosen.set(Some(hash).filter(|hash| !hash.is_empty())))
    };
    let on_passes = {
        let passes = passes.setter();
        Callback::from(move |text: String| {
            if let Ok(count) = text.parse() {
                passes.set(count);
            }
        })
    };
    html! {
        <>
            { hint(text::look_hint()) }
            <div class="field">
                <label for="picture-file">{ text::look_choose() }</label>
                <input type="file" id="picture-file" accept="image/jpeg,image/png" {onchange} />
            </div>
            if options.is_empty() {
                { hint(text::look_no_model()) }
            } else {
                <div class="pair">
                    <SelectField id="picture-model" label={text::look_model()} choices={options} value={model.clone().flatten().unwrap_or_default()} on_change={on_model} />
                    <RangeField
                        id="picture-passes" label={text::look_views()} value={f64::from(*passes)}
                        min={1.0} max={16.0} step={1.0} on_change={on_passes}
                    />
                </div>
            }
            if let Some(picture) = &*picture {
                { hint(text::look_picture(&named(&picture.file))) }
            }
            if asking.busy {
                { hint(text::look_busy()) }
            }
            if let Some(error) = &asking.error {
                { report(error, Html::default()) }
            }
            <div role="status">
                if let Some((sight, _)) = sight {
                    { plain(said(sight)) }
                }
            </div>
            if let Some((sight, buffers)) = sight {
                { bars(sight) }
                { views(sight, buffers) }
            }
        </>
    }
}

fn named(file: &File) -> String {
    let name = file.name();
    if name.is_empty() { text::look_pasted().to_owned() } else { name }
}

/// The classes by probability, highest first.
fn ranked(probabilities: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order::sort_by_number(&mut order, |&class| -probabilities[class]);
    order
}

/// The most probable class, and how probable it is.
fn top<'a>(sight: &'a Sight, probabilities: &[f64]) -> Option<(&'a str, f64)> {
    let best = *ranked(probabilities).first()?;
    Some((sight.classes.get(best)?, *probabilities.get(best)?))
}

fn said(sight: &Sight) -> String {
    let plain = sight.probabilities.first().and_then(|plain| top(sight, plain));
    match (plain, top(sight, &sight.together)) {
        (Some((plain, sure)), Some((together, surer))) => text::look_sentence(
            plain,
            &percent(sure),
            together,
            &percent(surer),
            sight.classes.len(),
        ),
        _ => String::new(),
    }
}

fn bars(sight: &Sight) -> Html {
    let Some(plain) = sight.probabilities.first() else { return Html::default() };
    let order = ranked(&sight.together);
    let bars = |probabilities: &[f64]| {
        let best = ranked(probabilities).first().copied();
        let listed = order.iter().take(LISTED).filter_map(|&class| {
            let share = *probabilities.get(class)?;
            Some(LabelledBar {
                name: sight.classes.get(class)?.clone().into(),
                value: share,
                text: percent(share).into(),
                mark: (best == Some(class)).then(|| text::look_top().into()),
            })
        });
        listed.collect::<Vec<_>>()
    };
    let list = |caption: &'static str, probabilities: &[f64], file: &'static str| {
        bar_list(&BarsProps {
            caption: caption.into(),
            header: [text::look_class().into(), text::look_probability().into()],
            bars: bars(probabilities),
            file: file.into(),
        })
    };
    html! {
        <div class="guesses">
            { list(text::look_plain(), plain, "picture-plain") }
            { list(text::look_combined(), &sight.together, "picture-tta") }
        </div>
    }
}

fn views(sight: &Sight, buffers: &[Rc<Vec<u8>>]) -> Html {
    html! {
        <ul class="views" aria-label={text::look_views_label()}>
            { for sight.probabilities.iter().zip(buffers).enumerate().map(|(index, (row, pixels))| {
                let name = match index {
                    0 => text::look_view_plain().to_owned(),
                    _ => text::look_view(&index.to_string()),
                };
                let guess = top(sight, row)
                    .map(|(class, share)| text::look_guess(class, &percent(share)))
                    .unwrap_or_default();
                html! {
                    <li key={index}>
                        <Picture size={sight.size} pixels={pixels.clone()} label={text::look_view_label(&name)} />
                        <span class="hint">{ text::look_view_guess(&name, &guess) }</span>
                    </li>
                }
            }) }
        </ul>
    }
}
