//! Small odd inputs that must load, or be refused with the name and the reason. They
//! lie beside the crate in `../shared/cases`, or where `CASES_DIR` says.

use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::Options;
use imagenette_playground::data::decode::decode;
use imagenette_playground::data::{Dataset, Split};
use std::fs::File;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// The place of a case, or `None` with a line that nobody overlooks.
fn case(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CASES_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"),
        PathBuf::from,
    );
    // A worktree lies one folder deeper than a clone.
    let deeper = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    let path = [folder, deeper].into_iter().map(|it| it.join(name)).find(|it| it.exists());
    if path.is_none() {
        eprintln!("SKIPPED: {name} is not there; set CASES_DIR");
    }
    path
}

#[track_caller]
fn load(name: &str) -> Option<Dataset> {
    let path = case(name)?;
    let file = File::open(&path).unwrap();
    let bytes = file.metadata().ok().map(|it| it.len());
    let source = ArchiveSource { read: file, name: name.to_owned(), bytes };
    let options = Options::new(64);
    let reading = read_archive(source, &options, async |_| ControlFlow::Continue(()));
    let read = pollster::block_on(reading);
    Some(read.unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Loads so many images and leaves out so many files.
#[track_caller]
fn loads(name: &str, images: usize, skipped: usize) -> Option<Dataset> {
    let dataset = load(name)?;
    assert_eq!((dataset.images.len(), dataset.skipped.len()), (images, skipped), "{name}");
    Some(dataset)
}

#[test]
fn archives_load_whole_as_people_have_them() {
    let Some(control) = loads("control/tiny.tgz", 24, 0) else {
        return;
    };
    for (name, same) in [
        ("gzip-padding/trailing-newline.tgz", true),
        ("gzip-padding/zero-padded.tgz", true),
        ("appended/appended.tar", true),
        ("motion-photo/motion-photo.tgz", false),
        ("motion-photo/trailer-ok.tgz", false),
        ("webp-as-jpg/webp-as-jpg.tgz", false),
        ("deep-root/colab.tgz", false),
        ("deep-root/windows.tgz", false),
        ("exif/exif.tgz", false),
        ("nfd-nfc/nfd-nfc.tgz", false),
    ] {
        let dataset = loads(name, 24, 0).unwrap();
        assert_eq!(dataset.classes.len(), 3, "{name}");
        assert_eq!(dataset.class_counts(Split::Train), [4; 3], "{name}");
        assert_eq!(dataset.class_counts(Split::Valid), [4; 3], "{name}");
        if same {
            assert_eq!(dataset.hash, control.hash, "{name}");
        }
    }
}

#[test]
fn hostile_archives_load_without_what_is_too_large() {
    if let Some(huge) = loads("huge-photo/one-108mp.tgz", 23, 1) {
        assert!(huge.skipped[0].starts_with("train/red/0.jpg: its "), "{:?}", huge.skipped);
    }
    if let Some(bomb) = loads("hostile/OOM_IN_HELPERS_8_pngs_of_100Mpx_rgba16.tgz", 8, 8) {
        assert!(bomb.skipped.iter().all(|it| it.starts_with("train/a/big")));
        assert!(bomb.skipped.iter().all(|it| it.ends_with("take too much memory to decode")));
    }
    if let Some(names) = loads("hostile/REFUSED_WRONGLY_latin1_names_collide.tgz", 26, 0) {
        let odd = names.images.iter().filter(|it| it.path.contains('%')).count();
        assert_eq!(odd, 2);
    }
    loads("hostile/accept_odd_pictures_called_JPEG.tgz", 33, 0);
    if let Some(small) = loads("hostile/CRASH_ON_TRAIN_one_8px_image.tgz", 49, 0) {
        assert_eq!(small.images.iter().map(|it| it.original_short_side).min(), Some(8));
    }
}

#[test]
fn a_class_of_one_image_loads() {
    if let Some(dataset) = loads("one-image-class/one-image-class.tgz", 17, 0) {
        assert_eq!(dataset.class_counts(Split::Train), [1, 4, 4]);
        assert_eq!(dataset.class_counts(Split::Valid), [0, 4, 4]);
    }
}

/// fastai does not look at the orientation tag, and so neither does the training nor the
/// view of a person's own picture.
#[test]
fn a_picture_of_ones_own_is_decoded_as_the_training_decodes_it() {
    let Some(path) = case("exif/sideways.jpg") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let own = decode(&bytes, 64, 1 << 26).unwrap();
    let mut untagged = bytes;
    let exif = untagged.windows(4).position(|it| it == b"Exif").unwrap();
    untagged[exif] = b'X';
    let plain = decode(&untagged, 64, 1 << 26).unwrap();
    assert_eq!((own.width, own.height, own.pixels), (plain.width, plain.height, plain.pixels));
}
