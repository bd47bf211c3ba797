//! The training loop on the CPU engine, natively: repeatable, resumable, and
//! obedient.

use crate::recorder::{LINK, Recorder, assert_first_losses, trained, trained_on, watch};
use burn::tensor::{Tensor, TensorData};
use imagenette_playground::data::{Class, Dataset, Image, Split, sample};
use imagenette_playground::experiment::link;
use imagenette_playground::inspect::feed::Feed;
use imagenette_playground::progress::RunStage;
use imagenette_playground::record::{EpochRow, Outcome};
use imagenette_playground::train::checkpoint::Checkpoint;
use imagenette_playground::train::device;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::RunEvent;
use imagenette_playground::train::loss::cross_entropy;
use imagenette_playground::train::setup::Setup;
use pollster::block_on;
use proptest::prelude::*;
use std::sync::Arc;

/// Three epochs with every technique but resizing.
const ALL: &str =
    "v=1&subset=10&valid=10&size=16&epochs=3&bs=16&crop=aug&mixup=0.4&ls=0.1&tta=2&engine=cpu";

/// The figures of the epochs, without their times.
fn figures(rows: &[EpochRow]) -> Vec<[u64; 4]> {
    let bits = |row: &EpochRow| [row.train_loss, row.valid_loss, row.nll, row.accuracy];
    rows.iter().map(|row| bits(row).map(f64::to_bits)).collect()
}

/// The checkpoints that a run gave, in order.
fn checkpoints(recorder: &Recorder) -> Vec<Vec<u8>> {
    let ended = recorder.events.iter().filter_map(|event| match event {
        RunEvent::EpochEnded { checkpoint, .. } => Some(checkpoint.clone()),
        _ => None,
    });
    ended.collect()
}

#[test]
fn the_first_losses_are_those_of_every_other_target() {
    block_on(assert_first_losses());
}

#[test]
fn the_same_link_gives_the_same_result_bit_for_bit() {
    let once = || block_on(trained(ALL, None, &mut Recorder::new(watch()))).unwrap();
    let (one, two) = (once(), once());
    assert_eq!(figures(&one.epochs), figures(&two.epochs));
    assert_eq!(one.log_probabilities, two.log_probabilities);
    assert_eq!(one.outcome, Outcome::Finished);
    let tta = one.tta.expect("TTA was on");
    assert_eq!(tta.passes, 3);
    assert!(one.log_probabilities.is_some_and(|it| it.tta.is_some()));
}

/// The batch that the page shows has the very loss that the run reports of its
/// first step: they are one tensor under the same first weights.
#[test]
fn the_strip_is_what_the_run_is_fed() {
    let one = "v=1&subset=10&valid=2&size=16&epochs=1&bs=16&engine=cpu";
    for techniques in ["", "&mixup=0.4&ls=0.1&crop=aug", "&norm=data&crop=rrc&mixup=1", "&norm=off"]
    {
        let link = format!("{one}{techniques}");
        let mut recorder = Recorder::new(watch());
        block_on(trained(&link, None, &mut recorder)).unwrap();
        let reported = recorder.points()[0].loss;

        let experiment = link::parse(&link).experiment;
        let dataset = Arc::new(sample::sample());
        let setup = Setup::new(&experiment, dataset.clone(), None).unwrap();
        let device = block_on(device::open(experiment.engine, None)).unwrap().device;
        // In training mode, as the run is: batch norm uses the batch.
        let network = setup.network(&device.clone().autodiff()).unwrap();
        let Setup { experiment, selection, batcher, stats, .. } = setup;
        let batch = Feed::new(experiment, dataset, selection, stats, batcher).strip(0, 0, 4).batch;
        let size = batch.size as usize;
        let pixels = TensorData::new(batch.pixels, [batch.len, 3, size, size]);
        let targets = TensorData::new(batch.targets, [batch.len, 10]);
        let pixels = Tensor::<4>::from_inner(Tensor::from_data(pixels, &device));
        let targets = Tensor::<2>::from_inner(Tensor::from_data(targets, &device));
        let loss = cross_entropy(network.forward(pixels), targets).inner();
        let shown: f32 = block_on(loss.into_scalar_async()).unwrap();
        assert_eq!(f64::from(shown), reported, "{link}");
    }
}

#[test]
fn another_seed_gives_another_result() {
    let with = |link: String| block_on(trained(&link, None, &mut Recorder::new(watch()))).unwrap();
    assert_ne!(with(LINK.into()).epochs, with(format!("{LINK}&seed=7")).epochs);
}

#[test]
fn a_resumed_run_ends_as_an_uninterrupted_one() {
    let mut recorder = Recorder::new(watch());
    let whole = block_on(trained(ALL, None, &mut recorder)).unwrap();
    let checkpoints = checkpoints(&recorder);
    assert_eq!(checkpoints.len(), 3);
    for bytes in checkpoints {
        let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
        let rest = block_on(trained(ALL, Some(checkpoint), &mut Recorder::new(watch()))).unwrap();
        assert_eq!(figures(&rest.epochs), figures(&whole.epochs));
        assert_eq!(rest.log_probabilities, whole.log_probabilities);
    }
}

#[test]
fn every_epoch_keeps_what_it_said_of_each_image() {
    let record = block_on(trained(ALL, None, &mut Recorder::new(watch()))).unwrap();
    let said = record.log_probabilities.expect("predictions");
    assert_eq!(said.epochs.len(), record.epochs.len());
    for (epoch, row) in said.epochs.iter().zip(&record.epochs) {
        let n = said.labels.len() as f64;
        let right = epoch.predicted.iter().zip(&said.labels).filter(|(a, b)| a == b).count();
        assert_eq!(right as f64 / n, row.accuracy);
        let nll = -epoch.log_probability.iter().map(|&it| f64::from(it)).sum::<f64>() / n;
        // Half precision: within a thousandth of each value.
        assert!((nll - row.nll).abs() <= row.nll * 1e-3, "{nll} {}", row.nll);
    }
}

#[test]
fn a_checkpoint_of_another_experiment_is_refused() {
    let mut recorder = Recorder::new(watch());
    block_on(trained(LINK, None, &mut recorder)).unwrap();
    let checkpoint = Checkpoint::from_bytes(&checkpoints(&recorder)[0]).unwrap();
    let error = block_on(trained(ALL, Some(checkpoint), &mut Recorder::new(watch()))).unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(_)), "{error}");
}

#[test]
fn progressive_resizing_trains_each_phase_at_its_size() {
    let link = "v=1&subset=10&valid=10&bs=16&prog=16x1,32x1&freeze=1&engine=cpu";
    let record = block_on(trained(link, None, &mut Recorder::new(watch()))).unwrap();
    let sizes: Vec<(u32, u32)> = record.epochs.iter().map(|row| (row.phase, row.size)).collect();
    assert_eq!(sizes, [(0, 16), (1, 32), (1, 32)]);
}

#[test]
fn a_pause_holds_and_a_step_trains_one_batch() {
    let mut holds = 0;
    let mut recorder = Recorder::new(Box::new(move |event, control| match event {
        RunEvent::Progress(progress) if holds == 0 && progress.stage == RunStage::Train => {
            control.pause();
        }
        RunEvent::Paused => {
            holds += 1;
            if holds < 3 { control.step() } else { control.resume() }
        }
        _ => {}
    }));
    block_on(trained(LINK, None, &mut recorder)).unwrap();
    let mut trained_at_holds = Vec::new();
    let mut batches = 0;
    for event in &recorder.events {
        match event {
            RunEvent::Progress(progress) => batches += progress.points.len(),
            RunEvent::Paused => trained_at_holds.push(batches),
            _ => {}
        }
    }
    let [first, second, third] = trained_at_holds[..] else { panic!("{trained_at_holds:?}") };
    assert_eq!([second - first, third - second], [1, 1]);
    assert_eq!(batches, 10);
}

#[test]
fn a_stop_keeps_the_epochs_that_ended() {
    let mut recorder = Recorder::new(Box::new(|event, control| {
        if let RunEvent::EpochEnded { row, .. } = event
            && row.epoch == 1
        {
            control.stop();
        }
    }));
    let record = block_on(trained(ALL, None, &mut recorder)).unwrap();
    assert_eq!(record.outcome, Outcome::Stopped);
    assert_eq!(record.epochs.len(), 2);
    assert!(record.tta.is_none());
}

#[test]
fn a_stop_before_the_first_epoch_leaves_no_record() {
    let mut recorder = Recorder::new(Box::new(|event, control| {
        if matches!(event, RunEvent::Started(_)) {
            control.stop();
        }
    }));
    let error = block_on(trained(LINK, None, &mut recorder)).unwrap_err();
    assert!(matches!(error, TrainError::Stopped), "{error}");
}

/// A data set of images of these sizes, by turns of two classes, in each split.
fn made(train: &[[u32; 2]], valid: &[[u32; 2]], short_side: u32) -> Dataset {
    let images = |split: Split, sizes: &[[u32; 2]]| -> Vec<Image> {
        let image = |(index, &[width, height]): (usize, &[u32; 2])| {
            let pixels = (0..width * height * 3).map(|at| (at * 31 + index as u32 * 7) as u8);
            let whole: Arc<[u8]> = pixels.collect();
            Image {
                path: format!("{split:?}/{}/{index:03}", index % 2),
                split,
                label: (index % 2) as u8,
                width,
                height,
                original_short_side: width.min(height),
                pixels: whole,
            }
        };
        sizes.iter().enumerate().map(image).collect()
    };
    let mut all = images(Split::Train, train);
    all.extend(images(Split::Valid, valid));
    let class = |id: &str| Class { id: id.into(), name: id.into() };
    let whole = Dataset {
        name: "made".into(),
        synthetic: false,
        classes: vec![class("0"), class("1")],
        images: all,
        hash: "made".into(),
        short_side: u32::MAX,
        official_noise: None,
        skipped: Vec::new(),
    };
    whole.at(short_side).unwrap()
}

fn sides(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<[u32; 2]>> {
    prop::collection::vec([1..48_u32, 1..48_u32], count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the images, a link trains on them or is refused with a reason: it never panics.
    #[test]
    fn any_data_set_trains_or_is_refused_with_a_reason(
        train in sides(1..9),
        valid in sides(1..5),
        model in prop::sample::select(vec!["tiny", "conv5", "xresnet18"]),
        crop in prop::sample::select(vec!["pad", "resize", "rrc", "aug"]),
        sizes in prop::sample::select(vec!["size=16", "size=40", "size=160", "prog=16x1,160x0"]),
        batches in prop::sample::select(vec!["bs=2", "bs=64", "bs=4&gbs=2", "bs=1024&gbs=1024"]),
        more in prop::sample::select(vec!["", "&mixup=0.4&ls=0.1", "&norm=data", "&noise=50"]),
    ) {
        let link = format!("v=1&model={model}&crop={crop}&{sizes}&epochs=1&{batches}{more}&engine=cpu");
        let experiment = link::parse(&link).experiment;
        // At a side that holds all of the originals, as a small archive does.
        let dataset = Arc::new(made(&train, &valid, experiment.short_side().max(48)));
        match block_on(trained_on(dataset, &link, None, &mut Recorder::new(watch()))) {
            Ok(record) => {
                prop_assert!(!record.epochs.is_empty());
                let ran = link::parse(&record.link).experiment;
                prop_assert!(ran.largest_size() >= 16);
            }
            Err(error) => prop_assert!(!error.report().why.is_empty()),
        }
    }
}

#[test]
fn one_small_image_does_not_lower_the_size_of_a_run_and_is_named() {
    let sizes = [[64, 64], [64, 64], [8, 8], [64, 80], [80, 64], [64, 64]];
    let dataset = Arc::new(made(&sizes, &sizes[..2], 64));
    let mut recorder = Recorder::new(watch());
    let link = "v=1&size=64&epochs=1&bs=2&engine=cpu";
    let record = block_on(trained_on(dataset, link, None, &mut recorder)).unwrap();
    assert_eq!(record.epochs[0].size, 64);
    let notices = recorder.events.iter().find_map(|event| match event {
        RunEvent::Started(plan) => Some(plan.notices.join("\n")),
        _ => None,
    });
    let notices = notices.unwrap();
    assert!(notices.contains("1 image is smaller than 64 px") && notices.contains("(8 px)"));
}

/// The stored side is not part of what a link means.
#[test]
fn a_link_means_the_same_pixels_whatever_was_read_before() {
    let sizes: Vec<[u32; 2]> = (0..12).map(|at| [60 + at, 64]).collect();
    let link = "v=1&size=32&epochs=1&bs=4&norm=data&crop=rrc&engine=cpu";
    let run = |side| {
        let dataset = Arc::new(made(&sizes, &sizes[..4], side));
        block_on(trained_on(dataset, link, None, &mut Recorder::new(watch())))
    };
    // Exactly what it needs, and all of the originals.
    let (needed, whole) = (run(55).unwrap(), run(100).unwrap());
    assert_eq!(figures(&needed.epochs), figures(&whole.epochs));
    assert_eq!(needed.log_probabilities, whole.log_probabilities);
    // Shrunk further than it needs, or not far enough.
    for side in [40, 62] {
        let error = run(side).unwrap_err();
        assert!(
            matches!(&error, TrainError::Data(why) if why.contains("read them again")),
            "{error}"
        );
    }
}
