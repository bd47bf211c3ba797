//! Convolution with a 3×3 kernel, stride 1 and padding 1 by Winograd's algorithm: 36
//! multiplications for sixteen output pixels (F(4×4, 3×3)), or 16 for four (F(2×2, 3×3)),
//! instead of 144 and 36. Plain slices, images in `[batch, channels, height, width]`; independent
//! of burn, which multiplies the matrices between the transforms.
//!
//! Lavin and Gray, “Fast Algorithms for Convolutional Neural Networks” (2015):
//! `Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A` for an input tile `d` and the outputs `Y` in its middle. Of all
//! tiles, the products are one matrix multiplication over the channels for each place of a tile.
//!
//! Transforms work on [`LANES`] channels at a time and on one row of tiles after the other: images
//! of any size fill the vector registers, and as many rows as fit are in the cache.

mod points;

use super::lanes::{LANES, Lanes, group, read_row, write_row};
pub(super) use points::{FourOutputs, TileTransform, TwoOutputs};
use std::array::from_fn;
use std::ops::Range;

/// The tiles of a batch of images, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiles {
    height: usize,
    width: usize,
    /// Rows of tiles in an image.
    rows: usize,
    /// Tiles in a row.
    columns: usize,
}

impl Tiles {
    /// Tiles of `side` outputs a side, for images of `height` × `width` pixels.
    pub(super) fn new([height, width]: [usize; 2], side: usize) -> Self {
        Self { height, width, rows: height.div_ceil(side), columns: width.div_ceil(side) }
    }

    fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Rows of tiles in a batch of so many images.
    pub(super) fn rows_of(self, images: usize) -> usize {
        images * self.rows
    }

    /// Tiles in so many rows.
    pub(super) fn in_rows(self, rows: usize) -> usize {
        rows * self.columns
    }

    /// Rows that have at least so many tiles together.
    pub(super) fn rows_for(self, tiles: usize) -> usize {
        tiles.div_ceil(self.columns).max(1)
    }

    /// The image that a row of tiles belongs to, and the first line of the image in the row.
    fn place(self, row: usize, side: usize) -> (usize, usize) {
        (row / self.rows, row % self.rows * side)
    }
}

/// Whether tiles of four outputs a side take fewer multiplications than tiles of two, for images
/// of these sides. If they take equally many, the smaller tiles are more exact.
pub(super) fn four_pay(sides: [usize; 2]) -> bool {
    let places = |side: usize| {
        let tiles = Tiles::new(sides, side);
        tiles.in_rows(tiles.rows) * (side + 2) * (side + 2)
    };
    places(4) < places(2)
}

/// `Bᵀ d B` of the tiles in some rows of a batch: `[images, channels, height, width]` to
/// `[tiles, places, channels]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn transform_input<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    images: &[f32],
    channels: usize,
    tiles: Tiles,
    rows: Range<usize>,
    out: &mut [f32],
) {
    transform::<IN, IN, OUT, 1>(T::input, images, channels, tiles, rows, out);
}

/// `A y Aᵀ` of the tiles of the output's gradient in some rows: `[images, channels, height, width]`
/// to `[tiles, places, channels]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn transform_gradient<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    images: &[f32],
    channels: usize,
    tiles: Tiles,
    rows: Range<usize>,
    out: &mut [f32],
) {
    transform::<OUT, IN, OUT, 0>(T::gradient, images, channels, tiles, rows, out);
}

/// Transforms the `SIDE` × `SIDE` pixels under each tile by `one_way`, first down, then across. Tiles
/// are `OUT` pixels apart and begin `PADDING` pixels before their outputs.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn transform<const SIDE: usize, const IN: usize, const OUT: usize, const PADDING: usize>(
    one_way: impl Fn([Lanes; SIDE]) -> [Lanes; IN],
    images: &[f32],
    channels: usize,
    tiles: Tiles,
    rows: Range<usize>,
    out: &mut [f32],
) {
    // What lies outside of the image is 0 and never written.
    let length = tiles.columns * OUT + 2 * PADDING;
    let mut lines: [_; SIDE] = from_fn(|_| vec![Lanes::default(); length]);
    let mut mixed: [_; IN] = from_fn(|_| vec![Lanes::default(); length]);
    let outs = out.chunks_exact_mut(tiles.columns * IN * IN * channels);
    for (row, out) in rows.zip(outs) {
        let (image, top) = tiles.place(row, OUT);
        let planes = &images[image * channels * tiles.pixels()..];
        for first in (0..channels).step_by(LANES) {
            let lanes = group(first, channels);
            for (i, line) in lines.iter_mut().enumerate() {
                match (top + i).checked_sub(PADDING).filter(|y| *y < tiles.height) {
                    Some(y) => {
                        let row = (y, tiles.width);
                        let to = &mut line[PADDING..];
                        read_row(planes, tiles.pixels(), lanes.clone(), row, to);
                    }
                    None => line.fill(Lanes::default()),
                }
            }
            for column in 0..length {
                let combined = one_way(from_fn(|i| lines[i][column]));
                for (line, value) in mixed.iter_mut().zip(combined) {
                    line[column] = value;
                }
            }
            for (tile, out) in out.chunks_exact_mut(IN * IN * channels).enumerate() {
                let mut places = out.chunks_exact_mut(channels);
                for line in &mixed {
                    let under = &line[tile * OUT..][..SIDE];
                    let values = one_way(from_fn(|j| under[j]));
                    for (value, place) in values.into_iter().zip(&mut places) {
                        value.store(&mut place[lanes.clone()]);
                    }
                }
            }
        }
    }
}

/// `Aᵀ m A` of the tiles in some rows: `[places, tiles, channels]` to their part of `[images,
/// channels, height, width]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn transform_output<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    products: &[f32],
    channels: usize,
    tiles: Tiles,
    rows: Range<usize>,
    images: &mut [f32],
) {
    let of_place = tiles.in_rows(rows.len()) * channels;
    let mut lines: [_; OUT] = from_fn(|_| vec![Lanes::default(); tiles.columns * OUT]);
    for (index, row) in rows.enumerate() {
        let (image, top) = tiles.place(row, OUT);
        let planes = &mut images[image * channels * tiles.pixels()..];
        for first in (0..channels).step_by(LANES) {
            let lanes = group(first, channels);
            for column in 0..tiles.columns {
                let at = (index * tiles.columns + column) * channels + first;
                let place = |i: usize| Lanes::load(&products[i * of_place + at..][..lanes.len()]);
                let half: [[Lanes; OUT]; IN] =
                    from_fn(|i| T::output(from_fn(|j| place(i * IN + j))));
                for x in 0..OUT {
                    let values = T::output(from_fn(|i| half[i][x]));
                    for (line, value) in lines.iter_mut().zip(values) {
                        line[column * OUT + x] = value;
                    }
                }
            }
            for (y, line) in (top..tiles.height).zip(&lines) {
                write_row(line, planes, tiles.pixels(), lanes.clone(), (y, tiles.width));
            }
        }
    }
}

/// `G g Gᵀ` of every kernel: `[output, input, 3, 3]` to `[output, places, input]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn transform_kernels<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    kernels: &[f32],
    inputs: usize,
) -> Vec<f32> {
    let mut out = vec![0.0; kernels.len() / 9 * IN * IN];
    let outputs = out.chunks_exact_mut(IN * IN * inputs);
    for (kernels, out) in kernels.chunks_exact(9 * inputs).zip(outputs) {
        for first in (0..inputs).step_by(LANES) {
            let lanes = group(first, inputs);
            let of_lanes = &kernels[9 * lanes.start..9 * lanes.end];
            let tap = |i: usize| Lanes::strided(&of_lanes[i..], 9);
            // Rows first, then columns.
            let half: [[Lanes; IN]; 3] =
                from_fn(|column| T::kernel(from_fn(|row| tap(3 * row + column))));
            let mut places = out.chunks_exact_mut(inputs);
            let rows: [[Lanes; 3]; IN] = from_fn(|row| half.map(|column| column[row]));
            for row in rows {
                let values = T::kernel(row);
                for (value, place) in values.into_iter().zip(&mut places) {
                    value.store(&mut place[lanes.clone()]);
                }
            }
        }
    }
    out
}

/// `Gᵀ u G`, the adjoint of [`transform_kernels`]: `[places, output, input]` to `[output, input,
/// 3, 3]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn gather_kernels<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    places: &[f32],
    inputs: usize,
) -> Vec<f32> {
    let of = places.len() / (IN * IN);
    let mut out = vec![0.0; 9 * of];
    for (output, kernels) in out.chunks_exact_mut(9 * inputs).enumerate() {
        for first in (0..inputs).step_by(LANES) {
            let lanes = group(first, inputs);
            let at = output * inputs + first;
            let place = |i: usize| Lanes::load(&places[i * of + at..][..lanes.len()]);
            let half: [[Lanes; 3]; IN] =
                from_fn(|i| T::kernel_gradient(from_fn(|j| place(i * IN + j))));
            for column in 0..3 {
                let taps = T::kernel_gradient(from_fn(|i| half[i][column])).map(Lanes::values);
                let kernels = &mut kernels[9 * lanes.start..9 * lanes.end];
                for (lane, kernel) in kernels.chunks_exact_mut(9).enumerate() {
                    for (row, tap) in taps.iter().enumerate() {
                        kernel[3 * row + column] = tap[lane];
                    }
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_tiles_are_for_images_that_they_fill() {
        for sides in [[4, 4], [3, 3], [5, 7], [64, 64], [9, 16]] {
            assert!(four_pay(sides), "{sides:?}");
        }
        for sides in [[1, 1], [2, 2], [1, 4], [6, 6], [2, 9]] {
            assert!(!four_pay(sides), "{sides:?}");
        }
    }
}
