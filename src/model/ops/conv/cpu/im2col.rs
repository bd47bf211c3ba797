//! `im2col` for a stride of 2: what lies under each tap of the kernel, gathered into a row per
//! tap; and its adjoint, `col2im`. Plain slices, images in `[batch, channels, height, width]`;
//! burn multiplies the matrices.

use super::interleave::{deinterleave, interleave};
use crate::model::ops::flex::add;

/// Pixels from one window to the next.
pub(super) const STRIDE: usize = 2;

/// The sizes of a convolution of stride 2, padded by half its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Im2colShape {
    height: usize,
    width: usize,
    out_height: usize,
    out_width: usize,
    kernel: usize,
}

impl Im2colShape {
    /// For images of `height` × `width` pixels and a kernel of odd side.
    pub(super) fn new(height: usize, width: usize, kernel: usize) -> Self {
        let [out_height, out_width] = [height, width].map(|side| side.div_ceil(STRIDE));
        Self { height, width, out_height, out_width, kernel }
    }

    /// Pixels of the output.
    pub(super) fn pixels(self) -> usize {
        self.out_height * self.out_width
    }

    fn padding(self) -> usize {
        self.kernel / 2
    }

    /// Rows of a plane with its padding that are under any kernel.
    fn rows(self) -> usize {
        STRIDE * (self.out_height - 1) + self.kernel
    }

    /// Even or odd columns of such a row.
    fn half(self) -> usize {
        self.out_width + self.padding() + 1
    }

    /// The row of the padded plane for row `y` of the plane, split into its even and odd columns,
    /// each from that of the plane's first pixels on.
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

    /// The part of a padded plane under one tap of the kernel, for one row of the output.
    fn under(self, y: usize, ky: usize, kx: usize) -> std::ops::Range<usize> {
        let row = (y * STRIDE + ky) * STRIDE + kx % STRIDE;
        let at = row * self.half() + kx / STRIDE;
        at..at + self.out_width
    }

    /// Whether a row of the plane is under any kernel; the last one may not be.
    fn reaches(self, y: usize) -> bool {
        y + self.padding() < self.rows()
    }
}

/// What lies under the kernels: `[images, channels, height, width]` to
/// `[images, channels × kernel², output pixels]`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn im2col(images: &[f32], shape: Im2colShape) -> Vec<f32> {
    let plane_len = shape.height * shape.width;
    let taps = shape.kernel * shape.kernel;
    let mut out = Vec::with_capacity(images.len() / plane_len * taps * shape.pixels());
    // The padding is 0 from the start and never written.
    let mut padded = vec![0.0; shape.rows() * STRIDE * shape.half()];
    for plane in images.chunks_exact(plane_len) {
        for (y, row) in plane.chunks_exact(shape.width).enumerate() {
            if !shape.reaches(y) {
                continue;
            }
            let [first, second] = shape.line(&mut padded, y);
            deinterleave(row, first, second);
        }
        for tap in 0..taps {
            for y in 0..shape.out_height {
                let under = shape.under(y, tap / shape.kernel, tap % shape.kernel);
                out.extend_from_slice(&padded[under]);
            }
        }
    }
    out
}

/// The adjoint of [`im2col`]: adds each value to the pixel that it was gathered from.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn col2im(columns: &[f32], shape: Im2colShape) -> Vec<f32> {
    let taps = shape.kernel * shape.kernel;
    let planes = columns.len() / (taps * shape.pixels());
    let plane_len = shape.height * shape.width;
    let mut out = vec![0.0; planes * plane_len];
    let mut padded = vec![0.0; shape.rows() * STRIDE * shape.half()];
    let columns = columns.chunks_exact(taps * shape.pixels());
    for (columns, plane) in columns.zip(out.chunks_exact_mut(plane_len)) {
        padded.fill(0.0);
        for (row, values) in columns.chunks_exact(shape.out_width).enumerate() {
            let (tap, y) = (row / shape.out_height, row % shape.out_height);
            let under = shape.under(y, tap / shape.kernel, tap % shape.kernel);
            add(&mut padded[under], values);
        }
        for (y, row) in plane.chunks_exact_mut(shape.width).enumerate() {
            if shape.reaches(y) {
                let [first, second] = shape.line(&mut padded, y);
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
            let shape = Im2colShape::new(height, width, kernel);
            let images = numbers(6 * height * width);
            let columns = im2col(&images, shape);
            assert_eq!(columns, plainly(&images, size), "{size:?}");
            // ⟨im2col(a), b⟩ = ⟨a, col2im(b)⟩.
            let others = numbers(columns.len());
            let dot = |a: &[f32], b: &[f32]| {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
            };
            let scattered = col2im(&others, shape);
            assert_eq!(scattered.len(), images.len(), "{size:?}");
            assert_eq!(dot(&columns, &others), dot(&images, &scattered), "{size:?}");
        }
    }
}
