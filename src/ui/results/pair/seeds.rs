//! What the seeds of both recipes say, and what it would take to see a point.

use super::super::super::browser;
use super::super::super::store::Store;
use crate::runs::RunEntry;
use crate::runs::compare::Relation;
use crate::runs::list::RunList;
use crate::runs::pair::{
    Arms, Bootstrap, arms, bootstrap_sentence, power_sentence, seeds_sentences,
};
use crate::stats::intervals::{Interval, MIN_SEEDS_FOR_BOOTSTRAP, Pairs};
use crate::stats::metrics::Scores;
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{button, hint, plain};
use crate::ui::shared::Shared;
use futures::channel::oneshot;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Seeds`].
#[derive(Clone, PartialEq, Properties)]
pub struct SeedsProps {
    /// One run.
    pub before: Shared<RunEntry>,
    /// The other.
    pub after: Shared<RunEntry>,
    /// All runs.
    pub shelf: Shared<RunList>,
    /// Where their predictions are.
    pub store: Store,
    /// How many images changed.
    pub pairs: Pairs,
    /// How the two are related.
    pub relation: Relation,
    /// True while a run is going on, which may be another seed.
    pub training: bool,
}

/// The sentences, and the bootstrap on request.
#[component]
pub fn Seeds(props: &SeedsProps) -> Html {
    let SeedsProps { before, after, shelf, store, pairs, relation, training } = props;
    let arms =
        use_memo((before.clone(), after.clone(), shelf.clone()), |(before, after, shelf)| {
            arms(shelf.runs(), before, after)
        });
    let interval = use_state(|| None::<Result<Interval, String>>);
    let busy = use_state(|| false);
    let on_bootstrap = {
        let (arms, store) = (arms.clone(), store.clone());
        let (interval, busy) = (interval.setter(), busy.setter());
        Callback::from(move |_: MouseEvent| {
            busy.set(true);
            let (arms, store) = (arms.clone(), store.clone());
            let (interval, busy) = (interval.clone(), busy.clone());
            spawn(async move {
                interval.set(Some(bootstrap(&arms, &store).await));
                busy.set(false);
            });
        })
    };
    let seeds = arms.seeds();
    let differ = *relation == Relation::OtherTraining;
    html! {
        <section class="pair-seeds" aria-labelledby="pair-seeds-title">
            <h3 id="pair-seeds-title">{ if *training { text::pair_seeds_so_far() } else { text::pair_seeds() } }</h3>
            { for seeds_sentences(&arms, *relation, before.number, after.number).into_iter().map(plain) }
            { plain(power_sentence(&arms, pairs)) }
            if differ {
                if seeds < MIN_SEEDS_FOR_BOOTSTRAP {
                    { hint(bootstrap_sentence(seeds, None)) }
                } else {
                    <div role="status">
                        { match &*interval {
                            Some(Ok(interval)) => plain(bootstrap_sentence(seeds, Some(*interval))),
                            Some(Err(why)) => plain(why.clone()),
                            None if *busy => hint(text::pair_bootstrapping()),
                            None => Html::default(),
                        } }
                    </div>
                    if interval.is_none() && !*busy {
                        { button(text::pair_bootstrap(), on_bootstrap) }
                    }
                }
            }
        </section>
    }
}

/// Reads which images every run has right and draws, a few milliseconds at a time.
async fn bootstrap(arms: &Arms, store: &Store) -> Result<Interval, String> {
    let before = right(&arms.before, store).await?;
    let after = right(&arms.after, store).await?;
    let mut bootstrap = Bootstrap::new(before, after).map_err(|error| format!("{error}."))?;
    loop {
        if let Some(interval) = bootstrap.step() {
            return Ok(interval);
        }
        turn().await;
    }
}

async fn right(runs: &[(u32, Rc<RunEntry>)], store: &Store) -> Result<Vec<Vec<bool>>, String> {
    let mut all = Vec::new();
    for (_, run) in runs {
        let read = store.predictions(&run.id).await;
        let read = read.map_err(|error| error.cause())?;
        let read = read.ok_or_else(|| text::run_predictions_none(&run.number.to_string()))?;
        let scores = read.tta.as_ref().unwrap_or(&read.plain);
        let scores = Scores::new(scores, &read.labels).map_err(|error| format!("{error}."))?;
        all.push(scores.correct());
    }
    Ok(all)
}

/// Lets the browser do other things.
async fn turn() {
    let (sender, receiver) = oneshot::channel::<()>();
    browser::after(0.0, move || {
        // The receiver waits below.
        sender.send(()).ok();
    });
    receiver.await.ok();
}
