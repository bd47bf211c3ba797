//! The header of a picture file: its format, its size, and the memory that decoding takes. Pure functions; independent of burn and browsers.

use super::error::{DecodeError, Flaw};
use super::jpeg;
use super::kind::FileKind;
use image::ImageFormat;

/// Bytes of memory that decoding one image may take, at most: three quarters of what all
/// threads may take together, and enough for a photograph of 50 megapixels.
pub(super) const MOST_FOR_ONE: u64 = 160 << 20;

/// The properties of an image, from its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ImageHeader {
    /// The format, of those that are read.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bytes of memory that decoding it takes, at most, the file's own included.
    pub cost: u64,
}

/// First bytes of what is not read, where they begin, and what it is called.
const NOT_READ: [(usize, &[u8], FileKind); 24] = [
    (0, b"GIF8", FileKind::Gif),
    (0, b"BM", FileKind::Bmp),
    (0, b"II*\0", FileKind::Tiff),
    (0, b"MM\0*", FileKind::Tiff),
    (4, b"ftypavi", FileKind::Avif),
    (4, b"ftyphei", FileKind::Heic),
    (4, b"ftyphev", FileKind::Heic),
    (4, b"ftypmif1", FileKind::Heic),
    (4, b"ftyp", FileKind::Film),
    (0, b"\0\0\0\x0CJXL ", FileKind::JpegXl),
    (0, b"\xFF\x0A", FileKind::JpegXl),
    (0, b"\0\0\0\x0CjP  ", FileKind::Jpeg2000),
    (0, b"\xFF\x4F\xFF\x51", FileKind::Jpeg2000),
    (0, b"8BPS", FileKind::Photoshop),
    (0, b"\0\0\x01\0", FileKind::Icon),
    (0, b"<svg", FileKind::Svg),
    (0, b"<?xml", FileKind::Xml),
    (0, b"<", FileKind::WebPage),
    (0, b"{", FileKind::Text),
    (0, b"%PDF", FileKind::Pdf),
    (0, b"PK\x03\x04", FileKind::Zip),
    (0, b"\x1F\x8B", FileKind::Gzipped),
    (0, b"RIFF", FileKind::Riff),
    (0, b"version https://git-lfs", FileKind::GitLfs),
];

/// Reads the header of a picture file.
///
/// # Errors
/// [`DecodeError::Broken`] if it ends too early or contradicts itself,
/// [`DecodeError::NotRead`] if it is something else.
pub(super) fn read(bytes: &[u8]) -> Result<ImageHeader, DecodeError> {
    let cut = || DecodeError::Broken(Flaw::Cut);
    if bytes.is_empty() {
        return Err(DecodeError::Broken(Flaw::Empty));
    }
    let (format, [width, height], pixel_bytes) = if jpeg::is(bytes) {
        let it = jpeg::read_frame(bytes).ok_or_else(cut)?;
        (ImageFormat::Jpeg, [it.width, it.height], it.pixel_bytes)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        let (size, pixel_bytes) = png(bytes).ok_or_else(cut)?;
        (ImageFormat::Png, size, pixel_bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12).is_none_or(|it| it == b"WEBP") {
        let (size, pixel_bytes) = webp(bytes).ok_or_else(cut)?;
        (ImageFormat::WebP, size, pixel_bytes)
    } else {
        return Err(unsupported(bytes));
    };
    if width == 0 || height == 0 {
        return Err(DecodeError::Broken(Flaw::NoPixels));
    }
    let pixels = u64::from(width) * u64::from(height);
    // The middle of a long image is copied before it is shrunk.
    let short = u64::from(width.min(height));
    let middle = short.saturating_mul(short).saturating_mul(2);
    let copied = if pixels > middle { middle } else { 0 };
    // Sides that a file only claims may multiply to more than any number.
    let decoded = pixels.saturating_mul(u64::from(pixel_bytes));
    let cost = decoded.max(pixels.saturating_add(copied).saturating_mul(3));
    Ok(ImageHeader { format, width, height, cost: cost.saturating_add(2 * bytes.len() as u64) })
}

/// The most memory that decoding a file takes, in bytes; 0 if it is not decoded at all.
pub fn cost(bytes: &[u8]) -> u64 {
    read(bytes).ok().map(|it| it.cost).filter(|cost| *cost <= MOST_FOR_ONE).unwrap_or(0)
}

fn unsupported(bytes: &[u8]) -> DecodeError {
    let text = bytes.trim_ascii_start();
    let known = NOT_READ.iter().find(|(at, magic, _)| {
        bytes.get(*at..).is_some_and(|it| it.starts_with(magic)) || text.starts_with(magic)
    });
    DecodeError::NotRead(known.map_or(FileKind::UnknownPicture, |(.., kind)| *kind))
}

/// Size, and the bytes that a pixel takes: as decoded, and as RGB.
fn png(bytes: &[u8]) -> Option<([u32; 2], u32)> {
    let number =
        |at: usize| bytes.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
    let (depth, colour) = (*bytes.get(24)?, *bytes.get(25)?);
    // A palette may have transparent colours.
    let channels = match colour {
        0 => 1,
        2 => 3,
        4 => 2,
        _ => 4,
    };
    let sample = if depth == 16 { 2 } else { 1 };
    let rgb = if (colour, depth) == (2, 8) { 0 } else { 3 };
    Some(([number(16)?, number(20)?], channels * sample + rgb))
}

/// Size, and the bytes that a pixel takes: for the planes, for RGBA and for RGB.
fn webp(bytes: &[u8]) -> Option<([u32; 2], u32)> {
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    let short = |at: usize| Some(byte(at)? | byte(at + 1)? << 8);
    match bytes.get(12..16)? {
        b"VP8 " => Some(([short(26)? & 0x3FFF, short(28)? & 0x3FFF], 5)),
        b"VP8L" => {
            let packed = short(21)? | short(23)? << 16;
            Some(([(packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1], 11))
        }
        _ => {
            let size = |at: usize| Some((short(at)? | byte(at + 2)? << 16) + 1);
            Some(([size(24)?, size(27)?], 13))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".to_vec();
        bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        bytes.extend([depth, colour, 0, 0, 0]);
        bytes
    }

    #[test]
    fn sides_that_multiply_to_more_than_any_number_cost_more_than_any_picture() {
        for (width, height) in [(u32::MAX, u32::MAX), (u32::MAX, 1 << 30), (1 << 31, 1 << 31)] {
            let found = read(&png_header(width, height, 16, 6)).unwrap();
            assert!(found.cost > MOST_FOR_ONE, "{width} × {height}: {}", found.cost);
        }
    }

    #[test]
    fn depth_and_channels_count() {
        for (depth, colour, pixel_bytes) in [
            (8, 2, 3),
            (8, 6, 7),
            (16, 6, 11),
            (16, 2, 9),
            (8, 0, 4),
            (1, 0, 4),
            (8, 3, 7),
            (16, 4, 7),
        ] {
            let bytes = png_header(400, 250, depth, colour);
            let found = read(&bytes).unwrap();
            assert_eq!(found.cost, 100_000 * pixel_bytes + 2 * bytes.len() as u64);
            assert_eq!((found.width, found.height), (400, 250));
        }
        let long = read(&png_header(1000, 400, 8, 2)).unwrap();
        assert_eq!(long.cost, 3 * (400_000 + 320_000) + 2 * 29, "its middle is copied");
        assert_eq!(cost(&png_header(10_000, 10_000, 16, 6)), 0, "it is left out");
        assert!(cost(&png_header(3_000, 3_000, 16, 6)) > 9_000_000 * 11);
        assert_eq!(cost(b"GIF89a"), 0);
    }

    #[test]
    fn webp_has_three_kinds_of_headers() {
        let file = |chunk: &[u8], rest: &[u8]| [b"RIFF\0\0\0\0WEBP", chunk, &[0; 4], rest].concat();
        for (bytes, pixel_bytes) in [
            (file(b"VP8 ", &[0, 0, 0, 0x9D, 1, 0x2A, 30, 0x40, 20, 0]), 5),
            (file(b"VP8L", &[0x2F, 29, 0xC0, 4, 0]), 11),
            (file(b"VP8X", &[0, 0, 0, 0, 29, 0, 0, 19, 0, 0]), 13),
        ] {
            let found = read(&bytes).unwrap();
            assert_eq!((found.width, found.height), (30, 20), "{:?}", &bytes[12..16]);
            assert_eq!(found.cost, 600 * pixel_bytes + 2 * bytes.len() as u64);
            for end in 1..bytes.len() {
                assert!(read(&bytes[..end]).is_err());
            }
        }
    }

    #[test]
    fn what_is_not_read_is_named() {
        for (bytes, name) in [
            (&b"GIF89a.."[..], FileKind::Gif),
            (b"BM......", FileKind::Bmp),
            (b"MM\0*....", FileKind::Tiff),
            (b"\0\0\0\x1Cftypheic", FileKind::Heic),
            (b"\0\0\0\x1Cftypavif", FileKind::Avif),
            (b"\n <html>", FileKind::WebPage),
            (b"RIFF....WAVE", FileKind::Riff),
            (b"hello", FileKind::UnknownPicture),
        ] {
            assert_eq!(read(bytes), Err(DecodeError::NotRead(name)), "{name:?}");
        }
        assert!(matches!(read(b""), Err(DecodeError::Broken(_))));
    }
}
