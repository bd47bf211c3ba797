//! Views: the square of pixels that a crop takes from a stored image, before
//! normalization. Independent of batches, burn and browsers.
//!
//! | crop | training view | validation view |
//! |---|---|---|
//! | `pad` | the validation view, padded by size/8 with its reflection; random window; flip | middle square, resized |
//! | `resize` | largest square at a random place along the long side, resized; flip | middle square, resized |
//! | `rrc` | area U(.35, 1), log-uniform ratio 3/4 to 4/3, ten tries, resized; flip | whole image squished to size + xtra, its middle |
//! | `aug` | largest square at a random place, `aug_transforms`, then a random square of area U(.75, 1), resized | middle square, resized |
//!
//! Item crops resize 8-bit images as Pillow does; `aug` works on `f32` as
//! fastai's batch transforms do, in training and in validation: flip, rotation, zoom and warp
//! in one pass at the stored size (none of them in validation), the crop in a second (all of
//! the square in validation), light last.

use std::sync::Arc;

use super::draw::{More, RRC_RATIO, ViewDraw, start};
use super::geometry;
use super::light::Light;
use super::resample::{Raster, Window, resize};
use crate::experiment::Crop;

/// One image as the network would see it, not yet normalized nor mixed.
#[derive(Clone, Debug, PartialEq)]
pub struct AugmentedView {
    /// Side in pixels.
    pub size: u32,
    /// Planes `[3, size, size]` of values in 0..255.
    pub pixels: Vec<f32>,
}

impl AugmentedView {
    /// For a canvas: `size × size` of RGBA, rounded to 8 bits, opaque.
    pub fn to_rgba(&self) -> Vec<u8> {
        let plane = (self.size as usize).pow(2);
        let mut rgba = vec![255; plane * 4];
        for (channel, values) in self.pixels.chunks_exact(plane.max(1)).take(3).enumerate() {
            for (pixel, value) in rgba.chunks_exact_mut(4).zip(values) {
                pixel[channel] = (value + 0.5) as u8;
            }
        }
        rgba
    }
}

/// What fastai adds to the side before the middle is cut out of a squished
/// image at validation: ⌈size · 0.14 / 8⌉ · 8.
pub fn rrc_xtra(size: u32) -> u32 {
    (f64::from(size) * 0.14 / 8.0).ceil() as u32 * 8
}

/// The validation view, `size × size × 3` bytes, rows first. Of `aug` it is only what the
/// instruments show as 8-bit pixels: the network sees [`valid_view`].
pub fn valid_pixels(source: Raster<'_>, crop: Crop, size: u32) -> Vec<u8> {
    match crop {
        Crop::Pad | Crop::Resize | Crop::Aug => resize(source, source.centre_square(), size, size),
        Crop::Rrc => {
            let side = size + rrc_xtra(size);
            let squished = resize(source, source.whole(), side, side);
            let middle =
                Window { x: (side - size) / 2, y: (side - size) / 2, width: size, height: size };
            match Raster::new(side, side, &squished) {
                Some(squished) => resize(squished, middle, size, size),
                None => squished,
            }
        }
    }
}

/// The validation view of an image; `size` is at least 1.
pub fn valid_view(source: Raster<'_>, crop: Crop, size: u32) -> AugmentedView {
    let size = size.max(1);
    let mut view = AugmentedView { size, pixels: vec![0.0; values(size)] };
    let base = || valid_pixels(source, crop, size).into();
    valid_into(source, crop, size, base, &mut view.pixels);
    view
}

/// The training view of an image under the given draws, which belong to the
/// same crop; `size` is at least 1.
pub fn train_view(source: Raster<'_>, crop: Crop, size: u32, draw: &ViewDraw) -> AugmentedView {
    let size = size.max(1);
    let mut view = AugmentedView { size, pixels: vec![0.0; values(size)] };
    let base = || valid_pixels(source, crop, size).into();
    train_into(source, crop, size, draw, base, &mut view.pixels);
    view
}

/// Values in a view: `3 · size · size`.
pub(crate) fn values(size: u32) -> usize {
    3 * (size as usize).pow(2)
}

/// Writes the validation view into planes `[3, size, size]`. `base` gives the 8-bit view, from
/// a store where there is one.
pub(crate) fn valid_into(
    source: Raster<'_>,
    crop: Crop,
    size: u32,
    base: impl FnOnce() -> Arc<[u8]>,
    out: &mut [f32],
) {
    if crop != Crop::Aug {
        return planes(&base(), size, false, out);
    }
    let square = source.centre_square();
    let part = Window { x: 0, y: 0, ..square };
    geometry::warp(source, square, &geometry::IDENTITY, part).shrink_into(size as usize, out);
}

/// Writes a training view into planes `[3, size, size]`. `base` gives the
/// validation view (of the same crop and size), from a store where there is one.
pub(crate) fn train_into(
    source: Raster<'_>,
    crop: Crop,
    size: u32,
    draw: &ViewDraw,
    base: impl FnOnce() -> Arc<[u8]>,
    out: &mut [f32],
) {
    match (crop, &draw.more) {
        (Crop::Pad, _) => {
            let margin = size / 8;
            let shifts = draw.position.map(|unit| start(unit, 2 * margin));
            let axis = |shift: u32| -> Vec<usize> {
                (0..size).map(|i| mirror(i64::from(i + shift) - i64::from(margin), size)).collect()
            };
            let (mut columns, rows) = (axis(shifts[0]), axis(shifts[1]));
            if draw.flip {
                columns.reverse();
            }
            gather(&base(), &columns, &rows, out);
        }
        (Crop::Rrc, More::Rrc(tries)) => {
            let window = rrc_window(source.width(), source.height(), tries, draw.position);
            planes(&resize(source, window, size, size), size, draw.flip, out);
        }
        (Crop::Aug, More::Aug(aug)) => {
            let square = random_square(source, draw.position);
            let side = f64::from(square.width);
            let cut = (aug.area * side * side).sqrt().round_ties_even() as u32;
            let cut = cut.clamp(1, square.width);
            let part = Window {
                x: start(aug.position[0], square.width - cut),
                y: start(aug.position[1], square.width - cut),
                width: cut,
                height: cut,
            };
            let map = geometry::compose(draw.flip, aug);
            geometry::warp(source, square, &map, part).shrink_into(size as usize, out);
            Light { brightness: aug.brightness, contrast: aug.contrast }.apply(out);
        }
        // `resize`, and draws that belong to another crop.
        _ if source.width() == source.height() && crop == Crop::Resize => {
            planes(&base(), size, draw.flip, out);
        }
        _ => {
            let square = random_square(source, draw.position);
            planes(&resize(source, square, size, size), size, draw.flip, out);
        }
    }
}

/// fastai's `Resize` at training: the largest square, at ⌊pct · room⌋.
fn random_square(source: Raster<'_>, position: [f64; 2]) -> Window {
    let side = source.short_side();
    let at = |unit: f64, length: u32| (unit * f64::from(length - side)) as u32;
    Window {
        x: at(position[0], source.width()),
        y: at(position[1], source.height()),
        width: side,
        height: side,
    }
}

/// fastai's `RandomResizedCrop`: the first try that fits, at a random place, or
/// else the largest part in the middle whose ratio is allowed.
pub fn rrc_window(width: u32, height: u32, tries: &[[f64; 2]], position: [f64; 2]) -> Window {
    let (w, h) = (f64::from(width), f64::from(height));
    for [area, ratio] in tries {
        let area = area * w * h;
        let across = (area * ratio).sqrt().round_ties_even() as u32;
        let down = (area / ratio).sqrt().round_ties_even() as u32;
        if across <= width && down <= height {
            return Window {
                x: start(position[0], width - across),
                y: start(position[1], height - down),
                width: across,
                height: down,
            };
        }
    }
    let (across, down) = if w / h < 1.0 / RRC_RATIO {
        (width, (w * RRC_RATIO) as u32)
    } else if w / h > RRC_RATIO {
        ((h * RRC_RATIO) as u32, height)
    } else {
        (width, height)
    };
    Window { x: (width - across) / 2, y: (height - down) / 2, width: across, height: down }
}

/// Index in 0..`length` of a position up to `length − 1` outside it, mirrored at
/// the border pixels without repeating them.
pub fn mirror(position: i64, length: u32) -> usize {
    let last = i64::from(length) - 1;
    if last <= 0 {
        return 0;
    }
    let position = position.abs().rem_euclid(2 * last);
    position.min(2 * last - position) as usize
}

/// 8-bit rows to `f32` planes, mirrored where `flip`.
pub(crate) fn planes(pixels: &[u8], size: u32, flip: bool, out: &mut [f32]) {
    let rows: Vec<usize> = (0..size as usize).collect();
    let mut columns = rows.clone();
    if flip {
        columns.reverse();
    }
    gather(pixels, &columns, &rows, out);
}

/// `out[channel][y][x] = pixels[rows[y]][columns[x]][channel]`, for a square.
fn gather(pixels: &[u8], columns: &[usize], rows: &[usize], out: &mut [f32]) {
    let size = columns.len();
    let (red, rest) = out.split_at_mut(size * size);
    let (green, blue) = rest.split_at_mut(size * size);
    let lines = red.chunks_exact_mut(size).zip(green.chunks_exact_mut(size));
    for (((red, green), blue), &row) in lines.zip(blue.chunks_exact_mut(size)).zip(rows) {
        let line = &pixels[row * size * 3..][..size * 3];
        for (x, &column) in columns.iter().enumerate() {
            let rgb = &line[column * 3..][..3];
            red[x] = f32::from(rgb[0]);
            green[x] = f32::from(rgb[1]);
            blue[x] = f32::from(rgb[2]);
        }
    }
}
