//! Confidence: how far the probabilities of a run can be believed, beside those of
//! another one.

use super::super::fields::CheckField;
use super::predictions::csv;
use super::reliability::{HistogramProps, ReliabilityProps, histogram, reliability};
use super::runs::{PredictionsState, RunStore, nothing, run_choice, use_predictions, waiting};
use crate::chart::table::Table;
use crate::format::percent;
use crate::inspect::confidence::Confidence;
use crate::runs::RunEntry;
use crate::stats::intervals::Interval;
use crate::text;
use crate::ui::parts::{hint, plain, refusal};
use crate::ui::shared::Shared;
use crate::widgets::table::TableView;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Confident`].
#[derive(Clone, PartialEq, Properties)]
pub struct ConfidentProps {
    /// The finished runs.
    pub kept: RunStore,
}

/// The instrument.
#[component]
pub fn Confident(props: &ConfidentProps) -> Html {
    let kept = &props.kept;
    let chosen = use_state(|| None::<AttrValue>);
    let other = use_state(|| None::<Option<AttrValue>>);
    let tta = use_state(|| false);
    let Some(run) = kept.chosen(chosen.as_deref()) else { return nothing() };
    let second = match &*other {
        Some(id) => id.as_deref().and_then(|id| kept.shelf.get(id)),
        // Until a person chooses: the one with which the list compares it.
        None => {
            kept.shelf.comparison(&run.id).filter(|(it, _)| it.relation.compares()).map(|it| it.1)
        }
    };
    // A run beside itself says nothing.
    let second = second.filter(|it| it.id != run.id && it.has_predictions);
    let on_run = {
        let chosen = chosen.clone();
        Callback::from(move |id| chosen.set(id))
    };
    let on_other = {
        let other = other.clone();
        Callback::from(move |id| other.set(Some(id)))
    };
    let on_tta = {
        let tta = tta.clone();
        Callback::from(move |on| tta.set(on))
    };
    let any_tta = [Some(&run), second].into_iter().flatten().any(|it| it.record.tta.is_some());
    html! {
        <>
            <div class="inside-tools">
                { run_choice(["confidence-run", text::inside_run()], kept, Some(&run), None, on_run) }
                { run_choice(
                    ["confidence-other", text::confidence_compare()], kept, second.map(|run| &**run),
                    Some(text::confidence_no_other()), on_other,
                ) }
                if any_tta {
                    <CheckField id="confidence-tta" label={text::confidence_tta()} checked={*tta} on_change={on_tta} />
                }
            </div>
            <div class="inside-pair">
                <Side key={run.id.clone()} id="first" kept={kept.clone()} run={Shared(run.clone())} tta={*tta} />
                if let Some(second) = second {
                    <Side key={second.id.clone()} id="second" kept={kept.clone()} run={Shared(second.clone())} tta={*tta} />
                }
            </div>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SideProps {
    /// Unique in the page.
    id: AttrValue,
    kept: RunStore,
    run: Shared<RunEntry>,
    tta: bool,
}

/// One run.
#[component]
fn Side(props: &SideProps) -> Html {
    let SideProps { id, kept, run, tta } = props;
    let read = use_predictions(kept, Some(run.id.clone().into()));
    let with_tta = *tta && matches!(&read, PredictionsState::Here(it) if it.tta.is_some());
    let made = use_memo((read.clone(), with_tta), |(read, with_tta)| {
        let PredictionsState::Here(read) = read else { return None };
        Some(Confidence::new(read, *with_tta).map(Rc::new).map_err(|it| it.to_string()))
    });
    let title = format!("confidence-{id}");
    let number = kept.shelf.number(&run.id).unwrap_or_default().to_string();
    let heading =
        if with_tta { text::confidence_run_tta(&number) } else { text::confidence_run(&number) };
    html! {
        <section class="inside-part" aria-labelledby={title.clone()}>
            <h4 id={title}>{ heading }</h4>
            if run.synthetic {
                { hint(text::page_synthetic()) }
            }
            { waiting(&read) }
            if let Some(Err(why)) = &*made {
                { refusal(text::confidence_refused(why)) }
            }
            if let Some(Ok(made)) = &*made {
                if run.experiment().mixup > 0.0 || run.experiment().ls > 0.0 {
                    { hint(text::confidence_soft()) }
                }
                <Figures made={Shared(made.clone())} id={id.clone()} name={text::run_number(&number)} />
            }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FiguresProps {
    made: Shared<Confidence>,
    id: AttrValue,
    name: AttrValue,
}

#[component]
fn Figures(props: &FiguresProps) -> Html {
    let FiguresProps { made, id, name } = props;
    let bars = Rc::new(made.bars());
    let Interval { low, high } = made.calibration.interval;
    let ece =
        text::confidence_ece_value(&percent(made.calibration.ece), &percent(low), &percent(high));
    let figures = [
        (text::confidence_ece(), ece),
        (text::confidence_nll(), text::decimal(&format!("{:.4}", made.nll))),
        (text::confidence_brier(), text::decimal(&format!("{:.4}", made.brier))),
        (text::confidence_accuracy(), percent(made.accuracy)),
        (text::confidence_mean(), percent(made.confidence)),
    ];
    let table = made.table();
    let bins: Rc<Table> = Rc::new(table.clone());
    html! {
        <>
            <dl class="inside-figures">
                { for figures.into_iter().map(|(name, value)| html! {
                    <div><dt>{ name }</dt><dd class="numbers">{ value }</dd></div>
                }) }
            </dl>
            { plain(made.verdict()) }
            { histogram(&HistogramProps { bars: Shared(bars.clone()), id: id.clone(), name: name.clone() }) }
            { reliability(&ReliabilityProps { bars: Shared(bars), name: name.clone() }) }
            <details class="data-twin">
                <summary>{ text::inside_data_table() }</summary>
                <TableView table={Shared(bins)} caption={text::confidence_table(name)} />
            </details>
            { csv(&text::confidence_csv_of(name), "confidence.csv", move || table.csv()) }
            { hint(text::confidence_hint()) }
        </>
    }
}
