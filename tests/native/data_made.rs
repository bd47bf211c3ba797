//! Reads made archives and folders: the good ones alike, each bad one with its
//! own clear error.

use crate::made::{Files, add, error, gzip, picture, read, read_made_folder, read_with, set, tar};
use imagenette_playground::data::Split;
use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::{Options, ReadLimits};
use imagenette_playground::data::error::DataError;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

#[test]
fn tgz_tar_and_folder_of_the_same_files_are_the_same_data_set() {
    let mut files = set("made-set/", &["n03888257", "cat"], 3);
    for extra in ["made-set/.DS_Store", "__MACOSX/made-set/train/cat/._0.png", "made-set/README"] {
        files.push((extra.to_owned(), b"not an image".to_vec()));
    }
    let tar_bytes = tar(&files);
    let from_tar = read(&tar_bytes).unwrap();
    let from_tgz = read_with(&gzip(&tar_bytes), &Options::new(8)).unwrap();
    files.reverse();
    let from_folder = read_made_folder(&files).unwrap();

    let paths: Vec<&str> = from_tar.images.iter().map(|image| image.path.as_str()).collect();
    assert!(paths.is_sorted());
    assert_eq!(paths.len(), 12);
    assert_eq!(paths[0], "train/cat/0.png");
    assert_eq!(from_tar.images[11].split, Split::Valid);
    assert_eq!(from_tar.images[11].label, 1);
    assert_eq!(from_tar.classes[1].name, "parachute");
    assert_eq!(from_tar.classes[0].name, "cat");
    assert_eq!(from_tar.name, "made");
    assert_eq!(from_tar.hash.len(), 64);

    assert_eq!(from_tar.hash, from_tgz.hash);
    assert_eq!(from_tar.hash, from_folder.hash);
    for (a, b) in from_tar.images.iter().zip(&from_folder.images) {
        assert_eq!((&a.path, &a.pixels, a.label), (&b.path, &b.pixels, b.label));
    }
    assert_eq!(from_tgz.images[0].width, 8);
    assert!(from_tar.serves(16) && !from_tar.serves(17) && !from_tgz.serves(16));

    let changed = {
        let mut files = set("", &["n03888257", "cat"], 3);
        files[0].1 = picture(20, 24, 77);
        read(&tar(&files)).unwrap()
    };
    assert_ne!(changed.hash, from_tar.hash);
}

#[test]
fn the_summary_counts_what_is_there() {
    let mut files = set("x/", &["a", "b"], 12);
    files[47].1 = b"broken".to_vec();
    let summary = read(&tar(&files)).unwrap().summary(1.5);
    assert_eq!((summary.train, summary.valid), (vec![12, 11], vec![12, 12]));
    assert_eq!(
        summary.skipped,
        ["train/b/11.png: it is no picture that is known here, and not a JPEG, PNG or WebP image"]
    );
    assert_eq!(summary.skipped_count, 1);
    assert_eq!(summary.typical_short_side, 24);
    assert!(!summary.square && !summary.synthetic && !summary.official_noise);
    assert_eq!(summary.seconds, 1.5);
    assert!(summary.memory > 47.0 * 16.0 * 16.0 * 3.0);
}

#[test]
fn a_folder_may_be_called_valid_and_lie_at_the_top() {
    let files: Files = set("", &["a", "b"], 2)
        .into_iter()
        .map(|(path, bytes)| (path.replace("val/", "valid/"), bytes))
        .collect();
    let named_valid = read(&tar(&files)).unwrap();
    assert_eq!(named_valid.class_counts(Split::Valid), [2, 2]);
    assert_eq!(named_valid.hash, read(&tar(&set("deep/er/", &["a", "b"], 2))).unwrap().hash);
}

#[test]
fn what_is_no_archive_is_told_from_what_it_is() {
    assert!(matches!(error(read(b"")), DataError::Empty { .. }));
    for (bytes, found) in [
        (b"7z\xBC\xAF and so on".to_vec(), "a 7-Zip archive"),
        (b"\n<!DOCTYPE html><title>404</title>".to_vec(), "a web page"),
        (picture(9, 9, 0), "a picture"),
        (vec![7; 4096], "something else"),
        (gzip(b"one text file"), "one gzipped file, not many"),
    ] {
        let error = error(read(&bytes));
        assert!(
            matches!(&error, DataError::NotAnArchive { found: it, .. } if it.name() == found),
            "{error}"
        );
    }
}

#[test]
fn an_archive_cut_anywhere_is_an_error() {
    let tar_bytes = tar(&set("made/", &["a", "b"], 4));
    let tgz = gzip(&tar_bytes);
    for tenth in 1..10 {
        for bytes in [&tar_bytes, &tgz] {
            // Not between two files, where a tar may end as well.
            let cut = error(read(&bytes[..(bytes.len() * tenth / 10) | 1]));
            assert!(matches!(cut, DataError::Truncated { .. }), "{tenth}/10: {cut}");
        }
    }
    let without_checksum = error(read(&tgz[..tgz.len() - 4]));
    assert!(matches!(without_checksum, DataError::Truncated { .. }), "{without_checksum}");
}

#[test]
fn a_damaged_archive_is_an_error() {
    let tar_bytes = tar(&set("made/", &["a", "b"], 4));
    let tgz = gzip(&tar_bytes);
    for place in [tgz.len() / 3, tgz.len() - 6] {
        let mut damaged = tgz.clone();
        damaged[place] ^= 0x55;
        let error = error(read(&damaged));
        assert!(
            matches!(error, DataError::Corrupt { .. } | DataError::Truncated { .. }),
            "byte {place}: {error}"
        );
    }
    let mut damaged = tar_bytes;
    let second_header =
        512 + damaged[512..].chunks(512).position(|it| it.starts_with(b"made")).unwrap() * 512;
    damaged[second_header + 3] ^= 1;
    assert!(matches!(error(read(&damaged)), DataError::Corrupt { .. }));
}

#[test]
fn a_wrong_layout_is_told_apart() {
    let with = |keep: &dyn Fn(&str) -> bool| {
        let mut files = set("made/", &["a", "b"], 2);
        files.retain(|(path, _)| keep(path));
        error(read(&tar(&files)))
    };
    let no_validation = with(&|path| path.contains("train"));
    assert!(matches!(no_validation, DataError::NoSplit { split: Split::Valid, .. }));
    let no_training = with(&|path| path.contains("val"));
    assert!(matches!(no_training, DataError::NoSplit { split: Split::Train, .. }));
    assert!(matches!(with(&|_| false), DataError::NoImages { example: None, .. }));
    let untrained = with(&|path| !path.contains("train/b"));
    assert!(matches!(untrained, DataError::ClassWithoutTraining { class, .. } if class == "b"));
    let one_class = with(&|path| path.contains("/a/"));
    assert!(matches!(one_class, DataError::TooFewClasses { class } if class == "a"));

    let flat = vec![("photos/1.jpg".to_owned(), picture(9, 9, 0))];
    let message = error(read(&tar(&flat))).to_string();
    assert!(message.contains("photos/1.jpg"), "{message}");

    let names: Vec<String> = (0..21).map(|i| format!("c{i:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(matches!(
        error(read(&tar(&set("", &names, 1)))),
        DataError::TooManyClasses { class, .. } if class == "c20"
    ));
    assert_eq!(read(&tar(&set("", &names[..20], 1))).unwrap().classes.len(), 20);

    let mut two = set("one/", &["a", "b"], 1);
    two.extend(set("two/", &["a", "b"], 1));
    assert!(matches!(error(read(&tar(&two))), DataError::TwoRoots { .. }));
}

#[test]
fn a_few_images_that_do_not_decode_are_skipped_and_many_are_an_error() {
    let mut files = set("made/", &["a", "b"], 10);
    let intact = read(&tar(&files)).unwrap();
    files[5].1.truncate(40);
    files[25].1 = b"GIF89a".to_vec();
    let dataset = read(&tar(&files)).unwrap();
    let [gif, cut] = dataset.skipped.as_slice() else {
        panic!("{:?}", dataset.skipped);
    };
    assert_eq!(gif, "train/a/5.png: it is a GIF image, and not a JPEG, PNG or WebP image");
    assert!(cut.starts_with("val/a/5.png: "), "{cut}");
    assert_eq!(dataset.images.len(), 38);
    assert_ne!(dataset.hash, intact.hash, "the broken files take part in the hash");

    for (_, bytes) in &mut files[30..40] {
        bytes.clear();
    }
    let DataError::TooManySkipped { skipped, total, names } = error(read(&tar(&files))) else {
        panic!("12 of 40 broken images are too many");
    };
    assert_eq!((skipped, total, names.len()), (12, 40, 10));
    assert!(names[0].starts_with("train/a/5.png: it is a GIF image"), "{names:?}");
    assert_eq!(names[1], "train/b/0.png: the file is empty");
}

#[test]
fn pictures_of_other_formats_are_not_passed_over_in_silence() {
    let files: Files = set("", &["a", "b"], 2)
        .into_iter()
        .map(|(path, _)| (path.replace(".png", ".webp"), b"RIFF....WEBP".to_vec()))
        .collect();
    assert!(matches!(error(read(&tar(&files))), DataError::TooManySkipped { total: 8, .. }));
}

#[test]
fn entries_that_escape_are_refused() {
    for path in ["../evil.png", "/etc/train/a/1.png", "made/train/../../../x.png", "C:/x.png"] {
        let mut files = set("made/", &["a", "b"], 1);
        files.push((path.to_owned(), picture(9, 9, 0)));
        for result in [read(&tar(&files)), read_made_folder(&files)] {
            let error = error(result);
            assert!(matches!(&error, DataError::UnsafePath { path: it, .. } if it == path));
        }
    }
}

#[test]
fn absurd_sizes_are_refused_before_they_are_read() {
    // An entry that declares a terabyte.
    let mut header = tar::Header::new_gnu();
    header.set_path("made/train/a/huge.png").unwrap();
    header.set_size(1 << 40);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    let huge_entry = error(read(&[header.as_bytes(), &[0; 512][..]].concat()));
    assert!(matches!(huge_entry, DataError::Truncated { .. }), "{huge_entry}");
    header.set_path("made/noisy_imagenette.csv").unwrap();
    header.set_cksum();
    let huge_table = error(read(&[header.as_bytes(), &[0; 512][..]].concat()));
    assert!(matches!(huge_table, DataError::EntryTooLarge { bytes, .. } if bytes == 1 << 40));

    // An image that declares four billion pixels, with a checksum that holds.
    let mut png = picture(8, 8, 0);
    png[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let mut files = set("made/", &["a", "b"], 1);
    files.push(("made/train/a/vast.png".to_owned(), png));
    assert_eq!(
        read(&tar(&files)).unwrap().skipped,
        ["train/a/vast.png: its 65535 × 65535 pixels take too much memory to decode"]
    );

    // A long name that never ends.
    let mut bomb = tar::Builder::new(Vec::new());
    add(&mut bomb, "././@LongLink", tar::EntryType::GNULongName, &vec![b'x'; 8 << 20]);
    let long_name = error(read(&gzip(&bomb.into_inner().unwrap())));
    assert!(matches!(long_name, DataError::ArchiveTooLarge { .. }), "{long_name}");

    // More in all than allowed, most of it in a file that is not even wanted.
    let mut files = set("made/", &["a", "b"], 1);
    files.push(("made/zeros.bin".to_owned(), vec![0; 4 << 20]));
    let limits = ReadLimits { unpacked_bytes: 1 << 20, ..ReadLimits::default() };
    let whole = error(read_with(&gzip(&tar(&files)), &Options { short_side: 16, limits }));
    assert!(matches!(whole, DataError::ArchiveTooLarge { .. }), "{whole}");
}

#[test]
fn too_little_memory_is_noticed_while_reading() {
    let bytes = tar(&set("made/", &["a", "b"], 10));
    let options = |store_bytes| Options {
        short_side: 16,
        limits: ReadLimits { store_bytes, ..ReadLimits::default() },
    };
    assert!(read_with(&bytes, &options(100_000)).is_ok());
    let DataError::Memory { short_side: 16, needed, limit: 20_000 } =
        error(read_with(&bytes, &options(20_000)))
    else {
        panic!("20 kB cannot hold 40 images");
    };
    assert!((20_001..120_000).contains(&needed), "{needed}");
}

#[test]
fn the_official_noise_is_read_from_beside_the_splits() {
    let header = "path,noisy_labels_0,noisy_labels_1,noisy_labels_5,noisy_labels_25,\
                  noisy_labels_50,is_valid\n";
    let table = format!("{header}train/a/0.png,a,a,a,b,b,False\ntrain/x/0.png,x,x,x,x,x,False\n");
    let mut files = set("made/", &["a", "b"], 2);
    files.insert(0, ("made/noisy_imagenette.csv".to_owned(), table.into_bytes()));
    let dataset = read(&tar(&files)).unwrap();
    let labels = dataset.official_noise.unwrap().labels;
    assert_eq!(
        labels.into_iter().collect::<Vec<_>>(),
        [("train/a/0.png".to_owned(), [0, 0, 1, 1])]
    );

    let mut relabelled = files.clone();
    relabelled[0].1 = format!("{header}train/a/0.png,a,b,a,b,b,False\n").into_bytes();
    let hash = |files: &Files| read(&tar(files)).unwrap().hash;
    assert_ne!(hash(&relabelled), hash(&files), "the labels are part of the data");
    assert_ne!(hash(&files[1..].to_vec()), hash(&files));

    files[0].1 = b"path,label\n".to_vec();
    assert!(matches!(error(read(&tar(&files))), DataError::NoiseTable { .. }));
    files[0].0 = "made/other/noisy_imagenette.csv".to_owned();
    assert_eq!(read(&tar(&files)).unwrap().official_noise, None);
}

/// A file that vanishes while it is read.
struct Vanishing<'a>(&'a [u8]);

impl Read for Vanishing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the file has changed on disk"));
        }
        self.0.read(buffer)
    }
}

impl Seek for Vanishing<'_> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[test]
fn a_failing_file_is_told_from_a_bad_one() {
    let bytes = gzip(&tar(&set("made/", &["a", "b"], 4)));
    for share in [0, 1, 2] {
        let read = Vanishing(&bytes[..bytes.len() * share / 3]);
        let source = ArchiveSource { read, name: "x.tgz".to_owned(), bytes: None };
        let options = Options::new(16);
        let reading = read_archive(source, &options, async |_| ControlFlow::Continue(()));
        let error = error(pollster::block_on(reading));
        assert!(
            matches!(&error, DataError::Read { detail, .. } if detail.contains("changed on disk")),
            "{error}"
        );
    }
}

#[test]
fn progress_grows_and_reading_can_be_cancelled_at_any_file() {
    let bytes = tar(&set("made/", &["a", "b"], 3));
    let read = |cancel_at: u32| {
        let mut seen = Vec::new();
        let source = ArchiveSource {
            read: Cursor::new(&bytes),
            name: "x.tar".to_owned(),
            bytes: Some(bytes.len() as u64),
        };
        let options = Options::new(16);
        let result = pollster::block_on(read_archive(source, &options, async |progress| {
            seen.push(progress);
            if progress.images == cancel_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }));
        (result, seen)
    };
    let (result, seen) = read(99);
    assert_eq!(result.unwrap().images.len(), 12);
    assert_eq!(seen.len(), 12);
    assert!(seen.iter().map(|it| it.images).eq(1..=12));
    assert!(seen.iter().is_sorted_by(|a, b| a.bytes <= b.bytes && a.seconds <= b.seconds));
    assert!(seen.iter().all(|it| it.bytes_total == Some(bytes.len() as f64)));
    for at in [1, 7, 12] {
        let (result, seen) = read(at);
        assert_eq!(error(result), DataError::Cancelled);
        assert_eq!(seen.len() as u32, at);
    }
}
