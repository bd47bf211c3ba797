//! The passes of test-time augmentation after a run, on the CPU engine: those of the
//! run itself, the missing ones, one image by itself.

use crate::recorder::{Recorder, trained_on, watch};
use imagenette_playground::data::{Dataset, sample};
use imagenette_playground::experiment::EngineChoice;
use imagenette_playground::record::RunRecord;
use imagenette_playground::saved::SavedModel;
use imagenette_playground::train::device;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::RunEvent;
use imagenette_playground::train::passes::{MeasuredPasses, Viewer};
use pollster::block_on;
use std::ops::ControlFlow;
use std::sync::Arc;

const LINK: &str = "v=1&subset=10&valid=10&size=16&epochs=1&bs=16&crop=aug&tta=3&engine=cpu";

struct Ran {
    record: RunRecord,
    model: Arc<SavedModel>,
    passes: MeasuredPasses,
    viewer: Viewer,
}

fn ran() -> Ran {
    let dataset: Arc<Dataset> = Arc::new(sample::sample());
    let mut recorder = Recorder::new(watch());
    let record = block_on(trained_on(dataset.clone(), LINK, None, &mut recorder)).unwrap();
    let (mut model, mut passes) = (None, None);
    for event in recorder.events {
        match event {
            RunEvent::Trained(trained) => model = Some(trained),
            RunEvent::Augmented(augmented) => passes = Some(augmented),
            _ => {}
        }
    }
    let model = model.unwrap();
    let engine = block_on(device::open(EngineChoice::Cpu, None)).unwrap();
    let viewer = Viewer::new(&model, dataset, engine).unwrap();
    Ran { record, model, passes: passes.unwrap(), viewer }
}

async fn go_on(_: u32, _: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-4, "{a} is not {b}");
    }
}

#[test]
fn the_passes_of_a_run_are_found_again_and_give_its_accuracy() {
    let Ran { record, model, passes, mut viewer } = ran();
    let summary = viewer.summarize(&passes, &model.about.link);
    assert_eq!((summary.passes, summary.average.len(), summary.labels.len()), (3, 4, 100));
    assert_eq!(summary.average[0], record.accuracy);
    assert_eq!(summary.average[3], record.tta.unwrap().accuracy);
    assert_eq!(summary.images, record.log_probabilities.as_ref().unwrap().images);

    let mut again = MeasuredPasses::default();
    let mut steps = Vec::new();
    let tick = async |done, of| {
        steps.push((done, of));
        ControlFlow::Continue(())
    };
    block_on(viewer.complete(&mut again, 3, || 0.0, tick)).unwrap();
    assert_eq!(steps, (0..8).map(|done| (done, 8)).collect::<Vec<_>>());
    near(&again.plain, &passes.plain);
    for (again, passes) in again.augmented.iter().zip(&passes.augmented) {
        near(again, passes);
    }
}

#[test]
fn more_passes_are_added_to_those_that_are_there() {
    let Ran { passes, mut viewer, .. } = ran();
    let mut more = passes.clone();
    block_on(viewer.complete(&mut more, 5, || 0.0, go_on)).unwrap();
    assert_eq!(more.augmented.len(), 5);
    assert_eq!(more.augmented[..3], passes.augmented[..]);
    assert_ne!(more.augmented[3], more.augmented[4]);
}

#[test]
fn breaking_off_keeps_the_passes_that_are_whole() {
    let Ran { passes, mut viewer, .. } = ran();
    let mut more = passes;
    // Two batches make a pass.
    let tick = async |done, _| {
        if done < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let error = block_on(viewer.complete(&mut more, 8, || 0.0, tick)).unwrap_err();
    assert!(matches!(error, TrainError::Stopped), "{error}");
    assert_eq!(more.augmented.len(), 4);
}

#[test]
fn one_image_is_seen_as_in_its_batch() {
    let Ran { passes, mut viewer, .. } = ran();
    let (views, pictures) = block_on(viewer.views(7, 3)).unwrap();
    assert_eq!((views.rows.len(), pictures.len(), views.size), (4, 4, 16));
    near(&views.rows[0], &passes.plain[70..80]);
    for (row, pass) in views.rows[1..].iter().zip(&passes.augmented) {
        near(row, &pass[70..80]);
    }
    assert_ne!(pictures[1], pictures[2]);
    let error = block_on(viewer.views(100, 1)).err().unwrap();
    assert!(error.to_string().contains("100"), "{error}");
}
