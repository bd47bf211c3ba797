//! The networks' own convolution, without bias and padded by half its kernel: on the CPU
//! engine after Winograd where the kernel is 3×3 and the stride 1, as products of matrices where
//! the stride is 2 or the kernel one pixel, else what burn has; on WebGPU matrix
//! multiplications in tiles (`gpu::conv`). An extension of burn's backends with its own backward pass.

mod flex;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::ConvOptions;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};

/// `[batch, input, height, width]` and `[output, input, k, k]`, k being 1, 3 or 5, to
/// `[batch, output, …, …]`, whose sides are those of the images over `stride`, rounded up.
pub(super) fn conv(images: Tensor<4>, kernels: Tensor<4>, stride: usize) -> Tensor<4> {
    let (images, kernels) = (images.into_dispatch(), kernels.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Convolve>::conv(images, kernels, stride))
}

/// A convolution without bias, padded by half its kernel.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait Convolve: Backend {
    /// Forward.
    #[fusion(dtype = images, shape = output(images, kernels, *stride))]
    fn conv(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self>;

    /// The gradient of the images, from that of the output.
    #[fusion(dtype = images, shape = images)]
    fn conv_images(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let options = options(&kernels, stride);
        Self::conv2d_x_backward(images, kernels, gradient, options)
    }

    /// The gradient of the kernels, from that of the output.
    #[fusion(dtype = kernels, shape = kernels)]
    fn conv_kernels(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let options = options(&kernels, stride);
        Self::conv2d_weight_backward(images, kernels, gradient, options)
    }
}

/// Side of the output for images of that side.
pub(super) fn side(images: usize, kernel: usize, stride: usize) -> usize {
    (images + 2 * (kernel / 2) - kernel) / stride + 1
}

fn output(images: &Shape, kernels: &Shape, stride: usize) -> Shape {
    let [batch, _, height, width] = images.dims();
    let [output, _, kernel, _] = kernels.dims();
    Shape::new([batch, output, side(height, kernel, stride), side(width, kernel, stride)])
}

/// What burn has to be told of a convolution.
fn options(kernels: &impl TensorMetadata, stride: usize) -> ConvOptions<2> {
    let [_, _, kernel, _] = kernels.shape().dims();
    ConvOptions::new([stride, stride], [kernel / 2, kernel / 2], [1, 1], 1)
}

/// The backward pass.
#[derive(Debug)]
struct ConvolveBackward;

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
struct ConvSaved {
    images: NodeId,
    kernels: NodeId,
    stride: usize,
}

impl<B: Backend + Convolve> Backward<B, 2> for ConvolveBackward {
    type State = ConvSaved;

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let [images_node, kernels_node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        let ConvSaved { images, kernels, stride } = ops.state;
        let images = checkpointer.retrieve_node_output::<FloatTensor<B>>(images);
        let kernels = checkpointer.retrieve_node_output::<FloatTensor<B>>(kernels);
        if let Some(node) = images_node {
            let found = B::conv_images(images.clone(), kernels.clone(), gradient.clone(), stride);
            grads.register::<B>(node.id, found);
        }
        if let Some(node) = kernels_node {
            grads.register::<B>(node.id, B::conv_kernels(images, kernels, gradient, stride));
        }
    }
}

impl<B: Backend + Convolve, C: CheckpointStrategy> Convolve for Autodiff<B, C> {
    fn conv(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let nodes = [images.node(), kernels.node()];
        match ConvolveBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let (of, with) = (prep.checkpoint(&images), prep.checkpoint(&kernels));
                let state = ConvSaved { images: of, kernels: with, stride };
                let (images, kernels) = (images.into_primitive(), kernels.into_primitive());
                prep.finish(state, B::conv(images, kernels, stride))
            }
            OpsKind::UnTracked(prep) => {
                let (images, kernels) = (images.into_primitive(), kernels.into_primitive());
                prep.finish(B::conv(images, kernels, stride))
            }
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::experiment::EngineChoice;
    use crate::model::probe::{numbers, read};
    use crate::train::device::open;
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

    /// Output, gradient of the images, gradient of the kernels.
    fn passes(
        images: &Tensor<4>,
        kernels: &Tensor<4>,
        how: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
    ) -> [Vec<f32>; 3] {
        let (images, kernels) = (images.clone().require_grad(), kernels.clone().require_grad());
        let out = how(images.clone(), kernels.clone());
        // Weights of the sum, so that every output has another gradient.
        let weights = numbers(out.dims(), 3, &out.device());
        let gradients = (out.clone() * weights).sum().backward();
        [read(out), read(images.grad(&gradients).unwrap()), read(kernels.grad(&gradients).unwrap())]
    }

    #[test]
    fn equals_burn_s_convolution_and_its_gradients() {
        let device = Device::flex().autodiff();
        // Even, odd and single sides; one image and more than a chunk of them.
        let shapes = [
            [1, 1, 1, 1, 1],
            [2, 3, 4, 4, 4],
            [3, 5, 2, 7, 5],
            [2, 4, 3, 1, 6],
            [70, 8, 16, 9, 16],
            [5, 40, 24, 2, 2],
        ];
        for ([batch, input, output, height, width], [kernel, stride]) in
            shapes.into_iter().flat_map(|shape| {
                [[3, 1], [3, 2], [1, 1], [1, 2], [5, 2], [5, 1]].map(|how| (shape, how))
            })
        {
            let images = numbers([batch, input, height, width], 1, &device);
            let kernels = numbers([output, input, kernel, kernel], 2, &device);
            let found = passes(&images, &kernels, |images, kernels| conv(images, kernels, stride));
            let padding = kernel / 2;
            let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
            let expected = passes(&images, &kernels, |images, kernels| {
                conv2d(images, kernels, None, options.clone())
            });
            for ((found, expected), what) in
                found.iter().zip(&expected).zip(["output", "images", "kernels"])
            {
                let error = error(found, expected);
                assert!(
                    error < 2e-6,
                    "{what} of {batch}×{input}×{height}×{width}, {kernel}: {error:e}"
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
        for ([batch, input, output, height, width], how) in [
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
                let images = numbers([batch, input, height, width], 1, &device);
                let kernels = numbers([output, input, kernel, kernel], 2, &device);
                passes(&images, &kernels, |images, kernels| conv(images, kernels, stride))
            };
            let (found, expected) = (on(&webgpu.device), on(&Device::flex()));
            for ((found, expected), what) in
                found.iter().zip(&expected).zip(["output", "images", "kernels"])
            {
                let error = error(found, expected);
                let shape = [batch, input, output, height, width];
                assert!(error < 2e-6, "{what} of {shape:?}, {how:?}: {error:e}");
            }
        }
    }

    #[test]
    fn a_frozen_kernel_gets_no_gradient() {
        let device = Device::flex().autodiff();
        let images = numbers([1, 2, 4, 4], 1, &device).require_grad();
        let kernels = numbers([2, 2, 3, 3], 2, &device);
        let gradients = conv(images.clone(), kernels.clone(), 1).sum().backward();
        assert!(images.grad(&gradients).is_some());
        assert!(kernels.grad(&gradients).is_none());
    }

    #[test]
    fn images_that_are_a_view_are_read_as_such() {
        let device = Device::flex();
        let images = numbers([2, 4, 3, 6], 1, &device);
        let kernels = numbers([2, 3, 3, 3], 2, &device);
        let turned = images.clone().swap_dims(1, 2);
        let copied =
            Tensor::from_data(TensorData::new(read(turned.clone()), turned.dims()), &device);
        assert_eq!(read(conv(turned, kernels.clone(), 1)), read(conv(copied, kernels, 1)));
    }
}
