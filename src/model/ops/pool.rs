//! Pooling with a stride of 2. burn flex converts images to another layout and back for it;
//! this code works on planes in their layout.

mod cpu;
mod gpu;

use super::autodiff::{Saved, differentiable};
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};
use std::ops::Range;

/// The windows of a layer, [`STRIDE`] pixels apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::model) enum Windows {
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

/// Pixels from one window to the next.
const STRIDE: usize = 2;

impl Windows {
    /// Side of the window, and padding on each side.
    fn kernel(self) -> [usize; 2] {
        match self {
            Self::Average => [STRIDE, 0],
            Self::Max { kernel, padding } => [kernel, padding],
        }
    }

    /// The output's side for an input of this side.
    fn output_side(self, side: usize) -> usize {
        match self {
            Self::Average => side.div_ceil(STRIDE),
            Self::Max { kernel, padding } => (side + 2 * padding - kernel) / STRIDE + 1,
        }
    }

    /// The pixels of a row or column of length `side` under the window with this number.
    fn under(self, window: usize, side: usize) -> Range<usize> {
        let [kernel, padding] = self.kernel();
        let start = window * STRIDE;
        start.saturating_sub(padding)..(start + kernel - padding).min(side)
    }
}

/// Pools `[batch, channels, height, width]` to `[batch, channels, output sides]`.
pub(in crate::model) fn pool(input: Tensor<4>, windows: Windows) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as PoolForward>::pool(input.into_dispatch(), windows))
}

/// The forward pass.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
trait PoolForward: Backend {
    /// The output.
    #[fusion(dtype = input, shape = output_shape(input, *windows))]
    fn pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

/// The backward pass.
#[backend_extension(Flex, Cube, Fusion)]
trait PoolBackward: Backend {
    /// The gradient of the input, from that of the output.
    #[fusion(dtype = input, shape = input)]
    fn pool_gradient(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self>;
}

fn output_shape(input: &Shape, windows: Windows) -> Shape {
    let [batch, channels, height, width] = input.dims();
    let [height, width] = [height, width].map(|side| windows.output_side(side));
    Shape::new([batch, channels, height, width])
}

#[derive(Clone, Debug)]
struct PoolSaved<B: Backend> {
    input: FloatTensor<B>,
    output: FloatTensor<B>,
    windows: Windows,
}

impl<B: Backend + PoolBackward> Saved<B, 1> for PoolSaved<B> {
    fn gradients(self, gradient: FloatTensor<B>, _: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        let Self { input, output, windows } = self;
        [Some(B::pool_gradient(input, output, gradient, windows))]
    }
}

impl<B: Backend + PoolForward + PoolBackward, C: CheckpointStrategy> PoolForward
    for Autodiff<B, C>
{
    fn pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let nodes = [input.node()];
        let input = input.into_primitive();
        let output = B::pool(input.clone(), windows);
        let saved = PoolSaved { input, output: output.clone(), windows };
        differentiable::<B, C, _, 1>(nodes, output, saved)
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
