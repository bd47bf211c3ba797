//! Archives and folders as people have them: each kind loads, or leaves out what it
//! must and names it, or is refused with the name and the reason.

use crate::made::{Files, add, error, gzip, picture, read, read_made_folder, read_with, set, tar};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use image::{DynamicImage, ImageFormat, RgbImage};
use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::{Options, ReadLimits};
use imagenette_playground::data::error::DataError;
use imagenette_playground::data::folder::{disk_files, read_folder};
use imagenette_playground::data::{Dataset, Split};
use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use tar::EntryType;

const CLASSES: [&str; 2] = ["a", "b"];

fn made() -> Files {
    set("made/", &CLASSES, 3)
}

fn renamed(files: Files, from: &str, to: &str) -> Files {
    files.into_iter().map(|(path, bytes)| (path.replace(from, to), bytes)).collect()
}

/// Loads all twelve images, with nothing left out, and the same content as `made()`.
#[track_caller]
fn same(bytes: &[u8]) {
    let dataset = read(bytes).unwrap();
    assert_eq!(dataset.skipped, Vec::<String>::new());
    assert_eq!(dataset.hash, read(&tar(&made())).unwrap().hash);
}

fn paths(dataset: &Dataset) -> Vec<&str> {
    dataset.images.iter().map(|image| image.path.as_str()).collect()
}

#[test]
fn gzip_is_read_however_it_is_padded_and_divided() {
    let tar_bytes = tar(&made());
    let tgz = gzip(&tar_bytes);
    for behind in [&b"\n"[..], b"\r\n", &[0; 2022], &[0; 100_000], b"anything at all"] {
        same(&[&tgz, behind].concat());
    }
    for cut in [1, 511, 512, 1000, tar_bytes.len() - 1] {
        let (one, two) = tar_bytes.split_at(cut);
        same(&[gzip(one), gzip(two)].concat());
        same(&[gzip(one), vec![0; 300], gzip(two), vec![0; 99]].concat());
    }
    same(&gzip(&tgz));
    // Two archives, one behind the other: as `cat` joins them.
    let (train, valid): (Files, Files) = made().into_iter().partition(|it| it.0.contains("train"));
    same(&[gzip(&tar(&train)), gzip(&tar(&valid))].concat());
    same(&[tar(&train), tar(&valid)].concat());
}

#[test]
fn a_second_stream_that_is_cut_or_damaged_is_an_error() {
    let tar_bytes = tar(&made());
    let (one, two) = tar_bytes.split_at(3000);
    let bytes = [gzip(one), gzip(two)].concat();
    for end in [bytes.len() - 1, bytes.len() - 9, bytes.len() * 2 / 3] {
        let error = error(read(&bytes[..end]));
        assert!(matches!(error, DataError::Truncated { .. }), "{end}: {error}");
    }
}

#[test]
fn a_tar_needs_no_end_blocks_and_may_have_too_many() {
    let whole = tar(&made());
    let end = whole.len() - 1024;
    for bytes in [&whole[..end], &whole[..end + 512]] {
        same(bytes);
        same(&gzip(bytes));
    }
    // The last file's padding is missing, too.
    let last = made().last().unwrap().1.len() % 512;
    let unpadded = &whole[..end - (512 - last)];
    same(unpadded);
    same(&gzip(unpadded));
    let short = error(read(&unpadded[..unpadded.len() - 1]));
    assert!(matches!(short, DataError::Truncated { .. }), "{short}");
    // A header that is begun is a file that is missing.
    let next = [&whole[..end], &whole[..100]].concat();
    assert!(matches!(error(read(&next)), DataError::Truncated { .. }));

    same(&[&whole[..], &[0; 20 << 10]].concat());
    same(&[&whole[..], b"\n"].concat());
    same(&[&whole[..], &[7; 3000]].concat());
}

#[test]
fn links_and_devices_are_left_out_and_named() {
    let mut builder = tar::Builder::new(Vec::new());
    add(&mut builder, "made/", EntryType::Directory, b"");
    for (path, bytes) in made() {
        add(&mut builder, &path, EntryType::Regular, &bytes);
    }
    for (path, kind) in [
        ("made/train/a/symbolic.png", EntryType::Symlink),
        ("made/train/a/hard.png", EntryType::Link),
        ("made/latest", EntryType::Symlink),
        ("made/null", EntryType::Char),
        ("made/disk", EntryType::Block),
        ("made/pipe", EntryType::Fifo),
    ] {
        add(&mut builder, path, kind, b"");
    }
    let dataset = read(&builder.into_inner().unwrap()).unwrap();
    assert_eq!(dataset.images.len(), 12);
    assert_eq!(
        dataset.skipped,
        [
            "made/disk: it is a device and not a file",
            "made/latest: it is a link and not a file",
            "made/null: it is a device and not a file",
            "made/pipe: it is a device and not a file",
            "train/a/hard.png: it is a link and not a file",
            "train/a/symbolic.png: it is a link and not a file",
        ]
    );
    assert_eq!(dataset.summary(0.0).skipped_count, 6);
}

fn pax(builder: &mut tar::Builder<Vec<u8>>, pairs: &[(&str, &[u8])]) {
    let mut records = Vec::new();
    for (key, value) in pairs {
        let rest = key.len() + value.len() + 3;
        let digits = (rest + 2).to_string().len();
        records.extend(format!("{} {key}=", rest + digits).bytes());
        records.extend(*value);
        records.push(b'\n');
    }
    add(builder, "PaxHeader/x", EntryType::XHeader, &records);
}

#[test]
fn long_names_of_both_kinds_are_read_and_sparse_files_are_named() {
    let long = format!("made/train/a/{}.png", "x".repeat(150));
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in made() {
        add(&mut builder, &path, EntryType::Regular, &bytes);
    }
    pax(&mut builder, &[("path", long.as_bytes())]);
    add(&mut builder, "short", EntryType::Regular, &picture(20, 20, 1));
    let gnu = long.replace('x', "y");
    add(&mut builder, "././@LongLink", EntryType::GNULongName, format!("{gnu}\0").as_bytes());
    add(&mut builder, "short", EntryType::Regular, &picture(20, 20, 2));
    let sparse = [
        ("GNU.sparse.major", &b"1"[..]),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"made/train/a/sparse.png"),
    ];
    pax(&mut builder, &sparse);
    add(&mut builder, "made/GNUSparseFile.0/sparse.png", EntryType::Regular, b"1\n0\n512\n");
    let dataset = read(&builder.into_inner().unwrap()).unwrap();
    let [pax_path, gnu_path] = [&long, &gnu].map(|it| it.trim_start_matches("made/"));
    assert!(paths(&dataset).contains(&pax_path) && paths(&dataset).contains(&gnu_path));
    assert_eq!(dataset.skipped, ["train/a/sparse.png: it is a sparse file"]);
}

#[test]
fn the_last_entry_of_a_name_counts() {
    let mut files = made();
    let first = read(&tar(&files)).unwrap();
    let place = files.iter().position(|it| it.0 == "made/train/a/0.png").unwrap();
    let newer = picture(33, 44, 9);
    files.push(("made/train/a/0.png".to_owned(), newer.clone()));
    let mut expected = made();
    expected[place].1 = newer;
    let expected = read(&tar(&expected)).unwrap();
    for bytes in [tar(&files), gzip(&tar(&files)), zip(&files)] {
        let dataset = read(&bytes).unwrap();
        assert_eq!(dataset.hash, expected.hash);
        assert_ne!(dataset.hash, first.hash);
        assert_eq!(dataset.images.len(), 12);
        assert_eq!(dataset.images[0].pixels, expected.images[0].pixels);
    }
    assert_eq!(read_made_folder(&files).unwrap().hash, expected.hash);
    // A broken file that was replaced is forgotten, and a good one that was broken is not.
    files.push(("made/train/a/1.png".to_owned(), b"GIF89a".to_vec()));
    assert_eq!(read(&tar(&files)).unwrap().skipped.len(), 1);
    files.push(("made/train/a/1.png".to_owned(), picture(20, 20, 3)));
    assert_eq!(read(&tar(&files)).unwrap().skipped.len(), 0);
}

#[test]
fn any_folders_may_lie_above_the_data() {
    for root in [
        "",
        "./",
        "./made/./",
        "content/drive/MyDrive/data/imagenette2-160/",
        "a/b/c/d/e/f/g/h/i/j/k/",
        ".fastai/data/imagenette/",
        "/mnt/me/imagenette/",
        "C:/Users/me/Downloads/",
        "C:\\Users\\me\\",
        "\\\\server\\share\\",
        "train/",
        "test/more/",
        "made//twice//",
    ] {
        let files = renamed(made(), "made/", root);
        same(&tar(&files));
        same(&zip(&files));
        assert_eq!(read_made_folder(&files).unwrap().images.len(), 12, "{root}");
        same(&tar(&renamed(files, "/", "\\")));
    }
}

#[test]
fn splits_have_many_names() {
    for train in ["train", "Train", "TRAINING", "training"] {
        for valid in ["val", "valid", "Validation", "test", "TESTING", "Val"] {
            let files = renamed(made(), "/train/", &format!("/{train}/"));
            let files = renamed(files, "/val/", &format!("/{valid}/"));
            same(&tar(&files));
        }
    }
}

#[test]
fn a_test_split_beside_a_validation_split_is_left_out() {
    let test: Files =
        renamed(made(), "/val/", "/test/").into_iter().filter(|it| it.0.contains("test")).collect();
    // With a class of its own, and in any order.
    let mut test = test;
    test.push(("made/test/c/0.png".to_owned(), picture(20, 20, 0)));
    for files in [[made(), test.clone()].concat(), [test, made()].concat()] {
        let dataset = read(&tar(&files)).unwrap();
        assert_eq!(dataset.hash, read(&tar(&made())).unwrap().hash);
        assert_eq!(
            dataset.skipped,
            ["test/: its 7 images are not needed beside the validation images"]
        );
        assert_eq!(dataset.classes.len(), 2);
    }
    let elsewhere = renamed(made(), "made/val/", "other/test/");
    let elsewhere: Files = elsewhere.into_iter().filter(|it| it.0.starts_with("other")).collect();
    for files in [[made(), elsewhere.clone()].concat(), [elsewhere, made()].concat()] {
        same(&tar(&files));
    }
    let two = [made(), renamed(made(), "/val/", "/valid/")].concat();
    assert!(matches!(
        error(read(&tar(&two))),
        DataError::TwoRoots { first, second } if first == "made/val" && second == "made/valid"
    ));
}

#[test]
fn names_of_people_are_matched_whatever_system_wrote_them() {
    let composed = set("made/", &["caf\u{e9}", "th\u{e9}", "한"], 2);
    let expected = read(&tar(&composed)).unwrap();
    let decomposed = renamed(composed.clone(), "\u{e9}", "e\u{301}");
    let decomposed = renamed(decomposed, "한", "\u{1112}\u{1161}\u{11AB}");
    let half: Files = composed
        .iter()
        .zip(&decomposed)
        .map(|(one, two)| if one.0.contains("train") { one.clone() } else { two.clone() })
        .collect();
    for files in [&decomposed, &half] {
        for dataset in [read(&tar(files)), read(&zip(files)), read_made_folder(files)] {
            let dataset = dataset.unwrap();
            assert_eq!(dataset.hash, expected.hash);
            assert_eq!(dataset.classes.len(), 3);
        }
    }
}

/// Adds a file whose name is bytes.
fn add_bytes(builder: &mut tar::Builder<Vec<u8>>, name: &[u8], bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_entry_type(EntryType::Regular);
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

#[test]
fn names_that_are_no_text_stay_distinct() {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in made() {
        add(&mut builder, &path, EntryType::Regular, &bytes);
    }
    for (seed, name) in [&b"\xE4"[..], b"\xF6", b"\xFC\xE4", b"\xE4\xFC"].into_iter().enumerate() {
        let path = [b"made/train/a/", name, b".png"].concat();
        add_bytes(&mut builder, &path, &picture(20, 20, seed as u32));
    }
    let dataset = read(&builder.into_inner().unwrap()).unwrap();
    assert_eq!(dataset.images.len(), 16);
    assert!(paths(&dataset).contains(&"train/a/%E4.png"), "{:?}", paths(&dataset));
    assert!(paths(&dataset).contains(&"train/a/%FC%E4.png"));
}

#[test]
fn what_systems_add_to_archives_is_passed_over() {
    let mut files = made();
    for path in [
        "__MACOSX/made/train/a/._0.png",
        "made/__MACOSX/train/a/0.png",
        "made/train/a/._0.png",
        "made/train/.DS_Store",
        "made/train/a/Thumbs.db",
        "made/train/a/desktop.ini",
        "made/train/.ipynb_checkpoints/0-checkpoint.png",
        ".Trash/train/a/0.png",
    ] {
        files.push((path.to_owned(), picture(9, 9, 0)));
    }
    same(&tar(&files));
    same(&zip(&files));
}

// ZIP.

#[derive(Clone, Copy)]
struct How {
    deflate: bool,
    /// Sizes and checksum behind the content, as programs that write to a pipe do.
    descriptor: bool,
    large: bool,
    flags: u16,
    method: Option<u16>,
    kind: u32,
}

const PLAIN: How =
    How { deflate: true, descriptor: false, large: false, flags: 0, method: None, kind: 0o100_644 };

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn zip(files: &Files) -> Vec<u8> {
    let files: Vec<(Vec<u8>, &[u8], How)> =
        files.iter().map(|(path, bytes)| (path.clone().into_bytes(), &**bytes, PLAIN)).collect();
    zip_with(&files, 0)
}

/// A ZIP archive behind `before` bytes of something else.
fn zip_with(files: &[(Vec<u8>, &[u8], How)], before: usize) -> Vec<u8> {
    let mut out = vec![b'#'; before];
    let mut directory = Vec::new();
    for (name, bytes, how) in files {
        let offset = (out.len() - before) as u32;
        let packed = if how.deflate {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            bytes.to_vec()
        };
        let method = how.method.unwrap_or(if how.deflate { 8 } else { 0 });
        let flags = how.flags | if how.descriptor { 8 } else { 0 };
        let sizes = [packed.len() as u32, bytes.len() as u32];
        let mut extra = Vec::new();
        if how.large {
            extra.extend([1, 0, 24, 0]);
            for value in [sizes[1], sizes[0], offset] {
                extra.extend(u64::from(value).to_le_bytes());
            }
        }
        let told = |known: bool| {
            let sizes = if how.large { [u32::MAX; 2] } else { sizes };
            let [packed, unpacked] = if known { sizes } else { [0; 2] };
            let crc = if known { crc(bytes) } else { 0 };
            [crc, packed, unpacked].map(u32::to_le_bytes).concat()
        };
        let length = (name.len() as u16).to_le_bytes();
        let head = [[20, 0], flags.to_le_bytes(), method.to_le_bytes(), [0; 2], [0; 2]].concat();
        out.extend([b"PK\x03\x04", &head[..], &told(!how.descriptor), &length, &[0; 2]].concat());
        out.extend([name, &packed[..]].concat());
        if how.descriptor {
            out.extend([b"PK\x07\x08", &told(true)[..]].concat());
        }
        directory.extend([b"PK\x01\x02\x14\x03", &head[..], &told(true), &length].concat());
        directory.extend((extra.len() as u16).to_le_bytes());
        directory.extend([0; 6]);
        directory.extend((how.kind << 16).to_le_bytes());
        directory.extend(if how.large { u32::MAX } else { offset }.to_le_bytes());
        directory.extend([name, &extra[..]].concat());
    }
    let offset = (out.len() - before) as u32;
    out.extend(&directory);
    let count = (files.len() as u16).to_le_bytes();
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count].concat());
    out.extend([directory.len() as u32, offset].map(u32::to_le_bytes).concat());
    out.extend([0; 2]);
    out
}

fn zipped(files: &Files, how: How) -> Vec<(Vec<u8>, &[u8], How)> {
    files.iter().map(|(path, bytes)| (path.clone().into_bytes(), &**bytes, how)).collect()
}

#[test]
fn zip_is_read_in_all_its_forms() {
    let files = made();
    for how in [
        PLAIN,
        How { deflate: false, ..PLAIN },
        How { descriptor: true, ..PLAIN },
        How { descriptor: true, deflate: false, ..PLAIN },
        How { large: true, ..PLAIN },
        How { kind: 0, ..PLAIN },
    ] {
        same(&zip_with(&zipped(&files, how), 0));
    }
    let whole = zip(&files);
    same(&[&whole[..], b"\n"].concat());
    same(&[&whole[..], &[0; 70_000]].concat());
    let mut with_folders = vec![("made/".to_owned(), Vec::new())];
    with_folders.push(("made/train/".to_owned(), Vec::new()));
    with_folders.extend(files);
    same(&zip(&with_folders));
}

#[test]
fn names_in_a_zip_that_are_no_text_stay_distinct() {
    let files = made();
    let mut entries = zipped(&files, PLAIN);
    let picture = picture(20, 20, 0);
    entries.push((b"made/train/a/\x84.png".to_vec(), &picture, PLAIN));
    entries.push((b"made/train/a/\x94.png".to_vec(), &picture, PLAIN));
    let dataset = read(&zip_with(&entries, 0)).unwrap();
    assert!(paths(&dataset).contains(&"train/a/%84.png") && dataset.images.len() == 14);
}

#[test]
fn what_a_zip_cannot_give_is_named() {
    let files = set("made/", &CLASSES, 12);
    let picture = picture(20, 20, 0);
    for (how, why) in [
        (How { flags: 1, ..PLAIN }, "it is encrypted"),
        (How { method: Some(9), ..PLAIN }, "it is packed with Deflate64, not with Deflate"),
        (How { method: Some(93), ..PLAIN }, "it is packed with Zstandard, not with Deflate"),
        (How { kind: 0o120_777, ..PLAIN }, "it is a link and not a file"),
        (How { kind: 0o020_644, ..PLAIN }, "it is a device and not a file"),
    ] {
        let mut entries = zipped(&files, PLAIN);
        entries.push((b"made/train/a/odd.png".to_vec(), &picture, how));
        let dataset = read(&zip_with(&entries, 0)).unwrap();
        assert_eq!(dataset.skipped, [format!("train/a/odd.png: {why}")]);
        assert_eq!(dataset.images.len(), 48);
    }
    let all = zip_with(&zipped(&files, How { flags: 1, ..PLAIN }), 0);
    let refused = error(read(&all)).to_string();
    assert!(refused.contains("train/a/0.png: it is encrypted"), "{refused}");
}

#[test]
fn a_zip_that_is_cut_or_damaged_is_an_error() {
    let whole = zip(&made());
    for tenth in 1..10 {
        let cut = error(read(&whole[..whole.len() * tenth / 10]));
        assert!(matches!(cut, DataError::Truncated { .. }), "{tenth}/10: {cut}");
    }
    let mut changed = whole.clone();
    changed[60] ^= 0x55;
    let refused = error(read(&changed)).to_string();
    assert!(refused.contains("made/val/a/0.png: "), "{refused}");
    // Every byte of it: no panic, and never another data set in silence.
    let hash = read(&whole).unwrap().hash;
    for place in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[place] ^= 0xFF;
        if let Ok(dataset) = read(&changed) {
            assert!(dataset.hash == hash || dataset.images.len() <= 12, "byte {place}");
        }
    }
    assert!(matches!(error(read(b"PK\x03\x04 and so on")), DataError::Truncated { .. }));
}

#[test]
fn a_zip_bomb_is_refused_before_it_unpacks() {
    let zeros = vec![0; 3 << 20];
    let files: Files = (0..4).map(|i| (format!("made/train/a/{i}.png"), zeros.clone())).collect();
    let limits = ReadLimits { unpacked_bytes: 8 << 20, ..ReadLimits::default() };
    let bomb = error(read_with(&zip(&files), &Options { short_side: 16, limits }));
    assert!(matches!(bomb, DataError::ArchiveTooLarge { .. }), "{bomb}");
}

// Pictures.

fn with_extra(extra: Vec<(&str, Vec<u8>)>) -> Dataset {
    let mut files = set("made/", &CLASSES, 12);
    for (name, bytes) in extra {
        files.push((format!("made/train/a/{name}"), bytes));
    }
    read(&gzip(&tar(&files))).unwrap()
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn pictures_are_told_by_their_bytes_and_not_by_their_names() {
    let image = RgbImage::from_fn(20, 16, |x, y| image::Rgb([x as u8 * 9, y as u8 * 9, 77]));
    let webp = encoded(image.clone(), ImageFormat::WebP);
    let png = encoded(image.clone(), ImageFormat::Png);
    let jpeg = encoded(image, ImageFormat::Jpeg);
    let dataset = with_extra(vec![
        ("webp.JPEG", webp.clone()),
        ("webp.webp", webp),
        ("png.JPEG", png),
        ("jpeg.png", jpeg.clone()),
        ("motion.jpg", [&jpeg[..], b"\0\0\0\x18ftypmp42 \xFF\xDA\xFF\xD8 SEFT"].concat()),
        ("gif.JPEG", b"GIF89a\x01\0\x01\0".to_vec()),
        ("bmp.JPEG", b"BM\x3A\0\0\0".to_vec()),
    ]);
    assert_eq!(dataset.images.len(), 48 + 5);
    assert_eq!(
        dataset.skipped,
        [
            "train/a/bmp.JPEG: it is a BMP image, and not a JPEG, PNG or WebP image",
            "train/a/gif.JPEG: it is a GIF image, and not a JPEG, PNG or WebP image",
        ]
    );
    let pixels = |name: &str| {
        let path = format!("train/a/{name}");
        dataset.images.iter().find(|it| it.path == path).unwrap().pixels.clone()
    };
    assert_eq!(pixels("webp.JPEG"), pixels("png.JPEG"));
    assert_eq!(pixels("motion.jpg"), pixels("jpeg.png"));
}

#[test]
fn several_pictures_of_other_formats_do_not_refuse_the_rest() {
    let mut files = made();
    for at in [1, 4, 7] {
        files[at].1 = b"GIF89a".to_vec();
    }
    let dataset = read(&tar(&files)).unwrap();
    assert_eq!((dataset.images.len(), dataset.skipped.len()), (9, 3));
    for (_, bytes) in &mut files {
        *bytes = b"GIF89a".to_vec();
    }
    let refused = error(read(&tar(&files))).to_string();
    assert!(refused.contains("train/a/0.png: it is a GIF image"), "{refused}");
}

/// A PNG whose header declares this, with nothing behind it.
fn declared(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".to_vec();
    bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    bytes.extend([depth, colour, 0, 0, 0]);
    let sum = crc(&bytes[12..]);
    bytes.extend(sum.to_be_bytes());
    bytes
}

#[test]
fn what_is_too_large_is_left_out_and_named_however_much_it_is() {
    let mut files = made();
    for i in 0..12 {
        files.push((format!("made/train/a/big{i}.png"), declared(10_000, 10_000, 16, 6)));
    }
    let dataset = read(&tar(&files)).unwrap();
    assert_eq!((dataset.images.len(), dataset.skipped.len()), (12, 12));
    assert_eq!(
        dataset.skipped[0],
        "train/a/big0.png: its 10000 × 10000 pixels take too much memory to decode"
    );
    // Where nothing else is left, the reason is told.
    files.retain(|(path, _)| path.contains("big") || !path.contains("train/a"));
    let DataError::ClassWithoutTraining { class, left_out: Some(left_out) } =
        error(read(&tar(&files)))
    else {
        panic!("class a has no image");
    };
    assert!(class == "a" && left_out.contains("take too much memory"), "{left_out}");

    // A file over the limit of bytes, in every kind of archive.
    let mut files = made();
    files.push(("made/train/a/large.png".to_owned(), vec![1; 100_000]));
    let limits = ReadLimits { entry_bytes: 50_000, ..ReadLimits::default() };
    for bytes in [tar(&files), gzip(&tar(&files)), zip(&files)] {
        let dataset = read_with(&bytes, &Options { short_side: 16, limits }).unwrap();
        assert_eq!(dataset.images.len(), 12);
        assert_eq!(dataset.skipped, ["train/a/large.png: it has 1 MB; at most 1 are read"]);
    }
}

#[test]
fn memory_is_projected_from_the_first_images() {
    let files = set("made/", &CLASSES, 250);
    // A thousand images of 16 × 16 pixels and more take 1.3 MB and more.
    let limits = ReadLimits { store_bytes: 1_000_000, ..ReadLimits::default() };
    for bytes in [tar(&files), gzip(&tar(&files)), zip(&files)] {
        let mut last = 0.0;
        let source = ArchiveSource {
            read: Cursor::new(&bytes),
            name: "x".to_owned(),
            bytes: Some(bytes.len() as u64),
        };
        let options = Options { short_side: 16, limits };
        let reading = read_archive(source, &options, async |progress| {
            last = f64::from(progress.images);
            ControlFlow::Continue(())
        });
        let refused = error(pollster::block_on(reading));
        assert!(matches!(refused, DataError::Memory { needed, .. } if needed > 1_100_000));
        assert!(last < 310.0, "it was refused after {last} images");
    }
}

#[test]
fn names_are_counted_as_memory() {
    let mut builder = tar::Builder::new(Vec::new());
    for number in 0..100 {
        let path = format!("made/train/a/{}{number}.png", "x".repeat(20_000));
        pax(&mut builder, &[("path", path.as_bytes())]);
        add(&mut builder, "short", EntryType::Regular, b"broken");
    }
    let bytes = gzip(&builder.into_inner().unwrap());
    let limits = ReadLimits { store_bytes: 1_000_000, ..ReadLimits::default() };
    let refused = error(read_with(&bytes, &Options { short_side: 16, limits }));
    assert!(matches!(refused, DataError::Memory { .. }), "{refused}");
}

#[test]
fn a_table_of_noisy_labels_is_counted_as_memory() {
    let mut files = made();
    files.push(("made/noisy_imagenette.csv".to_owned(), vec![b' '; 600_000]));
    let limits = ReadLimits { store_bytes: 1_000_000, ..ReadLimits::default() };
    let refused = error(read_with(&tar(&files), &Options { short_side: 16, limits }));
    assert!(matches!(refused, DataError::Memory { .. }), "{refused}");
}

#[test]
fn imagewoof_has_its_names_and_its_own_noise() {
    let header = "path,noisy_labels_0,noisy_labels_1,noisy_labels_5,noisy_labels_25,\
                  noisy_labels_50,is_valid\n";
    let mut files = set("imagewoof2-160/", &["n02086240", "n02093754"], 2);
    let row = "train/n02086240/0.png,n02086240,n02086240,n02086240,n02093754,n02093754,False\n";
    files.push((
        "imagewoof2-160/noisy_imagewoof.csv".to_owned(),
        format!("{header}{row}").into_bytes(),
    ));
    let dataset = read(&tar(&files)).unwrap();
    let names: Vec<&str> = dataset.classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["Shih-Tzu", "Border terrier"]);
    let noise = dataset.official_noise.unwrap();
    assert_eq!(noise.labels["train/n02086240/0.png"], [0, 0, 1, 1]);
}

#[cfg(unix)]
#[test]
fn a_folder_on_disk_may_have_links_that_lead_nowhere_or_back() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    let folder = std::env::temp_dir().join(format!("playground-kinds-{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    for (path, bytes) in set("", &CLASSES, 3) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let latin = std::ffi::OsStr::from_bytes(b"\xE4.png");
    std::fs::write(folder.join("train/a").join(latin), picture(20, 20, 0)).unwrap();
    symlink("nowhere.png", folder.join("train/a/dangling.png")).unwrap();
    symlink(&folder, folder.join("train/a/loop")).unwrap();
    symlink("0.png", folder.join("train/a/linked.png")).unwrap();
    let files = disk_files(&folder).unwrap();
    let options = Options::new(16);
    let reading = read_folder("made", &files, &options, async |_| ControlFlow::Continue(()));
    let dataset = pollster::block_on(reading).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(
        dataset.skipped,
        [
            "train/a/dangling.png: it is a link that leads nowhere",
            "train/a/loop/: it is a link to a folder above",
        ]
    );
    assert_eq!(dataset.class_counts(Split::Train), [5, 3]);
    assert!(paths(&dataset).contains(&"train/a/%E4.png"));
}
