//! A host that remembers what a run tells it, and the runs that native and
//! browser tests share.

use imagenette_playground::data::{Dataset, sample};
use imagenette_playground::experiment::link;
use imagenette_playground::progress::StepPoint;
use imagenette_playground::record::RunRecord;
use imagenette_playground::train::checkpoint::Checkpoint;
use imagenette_playground::train::control::Control;
use imagenette_playground::train::device;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::{Host, RunEvent};
use imagenette_playground::train::run::{Job, run};
use std::sync::Arc;

/// A small run on the built-in sample: 10 batches of 16 an epoch.
pub const LINK: &str = "v=1&subset=16&valid=10&size=16&epochs=1&bs=16&engine=cpu";

/// The first losses of [`LINK`]. Kernels sum in orders of their own, so engines
/// and targets agree closely, not to the bit.
pub const FIRST_LOSSES: [f64; 3] = [2.704_102, 4.278_277, 3.745_672];

/// Steers a run from within: called with each event before it is remembered.
pub type Reaction = Box<dyn FnMut(&RunEvent, &Control)>;

/// Remembers a run.
pub struct Recorder {
    pub events: Vec<RunEvent>,
    pub control: Control,
    reaction: Reaction,
    seconds: f64,
}

impl Recorder {
    pub fn new(reaction: Reaction) -> Self {
        Self { events: Vec::new(), control: Control::default(), reaction, seconds: 0.0 }
    }

    /// The trained batches, in order.
    pub fn points(&self) -> Vec<StepPoint> {
        let progress = self.events.iter().filter_map(|event| match event {
            RunEvent::Progress(progress) => Some(progress.points.clone()),
            _ => None,
        });
        progress.flatten().collect()
    }
}

impl Host for Recorder {
    fn event(&mut self, event: RunEvent) {
        (self.reaction)(&event, &self.control);
        self.events.push(event);
    }

    async fn handle_events(&mut self) {}

    /// A clock that only moves when it is looked at: no test waits.
    fn seconds(&self) -> f64 {
        self.seconds
    }

    fn date(&self) -> String {
        "2026-01-01T00:00:00Z".into()
    }
}

/// Runs a link on the sample with the CPU engine.
pub async fn trained(
    text: &str,
    resume: Option<Checkpoint>,
    recorder: &mut Recorder,
) -> Result<RunRecord, TrainError> {
    trained_on(Arc::new(sample::sample()), text, resume, recorder).await
}

/// Runs a link on a data set with the CPU engine.
pub async fn trained_on(
    dataset: Arc<Dataset>,
    text: &str,
    resume: Option<Checkpoint>,
    recorder: &mut Recorder,
) -> Result<RunRecord, TrainError> {
    let experiment = link::parse(text).experiment;
    let engine = device::open(experiment.engine, None).await.expect("the CPU is always there");
    let control = recorder.control.clone();
    run(Job { experiment, dataset, resume, init: None }, &engine, &control, recorder).await
}

/// A reaction that does nothing.
pub fn watch() -> Reaction {
    Box::new(|_, _| {})
}

/// Asserts that the first losses of [`LINK`] are [`FIRST_LOSSES`], within 1e-3.
pub async fn assert_first_losses() {
    let mut recorder = Recorder::new(watch());
    trained(LINK, None, &mut recorder).await.expect("the run ends");
    let losses: Vec<f64> = recorder.points().iter().map(|point| point.loss).collect();
    for (found, expected) in losses.iter().zip(FIRST_LOSSES) {
        assert!((found / expected - 1.0).abs() < 1e-3, "{losses:?} are not {FIRST_LOSSES:?}");
    }
}
