//! The random draws for one view of one image. Independent of pixels.
//!
//! The draws of a view come in this order, always all of them, whether or not
//! their result is used, so that no parameter moves another:
//!
//! 1. flip; 2. and 3. position x, y in the source;
//! - `rrc` adds ten pairs: area, logarithm of the aspect ratio;
//! - `aug` adds warp x (whether, how much), warp y (whether, how much),
//!   rotation (whether, how much), zoom (whether, how much), zoom centre x, y,
//!   brightness (whether, how much), contrast (whether, how much), area of the
//!   crop, position x, y of the crop.
//!
//! The ranges are fastai's (`vision/augment.py`). fastai draws the crop of `aug`
//! once a batch; here it is drawn per image, so that the view of an image does
//! not depend on which batch it falls in.

use crate::experiment::Crop;
use crate::rng::Draws;

/// Tries of `RandomResizedCrop` before it falls back to the middle.
pub const RRC_TRIES: usize = 10;
/// Smallest area of `rrc`, as a share of the image.
pub const RRC_MIN_SCALE: f64 = 0.35;
/// Largest aspect ratio of `rrc`; the smallest is its inverse.
pub const RRC_RATIO: f64 = 4.0 / 3.0;
/// Probability of each of warp, rotation, zoom, brightness and contrast.
pub const AUG_P: f64 = 0.75;
/// Largest displacement of the corners by the warp, in half sides.
pub const AUG_WARP: f64 = 0.2;
/// Largest rotation in degrees.
pub const AUG_DEGREES: f64 = 10.0;
/// Largest zoom.
pub const AUG_ZOOM: f64 = 1.1;
/// fastai's `max_lighting`.
pub const AUG_LIGHTING: f64 = 0.2;
/// Smallest area of the square crop of `aug`, as a share of the image.
pub const AUG_MIN_SCALE: f64 = 0.75;

/// Everything that chance decides about one view.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewDraw {
    /// Mirror left and right, with probability 1/2.
    pub flip: bool,
    /// Where along x and y the crop lies, each in [0, 1).
    pub position: [f64; 2],
    /// What only some crops draw.
    pub more: More,
}

/// The draws that belong to one kind of crop.
#[derive(Clone, Debug, PartialEq)]
pub enum More {
    /// `pad` and `resize` need no more.
    Nothing,
    /// `rrc`: area as a share of the image, and width over height, per try.
    Rrc([[f64; 2]; RRC_TRIES]),
    /// `aug`.
    Aug(AugDraw),
}

/// The draws of fastai's `aug_transforms(min_scale=.75)` besides the flip.
/// What a probability switched off has its neutral value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AugDraw {
    /// Perspective warp x and y, each in ±0.2; 0 is neutral.
    pub warp: [f64; 2],
    /// Rotation in degrees, ±10; 0 is neutral.
    pub degrees: f64,
    /// Zoom in 1..1.1; 1 is neutral.
    pub zoom: f64,
    /// Centre of the zoom as a share of width and height, each in [0, 1).
    pub zoom_centre: [f64; 2],
    /// Brightness in 0.4..0.6; 0.5 is neutral.
    pub brightness: f64,
    /// Contrast in 0.8..1.25; 1 is neutral.
    pub contrast: f64,
    /// Area of the square crop as a share of the image, 0.75..1.
    pub area: f64,
    /// Where along x and y that crop lies, each in [0, 1).
    pub position: [f64; 2],
}

impl AugDraw {
    /// No change at all: the whole square, as it is.
    pub const NEUTRAL: Self = Self {
        warp: [0.0, 0.0],
        degrees: 0.0,
        zoom: 1.0,
        zoom_centre: [0.5, 0.5],
        brightness: 0.5,
        contrast: 1.0,
        area: 1.0,
        position: [0.0, 0.0],
    };
}

impl ViewDraw {
    /// Draws one view; see the module's notes for the order.
    pub fn new(crop: Crop, mut draws: Draws) -> Self {
        let flip = draws.chance(0.5);
        let position = [draws.unit(), draws.unit()];
        let more = match crop {
            Crop::Pad | Crop::Resize => More::Nothing,
            Crop::Rrc => More::Rrc(rrc(&mut draws)),
            Crop::Aug => More::Aug(aug(&mut draws)),
        };
        Self { flip, position, more }
    }
}

fn rrc(draws: &mut Draws) -> [[f64; 2]; RRC_TRIES] {
    let log_ratio = libm::log(RRC_RATIO);
    std::array::from_fn(|_| {
        [draws.uniform(RRC_MIN_SCALE, 1.0), libm::exp(draws.uniform(-log_ratio, log_ratio))]
    })
}

fn aug(draws: &mut Draws) -> AugDraw {
    let log_contrast = -libm::log(1.0 - AUG_LIGHTING);
    // Fields are evaluated in the order in which they are written here.
    AugDraw {
        warp: [
            uniform_or_neutral(draws, -AUG_WARP, AUG_WARP, 0.0),
            uniform_or_neutral(draws, -AUG_WARP, AUG_WARP, 0.0),
        ],
        degrees: uniform_or_neutral(draws, -AUG_DEGREES, AUG_DEGREES, 0.0),
        zoom: uniform_or_neutral(draws, 1.0, AUG_ZOOM, 1.0),
        zoom_centre: [draws.unit(), draws.unit()],
        brightness: uniform_or_neutral(
            draws,
            0.5 * (1.0 - AUG_LIGHTING),
            0.5 * (1.0 + AUG_LIGHTING),
            0.5,
        ),
        contrast: libm::exp(uniform_or_neutral(draws, -log_contrast, log_contrast, 0.0)),
        area: draws.uniform(AUG_MIN_SCALE, 1.0),
        position: [draws.unit(), draws.unit()],
    }
}

/// Uniform in [low, high) with probability [`AUG_P`], else neutral; two draws.
fn uniform_or_neutral(draws: &mut Draws, low: f64, high: f64, neutral: f64) -> f64 {
    let on = draws.chance(AUG_P);
    let value = draws.uniform(low, high);
    if on { value } else { neutral }
}

/// The start of a stretch of `length` in 0..=`room`, from a unit draw: every
/// start is equally likely.
pub(crate) fn start(unit: f64, room: u32) -> u32 {
    // The product is below room + 1 except where it rounds up to it.
    ((unit * (f64::from(room) + 1.0)) as u32).min(room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    type Parameter = fn(&AugDraw) -> f64;

    fn draw(crop: Crop, item: u32) -> ViewDraw {
        ViewDraw::new(crop, Draws::new(1, Stream::Augment, 2, item))
    }

    #[test]
    fn flip_and_position_are_the_same_for_every_crop() {
        for item in 0..50 {
            let pad = draw(Crop::Pad, item);
            for crop in Crop::ALL {
                let other = draw(crop, item);
                assert_eq!((other.flip, other.position), (pad.flip, pad.position));
            }
        }
    }

    #[test]
    fn the_ranges_and_probabilities_are_those_of_fastai() {
        let draws: Vec<AugDraw> = (0..4000)
            .filter_map(|item| match draw(Crop::Aug, item).more {
                More::Aug(aug) => Some(aug),
                More::Nothing | More::Rrc(_) => None,
            })
            .collect();
        assert_eq!(draws.len(), 4000);
        let parameters: [(Parameter, f64, f64, f64); 6] = [
            (|d| d.warp[0], -0.2, 0.2, 0.0),
            (|d| d.warp[1], -0.2, 0.2, 0.0),
            (|d| d.degrees, -10.0, 10.0, 0.0),
            (|d| d.zoom, 1.0, 1.1, 1.0),
            (|d| d.brightness, 0.4, 0.6, 0.5),
            (|d| d.contrast, 0.8, 1.25, 1.0),
        ];
        for (index, (value, low, high, neutral)) in parameters.into_iter().enumerate() {
            let on: Vec<f64> = draws.iter().map(value).filter(|&v| v != neutral).collect();
            let share = on.len() as f64 / 4000.0;
            assert!((share - 0.75).abs() < 0.025, "parameter {index}: on in {share}");
            let least = on.iter().copied().fold(f64::INFINITY, f64::min);
            let most = on.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let width = high - low;
            assert!(least >= low && least < low + 0.01 * width, "parameter {index}: {least}");
            assert!(
                most <= high + 1e-12 && most > high - 0.01 * width,
                "parameter {index}: {most}"
            );
        }
        let flips = (0..4000).filter(|&item| draw(Crop::Aug, item).flip).count();
        assert!((1880..2120).contains(&flips), "{flips} flips of 4000");
    }

    #[test]
    fn every_start_is_reached_and_none_beyond() {
        assert_eq!(start(0.0, 4), 0);
        assert_eq!(start(0.199, 4), 0);
        assert_eq!(start(0.2001, 4), 1);
        assert_eq!(start(1.0 - f64::EPSILON / 2.0, 4), 4);
        assert_eq!(start(1.0 - f64::EPSILON / 2.0, u32::MAX), u32::MAX);
    }
}
