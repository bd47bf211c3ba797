//! A data set's decoded images as one stream of bytes, so that the next visit need not decode
//! them again. Written and read a piece at a time. Independent of burn and browsers.
//!
//! Layout: eight bytes of magic and version, written last, so that an incomplete stream is not
//! taken for a complete one; a summary, then a header with one entry per image, each of the two
//! as a length and a CRC-32 (`u32`, little-endian) and that many bytes of JSON; the pixels of all
//! images in the header's order, whose CRC-32 is in their entry.

use super::{Class, Dataset, Image, NoiseColumns, Split};
use crate::bytes::ByteReader;
use crate::checksum;
use crate::dataset::{CachedDataset, LoadProgress};
use crate::json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use web_time::Instant;

/// Magic and version of the layout. A stream of another version counts as missing.
const MAGIC: [u8; 8] = *b"IPpixel3";

/// Longest JSON text, in bytes. No data set within [`ReadLimits`](super::builder::ReadLimits)
/// has a longer one.
const MOST_JSON: u32 = 64 << 20;

/// Why cached images cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ImageCacheError {
    /// There is no stream, only the beginning of one, or one of another version.
    #[error("there are no complete images")]
    Missing,
    /// The host could not read or write.
    #[error("{0}")]
    Host(#[from] io::Error),
    /// The stream contradicts itself or its checksums.
    #[error("the images are damaged: {0}")]
    Damaged(String),
    /// The host asked to stop.
    #[error("it was cancelled")]
    Cancelled,
}

#[derive(Serialize, Deserialize)]
struct CacheHeader {
    classes: Vec<(String, String)>,
    hash: String,
    images: Vec<CachedImage>,
    official_noise: Option<Vec<(String, [u8; 4])>>,
    skipped: Vec<String>,
}

/// Path, whether it is a validation image, label, width, height, short side of the file, CRC-32
/// of the pixels.
#[derive(Serialize, Deserialize)]
struct CachedImage(String, bool, u8, u32, u32, u32, u32);

impl CachedImage {
    fn bytes(&self) -> Option<usize> {
        let pixels = (self.3 as usize).checked_mul(self.4 as usize)?;
        pixels.checked_mul(3)
    }
}

/// Writes all of `dataset`. `tick` is awaited after every image, and may break to cancel.
///
/// # Errors
/// [`ImageCacheError::Host`] and [`ImageCacheError::Cancelled`]; the stream then counts as missing.
pub async fn write(
    dataset: &Dataset,
    summary: &CachedDataset,
    out: &mut (impl Write + Seek),
    mut tick: impl AsyncFnMut() -> ControlFlow<()>,
) -> Result<(), ImageCacheError> {
    let header = CacheHeader {
        classes: dataset.classes.iter().map(|it| (it.id.clone(), it.name.clone())).collect(),
        hash: dataset.hash.clone(),
        images: dataset.images.iter().map(entry).collect(),
        official_noise: dataset.official_noise.as_ref().map(|columns| {
            columns.labels.iter().map(|(path, labels)| (path.clone(), *labels)).collect()
        }),
        skipped: dataset.skipped.clone(),
    };
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&[0; MAGIC.len()])?;
    write_json(summary, out)?;
    write_json(&header, out)?;
    for image in &dataset.images {
        out.write_all(&image.pixels)?;
        if tick().await.is_break() {
            return Err(ImageCacheError::Cancelled);
        }
    }
    out.flush()?;
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&MAGIC)?;
    Ok(out.flush()?)
}

/// The summary of the data set that [`write()`] wrote.
///
/// # Errors
/// [`ImageCacheError::Missing`] and [`ImageCacheError::Host`].
pub fn read_summary(read: &mut impl Read) -> Result<CachedDataset, ImageCacheError> {
    magic(read)?;
    read_json(read)
}

/// The data set that [`write()`] wrote. `tick` is awaited after every image, and may break
/// to cancel.
///
/// # Errors
/// Any [`ImageCacheError`].
pub async fn read(
    read: &mut impl Read,
    mut tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, ImageCacheError> {
    let begun = Instant::now();
    let summary = read_summary(read)?;
    let one_side = || ImageCacheError::Damaged("it does not say its side".into());
    let short_side = *summary.sides.first().ok_or_else(one_side)?;
    let header: CacheHeader = read_json(read)?;
    let classes: Vec<Class> =
        header.classes.into_iter().map(|(id, name)| Class { id, name }).collect();
    let total = header.images.iter().map(|it| it.bytes().map_or(0.0, |n| n as f64)).sum::<f64>();
    let mut images = Vec::with_capacity(header.images.len());
    let mut bytes = 0.0;
    for entry in header.images {
        let damaged = || ImageCacheError::Damaged(format!("{:?}", entry.0));
        let length = entry.bytes().ok_or_else(damaged)?;
        if usize::from(entry.2) >= classes.len() {
            return Err(damaged());
        }
        let mut pixels = Vec::new();
        read.take(length as u64).read_to_end(&mut pixels)?;
        if pixels.len() != length || checksum::of(&pixels) != entry.6 {
            return Err(damaged());
        }
        bytes += length as f64;
        let CachedImage(path, valid, label, width, height, original_short_side, _) = entry;
        let split = if valid { Split::Valid } else { Split::Train };
        let pixels = Arc::from(pixels);
        images.push(Image { path, split, label, width, height, original_short_side, pixels });
        let progress = LoadProgress {
            bytes,
            bytes_total: Some(total),
            images: images.len() as u32,
            seconds: begun.elapsed().as_secs_f64(),
        };
        if tick(progress).await.is_break() {
            return Err(ImageCacheError::Cancelled);
        }
    }
    Ok(Dataset {
        name: summary.name,
        synthetic: false,
        classes,
        images,
        hash: header.hash,
        short_side,
        official_noise: header
            .official_noise
            .map(|labels| NoiseColumns { labels: labels.into_iter().collect() }),
        skipped: header.skipped,
    })
}

fn entry(image: &Image) -> CachedImage {
    CachedImage(
        image.path.clone(),
        image.split == Split::Valid,
        image.label,
        image.width,
        image.height,
        image.original_short_side,
        checksum::of(&image.pixels),
    )
}

fn magic(read: &mut impl Read) -> Result<(), ImageCacheError> {
    let mut found = Vec::new();
    read.take(MAGIC.len() as u64).read_to_end(&mut found)?;
    if found == MAGIC { Ok(()) } else { Err(ImageCacheError::Missing) }
}

fn write_json(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let text = json::write(value).map_err(io::Error::other)?;
    out.write_all(&(text.len() as u32).to_le_bytes())?;
    out.write_all(&checksum::of(text.as_bytes()).to_le_bytes())?;
    out.write_all(text.as_bytes())
}

fn read_json<T: DeserializeOwned>(read: &mut impl Read) -> Result<T, ImageCacheError> {
    let damaged = |what: &str| ImageCacheError::Damaged(what.into());
    let mut numbers = Vec::new();
    read.take(8).read_to_end(&mut numbers)?;
    let mut numbers = ByteReader::new(&numbers);
    let numbers = numbers.u32().zip(numbers.u32());
    let (length, sum) = numbers.ok_or_else(|| damaged("its header ends early"))?;
    if length > MOST_JSON {
        return Err(damaged("its header has an impossible length"));
    }
    let mut text = Vec::new();
    read.take(u64::from(length)).read_to_end(&mut text)?;
    if checksum::of(&text) != sum {
        return Err(damaged("its header"));
    }
    json::read_bytes(&text).map_err(|error| ImageCacheError::Damaged(error.to_string()))
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;
    use pollster::block_on;
    use std::io::Cursor;

    fn dataset() -> Dataset {
        let image = |path: &str, split, label, width: u32, height: u32| Image {
            path: path.into(),
            split,
            label,
            width,
            height,
            original_short_side: 160,
            pixels: (0..width * height * 3).map(|at| (at * 7 + u32::from(label)) as u8).collect(),
        };
        let classes =
            ["tench", "church"].map(|it| Class { id: format!("n-{it}"), name: it.into() });
        Dataset {
            name: "made".into(),
            synthetic: false,
            classes: classes.to_vec(),
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
            skipped: vec!["train/n-tench/broken.jpg".into()],
        }
    }

    fn written() -> (Dataset, CachedDataset, Vec<u8>) {
        let dataset = dataset();
        let summary = CachedDataset::of("imagenette".into(), &dataset.summary(0.0));
        let mut out = Cursor::new(Vec::new());
        block_on(write(&dataset, &summary, &mut out, async || ControlFlow::Continue(()))).unwrap();
        (dataset, summary, out.into_inner())
    }

    fn read_back(bytes: &[u8]) -> Result<Dataset, ImageCacheError> {
        block_on(read(&mut Cursor::new(bytes), async |_| ControlFlow::Continue(())))
    }

    #[test]
    fn what_was_kept_is_what_comes_back() {
        let (dataset, summary, bytes) = written();
        let found = read_back(&bytes).unwrap();
        assert_eq!(format!("{found:?}"), format!("{dataset:?}"));
        assert_eq!(read_summary(&mut Cursor::new(&bytes)).unwrap(), summary);
    }

    #[test]
    fn a_look_reads_nothing_of_the_images() {
        let (_, summary, bytes) = written();
        let mut read = Cursor::new(&bytes);
        assert_eq!(read_summary(&mut read).unwrap(), summary);
        let rest = read.position() as usize + 8;
        assert!(bytes[rest..].starts_with(b"{\"classes\""), "the header comes next");
    }

    #[test]
    fn a_stream_that_was_cut_anywhere_is_an_error() {
        let (_, _, bytes) = written();
        for end in 0..bytes.len() {
            assert!(read_back(&bytes[..end]).is_err(), "cut at {end} of {}", bytes.len());
        }
    }

    #[test]
    fn a_flipped_byte_is_noticed_wherever_it_is() {
        let (_, _, bytes) = written();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert!(read_back(&flipped).is_err(), "byte {at} of {}", bytes.len());
        }
        let mut last = bytes.clone();
        *last.last_mut().unwrap() ^= 1;
        let error = read_back(&last).unwrap_err().to_string();
        assert!(error.contains("val/n-tench/b.jpg"), "{error}");
    }

    #[test]
    fn until_the_last_byte_is_written_there_is_nothing() {
        struct Breaks(Cursor<Vec<u8>>, usize);
        impl Write for Breaks {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = self.1.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Seek for Breaks {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        let (dataset, summary, bytes) = written();
        // Over an older stream, whose magic must not vouch for the new one.
        for writes in 1..7 {
            let mut out = Breaks(Cursor::new(bytes.clone()), writes);
            let result =
                block_on(write(&dataset, &summary, &mut out, async || ControlFlow::Continue(())));
            assert!(matches!(result, Err(ImageCacheError::Host(_))), "after {writes} writes");
            assert!(matches!(read_back(out.0.get_ref()), Err(ImageCacheError::Missing)));
        }
    }

    #[test]
    fn a_label_without_a_class_is_refused() {
        let (mut dataset, summary, _) = written();
        dataset.images[1].label = 2;
        let mut out = Cursor::new(Vec::new());
        block_on(write(&dataset, &summary, &mut out, async || ControlFlow::Continue(()))).unwrap();
        assert!(matches!(read_back(out.get_ref()), Err(ImageCacheError::Damaged(_))));
    }

    #[test]
    fn reading_can_be_cancelled() {
        let (_, _, bytes) = written();
        let result = block_on(read(&mut Cursor::new(bytes), async |_| ControlFlow::Break(())));
        assert!(matches!(result, Err(ImageCacheError::Cancelled)));
    }
}
