//! Files of every format so far, as they were written then (`tests/frozen`), are read
//! as they were meant.

use super::archive::{RunParts, header_place, read_header, read_run};
use super::opened::OpenedRuns;
use super::{pack, stored};
use crate::saved::SavedModel;

macro_rules! frozen {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/frozen/", $name)).as_slice()
    };
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_record_of_format_1_is_read() {
    let mut opened = OpenedRuns::default();
    opened.read("record-1.json", text(frozen!("record-1.json")), |_| false);
    assert_eq!(opened.report(), None);
    let (run, predictions) = &opened.runs[0];
    assert_eq!(run.record.link, "v=1&size=32&mixup=0.4&tta=4");
    assert_eq!((run.record.epochs.len(), run.accuracy()), (3, 0.75));
    let predictions = predictions.as_ref().unwrap();
    assert_eq!((predictions.images.len(), predictions.epochs.len()), (4, 3));
}

#[test]
fn stored_runs_of_versions_1_and_2_are_read() {
    for (bytes, number) in [(frozen!("run-1.json"), 0), (frozen!("run-2.json"), 3)] {
        let run = stored::read_entry("a1".to_owned(), text(bytes), Vec::new()).unwrap();
        assert_eq!((run.number, run.record.epochs.len()), (number, 3));
        assert!(run.has_predictions && run.synthetic);
    }
    let unfinished = stored::read_unfinished(text(frozen!("unfinished-2.json"))).unwrap();
    assert_eq!((unfinished.total_epochs, unfinished.points.len()), (9, 6));
}

#[test]
fn packed_bytes_of_version_1_are_read() {
    let points = pack::unpack_curve(frozen!("curve-1.bin")).unwrap();
    assert_eq!((points.len(), points[1].loss), (6, 1.0));
    let predictions = pack::unpack_predictions(frozen!("predictions-1.bin")).unwrap();
    assert_eq!(predictions.images, [1000, 1001, 1002, 1003]);
    assert_eq!(predictions.plain[0], -0.125);
    let epochs = pack::unpack_epochs(frozen!("epochs-1.bin")).unwrap();
    assert_eq!((epochs.len(), epochs[2].log_probability[3]), (3, -3.0));
}

#[test]
fn a_file_of_runs_of_format_1_is_read() {
    let file = frozen!("runs-1.ipruns");
    let length = file.len() as u64;
    let (place, format) = header_place(&file[..16], length).unwrap();
    assert_eq!(format, 1);
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
    let found: Vec<_> = read.iter().map(|(run, _)| (run.number, run.points.len())).collect();
    assert_eq!(found, [(3, 6), (4, 0)]);
}

#[test]
fn a_model_of_version_1_is_read() {
    let model = SavedModel::from_bytes(frozen!("model-1.safetensors")).unwrap();
    assert_eq!((model.about.model.as_str(), model.tensors.len()), ("tiny", 2));
}
