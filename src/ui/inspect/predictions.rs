//! Predictions: who was taken for whom, the worst mistakes, and each class in
//! figures. Everything from what a run stored; nothing is computed again.

use super::super::fields::CheckField;
use super::gallery::Gallery;
use super::matrix::{Cell, Matrix};
use super::runs::{PredictionsState, RunStore, nothing, run_choice, use_predictions, waiting};
use crate::dataset::DatasetSummary;
use crate::format::percent;
use crate::inspect::predictions::{PredictedImage, Report, class_names};
use crate::text;
use crate::ui::parts::{csv_button, hint, quiet, refusal};
use crate::ui::shared::Shared;
use crate::widgets::save;
use crate::widgets::table::TableView;
use std::rc::Rc;
use yew::prelude::*;

/// Images that are looked through for the top losses.
const TOP: usize = 60;

/// Properties of [`Predicted`].
#[derive(Clone, PartialEq, Properties)]
pub struct PredictedProps {
    /// The finished runs.
    pub kept: RunStore,
    /// The data set in place.
    pub data: Option<Rc<DatasetSummary>>,
}

/// The instrument.
#[component]
pub fn Predicted(props: &PredictedProps) -> Html {
    let PredictedProps { kept, data } = props;
    let chosen = use_state(|| None::<AttrValue>);
    let tta = use_state(|| true);
    let shares = use_state(|| false);
    let open = use_state(|| None::<Cell>);
    let run = kept.chosen(chosen.as_deref());
    let read = use_predictions(kept, run.as_ref().map(|run| run.id.clone().into()));
    let has_tta = matches!(&read, PredictionsState::Here(it) if it.tta.is_some());
    let with_tta = *tta && has_tta;
    let own = data.as_ref().zip(run.as_ref());
    let own = own.filter(|(data, run)| data.hash == run.record.dataset.hash);
    let own = own.map(|(data, _)| data.classes.clone());
    let report = use_memo(
        (read.clone(), with_tta, run.clone().map(Shared), own),
        |(read, with_tta, run, own)| {
            let (PredictionsState::Here(read), Some(run)) = (read, run) else { return None };
            let names = |count| class_names(&run.record, count, own.as_deref());
            Some(Report::new(read, *with_tta, names).map(Rc::new).map_err(|it| it.to_string()))
        },
    );
    let opened = use_memo((Shared(report.clone()), *open), |(report, open)| {
        let Some(Ok(report)) = &*report.0 else { return Vec::new() };
        open.map_or_else(Vec::new, |(actual, predicted)| report.cell(actual, predicted))
    });
    let worst = use_memo(Shared(report.clone()), |report| match &*report.0 {
        Some(Ok(report)) => report.top_losses(TOP),
        _ => Vec::<PredictedImage>::new(),
    });
    let Some(run) = run else { return nothing() };
    let on_run = {
        let (chosen, open) = (chosen.clone(), open.clone());
        Callback::from(move |id| {
            chosen.set(id);
            open.set(None);
        })
    };
    let on_tta = {
        let tta = tta.clone();
        Callback::from(move |on| tta.set(on))
    };
    let on_shares = {
        let shares = shares.clone();
        Callback::from(move |on| shares.set(on))
    };
    let on_open = {
        let open = open.clone();
        Callback::from(move |cell| open.set((*open != Some(cell)).then_some(cell)))
    };
    let close = {
        let open = open.clone();
        move |_: MouseEvent| open.set(None)
    };
    let of = run.record.dataset.clone();
    html! {
        <>
            <div class="inside-tools">
                { run_choice(["predictions-run", text::inside_run()], kept, Some(&run), None, on_run) }
                if has_tta {
                    <CheckField id="predictions-tta" label={text::predictions_tta()} checked={*tta} on_change={on_tta} />
                }
            </div>
            if run.synthetic {
                { hint(text::page_synthetic()) }
            }
            { waiting(&read) }
            if let Some(Err(why)) = &*report {
                { refusal(why.clone()) }
            }
            if let Some(Ok(report)) = &*report {
                <section class="inside-part" aria-labelledby="matrix-title">
                    <h4 id="matrix-title">{ text::predictions_matrix() }</h4>
                    { hint(text::predictions_matrix_hint(&percent(report.accuracy), report.len())) }
                    <CheckField id="predictions-shares" label={text::predictions_shares()} checked={*shares} on_change={on_shares} />
                    <Matrix report={Shared(report.clone())} shares={*shares} open={*open} {on_open} />
                    if let Some((actual, predicted)) = *open {
                        <div class="inside-opened" role="region" aria-labelledby="opened-title">
                            <p class="inside-opened-head">
                                <strong id="opened-title" role="status">{ opened_title(report, (actual, predicted), opened.len()) }</strong>
                                { quiet(text::button_close(), close) }
                            </p>
                            <Gallery
                                label={opened_title(report, (actual, predicted), opened.len())}
                                shown={Shared(opened.clone())} of={of.clone()} data={data.clone()}
                            />
                        </div>
                    }
                    { csv(text::predictions_matrix_csv(), "confusion.csv", { let report = report.clone(); let shares = *shares; move || report.matrix(shares).csv() }) }
                </section>
                <section class="inside-part" aria-labelledby="losses-title">
                    <h4 id="losses-title">{ text::predictions_losses() }</h4>
                    if let Err(why) = &report.losses {
                        { hint(text::predictions_losses_none(&why.to_string())) }
                    } else {
                        { hint(text::predictions_losses_hint()) }
                        <Gallery label={text::predictions_losses()} shown={Shared(worst.clone())} {of} data={data.clone()} />
                    }
                    { csv(text::predictions_all_csv(), "predictions.csv", { let report = report.clone(); move || report.every_image().csv() }) }
                </section>
                <div class="inside-pair">
                    <section class="inside-part" aria-labelledby="per-class-title">
                        <h4 id="per-class-title">{ text::predictions_classes() }</h4>
                        <TableView table={Shared(Rc::new(report.per_class()))} caption={text::predictions_classes_caption()} />
                        { csv(text::predictions_classes_csv(), "classes.csv", { let report = report.clone(); move || report.per_class().csv() }) }
                    </section>
                    <section class="inside-part" aria-labelledby="confused-title">
                        <h4 id="confused-title">{ text::predictions_confused() }</h4>
                        if report.most_confused(2).rows.is_empty() {
                            { hint(text::predictions_confused_none()) }
                        } else {
                            <TableView table={Shared(Rc::new(report.most_confused(2)))} caption={text::predictions_confused_caption()} />
                            { csv(text::predictions_confused_csv(), "confused.csv", { let report = report.clone(); move || report.most_confused(1).csv() }) }
                        }
                    </section>
                </div>
            }
        </>
    }
}

fn opened_title(report: &Report, (actual, predicted): Cell, count: usize) -> String {
    if actual == predicted {
        text::predictions_found(report.name(actual), count)
    } else {
        text::predictions_mistaken(report.name(actual), report.name(predicted), count)
    }
}

/// A button that offers a table as a file.
pub fn csv(what: &str, file: &'static str, made: impl Fn() -> String + 'static) -> Html {
    let onclick = move |_: MouseEvent| save::text(file, "text/csv", &made());
    html! {
        <p>{ csv_button(text::inside_csv(what), onclick) }</p>
    }
}
