//! Archives, folders and pictures.

use super::made::{self, Entry, chunk};
use super::mutate::{below, bytes, extreme, pick, times};
use super::words;
use image::ImageReader;
use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::{Options, ReadLimits};
use imagenette_playground::data::decode;
use imagenette_playground::data::error::DataError;
use imagenette_playground::data::folder::{FolderFile, read_folder};
use imagenette_playground::data::{Dataset, Split};
use imagenette_playground::rng::Draws;
use pollster::block_on;
use std::io::{self, Cursor};
use std::ops::ControlFlow;

/// Short side at which everything is stored.
const SIDE: u32 = 16;

/// An archive whose entries, bytes or packing are mutated.
pub fn archive_made(draws: &mut Draws) -> Vec<u8> {
    let mut entries = made::entries();
    if draws.chance(0.7) {
        for _ in 0..times(draws) {
            mutate_entries(draws, &mut entries);
        }
    }
    let mut archive = made::tar(&entries, draws.chance(0.9));
    if draws.chance(0.4) {
        let other = archive.clone();
        for _ in 0..times(draws) {
            bytes(draws, &mut archive, &other);
        }
        if draws.chance(0.8) {
            made::fix_tar(&mut archive);
        }
    }
    if draws.chance(0.05) {
        // What unpacks to far more than it is.
        archive.resize(archive.len() + (1 << (20 + draws.below(6))), 0);
    }
    if draws.chance(0.5) {
        return archive;
    }
    let mut packed = if draws.chance(0.2) {
        // Several members.
        let (one, two) = archive.split_at(below(draws, archive.len()));
        [made::gzip(one), made::gzip(two)].concat()
    } else {
        made::gzip(&archive)
    };
    match draws.below(40) {
        0..=5 => bytes(draws, &mut packed, &archive),
        // Members that unpack to gigabytes of nothing.
        6 => packed = [packed, made::gzip(&[0; 1 << 22]).repeat(1 << draws.below(12))].concat(),
        7 => packed = made::gzip(&[0; 1 << 22]).repeat(1 << draws.below(12)),
        8..=15 => packed.resize(packed.len() + *pick(draws, &[1, 512, 1 << 16]), 0),
        16..=20 => packed.push(b'\n'),
        _ => {}
    }
    packed
}

fn mutate_entries(draws: &mut Draws, entries: &mut Vec<Entry>) {
    if entries.is_empty() {
        return;
    }
    let index = below(draws, entries.len());
    let entry = entries[index].clone();
    match draws.below(9) {
        0 => entries[index].path = path(draws, &entry.path),
        1 => entries[index].kind = *pick(draws, b"0125617LKgxSDV\0"),
        2 => {
            let size = extreme(draws);
            entries[index].size = match draws.below(3) {
                0 => format!("{size:o}").into_bytes(),
                // Base 256, for sizes beyond octal.
                1 => [&[0x80, 0, 0, 0][..], &size.to_be_bytes()].concat(),
                _ => b"-0000001".to_vec(),
            };
        }
        3 => entries[index].content = picture_made(draws),
        4 => {
            let place = below(draws, entries.len());
            entries.insert(place, entry);
        }
        5 => drop(entries.remove(index)),
        6 => {
            // A long name, or a header of pax.
            let (kind, content) = match draws.below(2) {
                0 => (b'L', path(draws, &entry.path).repeat(1 << draws.below(10))),
                _ => {
                    let value = extreme(draws);
                    let word = *pick(draws, &["path", "size", "GNU.sparse.size", "linkpath"]);
                    let line = format!(" {word}={value}\n");
                    (b'x', format!("{}{line}", line.len() + 2).into_bytes())
                }
            };
            let mut extension = Entry::file("././@LongLink", content);
            extension.kind = kind;
            entries.insert(index, extension);
        }
        7 => {
            let mut content = entry.content;
            let other = pick(draws, made::pictures()).clone();
            bytes(draws, &mut content, &other);
            entries[index] = Entry { content, ..Entry::file("", Vec::new()) };
            entries[index].path = entry.path;
            entries[index].size = format!("{:011o}", entries[index].content.len()).into_bytes();
        }
        _ => {
            let copies = 1usize << draws.below(8);
            for copy in 0..copies {
                let name = format!("set/train/n01440764/copy{copy}.png");
                entries.push(Entry::file(&name, entry.content.clone()));
            }
        }
    }
}

fn path(draws: &mut Draws, path: &[u8]) -> Vec<u8> {
    let mut path = path.to_vec();
    let odd: [&[u8]; 9] = [
        b"../",
        b"/",
        b"C:\\",
        b"a/b/c/d/e/",
        "e\u{301}".as_bytes(),
        "\u{e9}".as_bytes(),
        b"\xE9",
        b"valid/",
        b".hidden/",
    ];
    let at = below(draws, path.len() + 1);
    let piece = *pick(draws, &odd);
    path.splice(at..at, piece.iter().copied());
    if draws.chance(0.3) {
        bytes(draws, &mut path, piece);
    }
    path
}

/// Checks what came of reading a data set. Past the header: unless it was `refused` there.
fn past_the_header(
    read: Result<Dataset, DataError>,
    refused: impl FnOnce(&DataError) -> bool,
) -> bool {
    match read {
        Ok(dataset) => {
            check(&dataset);
            true
        }
        Err(error) => {
            told(&error);
            !refused(&error)
        }
    }
}

/// Reads an archive. Past the header: it was taken for an archive.
pub fn archive_fed(input: &[u8]) -> bool {
    let bytes = Some(input.len() as u64);
    let source = ArchiveSource { read: Cursor::new(input), name: "made.tgz".to_owned(), bytes };
    let options = Options::new(SIDE);
    let read = block_on(read_archive(source, &options, async |_| ControlFlow::Continue(())));
    past_the_header(read, |error| {
        matches!(error, DataError::NotAnArchive { .. } | DataError::Empty { .. })
    })
}

fn told(error: &DataError) {
    let report = imagenette_playground::report::ErrorReport::from(error);
    assert!(!report.why.is_empty() && !report.remedy.is_empty());
    // A hostile name may be long; it is not repeated without end.
    assert!(report.why.len() < 1 << 20, "a message of {} bytes", report.why.len());
}

/// What holds of every data set that is accepted.
fn check(dataset: &Dataset) {
    assert!((2..=20).contains(&dataset.classes.len()));
    assert!(dataset.images.is_sorted_by_key(|image| &image.path));
    for image in &dataset.images {
        assert_eq!(image.pixels.len(), image.width as usize * image.height as usize * 3);
        assert!(image.width > 0 && image.height > 0, "{}", image.path);
        assert!(usize::from(image.label) < dataset.classes.len(), "{}", image.path);
    }
    assert!(dataset.class_counts(Split::Train).iter().all(|count| *count > 0));
    let summary = dataset.summary(1.0);
    assert!(summary.valid.iter().any(|count| *count > 0));
}

struct Made(String);

impl FolderFile for Made {
    fn path(&self) -> &str {
        &self.0
    }

    fn bytes(&self) -> u64 {
        made::pictures()[2].len() as u64
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let table = self.0.ends_with(".csv");
        Ok(if table { made::entries().pop().unwrap().content } else { made::pictures()[2].clone() })
    }
}

/// Mutated names of the files of a folder.
pub fn layout_made(draws: &mut Draws) -> Vec<u8> {
    words::paths_made(draws)
}

/// Reads a folder of files with these names. Past the header: some of them were taken
/// for images of a data set.
pub fn layout_fed(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let files: Vec<Made> = text.split('\n').map(|path| Made(path.to_owned())).collect();
    let options = Options::new(SIDE);
    let read = block_on(read_folder("made", &files, &options, async |_| ControlFlow::Continue(())));
    past_the_header(read, |error| {
        matches!(error, DataError::NoImages { .. } | DataError::UnsafePath { .. })
    })
}

/// A picture whose chunks, segments or bytes are mutated.
pub fn picture_made(draws: &mut Draws) -> Vec<u8> {
    let mut picture = pick(draws, made::pictures()).clone();
    let other = pick(draws, made::pictures()).clone();
    for _ in 0..times(draws) {
        if draws.chance(0.6) {
            picture = match picture.starts_with(b"\x89PNG") {
                true => mutate_png(draws, &picture),
                false => mutate_jpeg(draws, picture),
            };
        } else {
            // Past the beginning, by which the format is told.
            let head: Vec<u8> = picture.drain(..picture.len().min(24)).collect();
            bytes(draws, &mut picture, &other);
            picture.splice(0..0, head);
        }
    }
    picture
}

/// Sides of a picture: what is dear is seldom.
fn side(draws: &mut Draws) -> u32 {
    match draws.below(12) {
        0 => *pick(draws, &[10_000, 16_384, 30_000]),
        1 => extreme(draws) as u32,
        2 => 0,
        _ => 1 + draws.below(300),
    }
}

fn mutate_png(draws: &mut Draws, picture: &[u8]) -> Vec<u8> {
    let mut chunks: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut rest = picture.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let Some((name, after)) = after.split_first_chunk::<4>() else { break };
        let length = (u32::from_be_bytes(*length) as usize).min(after.len());
        chunks.push((*name, after[..length].to_vec()));
        rest = after.get(length + 4..).unwrap_or_default();
    }
    if chunks.is_empty() {
        return picture.to_vec();
    }
    let index = below(draws, chunks.len());
    match draws.below(7) {
        // As many pixels as are allowed, each as large as it can be.
        6 if chunks[0].1.len() == 13 && draws.chance(0.2) => {
            let (width, height) =
                *pick(draws, &[(10_000u32, 9_999u32), (100, 999_999), (8000, 9000)]);
            let header = [&width.to_be_bytes()[..], &height.to_be_bytes()].concat();
            chunks[0].1[..8].copy_from_slice(&header);
            chunks[0].1[8] = 16;
            chunks[0].1[9] = 6;
        }
        0 | 1 if chunks[0].1.len() == 13 => {
            let header = &mut chunks[0].1;
            match draws.below(4) {
                0 => header[8] = *pick(draws, &[0, 1, 2, 4, 8, 16, 32]),
                1 => header[9] = *pick(draws, &[0, 1, 2, 3, 4, 6, 7]),
                2 => header[12] ^= 1,
                _ => {
                    let place = *pick(draws, &[0, 4]);
                    header[place..place + 4].copy_from_slice(&side(draws).to_be_bytes());
                }
            }
        }
        2 => {
            let copy = chunks[index].clone();
            chunks.insert(below(draws, chunks.len()), copy);
        }
        3 => drop(chunks.remove(index)),
        4 => {
            let names = [b"tEXt", b"zTXt", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"gAMA", b"PLTE"];
            let content = picture[..below(draws, picture.len())].to_vec();
            chunks.insert(index, (**pick(draws, &names), content));
        }
        _ => {
            let other = picture.to_vec();
            bytes(draws, &mut chunks[index].1, &other);
        }
    }
    let mut made = picture[..8].to_vec();
    for (name, content) in &chunks {
        chunk(&mut made, name, content);
    }
    made
}

fn mutate_jpeg(draws: &mut Draws, mut picture: Vec<u8>) -> Vec<u8> {
    let start = |picture: &[u8], marker: u8| {
        picture.windows(2).position(|pair| pair[0] == 0xFF && pair[1] == marker)
    };
    match (draws.below(4), start(&picture, 0xC0)) {
        (0, Some(at)) if at + 9 < picture.len() => {
            let place = at + *pick(draws, &[5, 7]);
            picture[place..place + 2].copy_from_slice(&(side(draws) as u16).to_be_bytes());
        }
        (1, Some(at)) if at + 12 < picture.len() => {
            let place = at + *pick(draws, &[1, 4, 9, 10, 11]);
            picture[place] = *pick(draws, &[0, 1, 2, 3, 4, 0x11, 0x22, 0x44, 0xC2, 0xFF]);
        }
        (2, _) => {
            // A segment more, as cameras and editors write them.
            let length = 2 + draws.below(200) as u16;
            let mut segment = vec![0xFF, *pick(draws, &[0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE, 0xDD])];
            segment.extend(length.to_be_bytes());
            segment.extend(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01");
            segment.resize(2 + usize::from(length), *pick(draws, &[0, 6, 0xFF]));
            picture.splice(2..2, segment);
        }
        _ => {
            let scan = start(&picture, 0xDA).unwrap_or(0).min(picture.len());
            let mut rest = picture.split_off(scan);
            let other = picture.clone();
            bytes(draws, &mut rest, &other);
            picture.extend(rest);
        }
    }
    picture
}

/// Decodes a picture. Past the header: its sides are known.
pub fn decode_fed(input: &[u8]) -> bool {
    let most = ReadLimits::default().image_pixels;
    if let Ok(image) = decode::decode(input, SIDE, most) {
        assert_eq!(image.pixels.len(), image.width as usize * image.height as usize * 3);
        assert!(image.width > 0 && image.height > 0);
    }
    let reader = ImageReader::new(Cursor::new(input)).with_guessed_format();
    reader.is_ok_and(|reader| reader.into_dimensions().is_ok())
}
