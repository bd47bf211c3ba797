//! Engines that break, starts that take files, memory that does not suffice.

use super::queue::opened;
use super::*;
use crate::app::QueueAction;
use crate::app::queue::QueueState;
use crate::engine::EngineKind;

impl Page {
    /// The engine breaks; whatever was said of it is heard.
    fn breaks(&mut self) {
        self.hear(Event::Crashed { error: report("The GPU was lost") });
    }

    /// The engine that was started again is up, with the data.
    fn comes_back(&mut self) {
        assert!(self.effects.contains(&Effect::StartEngine), "{:?}", self.effects);
        self.hear(ready());
        self.load_sample();
    }

    /// The run goes on from its checkpoint; gives its name and the engine that it takes.
    fn goes_on(&mut self, epochs: u32) -> (RunId, Option<EngineKind>) {
        let (run, checkpoint, _) = self.reads().expect("the checkpoint is read");
        assert_eq!(checkpoint, Some(self.state.run.as_ref().unwrap().key.clone()));
        self.act(Action::RunFilesRead { run, files: Attachments::default() });
        let [Command::Train { resume: true, engine, .. }] = self.posted()[..] else {
            panic!("{:?}", self.effects)
        };
        let engine = *engine;
        self.hear(Event::RunStarted { run, plan: plan(epochs) });
        (run, engine)
    }

    fn crashed(&self) -> bool {
        matches!(self.state.engine, EngineState::Crashed(_))
    }
}

#[test]
fn after_a_crash_the_engine_restarts_the_data_return_and_the_run_goes_on() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.hear(Event::Progress { run, progress: progress(1.2) });
    // What is edited meanwhile is the next experiment, and not this one.
    page.act(Action::Set { key: "bs", value: "32".into() });
    page.breaks();
    assert!(page.state.goes_on());
    assert_eq!(page.state.warnings.len(), 1, "{:?}", page.state.warnings);
    page.comes_back();
    let (_, engine) = page.goes_on(1);
    assert_eq!(engine, Some(EngineKind::Cpu), "a run keeps its engine");
    let run = page.state.run.as_ref().unwrap();
    assert_eq!((run.key.as_str(), run.live.rows.len()), ("visit-1", 1));
    assert_eq!(run.experiment.bs, 64);
    assert_eq!(page.state.experiment.bs, 32);
    assert!(page.state.unfinished.is_none() && !page.state.goes_on());
}

#[test]
fn a_run_without_a_checkpoint_starts_again_on_its_engine() {
    let mut page = Page::ready("");
    page.act(Action::Play);
    let run = page.trained().unwrap();
    page.hear(Event::RunStarted { run, plan: RunPlan { engine: EngineKind::Webgpu, ..plan(0) } });
    page.breaks();
    page.comes_back();
    let [Command::Train { resume: false, engine, .. }] = page.posted()[..] else {
        panic!("{:?}", page.effects)
    };
    assert_eq!(*engine, Some(EngineKind::Webgpu));
    assert_eq!(page.state.run.as_ref().unwrap().key, "visit-1");
}

#[test]
fn a_checkpoint_inside_an_epoch_is_kept_and_its_points_stay() {
    let mut page = Page::ready("");
    let run = page.play();
    let mut seen = progress(1.0 / 3.0);
    seen.points.push(StepPoint { step: 1, epoch: 2.0 / 3.0, ..seen.points[0] });
    page.hear(Event::Progress { run, progress: seen });
    page.hear(Event::CheckpointMade { run });
    assert!(
        matches!(&page.effects[..], [Effect::SaveCheckpoint { run: it, .. }] if it.rows.is_empty())
    );
    page.hear(Event::Progress { run, progress: progress(1.0) });
    page.breaks();
    page.comes_back();
    let (run, _, _) = page.reads().expect("the checkpoint is read");
    page.act(Action::RunFilesRead { run, files: Attachments::default() });
    let resumed = RunPlan { resumed_batches: 2, ..plan(0) };
    page.hear(Event::RunStarted { run, plan: resumed });
    let points = &page.state.run.as_ref().unwrap().live.points;
    let epochs: Vec<f64> = points.iter().map(|point| point.epoch).collect();
    assert_eq!(epochs, [1.0 / 3.0, 2.0 / 3.0]);
}

#[test]
fn twice_at_the_same_place_is_the_end_and_elsewhere_it_is_not() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.breaks();
    page.comes_back();
    let (run, _) = page.goes_on(1);
    // It came further: that is another place.
    page.hear(Event::EpochEnded { run, row: row(1) });
    page.breaks();
    page.comes_back();
    page.goes_on(2);
    page.breaks();
    assert!(page.crashed() && !page.state.goes_on());
    assert!(!page.effects.contains(&Effect::StartEngine));
    let EngineState::Crashed(error) = &page.state.engine else { unreachable!() };
    assert!(error.why.contains("twice in a row at the same place"), "{}", error.why);
    assert!(matches!(page.status(), RunStatus::Failed { .. }));
    // The dying worker's second report does not hide the cause.
    page.act(Action::EngineFailed(report("unreachable")));
    assert!(
        matches!(&page.state.engine, EngineState::Crashed(it) if it.what == "The GPU was lost")
    );
    // The person may try once more, from the last checkpoint.
    page.act(Action::RestartEngine);
    page.comes_back();
    assert_eq!(page.reads(), None, "that takes a click");
    page.act(Action::ResumeUnfinished);
    page.goes_on(2);
    page.breaks();
    assert!(page.effects.contains(&Effect::StartEngine));
}

#[test]
fn a_run_that_the_person_stopped_does_not_go_on_after_a_crash() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.act(Action::Stop);
    page.breaks();
    page.comes_back();
    assert_eq!(page.reads(), None);
    assert!(page.state.unfinished.is_some(), "it can still be gone on with");
}

#[test]
fn a_run_that_held_holds_after_a_crash() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Pause);
    page.hear(Event::Paused { run });
    page.breaks();
    page.comes_back();
    let posted = page.posted();
    assert!(matches!(posted[..], [Command::Train { begin: Begin::Hold, .. }]), "{posted:?}");
}

#[test]
fn a_run_that_waits_for_its_engine_can_be_given_up() {
    for give_up in [Action::Stop, Action::Reset] {
        let mut page = Page::ready("");
        let run = page.play();
        page.hear(Event::EpochEnded { run, row: row(0) });
        page.breaks();
        page.act(give_up);
        page.hear(ready());
        page.load_sample();
        assert_eq!(page.reads(), None);
    }
}

#[test]
fn an_engine_that_does_not_come_up_again_is_left_to_the_person() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.breaks();
    page.act(Action::EngineFailed(report("It could not be loaded")));
    assert!(page.crashed());
    assert!(page.state.unfinished.is_some());
    page.act(Action::RestartEngine);
    page.comes_back();
    page.act(Action::ResumeUnfinished);
    page.goes_on(1);
}

#[test]
fn data_that_break_the_engine_are_not_read_again_by_themselves() {
    let mut page = Page::opened("");
    page.hear(ready());
    page.breaks();
    assert!(page.crashed());
}

#[test]
fn an_idle_engine_that_breaks_is_replaced() {
    let mut page = Page::ready("");
    page.breaks();
    page.comes_back();
    assert_eq!(page.state.readiness(), Readiness::Ready);
    page.breaks();
    assert!(page.crashed(), "nothing went well in between");
}

#[test]
fn a_queue_loses_no_run_to_broken_engines() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    page.end_run(0.5);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    page.breaks();
    assert_eq!(page.states(), ["done", "running", "waiting", "waiting"]);
    page.comes_back();
    assert!(page.trained_link().is_some());
    page.end_run(0.5);
    assert_eq!(page.states(), ["done", "done", "running", "waiting"]);
    page.breaks();
    page.comes_back();
    page.breaks();
    assert!(page.crashed());
    assert_eq!(page.states(), ["done", "done", "waiting", "waiting"]);
    assert_eq!(page.queue().state(), QueueState::Paused);
    assert!(page.queue().trouble().is_some_and(|why| why.contains("restart the engine")));
    page.act(Action::RestartEngine);
    page.comes_back();
    page.queue_act(QueueAction::Start);
    page.end_run(0.5);
    page.end_run(0.5);
    assert_eq!(page.queue().state(), QueueState::Ended);
    assert_eq!(page.states(), ["done"; 4]);
}

#[test]
fn a_run_that_is_stopped_before_its_first_epoch_did_not_fail() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    page.act(Action::Stop);
    page.fail(run, "The run was stopped");
    assert_eq!(*page.status(), RunStatus::Ended(Outcome::Stopped));
    assert_eq!(page.states(), ["waiting"; 4]);
    assert_eq!(page.queue().state(), QueueState::Paused);
}

#[test]
fn without_its_engine_a_queue_holds_and_the_cpu_is_offered() {
    let mut page = Page::ready("v=1&engine=webgpu&sweep=mixup:0|0.4;seed:1");
    page.store(vec![]);
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    let error = report("The engine could not start");
    page.hear(Event::RunFailed { run, error, failure: FailureKind::NoEngine });
    assert_eq!(page.states(), ["waiting", "waiting"]);
    assert_eq!(page.queue().state(), QueueState::Paused);
    assert!(page.state.cpu_may_do());
    // The adapter may be back: another worker looks for it, and reads the data again.
    page.act(Action::RestartEngine);
    assert_eq!(page.state.dataset(), None);
    page.comes_back();
    page.act(Action::TrainInstead { key: "engine", value: "cpu".into() });
    assert_eq!(page.queue().plan().link(), "v=1&engine=cpu&sweep=mixup:0|0.4;seed:1");
    assert!(page.trained_link().is_some_and(|link| link.contains("engine=cpu")));
}

#[test]
fn a_run_starts_again_on_the_cpu_as_another_experiment() {
    let mut page = Page::ready("v=1&engine=webgpu");
    for _ in 0..2 {
        if page.trained().is_none() {
            page.act(Action::Play);
        }
        let run = page.trained().unwrap();
        page.hear(Event::RunStarted {
            run,
            plan: RunPlan { engine: EngineKind::Webgpu, ..plan(0) },
        });
        page.breaks();
        if !page.crashed() {
            page.comes_back();
        }
    }
    assert!(page.crashed() && page.state.cpu_may_do());
    page.act(Action::TrainInstead { key: "engine", value: "cpu".into() });
    assert_eq!(page.link(), Some("v=1&engine=cpu"));
    page.comes_back();
    let [Command::Train { engine: None, experiment, .. }] = page.posted()[..] else {
        panic!("{:?}", page.effects)
    };
    assert_eq!(experiment.link(), "v=1&engine=cpu");
    assert_eq!(page.state.run.as_ref().unwrap().key, "visit-3");
}

#[test]
fn too_large_a_batch_is_trained_smaller_on_a_click() {
    let mut page = Page::ready("v=1&bs=512");
    page.act(Action::Play);
    let run = page.trained().unwrap();
    let failure = FailureKind::TooLarge { fits: Some(128) };
    page.hear(Event::RunFailed { run, error: report("It does not fit"), failure });
    assert!(!page.effects.contains(&Effect::StartEngine), "the engine is whole");
    assert_eq!(page.state.run.as_ref().unwrap().status.failure().unwrap().fits(), Some(128));
    page.act(Action::TrainInstead { key: "bs", value: "128".into() });
    assert_eq!(page.link(), Some("v=1&bs=128"));
    assert!(page.trained().is_some());
}

#[test]
fn an_engine_whose_memory_ran_out_is_replaced_and_the_queue_goes_on() {
    let mut page = opened();
    page.queue_act(QueueAction::Start);
    let run = page.state.run.as_ref().unwrap().id;
    page.hear(Event::RunStarted { run, plan: plan(0) });
    let failure = FailureKind::OutOfMemory { fits: None };
    page.hear(Event::RunFailed { run, error: report("Memory ran out"), failure });
    assert_eq!(page.states(), ["failed", "waiting", "waiting", "waiting"]);
    page.comes_back();
    assert_eq!(page.states(), ["failed", "running", "waiting", "waiting"]);
}

/// A page that starts from a model and reads its file.
fn reading(action: Action) -> (Page, RunId) {
    let hash = "c0".repeat(32);
    let mut page = Page::ready(&format!("#v=1&init={hash}"));
    page.act(Action::ModelsRead(vec![super::models::card(&hash)]));
    page.act(action);
    let (run, checkpoint, model) = page.reads().expect("the model is read");
    assert_eq!((checkpoint, model), (None, Some(hash)));
    assert!(page.posted().is_empty(), "nothing is posted before it is there");
    (page, run)
}

#[test]
fn a_step_that_starts_from_a_model_is_one_message() {
    let (mut page, run) = reading(Action::Step);
    page.act(Action::RunFilesRead { run, files: Attachments::default() });
    let posted = page.posted();
    assert!(matches!(posted[..], [Command::Train { begin: Begin::Step, .. }]), "{posted:?}");
    page.act(Action::RunFilesRead { run, files: Attachments::default() });
    assert!(page.posted().is_empty(), "it starts once");
}

#[test]
fn stop_and_reset_while_files_are_read_are_obeyed() {
    for give_up in [Action::Stop, Action::Reset] {
        let (mut page, run) = reading(Action::Play);
        page.act(give_up);
        assert!(page.posted().is_empty(), "the worker knows of nothing to stop");
        assert!(page.state.active_run().is_none());
        page.act(Action::RunFilesRead { run, files: Attachments::default() });
        assert!(page.posted().is_empty());
        page.act(Action::Play);
        let (again, _, _) = page.reads().expect("it can start again");
        assert_ne!(again, run);
        page.act(Action::RunFilesRead { run, files: Attachments::default() });
        assert!(page.posted().is_empty(), "late files of the first start");
        page.act(Action::RunFilesRead { run: again, files: Attachments::default() });
        assert_eq!(page.posted().len(), 1);
    }
}

#[test]
fn a_resumed_run_that_is_stopped_while_it_is_read_can_be_resumed_again() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.fail(run, "The disk is full");
    page.act(Action::ResumeUnfinished);
    assert!(page.reads().is_some() && page.state.unfinished.is_none());
    page.act(Action::Stop);
    assert_eq!(page.state.unfinished.as_ref().unwrap().rows.len(), 1);
    page.act(Action::ResumeUnfinished);
    page.goes_on(1);
}
