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

/// Red, green, blue and nothing: four lanes go through one vector instruction.
type Rgb = [f32; 4];

/// RGB values in 0..255, rows first.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelGrid {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
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
/// The identity copies exactly.
pub fn warp(source: Raster<'_>, square: Window, map: &Matrix, part: Window) -> PixelGrid {
    let square = source.inside(square);
    let last = square.width.min(square.height) - 1;
    let side = last as usize + 1;
    let mut input: Vec<Rgb> = Vec::with_capacity(side * side);
    for y in 0..=last {
        let (rgbs, _) = source.row(square.y + y, square.x, last + 1).as_chunks::<3>();
        input.extend(rgbs.iter().map(|&[r, g, b]| [r, g, b, 0].map(f32::from)));
    }
    // Positions are measured from the middle in half pixels: whole numbers, so
    // that the identity stays exact. The map's depth is wanted in units of 1.
    let k = last as f32;
    let [to_x, to_y, mut to_depth] = map.map(|row| row.map(|value| value as f32));
    to_depth = to_depth.map(|value| value / k.max(1.0));
    let (width, height) = (part.width as usize, part.height as usize);
    let mut pixels = Vec::with_capacity(width * height);
    for row in (part.y..).take(height) {
        let v = 2.0 * row as f32 - k;
        let at_row = |line: [f32; 3]| line[1] * v + line[2] * k;
        let (row_x, row_y) = (at_row(to_x), at_row(to_y));
        let row_depth = if last == 0 { 1.0 } else { at_row(to_depth) };
        pixels.extend((part.x..).take(width).map(|column| {
            let u = 2.0 * column as f32 - k;
            let scale = 1.0 / (to_depth[0] * u + row_depth);
            let x = reflect(((to_x[0] * u + row_x) * scale + k) * 0.5, k);
            let y = reflect(((to_y[0] * u + row_y) * scale + k) * 0.5, k);
            let (left, right, across) = neighbours(x, last);
            let (above, below, down) = neighbours(y, last);
            let (above, below) = (above * side, below * side);
            let upper = blend(input[above + left], input[above + right], across);
            let lower = blend(input[below + left], input[below + right], across);
            blend(upper, lower, down)
        }));
    }
    PixelGrid { width, height, pixels }
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

/// The two pixels next to a position in 0..=`last`, and the share of the second.
fn neighbours(x: f32, last: u32) -> (usize, usize, f32) {
    let low = (x as u32).min(last);
    (low as usize, (low + 1).min(last) as usize, x - low as f32)
}

fn blend(a: Rgb, b: Rgb, share: f32) -> Rgb {
    std::array::from_fn(|lane| a[lane] + (b[lane] - a[lane]) * share)
}

impl PixelGrid {
    /// The pixel at a column and a row, if there is one.
    pub fn at(&self, column: usize, row: usize) -> Option<[f32; 3]> {
        let inside = column < self.width && row < self.height;
        let &[r, g, b, _] = self.pixels.get(row * self.width + column).filter(|_| inside)?;
        Some([r, g, b])
    }

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
        let (red, rest) = out.split_at_mut(size * size);
        let (green, blue) = rest.split_at_mut(size * size);
        let lines = red.chunks_exact_mut(size).zip(green.chunks_exact_mut(size));
        let lines = lines.zip(blue.chunks_exact_mut(size)).zip(stretch(height, size));
        for (((red, green), blue), (above, below, down)) in lines {
            let upper = &self.pixels[above * width..][..width];
            let lower = &self.pixels[below * width..][..width];
            for (x, &(left, right, across)) in columns.iter().enumerate() {
                let upper = blend(upper[left], upper[right], across);
                let lower = blend(lower[left], lower[right], across);
                [red[x], green[x], blue[x], _] = blend(upper, lower, down);
            }
        }
    }

    /// Mean over the cells of a `width × height` partition (PyTorch's area mode:
    /// cells are widened to whole pixels).
    fn average(&self, width: usize, height: usize) -> Self {
        let cell = |index: usize, input: usize, output: usize| {
            (index * input / output, ((index + 1) * input).div_ceil(output))
        };
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (top, bottom) = cell(y, self.height, height);
            for x in 0..width {
                let (left, right) = cell(x, self.width, width);
                let mut sum: Rgb = [0.0; 4];
                for row in top..bottom {
                    for rgb in &self.pixels[row * self.width..][left..right] {
                        for (sum, value) in sum.iter_mut().zip(rgb) {
                            *sum += value;
                        }
                    }
                }
                let count = ((bottom - top) * (right - left)) as f32;
                pixels.push(sum.map(|sum| sum / count));
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
