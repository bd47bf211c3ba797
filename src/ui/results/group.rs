//! Runs that differ only in their seed, as one line of the list that unfolds.

use super::super::chart::swatch;
use super::super::store::Store;
use super::row::{Row, engine, what_differs};
use crate::app::Action;
use crate::format;
use crate::runs::figures::overlay_style;
use crate::runs::groups::{Group, Line, Versus};
use crate::runs::list::RunList;
use crate::runs::summary;
use crate::stats::intervals::Interval;
use crate::text::{self, capital};
use crate::ui::parts::{hint, tag, unseen};
use crate::ui::shared::Shared;
use std::collections::HashMap;
use yew::prelude::*;

/// Properties of [`GroupRow`].
#[derive(Clone, PartialEq, Properties)]
pub struct GroupRowProps {
    /// The runs.
    pub group: Shared<Group>,
    /// The list they are on.
    pub shelf: Shared<RunList>,
    /// What its lines say against their baselines.
    pub verdicts: Shared<HashMap<String, Versus>>,
    /// Where their predictions are.
    pub store: Option<Store>,
    /// True while a run is going on.
    pub training: bool,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The line of a group, and its runs while it is unfolded.
#[component]
pub fn GroupRow(props: &GroupRowProps) -> Html {
    let GroupRowProps { group, shelf, verdicts, store, training, on } = props;
    let open = use_state(|| false);
    let line = Line::Group(group.0.clone());
    let Some(latest) = group.runs.last() else { return Html::default() };
    let name = shelf.name(&line);
    let is_baseline = shelf.chosen_baseline() == Some(group.key.as_str());
    let unfold = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let baseline = {
        let (on, key) = (on.clone(), group.key.clone());
        Callback::from(move |_: MouseEvent| {
            on.emit(Action::BaselineChosen((!is_baseline).then(|| key.clone())));
        })
    };
    let experiment = latest.experiment();
    let seconds: f64 =
        group.runs.iter().map(|run| run.seconds()).sum::<f64>() / group.runs.len() as f64;
    html! {
        <>
            <div role="row" class={classes!("run-row", "is-group", is_baseline.then_some("is-baseline"))}>
                <div role="cell" class="run-name">
                    <p class="run-title">
                        <strong>{ capital(&name) }</strong>
                        <span class="tag is-baseline-tag">{ text::group_seeds_tag(group.seeds.len()) }</span>
                        if is_baseline {
                            <span class="tag is-baseline-tag">{ text::run_baseline_tag() }</span>
                        }
                        if group.runs.iter().any(|run| run.synthetic) {
                            { tag(text::page_synthetic_tag()) }
                        }
                        if group.runs.iter().any(|run| run.recorded) {
                            { tag(text::run_recorded_tag()) }
                        }
                    </p>
                    <p class="run-summary">{ summary::of(&experiment) }</p>
                    { hint(text::group_data(&seeds(group), &latest.record.dataset.name, latest.record.dataset.train, latest.record.dataset.valid)) }
                    { overlay(props, &name) }
                </div>
                <div role="cell" class="run-accuracy">{ accuracy(group) }</div>
                <div role="cell" class="run-difference">
                    if is_baseline {
                        { hint(text::run_is_baseline()) }
                    } else if let Some(baseline) = shelf.baseline_line(&line) {
                        { difference(verdicts.get(&group.key), &shelf.name(&baseline), *training) }
                    } else {
                        { hint(text::run_no_earlier()) }
                    }
                </div>
                <div role="cell" class="run-speed">
                    <p class="numbers">{ format::duration(seconds) }</p>
                    { hint(text::group_average()) }
                    <p class="hint run-engine">{ engine(&latest.record) }</p>
                </div>
                <div role="cell" class="run-actions">
                    <button type="button" aria-expanded={open.to_string()} onclick={unfold}>
                        { if *open { text::group_fold() } else { text::group_unfold() } }{ " " }
                        { unseen(name.clone()) }
                    </button>
                    <button type="button" aria-pressed={is_baseline.to_string()} onclick={baseline}>
                        { text::run_baseline() }{ " " }{ unseen(name) }
                    </button>
                </div>
            </div>
            if *open {
                { for group.runs.iter().rev().map(|run| html! {
                    <Row
                        key={run.id.clone()}
                        run={Shared(run.clone())}
                        shelf={shelf.clone()}
                        store={store.clone()}
                        training={*training}
                        on={on.clone()}
                    />
                }) }
            }
        </>
    }
}

fn overlay(props: &GroupRowProps, name: &str) -> Html {
    let GroupRowProps { group, shelf, on, .. } = props;
    let place = shelf.overlay_place(&group.key);
    let id = format!("overlay-{}", group.runs.first().map_or("", |run| run.id.as_str()));
    let id = format!("{id}-group");
    let onchange = {
        let (on, key) = (on.clone(), group.key.clone());
        Callback::from(move |event: Event| {
            let input: Option<web_sys::HtmlInputElement> = event.target_dyn_into();
            let drawn = input.is_some_and(|input| input.checked());
            on.emit(Action::OverlayToggled { id: key.clone(), on: drawn });
        })
    };
    html! {
        <label class="run-overlay" for={id.clone()}>
            <input
                {id} type="checkbox" checked={place.is_some()}
                disabled={place.is_none() && shelf.overlays_full()} {onchange}
            />
            { text::group_overlay() }
            { unseen(text::group_overlay_of(name)) }
            { for place.map(|place| swatch(overlay_style(place))) }
        </label>
    }
}

fn accuracy(group: &Group) -> Html {
    let spread = group.spread;
    html! {
        <>
            <p class="run-number numbers">{ format::percent(spread.mean) }</p>
            { hint(match spread.sd {
                Some(sd) => text::group_mean_sd(spread.count, &text::decimal(&format!("{:.1}", 100.0 * sd))),
                None => text::group_mean(spread.count),
            }) }
            if let Some(Interval { low, high }) = group.interval() {
                { hint(text::group_interval(&format::percent(low), &format::percent(high))) }
            }
        </>
    }
}

/// A line against a baseline, of which at least one is a group. While runs are going
/// on, they may be more of these seeds, and what was seen so far is no verdict.
pub(super) fn difference(versus: Option<&Versus>, baseline: &str, training: bool) -> Html {
    let Some(Versus { difference, interval, changes, sentence }) = versus else {
        return Html::default();
    };
    html! {
        <>
            if let Some(difference) = difference {
                <p class="run-number numbers">
                    { format::points(*difference) }<span class="unit">{ " " }{ text::run_points() }</span>
                </p>
            }
            { hint(text::run_against(baseline)) }
            if let Some(Interval { low, high }) = interval {
                { hint(text::group_difference_interval(&format::points(*low), &format::points(*high))) }
            }
            <p class="verdict">
                { if training { text::group_verdict_so_far(sentence) } else { sentence.clone() } }
            </p>
            { what_differs(changes) }
        </>
    }
}

fn seeds(group: &Group) -> String {
    let seeds: Vec<String> = group.seeds.iter().map(|(seed, _)| seed.to_string()).collect();
    seeds.join(", ")
}
