//! The list of runs as a person changes it: twins, deletions, files, reloads.

use super::*;
use crate::runs::RunEntry;
use crate::runs::list::Choices;
use std::rc::Rc;

/// Trains once; answers the run on the list.
fn trained_once(page: &mut Page) -> Rc<RunEntry> {
    let run = page.play();
    page.hear(Event::RunEnded { run, record: record(Outcome::Finished, 5) });
    page.state.shelf.runs().last().expect("the run is on the list").clone()
}

#[test]
fn a_run_is_stored_with_its_number() {
    let mut page = Page::ready("");
    trained_once(&mut page);
    let kept = page.effects.iter().find_map(|effect| match effect {
        Effect::SaveRun { entry, .. } => Some(entry.number),
        _ => None,
    });
    assert_eq!(kept, Some(1));
    let run = page.play();
    page.hear(Event::RunEnded { run, record: record(Outcome::Finished, 5) });
    assert_eq!(page.state.shelf.runs().len(), 2);
    let numbers: Vec<u32> = page.state.shelf.runs().iter().map(|run| run.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_twin_is_the_same_link_with_one_switch_and_is_drawn_over_the_run() {
    let mut page = Page::ready("");
    let run = trained_once(&mut page);
    // What is being edited does not matter to the twin.
    page.act(Action::Set { key: "seed", value: "9".into() });
    page.act(Action::Twin { id: run.id.clone(), technique: Technique::Mixup });
    assert_eq!(page.link(), Some("v=1&mixup=0.4"));
    assert!(page.trained().is_some());
    assert_eq!(page.state.shelf.overlay_place(&run.id), Some(0));
    assert!(page.state.announcement.text.contains("twin of run 1, with mixup"));
    // One run at a time.
    page.act(Action::Twin { id: run.id.clone(), technique: Technique::Tta });
    assert_eq!(page.trained(), None);
    assert_eq!(page.state.experiment.mixup, 0.4);
}

#[test]
fn deleted_runs_come_back_with_what_was_chosen_of_them() {
    let mut page = Page::ready("");
    let run = trained_once(&mut page);
    page.act(Action::BaselineChosen(Some(run.id.clone())));
    page.act(Action::OverlayToggled { id: run.id.clone(), on: true });
    page.act(Action::DeleteRun(run.id.clone()));
    assert!(page.state.shelf.runs().is_empty());
    assert_eq!(page.state.shelf.chosen_baseline(), None);
    page.act(Action::UndoDelete);
    assert_eq!(page.state.shelf.chosen_baseline(), Some(run.id.as_str()));
    assert_eq!(page.state.shelf.overlay_place(&run.id), Some(0));
}

#[test]
fn choices_of_the_last_visit_come_after_the_runs() {
    let mut page = Page::ready("");
    let run = trained_once(&mut page);
    let run = Rc::new(RunEntry { id: "last-1".into(), ..(*run).clone() });
    let choices = Choices { baseline: Some(run.id.clone()), last_number: 7, ..Choices::default() };
    let mut next = Page::ready("");
    next.act(Action::StoredRunsRead(vec![run.clone()]));
    next.act(Action::ChoicesRead(choices));
    assert_eq!(next.state.shelf.chosen_baseline(), Some(run.id.as_str()));
    let second = trained_once(&mut next);
    assert_eq!(second.number, 8);
}
