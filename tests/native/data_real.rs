//! Reads the real Imagenette, where it is at hand: `IMAGENETTE_DIR`, or
//! `../shared/data` beside the crate.

use crate::made::Made;
use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::Options;
use imagenette_playground::data::error::DataError;
use imagenette_playground::data::folder::{FolderFile as _, disk_files, read_folder};
use imagenette_playground::data::statistics::channel_statistics;
use imagenette_playground::data::{Dataset, Selection, Split};
use imagenette_playground::experiment::{Experiment, Noise};
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::PathBuf;

const MINI: &str = "imagenette2-160-mini.tgz";
const FULL: &str = "imagenette2-160.tgz";

/// The archive's place, or `None` with a line that nobody overlooks.
fn archive(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("IMAGENETTE_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("SKIPPED: {} is not there; set IMAGENETTE_DIR", path.display());
    None
}

fn read(read: impl Read + Seek, name: &str, short_side: u32) -> Result<Dataset, DataError> {
    let source = ArchiveSource { read, name: name.to_owned(), bytes: None };
    let options = Options::new(short_side);
    pollster::block_on(read_archive(source, &options, async |_| ControlFlow::Continue(())))
}

fn read_path(path: &PathBuf, short_side: u32) -> Dataset {
    let name = path.file_name().unwrap().to_string_lossy();
    read(File::open(path).unwrap(), &name, short_side).unwrap()
}

#[test]
fn the_mini_archive_is_the_same_as_tgz_tar_and_folder() {
    let Some(path) = archive(MINI) else {
        return;
    };
    let mut seconds = 0.0;
    let source =
        ArchiveSource { read: File::open(&path).unwrap(), name: MINI.to_owned(), bytes: None };
    let options = Options::new(64);
    let reading = read_archive(source, &options, async |progress| {
        seconds = progress.seconds;
        ControlFlow::Continue(())
    });
    let dataset = pollster::block_on(reading).unwrap();
    println!("{:.0} images/s at 64 px", dataset.images.len() as f64 / seconds);

    let summary = dataset.summary(seconds);
    assert_eq!(summary.name, "imagenette2-160-mini");
    assert_eq!((summary.train, summary.valid), (vec![120; 10], vec![60; 10]));
    assert_eq!(summary.classes[0], "tench");
    assert_eq!(summary.classes[9], "parachute");
    assert_eq!((summary.typical_short_side, summary.skipped_count), (160, 0));
    assert!(summary.square && summary.official_noise);
    assert_eq!(summary.memory, 1800.0 * 64.0 * 64.0 * 3.0);

    let mut tar_bytes = Vec::new();
    flate2::read::GzDecoder::new(File::open(&path).unwrap()).read_to_end(&mut tar_bytes).unwrap();
    let from_tar = read(Cursor::new(tar_bytes.as_slice()), "mini.tar", 32).unwrap();
    assert_eq!(from_tar.hash, dataset.hash);
    assert_eq!(from_tar.official_noise, dataset.official_noise);

    let mut files: Vec<Made> = tar::Archive::new(tar_bytes.as_slice())
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            Made(entry.path().unwrap().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    files.reverse();
    let options = Options::new(48);
    let reading = read_folder("mini", &files, &options, async |_| ControlFlow::Continue(()));
    let from_folder = pollster::block_on(reading).unwrap();
    assert_eq!(from_folder.hash, dataset.hash);
    assert!(from_folder.images.iter().zip(&dataset.images).all(|(a, b)| a.path == b.path));
}

#[test]
fn a_folder_on_disk_is_walked() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = disk_files(&folder).unwrap();
    assert!(files.iter().any(|file| file.path() == "data/folder.rs" && file.bytes() > 0));
    assert!(matches!(disk_files(&folder.join("nowhere")), Err(DataError::Read { .. })));
}

#[test]
fn subsets_and_noise_of_the_mini_archive_are_the_official_ones() {
    let Some(path) = archive(MINI) else {
        return;
    };
    let dataset = read_path(&path, 16);
    let table = dataset.official_noise.clone().unwrap();
    assert_eq!(table.labels.len(), 1200);
    for (column, noise) in
        [Noise::One, Noise::Five, Noise::TwentyFive, Noise::Fifty].into_iter().enumerate()
    {
        let experiment = Experiment { noise, ..Experiment::default() };
        let (selection, notices) = Selection::new(&dataset, &experiment).unwrap();
        assert_eq!(notices, Vec::<String>::new());
        let wrong = dataset
            .images
            .iter()
            .filter(|image| image.split == Split::Train)
            .filter(|image| table.labels[&image.path][column] != image.label)
            .count();
        assert_eq!(selection.noise_rate, wrong as f64 / 1200.0);
        let nominal = f64::from(noise.percent()) / 100.0;
        // Four standard deviations of a subset drawn at random.
        let slack = 4.0 * (nominal * (1.0 - nominal) / 1200.0).sqrt();
        assert!((selection.noise_rate - nominal).abs() < slack, "{}", selection.noise_rate);
    }

    let experiment = Experiment { subset: Some(100), valid: Some(50), ..Experiment::default() };
    let (selection, _) = Selection::new(&dataset, &experiment).unwrap();
    assert_eq!((selection.train.len(), selection.valid.len()), (1000, 500));
    let [mean, std] = channel_statistics(&dataset, &selection);
    // Near the statistics of the whole of ImageNet.
    for (found, expected) in mean.iter().zip([0.485, 0.456, 0.406]) {
        assert!((found - expected).abs() < 0.05, "mean {mean:?}");
    }
    for (found, expected) in std.iter().zip([0.229, 0.224, 0.225]) {
        assert!((found - expected).abs() < 0.08, "std {std:?}");
    }
}

#[test]
fn the_full_archive_has_the_official_counts() {
    let Some(path) = archive(FULL) else {
        return;
    };
    let dataset = read_path(&path, 16);
    assert_eq!(
        dataset.class_counts(Split::Train),
        [963, 955, 993, 858, 941, 956, 961, 931, 951, 960]
    );
    assert_eq!(
        dataset.class_counts(Split::Valid),
        [387, 395, 357, 386, 409, 394, 389, 419, 399, 390]
    );
    assert_eq!(dataset.skipped, Vec::<String>::new());
    for (noise, wrong) in
        [(Noise::One, 95), (Noise::Five, 474), (Noise::TwentyFive, 2368), (Noise::Fifty, 4735)]
    {
        let experiment = Experiment { noise, ..Experiment::default() };
        let (official, _) = Selection::new(&dataset, &experiment).unwrap();
        assert_eq!((official.noise_rate * 9469.0).round() as u32, wrong);

        let mut unofficial = dataset.clone();
        unofficial.official_noise = None;
        let (ours, notices) = Selection::new(&unofficial, &experiment).unwrap();
        assert_eq!((ours.noise_rate * 9469.0).round() as u32, wrong, "the same rule");
        assert_ne!(ours.train_labels, official.train_labels);
        assert_eq!(notices.len(), 1);
    }
}
