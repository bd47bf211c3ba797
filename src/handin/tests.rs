//! A class of thirty, with invented figures.

use super::*;
use crate::record::NUMERICS;
use crate::sweep::{Seat, Summary};
use proptest::prelude::*;

const VALID: u32 = 500;

fn plan() -> Plan {
    Plan::parse("v=1&sweep=alone:mixup|tta;seed:1..30").plan.unwrap()
}

/// A result that depends on the experiment alone.
fn result(experiment: &Experiment, engine: &str) -> RunResult {
    let sum = crate::checksum::of(experiment.link().as_bytes());
    let score = |by: u32| Score {
        accuracy: f64::from(200 + (sum >> by) % 60) / f64::from(VALID),
        correct: None,
        nll: Some((f64::from(sum >> 8) / 1e7 * 1e9).round() / 1e9),
        ece: Some((f64::from(sum % 997) / 9973.0 * 1e9).round() / 1e9),
    };
    RunResult {
        diverged: false,
        plain: Some(score(0)),
        tta: (experiment.tta > 0).then(|| score(3)),
        seconds: 1.5,
        numerics: NUMERICS,
        build: "b1".into(),
        engine: engine.into(),
        dataset: DatasetInfo {
            name: "sample".into(),
            train: 1000,
            valid: VALID,
            hash: "5a".into(),
        },
    }
}

fn hand_in(number: u32, engine: &str) -> HandIn {
    let class = plan();
    let share = class.share(Seat { number, count: 30 }).unwrap();
    let results: Vec<(String, RunResult)> = share
        .runs()
        .iter()
        .map(|run| (run.experiment.link(), result(&run.experiment, engine)))
        .collect();
    let of = |experiment: &Experiment| {
        let link = experiment.link();
        results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
    };
    HandIn::new(&class, &share, " Ada ", of).unwrap()
}

fn at_once(seeds: impl IntoIterator<Item = u32>) -> Summary {
    let plan = plan().with_seed_list(seeds.into_iter().collect());
    let results: Vec<(String, RunResult)> = plan
        .runs()
        .iter()
        .map(|run| (run.experiment.link(), result(&run.experiment, "cpu (CPU)")))
        .collect();
    Summary::new(&plan, |experiment| {
        let link = experiment.link();
        results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
    })
}

#[test]
fn thirty_seats_in_any_order_with_duplicates_equal_the_sweep_computed_at_once() {
    let mut lines: Vec<String> =
        (1..=30).map(|seat| hand_in(seat, "cpu (CPU)").line().unwrap()).collect();
    lines.reverse();
    lines.swap(3, 17);
    for again in [2, 9, 20] {
        lines.push(lines[again].clone());
    }
    let mut class = Collection::new(plan());
    // Pasted at once, between other words.
    let received = class.add(&format!("From: a pupil\n{}\nBye.", lines.join(" \n> ")));
    assert_eq!(received.len(), 33);
    let duplicates =
        received.iter().filter(|it| matches!(it, Received::Unused(Unused::Duplicate(_)))).count();
    assert_eq!(duplicates, 3);
    let pools = class.pools(false);
    assert_eq!(pools.len(), 1);
    assert_eq!((pools[0].seats, pools[0].planned), (30, 30));
    assert_eq!(pools[0].summary, at_once(1..=30));
    assert!(pools[0].summary.contrasts.iter().all(|it| !it.provisional));
}

#[test]
fn while_seats_are_missing_verdicts_are_provisional_until_the_teacher_closes() {
    let mut class = Collection::new(plan());
    for seat in (1..=30).filter(|seat| seat % 6 != 0) {
        class.add(&hand_in(seat, "cpu (CPU)").line().unwrap());
    }
    let open = &class.pools(false)[0];
    assert_eq!((open.seats, open.summary.finished), (25, open.summary.runs * 25 / 30));
    assert!(open.summary.contrasts.iter().all(|it| it.provisional && it.interval.is_some()));
    assert!(open.summary.arms.iter().all(|arm| arm.seeds.len() == 25), "the arms are balanced");
    let closed = &class.pools(true)[0];
    assert!(closed.summary.contrasts.iter().all(|it| !it.provisional));
    assert_eq!(closed.summary, at_once((1..=30).filter(|seat| seat % 6 != 0)));
}

#[test]
fn engines_are_pooled_apart_and_strangers_are_named() {
    let mut class = Collection::new(plan());
    class.add(&hand_in(1, "cpu (CPU)").line().unwrap());
    class.add(&hand_in(2, "webgpu (A)").line().unwrap());
    // The same seed on another engine is another result, not a duplicate.
    let mut other_build = hand_in(1, "webgpu (B)");
    other_build.build = "b2".into();
    class.add(&other_build.line().unwrap());
    let pools = class.pools(true);
    let seats: Vec<_> = pools.iter().map(|pool| (pool.engine.as_str(), pool.seats)).collect();
    assert_eq!(seats, [("webgpu", 2), ("cpu", 1)]);
    assert_eq!(pools[0].adapters, ["webgpu (A)", "webgpu (B)"]);
    assert_eq!(pools[0].builds, ["b1", "b2"]);

    let mut taken = hand_in(1, "cpu (CPU)");
    if let Some(plain) = &mut taken.runs[0].plain {
        plain.right += 1;
    }
    let of = |class: &mut Collection, line: &str| match class.add(line).pop() {
        Some(Received::Unused(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(of(&mut class, &taken.line().unwrap()), Unused::SeatTaken(1));
    let mut stranger = hand_in(3, "cpu (CPU)");
    stranger.sweep = Plan::parse("v=1&sweep=alone:ls;seed:1..30").plan.unwrap().link();
    assert_eq!(of(&mut class, &stranger.line().unwrap()), Unused::OtherSweep);
    let mut line = hand_in(4, "cpu (CPU)").line().unwrap();
    line.replace_range(40..41, if line.as_bytes()[40] == b'A' { "B" } else { "A" });
    assert_eq!(of(&mut class, &line), Unused::Unreadable(HandInError::Damaged));
    line.truncate(60);
    assert_eq!(of(&mut class, &line), Unused::Unreadable(HandInError::Damaged));
    let mut impossible = hand_in(5, "cpu (CPU)");
    if let Some(plain) = &mut impossible.runs[0].plain {
        plain.right = VALID + 1;
    }
    let why = of(&mut class, &impossible.line().unwrap());
    assert!(matches!(why, Unused::Unreadable(HandInError::Figure)), "{why:?}");
}

#[test]
fn a_block_is_handed_in_whole_or_not_at_all() {
    let class = plan();
    let share = class.with_seed(3_000_000_000);
    assert_eq!(
        HandIn::new(&class, &share, "", |_| None),
        Err(NotReady::Unfinished { left: 2, all: 2 })
    );
    let results: Vec<(String, RunResult)> = share
        .runs()
        .iter()
        .zip(["cpu (CPU)", "webgpu (A)"])
        .map(|(run, engine)| (run.experiment.link(), result(&run.experiment, engine)))
        .collect();
    let of = |experiment: &Experiment| {
        let link = experiment.link();
        results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
    };
    assert_eq!(HandIn::new(&class, &share, "", of), Err(NotReady::Mixed));
}

#[test]
fn a_seed_that_a_device_drew_is_as_good_as_a_counted_one() {
    let class = plan();
    let share = class.with_seed(3_000_000_000);
    let results: Vec<(String, RunResult)> = share
        .runs()
        .iter()
        .map(|run| (run.experiment.link(), result(&run.experiment, "cpu (CPU)")))
        .collect();
    let of = |experiment: &Experiment| {
        let link = experiment.link();
        results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
    };
    let drawn = HandIn::new(&class, &share, "", of).unwrap();
    let mut collection = Collection::new(class);
    collection.add(&drawn.line().unwrap());
    collection.add(&hand_in(1, "cpu (CPU)").line().unwrap());
    let pool = &collection.pools(false)[0];
    let seeds: Vec<u32> = pool.summary.arms[0].seeds.iter().map(|it| it.seed).collect();
    assert_eq!((pool.seats, seeds), (2, vec![1, 3_000_000_000]));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let mut class = Collection::new(plan());
        for line in [text.clone(), format!("{PREFIX}{text}")] {
            for received in class.add(&line) {
                prop_assert!(matches!(received, Received::Unused(_)));
            }
        }
    }
}
