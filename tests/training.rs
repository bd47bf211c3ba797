//! The training loop on the CPU engine, natively: repeatable, resumable, and
//! obedient.
#![cfg(all(feature = "engine", not(target_family = "wasm")))]

mod recorder;

use imagenette_playground::protocol::Stage;
use imagenette_playground::record::{EpochRow, Outcome};
use imagenette_playground::train::checkpoint::Checkpoint;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::RunEvent;
use pollster::block_on;
use recorder::{LINK, Recorder, assert_first_losses, trained, watch};

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
        RunEvent::Progress(progress) if holds == 0 && progress.stage == Stage::Train => {
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
