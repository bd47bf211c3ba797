//! What the classroom is sent.

use super::*;
use crate::app::QueueAction;
use crate::app::storage::Space;
use crate::bridge::{EngineStanding, PageSnapshot};
use crate::stats::verdict::Measure;

#[test]
fn a_fresh_page_names_its_link_and_nothing_else() {
    let page = Page::opened("v=1&mixup=0.4");
    let snapshot = page.state.snapshot();
    let link = "v=1&mixup=0.4".to_owned();
    assert_eq!(snapshot, PageSnapshot { link, ..PageSnapshot::default() });
}

#[test]
fn a_run_is_followed_to_its_end() {
    let mut page = Page::ready("v=1&epochs=5&engine=cpu");
    page.store(vec![]);
    let data = page.state.snapshot().data.expect("the drawings are there");
    assert_eq!((data.data.as_str(), data.train.len()), ("sample", data.valid.len()));
    page.act(Action::Play);
    let snapshot = page.state.snapshot();
    let run = snapshot.run.expect("a run");
    assert_eq!((snapshot.busy, run.ended, run.link), (true, false, page.state.link()));
    page.end_run(0.5);
    let snapshot = page.state.snapshot();
    assert_eq!((snapshot.busy, snapshot.run.map(|run| run.ended)), (false, Some(true)));
}

#[test]
fn a_queue_says_what_came_out_once_all_its_runs_have_ended() {
    let mut page = Page::ready("v=1&engine=cpu&sweep=mixup:0|0.4;seed:1..3");
    page.store(vec![]);
    page.queue_act(QueueAction::Start);
    for accuracy in [0.5, 0.7, 0.51, 0.71, 0.52, 0.72] {
        let snapshot = page.state.snapshot();
        assert!(snapshot.busy);
        assert_eq!(snapshot.queue.expect("a queue").effects, []);
        page.end_run(accuracy);
    }
    let snapshot = page.state.snapshot();
    let queue = snapshot.queue.expect("a queue");
    assert_eq!((snapshot.busy, queue.finished, queue.runs), (false, 6, 6));
    assert_eq!(queue.link, page.queue().plan().link());
    let accuracy = queue.effects.iter().find(|it| it.measure == Measure::Accuracy);
    assert!(accuracy.expect("an effect").compared[0].delta > 0.1);
}

#[test]
fn a_prediction_comes_before_the_first_run_and_is_compared_with_the_baseline() {
    let mut page = Page::ready("v=1&epochs=2&engine=cpu");
    page.store(vec![]);
    page.act(Action::Play);
    page.end_run(0.5);
    assert_eq!(page.state.snapshot().run.expect("a run").compared, None);
    page.act(Action::LinkChanged("v=1&epochs=2&mixup=0.4&engine=cpu&predict=1".to_owned()));
    assert!(page.state.snapshot().predict);
    page.act(Action::Play);
    assert!(!page.state.snapshot().busy, "it waits for the prediction");
    page.act(Action::Predicted);
    page.act(Action::Play);
    assert!(page.state.snapshot().busy);
    page.end_run(0.6);
    let (accuracy, baseline) =
        page.state.snapshot().run.and_then(|run| run.compared).expect("a comparison");
    assert!((accuracy - 0.6).abs() < 1e-9 && (baseline - 0.5).abs() < 1e-9);
    // Another link asks again.
    page.act(Action::LinkChanged("v=1&epochs=2&engine=cpu&predict=1".to_owned()));
    page.act(Action::Play);
    assert!(!page.state.snapshot().busy);
}

#[test]
fn a_link_that_asks_for_a_prediction_does_not_start_by_itself() {
    let page = Page::ready("v=1&run=1&engine=cpu&predict=1");
    assert!(!page.state.snapshot().busy);
    assert!(Page::ready("v=1&run=1&engine=cpu").state.snapshot().busy);
}

#[test]
fn what_a_check_of_the_laptop_needs_is_sent() {
    let mut page = Page::ready("v=1&epochs=2&engine=cpu");
    assert_eq!(page.state.snapshot().store, None);
    page.act(Action::StoreOpened);
    page.store(vec![]);
    page.act(Action::SpaceMeasured(Some(Space { used: 1.0, quota: Some(9.0), persisted: None })));
    let snapshot = page.state.snapshot();
    assert_eq!((snapshot.store, snapshot.space), (Some(true), Some((1.0, Some(9.0)))));
    assert!(!matches!(snapshot.engine, EngineStanding::Starting), "{:?}", snapshot.engine);
    assert_eq!(snapshot.pace, None);
    page.act(Action::Play);
    page.end_run(0.5);
    let snapshot = page.state.snapshot();
    assert!(snapshot.pace.is_some_and(|pace| pace > 0.0));
}
