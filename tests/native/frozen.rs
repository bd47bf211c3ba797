//! Files of every format so far, as they were written then (`tests/frozen`), are read as they were
//! meant. Of the formats that are written today, the same content still gives the same bytes: who
//! changes one gives it a new number, and freezes a file of it under a new name.
//!
//! `FREEZE=1 cargo test --test native frozen` writes the files that are missing.

use imagenette_playground::app::queue::{Origin, Queue, SavedQueue};
use imagenette_playground::data::image_cache::{self, ImageCacheError};
use imagenette_playground::data::{Class, Dataset, Image, NoiseColumns, Split};
use imagenette_playground::dataset::CachedDataset;
use imagenette_playground::engine::EngineKind;
use imagenette_playground::lessons::grade::FoundEffect;
use imagenette_playground::lessons::{Direction, Progress, ProgressEntry};
use imagenette_playground::model::NamedTensor;
use imagenette_playground::record::{EpochPredictions, EpochRow, RunRecord};
use imagenette_playground::runs::archive::{
    ArchivedRun, Contents, RunParts, header_place, read_header, read_run, write_ends,
};
use imagenette_playground::runs::opened::OpenedRuns;
use imagenette_playground::runs::{RunEntry, UnfinishedRun, pack, stored};
use imagenette_playground::saved::{About, SavedModel};
use imagenette_playground::stats::verdict::Measure;
use imagenette_playground::sweep::Plan;
use imagenette_playground::train::checkpoint::{Checkpoint, RunState};
use pollster::block_on;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen").join(name)
}

/// The bytes of a frozen file.
fn frozen(name: &str) -> Vec<u8> {
    std::fs::read(place(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text of a frozen file.
fn frozen_text(name: &str) -> String {
    String::from_utf8(frozen(name)).unwrap()
}

/// Fails unless the file is there and has exactly these bytes.
fn assert_frozen(name: &str, bytes: &[u8]) {
    if !place(name).exists() && std::env::var_os("FREEZE").is_some() {
        std::fs::write(place(name), bytes).unwrap();
    }
    assert!(
        frozen(name) == bytes,
        "{name}: this format is written differently now: give it a new number"
    );
}

#[test]
fn a_record_of_format_1_is_read() {
    let mut opened = OpenedRuns::default();
    opened.read("record-1.json", &frozen_text("record-1.json"), |_| false);
    assert_eq!(opened.report(), None);
    let (run, predictions) = &opened.runs[0];
    assert_eq!(run.record.link, "v=1&size=32&mixup=0.4&tta=4");
    assert_eq!((run.record.epochs.len(), run.accuracy()), (3, 0.75));
    let predictions = predictions.as_ref().unwrap();
    assert_eq!((predictions.images.len(), predictions.epochs.len()), (4, 3));
}

#[test]
fn stored_runs_of_every_version_are_read() {
    let files = [("run-1.json", 0), ("run-2.json", 3), ("run-3.json", 3)];
    for (name, number) in files {
        let run = stored::read_entry("a1".to_owned(), &frozen_text(name), Vec::new()).unwrap();
        assert_eq!((run.number, run.record.epochs.len()), (number, 3));
        assert!(run.has_predictions && run.synthetic);
    }
    for name in ["unfinished-2.json", "unfinished-3.json"] {
        let unfinished = stored::read_unfinished(&frozen_text(name)).unwrap();
        assert_eq!((unfinished.total_epochs, unfinished.points.len()), (9, 6));
    }
}

#[test]
fn packed_bytes_of_version_1_are_read() {
    let points = pack::unpack_curve(&frozen("curve-1.bin")).unwrap();
    assert_eq!((points.len(), points[1].loss), (6, 1.0));
    let predictions = pack::unpack_predictions(&frozen("predictions-1.bin")).unwrap();
    assert_eq!(predictions.images, [1000, 1001, 1002, 1003]);
    assert_eq!(predictions.plain[0], -0.125);
    let epochs = pack::unpack_epochs(&frozen("epochs-1.bin")).unwrap();
    assert_eq!((epochs.len(), epochs[2].log_probability[3]), (3, -3.0));
}

/// The format, and the runs of a file that is whole.
fn runs_of(file: &[u8]) -> (u32, Vec<RunEntry>) {
    let length = file.len() as u64;
    let (place, format) = header_place(&file[..16], length).unwrap();
    let cut = |range: std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
    let (contents, places) = read_header(cut(place), format, length).unwrap();
    assert_eq!(contents.choices.last_number, 9);
    let read: Vec<_> = contents
        .runs
        .into_iter()
        .zip(places)
        .map(|(item, place)| {
            let mut parts = RunParts {
                text: cut(place.text).to_vec(),
                curve: cut(place.curve).to_vec(),
                predictions: cut(place.predictions).to_vec(),
                epochs: cut(place.epochs).to_vec(),
            };
            read_run(item, &mut parts).unwrap()
        })
        .collect();
    assert!(read.iter().all(|(_, lost)| lost.is_empty()), "{read:?}");
    (format, read.into_iter().map(|(run, _)| run).collect())
}

#[test]
fn files_of_runs_of_every_format_are_read() {
    for format in 1..=3 {
        let (found, runs) = runs_of(&frozen(&format!("runs-{format}.ipruns")));
        let runs: Vec<_> = runs.iter().map(|run| (run.number, run.points.len())).collect();
        assert_eq!((found, runs), (format, vec![(3, 6), (4, 0)]));
    }
}

#[test]
fn a_model_of_version_1_is_read() {
    let model = SavedModel::from_bytes(&frozen("model-1.safetensors")).unwrap();
    assert_eq!((model.about.model.as_str(), model.tensors.len()), ("tiny", 2));
}

#[test]
fn a_model_of_version_2_is_read_and_written() {
    let tensor = |name: &str, shape: &[usize], data: &[f32]| NamedTensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        data: data.to_vec(),
    };
    let model = SavedModel {
        about: About {
            link: "v=1&size=32".to_owned(),
            model: "tiny".to_owned(),
            classes: vec!["tench".to_owned(), "church".to_owned()],
            normalization: Some([[0.5, 0.25, 0.125], [0.25, 0.5, 1.0]]),
            size: 32,
            accuracy: 0.75,
            epochs: 3,
            dataset: "built-in sample (synthetic)".to_owned(),
            build: "test".to_owned(),
        },
        tensors: vec![tensor("head.bias", &[2], &[0.5, -0.0]), tensor("w", &[1, 1], &[1.5e-38])],
    };
    assert_frozen("model-2.safetensors", &model.to_bytes());
    let read = SavedModel::from_bytes(&frozen("model-2.safetensors")).unwrap();
    assert_eq!(format!("{read:?}"), format!("{model:?}"));
}

#[test]
fn stored_runs_are_written_as_ever() {
    let run = stored::read_entry("a1".to_owned(), &frozen_text("run-2.json"), Vec::new()).unwrap();
    assert_frozen("run-3.json", stored::write_entry(&run).unwrap().as_bytes());
    let unfinished: UnfinishedRun =
        stored::read_unfinished(&frozen_text("unfinished-2.json")).unwrap();
    assert_frozen("unfinished-3.json", stored::write_unfinished(&unfinished).unwrap().as_bytes());
}

#[test]
fn packed_bytes_are_written_as_ever() {
    let points = pack::unpack_curve(&frozen("curve-1.bin")).unwrap();
    assert_frozen("curve-2.bin", &pack::pack_curve(&points));
    assert_eq!(pack::unpack_curve(&frozen("curve-2.bin")), Ok(points));
    let predictions = pack::unpack_predictions(&frozen("predictions-1.bin")).unwrap();
    assert_frozen("predictions-2.bin", &pack::pack_predictions(&predictions).unwrap());
    assert_eq!(pack::unpack_predictions(&frozen("predictions-2.bin")), Ok(predictions));
    let epochs = pack::unpack_epochs(&frozen("epochs-1.bin")).unwrap();
    assert_frozen("epochs-2.bin", &pack::pack_epochs(&epochs).unwrap());
    assert_eq!(pack::unpack_epochs(&frozen("epochs-2.bin")), Ok(epochs));
}

#[test]
fn a_file_of_runs_is_written_as_ever() {
    let (_, runs) = runs_of(&frozen("runs-1.ipruns"));
    let parts = |run: &RunEntry| RunParts {
        text: stored::write_entry(run).unwrap().into_bytes(),
        curve: pack::pack_curve(&run.points),
        predictions: match run.has_predictions {
            true => frozen("predictions-2.bin"),
            false => Vec::new(),
        },
        epochs: match run.has_predictions {
            true => frozen("epochs-2.bin"),
            false => Vec::new(),
        },
    };
    let items: Vec<(ArchivedRun, RunParts)> = runs
        .iter()
        .map(|run| {
            let parts = parts(run);
            (parts.item(&run.id), parts)
        })
        .collect();
    let mut contents = Contents {
        runs: items.iter().map(|(item, _)| item.clone()).collect(),
        ..Default::default()
    };
    contents.choices.last_number = 9;
    let [head, tail] = write_ends(&contents).unwrap();
    let bodies = items
        .into_iter()
        .flat_map(|(_, parts)| [parts.text, parts.curve, parts.predictions, parts.epochs].concat());
    assert_frozen("runs-3.ipruns", &[head, bodies.collect(), tail].concat());
}

/// A checkpoint of an engine, with something in each of its parts.
fn checkpoint(engine: EngineKind) -> Checkpoint {
    let tensor = |name: &str, data: &[f32]| NamedTensor {
        name: name.to_owned(),
        shape: vec![data.len()],
        data: data.to_vec(),
    };
    let row = EpochRow {
        epoch: 0,
        phase: 0,
        size: 32,
        train_loss: 2.0,
        valid_loss: 2.25,
        nll: 2.25,
        accuracy: 0.1,
        seconds: 1.5,
    };
    Checkpoint {
        state: RunState {
            link: "v=1&size=32".to_owned(),
            dataset: "ab".repeat(32),
            engine,
            epochs: vec![row],
            batch: 7,
            spent: 0.5,
            smooth: (1.25, 3),
            elapsed: 2.5,
            training: 2.0,
            images: 192.0,
        },
        tensors: vec![tensor("head.bias", &[1.5, -0.0]), tensor("adam.m.head.bias", &[0.25, 0.5])],
        ended: vec![tensor("head.bias", &[1.0, 2.0])],
        predictions: vec![-0.5, -1.0],
        pass: vec![-0.25],
        augmented: vec![vec![-2.0, -3.0]],
        epochs: vec![EpochPredictions { predicted: vec![3], log_probability: vec![-0.5] }],
    }
}

#[test]
fn checkpoints_resume_where_the_engine_computes_as_it_did() {
    for (engine, name) in [(EngineKind::Cpu, "cpu"), (EngineKind::Webgpu, "webgpu")] {
        let name = format!("checkpoint-4-{name}.bin");
        assert_frozen(&name, &checkpoint(engine).to_bytes());
        let read = Checkpoint::from_bytes(&frozen(&name)).unwrap();
        assert_eq!(read, checkpoint(engine), "{name}");
    }
    let webgpu = Checkpoint::from_bytes(&frozen("checkpoint-3-webgpu.bin")).unwrap();
    assert_eq!(webgpu, checkpoint(EngineKind::Webgpu));
    for earlier in ["checkpoint-3-cpu.bin", "checkpoint-2.bin"] {
        let error = Checkpoint::from_bytes(&frozen(earlier)).unwrap_err().to_string();
        assert!(error.contains("an earlier version"), "{error}");
    }
}

fn made() -> Dataset {
    let image = |path: &str, split, label, width: u32, height: u32| Image {
        path: path.to_owned(),
        split,
        label,
        width,
        height,
        original_short_side: 160,
        pixels: (0..width * height * 3).map(|at| (at * 7 + u32::from(label)) as u8).collect(),
    };
    Dataset {
        name: "made".to_owned(),
        synthetic: false,
        classes: ["tench", "church"]
            .map(|it| Class { id: format!("n-{it}"), name: it.to_owned() })
            .to_vec(),
        images: vec![
            image("train/n-tench/a.jpg", Split::Train, 0, 4, 5),
            image("train/n-church/ü.jpg", Split::Train, 1, 6, 4),
            image("val/n-tench/b.jpg", Split::Valid, 0, 4, 4),
        ],
        hash: "ab".repeat(32),
        short_side: 4,
        official_noise: Some(NoiseColumns {
            labels: [("train/n-tench/a.jpg".to_owned(), [0, 0, 1, 1])].into(),
        }),
        skipped: vec!["train/n-tench/broken.jpg".to_owned()],
    }
}

#[test]
fn cached_pixels_are_read_and_written_or_count_as_missing() {
    let dataset = made();
    let summary = CachedDataset::of("imagenette".to_owned(), &dataset.summary(0.0));
    let mut out = Cursor::new(Vec::new());
    let go_on = async || ControlFlow::Continue(());
    block_on(image_cache::write(&dataset, &summary, &mut out, go_on)).unwrap();
    assert_frozen("pixels-3.bin", out.get_ref());

    let read = |bytes: &[u8]| {
        block_on(image_cache::read(&mut Cursor::new(bytes), async |_| ControlFlow::Continue(())))
    };
    let found = read(&frozen("pixels-3.bin")).unwrap();
    assert_eq!(format!("{found:?}"), format!("{dataset:?}"));
    for earlier in [b"IPpixel1", b"IPpixel2"] {
        let mut bytes = frozen("pixels-3.bin");
        bytes[..8].copy_from_slice(earlier);
        assert!(matches!(read(&bytes), Err(ImageCacheError::Missing)));
    }
}

#[test]
fn a_saved_queue_is_read_and_written() {
    let plan = Plan::parse("v=1&size=32&sweep=mixup:0|0.4;seed:1..2").plan.unwrap();
    let queue = Queue::new(plan, Origin::Here);
    assert_frozen("queue-1.json", queue.save().as_bytes());
    let saved = SavedQueue::read(&frozen_text("queue-1.json")).unwrap();
    let restored = Queue::restore(&saved).unwrap();
    assert_eq!(restored.save(), frozen_text("queue-1.json"));
}

#[test]
fn the_progress_of_lessons_is_read_and_written() {
    let progress = Progress::default().with(ProgressEntry {
        lesson: "mixup".to_owned(),
        title: "What mixup is".to_owned(),
        prediction: Some("0.6".to_owned()),
        tries: 2,
        answer: Some("0.7".to_owned()),
        passed: true,
        found: None,
        verdict: Some("Right.".to_owned()),
    });
    assert_frozen("progress-1.json", progress.text().as_bytes());
    assert_eq!(Progress::parse(&frozen_text("progress-1.json")), Some(progress.clone()));
    let found = FoundEffect {
        measure: Measure::Ece,
        compared: 1,
        direction: Direction::Lower,
        delta: -0.25,
    };
    let entry = ProgressEntry { found: Some(found), ..progress.lessons[0].clone() };
    let progress = Progress::default().with(entry);
    assert_frozen("progress-1-found.json", progress.text().as_bytes());
    assert_eq!(Progress::parse(&frozen_text("progress-1-found.json")), Some(progress));
}

#[test]
fn a_record_is_written_as_ever() {
    let mut opened = OpenedRuns::default();
    opened.read("record-1.json", &frozen_text("record-1.json"), |_| false);
    let record: &RunRecord = &opened.runs[0].0.record;
    let written = imagenette_playground::json::write(record).unwrap();
    assert_frozen("record-1-with-numerics.json", written.as_bytes());
}
