//! Normalization: the colour channels of a batch before and after, and under
//! other statistics, wrong ones included.

use super::super::ask::use_answer;
use super::super::chart::Chart;
use super::super::fields::{Choice, RangeField, SelectField};
use super::waiting::{WaitingProps, waiting_for};
use super::which::{Which, use_which};
use crate::chart::Figure;
use crate::chart::table::every_point;
use crate::experiment::Norm;
use crate::inspect::channel::{self, ChannelValues, ChannelsView, Statistics};
use crate::number;
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::ui::parts::{csv_button, hint, plain};
use crate::ui::shared::Shared;
use crate::ui::shared::SharedState;
use crate::widgets::save;
use crate::widgets::table::TableView;
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
            if *used { view.fed.clone() } else { channel::normalized(&view.before, *statistics) };
        let before = figure(text::channels_before(), text::channels_before_axis(), &view.before);
        let drawn = figure(text::channels_after(), text::channels_after_axis(), &after);
        let after = (drawn, after);
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
            { plain(text::channels_hint(
                    &(view.batch + 1).to_string(),
                    &(view.epoch + 1).to_string(),
                    view.images,
                    &view.size.to_string(),
                )) }
            <div class="which">
                <SelectField
                    id="channels-with" label={text::channels_with()} value={(*with).clone()} on_change={on_with}
                    choices={choices.iter().map(|(choice, _)| choice.clone()).collect::<Vec<_>>()}
                />
                if *with == "own" {
                    <RangeField id="channels-mean" label={text::channels_mean()} value={*mean} min={0.0} max={1.0} step={0.01} live={true} on_change={drag(&mean)} />
                    <RangeField id="channels-std" label={text::channels_std()} value={*std} min={0.05} max={1.0} step={0.01} live={true} on_change={drag(&std)} />
                }
            </div>
            <p class="targets-answer" role="status">{ text::channels_verdict(&name, &channel::verdict(after)) }</p>
            <div class="charts">
                <Chart id="chart-before" figure={before.0.clone()} height={HEIGHT} twin={Some(before.1.clone())} />
                <Chart
                    id="chart-after" figure={figure_after.0.clone()} height={HEIGHT} twin={Some(figure_after.1.clone())}
                    note={(used && view.mixed).then(text::channels_mixed)}
                />
            </div>
            <div class="epochs">
                <TableView
                    table={Shared(table)}
                    caption={text::channels_table()}
                />
                { csv_button(text::channels_csv(), on_csv) }
            </div>
            { hint(text::channels_wrong()) }
        </>
    }
}

type Drawn = (Shared<Figure>, (Shared<crate::chart::table::Table>, AttrValue));

fn figure(title: &str, label: &str, channels: &[ChannelValues; 3]) -> Drawn {
    let figure = channel::figure(title, label, channels);
    let twin = Shared(Rc::new(every_point(&figure)));
    let caption = text::channels_share(title);
    (Shared(Rc::new(figure)), (twin, caption.into()))
}

/// What can be normalized with: the experiment's own choice first.
fn choices(view: &ChannelsView, norm: Norm, yours: [f64; 2]) -> Vec<(Choice, Option<Statistics>)> {
    let choice = |value: &'static str, label: &'static str| Choice::new(value, label);
    let used = match norm {
        Norm::Imagenet => text::channels_used_imagenet(),
        Norm::Off => text::channels_used_none(),
        Norm::Data => text::channels_used_data(),
        Norm::Model => text::channels_used_model(),
    };
    let all = [
        (choice("used", used), view.used),
        (choice("imagenet", text::channels_imagenet()), Some(view.imagenet)),
        (choice("data", text::channels_data()), Some(view.own)),
        (choice("none", text::channels_none()), None),
        (choice("own", text::channels_own()), Some(yours.map(|value| [value; 3]))),
    ];
    all.into()
}
