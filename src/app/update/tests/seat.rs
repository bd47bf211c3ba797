//! A class: each browser trains the block of its seat and hands it in.

use super::*;
use crate::handin::{Collection, NotReady, Received};
use crate::sweep::Plan;

const CLASS: &str = "v=1&epochs=2&engine=cpu&sweep=alone:mixup;seed:1..3";

fn seeds(page: &Page) -> Vec<u32> {
    page.state.queue.as_ref().map_or(Vec::new(), |queue| queue.plan().sweep().seeds.clone())
}

#[test]
fn a_seat_is_one_seed_with_all_arms() {
    let page = Page::ready(&format!("{CLASS}&seat=2"));
    assert_eq!(seeds(&page), [2]);
    let queue = page.state.queue.as_ref().expect("a queue");
    assert_eq!(queue.items().len(), 2);
    assert_eq!(queue.class().map(Plan::link), Plan::parse(CLASS).plan.map(|it| it.link()));
    let drawn = Page::ready(&format!("{CLASS}&seat=?"));
    assert_eq!(seeds(&drawn), [DEVICE_SEED]);
    let whole = Page::ready(CLASS);
    assert_eq!(seeds(&whole), [1, 2, 3]);
    assert!(whole.state.queue.expect("a queue").hand_in("").is_none());
}

#[test]
fn a_seat_that_there_is_not_is_named_and_everything_is_shown() {
    for number in [0, 4] {
        let page = Page::ready(&format!("{CLASS}&seat={number}"));
        assert_eq!(seeds(&page), [1, 2, 3]);
        assert!(
            page.state.notices[0].contains(&format!("seat {number}")),
            "{:?}",
            page.state.notices
        );
    }
}

#[test]
fn a_seat_is_found_again_after_a_reload_and_hands_in() {
    let page = Page::ready(&format!("{CLASS}&seat=2"));
    let queue = page.state.queue.as_ref().expect("a queue");
    let unfinished = Some(Err(NotReady::Unfinished { left: 2, all: 2 }));
    assert_eq!(queue.hand_in("Ada"), unfinished);

    let mut later = Page::ready(&format!("#{}", queue.plan().link()));
    later.act(Action::QueueRestored(queue.save()));
    let class = later.state.queue.as_ref().and_then(|queue| queue.class().map(Plan::link));
    assert_eq!(class, queue.class().map(Plan::link));
    later.store(vec![]);
    later.queue_act(QueueAction::Start);
    later.end_run(0.5);
    later.end_run(0.6);
    let handed = later.state.queue.as_ref().and_then(|queue| queue.hand_in("Ada"));
    let handed = handed.expect("a seat").expect("all runs have ended");
    assert_eq!((handed.seed, handed.name.as_str(), handed.runs.len()), (2, "Ada", 2));
    let mut collection = Collection::new(Plan::parse(CLASS).plan.expect("a sweep"));
    let received = collection.add(&handed.line().expect("a line"));
    assert!(matches!(received[..], [Received::Taken { seed: 2, .. }]), "{received:?}");
}
