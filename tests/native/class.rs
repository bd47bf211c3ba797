//! A class of thirty: every seat trains its block of one sweep on the CPU engine, and the lines that are
//! handed in say together what the sweep says that was computed at once.

use crate::recorder::{Recorder, trained_on, watch};
use imagenette_playground::data::{Dataset, sample};
use imagenette_playground::experiment::Experiment;
use imagenette_playground::handin::{Collection, HandIn, Received, Unused};
use imagenette_playground::sweep::{Plan, RunResult, Seat, Summary};
use pollster::block_on;
use std::collections::HashMap;
use std::sync::Arc;

const SEATS: u32 = 30;
const CLASS: &str = "v=1&subset=4&valid=4&size=16&epochs=1&bs=16&engine=cpu\
                     &sweep=alone:mixup;seed:1..30";

type Results = HashMap<String, RunResult>;

/// Trains what the plan asks for, as one browser would.
fn results(plan: &Plan, drawings: &Arc<Dataset>) -> Results {
    let of = |link: String| {
        let mut recorder = Recorder::new(watch());
        let run = trained_on(drawings.clone(), &link, None, &mut recorder);
        let record = block_on(run).unwrap();
        (link, RunResult::of(&record).unwrap().expect("it ended by itself"))
    };
    plan.runs().iter().map(|run| of(run.experiment.link())).collect()
}

fn find<'a>(results: &'a Results) -> impl Fn(&Experiment) -> Option<&'a RunResult> {
    |experiment| results.get(&experiment.link())
}

/// A summary of shares, without which images were right: no line carries those.
fn at_once(plan: &Plan, results: &Results) -> Summary {
    let mut results = results.clone();
    for result in results.values_mut() {
        for score in result.plain.iter_mut().chain(&mut result.tta) {
            score.correct = None;
        }
    }
    Summary::new(plan, find(&results))
}

#[test]
fn thirty_seats_merged_are_the_sweep_computed_at_once_and_five_absent_leave_the_arms_balanced() {
    let class = Plan::parse(CLASS).plan.unwrap();
    let drawings = Arc::new(sample::sample());
    let line = |number| {
        let share = class.share(Seat { number, count: SEATS }).unwrap();
        let own = results(&share, &drawings);
        HandIn::new(&class, &share, "", find(&own)).unwrap().line().unwrap()
    };
    let lines: Vec<String> = (1..=SEATS).map(line).collect();

    let mut orders: Vec<Vec<&String>> = vec![lines.iter().collect(), lines.iter().rev().collect()];
    // By steps of 7 through 30: another order, in which three come twice.
    orders.push((0..30).chain([4, 11, 29]).map(|it| &lines[it * 7 % 30]).collect());
    let whole = at_once(&class, &results(&class, &drawings));
    assert!(whole.contrasts[0].interval.is_some() && whole.finished == 60);
    for order in orders {
        let mut collection = Collection::new(class.clone());
        let received: Vec<Received> = order.iter().flat_map(|line| collection.add(line)).collect();
        let again =
            received.iter().filter(|it| matches!(it, Received::Unused(Unused::Duplicate(_))));
        assert_eq!(again.count(), order.len() - 30);
        let pools = collection.pools(false);
        assert_eq!((pools.len(), pools[0].seats), (1, 30));
        assert_eq!(pools[0].summary, whole);
    }

    let mut collection = Collection::new(class.clone());
    for (_, line) in (1..).zip(&lines).filter(|(seat, _)| seat % 6 != 0) {
        collection.add(line);
    }
    let pool = &collection.pools(true)[0];
    assert!(pool.summary.arms.iter().all(|arm| arm.seeds.len() == 25));
    assert!(!pool.summary.contrasts[0].provisional);
}
