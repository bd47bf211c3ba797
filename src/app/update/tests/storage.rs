//! The browser's store, as the page hears of it.

use super::*;
use crate::app::storage::{DeletedRuns, ImportedRuns, Lookup, Space, StoreStatus, StoredParts};
use crate::runs::RunEntry;
use crate::runs::list::Choices;
use crate::runs::opened::OpenedRuns;
use crate::runs::pair::Pick;
use crate::runs::tests::entry;
use std::rc::Rc;

fn run(id: &str) -> Rc<RunEntry> {
    Rc::new(entry(id, "v=1", 0.5))
}

fn with_runs(ids: &[&str]) -> Page {
    let mut page = Page::ready("");
    page.act(Action::StoreOpened);
    page.act(Action::StoredRunsRead(ids.iter().map(|id| run(id)).collect()));
    page
}

fn ids(page: &Page) -> Vec<&str> {
    page.state.shelf.runs().iter().map(|run| run.id.as_str()).collect()
}

#[test]
fn runs_that_ended_before_the_store_was_open_are_saved_then() {
    let mut page = Page::ready("");
    let started = page.play();
    page.hear(Event::RunEnded { run: started, record: record(Outcome::Finished, 5) });
    page.act(Action::StoreOpened);
    let saved =
        |effect: &Effect| matches!(effect, Effect::SaveRun { entry, .. } if entry.id == "visit-1");
    assert!(page.effects.iter().any(saved), "{:?}", page.effects);
    for effect in [Effect::ReadModels, Effect::ReadRuns, Effect::ReadUnfinished] {
        assert!(page.effects.contains(&effect), "{effect:?} in {:?}", page.effects);
    }
}

#[test]
fn without_a_store_the_page_waits_for_nothing() {
    let mut page = Page::ready("");
    page.act(Action::StoreUnavailable(report("Runs cannot be stored")));
    assert!(page.state.models.lookup == Lookup::Done && page.state.storage.is_read());
    assert_eq!(page.state.warnings, ["Runs cannot be stored. Because. Do this."]);
}

#[test]
fn a_run_that_another_tab_deleted_leaves_the_list() {
    let mut page = with_runs(&["a", "b"]);
    page.act(Action::StoreChanged);
    assert_eq!(page.effects, [Effect::ReadRuns]);
    page.act(Action::StoredRunsRead(vec![run("b")]));
    assert_eq!(ids(&page), ["b"]);
}

#[test]
fn a_run_that_was_never_stored_stays_on_the_list() {
    let mut page = with_runs(&["a"]);
    let started = page.play();
    page.hear(Event::RunEnded { run: started, record: record(Outcome::Finished, 5) });
    page.act(Action::StoredRunsRead(vec![run("a")]));
    assert_eq!(page.state.shelf.runs().len(), 2);
}

#[test]
fn new_numbers_are_stored() {
    let mut page = Page::ready("");
    page.act(Action::StoredRunsRead(vec![Rc::new(RunEntry {
        number: 0,
        ..entry("a", "v=1", 0.5)
    })]));
    let numbers = page.effects.iter().find_map(|effect| match effect {
        Effect::RewriteRuns(runs) => Some(runs.iter().map(|run| run.number).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(numbers, Some(vec![1]));
}

#[test]
fn choices_are_read_once_and_saved_when_they_change() {
    let mut page = with_runs(&["a"]);
    assert!(page.effects.contains(&Effect::ReadChoices));
    page.act(Action::BaselineChosen(Some("a".into())));
    assert_eq!(page.effects, [], "nothing is saved over what was not read");
    page.act(Action::ChoicesRead(page.state.shelf.choices()));
    assert_eq!(page.effects, []);
    page.act(Action::BaselineChosen(None));
    assert_eq!(page.effects, [Effect::SaveChoices(page.state.shelf.choices())]);
    page.act(Action::StoredRunsRead(vec![run("a")]));
    assert!(!page.effects.contains(&Effect::ReadChoices));
}

#[test]
fn a_run_leaves_the_list_once_the_store_has_deleted_it_and_undo_brings_it_back() {
    let mut page = with_runs(&["a", "b"]);
    page.act(Action::BaselineChosen(Some("a".into())));
    page.act(Action::DeleteRun("a".into()));
    let [Effect::DeleteRuns(deleted)] = &page.effects[..] else { panic!("{:?}", page.effects) };
    let deleted = DeletedRuns { contents: Attachments::new("bulk"), ..deleted.clone() };
    assert_eq!(ids(&page), ["a", "b"]);
    page.act(Action::RunsDeleted(deleted.clone()));
    assert_eq!((ids(&page), page.state.storage.stored_runs()), (vec!["b"], 1));
    page.act(Action::UndoDelete);
    assert_eq!(page.effects, [Effect::RestoreRuns(deleted)]);
    assert_eq!(page.state.shelf.chosen_baseline(), Some("a"));
    page.act(Action::RunsRestored(vec!["a".into()]));
    assert_eq!(page.state.storage.stored_runs(), 2);
    page.act(Action::UndoDelete);
    assert_eq!(page.effects, [], "there is nothing to undo any more");
}

#[test]
fn a_run_that_was_stored_in_part_says_what_is_missing() {
    let mut page = with_runs(&["a"]);
    let entry = Rc::new(RunEntry { has_predictions: true, ..(*run("a")).clone() });
    page.act(Action::RunStored { entry: entry.clone(), parts: StoredParts::All });
    assert_eq!((&page.effects[..], page.state.warnings.len()), (&[Effect::MeasureSpace][..], 0));
    page.act(Action::RunStored { entry, parts: StoredParts::WithoutPredictions });
    assert!(page.state.warnings[0].contains("without its predictions"));
    assert!(!page.state.shelf.get("a").unwrap().has_predictions);
}

#[test]
fn an_import_says_what_it_brought_and_ends_undo() {
    let mut page = with_runs(&["a"]);
    page.act(Action::DeleteAllRuns);
    let [Effect::DeleteRuns(deleted)] = &page.effects[..] else { panic!("{:?}", page.effects) };
    page.act(Action::RunsDeleted(deleted.clone()));
    let file = Attachments::new("file");
    page.act(Action::ImportRuns(file.clone()));
    assert!(matches!(&page.effects[..], [Effect::ImportRuns { file: it, .. }] if *it == file));
    page.act(Action::RunsImported(ImportedRuns {
        runs: vec![run("c")],
        choices: Choices { baseline: Some("c".into()), ..Choices::default() },
        known: 2,
        refused: vec!["Run d was left out.".into()],
    }));
    let summary = page.state.storage.import_summary.as_deref();
    assert_eq!(summary, Some("1 run added, 2 here before, 1 unusable, 1 of other builds."));
    assert_eq!((ids(&page), page.state.shelf.chosen_baseline()), (vec!["c"], Some("c")));
    assert_eq!(page.state.warnings, ["Run d was left out."]);
    assert_eq!(page.state.storage.deleted, None);
    // Other files of the same choice add to the account; those of the next begin another.
    let beside = OpenedRuns { known: 3, beside_exports: true, ..OpenedRuns::default() };
    page.act(Action::OpenedRunsRead(beside));
    let summary = page.state.storage.import_summary.as_deref();
    assert_eq!(summary, Some("1 run added, 5 here before, 1 unusable, 1 of other builds."));
    page.act(Action::ImportFailed(ErrorReport::new("No runs were imported", "damaged", "again")));
    let summary = page.state.storage.import_summary.as_deref();
    assert_eq!(summary, Some("1 run added, 5 here before, 2 unusable, 1 of other builds."));
    assert!(page.state.fault.as_ref().unwrap().to_string().contains("No runs were imported"));
    page.act(Action::OpenedRunsRead(OpenedRuns { known: 3, ..OpenedRuns::default() }));
    let summary = page.state.storage.import_summary.as_deref();
    assert_eq!(summary, Some("0 runs added, 3 here before, 0 unusable, 0 of other builds."));
}

#[test]
fn a_closed_store_gets_the_runs_again_and_an_outdated_one_nothing() {
    let mut page = with_runs(&["a"]);
    page.act(Action::StoreClosed);
    assert!(matches!(&page.effects[..], [Effect::ReopenStore(runs)] if runs.len() == 1));
    assert_eq!(page.state.storage.stored_runs(), 0);
    page.act(Action::StoreOutdated);
    assert_eq!(page.effects, [Effect::CloseStore]);
    assert_eq!(page.state.storage.status, StoreStatus::Unavailable);
    page.act(Action::DeleteRun("a".into()));
    assert_eq!(ids(&page), Vec::<&str>::new(), "without a store it goes at once");
}

#[test]
fn files_without_a_new_run_are_named() {
    let mut page = with_runs(&["a"]);
    page.act(Action::OpenedRunsRead(OpenedRuns { known: 3, ..OpenedRuns::default() }));
    let fault = page.state.fault.as_ref().unwrap().to_string();
    assert!(fault.contains("All 3 runs are already in the list."), "{fault}");
    let runs = vec![(entry("b", "v=1", 0.5), None)];
    page.act(Action::OpenedRunsRead(OpenedRuns { runs, ..OpenedRuns::default() }));
    assert_eq!(ids(&page), ["a", "b"]);
}

#[test]
fn a_checkpoint_goes_from_its_event_to_the_run_that_goes_on_from_it() {
    let mut page = Page::ready("");
    let started = page.play();
    let checkpoint = Attachments::new("checkpoint");
    page.act(Action::EngineReported {
        event: Box::new(Event::CheckpointMade { run: started }),
        at: "2026-03-01T12:00:00Z".into(),
        attachments: checkpoint.clone(),
    });
    assert!(
        matches!(&page.effects[..], [Effect::SaveCheckpoint { checkpoint: it, .. }] if *it == checkpoint)
    );
    page.fail(started, "The run failed");
    page.act(Action::ResumeUnfinished);
    let source = page.effects.iter().find_map(|effect| match effect {
        Effect::ReadRunFiles { checkpoint, .. } => checkpoint.clone(),
        _ => None,
    });
    assert_eq!(source.map(|source| source.latest), Some(checkpoint));
    let run = page.state.run.as_ref().unwrap().id;
    let files = Attachments::new("files");
    page.act(Action::RunFilesRead { run, files: files.clone() });
    let [Effect::Post(Command::Train { resume: true, .. }, beside)] = &page.effects[..] else {
        panic!("{:?}", page.effects)
    };
    assert_eq!(*beside, files);
}

#[test]
fn a_run_whose_files_cannot_be_read_fails() {
    let mut page = Page::ready("");
    let started = page.play();
    page.hear(Event::EpochEnded { run: started, row: row(0) });
    page.fail(started, "The run failed");
    page.act(Action::ResumeUnfinished);
    let run = page.state.run.as_ref().unwrap().id;
    page.act(Action::RunFilesFailed { run, error: report("The run cannot go on") });
    assert!(
        matches!(page.status(), RunStatus::Failed { error, .. } if error.what == "The run cannot go on")
    );
}

#[test]
fn what_is_dropped_reaches_its_panel_each_time() {
    let mut page = Page::ready("");
    page.act(Action::FilesHovering(true));
    page.act(Action::FilesFound(Some(3)));
    assert_eq!((page.state.drop.hovering, page.state.drop.found), (true, Some(3)));
    let file = Attachments::new("picture");
    page.act(Action::PictureGiven(file.clone()));
    page.act(Action::PictureGiven(file.clone()));
    let given = page.state.picture.as_ref().unwrap();
    assert_eq!((&given.file, given.number), (&file, 2));
}

#[test]
fn the_pair_and_the_space_are_remembered() {
    let mut page = with_runs(&["a", "b"]);
    let pick = Pick { before: Some("a".into()), after: Some("b".into()) };
    page.act(Action::ComparePair(pick.clone()));
    assert_eq!(page.state.pick, pick);
    page.act(Action::Twin { id: "b".into(), technique: Technique::Mixup });
    assert_eq!(page.state.pick, Pick { before: Some("b".into()), after: None });
    let space = Space { used: 1.0, quota: None, persisted: Some(true) };
    page.act(Action::SpaceMeasured(Some(space)));
    assert_eq!(page.state.storage.space, Some(space));
}
