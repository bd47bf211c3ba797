//! Normalization: the colour channels of a batch before and after, and under
//! other statistics, wrong ones included.

use super::super::ask::use_answer;
use super::super::chart::Chart;
use super::super::fields::{Choice, RangeField, SelectField};
use super::super::results::save;
use super::super::results::table::TableView;
use super::waiting::{WaitingProps, waiting_for};
use super::which::{Which, use_which};
use crate::chart::Figure;
use crate::chart::table::every_point;
use crate::experiment::Norm;
use crate::inspect::channel::{self, ChannelValues, ChannelsView, Statistics};
use crate::number;
use crate::protocol::ask::{Answer, Question};
use crate::ui::parts::{csv_button, hint, plain};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use std::rc::Rc;
use yew::prelude::*;

/// Height of the histograms in pixels.
const HEIGHT: f64 = 220.0;

/// Properties of [`Normalization`].
#[derive(Clone, PartialEq, Properties)]
pub struct NormalizationProps {
    /// The page's state.
    pub state: SharedState,
}

/// The instrument.
#[component]
pub fn Normalization(props: &NormalizationProps) -> Html {
    let state = &props.state;
    let (controls, which) = use_which(state, "channels");
    let norm = which.as_ref().map_or(state.experiment.norm, |which| which.experiment.norm);
    let question = which.clone().map(|Which { experiment, init, epoch, batch }| {
        Question::Channels { experiment, init, epoch, batch }
    });
    let hash: AttrValue = state.dataset().map(|it| it.hash.clone()).unwrap_or_default().into();
    let asking = use_answer(question, hash);
    let view = asking.answer.clone().and_then(|answered| match &answered.answer {
        Answer::Channels(view) => Some(Rc::new((**view).clone())),
        _ => None,
    });
    html! {
        <>
            { controls }
            { waiting_for(&WaitingProps { asking: asking.clone(), there: which.is_some() }) }
            if let Some(view) = view {
                <Channels {view} {norm} />
            }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ChannelsProps {
    view: Rc<ChannelsView>,
    norm: Norm,
}

/// The answer.
#[component]
fn Channels(props: &ChannelsProps) -> Html {
    let ChannelsProps { view, norm } = props;
    let with = use_state(|| "used".to_owned());
    let mean = use_state(|| 0.5);
    let std = use_state(|| 0.25);
    let choices = choices(view, *norm, [*mean, *std]);
    let (name, statistics) = choices
        .iter()
        .find(|(choice, _)| choice.value == *with)
        .or(choices.first())
        .map(|(choice, statistics)| (choice.label.clone(), *statistics))
        .unwrap_or_default();
    let used = *with == "used";
    let charts = use_memo((view.clone(), statistics, used), |(view, statistics, used)| {
        let after =
            if *used { view.fed.clone() } else { channel::under(&view.before, *statistics) };
        let before = figure("Before normalization", "value, 0 black to 1 full", &view.before);
        let after = (figure("After normalization", "value that the network gets", &after), after);
        (before, after)
    });
    let (before, (figure_after, after)) = &*charts;
    let rows: Vec<_> = choices
        .iter()
        .map(|(choice, statistics)| (choice.label.to_string(), *statistics))
        .collect();
    let table = Rc::new(channel::comparison(&view.before, &rows));
    let on_csv = {
        let table = table.clone();
        move |_: MouseEvent| save::text("normalization.csv", "text/csv", &table.csv())
    };
    let drag = |state: &UseStateHandle<f64>| {
        let state = state.clone();
        Callback::from(move |value: String| {
            if let Some(value) = number::read(&value) {
                state.set(value);
            }
        })
    };
    let on_with = {
        let with = with.clone();
        move |value: String| with.set(value)
    };
    html! {
        <>
            { plain(format!(
                    "Batch {} of epoch {}: every pixel of {} images at {} px. Normalization takes a mean from \
                     each channel and divides by a deviation, so that the numbers lie around 0 with a spread of 1.",
                    view.batch + 1, view.epoch + 1, view.images, view.size
                )) }
            <div class="which">
                <SelectField
                    id="channels-with" label="Normalize with" value={(*with).clone()} on_change={on_with}
                    choices={choices.iter().map(|(choice, _)| choice.clone()).collect::<Vec<_>>()}
                />
                if *with == "own" {
                    <RangeField id="channels-mean" label="Mean of every channel" value={*mean} min={0.0} max={1.0} step={0.01} live={true} on_change={drag(&mean)} />
                    <RangeField id="channels-std" label="Deviation of every channel" value={*std} min={0.05} max={1.0} step={0.01} live={true} on_change={drag(&std)} />
                }
            </div>
            <p class="targets-answer" role="status">{ format!("With {name}: {}.", channel::verdict(after)) }</p>
            <div class="charts">
                <Chart id="chart-before" figure={before.0.clone()} height={HEIGHT} twin={Some(before.1.clone())} />
                <Chart
                    id="chart-after" figure={figure_after.0.clone()} height={HEIGHT} twin={Some(figure_after.1.clone())}
                    note={(used && view.mixed).then_some("Mixed, too: averages of two images have less contrast, so that their deviation is smaller.")}
                />
            </div>
            <div class="epochs">
                <TableView
                    table={Shared(table)}
                    caption="Mean and deviation of this batch under each of the statistics, red / green / blue, before mixing"
                />
                { csv_button("Download CSV of the statistics", on_csv) }
            </div>
            { hint("What do wrong statistics do? To a network that learns from scratch, little: the batch norm after its \
                   first convolution shifts and scales again, and the chapter's own numbers show no gain (82.45% with, \
                   82.52% without). To a network that was trained before, much: its first layer expects the numbers that \
                   it was trained on. That is why vision_learner brings a pretrained model's own statistics along.") }
        </>
    }
}

type Drawn = (Shared<Figure>, (Shared<crate::chart::table::Table>, AttrValue));

fn figure(title: &str, label: &str, channels: &[ChannelValues; 3]) -> Drawn {
    let figure = channel::figure(title, label, channels);
    let twin = Shared(Rc::new(every_point(&figure)));
    let caption = format!("{title}: share of the values around each value");
    (Shared(Rc::new(figure)), (twin, caption.into()))
}

/// What can be normalized with: the experiment's own choice first.
fn choices(view: &ChannelsView, norm: Norm, yours: [f64; 2]) -> Vec<(Choice, Option<Statistics>)> {
    let choice = |value: &'static str, label: &str| Choice::new(value, label.to_owned());
    let used = match norm {
        Norm::Imagenet => "the experiment’s: ImageNet’s statistics",
        Norm::Off => "the experiment’s: none",
        Norm::Data => "the experiment’s: these images’ own",
        Norm::Model => "the experiment’s: the saved model’s",
    };
    let all = [
        (choice("used", used), view.used),
        (choice("imagenet", "ImageNet’s statistics"), Some(view.imagenet)),
        (choice("data", "these training images’ own"), Some(view.own)),
        (choice("none", "none"), None),
        (choice("own", "numbers of your own"), Some(yours.map(|value| [value; 3]))),
    ];
    all.into()
}
