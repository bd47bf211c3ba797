//! Pooling on the CPU engine: loops over planes, whole windows two by two pixels at a time.

use super::{PoolBackward, PoolForward, STRIDE, Windows};
use crate::model::ops::flex::{contiguous, tensor, values, vectorized};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata as _};

/// The sizes of the planes of input and output.
struct Planes {
    windows: Windows,
    height: usize,
    width: usize,
    out_height: usize,
    out_width: usize,
}

impl Planes {
    fn of(input: &FlexTensor, windows: Windows) -> Self {
        let [_, _, height, width] = input.shape().dims();
        let [out_height, out_width] = [height, width].map(|side| windows.output_side(side));
        Self { windows, height, width, out_height, out_width }
    }

    /// Where a row of windows begins to need care: before it they are whole, and two pixels
    /// wide and high.
    #[inline(always)]
    fn whole(&self, row: usize) -> usize {
        let whole = self.windows.kernel() == [STRIDE, 0] && (row + 1) * STRIDE <= self.height;
        if whole { self.width / STRIDE } else { 0 }
    }

    /// The two rows of a plane under a row of whole windows, both in pairs.
    #[inline(always)]
    fn pairs<'a>(&self, plane: &'a [f32], row: usize) -> [&'a [[f32; STRIDE]]; 2] {
        let rows = &plane[row * STRIDE * self.width..][..STRIDE * self.width];
        let (above, below) = rows.split_at(self.width);
        [above, below].map(|row| row.as_chunks().0)
    }

    /// Likewise, to be written.
    #[inline(always)]
    fn pairs_mut<'a>(&self, plane: &'a mut [f32], row: usize) -> [&'a mut [[f32; STRIDE]]; 2] {
        let rows = &mut plane[row * STRIDE * self.width..][..STRIDE * self.width];
        let (above, below) = rows.split_at_mut(self.width);
        [above, below].map(|row| row.as_chunks_mut().0)
    }

    /// The places of a plane under a window.
    #[inline(always)]
    fn under(&self, row: usize, column: usize) -> impl Iterator<Item = usize> + Clone {
        let (rows, width) = (self.windows.under(row, self.height), self.width);
        let columns = self.windows.under(column, width);
        rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
    }

    #[inline(always)]
    fn pool(&self, plane: &[f32], out: &mut [f32]) {
        let average = self.windows == Windows::Average;
        for (row, out) in out.chunks_exact_mut(self.out_width).enumerate() {
            let whole = self.whole(row);
            if whole > 0 {
                let [above, below] = self.pairs(plane, row);
                for ((out, [a, b]), [c, d]) in out.iter_mut().zip(above).zip(below) {
                    *out = if average {
                        ((a + b) + (c + d)) * 0.25
                    } else {
                        larger(larger(larger(*a, *b), *c), *d)
                    };
                }
            }
            for (column, out) in out.iter_mut().enumerate().skip(whole) {
                let under = self.under(row, column).map(|at| plane[at]);
                *out = if average {
                    let count = under.clone().count();
                    under.sum::<f32>() / count as f32
                } else {
                    under.reduce(larger).unwrap_or(f32::NEG_INFINITY)
                };
            }
        }
    }

    #[inline(always)]
    fn gradient(&self, plane: &[f32], gradient: &[f32], out: &mut [f32]) {
        let average = self.windows == Windows::Average;
        for (row, gradient) in gradient.chunks_exact(self.out_width).enumerate() {
            let whole = self.whole(row);
            if whole > 0 {
                let [above, below] = self.pairs(plane, row);
                let [out_above, out_below] = self.pairs_mut(out, row);
                let inputs = above.iter().zip(below);
                let outputs = out_above.iter_mut().zip(out_below);
                for ((([a, b], [c, d]), (above, below)), gradient) in
                    inputs.zip(outputs).zip(gradient)
                {
                    if average {
                        *above = [gradient * 0.25; STRIDE];
                        *below = *above;
                        continue;
                    }
                    let most = larger(larger(larger(*a, *b), *c), *d);
                    let [a, b, c] = [*a == most, *b == most, *c == most];
                    let given = |takes| if takes { *gradient } else { 0.0 };
                    *above = [given(a), given(!a && b)];
                    *below = [given(!a && !b && c), given(!a && !b && !c)];
                }
            }
            for (column, gradient) in gradient.iter().enumerate().skip(whole) {
                let mut under = self.under(row, column);
                match self.windows {
                    Windows::Average => {
                        let share = gradient / under.clone().count() as f32;
                        under.for_each(|at| out[at] += share);
                    }
                    Windows::Max { .. } => {
                        let Some(first) = under.next() else { continue };
                        let larger = |best, at| if plane[at] > plane[best] { at } else { best };
                        out[under.fold(first, larger)] += gradient;
                    }
                }
            }
        }
    }
}

/// The first one among equals; what is not a number stays.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

impl PoolForward for Flex {
    fn pool(input: FlexTensor, windows: Windows) -> FlexTensor {
        let planes = Planes::of(&input, windows);
        let [batch, channels, height, width] = input.shape().dims();
        let size = planes.out_height * planes.out_width;
        let mut out = vec![0.0; batch * channels * size];
        let input = contiguous(input);
        let inputs = values(&input).chunks_exact(height * width);
        vectorized(|| {
            for (plane, out) in inputs.zip(out.chunks_exact_mut(size)) {
                planes.pool(plane, out);
            }
        });
        tensor(out, [batch, channels, planes.out_height, planes.out_width])
    }
}

impl PoolBackward for Flex {
    fn pool_gradient(
        input: FlexTensor,
        _output: FlexTensor,
        gradient: FlexTensor,
        windows: Windows,
    ) -> FlexTensor {
        let planes = Planes::of(&input, windows);
        let [batch, channels, height, width] = input.shape().dims();
        let [input, gradient] = [input, gradient].map(contiguous);
        let mut out = vec![0.0; batch * channels * height * width];
        let gradients = values(&gradient).chunks_exact(planes.out_height * planes.out_width);
        let inputs = values(&input).chunks_exact(height * width);
        vectorized(|| {
            let outs = out.chunks_exact_mut(height * width);
            for ((plane, gradient), out) in inputs.zip(gradients).zip(outs) {
                planes.gradient(plane, gradient, out);
            }
        });
        tensor(out, [batch, channels, height, width])
    }
}
