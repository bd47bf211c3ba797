//! One run: played, held, stopped, failed, and gone on with after a crash.

use super::*;

#[test]
fn play_trains_and_the_result_is_kept() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::Progress { run, progress: progress(0.1) });
    assert_eq!(page.state.run.as_ref().unwrap().live.points.len(), 1);
    for epoch in 0..5 {
        page.hear(Event::Progress { run, progress: at(10.0 * f64::from(epoch)) });
        page.hear(Event::EpochEnded { run, row: row(epoch) });
        assert!(
            matches!(&page.effects[0], Effect::SaveCheckpoint { run: it, .. } if it.rows.len() == epoch as usize + 1)
        );
    }
    assert_eq!(
        page.state.announcement.text,
        "Epoch 5 of 5: accuracy 50.0%, validation loss 1.100."
    );
    page.hear(Event::RunEnded { run, record: record(Outcome::Finished, 5) });
    assert_eq!(*page.status(), RunStatus::Ended(Outcome::Finished));
    assert_eq!(page.state.headline().as_deref(), Some("50.0%"));
    assert_eq!(page.state.shelf.runs().len(), 1);
    assert!(matches!(&page.effects[0], Effect::SaveRun { entry, .. } if entry.synthetic));
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::DeleteCheckpoint(_))));
}

#[test]
fn epochs_that_follow_fast_are_not_all_announced() {
    let mut page = Page::ready("");
    let run = page.play();
    let mut said = 0;
    for epoch in 0..20 {
        page.hear(Event::Progress { run, progress: at(0.5 * f64::from(epoch)) });
        let before = page.state.announcement.count;
        page.hear(Event::EpochEnded { run, row: row(epoch) });
        said += page.state.announcement.count - before;
    }
    assert_eq!(said, 2, "one at the start, one after five seconds");
}

#[test]
fn events_of_another_run_or_load_are_ignored() {
    let mut page = Page::ready("");
    let run = page.play();
    let late = RunId(run.0 + 7);
    page.hear(Event::Progress { run: late, progress: progress(0.1) });
    page.hear(Event::EpochEnded { run: late, row: row(0) });
    page.hear(Event::RunEnded { run: late, record: record(Outcome::Finished, 5) });
    assert!(page.state.run.as_ref().unwrap().live.points.is_empty());
    assert_eq!(*page.status(), RunStatus::Running);
    page.hear(Event::LoadFailed { load: LoadId(99), error: report("late") });
    assert_eq!(page.state.data.error, None);
}

#[test]
fn play_before_the_worker_is_up_waits_for_it_and_the_sample() {
    let mut page = Page::opened("");
    page.act(Action::Play);
    assert!(page.state.start_waits());
    page.hear(ready());
    assert_eq!(page.trained(), None);
    page.load_sample();
    assert!(page.trained().is_some());
    assert!(!page.state.start_waits());
}

#[test]
fn pause_step_resume_and_stop_are_sent_when_they_make_sense() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Step);
    assert_eq!(page.posted(), Vec::<&Command>::new(), "a running run does not step");
    page.act(Action::Pause);
    assert_eq!(page.posted(), [&Command::Pause]);
    page.hear(Event::Paused { run });
    assert_eq!(*page.status(), RunStatus::Paused);
    page.act(Action::Step);
    assert_eq!(page.posted(), [&Command::Step]);
    page.act(Action::Resume);
    page.hear(Event::Resumed { run });
    assert_eq!(*page.status(), RunStatus::Running);
    page.act(Action::Stop);
    assert_eq!(page.effects, [post(Command::Stop), Effect::StartStopTimer(run)]);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 2) });
    assert_eq!(*page.status(), RunStatus::Ended(Outcome::Stopped));
    assert_eq!(page.state.shelf.runs().len(), 1);
}

#[test]
fn step_from_the_start_trains_one_batch_and_holds() {
    let mut page = Page::ready("");
    page.act(Action::Step);
    let posted = page.posted();
    assert!(matches!(posted[..], [Command::Train { begin: Begin::Step, .. }]), "{posted:?}");
}

#[test]
fn a_pause_before_the_worker_is_ready_for_it_is_not_lost() {
    let mut page = Page::ready("");
    page.act(Action::Play);
    let run = page.trained().unwrap();
    page.act(Action::Queue(crate::app::QueueAction::Pause));
    page.state.pause(&mut page.effects);
    assert_eq!(*page.status(), RunStatus::Pausing);
    page.hear(Event::RunStarted { run, plan: plan(0) });
    assert_eq!(*page.status(), RunStatus::Pausing);
    page.hear(Event::Paused { run });
    assert_eq!(*page.status(), RunStatus::Paused);
}

#[test]
fn a_run_that_was_stopped_before_an_epoch_is_not_listed() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 0) });
    assert!(page.state.shelf.runs().is_empty());
}

#[test]
fn reset_keeps_the_seed_and_forgets_the_run() {
    let mut page = Page::ready("");
    let first = page.play();
    page.act(Action::Reset);
    assert!(page.state.run.is_none());
    assert_eq!(page.state.experiment.seed, 42);
    page.act(Action::Play);
    assert_eq!(page.trained(), None, "the old run has to end first");
    page.hear(Event::RunEnded { run: first, record: record(Outcome::Stopped, 2) });
    assert!(page.trained().is_some_and(|run| run != first));
    assert!(page.state.shelf.runs().is_empty(), "a run that was reset leaves nothing");
}

#[test]
fn a_stop_that_is_not_obeyed_ends_the_worker() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.act(Action::StopTimedOut(run));
    assert_eq!(*page.status(), RunStatus::Running, "nobody asked for a stop");
    page.act(Action::Stop);
    page.act(Action::StopTimedOut(run));
    assert!(page.effects.contains(&Effect::EndEngine));
    assert!(matches!(page.state.engine, EngineState::Crashed(_)));
}

#[test]
fn a_stop_that_was_obeyed_ends_nothing() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 1) });
    page.act(Action::StopTimedOut(run));
    assert!(matches!(page.state.engine, EngineState::Ready(_)));
}

#[test]
fn a_run_is_not_resumed_on_other_images() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    let kept = page.state.checkpointed.clone().unwrap();
    let mut other = (*kept).clone();
    other.dataset_hash = "other".into();
    let mut page = Page::ready("");
    page.act(Action::UnfinishedFound(other.into()));
    page.act(Action::ResumeUnfinished);
    assert!(page.state.run.is_none());
    assert!(page.state.data.error.as_ref().unwrap().why.contains("other images"));
    assert!(page.state.unfinished.is_some(), "it can still be resumed with the right data");
}

#[test]
fn a_failed_run_says_so_and_the_next_one_starts() {
    let mut page = Page::ready("");
    let run = page.play();
    page.fail(run, "The loss is not a number");
    assert!(matches!(page.status(), RunStatus::Failed { .. }));
    assert!(page.state.announcement.text.contains("not a number"));
    page.play();
    assert_eq!(*page.status(), RunStatus::Running);
}
