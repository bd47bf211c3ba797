//! Convolution of stride 2 as a product of matrices: what lies under each place of a kernel,
//! gathered into a row for each, and the adjoint. Plain slices, images in `[batch, channels,
//! height, width]`; burn multiplies the matrices.

use super::flex::add;
use super::lines::{deinterleave, interleave};

/// Pixels from a window to the next.
pub(super) const STRIDE: usize = 2;

/// The sizes of a convolution of stride 2, padded by half its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    height: usize,
    width: usize,
    down: usize,
    across: usize,
    kernel: usize,
}

impl Grid {
    /// Of images of `height` × `width` pixels under a kernel of an odd side.
    pub(super) fn new(height: usize, width: usize, kernel: usize) -> Self {
        let [down, across] = [height, width].map(|side| side.div_ceil(STRIDE));
        Self { height, width, down, across, kernel }
    }

    /// Pixels of the output.
    pub(super) fn pixels(self) -> usize {
        self.down * self.across
    }

    fn padding(self) -> usize {
        self.kernel / 2
    }

    /// Rows of a plane with its padding, as far as kernels reach.
    fn rows(self) -> usize {
        STRIDE * (self.down - 1) + self.kernel
    }

    /// Even or odd columns of such a row.
    fn half(self) -> usize {
        self.across + self.padding() + 1
    }

    /// The row of the padded plane for each row of the plane, cut into even and odd columns:
    /// those that the first pixel and the second one are the first of.
    fn line(self, plane: &mut [f32], y: usize) -> [&mut [f32]; 2] {
        let half = self.half();
        let at = (y + self.padding()) * STRIDE * half;
        let (even, odd) = plane[at..at + STRIDE * half].split_at_mut(half);
        // A padding of one pixel makes the first column an odd one.
        let (skip, swapped) = (self.padding() / STRIDE, !self.padding().is_multiple_of(STRIDE));
        if swapped {
            [&mut odd[skip..], &mut even[skip + 1..]]
        } else {
            [&mut even[skip..], &mut odd[skip..]]
        }
    }

    /// The part of a padded plane under one place of the kernel, for one row of the output.
    fn under(self, y: usize, ky: usize, kx: usize) -> std::ops::Range<usize> {
        let row = (y * STRIDE + ky) * STRIDE + kx % STRIDE;
        let at = row * self.half() + kx / STRIDE;
        at..at + self.across
    }

    /// Whether a row of the plane is under any kernel: the last one may not be.
    fn reaches(self, y: usize) -> bool {
        y + self.padding() < self.rows()
    }
}

/// What lies under the kernels: `[images, channels, height, width]` to
/// `[images, channels × kernel², down × across]`.
pub(super) fn gather(images: &[f32], grid: Grid) -> Vec<f32> {
    let size = grid.height * grid.width;
    let square = grid.kernel * grid.kernel;
    let mut out = Vec::with_capacity(images.len() / size * square * grid.pixels());
    // The padding is 0 from the start and never written.
    let mut padded = vec![0.0; grid.rows() * STRIDE * grid.half()];
    for plane in images.chunks_exact(size) {
        for (y, row) in plane.chunks_exact(grid.width).enumerate() {
            if !grid.reaches(y) {
                continue;
            }
            let [first, second] = grid.line(&mut padded, y);
            deinterleave(row, first, second);
        }
        for place in 0..square {
            for y in 0..grid.down {
                let under = grid.under(y, place / grid.kernel, place % grid.kernel);
                out.extend_from_slice(&padded[under]);
            }
        }
    }
    out
}

/// The adjoint of [`gather`]: adds each value to the pixel that it was gathered from.
pub(super) fn scatter(columns: &[f32], grid: Grid) -> Vec<f32> {
    let square = grid.kernel * grid.kernel;
    let planes = columns.len() / (square * grid.pixels());
    let size = grid.height * grid.width;
    let mut out = vec![0.0; planes * size];
    let mut padded = vec![0.0; grid.rows() * STRIDE * grid.half()];
    let columns = columns.chunks_exact(square * grid.pixels());
    for (columns, plane) in columns.zip(out.chunks_exact_mut(size)) {
        padded.fill(0.0);
        for (row, values) in columns.chunks_exact(grid.across).enumerate() {
            let (place, y) = (row / grid.down, row % grid.down);
            let under = grid.under(y, place / grid.kernel, place % grid.kernel);
            add(&mut padded[under], values);
        }
        for (y, row) in plane.chunks_exact_mut(grid.width).enumerate() {
            if grid.reaches(y) {
                let [first, second] = grid.line(&mut padded, y);
                interleave([first, second], row);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(len: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 37 + 11) % 101) as f32 - 50.0).collect()
    }

    /// By the definition, pixel after pixel.
    fn plainly(images: &[f32], [height, width, kernel]: [usize; 3]) -> Vec<f32> {
        let (down, across) = (height.div_ceil(2), width.div_ceil(2));
        let mut out = Vec::new();
        for plane in 0..images.len() / (height * width) {
            for (ky, kx) in (0..kernel).flat_map(|ky| (0..kernel).map(move |kx| (ky, kx))) {
                for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                    let at = [2 * y + ky, 2 * x + kx].map(|at| at.checked_sub(kernel / 2));
                    out.push(match at {
                        [Some(y), Some(x)] if y < height && x < width => {
                            images[(plane * height + y) * width + x]
                        }
                        _ => 0.0,
                    });
                }
            }
        }
        out
    }

    #[test]
    fn gathers_what_lies_under_the_kernels_and_scatters_it_back() {
        for size in [[1, 1, 1], [1, 1, 3], [4, 6, 3], [5, 7, 3], [6, 3, 1], [7, 8, 5], [2, 9, 3]] {
            let [height, width, kernel] = size;
            let grid = Grid::new(height, width, kernel);
            let images = numbers(6 * height * width);
            let columns = gather(&images, grid);
            assert_eq!(columns, plainly(&images, size), "{size:?}");
            // ⟨gather(a), b⟩ = ⟨a, scatter(b)⟩.
            let others = numbers(columns.len());
            let dot = |a: &[f32], b: &[f32]| {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
            };
            let scattered = scatter(&others, grid);
            assert_eq!(scattered.len(), images.len(), "{size:?}");
            assert_eq!(dot(&columns, &others), dot(&images, &scattered), "{size:?}");
        }
    }
}
