//! The networks' pooling layers, all of stride 2: on the CPU engine plain loops over planes,
//! where burn turns images to another layout and back; on WebGPU kernels of our own
//! (`gpu::pool`). An extension of burn's backends with its own backward pass.

use super::flex::{contiguous, tensor, values};
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};
use std::ops::Range;

/// The windows of a layer, which follow each other by [`STRIDE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Windows {
    /// 2×2 averages; a window that overhangs an odd edge averages the pixels it has (torch's
    /// `AvgPool2d(2, ceil_mode=True)`).
    Average,
    /// Maxima over `kernel`², rounded down to whole windows (torch's `MaxPool2d`). Among
    /// equals the first one gets the gradient, row by row.
    Max {
        /// Side of the window.
        kernel: usize,
        /// Padding on each side, never the maximum.
        padding: usize,
    },
}

/// Pixels from a window to the next.
pub(super) const STRIDE: usize = 2;

impl Windows {
    /// Side of the window, and padding on each side.
    pub(super) fn kernel(self) -> [usize; 2] {
        match self {
            Self::Average => [STRIDE, 0],
            Self::Max { kernel, padding } => [kernel, padding],
        }
    }

    /// Side of the output for images of that side.
    pub(super) fn side(self, images: usize) -> usize {
        match self {
            Self::Average => images.div_ceil(STRIDE),
            Self::Max { kernel, padding } => (images + 2 * padding - kernel) / STRIDE + 1,
        }
    }

    /// The pixels under the window of that number, of so many in a row or column.
    fn under(self, window: usize, side: usize) -> Range<usize> {
        let [kernel, padding] = self.kernel();
        let start = window * STRIDE;
        start.saturating_sub(padding)..(start + kernel - padding).min(side)
    }
}

/// `[batch, channels, height, width]` to as many channels of smaller images.
pub(super) fn pool(images: Tensor<4>, windows: Windows) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as PoolOp>::pool(images.into_dispatch(), windows))
}

/// A pooling layer.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait PoolOp: Backend {
    /// Forward.
    #[fusion(dtype = images, shape = output(images, *windows))]
    fn pool(images: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

/// Its backward pass, which has no gradient itself.
#[backend_extension(Flex, Cube, Fusion)]
pub(super) trait Unpool: Backend {
    /// The gradient of the images, from that of the output.
    #[fusion(dtype = images, shape = images)]
    fn unpool(
        images: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self>;
}

fn output(images: &Shape, windows: Windows) -> Shape {
    let [batch, channels, height, width] = images.dims();
    Shape::new([batch, channels, windows.side(height), windows.side(width)])
}

/// A layer's sizes on the CPU engine.
struct Planes {
    windows: Windows,
    height: usize,
    width: usize,
    down: usize,
    across: usize,
}

impl Planes {
    fn of(images: &FlexTensor, windows: Windows) -> Self {
        let [_, _, height, width] = images.shape().dims();
        let [down, across] = [height, width].map(|side| windows.side(side));
        Self { windows, height, width, down, across }
    }

    /// Where a row of windows begins to need care: before it they are whole, and two pixels
    /// wide and high.
    fn whole(&self, row: usize) -> usize {
        let whole = self.windows.kernel() == [STRIDE, 0] && (row + 1) * STRIDE <= self.height;
        if whole { self.width / STRIDE } else { 0 }
    }

    /// The two rows of a plane under a row of whole windows, both in pairs.
    fn pairs<'a>(&self, plane: &'a [f32], row: usize) -> [&'a [[f32; STRIDE]]; 2] {
        let rows = &plane[row * STRIDE * self.width..][..STRIDE * self.width];
        let (above, below) = rows.split_at(self.width);
        [above, below].map(|row| row.as_chunks().0)
    }

    /// Likewise, to be written.
    fn pairs_mut<'a>(&self, plane: &'a mut [f32], row: usize) -> [&'a mut [[f32; STRIDE]]; 2] {
        let rows = &mut plane[row * STRIDE * self.width..][..STRIDE * self.width];
        let (above, below) = rows.split_at_mut(self.width);
        [above, below].map(|row| row.as_chunks_mut().0)
    }

    /// The places of a plane under a window.
    fn under(&self, row: usize, column: usize) -> impl Iterator<Item = usize> + Clone {
        let (rows, width) = (self.windows.under(row, self.height), self.width);
        let columns = self.windows.under(column, width);
        rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
    }

    fn pool(&self, plane: &[f32], out: &mut [f32]) {
        let average = self.windows == Windows::Average;
        for (row, out) in out.chunks_exact_mut(self.across).enumerate() {
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

    fn unpool(&self, plane: &[f32], gradient: &[f32], out: &mut [f32]) {
        let average = self.windows == Windows::Average;
        for (row, gradient) in gradient.chunks_exact(self.across).enumerate() {
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
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

impl PoolOp for Flex {
    fn pool(images: FlexTensor, windows: Windows) -> FlexTensor {
        let planes = Planes::of(&images, windows);
        let [batch, channels, height, width] = images.shape().dims();
        let size = planes.down * planes.across;
        let mut out = vec![0.0; batch * channels * size];
        let images = contiguous(images);
        let inputs = values(&images).chunks_exact(height * width);
        for (plane, out) in inputs.zip(out.chunks_exact_mut(size)) {
            planes.pool(plane, out);
        }
        tensor(out, [batch, channels, planes.down, planes.across])
    }
}

impl Unpool for Flex {
    fn unpool(
        images: FlexTensor,
        _output: FlexTensor,
        gradient: FlexTensor,
        windows: Windows,
    ) -> FlexTensor {
        let planes = Planes::of(&images, windows);
        let [batch, channels, height, width] = images.shape().dims();
        let [images, gradient] = [images, gradient].map(contiguous);
        let mut out = vec![0.0; batch * channels * height * width];
        let gradients = values(&gradient).chunks_exact(planes.down * planes.across);
        let inputs = values(&images).chunks_exact(height * width);
        for ((plane, gradient), out) in
            inputs.zip(gradients).zip(out.chunks_exact_mut(height * width))
        {
            planes.unpool(plane, gradient, out);
        }
        tensor(out, [batch, channels, height, width])
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
struct PoolSaved<B: Backend> {
    images: NodeId,
    output: FloatTensor<B>,
    windows: Windows,
}

/// The backward pass.
#[derive(Debug)]
struct PoolBackward;

impl<B: Backend + Unpool> Backward<B, 1> for PoolBackward {
    type State = PoolSaved<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let [node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        let PoolSaved { images, output, windows } = ops.state;
        let images = checkpointer.retrieve_node_output::<FloatTensor<B>>(images);
        if let Some(node) = node {
            grads.register::<B>(node.id, B::unpool(images, output, gradient, windows));
        }
    }
}

impl<B: Backend + PoolOp + Unpool, C: CheckpointStrategy> PoolOp for Autodiff<B, C> {
    fn pool(images: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        match PoolBackward.prepare::<C>([images.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let node = prep.checkpoint(&images);
                let output = B::pool(images.into_primitive(), windows);
                prep.finish(PoolSaved { images: node, output: output.clone(), windows }, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::pool(images.into_primitive(), windows)),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::probe::{numbers, read};
    use burn::nn::PaddingConfig2d;
    use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
    use burn::tensor::{Device, TensorData};

    const ALL: [Windows; 3] = [
        Windows::Average,
        Windows::Max { kernel: 2, padding: 0 },
        Windows::Max { kernel: 3, padding: 1 },
    ];

    /// burn's own layer.
    fn expected(images: Tensor<4>, windows: Windows) -> Tensor<4> {
        match windows {
            Windows::Average => AvgPool2dConfig::new([2, 2])
                .with_strides([2, 2])
                .with_count_include_pad(false)
                .with_ceil_mode(true)
                .init()
                .forward(images),
            Windows::Max { kernel, padding } => MaxPool2dConfig::new([kernel, kernel])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                .init()
                .forward(images),
        }
    }

    #[test]
    fn equals_burn_s_pooling_and_its_gradients() {
        let device = Device::flex().autodiff();
        for windows in ALL {
            for shape in [[1, 1, 2, 2], [2, 3, 8, 8], [3, 2, 5, 7], [2, 2, 6, 3], [1, 4, 9, 2]] {
                let passes = |how: fn(Tensor<4>, Windows) -> Tensor<4>| {
                    let images = numbers(shape, 1, &device).require_grad();
                    let out = how(images.clone(), windows);
                    let weights = numbers(out.dims(), 2, &device);
                    let gradients = (out.clone() * weights).sum().backward();
                    (out.dims(), read(out), read(images.grad(&gradients).unwrap()))
                };
                let (found, expected) = (passes(pool), passes(expected));
                assert_eq!(found.0, expected.0, "{windows:?} of {shape:?}");
                for (found, expected) in
                    found.1.iter().chain(&found.2).zip(expected.1.iter().chain(&expected.2))
                {
                    let near = (found - expected).abs() <= 1e-6 * expected.abs().max(1.0);
                    assert!(near, "{windows:?} of {shape:?}: {found} {expected}");
                }
            }
        }
    }

    /// 1 2 3 / 4 5 6 / 7 8 9: a full window, two halves and a corner.
    #[test]
    fn overhanging_windows_average_the_pixels_they_have() {
        let device = Device::flex().autodiff();
        let values: Vec<f32> = (1..=9u8).map(f32::from).collect();
        let image = Tensor::<4>::from_data(TensorData::new(values, [1, 1, 3, 3]), &device);
        let image = image.require_grad();
        let pooled = pool(image.clone(), Windows::Average);
        let gradients = pooled.clone().sum().backward();
        assert_eq!(read(pooled), [3.0, 4.5, 7.5, 9.0]);
        let shares = [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1.0];
        assert_eq!(read(image.grad(&gradients).unwrap()), shares);
    }

    #[test]
    fn a_single_pixel_is_its_own_average() {
        let one = Tensor::from_data([[[[1.0f32]]]], &Device::flex());
        assert_eq!(read(pool(one, Windows::Average)), [1.0]);
    }

    #[test]
    fn among_equals_the_first_one_gets_the_gradient() {
        let device = Device::flex().autodiff();
        let image = Tensor::<4>::from_data([[[[2.0f32, 1.0], [2.0, 2.0]]]], &device);
        let image = image.require_grad();
        let gradients = pool(image.clone(), Windows::Max { kernel: 2, padding: 0 }).backward();
        assert_eq!(read(image.grad(&gradients).unwrap()), [1.0, 0.0, 0.0, 0.0]);
    }
}
