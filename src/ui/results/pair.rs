//! Two runs on the same images: which two, the sentence, both through the epochs,
//! the images that changed, and what the seeds say.

mod gallery;
mod seeds;

use super::super::browser;
use super::super::chart::Chart;
use super::super::fields::{Choice, SelectField};
use super::super::store::Store;
use super::along::use_along;
use crate::app::Action;
use crate::chart::Mark;
use crate::dataset::DatasetSummary;
use crate::format;
use crate::runs::compare::compare;
use crate::runs::list::RunList;
use crate::runs::pair::{
    Pair, PairView, Pick, does_not_say, picked, refusal, says, sentence, stop_name, stop_text,
};
use crate::runs::{RunEntry, figures, summary};
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{hint, plain, quiet};
use crate::ui::shared::Shared;
use gallery::Gallery;
use seeds::Seeds;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Id of the panel's title, which takes the focus when a row opens the panel.
pub const TITLE: &str = "pair-title";

/// Properties of [`PairPanel`].
#[derive(Clone, PartialEq, Properties)]
pub struct PairPanelProps {
    /// The runs.
    pub shelf: Shared<RunList>,
    /// Where their predictions are.
    pub store: Option<Store>,
    /// Which two, as far as they were picked.
    pub pick: Pick,
    /// The data set in place.
    pub dataset: Option<Shared<DatasetSummary>>,
    /// True while a run is going on.
    pub training: bool,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The panel.
#[component]
pub fn PairPanel(props: &PairPanelProps) -> Html {
    let PairPanelProps { shelf, store, pick, dataset, training, on } = props;
    let both = use_memo((shelf.clone(), pick.clone()), |(shelf, pick)| picked(shelf, pick));
    let choices = use_memo(shelf.clone(), |shelf| {
        let newest_first = shelf.runs().iter().rev();
        newest_first.map(|run| Choice::new(run.id.clone(), option_text(run))).collect::<Vec<_>>()
    });
    let Some((before, after)) = (*both).clone() else { return Html::default() };
    let compare_ids = |before: &str, after: &str| {
        Action::ComparePair(Pick { before: Some(before.to_owned()), after: Some(after.to_owned()) })
    };
    let on_before = {
        let (on, after) = (on.clone(), after.id.clone());
        Callback::from(move |id: String| on.emit(compare_ids(&id, &after)))
    };
    let on_after = {
        let (on, before) = (on.clone(), before.id.clone());
        Callback::from(move |id: String| on.emit(compare_ids(&before, &id)))
    };
    let on_swap = {
        let wish = compare_ids(&after.id, &before.id);
        on.reform(move |_: MouseEvent| wish.clone())
    };
    html! {
        <section class="panel panel-pair" aria-labelledby={TITLE}>
            <h2 id={TITLE} tabindex="-1">{ text::pair_title() }</h2>
            <div class="pair-picks">
                <SelectField id="pair-before" label={text::pair_from()} choices={(*choices).clone()} value={before.id.clone()} on_change={on_before} />
                { quiet(text::pair_swap(), on_swap) }
                <SelectField id="pair-after" label={text::pair_to()} choices={(*choices).clone()} value={after.id.clone()} on_change={on_after} />
            </div>
            if let Some(why) = refusal(&before, &after) {
                <p class="pair-refusal" role="status">{ why }</p>
            } else if let Some(store) = store {
                <Compared
                    key={format!("{}-{}", before.id, after.id)}
                    before={Shared(before.clone())}
                    after={Shared(after.clone())}
                    shelf={shelf.clone()}
                    store={store.clone()}
                    dataset={dataset.clone()}
                    training={*training}
                />
            } else {
                <p class="pair-refusal" role="status">
                    { text::pair_no_store() }
                </p>
            }
        </section>
    }
}

fn option_text(run: &RunEntry) -> String {
    let experiment = run.experiment();
    text::pair_option(
        &run.number.to_string(),
        &summary::of(&experiment),
        &experiment.seed.to_string(),
        &format::percent(run.accuracy()),
    )
}

#[derive(Clone, PartialEq, Properties)]
struct ComparedProps {
    before: Shared<RunEntry>,
    after: Shared<RunEntry>,
    shelf: Shared<RunList>,
    store: Store,
    dataset: Option<Shared<DatasetSummary>>,
    training: bool,
}

/// The comparison of two runs that have the same images.
#[component]
fn Compared(props: &ComparedProps) -> Html {
    let ComparedProps { before, after, shelf, store, dataset, training } = props;
    let read = use_state(|| None::<Result<Rc<Pair>, String>>);
    let stop = use_state(|| None::<usize>);
    {
        let (read, store) = (read.setter(), store.clone());
        use_effect_with((before.id.clone(), after.id.clone()), move |(before, after)| {
            let (before, after) = (before.clone(), after.clone());
            spawn(async move {
                read.set(Some(read_pair(&store, &before, &after).await.map(Rc::new)));
            });
        });
    }
    let pair = match &*read {
        None => return hint(text::pair_reading()),
        Some(Err(why)) => return html! { <p class="pair-refusal" role="status">{ why }</p> },
        Some(Ok(pair)) => pair.clone(),
    };
    html! {
        <Told
            pair={Shared(pair)}
            before={before.clone()}
            after={after.clone()}
            shelf={shelf.clone()}
            store={store.clone()}
            dataset={dataset.clone()}
            training={*training}
            stop={*stop}
            on_stop={Callback::from(move |place| stop.set(Some(place)))}
        />
    }
}

async fn read_pair(store: &Store, before: &str, after: &str) -> Result<Pair, String> {
    let mut both = Vec::new();
    for id in [before, after] {
        let read = store.whole_predictions(id).await.map_err(|error| error.cause())?;
        both.push(read.ok_or(text::run_predictions_gone())?);
    }
    let (after, before) = (both.pop().unwrap_or_default(), both.pop().unwrap_or_default());
    Pair::new(before, after).map_err(|error| text::pair_error(&error.to_string()))
}

#[derive(Clone, PartialEq, Properties)]
struct PairVerdictProps {
    pair: Shared<Pair>,
    before: Shared<RunEntry>,
    after: Shared<RunEntry>,
    shelf: Shared<RunList>,
    store: Store,
    dataset: Option<Shared<DatasetSummary>>,
    training: bool,
    stop: Option<usize>,
    on_stop: Callback<usize>,
}

/// What the predictions say, at the stop that is looked at.
#[component]
fn Told(props: &PairVerdictProps) -> Html {
    let PairVerdictProps { pair, before, after, shelf, store, dataset, training, stop, on_stop } =
        props;
    let stops = use_memo(pair.clone(), |pair| pair.stops());
    let last = stops.len() - 1;
    let place = stop.unwrap_or(last).min(last);
    let view = use_memo((pair.clone(), place), |(pair, place)| {
        pair.at(stops[*place]).map_err(|error| format!("{error}."))
    });
    let (control, along) = use_along("pair-along");
    let dependencies = (before.clone(), after.clone(), place, along);
    let figure = use_memo(dependencies, |(before, after, place, along)| {
        let overlay = |place: usize, run: &Rc<RunEntry>| figures::Overlay {
            place,
            name: text::run_number(&run.number.to_string()),
            runs: vec![run.clone()],
        };
        let both = [overlay(0, &before.0), overlay(1, &after.0)];
        let mut figure = figures::accuracy(None, &both, *along);
        if *place != last {
            // An epoch's values are drawn at its end.
            let curve = figure.series.iter().rev().find(|series| !series.label.is_empty());
            let at = curve.and_then(|series| series.points.get(*place)).map(|point| point.x);
            figure.marks.extend(at.map(|x| Mark { x, label: text::pair_shown().to_owned() }));
        }
        Rc::new(figure)
    });
    let view: &PairView = match &*view {
        Ok(view) => view,
        Err(why) => return html! { <p class="pair-refusal" role="status">{ why }</p> },
    };
    let numbers = [before.number, after.number];
    let relation = pair.relation(compare(after, before).relation);
    let with_tta = pair.ends_with_tta();
    let name = stop_name(stops[place], stops.len(), with_tta);
    let at_last = place == last;
    html! {
        <>
            // While the slider moves, it is the slider that speaks.
            <div class="pair-told" role={at_last.then_some("status")}>
                if !at_last {
                    <p class="pair-stop">{ text::pair_at(&name) }</p>
                }
                <p class="pair-sentence">{ sentence(numbers[0], numbers[1], &view.pairs) }</p>
                { plain(says(&view.pairs)) }
                { hint(does_not_say(relation)) }
            </div>
            { control }
            <Chart id="chart-pair" figure={Shared((*figure).clone())} />
            if stops.len() > 1 {
                { scrubber(&ScrubberProps { last, place, text: stop_text(&name, numbers, view), on_change: on_stop.clone() }) }
            } else {
                { hint(text::pair_ends_only()) }
            }
            <Gallery
                flips={view.flips.clone()}
                {numbers}
                hash={before.record.dataset.hash.clone()}
                data_name={before.record.dataset.name.clone()}
                dataset={dataset.clone()}
            />
            <Seeds
                before={before.clone()}
                after={after.clone()}
                shelf={shelf.clone()}
                store={store.clone()}
                pairs={view.pairs}
                {relation}
                training={*training}
            />
        </>
    }
}

struct ScrubberProps {
    last: usize,
    place: usize,
    text: String,
    on_change: Callback<usize>,
}

/// Both runs through their epochs.
fn scrubber(props: &ScrubberProps) -> Html {
    let ScrubberProps { last, place, text, on_change } = props;
    let oninput = {
        let on_change = on_change.clone();
        move |event: InputEvent| {
            let input = event.target_dyn_into::<HtmlInputElement>();
            if let Some(place) = input.and_then(|input| input.value().parse().ok()) {
                on_change.emit(place);
            }
        }
    };
    html! {
        <div class="field field-range pair-scrubber">
            <label for="pair-epoch">{ text::pair_scrubber() }</label>
            <input
                type="range"
                id="pair-epoch"
                min="0"
                max={last.to_string()}
                step="1"
                value={place.to_string()}
                aria-valuetext={text.clone()}
                {oninput}
            />
            <output for="pair-epoch" class="numbers">{ text }</output>
        </div>
    }
}

/// Moves the focus to the panel, where a row's button opened it.
pub fn show() {
    browser::after(0.0, || browser::focus(TITLE));
}
