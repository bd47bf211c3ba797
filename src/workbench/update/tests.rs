//! The workbench as a person and a worker drive it.

mod shelf;

use super::super::{EngineState, Readiness, RunStatus, Source, Workbench};
use super::{Action, Effect};
use crate::experiment::{DataSource, technique::Technique};
use crate::protocol::{
    AdapterSummary, BUILD_ID, Command, DatasetSummary, Engines, ErrorReport, Event, Kept, LoadId,
    LoadProgress, LoadSource, RunId, RunPlan, RunProgress, Stage, StepPoint,
};
use crate::record::{DatasetInfo, EpochRow, FORMAT, ModelInfo, Outcome, RunRecord};
use crate::saved::{About, ModelCard};

mod queue;

/// A workbench and what it wanted done last.
struct Page {
    bench: Workbench,
    effects: Vec<Effect>,
}

impl Page {
    /// Opened with this fragment; the worker is not up yet.
    fn opened(fragment: &str) -> Self {
        let mut page = Self { bench: Workbench::new("visit".into()), effects: Vec::new() };
        page.act(Action::LinkOpened(fragment.into()));
        page.act(Action::RestartEngine);
        page
    }

    /// With the worker up and the sample in place.
    fn ready(fragment: &str) -> Self {
        let mut page = Self::opened(fragment);
        page.hear(ready());
        page.load_sample();
        page
    }

    fn act(&mut self, action: Action) {
        self.effects = self.bench.apply(action);
    }

    fn hear(&mut self, event: Event) {
        self.act(Action::Reported { event: Box::new(event), at: "2026-03-01T12:00:00Z".into() });
    }

    fn load_sample(&mut self) {
        let load = self.loading();
        self.hear(Event::Loaded { load, dataset: summary(true, 64) });
    }

    fn loading(&self) -> LoadId {
        self.bench.data.loading.as_ref().expect("a load is in progress").id
    }

    fn status(&self) -> &RunStatus {
        &self.bench.run.as_ref().expect("there is a run").status
    }

    fn posted(&self) -> Vec<&Command> {
        let posted = self.effects.iter().filter_map(|effect| match effect {
            Effect::Post(command) => Some(command),
            _ => None,
        });
        posted.collect()
    }

    fn trained(&self) -> Option<RunId> {
        self.posted().iter().find_map(|command| match command {
            Command::Train { run, resume: false, .. } => Some(*run),
            _ => None,
        })
    }

    fn link(&self) -> Option<&str> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::ShowLink(link) => Some(link.as_str()),
            _ => None,
        })
    }

    /// Plays, and hears that the run began.
    fn play(&mut self) -> RunId {
        self.act(Action::Play);
        let run = self.trained().expect("the run is sent to the worker");
        self.hear(Event::RunStarted { run, plan: plan(0) });
        run
    }
}

fn ready() -> Event {
    let adapter = AdapterSummary { name: "SwiftShader".into(), software: true, limits: vec![] };
    Event::Ready {
        build: BUILD_ID.into(),
        engines: Engines { webgpu: Ok(adapter), cpu: "CPU".into() },
        kept: None,
    }
}

fn summary(synthetic: bool, short_side: u32) -> DatasetSummary {
    DatasetSummary {
        name: if synthetic { "built-in sample (synthetic)" } else { "imagenette2-160" }.into(),
        synthetic,
        classes: vec!["tench".into(), "church".into()],
        train: vec![100, 100],
        valid: vec![50, 50],
        hash: if synthetic { "5a" } else { "1e" }.into(),
        short_side,
        whole: synthetic || short_side >= 160,
        original_short_side: 160,
        square: synthetic,
        skipped: vec![],
        skipped_count: 0,
        official_noise: false,
        memory: 1e6,
        seconds: 1.0,
    }
}

fn plan(resumed_epochs: u32) -> RunPlan {
    RunPlan {
        link: "v=1".into(),
        engine: "cpu".into(),
        adapter: "CPU".into(),
        engine_reason: String::new(),
        model: ModelInfo { name: "tiny".into(), params: 1, macs: 1 },
        epochs: 5,
        batches: 3,
        batch_size: 64,
        train: 200,
        valid: 100,
        noise_rate: 0.0,
        normalization: None,
        notices: vec![],
        resumed_epochs,
    }
}

fn row(epoch: u32) -> EpochRow {
    EpochRow {
        epoch,
        phase: 0,
        size: 64,
        train_loss: 1.0,
        valid_loss: 1.1,
        nll: 1.1,
        accuracy: 0.5,
        seconds: 2.0,
    }
}

fn progress(epochs: f64) -> RunProgress {
    let point =
        StepPoint { step: 0, epoch: epochs, loss: 1.0, smooth_loss: 1.0, lr: 0.01, momentum: 0.9 };
    RunProgress {
        epoch: 0,
        batch: 1,
        stage: Stage::Train,
        fraction: 0.1,
        elapsed: 1.0,
        remaining: Some(9.0),
        points: vec![point],
    }
}

/// The same, so many seconds after the start.
fn at(elapsed: f64) -> RunProgress {
    RunProgress { elapsed, points: vec![], ..progress(0.0) }
}

fn record(outcome: Outcome, epochs: u32) -> Box<RunRecord> {
    Box::new(RunRecord {
        format: FORMAT,
        build: BUILD_ID.into(),
        date: "2026-03-01T12:00:10Z".into(),
        outcome,
        link: "v=1".into(),
        dataset: DatasetInfo {
            name: "built-in sample (synthetic)".into(),
            train: 200,
            valid: 100,
            hash: "5a".into(),
        },
        engine: "cpu".into(),
        adapter: "CPU".into(),
        model: ModelInfo { name: "tiny".into(), params: 1, macs: 1 },
        epochs: (0..epochs).map(row).collect(),
        accuracy: 0.5,
        tta: None,
        images_per_second: 100.0,
        log_probabilities: None,
    })
}

fn report(what: &str) -> ErrorReport {
    ErrorReport { what: what.into(), why: "because".into(), remedy: "do this".into() }
}

fn archive(files: u32) -> Source {
    Source::Given { source: LoadSource::File { name: "imagenette2-160.tgz".into() }, files }
}

#[test]
fn an_empty_fragment_is_the_default_and_leaves_the_address_alone() {
    let page = Page::opened("#");
    assert_eq!(page.bench.experiment, crate::experiment::Experiment::default());
    assert_eq!(page.bench.notices, Vec::<String>::new());
    assert_eq!(page.link(), None);
}

#[test]
fn a_link_is_shown_in_its_canonical_form_with_what_was_wrong() {
    let mut page = Page::opened("");
    page.act(Action::LinkOpened("#v=1&mixup=0.4&size=999&nonsense=1".into()));
    assert_eq!(page.link(), Some("v=1&size=160&mixup=0.4"));
    assert_eq!(page.bench.notices.len(), 2, "{:?}", page.bench.notices);
}

#[test]
fn switches_and_fields_write_the_link() {
    let mut page = Page::ready("");
    page.act(Action::Toggle { technique: Technique::Mixup, on: true });
    assert_eq!(page.link(), Some("v=1&mixup=0.4"));
    page.act(Action::Set { key: "bs", value: "32".into() });
    assert_eq!(page.link(), Some("v=1&bs=32&mixup=0.4"));
    page.act(Action::Set { key: "bs", value: "lots".into() });
    assert_eq!(page.link(), Some("v=1&bs=32&mixup=0.4"));
    assert_eq!(page.bench.notices.len(), 1);
}

#[test]
fn a_switch_that_cannot_come_on_says_why() {
    let mut page = Page::ready("#v=1&epochs=2");
    page.act(Action::Toggle { technique: Technique::ProgressiveResizing, on: true });
    assert!(!Technique::ProgressiveResizing.is_on(&page.bench.experiment));
    assert!(page.bench.notices[0].contains("epochs"), "{:?}", page.bench.notices);
}

#[test]
fn the_sample_is_drawn_as_soon_as_the_worker_is_up() {
    let mut page = Page::opened("");
    assert_eq!(page.bench.readiness(), Readiness::EngineStarting);
    page.hear(ready());
    assert!(page.effects.iter().any(|effect| {
        matches!(effect, Effect::Load { source: Source::Sample, short_side: 64, .. })
    }));
    page.load_sample();
    assert_eq!(page.bench.readiness(), Readiness::Ready);
}

#[test]
fn a_worker_of_another_build_is_not_used() {
    let mut page = Page::opened("");
    let engines = Engines { webgpu: Err("none".into()), cpu: "CPU".into() };
    page.hear(Event::Ready { build: "other".into(), engines, kept: None });
    assert_eq!(page.bench.readiness(), Readiness::EngineBroken);
    assert_eq!(page.effects, vec![]);
}

#[test]
fn play_trains_and_the_result_is_kept() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::Progress { run, progress: progress(0.1) });
    assert_eq!(page.bench.run.as_ref().unwrap().live.points.len(), 1);
    for epoch in 0..5 {
        page.hear(Event::Progress { run, progress: at(10.0 * f64::from(epoch)) });
        page.hear(Event::EpochEnded { run, row: row(epoch) });
        assert!(
            matches!(&page.effects[0], Effect::KeepUnfinished(it) if it.rows.len() == epoch as usize + 1)
        );
    }
    assert_eq!(
        page.bench.announcement.text,
        "Epoch 5 of 5: accuracy 50.0%, validation loss 1.100."
    );
    page.hear(Event::RunEnded { run, record: record(Outcome::Finished, 5) });
    assert_eq!(*page.status(), RunStatus::Ended(Outcome::Finished));
    assert_eq!(page.bench.headline().as_deref(), Some("50.0%"));
    assert_eq!(page.bench.shelf.runs().len(), 1);
    assert!(matches!(&page.effects[0], Effect::Keep { entry, .. } if entry.synthetic));
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::DropUnfinished(_))));
}

#[test]
fn epochs_that_follow_fast_are_not_all_announced() {
    let mut page = Page::ready("");
    let run = page.play();
    let mut said = 0;
    for epoch in 0..20 {
        page.hear(Event::Progress { run, progress: at(0.5 * f64::from(epoch)) });
        let before = page.bench.announcement.count;
        page.hear(Event::EpochEnded { run, row: row(epoch) });
        said += page.bench.announcement.count - before;
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
    assert!(page.bench.run.as_ref().unwrap().live.points.is_empty());
    assert_eq!(*page.status(), RunStatus::Running);
    page.hear(Event::LoadFailed { load: LoadId(99), error: report("late") });
    assert_eq!(page.bench.data.error, None);
}

#[test]
fn play_before_the_worker_is_up_waits_for_it_and_the_sample() {
    let mut page = Page::opened("");
    page.act(Action::Play);
    assert!(page.bench.start_waits());
    page.hear(ready());
    assert_eq!(page.trained(), None);
    page.load_sample();
    assert!(page.trained().is_some());
    assert!(!page.bench.start_waits());
}

#[test]
fn run_1_without_its_data_waits_and_substitutes_nothing() {
    let mut page = Page::opened("#v=1&data=imagenette&run=1");
    page.hear(ready());
    assert_eq!(page.bench.readiness(), Readiness::DataMissing);
    assert_eq!(page.effects, vec![], "nothing is loaded without a click");
    page.act(Action::Load(archive(0)));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained().is_some());
}

fn kept(short_side: u32) -> Kept {
    Kept::of(DataSource::Imagenette.text(), &summary(false, short_side))
}

/// The worker is up and has kept images of `short_side` pixels.
fn ready_with(short_side: u32) -> Event {
    let Event::Ready { build, engines, .. } = ready() else { unreachable!() };
    Event::Ready { build, engines, kept: Some(kept(short_side)) }
}

#[test]
fn images_kept_from_the_last_visit_come_by_themselves() {
    let mut page = Page::opened("#v=1&data=imagenette&run=1");
    page.hear(ready_with(64));
    assert_eq!(page.bench.data.loading.as_ref().unwrap().source, Source::Kept(kept(64)));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained().is_some());
}

#[test]
fn kept_images_that_are_too_small_or_of_other_data_are_left_alone() {
    for link in ["#v=1&data=imagenette&size=128", "#v=1&data=https://me.example/x.tgz"] {
        let mut page = Page::opened(link);
        page.hear(ready_with(64));
        assert!(page.bench.data.loading.is_none(), "{link}");
    }
}

#[test]
fn kept_images_that_cannot_be_read_are_not_tried_again_by_themselves() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready_with(64));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("Damaged") });
    assert!(page.bench.data.loading.is_none());
    assert_eq!(page.bench.readiness(), Readiness::DataMissing);
}

#[test]
fn the_sample_in_place_of_missing_data_is_a_choice_that_the_link_shows() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready());
    page.act(Action::RunOnSample);
    assert_eq!(page.link(), Some("v=1"));
    page.load_sample();
    assert!(page.trained().is_some());
    assert!(page.bench.run.as_ref().unwrap().live.synthetic);
}

#[test]
fn a_given_archive_becomes_the_experiments_data() {
    let mut page = Page::ready("");
    page.act(Action::Load(archive(3)));
    let load = page.loading();
    page.hear(Event::Loading { load, progress: LoadProgress { images: 7, ..Default::default() } });
    assert_eq!(page.bench.data.loading.as_ref().unwrap().progress.images, 7);
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert_eq!(page.bench.experiment.data, DataSource::Imagenette);
    assert_eq!(page.link(), Some("v=1&data=imagenette"));
}

#[test]
fn a_load_that_fails_leaves_the_data_set_in_place() {
    let mut page = Page::ready("");
    page.act(Action::Load(archive(3)));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("The archive was not loaded") });
    assert!(page.bench.data.error.is_some());
    assert_eq!(page.bench.dataset().unwrap().hash, "5a");
    assert_eq!(page.bench.experiment.data, DataSource::Sample);
    assert_eq!(page.bench.readiness(), Readiness::Ready);
}

#[test]
fn a_bad_file_while_the_sample_is_drawn_costs_the_sample_nothing() {
    let mut page = Page::opened("");
    page.hear(ready());
    page.act(Action::Load(archive(0)));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("The archive was not loaded") });
    assert_eq!(page.bench.data.loading.as_ref().unwrap().source, Source::Sample);
    assert!(page.bench.data.error.is_some(), "the person can still read what was wrong");
}

#[test]
fn a_sample_that_fails_is_not_tried_again_by_itself() {
    let mut page = Page::opened("");
    page.hear(ready());
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("Out of memory") });
    assert!(page.bench.data.loading.is_none());
    page.act(Action::Load(Source::Sample));
    assert!(page.bench.data.loading.is_some());
}

#[test]
fn another_link_during_a_load_keeps_its_own_data() {
    let mut page = Page::opened("");
    page.hear(ready());
    page.act(Action::LinkOpened("#v=1&data=imagenette".into()));
    page.load_sample();
    assert_eq!(page.bench.experiment.data, DataSource::Imagenette);
    assert_eq!(page.bench.readiness(), Readiness::DataMissing);
}

#[test]
fn larger_images_are_read_again_once_and_the_reason_is_told() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready());
    page.act(Action::Load(archive(0)));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    page.act(Action::Set { key: "size", value: "128".into() });
    page.act(Action::Play);
    assert_eq!(page.trained(), None);
    let loading = page.bench.data.loading.as_ref().unwrap();
    assert_eq!((loading.short_side, &loading.source), (128, &archive(0)));
    assert!(loading.reason.as_ref().unwrap().contains("128"));
    let load = page.loading();
    // Even if they come back too small, the run starts instead of reading for ever.
    page.hear(Event::Loaded { load, dataset: summary(false, 100) });
    assert!(page.trained().is_some());
}

#[test]
fn images_are_not_read_again_for_more_pixels_than_they_have() {
    let mut page = Page::opened("#v=1&data=imagenette&size=160&crop=aug");
    page.hear(ready());
    page.act(Action::Load(archive(0)));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 160) });
    page.act(Action::Play);
    assert!(page.trained().is_some());
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
    assert_eq!(page.effects, [Effect::Post(Command::Stop), Effect::WatchStop(run)]);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 2) });
    assert_eq!(*page.status(), RunStatus::Ended(Outcome::Stopped));
    assert_eq!(page.bench.shelf.runs().len(), 1);
}

#[test]
fn step_from_the_start_trains_one_batch_and_holds() {
    let mut page = Page::ready("");
    page.act(Action::Step);
    let posted = page.posted();
    assert!(matches!(posted[..], [Command::Train { .. }, Command::Step]), "{posted:?}");
}

#[test]
fn a_run_that_was_stopped_before_an_epoch_is_not_listed() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 0) });
    assert!(page.bench.shelf.runs().is_empty());
}

#[test]
fn reset_keeps_the_seed_and_forgets_the_run() {
    let mut page = Page::ready("");
    let first = page.play();
    page.act(Action::Reset);
    assert!(page.bench.run.is_none());
    assert_eq!(page.bench.experiment.seed, 42);
    page.act(Action::Play);
    assert_eq!(page.trained(), None, "the old run has to end first");
    page.hear(Event::RunEnded { run: first, record: record(Outcome::Stopped, 2) });
    assert!(page.trained().is_some_and(|run| run != first));
    assert!(page.bench.shelf.runs().is_empty(), "a run that was reset leaves nothing");
}

#[test]
fn a_new_seed_is_another_experiment() {
    let mut page = Page::ready("");
    page.act(Action::NewSeed);
    assert_eq!(page.link(), Some("v=1&seed=43"));
}

#[test]
fn a_stop_that_is_not_obeyed_ends_the_worker() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.act(Action::StopUnanswered(run));
    assert_eq!(*page.status(), RunStatus::Running, "nobody asked for a stop");
    page.act(Action::Stop);
    page.act(Action::StopUnanswered(run));
    assert!(page.effects.contains(&Effect::EndEngine));
    assert!(matches!(page.bench.engine, EngineState::Crashed(_)));
}

#[test]
fn a_stop_that_was_obeyed_ends_nothing() {
    let mut page = Page::ready("");
    let run = page.play();
    page.act(Action::Stop);
    page.hear(Event::RunEnded { run, record: record(Outcome::Stopped, 1) });
    page.act(Action::StopUnanswered(run));
    assert!(matches!(page.bench.engine, EngineState::Ready(_)));
}

#[test]
fn after_a_crash_the_engine_restarts_the_data_return_and_the_run_goes_on() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    page.hear(Event::Progress { run, progress: progress(1.2) });
    page.hear(Event::Crashed { error: report("The GPU was lost") });
    assert!(page.effects.contains(&Effect::EndEngine));
    assert!(matches!(page.status(), RunStatus::Failed(_)));
    // The dying worker's second report does not hide the cause.
    page.act(Action::EngineFailed(report("unreachable")));
    assert!(
        matches!(&page.bench.engine, EngineState::Crashed(it) if it.what == "The GPU was lost")
    );

    page.act(Action::RestartEngine);
    assert_eq!(page.effects, [Effect::StartEngine]);
    page.hear(ready());
    page.load_sample();
    page.act(Action::ResumeUnfinished);
    let resumed = page.effects.iter().find_map(|effect| match effect {
        Effect::TrainFromCheckpoint { run, id, .. } => Some((*run, id.clone())),
        _ => None,
    });
    let (again, id) = resumed.expect("the run goes on from its checkpoint");
    assert_eq!(id, "visit-1");
    page.hear(Event::RunStarted { run: again, plan: plan(1) });
    assert_eq!(page.bench.run.as_ref().unwrap().live.rows.len(), 1);
    assert!(page.bench.unfinished.is_none());
}

#[test]
fn a_run_is_not_resumed_on_other_images() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::EpochEnded { run, row: row(0) });
    let kept = page.bench.kept.clone().unwrap();
    let mut other = (*kept).clone();
    other.dataset_hash = "other".into();
    let mut page = Page::ready("");
    page.act(Action::UnfinishedFound(other.into()));
    page.act(Action::ResumeUnfinished);
    assert!(page.bench.run.is_none());
    assert!(page.bench.data.error.as_ref().unwrap().why.contains("other images"));
    assert!(page.bench.unfinished.is_some(), "it can still be resumed with the right data");
}

#[test]
fn a_failed_run_says_so_and_the_next_one_starts() {
    let mut page = Page::ready("");
    let run = page.play();
    page.hear(Event::RunFailed { run, error: report("The loss is not a number") });
    assert!(matches!(page.status(), RunStatus::Failed(_)));
    assert!(page.bench.announcement.text.contains("not a number"));
    page.play();
    assert_eq!(*page.status(), RunStatus::Running);
}

#[test]
fn data_do_not_change_under_a_run() {
    let mut page = Page::ready("");
    page.play();
    page.act(Action::Load(archive(0)));
    assert!(page.bench.data.loading.is_none());
    assert!(page.bench.data.error.is_some());
}

/// A model of two classes whose file the page has.
fn card(hash: &str) -> ModelCard {
    let about = About {
        link: "v=1&model=conv5".into(),
        model: "conv5".into(),
        classes: vec!["tench".into(), "church".into()],
        normalization: None,
        size: 32,
        accuracy: 0.5,
        epochs: 3,
        dataset: "photographs".into(),
        build: "dev".into(),
    };
    ModelCard { hash: hash.into(), bytes: 1e5, about }
}

#[test]
fn a_saved_model_that_is_not_here_blocks_until_it_is_given_up() {
    let hash = "c0".repeat(32);
    let mut page = Page::ready(&format!("#v=1&init={hash}&run=1"));
    // The store may have it.
    assert_eq!(page.bench.readiness(), Readiness::Loading);
    page.act(Action::ModelsRead(vec![card(&"d1".repeat(32))]));
    assert_eq!(page.bench.readiness(), Readiness::ModelMissing);
    assert_eq!(page.trained(), None);
    page.act(Action::WithoutSavedModel);
    assert_eq!(page.link(), Some("v=1&run=1"));
}

#[test]
fn a_link_that_starts_from_a_model_runs_as_soon_as_its_file_is_here() {
    let hash = "c0".repeat(32);
    let from_model = |page: &Page| {
        page.effects.iter().any(|effect| {
            matches!(effect, Effect::TrainFromModel { experiment, .. }
                if experiment.init.as_ref() == Some(&hash))
        })
    };
    let mut given = Page::ready(&format!("#v=1&init={hash}&run=1"));
    given.act(Action::ModelsRead(vec![]));
    assert!(!from_model(&given));
    given.act(Action::ModelOpened(card(&hash)));
    assert!(from_model(&given));
    let mut stored = Page::ready(&format!("#v=1&init={hash}&run=1"));
    stored.act(Action::ModelsRead(vec![card(&hash)]));
    assert!(from_model(&stored));
}

#[test]
fn starting_from_a_model_takes_its_network_and_its_statistics() {
    let hash = "c0".repeat(32);
    let mut page = Page::ready("#v=1&norm=off&size=48");
    page.act(Action::StartFrom(hash.clone()));
    assert_eq!(page.link(), None, "its file is not here");
    page.act(Action::ModelOpened(card(&hash)));
    page.act(Action::StartFrom(hash.clone()));
    let link = format!("v=1&model=conv5&init={hash}&size=48&norm=model");
    assert_eq!(page.link(), Some(link.as_str()));
    assert_eq!(page.bench.readiness(), Readiness::Ready);
    page.act(Action::ModelForgotten(hash));
    assert!(page.bench.models.kept.is_empty());
}

#[test]
fn models_of_the_store_come_before_those_of_this_visit() {
    let mut page = Page::ready("");
    page.act(Action::ModelOpened(card("b")));
    page.act(Action::ModelsRead(vec![card("a"), card("b")]));
    page.act(Action::ModelOpened(card("a")));
    let kept: Vec<_> = page.bench.models.kept.iter().map(|card| card.hash.as_str()).collect();
    assert_eq!(kept, ["b", "a"]);
    assert_eq!(page.bench.models.latest.as_deref(), Some("a"));
}

#[test]
fn warnings_are_told_once_and_only_the_last_few_kept() {
    let mut page = Page::ready("");
    for number in [1, 1, 2, 3, 4, 5, 6] {
        page.hear(Event::Warning { message: format!("warning {number}") });
    }
    assert_eq!(page.bench.warnings.len(), 5);
    assert_eq!(page.bench.warnings.last().unwrap(), "warning 6");
    page.act(Action::WarningsRead);
    assert!(page.bench.warnings.is_empty());
}
