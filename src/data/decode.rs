//! One image file → RGB pixels of the size that is stored. A pure function of
//! the bytes, fit to run on any thread; independent of burn and browsers.

use super::error::{DecodeError, Flaw};
use super::header::{self, ImageHeader, MOST_FOR_ONE};
use super::jpeg;
use fast_image_resize::images::{Image as Target, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{ColorType, DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

pub use super::header::cost;

/// Longest stored side over the short side; what is beyond is cut off evenly.
const MAX_ASPECT: u32 = 2;

/// A decoded image, as it is stored.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Short side of the file.
    pub original_short_side: u32,
    /// RGB, `height × width × 3`.
    pub pixels: Arc<[u8]>,
}

/// Decodes a JPEG, PNG or WebP file (recognized by its first bytes, not its name) and
/// shrinks it to `short_side`, never enlarging it. The aspect ratio is preserved up
/// to 2:1; a longer image is cropped at its centre. Grey, CMYK, palette and 16-bit
/// images become 8-bit RGB; transparency and orientation tags are ignored, as
/// in fastai; of an animation the first picture is taken. Shrinking is a bilinear
/// convolution over the pixels covered, as Pillow's `BILINEAR`.
///
/// # Errors
/// [`DecodeError`] if the file is broken or of another format, or if it declares over
/// `max_pixels` pixels or would take over 160 MiB to decode.
pub fn decode(bytes: &[u8], short_side: u32, max_pixels: u64) -> Result<Decoded, DecodeError> {
    let ImageHeader { format, width, height, cost } = header::read(bytes)?;
    let too_large = DecodeError::TooLarge { width, height };
    if u64::from(width) * u64::from(height) > max_pixels || cost > MOST_FOR_ONE {
        return Err(too_large);
    }
    let bytes = match format {
        ImageFormat::Jpeg => jpeg::without_trailer(bytes).ok_or(DecodeError::Broken(Flaw::Cut))?,
        _ => bytes,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_FOR_ONE);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    // What the decoder makes of it counts; the header may have been another's.
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let as_rgb = if decoder.color_type() == ColorType::Rgb8 { 0 } else { 3 * pixels };
    if pixels > max_pixels || decoder.total_bytes().saturating_add(as_rgb) > MOST_FOR_ONE {
        return Err(too_large);
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    store(image, short_side)
}

fn store(image: DynamicImage, short_side: u32) -> Result<Decoded, DecodeError> {
    let rgb = image.into_rgb8();
    shrink(rgb.as_raw(), [rgb.width(), rgb.height()], short_side)
}

/// Cuts `[height, width, 3]` pixels to at most 2:1 and shrinks them, as [`decode`] does.
///
/// # Errors
/// [`DecodeError::Broken`] if the buffer does not fit the size.
pub(super) fn shrink(
    rgb: &[u8],
    [width, height]: [u32; 2],
    short_side: u32,
) -> Result<Decoded, DecodeError> {
    fit(rgb, width, height, short_side).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> DecodeError {
    DecodeError::Broken(Flaw::Other(error.to_string()))
}

/// Cuts `[height, width, 3]` pixels to at most 2:1 and shrinks them.
fn fit(
    rgb: &[u8],
    width: u32,
    height: u32,
    short_side: u32,
) -> Result<Decoded, Box<dyn std::error::Error>> {
    let original_short_side = width.min(height);
    let cut_width = width.min(height.saturating_mul(MAX_ASPECT));
    let cut_height = height.min(width.saturating_mul(MAX_ASPECT));
    let short = cut_width.min(cut_height);
    let target = short.min(short_side.max(1));
    let scaled = |side: u32| {
        let (side, short, target) = (u64::from(side), u64::from(short), u64::from(target));
        ((side * target + short / 2) / short) as u32
    };
    let (to_width, to_height) = (scaled(cut_width), scaled(cut_height));
    if (to_width, to_height) == (width, height) {
        return Ok(Decoded { width, height, original_short_side, pixels: Arc::from(rgb) });
    }
    let bytes = to_width as usize * to_height as usize * 3;
    let mut pixels: Arc<[u8]> = std::iter::repeat_n(0, bytes).collect();
    let buffer = Arc::get_mut(&mut pixels).ok_or("the new pixels are shared")?;
    let cut = cut_out(rgb, [width, height], [cut_width, cut_height]);
    let source = ImageRef::new(cut_width, cut_height, &cut, PixelType::U8x3)?;
    let mut stored = Target::from_slice_u8(to_width, to_height, buffer, PixelType::U8x3)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&source, &mut stored, &options)?;
    Ok(Decoded { width: to_width, height: to_height, original_short_side, pixels })
}

/// The middle of an image. Cut out before it is shrunk, so that nothing outside is looked at.
fn cut_out(
    rgb: &[u8],
    [width, height]: [u32; 2],
    [cut_width, cut_height]: [u32; 2],
) -> Cow<'_, [u8]> {
    if [cut_width, cut_height] == [width, height] {
        return Cow::Borrowed(rgb);
    }
    let bytes = |pixels: u32| pixels as usize * 3;
    let (left, top) = ((width - cut_width) / 2, (height - cut_height) / 2);
    let rows = rgb.chunks_exact(bytes(width)).skip(top as usize).take(cut_height as usize);
    rows.flat_map(|row| row.iter().skip(bytes(left)).take(bytes(cut_width))).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder, Luma, Rgb, RgbImage};

    const LIMIT: u64 = 1 << 26;

    fn gradient(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x + y) as u8]))
    }

    fn jpeg(image: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
            .write_image(image, image.width(), image.height(), ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn aspect_is_kept_up_to_two_to_one_and_nothing_is_enlarged() {
        for (from, short_side, to) in [
            ((160, 160), 64, (64, 64)),
            ((100, 150), 50, (50, 75)),
            ((200, 50), 40, (80, 40)),
            ((30, 400), 64, (30, 60)),
            ((30, 40), 64, (30, 40)),
            ((64, 64), 64, (64, 64)),
            ((1, 1), 64, (1, 1)),
            ((1, 9), 0, (1, 2)),
        ] {
            let it = decode(&png(gradient(from.0, from.1)), short_side, LIMIT).unwrap();
            assert_eq!((it.width, it.height), to, "{from:?} at {short_side}");
            assert_eq!(it.pixels.len() as u32, to.0 * to.1 * 3);
            assert_eq!(it.original_short_side, from.0.min(from.1));
        }
    }

    #[test]
    fn a_long_image_is_cut_at_its_centre() {
        let it = decode(&png(gradient(250, 50)), 50, LIMIT).unwrap();
        assert_eq!(it.pixels[0], 75, "columns 75 to 174 are kept");
        assert_eq!(it.pixels[99 * 3], 174);
    }

    /// By hand from Pillow's definition: a triangle of half-width 4 around the
    /// centres 2 and 6, cut off at the borders and renormalised.
    #[test]
    fn shrinking_is_pillows_bilinear() {
        let row = [0, 11, 20, 30, 100, 110, 124, 250];
        let image = RgbImage::from_fn(8, 4, |x, _| Rgb([row[x as usize]; 3]));
        let it = decode(&png(image), 1, LIMIT).unwrap();
        assert_eq!((it.width, it.height), (2, 1));
        assert_eq!([it.pixels[0], it.pixels[3]], [28, 125], "27.75 and 124.93");
    }

    #[test]
    fn other_colours_become_eight_bit_rgb() {
        let grey = image::GrayImage::from_fn(4, 4, |x, _| Luma([x as u8 * 50]));
        let deep = image::ImageBuffer::from_fn(4, 4, |x, _| Rgb([x as u16 * 50 * 257; 3]));
        let clear = image::RgbaImage::from_fn(4, 4, |x, _| image::Rgba([x as u8 * 50; 4]));
        for bytes in
            [png(grey), png(DynamicImage::ImageRgb16(deep)), png(DynamicImage::ImageRgba8(clear))]
        {
            let it = decode(&bytes, 64, LIMIT).unwrap();
            assert_eq!(it.pixels[..6], [0, 0, 0, 50, 50, 50]);
        }
    }

    /// A baseline JPEG of 8 × 8 pixels that holds one value per component: only
    /// the first coefficient of each block is not zero.
    fn flat_jpeg(values: &[u8], segments: &[u8]) -> Vec<u8> {
        let count = values.len() as u8;
        let mut bytes = vec![0xFF, 0xD8];
        bytes.extend(segments);
        // Quantization by 1; one frame; categories 0 to 11 coded in 4 bits each,
        // "end of block" in 1.
        bytes.extend([0xFF, 0xDB, 0, 67, 0]);
        bytes.extend([1; 64]);
        bytes.extend([0xFF, 0xC0, 0, 8 + 3 * count, 8, 0, 8, 0, 8, count]);
        bytes.extend((1..=count).flat_map(|id| [id, 0x11, 0]));
        bytes.extend([0xFF, 0xC4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(0..12);
        bytes.extend([0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.push(0);
        bytes.extend([0xFF, 0xDA, 0, 6 + 2 * count, count]);
        bytes.extend((1..=count).flat_map(|id| [id, 0]));
        bytes.extend([0, 63, 0]);
        let mut bits = String::new();
        for value in values {
            let coefficient = 8 * (i32::from(*value) - 128);
            let category = 32 - coefficient.unsigned_abs().leading_zeros();
            let coded =
                if coefficient < 0 { coefficient + (1 << category) - 1 } else { coefficient };
            bits += &format!("{category:04b}");
            if category > 0 {
                bits += &format!("{coded:0width$b}", width = category as usize);
            }
            bits += "0";
        }
        bits += &"1".repeat((8 - bits.len() % 8) % 8);
        for byte in bits.as_bytes().chunks(8) {
            let byte = u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap();
            bytes.push(byte);
            if byte == 0xFF {
                bytes.push(0);
            }
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn grey_and_cmyk_jpegs_become_rgb() {
        let grey = decode(&flat_jpeg(&[90], &[]), 64, LIMIT).unwrap();
        assert_eq!(grey.pixels[..3], [90, 90, 90]);

        // Adobe's marker: four inks, stored inverted, so 255 is no ink.
        let adobe = [0xFF, 0xEE, 0, 14, b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, 0];
        let cmyk = decode(&flat_jpeg(&[255, 128, 0, 128], &adobe), 64, LIMIT).unwrap();
        for (found, expected) in cmyk.pixels[..3].iter().zip([128u8, 64, 0]) {
            assert!(found.abs_diff(expected) <= 2, "{:?}", &cmyk.pixels[..3]);
        }
    }

    /// The tag says "turned by 90°"; fastai does not look at it, neither in training nor
    /// for a person's own picture.
    #[test]
    fn the_orientation_tag_is_ignored() {
        let plain = jpeg(&gradient(30, 20));
        let tag = [
            b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08".as_slice(),
            b"\x00\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
        ]
        .concat();
        let tagged = [&plain[..2], &tag, &plain[2..]].concat();
        let [plain, tagged] = [plain, tagged].map(|bytes| decode(&bytes, 64, LIMIT).unwrap());
        assert_eq!((tagged.width, tagged.height), (30, 20));
        assert_eq!(tagged.pixels, plain.pixels);
    }

    /// A film behind the picture, as phones append it, with whatever bytes.
    #[test]
    fn what_follows_a_jpeg_is_not_looked_at() {
        let plain = jpeg(&gradient(30, 20));
        let expected = decode(&plain, 64, LIMIT).unwrap();
        for behind in [
            &b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0 no end"[..],
            b"\xFF\xD8\xFF\xE0\0\x10JFIF",
            b"\xFF",
            &[0; 5000],
            b"\0\0\0\x18ftypmp42\xFF\xDA SEFT",
        ] {
            let it = decode(&[&plain, behind].concat(), 64, LIMIT).unwrap();
            assert_eq!(it.pixels, expected.pixels);
        }
    }

    #[test]
    fn webp_is_read() {
        let image = gradient(30, 20);
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(image.clone()).write_to(&mut bytes, ImageFormat::WebP).unwrap();
        let whole = bytes.into_inner();
        let it = decode(&whole, 64, LIMIT).unwrap();
        assert_eq!(&*it.pixels, image.as_raw().as_slice());
        for end in 0..whole.len() {
            assert!(decode(&whole[..end], 64, LIMIT).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn broken_files_are_errors_at_every_length() {
        let whole = jpeg(&gradient(40, 40));
        assert!(decode(&whole, 16, LIMIT).is_ok());
        for end in 0..whole.len() {
            let cut = decode(&whole[..end], 16, LIMIT);
            let told = if end < 2 && end > 0 {
                matches!(cut, Err(DecodeError::NotRead(_)))
            } else {
                matches!(cut, Err(DecodeError::Broken(_)))
            };
            assert!(told, "cut at {end}");
        }
        assert!(matches!(decode(b"no image", 16, LIMIT), Err(DecodeError::NotRead(_))));
    }

    #[test]
    fn a_declared_size_is_refused_before_it_is_allocated() {
        let mut bytes = png(gradient(8, 8));
        bytes[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(
            decode(&bytes, 16, LIMIT).unwrap_err(),
            DecodeError::TooLarge { width: 0xFFFF, height: 0xFFFF }
        );
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
