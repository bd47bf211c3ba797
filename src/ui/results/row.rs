//! One run on the list.

use super::super::chart::swatch;
use super::super::store::Store;
use super::images::Images;
use super::pair;
use super::twins::Twins;
use crate::app::Action;
use crate::experiment::key::Difference;
use crate::experiment::names;
use crate::format;
use crate::record::RunRecord;
use crate::runs::compare::RunComparison;
use crate::runs::figures::overlay_style;
use crate::runs::groups::{Line, versus};
use crate::runs::list::RunList;
use crate::runs::pair::Pick;
use crate::runs::{RunEntry, summary};
use crate::stats::intervals::Interval;
use crate::text;
use crate::ui::parts::{hint, tag, unseen};
use crate::ui::shared::Shared;
use yew::prelude::*;

/// Properties of [`Row`].
#[derive(Clone, PartialEq, Properties)]
pub struct RowProps {
    /// The run.
    pub run: Shared<RunEntry>,
    /// The list it is on.
    pub shelf: Shared<RunList>,
    /// Where its predictions are.
    pub store: Option<Store>,
    /// True while a run is going on.
    pub training: bool,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The row.
#[component]
pub fn Row(props: &RowProps) -> Html {
    let RowProps { run, shelf, .. } = props;
    let number = shelf.number(&run.id).unwrap_or_default();
    let is_baseline = shelf.chosen_baseline() == Some(run.id.as_str());
    html! {
        <div role="row" class={classes!("run-row", is_baseline.then_some("is-baseline"))}>
            <div role="cell" class="run-name">{ name(props, number, is_baseline) }</div>
            <div role="cell" class="run-accuracy">{ accuracy(run) }</div>
            <div role="cell" class="run-difference">
                if is_baseline {
                    { hint(text::run_is_baseline()) }
                } else {
                    { difference(props) }
                }
            </div>
            <div role="cell" class="run-speed">{ speed(run) }</div>
            <div role="cell" class="run-actions">{ actions(props, number, is_baseline) }</div>
        </div>
    }
}

fn name(props: &RowProps, number: u32, is_baseline: bool) -> Html {
    let RowProps { run, shelf, on, .. } = props;
    let place = shelf.overlay_place(&run.id);
    let experiment = run.experiment();
    let id = format!("overlay-{}", run.id);
    let on_overlay = {
        let (on, id) = (on.clone(), run.id.clone());
        Callback::from(move |event: Event| {
            let input: Option<web_sys::HtmlInputElement> = event.target_dyn_into();
            let on_now = input.is_some_and(|input| input.checked());
            on.emit(Action::OverlayToggled { id: id.clone(), on: on_now });
        })
    };
    html! {
        <>
            <p class="run-title">
                <strong>{ text::run_name(&number.to_string()) }</strong>
                if is_baseline {
                    <span class="tag is-baseline-tag">{ text::run_baseline_tag() }</span>
                }
                if run.synthetic {
                    { tag(text::page_synthetic_tag()) }
                }
                if run.recorded {
                    { tag(text::run_recorded_tag()) }
                }
                if run.record.is_diverged() {
                    { tag(text::run_diverged_tag()) }
                } else if !run.finished() {
                    { tag(text::run_stopped_tag(run.record.epochs.len())) }
                }
            </p>
            <p class="run-summary">{ summary::of(&experiment) }</p>
            <p class="hint">
                { text::run_data(&experiment.seed.to_string(), &run.record.dataset.name, run.record.dataset.train, run.record.dataset.valid) }
                { " " }
                <time datetime={run.record.date.clone()}>{ text::run_utc(&format::minute(&run.record.date)) }</time>
            </p>
            <label class="run-overlay" for={id.clone()}>
                <input
                    {id}
                    type="checkbox"
                    checked={place.is_some()}
                    disabled={place.is_none() && shelf.overlays_full()}
                    onchange={on_overlay}
                />
                { text::run_overlay() }
                { unseen(text::run_overlay_of(&number.to_string())) }
                { for place.map(|place| swatch(overlay_style(place))) }
            </label>
        </>
    }
}

fn accuracy(run: &RunEntry) -> Html {
    let Interval { low, high } = run.interval();
    html! {
        <>
            <p class="run-number numbers">{ format::percent(run.accuracy()) }</p>
            { hint(text::run_interval(&format::percent(low), &format::percent(high))) }
            if let Some(tta) = run.record.tta {
                { hint(text::run_with_tta(&format::percent(run.record.accuracy), &format::duration(tta.seconds))) }
            }
        </>
    }
}

fn difference(props: &RowProps) -> Html {
    let RowProps { run, shelf, store, .. } = props;
    if let Some(baseline @ Line::Group(_)) = shelf.chosen_line() {
        let line = Line::Run(run.0.clone());
        let told = versus(&[(line, baseline.clone())]);
        return super::group::difference(told.first(), &shelf.name(&baseline), false);
    }
    let Some((comparison, baseline)) = shelf.comparison(&run.id) else {
        return hint(text::run_no_earlier());
    };
    let RunComparison { difference, changes, relation } = comparison;
    let against = shelf.number(&baseline.id).unwrap_or_default().to_string();
    let unequal = run.finished() != baseline.finished();
    html! {
        <>
            if relation.compares() {
                <p class="run-number numbers">
                    { format::points(difference) }<span class="unit">{ " " }{ text::run_points() }</span>
                </p>
            }
            { hint(text::run_against_run(&against)) }
            <p class="verdict" title={relation.reason()}>{ relation.verdict() }</p>
            if let Some(store) = store
                && relation.compares()
                && run.has_predictions
                && baseline.has_predictions
            {
                <Images
                    key={format!("{}-{}", run.id, baseline.id)}
                    store={store.clone()}
                    run={run.id.clone()}
                    baseline={baseline.id.clone()}
                    {relation}
                />
            }
            if relation.compares() {
                <button type="button" class="quiet" onclick={open_pair(props, &baseline.id)}>
                    { text::run_compare(&against) }{ " " }
                    { unseen(text::run_compare_of(&run.number.to_string())) }
                </button>
            }
            if unequal {
                { hint(text::run_unequal()) }
            }
            { what_differs(&changes) }
        </>
    }
}

/// Opens the two runs in the panel that compares them.
fn open_pair(props: &RowProps, baseline: &str) -> Callback<MouseEvent> {
    let pick = Pick { before: Some(baseline.to_owned()), after: Some(props.run.id.clone()) };
    let on = props.on.clone();
    Callback::from(move |_: MouseEvent| {
        on.emit(Action::ComparePair(pick.clone()));
        pair::show();
    })
}

/// The keys in which two recipes differ, and nothing else.
pub(super) fn what_differs(changes: &[Difference]) -> Html {
    if changes.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="changes" aria-label={text::run_differs()}>
            { for changes.iter().map(|change| html! {
                <li>
                    { names::key_name(change.key) }{ " (" }<code>{ change.key }</code>{ "): " }
                    { format!("{} → {}", shown(change.key, &change.other), shown(change.key, &change.this)) }
                </li>
            }) }
        </ul>
    }
}

fn shown(key: &str, value: &str) -> String {
    if value.is_empty() { text::run_none().to_owned() } else { names::value_text(key, value) }
}

fn speed(run: &RunEntry) -> Html {
    let record = &run.record;
    html! {
        <>
            <p class="numbers">{ format::duration(run.seconds()) }</p>
            { hint(text::run_rate(&format::rate(record.images_per_second))) }
            <p class="hint run-engine">{ engine(record) }</p>
        </>
    }
}

/// The engine and its adapter, without saying `cpu` twice.
pub(super) fn engine(record: &RunRecord) -> String {
    let RunRecord { engine, adapter, .. } = record;
    if adapter.to_ascii_lowercase().starts_with(engine) {
        adapter.clone()
    } else {
        format!("{engine}: {adapter}")
    }
}

fn actions(props: &RowProps, number: u32, is_baseline: bool) -> Html {
    let RowProps { run, on, .. } = props;
    let on_click = |action: Action| {
        let on = on.clone();
        Callback::from(move |_: MouseEvent| on.emit(action.clone()))
    };
    let id = run.id.clone();
    let baseline = Action::BaselineChosen((!is_baseline).then(|| id.clone()));
    let number = number.to_string();
    let of_run = html! { <>{ " " }{ unseen(text::run_of(&number)) }</> };
    let this_run = html! { <>{ " " }{ unseen(text::run_number(&number)) }</> };
    html! {
        <>
            <button type="button" aria-pressed={is_baseline.to_string()} onclick={on_click(baseline)}>
                { text::run_baseline() }{ this_run.clone() }
            </button>
            <a class="run-link" href={format!("#{}", run.record.link)}>
                { text::run_open() }{ of_run.clone() }
            </a>
            <button type="button" class="quiet" onclick={on_click(Action::DownloadRun { id: id.clone(), probabilities: false })}>
                { text::run_json() }{ of_run.clone() }
            </button>
            if run.has_predictions {
                <button type="button" class="quiet" onclick={on_click(Action::DownloadRun { id: id.clone(), probabilities: true })}>
                    { text::run_json_probabilities() }{ of_run }
                </button>
            }
            <button type="button" class="quiet" onclick={on_click(Action::DeleteRun(id))}>
                { text::run_delete() }{ this_run }
            </button>
            <Twins run={run.clone()} training={props.training} on={on.clone()} />
        </>
    }
}
