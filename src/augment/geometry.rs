//! Projective maps and grid sampling, as fastai's `affine_coord`. Independent
//! of burn and of browsers.
//!
//! Coordinates run from −1 to 1 between the centres of the border pixels
//! (`align_corners=True`), x to the right and y down. A map says where an
//! output position reads in the input; beyond the border it reads the mirror
//! image (reflection without repeating the border pixel).

use super::draw::AugDraw;
use super::resample::{Raster, Window};

/// A 3 × 3 matrix on homogeneous coordinates (x, y, 1).
pub type Matrix = [[f64; 3]; 3];

/// Reads every position where it is.
pub const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// RGB values as `f32`, rows first: `height × width × 3`.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height × width × 3` values.
    pub pixels: Vec<f32>,
}

/// The map of flip, rotation, zoom and warp, composed as in fastai: the affine
/// ones first, then the perspective.
pub fn compose(flip: bool, draw: &AugDraw) -> Matrix {
    let mirror = if flip { -1.0 } else { 1.0 };
    let flip = [[mirror, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let affine = multiply(&multiply(&flip, &rotation(draw.degrees)), &zoom(draw));
    multiply(&perspective(draw.warp), &affine)
}

fn rotation(degrees: f64) -> Matrix {
    let angle = degrees * (core::f64::consts::PI / 180.0);
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    [[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]
}

fn zoom(draw: &AugDraw) -> Matrix {
    let scale = 1.0 / draw.zoom;
    let [x, y] = draw.zoom_centre.map(|centre| (1.0 - scale) * (2.0 * centre - 1.0));
    [[scale, 0.0, x], [0.0, scale, y], [0.0, 0.0, 1.0]]
}

/// The perspective that takes the displaced corners to the corners.
fn perspective([x, y]: [f64; 2]) -> Matrix {
    if x == 0.0 && y == 0.0 {
        return IDENTITY;
    }
    let corners = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]];
    let displaced =
        [[-1.0 - y, -1.0 - x], [-1.0 + y, 1.0 + x], [1.0 + y, -1.0 + x], [1.0 - y, 1.0 - x]];
    // Two equations for each corner in the eight unknown entries.
    let mut system = [[0.0; 9]; 8];
    for (corner, ([to_x, to_y], [u, v])) in corners.into_iter().zip(displaced).enumerate() {
        system[2 * corner] = [u, v, 1.0, 0.0, 0.0, 0.0, -to_x * u, -to_x * v, to_x];
        system[2 * corner + 1] = [0.0, 0.0, 0.0, u, v, 1.0, -to_y * u, -to_y * v, to_y];
    }
    let [a, b, c, d, e, f, g, h] = solve(system);
    [[a, b, c], [d, e, f], [g, h, 1.0]]
}

/// Gauss and Jordan with partial pivoting; the last column is the right side.
fn solve(mut system: [[f64; 9]; 8]) -> [f64; 8] {
    for column in 0..8 {
        let mut pivot = column;
        for row in column + 1..8 {
            if system[row][column].abs() > system[pivot][column].abs() {
                pivot = row;
            }
        }
        system.swap(column, pivot);
        let lead = system[column];
        for (row, values) in system.iter_mut().enumerate() {
            if row != column {
                let factor = values[column] / lead[column];
                for (value, lead) in values.iter_mut().zip(lead) {
                    *value -= factor * lead;
                }
            }
        }
    }
    std::array::from_fn(|row| system[row][8] / system[row][row])
}

fn multiply(left: &Matrix, right: &Matrix) -> Matrix {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| (0..3).map(|k| left[row][k] * right[k][column]).sum())
    })
}

/// Samples the square `square` of an image through a map, bilinearly, and
/// returns the part `part` of the result (which is as large as the square).
/// Values are 0..255. The identity copies exactly.
pub fn warp(source: Raster<'_>, square: Window, map: &Matrix, part: Window) -> Grid {
    let square = source.inside(square);
    let last = square.width.min(square.height) - 1;
    let map = map.map(|row| row.map(|value| value as f32));
    let k = last as f32;
    let mut pixels = Vec::with_capacity(part.width as usize * part.height as usize * 3);
    for row in part.y..part.y + part.height {
        // Twice the distance from the middle, in pixels: whole numbers, so that
        // the identity stays exact.
        let v = 2.0 * row as f32 - k;
        for column in part.x..part.x + part.width {
            let u = 2.0 * column as f32 - k;
            let depth =
                if last == 0 { 1.0 } else { (map[2][0] * u + map[2][1] * v + map[2][2] * k) / k };
            let x = (map[0][0] * u + map[0][1] * v + map[0][2] * k) / depth;
            let y = (map[1][0] * u + map[1][1] * v + map[1][2] * k) / depth;
            let (left, right, across) = neighbours(reflect((x + k) * 0.5, k), last);
            let (above, below, down) = neighbours(reflect((y + k) * 0.5, k), last);
            let upper = source.row(square.y + above, square.x, last + 1);
            let lower = source.row(square.y + below, square.x, last + 1);
            for channel in 0..3 {
                let at = |row: &[u8], x: u32| f32::from(row[x as usize * 3 + channel]);
                let top = blend(at(upper, left), at(upper, right), across);
                let bottom = blend(at(lower, left), at(lower, right), across);
                pixels.push(blend(top, bottom, down));
            }
        }
    }
    Grid { width: part.width as usize, height: part.height as usize, pixels }
}

/// The mirror image in 0..=`last` of a position, in pixels.
pub fn reflect(x: f32, last: f32) -> f32 {
    if (0.0..=last).contains(&x) {
        return x;
    }
    if last <= 0.0 || !x.is_finite() {
        return 0.0;
    }
    let period = 2.0 * last;
    let x = x.abs() % period;
    if x > last { period - x } else { x }
}

/// The two pixels beside a position in 0..=`last`, and the share of the second.
fn neighbours(x: f32, last: u32) -> (u32, u32, f32) {
    let low = (x as u32).min(last);
    (low, (low + 1).min(last), x - low as f32)
}

fn blend(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

impl Grid {
    /// Bilinear to `size × size`, border centres on border centres, planes
    /// `[3, size, size]` into `out`. As in fastai, what would shrink by more than
    /// 2 is first averaged down to twice the size. `out` holds `3·size·size`.
    pub(crate) fn shrink_into(&self, size: usize, out: &mut [f32]) {
        let (width, height) = (self.width, self.height);
        if width.min(height) > 2 * size {
            return self.average(2 * size, 2 * size).shrink_into(size, out);
        }
        if width == 0 || height == 0 || size == 0 {
            return;
        }
        let columns = stretch(width, size);
        let rows = stretch(height, size);
        let plane = size * size;
        for (y, &(above, below, down)) in rows.iter().enumerate() {
            let upper = &self.pixels[above * width * 3..][..width * 3];
            let lower = &self.pixels[below * width * 3..][..width * 3];
            for channel in 0..3 {
                let line = &mut out[channel * plane + y * size..][..size];
                for (value, &(left, right, across)) in line.iter_mut().zip(&columns) {
                    let top = blend(upper[left * 3 + channel], upper[right * 3 + channel], across);
                    let bottom =
                        blend(lower[left * 3 + channel], lower[right * 3 + channel], across);
                    *value = blend(top, bottom, down);
                }
            }
        }
    }

    /// Mean over the cells of a `width × height` partition (PyTorch's area mode:
    /// cells are widened to whole pixels).
    fn average(&self, width: usize, height: usize) -> Self {
        let cell = |index: usize, input: usize, output: usize| {
            (index * input / output, ((index + 1) * input).div_ceil(output))
        };
        let mut pixels = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            let (top, bottom) = cell(y, self.height, height);
            for x in 0..width {
                let (left, right) = cell(x, self.width, width);
                let mut sum = [0f32; 3];
                for row in top..bottom {
                    let start = (row * self.width + left) * 3;
                    for rgb in self.pixels[start..start + (right - left) * 3].chunks_exact(3) {
                        for (sum, value) in sum.iter_mut().zip(rgb) {
                            *sum += value;
                        }
                    }
                }
                let count = ((bottom - top) * (right - left)) as f32;
                pixels.extend(sum.map(|sum| sum / count));
            }
        }
        Self { width, height, pixels }
    }
}

/// For each of `output` positions stretched over `input` pixels: its two
/// neighbours and the share of the second.
fn stretch(input: usize, output: usize) -> Vec<(usize, usize, f32)> {
    (0..output)
        .map(|index| {
            let x = match output {
                1 => (input - 1) as f32 * 0.5,
                _ => (index * (input - 1)) as f32 / (output - 1) as f32,
            };
            let low = (x as usize).min(input - 1);
            (low, (low + 1).min(input - 1), x - low as f32)
        })
        .collect()
}
