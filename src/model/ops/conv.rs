//! Convolution without bias, padded by half its kernel.
//!
//! On the CPU engine: Winograd's algorithm for 3×3 kernels with stride 1, matrix
//! multiplications for stride 2 and for kernels of one pixel, else burn's own. On WebGPU:
//! matrix multiplications in tiles.

mod cpu;
mod gpu;

use super::autodiff::{Saved, differentiable};
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};

/// Convolves `[batch, in_channels, height, width]` with a weight of `[out_channels,
/// in_channels, k, k]`, k being 1, 3 or 5. The output's sides are those of the input over
/// `stride`, rounded up.
pub(in crate::model) fn conv(input: Tensor<4>, weight: Tensor<4>, stride: usize) -> Tensor<4> {
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(<Dispatch as ConvForward>::conv(input, weight, stride))
}

/// The forward pass.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
trait ConvForward: Backend {
    /// The output.
    #[fusion(dtype = input, shape = output_shape(input, weight, *stride))]
    fn conv(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self>;
}

/// The backward pass.
#[backend_extension(Flex, Cube, Fusion)]
trait ConvBackward: Backend {
    /// The gradient of the input, from that of the output.
    #[fusion(dtype = input, shape = input)]
    fn conv_input_gradient(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self>;

    /// The gradient of the weight, from that of the output.
    #[fusion(dtype = weight, shape = weight)]
    fn conv_weight_gradient(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self>;
}

/// Side of the output for an input of side `side`.
fn output_side(side: usize, kernel: usize, stride: usize) -> usize {
    (side + 2 * (kernel / 2) - kernel) / stride + 1
}

fn output_shape(input: &Shape, weight: &Shape, stride: usize) -> Shape {
    let [batch, _, height, width] = input.dims();
    let [out_channels, _, kernel, _] = weight.dims();
    let [height, width] = [height, width].map(|side| output_side(side, kernel, stride));
    Shape::new([batch, out_channels, height, width])
}

#[derive(Clone, Debug)]
struct ConvSaved<B: Backend> {
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    stride: usize,
}

impl<B: Backend + ConvBackward> Saved<B, 2> for ConvSaved<B> {
    fn gradients(
        self,
        gradient: FloatTensor<B>,
        [of_input, of_weight]: [bool; 2],
    ) -> [Option<FloatTensor<B>>; 2] {
        let Self { input, weight, stride } = self;
        let for_input = of_input.then(|| {
            B::conv_input_gradient(input.clone(), weight.clone(), gradient.clone(), stride)
        });
        let for_weight =
            of_weight.then(|| B::conv_weight_gradient(input, weight, gradient, stride));
        [for_input, for_weight]
    }
}

impl<B: Backend + ConvForward + ConvBackward, C: CheckpointStrategy> ConvForward
    for Autodiff<B, C>
{
    fn conv(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node()];
        let (input, weight) = (input.into_primitive(), weight.into_primitive());
        let output = B::conv(input.clone(), weight.clone(), stride);
        differentiable::<B, C, _, 2>(nodes, output, ConvSaved { input, weight, stride })
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::experiment::EngineChoice;
    use crate::model::probe::{numbers, read};
    use crate::train::device::open;
    use burn::backend::ops::ConvOptions;
    use burn::tensor::module::conv2d;
    use burn::tensor::{Device, TensorData};
    use pollster::block_on;

    /// Distance relative to the length of `expected`.
    fn error(found: &[f32], expected: &[f32]) -> f64 {
        assert_eq!(found.len(), expected.len());
        let square = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
        let difference = square(&mut found.iter().zip(expected).map(|(a, b)| f64::from(a - b)));
        (difference / square(&mut expected.iter().map(|b| f64::from(*b)))).sqrt()
    }

    /// Output, gradient of the input, gradient of the weight.
    fn passes(
        input: &Tensor<4>,
        weight: &Tensor<4>,
        how: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
    ) -> [Vec<f32>; 3] {
        let (input, weight) = (input.clone().require_grad(), weight.clone().require_grad());
        let out = how(input.clone(), weight.clone());
        // Weights of the sum, so that every output has another gradient.
        let weights = numbers(out.dims(), 3, &out.device());
        let gradients = (out.clone() * weights).sum().backward();
        [read(out), read(input.grad(&gradients).unwrap()), read(weight.grad(&gradients).unwrap())]
    }

    #[test]
    fn equals_burn_s_convolution_and_its_gradients() {
        let device = Device::flex().autodiff();
        // Even, odd and single sides; one input image and more than a chunk of them.
        let shapes = [
            [1, 1, 1, 1, 1],
            [2, 3, 4, 4, 4],
            [3, 5, 2, 7, 5],
            [2, 4, 3, 1, 6],
            [70, 8, 16, 9, 16],
            [5, 40, 24, 2, 2],
        ];
        for ([batch, inputs, outputs, height, width], [kernel, stride]) in
            shapes.into_iter().flat_map(|shape| {
                [[3, 1], [3, 2], [1, 1], [1, 2], [5, 2], [5, 1]].map(|how| (shape, how))
            })
        {
            let input = numbers([batch, inputs, height, width], 1, &device);
            let weight = numbers([outputs, inputs, kernel, kernel], 2, &device);
            let found = passes(&input, &weight, |input, weight| conv(input, weight, stride));
            let padding = kernel / 2;
            let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
            let expected = passes(&input, &weight, |input, weight| {
                conv2d(input, weight, None, options.clone())
            });
            for ((found, expected), what) in
                found.iter().zip(&expected).zip(["output", "input", "weight"])
            {
                let error = error(found, expected);
                assert!(
                    error < 2e-6,
                    "{what} of {batch}×{inputs}×{height}×{width}, {kernel}: {error:e}"
                );
            }
        }
    }

    /// Sides and channels that fill no tile, few and many of each, one part and several.
    #[test]
    fn webgpu_equals_the_cpu_engine() {
        let Ok(webgpu) = block_on(open(EngineChoice::Webgpu, None)) else {
            return println!("SKIPPED: there is no WebGPU adapter");
        };
        for ([batch, inputs, outputs, height, width], how) in [
            ([1, 1, 1, 1, 1], [3, 1]),
            ([3, 5, 2, 7, 5], [5, 2]),
            ([2, 16, 16, 9, 16], [3, 1]),
            ([2, 17, 31, 5, 13], [3, 2]),
            ([4, 32, 33, 8, 8], [1, 1]),
            ([5, 40, 24, 2, 2], [5, 1]),
            ([2, 65, 70, 9, 7], [3, 1]),
            ([8, 128, 130, 4, 4], [3, 1]),
            ([8, 96, 64, 10, 10], [3, 2]),
            ([3, 64, 128, 6, 6], [1, 2]),
            ([64, 3, 32, 24, 24], [3, 2]),
        ] {
            let [kernel, stride] = how;
            let on = |device: &Device| {
                let device = device.clone().autodiff();
                let input = numbers([batch, inputs, height, width], 1, &device);
                let weight = numbers([outputs, inputs, kernel, kernel], 2, &device);
                passes(&input, &weight, |input, weight| conv(input, weight, stride))
            };
            let (found, expected) = (on(&webgpu.device), on(&Device::flex()));
            for ((found, expected), what) in
                found.iter().zip(&expected).zip(["output", "input", "weight"])
            {
                let error = error(found, expected);
                let shape = [batch, inputs, outputs, height, width];
                assert!(error < 2e-6, "{what} of {shape:?}, {how:?}: {error:e}");
            }
        }
    }

    #[test]
    fn a_frozen_weight_gets_no_gradient() {
        let device = Device::flex().autodiff();
        let input = numbers([1, 2, 4, 4], 1, &device).require_grad();
        let weight = numbers([2, 2, 3, 3], 2, &device);
        let gradients = conv(input.clone(), weight.clone(), 1).sum().backward();
        assert!(input.grad(&gradients).is_some());
        assert!(weight.grad(&gradients).is_none());
    }

    #[test]
    fn an_input_that_is_a_view_is_read_as_such() {
        let device = Device::flex();
        let input = numbers([2, 4, 3, 6], 1, &device);
        let weight = numbers([2, 3, 3, 3], 2, &device);
        let turned = input.clone().swap_dims(1, 2);
        let copied =
            Tensor::from_data(TensorData::new(read(turned.clone()), turned.dims()), &device);
        assert_eq!(read(conv(turned, weight.clone(), 1)), read(conv(copied, weight, 1)));
    }
}
