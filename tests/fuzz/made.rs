//! Valid inputs that the mutations begin with: pictures and archives.

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, ImageFormat, Luma, Rgb, RgbImage, Rgba};
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;

/// One entry of a tar archive, as it is written.
#[derive(Clone, Debug)]
pub struct Entry {
    pub path: Vec<u8>,
    /// The type flag of its header.
    pub kind: u8,
    /// The size that its header tells, in octal digits or otherwise.
    pub size: Vec<u8>,
    pub content: Vec<u8>,
}

impl Entry {
    pub fn file(path: &str, content: Vec<u8>) -> Self {
        let size = format!("{:011o}", content.len()).into_bytes();
        Self { path: path.as_bytes().to_vec(), kind: b'0', size, content }
    }
}

const BLOCK: usize = 512;

/// The archive, each header with the checksum that it should have.
pub fn tar(entries: &[Entry], end: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let mut header = [0u8; BLOCK];
        let mut put = |at: usize, value: &[u8], most: usize| {
            let length = value.len().min(most);
            header[at..at + length].copy_from_slice(&value[..length]);
        };
        put(0, &entry.path, 100);
        put(100, b"0000644\0", 8);
        put(124, &entry.size, 12);
        put(136, b"00000000000\0", 12);
        put(156, &[entry.kind], 1);
        put(257, b"ustar\x0000", 8);
        sum(&mut header);
        bytes.extend(header);
        bytes.extend(&entry.content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    if end {
        bytes.resize(bytes.len() + 2 * BLOCK, 0);
    }
    bytes
}

fn sum(header: &mut [u8; BLOCK]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Makes the checksums of whatever looks like a header right again.
pub fn fix_tar(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(BLOCK) {
        if &block[257..262] == b"ustar"
            && let Ok(header) = <&mut [u8; BLOCK]>::try_from(block)
        {
            sum(header);
        }
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Pictures of all kinds that are read, small.
pub fn pictures() -> &'static [Vec<u8>] {
    static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    MADE.get_or_init(|| {
        let rgb = RgbImage::from_fn(20, 24, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, 90]));
        let image = DynamicImage::from(rgb.clone());
        let deep = image::ImageBuffer::from_fn(9, 8, |x, y| {
            Rgba([(x * 7000) as u16, (y * 8000) as u16, 90, 60_000])
        });
        let grey = image::ImageBuffer::from_fn(9, 17, |x, y| Luma([(x * y) as u8]));
        vec![
            written(rgb, ImageFormat::Jpeg),
            written(image.to_luma8(), ImageFormat::Jpeg),
            written(image.clone(), ImageFormat::Png),
            written(image.to_rgba8(), ImageFormat::Png),
            written(DynamicImage::ImageRgba16(deep), ImageFormat::Png),
            written(grey, ImageFormat::Png),
            palette(),
        ]
    })
}

/// A PNG with a palette, which the encoder does not write.
fn palette() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [0, 0, 0, 4, 0, 0, 0, 4, 2, 3, 0, 0, 0];
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    data.write_all(&[0, 0b0001_1011, 0, 0b1101_0010, 0, 0, 0, 0xFF]).unwrap();
    for (name, content) in [
        (b"IHDR", header.to_vec()),
        (b"PLTE", (0..12).map(|at| at * 20).collect()),
        (b"tRNS", vec![255, 0]),
        (b"IDAT", data.finish().unwrap()),
        (b"IEND", Vec::new()),
    ] {
        chunk(&mut bytes, name, &content);
    }
    bytes
}

/// Makes the checksum right with which the parts of runs end.
pub fn seal(bytes: &mut [u8]) {
    if let Some((content, sum)) = bytes.split_last_chunk_mut::<4>() {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        *sum = crc.sum().to_le_bytes();
    }
}

/// Adds a chunk of a PNG file, its checksum right.
pub fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    bytes.extend((content.len() as u32).to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(content);
    bytes.extend(name);
    bytes.extend(content);
    bytes.extend(crc.sum().to_be_bytes());
}

/// The entries of a small data set: two classes, each with images of both splits.
pub fn entries() -> Vec<Entry> {
    let pictures = pictures();
    let mut entries = Vec::new();
    for split in ["train", "val"] {
        for class in ["n01440764", "n02102040"] {
            for (number, picture) in pictures.iter().take(3).enumerate() {
                let path = format!("set/{split}/{class}/{number}.JPEG");
                entries.push(Entry::file(&path, picture.clone()));
            }
        }
    }
    let table = "path,noisy_labels_0,noisy_labels_1,noisy_labels_5,noisy_labels_25,\
                 noisy_labels_50,is_valid\ntrain/n01440764/0.JPEG,n01440764,n01440764,n01440764,\
                 n02102040,n02102040,False\n";
    entries.push(Entry::file("set/noisy_imagenette.csv", table.as_bytes().to_vec()));
    entries
}
