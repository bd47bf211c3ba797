//! Runs that are cut short anywhere and gone on with: what they come to is, to the bit,
//! what they would have come to, and a minute of work is lost at most.

use imagenette_playground::data::sample;
use imagenette_playground::engine::EngineKind;
use imagenette_playground::experiment::{EngineChoice, link};
use imagenette_playground::model::NamedTensor;
use imagenette_playground::progress::RunPlan;
use imagenette_playground::record::{Outcome, RunRecord};
use imagenette_playground::saved::{SavedModel, hash};
use imagenette_playground::train::checkpoint::Checkpoint;
use imagenette_playground::train::control::Control;
use imagenette_playground::train::device::{self, OpenedEngine};
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::{Host, RunEvent};
use imagenette_playground::train::memory::MemoryLimits;
use imagenette_playground::train::run::{Job, run};
use pollster::block_on;
use std::sync::Arc;

const SMALL: &str = "v=1&subset=10&valid=10&size=16&bs=16&engine=cpu";

/// A host whose clock moves once a batch: no test waits.
#[derive(Default)]
struct Ticking {
    step: f64,
    now: f64,
    /// Seconds at which the run was kept, and its checkpoint then.
    kept: Vec<(f64, Vec<u8>)>,
    plan: Option<RunPlan>,
    trained: Vec<NamedTensor>,
    model: Option<Arc<SavedModel>>,
    /// Progress events after which it is stopped.
    stop_after: Option<usize>,
    control: Control,
}

impl Ticking {
    fn new(step: f64) -> Self {
        Self { step, ..Self::default() }
    }
}

impl Host for Ticking {
    fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(plan) => self.plan = Some(plan),
            RunEvent::EpochEnded { checkpoint, .. } | RunEvent::Checkpoint(checkpoint) => {
                self.kept.push((self.now, checkpoint));
            }
            RunEvent::Trained(model) => {
                self.trained.clone_from(&model.tensors);
                self.model = Some(model);
            }
            RunEvent::Progress(_) => {
                self.stop_after = self.stop_after.map(|left| left.saturating_sub(1));
                if self.stop_after == Some(0) {
                    self.control.stop();
                }
            }
            RunEvent::Augmented(_) | RunEvent::Paused | RunEvent::Resumed => {}
        }
    }

    async fn handle_events(&mut self) {
        self.now += self.step;
    }

    fn seconds(&self) -> f64 {
        self.now
    }

    fn date(&self) -> String {
        "2026-01-01T00:00:00Z".into()
    }
}

fn engine() -> OpenedEngine {
    block_on(device::open(EngineChoice::Cpu, None)).unwrap()
}

fn trained(
    text: &str,
    resume: Option<Checkpoint>,
    host: &mut Ticking,
) -> Result<RunRecord, TrainError> {
    trained_on(&engine(), text, None, resume, host)
}

fn trained_on(
    engine: &OpenedEngine,
    text: &str,
    init: Option<Arc<SavedModel>>,
    resume: Option<Checkpoint>,
    host: &mut Ticking,
) -> Result<RunRecord, TrainError> {
    let experiment = link::parse(text).experiment;
    let job = Job { experiment, dataset: Arc::new(sample::sample()), resume, init };
    let control = host.control.clone();
    block_on(run(job, engine, &control, host))
}

/// All of a record but its times.
fn figures(record: &RunRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let rows = record.epochs.iter().map(|row| {
        let figures = [row.train_loss, row.valid_loss, row.nll, row.accuracy];
        (row.epoch, row.phase, row.size, figures.map(f64::to_bits))
    });
    (
        rows.collect::<Vec<_>>(),
        record.outcome,
        record.tta.map(|tta| (tta.accuracy.to_bits(), tta.passes)),
        record.log_probabilities.clone(),
    )
}

/// Cuts a run short before every so many batches, and goes on from there.
fn goes_on_from_anywhere(techniques: &str, every: usize, init: Option<Arc<SavedModel>>) {
    let trained = |link: &str, resume: Option<Checkpoint>, host: &mut Ticking| {
        trained_on(&engine(), link, init.clone(), resume, host)
    };
    let link = format!("{SMALL}{techniques}");
    // Each batch takes so long that the run is kept before the next one.
    let mut whole = Ticking::new(50.0);
    let record = trained(&link, None, &mut whole).unwrap();
    let expected = (figures(&record), &whole.trained);
    let mut inside = 0;
    for (_, bytes) in whole.kept.iter().step_by(every) {
        let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
        let (epochs, batch) = (checkpoint.state.epochs.len(), checkpoint.state.batch);
        inside += u32::from(batch > 0);
        let mut rest = Ticking::new(50.0);
        let record = trained(&link, Some(checkpoint), &mut rest).unwrap();
        let at = format!("{techniques} from batch {batch} of epoch {epochs}");
        assert_eq!((figures(&record), &rest.trained), expected, "{at}");
        let plan = rest.plan.unwrap();
        assert_eq!((plan.resumed_epochs as usize, plan.resumed_batches), (epochs, batch), "{at}");
    }
    assert!(inside > 3, "{techniques}: {inside} checkpoints inside of epochs");
}

#[test]
fn a_run_goes_on_from_any_batch() {
    goes_on_from_anywhere("&epochs=3&crop=aug&mixup=0.4&ls=0.1&tta=2", 1, None);
}

#[test]
fn within_progressive_resizing_it_goes_on_from_any_batch() {
    goes_on_from_anywhere("&prog=16x1,24x1&freeze=1", 2, None);
}

#[test]
fn within_fine_tuning_it_goes_on_from_any_batch() {
    let mut first = Ticking::new(1.0);
    trained(&format!("{SMALL}&epochs=1"), None, &mut first).unwrap();
    let model = first.model.unwrap();
    let init = hash(&model.to_bytes());
    goes_on_from_anywhere(&format!("&init={init}&ft=1&epochs=2"), 2, Some(model));
}

#[test]
fn within_ghost_batches_it_goes_on_from_any_batch() {
    goes_on_from_anywhere("&gbs=4&epochs=2", 3, None);
}

#[test]
fn a_minute_of_work_is_lost_at_most() {
    for step in [1.0, 7.0, 14.0] {
        let mut host = Ticking::new(step);
        trained(&format!("{SMALL}&epochs=12&tta=2"), None, &mut host).unwrap();
        let mut times: Vec<f64> = host.kept.iter().map(|(at, _)| *at).collect();
        assert!(times.len() > 12 || step < 3.0, "{step}: it was kept inside of epochs");
        times.insert(0, 0.0);
        times.push(host.now);
        for pair in times.windows(2) {
            assert!(pair[1] - pair[0] <= 60.0, "{step}: {times:?}");
        }
    }
}

#[test]
fn a_run_that_is_gone_on_with_and_stopped_keeps_its_last_whole_epoch() {
    let link = format!("{SMALL}&epochs=3");
    let mut whole = Ticking::new(50.0);
    trained(&link, None, &mut whole).unwrap();
    let read = |bytes: &Vec<u8>| Checkpoint::from_bytes(bytes).unwrap();
    let all: Vec<Checkpoint> = whole.kept.iter().map(|(_, bytes)| read(bytes)).collect();
    let after = |epochs, batch| {
        let is = |it: &&Checkpoint| (it.state.epochs.len(), it.state.batch) == (epochs, batch);
        all.iter().find(is).expect("a checkpoint there").clone()
    };
    let (ended, inside) = (after(1, 0), after(1, 3));
    let mut rest = Ticking { stop_after: Some(2), ..Ticking::new(50.0) };
    let record = trained(&link, Some(inside), &mut rest).unwrap();
    assert_eq!((record.outcome, record.epochs.len()), (Outcome::Stopped, 1));
    // The model is that of the epoch that ended, and so are the predictions.
    let weights = ended.tensors.iter().filter(|it| !it.name.starts_with("adam."));
    assert_eq!(rest.trained, weights.cloned().collect::<Vec<_>>());
    assert_eq!(record.log_probabilities.unwrap().plain, ended.predictions);
}

#[test]
fn a_checkpoint_of_another_engine_is_refused() {
    let mut whole = Ticking::new(50.0);
    let link = format!("{SMALL}&epochs=1");
    trained(&link, None, &mut whole).unwrap();
    let mut checkpoint = Checkpoint::from_bytes(&whole.kept[0].1).unwrap();
    assert_eq!(checkpoint.state.engine, EngineKind::Cpu);
    checkpoint.state.engine = EngineKind::Webgpu;
    let error = trained(&link, Some(checkpoint), &mut Ticking::new(1.0)).unwrap_err();
    assert!(error.to_string().contains("begun on the engine webgpu"), "{error}");
}

#[test]
fn a_checkpoint_that_does_not_fit_its_run_is_refused() {
    let mut whole = Ticking::new(50.0);
    let link = format!("{SMALL}&epochs=2&tta=2");
    trained(&link, None, &mut whole).unwrap();
    let sound = Checkpoint::from_bytes(&whole.kept[3].1).unwrap();
    let refused = |change: fn(&mut Checkpoint)| {
        let mut other = sound.clone();
        change(&mut other);
        let error = trained(&link, Some(other), &mut Ticking::new(1.0)).unwrap_err();
        assert!(matches!(error, TrainError::Checkpoint(_)), "{error}");
    };
    refused(|it| it.state.batch = 1000);
    refused(|it| it.state.link = "v=1".into());
    refused(|it| it.pass = vec![0.0; 7]);
    refused(|it| it.pass = vec![0.0; 100_000]);
    refused(|it| it.augmented = vec![vec![0.0; 1000]; 9]);
    refused(|it| it.tensors.truncate(3));
}

#[test]
fn a_run_that_does_not_fit_the_engine_is_not_begun() {
    let small = MemoryLimits { total: Some(100 << 20), ..MemoryLimits::default() };
    let engine = OpenedEngine { limits: small, ..engine() };
    let mut host = Ticking::new(1.0);
    let link = "v=1&model=xresnet18&bs=512&epochs=1&engine=cpu";
    let error = trained_on(&engine, link, None, None, &mut host).unwrap_err();
    let TrainError::TooLarge { fits, .. } = error else { panic!("{error}") };
    assert!(host.plan.is_none());
    let fits = fits.unwrap_or_default();
    assert!(fits < 512, "{fits}");
}
