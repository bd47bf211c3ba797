//! The app as a person and a worker drive it.

use super::post;
use crate::BUILD_ID;
use crate::app::{Action, Attachments, Effect, QueueAction};
use crate::app::{AppState, EngineState, Readiness, RunStatus, Source};
use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::engine::EngineKind;
use crate::engine::{AdapterSummary, Engines};
use crate::experiment::{DataSource, technique::Technique};
use crate::progress::{FailureKind, RunPlan, RunProgress, RunStage, StepPoint};
use crate::protocol::{Begin, Command, Event, LoadId, LoadSource, RunId};
use crate::record::{DatasetInfo, EpochRow, FORMAT, ModelInfo, Outcome, RunRecord};
use crate::report::ErrorReport;
use crate::saved::{About, ModelCard};

mod crash;
mod data;
mod models;
mod next_step;
mod queue;
mod run;
mod seat;
mod shelf;
mod snapshot;
mod storage;
mod whole;

/// What this device draws in a class.
const DEVICE_SEED: u32 = 3_141_592_653;

/// The state and what it wanted done last.
struct Page {
    state: AppState,
    effects: Vec<Effect>,
}

impl Page {
    /// Opened with this fragment; the worker is not up yet.
    fn opened(fragment: &str) -> Self {
        let mut page =
            Self { state: AppState::new("visit".into(), DEVICE_SEED), effects: Vec::new() };
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
        self.effects = self.state.apply(action);
    }

    fn hear(&mut self, event: Event) {
        self.act(Action::EngineReported {
            event: Box::new(event),
            at: "2026-03-01T12:00:00Z".into(),
            attachments: Attachments::default(),
        });
    }

    fn load_sample(&mut self) {
        let load = self.loading();
        self.hear(Event::Loaded { load, dataset: summary(true, 64) });
    }

    fn loading(&self) -> LoadId {
        self.state.data.loading.as_ref().expect("a load is in progress").id
    }

    fn status(&self) -> &RunStatus {
        &self.state.run.as_ref().expect("there is a run").status
    }

    fn posted(&self) -> Vec<&Command> {
        let posted = self.effects.iter().filter_map(|effect| match effect {
            Effect::Post(command, _) => Some(command),
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

    /// The files that the run begins with are asked for.
    fn reads(&self) -> Option<(RunId, Option<String>, Option<String>)> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::ReadRunFiles { run, checkpoint, model } => {
                let checkpoint = checkpoint.as_ref().map(|checkpoint| checkpoint.id.clone());
                Some((*run, checkpoint, model.clone()))
            }
            _ => None,
        })
    }

    /// Hears that a run failed, for a reason of its own.
    fn fail(&mut self, run: RunId, what: &str) {
        self.hear(Event::RunFailed { run, error: report(what), failure: FailureKind::Other });
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
        cached: None,
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
        sides: vec![short_side],
        whole: synthetic || short_side >= 160,
        typical_short_side: 160,
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
        engine: EngineKind::Cpu,
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
        resumed_batches: 0,
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
        stage: RunStage::Train,
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
        numerics: crate::record::NUMERICS,
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
    ErrorReport::new(what, "because", "do this")
}

fn archive() -> Source {
    given(Attachments::default())
}

fn given(files: Attachments) -> Source {
    let source = LoadSource::File { name: "imagenette2-160.tgz".into() };
    Source::Given { source, files }
}

#[test]
fn an_empty_fragment_is_the_default_and_leaves_the_address_alone() {
    let page = Page::opened("#");
    assert_eq!(page.state.experiment, crate::experiment::Experiment::default());
    assert_eq!(page.state.notices, Vec::<String>::new());
    assert_eq!(page.link(), None);
}

#[test]
fn a_link_is_shown_in_its_canonical_form_with_what_was_wrong() {
    let mut page = Page::opened("");
    page.act(Action::LinkOpened("#v=1&mixup=0.4&size=999&nonsense=1".into()));
    assert_eq!(page.link(), Some("v=1&size=160&mixup=0.4"));
    assert_eq!(page.state.notices.len(), 2, "{:?}", page.state.notices);
}

#[test]
fn a_teachers_view_stays_in_the_address_and_out_of_the_experiment() {
    let mut page = Page::opened("");
    page.act(Action::LinkOpened("#v=1&mixup=0.4&hide=data&lock=seed".into()));
    assert_eq!(page.state.link(), "v=1&mixup=0.4");
    assert_eq!(page.link(), Some("v=1&mixup=0.4&hide=data&lock=seed"));
    page.act(Action::LinkOpened("#v=1&hide=garden".into()));
    assert_eq!(page.link(), Some("v=1"));
    assert!(page.state.notices[0].contains("garden"), "{:?}", page.state.notices);
}

#[test]
fn a_chosen_language_replaces_the_link_s() {
    let mut page = Page::opened("#v=1&mixup=0.4&lang=de&hide=data");
    page.act(Action::Set { key: "bs", value: "32".into() });
    assert_eq!(page.link(), Some("v=1&bs=32&mixup=0.4&hide=data&lang=de"));
    assert_eq!(page.state.link(), "v=1&bs=32&mixup=0.4");
    page.act(Action::LanguageChosen);
    assert_eq!(page.link(), Some("v=1&bs=32&mixup=0.4&hide=data"));
    // A sweep stays the link's.
    let mut page = Page::opened("#v=1&sweep=alone:mixup;seed:1..3&lang=de");
    page.act(Action::LanguageChosen);
    assert_eq!(page.link(), Some("v=1&sweep=alone:mixup;seed:1..3"));
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
    assert_eq!(page.state.notices.len(), 1);
}

#[test]
fn a_switch_that_cannot_come_on_says_why() {
    let mut page = Page::ready("#v=1&epochs=2");
    page.act(Action::Toggle { technique: Technique::ProgressiveResizing, on: true });
    assert!(!Technique::ProgressiveResizing.is_on(&page.state.experiment));
    assert!(page.state.notices[0].contains("epochs"), "{:?}", page.state.notices);
}

#[test]
fn a_worker_of_another_build_is_not_used() {
    let mut page = Page::opened("");
    let engines = Engines { webgpu: Err("none".into()), cpu: "CPU".into() };
    page.hear(Event::Ready { build: "other".into(), engines, cached: None });
    assert_eq!(page.state.readiness(), Readiness::EngineBroken);
    assert_eq!(page.effects, vec![]);
}

#[test]
fn a_new_seed_is_another_experiment() {
    let mut page = Page::ready("");
    page.act(Action::NewSeed);
    assert_eq!(page.link(), Some("v=1&seed=43"));
}

#[test]
fn warnings_are_told_once_and_only_the_last_few_kept() {
    let mut page = Page::ready("");
    for number in [1, 1, 2, 3, 4, 5, 6] {
        page.hear(Event::Warning { message: format!("warning {number}") });
    }
    assert_eq!(page.state.warnings.len(), 5);
    assert_eq!(page.state.warnings.last().unwrap(), "warning 6");
    page.act(Action::WarningsRead);
    assert!(page.state.warnings.is_empty());
}
