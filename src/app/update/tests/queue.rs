//! The queue as a person drives it: across reloads, failures and changes of mind.

use super::*;
use crate::app::QueueAction;
use crate::app::queue::{ItemState, Move, Queue, QueueState};
use crate::runs::UnfinishedRun;
use crate::stats::verdict::Verdict;

/// Two techniques, two seeds: three arms, of which two share their runs.
const SWEEP: &str = "v=1&engine=cpu&sweep=alone:tta|mixup;seed:1|2";

impl Page {
    /// The store was read and is empty.
    pub(super) fn store(&mut self, runs: Vec<std::rc::Rc<crate::runs::RunEntry>>) {
        self.act(Action::StoredRunsRead(runs));
        self.act(Action::NothingUnfinished);
    }

    pub(super) fn queue(&self) -> &Queue {
        self.state.queue.as_deref().expect("there is a queue")
    }

    pub(super) fn queue_act(&mut self, action: QueueAction) {
        self.act(Action::Queue(action));
    }

    pub(super) fn trained_link(&self) -> Option<String> {
        self.posted().iter().find_map(|command| match command {
            Command::Train { experiment, resume: false, .. } => Some(experiment.link()),
            _ => None,
        })
    }

    /// The run in progress of the queue ends so well.
    pub(super) fn end_run(&mut self, accuracy: f64) {
        let run = self.state.run.as_ref().expect("a run");
        let (id, link) = (run.id, run.experiment.link());
        let tta = run.experiment.tta > 0;
        self.hear(Event::RunStarted { run: id, plan: plan(0) });
        let mut record = record(Outcome::Finished, 5);
        record.link = link;
        record.accuracy = accuracy;
        record.tta = tta.then_some(crate::record::TtaResult {
            accuracy: accuracy + 0.01,
            passes: 5,
            seconds: 1.0,
        });
        self.hear(Event::RunEnded { run: id, record });
    }

    fn kept(&self) -> String {
        let kept = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SaveQueue(text) => Some(text.clone()),
            _ => None,
        });
        kept.unwrap_or_else(|| self.queue().save())
    }

    pub(super) fn states(&self) -> Vec<&'static str> {
        let name = |state: &ItemState| match state {
            ItemState::Waiting => "waiting",
            ItemState::Running => "running",
            ItemState::Done { .. } => "done",
            ItemState::Failed(_) => "failed",
        };
        self.queue().items().iter().map(|item| name(&item.state)).collect()
    }
}

pub(super) fn opened() -> Page {
    let mut page = Page::ready(SWEEP);
    page.store(vec![]);
    page
}

#[test]
fn a_sweeps_link_shows_the_queue_and_starts_nothing() {
    let mut page = opened();
    assert_eq!(page.state.link(), SWEEP);
    assert_eq!(page.queue().state(), QueueState::Ready);
    assert_eq!(page.states(), ["waiting"; 4]);
    assert!(page.state.active_run().is_none() && !page.state.start_waits());
    assert_eq!(page.queue().items()[0].arms, "none + Test-time augmentation");
    // Another field is another experiment: the link is its own again.
    page.act(Action::Set { key: "bs", value: "32".into() });
    assert_eq!(page.link(), Some("v=1&bs=32&seed=1&engine=cpu"));
    assert_eq!(page.queue().items().len(), 4);
}

#[test]
fn run_1_in_a_sweeps_link_waits_for_a_click() {
    let mut page = Page::ready("v=1&engine=cpu&run=1&sweep=mixup:0|0.4;seed:1");
    page.store(vec![]);
    assert!(page.state.active_run().is_none() && !page.state.start_waits());
    assert!(page.state.notices.iter().any(|notice| notice.contains("waits for your click")));
    page.queue_act(QueueAction::Start);
    assert_eq!(page.trained_link(), Some("v=1&seed=1&engine=cpu".into()));
}

#[test]
fn run_1_in_a_link_that_changes_under_the_page_waits_for_a_click() {
    let mut page = Page::ready("v=1&engine=cpu");
    page.act(Action::LinkChanged("#v=1&engine=cpu&epochs=2&run=1".into()));
    assert!(page.state.active_run().is_none() && !page.state.start_waits());
    assert!(page.state.notices.iter().any(|notice| notice.contains("waits for your click")));
    assert_eq!(page.state.experiment.epochs, 2);
}

#[test]
fn runs_are_trained_one_after_another_and_summed_up() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    for (accuracy, rest) in [(0.5, 3), (0.6, 2), (0.52, 1), (0.61, 0)] {
        assert!(page.state.active_run().is_some());
        page.end_run(accuracy);
        assert_eq!(page.queue().left(), rest);
    }
    assert_eq!(page.queue().state(), QueueState::Ended);
    assert!(page.state.announcement.text.starts_with("The queue has ended."));
    let summary = page.queue().summary();
    assert_eq!((summary.finished, summary.runs), (4, 4));
    let [tta, mixup] = &summary.contrasts[..] else { panic!("{:?}", summary.contrasts) };
    assert!((tta.delta.unwrap() - 0.01).abs() < 1e-9);
    assert!((mixup.delta.unwrap() - 0.095).abs() < 1e-9);
    assert_eq!(mixup.verdict, Verdict::CannotTell);
    assert!(mixup.sentence.contains("needs 3 seeds"), "{}", mixup.sentence);
    // The person's experiment is still the one that was opened.
    assert_eq!(page.state.experiment.link(), "v=1&seed=1&engine=cpu");
}

#[test]
fn after_a_reload_it_goes_on_with_the_run_where_it_was() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    page.end_run(0.5);
    let kept = page.kept();
    let run = page.state.run.as_ref().unwrap();
    let (id, link, key) = (run.id, run.experiment.link(), run.key.clone());
    page.hear(Event::RunStarted { run: id, plan: RunPlan { link: link.clone(), ..plan(0) } });
    page.hear(Event::EpochEnded { run: id, row: row(0) });
    let Some(Effect::SaveCheckpoint { run: unfinished, .. }) =
        page.effects.iter().find(|effect| matches!(effect, Effect::SaveCheckpoint { .. }))
    else {
        panic!("{:?}", page.effects)
    };
    let (unfinished, runs) = (unfinished.clone(), page.state.shelf.runs().to_vec());

    let mut page = Page::opened(SWEEP);
    page.act(Action::QueueRestored(kept));
    assert_eq!(page.queue().state(), QueueState::Running);
    page.hear(ready());
    page.act(Action::StoredRunsRead(runs));
    page.act(Action::UnfinishedFound(unfinished));
    assert!(page.state.active_run().is_none(), "the data are not there yet");
    page.load_sample();
    let (run, checkpoint, model) = page.reads().expect("its checkpoint is read");
    assert_eq!((checkpoint, model), (Some(key), None));
    assert!(page.posted().is_empty(), "nothing is posted before that");
    page.act(Action::RunFilesRead { run, files: Attachments::default() });
    let [Command::Train { experiment, resume: true, .. }] = page.posted()[..] else {
        panic!("{:?}", page.effects)
    };
    assert_eq!(experiment.link(), link);
    assert_eq!(page.states(), ["done", "running", "waiting", "waiting"]);
    assert!(page.state.unfinished.is_none());
}

#[test]
fn a_run_that_is_on_the_list_is_taken_up_if_build_engine_and_data_are_the_same() {
    let mut first = opened();
    first.queue_act(QueueAction::Start);
    first.end_run(0.5);
    let run = (*first.state.shelf.runs()[0]).clone();
    let state = |change: &dyn Fn(&mut crate::runs::RunEntry)| {
        let mut run = run.clone();
        change(&mut run);
        let mut page = Page::ready(SWEEP);
        page.store(vec![std::rc::Rc::new(run)]);
        page.states()[0]
    };
    assert_eq!(state(&|_| {}), "done");
    assert_eq!(state(&|run| run.record.link.push_str("&run=1")), "done");
    assert_eq!(state(&|run| run.record.build = "other".into()), "waiting");
    assert_eq!(state(&|run| run.record.engine = "webgpu".into()), "waiting");
    assert_eq!(state(&|run| run.record.dataset.hash = "other".into()), "waiting");
    assert_eq!(state(&|run| run.record.outcome = Outcome::Stopped), "waiting");
}

#[test]
fn a_failed_run_is_named_and_the_queue_goes_on() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    page.fail(run, "The disk is full");
    assert_eq!(page.states(), ["failed", "running", "waiting", "waiting"]);
    for _ in 0..3 {
        page.end_run(0.5);
    }
    assert_eq!(page.queue().state(), QueueState::Ended);
    assert!(page.state.announcement.text.contains("1 run failed"));
    let key = page.queue().items()[0].key.clone();
    page.queue_act(QueueAction::Retry(key));
    assert_eq!(page.queue().state(), QueueState::Paused);
    page.queue_act(QueueAction::Start);
    page.end_run(0.5);
    assert_eq!(page.queue().state(), QueueState::Ended);
}

#[test]
fn a_run_that_diverges_at_once_keeps_its_arm_from_a_verdict() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    page.hear(Event::RunFailed { run, error: report("the loss"), failure: FailureKind::Diverged });
    for _ in 0..3 {
        page.end_run(0.5);
    }
    let sentence = &page.queue().summary().contrasts[1].sentence;
    assert!(sentence.contains("1 run diverged"), "{sentence}");
}

#[test]
fn it_holds_and_goes_on_and_stops_with_the_run() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    page.queue_act(QueueAction::Pause);
    assert_eq!(page.posted(), [&Command::Pause]);
    page.hear(Event::Paused { run });
    page.queue_act(QueueAction::Start);
    assert_eq!(page.posted(), [&Command::Resume]);
    page.hear(Event::Resumed { run });
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 1) });
    assert_eq!(page.queue().state(), QueueState::Paused);
    assert_eq!(page.states(), ["waiting"; 4]);
    assert!(page.state.active_run().is_none());
}

#[test]
fn runs_are_moved_taken_out_and_put_back() {
    let mut page = opened();
    let keys = |page: &Page| -> Vec<String> {
        page.queue().items().iter().map(|item| item.key.clone()).collect()
    };
    let all = keys(&page);
    page.queue_act(QueueAction::Shift { key: all[2].clone(), how: Move::First });
    page.queue_act(QueueAction::Shift { key: all[0].clone(), how: Move::Down });
    let moved = [&all[2], &all[1], &all[0], &all[3]].map(String::clone);
    assert_eq!(keys(&page), moved);
    page.queue_act(QueueAction::Remove(all[1].clone()));
    page.queue_act(QueueAction::Remove(all[3].clone()));
    assert_eq!((keys(&page).len(), page.queue().cut()), (2, 2));
    // A reload changes nothing of that.
    let mut again = Page::opened(SWEEP);
    again.act(Action::QueueRestored(page.kept()));
    assert_eq!(keys(&again), [all[2].clone(), all[0].clone()]);
    again.queue_act(QueueAction::PutBack);
    assert_eq!((keys(&again).len(), again.queue().cut()), (4, 0));
}

#[test]
fn a_copy_of_a_tab_leaves_a_queue_that_is_under_way_to_the_first() {
    let mut page = opened();
    let ready = page.kept();
    page.queue_act(QueueAction::Start);
    let mut copy = Page::opened(SWEEP);
    copy.act(Action::QueueRestored(page.kept()));
    let said = copy.state.announcement.clone();
    copy.act(Action::QueueElsewhere);
    assert!(copy.state.queue.is_none() && copy.state.run.is_none());
    assert_eq!(copy.state.announcement, said);
    assert_eq!(copy.state.link(), copy.state.experiment.link());
    // One that trains nothing does no harm in both.
    let mut copy = Page::opened(SWEEP);
    copy.act(Action::QueueRestored(ready));
    copy.act(Action::QueueElsewhere);
    assert_eq!(copy.queue().state(), QueueState::Ready);
}

#[test]
fn the_time_is_known_once_a_run_was_measured_and_shared_runs_count_once() {
    let mut page = opened();
    assert_eq!(page.state.queue_time(), None);
    page.queue_act(QueueAction::Measure);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    let mut seen = progress(0.1);
    seen.batch = 1;
    page.hear(Event::Progress { run, progress: seen.clone() });
    assert!(page.posted().is_empty());
    seen.batch = 5;
    page.hear(Event::Progress { run, progress: seen });
    assert_eq!(page.posted(), [&Command::Pause]);
    assert_eq!(page.queue().state(), QueueState::Paused);
    let time = page.state.queue_time().unwrap();
    // 1 second of 10 is done; the run without TTA costs a little less.
    assert!((9.0 + 2.0 * 8.0..9.0 + 3.0 * 10.0).contains(&time.seconds), "{time:?}");
    assert!(time.same_models);
}

#[test]
fn other_data_than_it_began_with_hold_the_queue() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    page.end_run(0.5);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    page.queue_act(QueueAction::Pause);
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 0) });
    page.act(Action::Load(Source::Sample));
    let load = page.loading();
    let other = DatasetSummary { hash: "other".into(), ..summary(true, 64) };
    page.hear(Event::Loaded { load, dataset: other });
    page.queue_act(QueueAction::Start);
    assert_eq!(page.queue().state(), QueueState::Paused);
    assert!(page.queue().trouble().unwrap().contains("other images"));
    assert_eq!(page.states(), ["done", "waiting", "waiting", "waiting"]);
}

#[test]
fn a_run_of_its_own_does_not_take_the_queues_checkpoint() {
    let mut page = Page::ready(SWEEP);
    page.act(Action::StoredRunsRead(vec![]));
    page.act(Action::UnfinishedFound(std::rc::Rc::new(UnfinishedRun {
        id: "theirs".into(),
        link: "v=1&epochs=9".into(),
        build: BUILD_ID.into(),
        dataset_hash: "5a".into(),
        date: "2026-03-01T12:00:00Z".into(),
        total_epochs: 9,
        rows: vec![row(0)],
        points: vec![],
        synthetic: true,
    })));
    page.queue_act(QueueAction::Start);
    assert!(page.trained_link().is_some());
    assert!(page.state.unfinished.is_some(), "it can still be gone on with");
}

#[test]
fn a_queue_that_goes_on_is_not_replaced() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    page.act(Action::LinkOpened("#v=1&sweep=ls:0|0.1".into()));
    assert_eq!(page.queue().items().len(), 4);
    assert!(page.state.notices.iter().any(|notice| notice.contains("queue is running")));
    page.queue_act(QueueAction::Clear);
    assert!(page.state.queue.is_none());
    assert_eq!(page.posted(), [&Command::Stop]);
    assert!(page.effects.contains(&Effect::SaveQueue(String::new())));
}

#[test]
fn data_that_are_not_there_are_waited_for() {
    let mut page = Page::opened("v=1&data=imagenette&engine=cpu&sweep=mixup:0|0.4;seed:1");
    page.hear(ready());
    page.store(vec![]);
    page.queue_act(QueueAction::Start);
    assert!(page.state.start_waits());
    page.queue_act(QueueAction::Pause);
    assert!(!page.state.start_waits());
    assert_eq!(page.states(), ["waiting"; 2]);
    page.queue_act(QueueAction::Start);
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained_link().is_some());
}
