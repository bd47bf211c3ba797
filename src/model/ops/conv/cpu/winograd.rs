//! Convolution with a 3×3 kernel, stride 1 and padding 1 by Winograd's F(2×2, 3×3):
//! 16 multiplications for four output pixels instead of 36. Plain slices, images in
//! `[batch, channels, height, width]`; independent of burn, which multiplies the
//! matrices between the transforms.
//!
//! Lavin and Gray, “Fast Algorithms for Convolutional Neural Networks” (2015):
//! `Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A` for a 4×4 input tile `d` and the 2×2 outputs `Y` in
//! its middle. Of all tiles of some images, the products are 16 matrix multiplications over
//! the channels, one for each of the 16 places of a tile.

use super::interleave::{deinterleave, interleave};

/// Places of a transformed tile: 4 × 4.
pub(super) const PLACES: usize = 16;

/// The tiles of a batch of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiles {
    height: usize,
    width: usize,
    rows: usize,
    columns: usize,
}

impl Tiles {
    /// For images of `height` × `width` pixels.
    pub(super) fn new(height: usize, width: usize) -> Self {
        Self { height, width, rows: height.div_ceil(2), columns: width.div_ceil(2) }
    }

    /// Tiles of one image.
    pub(super) fn per_image(self) -> usize {
        self.rows * self.columns
    }

    fn pixels(self) -> usize {
        self.height * self.width
    }
}

/// `Bᵀ d B` of every tile: `[images, channels, height, width]` to
/// `[16, channels, images × tiles]`.
pub(super) fn transform_input(images: &[f32], channels: usize, tiles: Tiles) -> Vec<f32> {
    let planes = images.chunks_exact(tiles.pixels());
    let of = planes.len() / channels * tiles.per_image();
    let mut out = vec![0.0; PLACES * channels * of];
    // One plane with a border of zeros, its even and its odd columns apart: what
    // neighbouring tiles need then lies side by side.
    let half = tiles.columns + 1;
    let mut even = vec![0.0; (2 * tiles.rows + 2) * half];
    let mut odd = even.clone();
    let mut mixed = [vec![0.0; half], vec![0.0; half]];
    for (index, plane) in planes.enumerate() {
        let (image, channel) = (index / channels, index % channels);
        split(plane, tiles, &mut even, &mut odd);
        for row in 0..tiles.rows {
            let start = channel * of + image * tiles.per_image() + row * tiles.columns;
            for i in 0..4 {
                let [e, o] = &mut mixed;
                mix_rows(i, &even[2 * row * half..], half, e);
                mix_rows(i, &odd[2 * row * half..], half, o);
                let [p0, p1, p2, p3] = places(&mut out, 4 * i, channels * of, start, half - 1);
                zip(p0, e, &e[1..], |a, c| a - c);
                zip(p1, o, &e[1..], |b, c| b + c);
                zip(p2, o, &e[1..], |b, c| c - b);
                zip(p3, o, &o[1..], |b, d| b - d);
            }
        }
    }
    out
}

/// `Aᵀ m A` of every tile: `[16, channels, images × tiles]` to
/// `[images, channels, height, width]`, written into `images`.
pub(super) fn transform_output(
    products: &[f32],
    images: &mut [f32],
    channels: usize,
    tiles: Tiles,
) {
    let columns = tiles.columns;
    let of = products.len() / PLACES / channels;
    let mut sums = vec![0.0; 8 * columns];
    let mut pair = [vec![0.0; columns], vec![0.0; columns]];
    for (index, plane) in images.chunks_exact_mut(tiles.pixels()).enumerate() {
        let (image, channel) = (index / channels, index % channels);
        for row in 0..tiles.rows {
            let start = channel * of + image * tiles.per_image() + row * columns;
            for i in 0..4 {
                let place = |j: usize| {
                    let from = (4 * i + j) * channels * of + start;
                    &products[from..from + columns]
                };
                let (left, right) =
                    sums[2 * i * columns..2 * (i + 1) * columns].split_at_mut(columns);
                let [m0, m1, m2, m3] = [place(0), place(1), place(2), place(3)];
                for (((s, a), b), c) in left.iter_mut().zip(m0).zip(m1).zip(m2) {
                    *s = a + b + c;
                }
                for (((s, b), c), d) in right.iter_mut().zip(m1).zip(m2).zip(m3) {
                    *s = b - c - d;
                }
            }
            let sum = |i: usize, side: usize| {
                let from = (2 * i + side) * columns;
                &sums[from..from + columns]
            };
            for below in 0..2 {
                let y = 2 * row + below;
                if y == tiles.height {
                    break;
                }
                for (side, out) in pair.iter_mut().enumerate() {
                    let [a, b, c] = [sum(below, side), sum(below + 1, side), sum(below + 2, side)];
                    // s0 + s1 + s2 above, s1 - s2 - s3 below.
                    let sign = if below == 0 { 1.0 } else { -1.0 };
                    for (((out, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
                        *out = a + sign * (b + c);
                    }
                }
                interleave(
                    [&pair[0], &pair[1]],
                    &mut plane[y * tiles.width..(y + 1) * tiles.width],
                );
            }
        }
    }
}

/// `A y Aᵀ` of every tile of the output's gradient: `[images, channels, height,
/// width]` to `[16, channels, images × tiles]`.
pub(super) fn transform_gradient(images: &[f32], channels: usize, tiles: Tiles) -> Vec<f32> {
    let planes = images.chunks_exact(tiles.pixels());
    let columns = tiles.columns;
    let of = planes.len() / channels * tiles.per_image();
    let mut out = vec![0.0; PLACES * channels * of];
    let mut rows = vec![0.0; 4 * columns];
    let mut mixed = [vec![0.0; columns], vec![0.0; columns]];
    for (index, plane) in planes.enumerate() {
        let (image, channel) = (index / channels, index % channels);
        for row in 0..tiles.rows {
            let start = channel * of + image * tiles.per_image() + row * columns;
            for below in 0..2 {
                let y = 2 * row + below;
                let (even, odd) =
                    rows[2 * below * columns..2 * (below + 1) * columns].split_at_mut(columns);
                match plane.get(y * tiles.width..(y + 1) * tiles.width) {
                    Some(line) => deinterleave(line, even, odd),
                    None => {
                        even.fill(0.0);
                        odd.fill(0.0);
                    }
                }
            }
            let (top, bottom) = rows.split_at(2 * columns);
            for i in 0..4 {
                for (side, mixed) in mixed.iter_mut().enumerate() {
                    let [y0, y1] =
                        [top, bottom].map(|it| &it[side * columns..(side + 1) * columns]);
                    match i {
                        0 => mixed.copy_from_slice(y0),
                        1 => zip(mixed, y0, y1, |a, b| a + b),
                        2 => zip(mixed, y0, y1, |a, b| a - b),
                        _ => zip(mixed, y1, y1, |b, _| -b),
                    }
                }
                let [left, right] = &mixed;
                let [p0, p1, p2, p3] = places(&mut out, 4 * i, channels * of, start, columns);
                p0.copy_from_slice(left);
                zip(p1, left, right, |a, b| a + b);
                zip(p2, left, right, |a, b| a - b);
                zip(p3, right, right, |b, _| -b);
            }
        }
    }
    out
}

/// `G g Gᵀ` of every kernel: `[output, input, 3, 3]` to `[16, output, input]`.
pub(super) fn transform_kernels(kernels: &[f32]) -> Vec<f32> {
    let of = kernels.len() / 9;
    let mut out = vec![0.0; PLACES * of];
    for (index, kernel) in kernels.chunks_exact(9).enumerate() {
        // Rows first, then columns.
        let mut half = [[0.0; 3]; 4];
        for column in 0..3 {
            let [a, b, c] = [kernel[column], kernel[3 + column], kernel[6 + column]];
            let sum = 0.5 * (a + c);
            let values = [a, sum + 0.5 * b, sum - 0.5 * b, c];
            for (row, value) in half.iter_mut().zip(values) {
                row[column] = value;
            }
        }
        for (i, [a, b, c]) in half.into_iter().enumerate() {
            let sum = 0.5 * (a + c);
            for (j, value) in [a, sum + 0.5 * b, sum - 0.5 * b, c].into_iter().enumerate() {
                out[(4 * i + j) * of + index] = value;
            }
        }
    }
    out
}

/// `Gᵀ u G`, the adjoint of [`transform_kernels`]: `[16, output, input]` to
/// `[output, input, 3, 3]`.
pub(super) fn gather_kernels(places: &[f32]) -> Vec<f32> {
    let of = places.len() / PLACES;
    let mut out = vec![0.0; 9 * of];
    for (index, kernel) in out.chunks_exact_mut(9).enumerate() {
        let mut half = [[0.0; 4]; 3];
        for column in 0..4 {
            let u = |row: usize| places[(4 * row + column) * of + index];
            let (sum, difference) = (0.5 * (u(1) + u(2)), 0.5 * (u(1) - u(2)));
            half[0][column] = u(0) + sum;
            half[1][column] = difference;
            half[2][column] = sum + u(3);
        }
        for (row, [a, b, c, d]) in half.into_iter().enumerate() {
            let (sum, difference) = (0.5 * (b + c), 0.5 * (b - c));
            kernel[3 * row..3 * row + 3].copy_from_slice(&[a + sum, difference, sum + d]);
        }
    }
    out
}

/// Kernels of the convolution that computes the input's gradient: rotated by 180°, with outputs
/// and inputs exchanged.
pub(super) fn turn_kernels(kernels: &[f32], output: usize, input: usize) -> Vec<f32> {
    let mut out = vec![0.0; kernels.len()];
    for (index, kernel) in kernels.chunks_exact(9).enumerate() {
        let (o, i) = (index / input, index % input);
        let at = 9 * (i * output + o);
        for (to, from) in out[at..at + 9].iter_mut().zip(kernel.iter().rev()) {
            *to = *from;
        }
    }
    out
}

/// The lines of `len` values at `start` in four places that follow on each other, of
/// `stride` values each, from place `first` on.
fn places(
    out: &mut [f32],
    first: usize,
    stride: usize,
    start: usize,
    len: usize,
) -> [&mut [f32]; 4] {
    let (p0, rest) = out[first * stride..].split_at_mut(stride);
    let (p1, rest) = rest.split_at_mut(stride);
    let (p2, p3) = rest.split_at_mut(stride);
    [p0, p1, p2, p3].map(|place| &mut place[start..start + len])
}

/// Copies a plane into its even and its odd columns, with a border of zeros of one
/// pixel above and to the left and as much below and to the right as tiles overhang.
fn split(plane: &[f32], tiles: Tiles, even: &mut [f32], odd: &mut [f32]) {
    let half = tiles.columns + 1;
    // The borders are zero from the start and never written; with the border, column
    // 0 of the plane is column 1.
    for (y, line) in plane.chunks_exact(tiles.width).enumerate() {
        let at = (y + 1) * half;
        let (odd, even) = (&mut odd[at..at + half], &mut even[at + 1..at + half]);
        deinterleave(line, odd, even);
    }
}

/// One row of `Bᵀ d`: combines two of four rows of `half` values.
fn mix_rows(i: usize, rows: &[f32], half: usize, out: &mut [f32]) {
    let row = |k: usize| &rows[k * half..(k + 1) * half];
    match i {
        0 => zip(out, row(0), row(2), |a, c| a - c),
        1 => zip(out, row(1), row(2), |b, c| b + c),
        2 => zip(out, row(1), row(2), |b, c| c - b),
        _ => zip(out, row(1), row(3), |b, d| b - d),
    }
}

fn zip(out: &mut [f32], a: &[f32], b: &[f32], how: impl Fn(f32, f32) -> f32) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = how(*a, *b);
    }
}
