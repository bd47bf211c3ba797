//! The markers of a JPEG file: its size, where it ends, what decoding it takes. A pure
//! function of the bytes; independent of burn and browsers.

/// The properties of a JPEG file, from its markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jpeg {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bytes that decoding a pixel takes, at most.
    pub pixel_bytes: u32,
}

const START_OF_IMAGE: [u8; 2] = [0xFF, 0xD8];
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// Reads the markers up to the first scan; `None` if they do not state a size.
pub(super) fn read_frame(bytes: &[u8]) -> Option<Jpeg> {
    let mut frame = None;
    for (marker, segment) in (Markers { bytes, at: 2 }) {
        match marker {
            // Start of frame; the three left out are tables and a reserved one.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                frame.get_or_insert((marker, segment));
            }
            START_OF_SCAN => {
                let (marker, frame) = frame?;
                return describe(marker, frame, *segment.first()?);
            }
            END_OF_IMAGE => break,
            _ => {}
        }
    }
    let (marker, frame) = frame?;
    describe(marker, frame, 0)
}

/// The bytes of the image alone: what cameras append to it is cut off. `None` if the
/// file ends before the image does. The decoder would fill the rest with grey; Pillow,
/// and so fastai, refuses it.
pub(super) fn without_trailer(bytes: &[u8]) -> Option<&[u8]> {
    let mut markers = Markers { bytes, at: 2 };
    while let Some((marker, _)) = markers.next() {
        if marker == END_OF_IMAGE {
            return bytes.get(..markers.at);
        }
    }
    None
}

/// Whether the bytes begin as a JPEG file.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(&START_OF_IMAGE)
}

fn describe(marker: u8, frame: &[u8], in_scan: u8) -> Option<Jpeg> {
    let &[_, h1, h0, w1, w0, count, ref components @ ..] = frame else {
        return None;
    };
    let components = components.chunks_exact(3).take(usize::from(count));
    let factors: Vec<[u32; 2]> =
        components.map(|it| [u32::from(it[1] >> 4).max(1), u32::from(it[1] & 15).max(1)]).collect();
    let most = |axis: usize| factors.iter().map(|it| it[axis]).max().unwrap_or(1);
    let samples: u32 = factors.iter().map(|[h, v]| h * v).sum();
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    // Several scans: all coefficients are held, two bytes each, until the last scan.
    let progressive = marker & 3 == 2;
    let coefficients = match (progressive, in_scan == count) {
        (false, true) => 0,
        (_, true) => (2 * samples).div_ceil(most(0) * most(1)),
        (_, false) => 2 * samples,
    };
    let colours = if count == 1 { 1 + 3 } else { 3 };
    Some(Jpeg {
        width: u32::from(width),
        height: u32::from(height),
        pixel_bytes: colours + coefficients,
    })
}

/// Marker after marker, each with its segment.
struct Markers<'a> {
    bytes: &'a [u8],
    /// Where the next one is looked for.
    at: usize,
}

impl<'a> Iterator for Markers<'a> {
    type Item = (u8, &'a [u8]);

    /// What lies between two segments is passed over, as libjpeg does: the coded pixels,
    /// in which every 0xFF is stuffed, and what should not be there.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += rest.iter().position(|byte| *byte == 0xFF)? + 1;
            let marker = *self.bytes.get(self.at)?;
            match marker {
                // Fill bytes: the marker comes behind the last of them.
                0xFF => {}
                // A stuffed byte, or one of those that have no segment.
                0x00 | 0x01 | 0xD0..=0xD8 => self.at += 1,
                END_OF_IMAGE => {
                    self.at += 1;
                    return Some((marker, &[]));
                }
                _ => {
                    let start = self.at + 1;
                    let length = self.bytes.get(start..)?.first_chunk::<2>()?;
                    let length = usize::from(u16::from_be_bytes(*length));
                    self.at = start + length.max(2);
                    return Some((marker, self.bytes.get(start + 2..self.at)?));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(frame: u8, in_scan: u8, factors: [u8; 3]) -> Vec<u8> {
        let [a, b, c] = factors;
        let mut bytes = vec![0xFF, 0xD8];
        // An embedded thumbnail, which has a size and an end of its own.
        bytes.extend([0xFF, 0xE1, 0, 12, 0xFF, 0xD8, 0xFF, 0xC0, 0, 4, 0, 0, 0xFF, 0xD9]);
        bytes.extend([0xFF, 0xFF, frame, 0, 17, 8, 0, 20, 0, 30, 3]);
        bytes.extend([1, a, 0, 2, b, 0, 3, c, 0]);
        bytes.extend([0xFF, 0xDA, 0, 3, in_scan]);
        bytes.extend([7, 0xFF, 0, 8, 0xFF, 0xD0, 9]);
        bytes
    }

    #[test]
    fn the_frame_tells_size_and_cost() {
        for (frame, in_scan, factors, pixel_bytes) in [
            (0xC0, 3, [0x22, 0x11, 0x11], 3),
            (0xC1, 3, [0x11, 0x11, 0x11], 3),
            (0xC2, 3, [0x22, 0x11, 0x11], 3 + 3),
            (0xC2, 3, [0x11, 0x11, 0x11], 3 + 6),
            (0xC0, 1, [0x22, 0x11, 0x11], 3 + 12),
        ] {
            let found = read_frame(&file(frame, in_scan, factors));
            assert_eq!(found, Some(Jpeg { width: 30, height: 20, pixel_bytes }), "{frame:X}");
        }
    }

    #[test]
    fn what_follows_the_image_is_cut_off() {
        let mut bytes = file(0xC0, 3, [0x11; 3]);
        assert_eq!(without_trailer(&bytes), None);
        bytes.extend([0xFF, 0xD9]);
        let image = bytes.clone();
        assert_eq!(without_trailer(&bytes), Some(image.as_slice()));
        // As in a film that a phone appends: anything, markers and half markers.
        for behind in [&b"\xFF\xDA\x00\x02"[..], b"\xFF\xD9", b"\xFF", b"\0\0ftypmp42 SEFT"] {
            let with_more = [image.as_slice(), behind].concat();
            assert_eq!(without_trailer(&with_more), Some(image.as_slice()));
        }
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let mut bytes = file(0xC2, 3, [0x22, 0x11, 0x11]);
        bytes.extend([0xFF, 0xD9]);
        for end in 0..bytes.len() {
            assert_eq!(without_trailer(&bytes[..end]), None, "cut at {end}");
            read_frame(&bytes[..end]);
        }
        assert_eq!(read_frame(&[0xFF, 0xD8, 0xFF, 0xD9]), None);
    }
}
