//! The networks' own convolution with a 3×3 kernel, stride 1, padding 1 and no bias:
//! on the CPU engine after Winograd, on any other what burn has. An extension of
//! burn's backends with its own backward pass.

use super::flex::{contiguous, tensor, values};
use super::winograd::{
    PLACES, Tiles, gather_kernels, transform_gradient, transform_input, transform_kernels,
    transform_output, turn_kernels,
};
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::{ConvOptions, FloatTensorOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Cube, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

/// Bytes of transformed tiles that are worked on at a time: they stay in the cache.
const CHUNK: usize = 1 << 20;

/// `[batch, input, height, width]` and `[output, input, 3, 3]` to
/// `[batch, output, height, width]`.
pub(super) fn conv3x3(images: Tensor<4>, kernels: Tensor<4>) -> Tensor<4> {
    let out = <Dispatch as Convolve>::conv3x3(images.into_dispatch(), kernels.into_dispatch());
    Tensor::from_dispatch(out)
}

/// A convolution with a 3×3 kernel, stride 1, padding 1 and no bias.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait Convolve: Backend {
    /// Forward.
    #[fusion(default)]
    fn conv3x3(images: FloatTensor<Self>, kernels: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::conv2d(images, kernels, None, same())
    }

    /// The gradient of the images, from that of the output.
    #[fusion(default)]
    fn conv3x3_images(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::conv2d_x_backward(images, kernels, gradient, same())
    }

    /// The gradient of the kernels, from that of the output.
    #[fusion(default)]
    fn conv3x3_kernels(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::conv2d_weight_backward(images, kernels, gradient, same())
    }
}

fn same() -> ConvOptions<2> {
    ConvOptions::new([1, 1], [1, 1], [1, 1], 1)
}

impl Convolve for Cube {}

impl Convolve for Flex {
    fn conv3x3(images: FlexTensor, kernels: FlexTensor) -> FlexTensor {
        let [output, input, _, _] = kernels.shape().dims();
        let kernels = contiguous(kernels);
        convolve(images, transform_kernels(values(&kernels)), input, output)
    }

    fn conv3x3_images(
        _images: FlexTensor,
        kernels: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let [output, input, _, _] = kernels.shape().dims();
        let kernels = contiguous(kernels);
        let turned = turn_kernels(values(&kernels), output, input);
        convolve(gradient, transform_kernels(&turned), output, input)
    }

    fn conv3x3_kernels(
        images: FlexTensor,
        kernels: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let [output, input, _, _] = kernels.shape().dims();
        let [_, _, height, width] = images.shape().dims();
        let tiles = Tiles::new(height, width);
        let (images, gradient) = (contiguous(images), contiguous(gradient));
        let chunk = chunk(input + output, tiles) * height * width;
        let mut sums = vec![0.0; PLACES * output * input];
        let images = values(&images).chunks(chunk * input);
        for (images, gradient) in images.zip(values(&gradient).chunks(chunk * output)) {
            let images = transform_input(images, input, tiles);
            let gradient = transform_gradient(gradient, output, tiles);
            let of = images.len() / PLACES / input;
            let images = tensor(images, [PLACES, input, of]).transpose(1, 2);
            let product = Self::float_matmul(tensor(gradient, [PLACES, output, of]), images);
            for (sum, value) in sums.iter_mut().zip(values(&product)) {
                *sum += value;
            }
        }
        tensor(gather_kernels(&sums), [output, input, 3, 3])
    }
}

/// Convolves with kernels that are transformed already.
fn convolve(images: FlexTensor, kernels: Vec<f32>, input: usize, output: usize) -> FlexTensor {
    let [batch, _, height, width] = images.shape().dims();
    let tiles = Tiles::new(height, width);
    let images = contiguous(images);
    let kernels = tensor(kernels, [PLACES, output, input]);
    let mut out = vec![0.0; batch * output * height * width];
    let chunk = chunk(input + output, tiles) * height * width;
    let chunks = values(&images).chunks(chunk * input).zip(out.chunks_mut(chunk * output));
    for (images, out) in chunks {
        let images = transform_input(images, input, tiles);
        let of = images.len() / PLACES / input;
        let images = tensor(images, [PLACES, input, of]);
        let product = Flex::float_matmul(kernels.clone(), images);
        transform_output(values(&product), out, output, tiles);
    }
    tensor(out, [batch, output, height, width])
}

/// Images that are worked on at a time.
fn chunk(channels: usize, tiles: Tiles) -> usize {
    let bytes = PLACES * channels * tiles.per_image() * size_of::<f32>();
    (CHUNK / bytes).max(1)
}

/// The backward pass.
#[derive(Debug)]
struct ConvolveBackward;

impl<B: Backend + Convolve> Backward<B, 2> for ConvolveBackward {
    type State = (NodeId, NodeId);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let [images_node, kernels_node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        let (images, kernels) = ops.state;
        let images = checkpointer.retrieve_node_output::<FloatTensor<B>>(images);
        let kernels = checkpointer.retrieve_node_output::<FloatTensor<B>>(kernels);
        if let Some(node) = images_node {
            let found = B::conv3x3_images(images.clone(), kernels.clone(), gradient.clone());
            grads.register::<B>(node.id, found);
        }
        if let Some(node) = kernels_node {
            grads.register::<B>(node.id, B::conv3x3_kernels(images, kernels, gradient));
        }
    }
}

impl<B: Backend + Convolve, C: CheckpointStrategy> Convolve for Autodiff<B, C> {
    fn conv3x3(images: FloatTensor<Self>, kernels: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [images.node(), kernels.node()];
        match ConvolveBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&images), prep.checkpoint(&kernels));
                prep.finish(state, B::conv3x3(images.into_primitive(), kernels.into_primitive()))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::conv3x3(images.into_primitive(), kernels.into_primitive()))
            }
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use burn::tensor::module::conv2d;
    use burn::tensor::{Device, TensorData};
    use pollster::block_on;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        block_on(tensor.into_data_async()).unwrap().try_into_vec::<f32>().unwrap()
    }

    fn numbers<const D: usize>(shape: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
        let draws = crate::model::init::kaiming_normal(seed, 0, shape.iter().product(), 2);
        Tensor::from_data(TensorData::new(draws, shape), device)
    }

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
        [
            values(out),
            values(images.grad(&gradients).unwrap()),
            values(kernels.grad(&gradients).unwrap()),
        ]
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
        for [batch, input, output, height, width] in shapes {
            let images = numbers([batch, input, height, width], 1, &device);
            let kernels = numbers([output, input, 3, 3], 2, &device);
            let found = passes(&images, &kernels, conv3x3);
            let expected =
                passes(&images, &kernels, |images, kernels| conv2d(images, kernels, None, same()));
            for ((found, expected), what) in
                found.iter().zip(&expected).zip(["output", "images", "kernels"])
            {
                let error = error(found, expected);
                assert!(error < 2e-6, "{what} of {batch}×{input}×{height}×{width}: {error:e}");
            }
        }
    }

    #[test]
    fn a_frozen_kernel_gets_no_gradient() {
        let device = Device::flex().autodiff();
        let images = numbers([1, 2, 4, 4], 1, &device).require_grad();
        let kernels = numbers([2, 2, 3, 3], 2, &device);
        let gradients = conv3x3(images.clone(), kernels.clone()).sum().backward();
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
            Tensor::from_data(TensorData::new(values(turned.clone()), turned.dims()), &device);
        assert_eq!(values(conv3x3(turned, kernels.clone())), values(conv3x3(copied, kernels)));
    }
}
