//! A text as a QR code: the modules as a path of SVG.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

/// Modules of the white frame that readers need.
const FRAME: i32 = 4;

/// The largest version: 117 modules a side, which a phone still reads from a projector.
const LARGEST: u8 = 25;

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrPicture {
    /// Modules of a side, the frame included.
    pub side: i32,
    /// The dark modules, a rectangle for each run of them in a row.
    pub path: String,
}

/// The code of a text; `None` if it is too long for one that can be read.
pub fn picture(text: &str) -> Option<QrPicture> {
    let segments = QrSegment::make_segments(text);
    let largest = Version::new(LARGEST);
    let mask: Option<Mask> = None;
    let code = QrCode::encode_segments_advanced(
        &segments,
        QrCodeEcc::Low,
        Version::MIN,
        largest,
        mask,
        true,
    );
    let code = code.ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if length > 0 {
                path += &format!("M{} {}h{length}v1h-{length}z", x + FRAME, y + FRAME);
            }
            x += length.max(1);
        }
    }
    Some(QrPicture { side: code.size() + 2 * FRAME, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back into rows of modules, the frame left out.
    fn rows(picture: &QrPicture) -> Vec<String> {
        let side = (picture.side - 2 * FRAME) as usize;
        let mut rows = vec![vec![b'.'; side]; side];
        for part in picture.path.split('M').skip(1) {
            let (at, rest) = part.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let place = |text: &str| text.parse::<usize>().unwrap() - FRAME as usize;
            rows[place(y)][place(x)..][..length].fill(b'#');
        }
        rows.into_iter().map(|row| String::from_utf8(row).unwrap()).collect()
    }

    #[test]
    fn a_code_has_its_three_corners_and_its_timing() {
        let found = picture("https://example.org/#v=1").unwrap();
        let rows = rows(&found);
        let corner = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];
        let side = rows.len();
        for (y, line) in corner.iter().enumerate() {
            assert!(rows[y].starts_with(line) && rows[y].ends_with(line), "{rows:#?}");
            assert!(rows[side - 7 + y].starts_with(line), "{rows:#?}");
        }
        // Between the corners dark and light take turns.
        let timing: String = (8..side - 8).map(|x| &rows[6][x..=x]).collect();
        assert!(timing.chars().enumerate().all(|(place, it)| (it == '#') == (place % 2 == 0)));
        assert_eq!(side, 17 + 4 * 2, "24 characters take version 2");
    }

    #[test]
    fn equal_texts_have_equal_codes_and_others_have_not() {
        assert_eq!(picture("v=1"), picture("v=1"));
        assert_ne!(picture("v=1"), picture("v=2"));
    }

    #[test]
    fn a_text_that_is_too_long_has_none() {
        assert!(picture(&"x".repeat(1273)).is_some());
        assert_eq!(picture(&"x".repeat(1274)), None);
    }
}
