//! What is offered after a run, and what lies under the next one.

use super::*;
use crate::app::NextStep;

/// A page on which the experiment of this link has been trained to its end.
fn trained(page: &mut Page, link: &str) {
    page.act(Action::LinkOpened(link.into()));
    page.act(Action::Play);
    let run = page.state.run.as_ref().map(|run| run.id).expect("a run has begun");
    let record = RunRecord { link: page.state.experiment.link(), ..*record(Outcome::Finished, 5) };
    page.hear(Event::RunEnded { run, record: Box::new(record) });
}

#[test]
fn the_twin_that_was_not_trained_yet_comes_next() {
    let mut page = Page::ready("");
    assert_eq!(page.state.next_step(), None);
    trained(&mut page, "v=1");
    let mixup = NextStep::Switch { technique: Technique::Mixup, on: true };
    assert_eq!(page.state.next_step(), Some(mixup));
    // With mixup trained, too, its own twin is the first run: test-time augmentation is next.
    trained(&mut page, "v=1&mixup=0.4");
    let tta = NextStep::Switch { technique: Technique::Tta, on: true };
    assert_eq!(page.state.next_step(), Some(tta));
    // Settings that were changed since are what the person wants.
    page.act(Action::Toggle { technique: Technique::LabelSmoothing, on: true });
    assert_eq!(page.state.next_step(), None);
}

#[test]
fn normalization_is_switched_off_and_then_only_seeds_are_left() {
    let mut page = Page::ready("");
    for link in ["v=1&mixup=0.4", "v=1&tta=4", "v=1&ls=0.1", "v=1&prog=32x3,64x1", "v=1"] {
        trained(&mut page, link);
    }
    let norm = NextStep::Switch { technique: Technique::Normalization, on: false };
    assert_eq!(page.state.next_step(), Some(norm));
    trained(&mut page, "v=1&norm=off");
    trained(&mut page, "v=1");
    assert_eq!(page.state.next_step(), Some(NextStep::Seeds));
}

#[test]
fn the_last_run_lies_under_the_next_one() {
    let mut page = Page::ready("");
    assert!(page.state.baseline().is_none());
    trained(&mut page, "v=1");
    assert!(page.state.baseline().is_none(), "a run is not its own baseline");
    let first = page.state.shelf.runs()[0].id.clone();
    page.act(Action::Toggle { technique: Technique::Mixup, on: true });
    page.act(Action::Play);
    let under = page.state.baseline().expect("the first run");
    assert_eq!(under.key(), first);
}
