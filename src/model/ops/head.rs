//! The networks' head in one operation: the average over an image's pixels, then a linear
//! layer. burn's own matrix multiplications are made for large matrices; on WebGPU, the three of
//! a head of ten classes took two thirds of the time in which a network's shaders compile.

mod cpu;
mod gpu;

use super::autodiff::{Saved, differentiable};
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend as _, Backend, Dispatch, TensorMetadata as _, backend_extension,
};
use burn::module::{Module, Param};
use burn::tensor::{Shape, Tensor};

/// The head's parameters.
#[derive(Module, Debug)]
pub(in crate::model) struct ClassifierHead {
    /// `[channels, classes]`.
    pub(in crate::model) weight: Param<Tensor<2>>,
    /// `[classes]`.
    pub(in crate::model) bias: Param<Tensor<1>>,
}

impl ClassifierHead {
    /// `[batch, channels, height, width]` features to `[batch, classes]` logits.
    pub(in crate::model) fn forward(&self, features: Tensor<4>) -> Tensor<2> {
        classify(features, self.weight.val(), self.bias.val())
    }
}

fn classify(features: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    let (features, weight, bias) =
        (features.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    let (logits, _) = <Dispatch as HeadForward>::classify(features, weight, bias);
    Tensor::from_dispatch(logits)
}

/// The forward pass.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
trait HeadForward: Backend {
    /// Logits, and the averages over pixels, `[batch, channels]`.
    #[fusion(meta = |features, weight, _bias| output_specs(features, weight))]
    fn classify(
        features: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// The backward pass.
#[backend_extension(Flex, Cube, Fusion)]
trait HeadBackward: Backend {
    /// The gradients of features, whose height and width are `size`, of weight and bias, from
    /// the averages and the gradient of the logits.
    #[fusion(meta = |averages, weight, gradient, size| {
        gradient_specs(averages, weight, gradient, *size)
    })]
    fn classify_gradients(
        averages: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        size: [usize; 2],
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

fn output_specs(features: &TensorSpec, weight: &TensorSpec) -> (TensorSpec, TensorSpec) {
    let ([batch, channels, ..], [_, classes]) = (features.shape.dims::<4>(), weight.shape.dims());
    let of = |shape| TensorSpec::new(Shape::new(shape), features.dtype);
    (of([batch, classes]), of([batch, channels]))
}

fn gradient_specs(
    averages: &TensorSpec,
    weight: &TensorSpec,
    gradient: &TensorSpec,
    [height, width]: [usize; 2],
) -> (TensorSpec, TensorSpec, TensorSpec) {
    let ([batch, channels], [_, classes]) = (averages.shape.dims(), gradient.shape.dims());
    let features = Shape::new([batch, channels, height, width]);
    let bias = Shape::new([classes]);
    (
        TensorSpec::new(features, averages.dtype),
        weight.clone(),
        TensorSpec::new(bias, averages.dtype),
    )
}

#[derive(Clone, Debug)]
struct HeadSaved<B: Backend> {
    averages: FloatTensor<B>,
    weight: FloatTensor<B>,
    size: [usize; 2],
}

impl<B: Backend + HeadBackward> Saved<B, 3> for HeadSaved<B> {
    fn gradients(self, gradient: FloatTensor<B>, _: [bool; 3]) -> [Option<FloatTensor<B>>; 3] {
        let Self { averages, weight, size } = self;
        let (features, weight, bias) = B::classify_gradients(averages, weight, gradient, size);
        [features, weight, bias].map(Some)
    }
}

impl<B: Backend + HeadForward + HeadBackward, C: CheckpointStrategy> HeadForward
    for Autodiff<B, C>
{
    fn classify(
        features: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [features.node(), weight.node(), bias.node()];
        let [_, _, height, width] = features.shape().dims();
        let [features, weight, bias] = [features, weight, bias].map(|it| it.into_primitive());
        let (logits, averages) = B::classify(features, weight.clone(), bias);
        let saved = HeadSaved { averages: averages.clone(), weight, size: [height, width] };
        (differentiable::<B, C, _, 3>(nodes, logits, saved), Self::from_inner(averages))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::probe::{numbers, read};
    use burn::tensor::Device;

    /// burn's own average and matrix multiplication.
    fn expected(features: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
        let [batch, channels, height, width] = features.dims();
        let pooled = features.reshape([batch, channels, height * width]).mean_dim(2);
        pooled.reshape([batch, channels]).matmul(weight) + bias.unsqueeze()
    }

    #[test]
    fn equals_burn_s_average_and_product_and_their_gradients() {
        let device = Device::flex().autodiff();
        for [batch, channels, height, width, classes] in
            [[1, 1, 1, 1, 2], [3, 5, 2, 7, 10], [64, 16, 8, 8, 10], [2, 40, 3, 3, 20]]
        {
            let passes = |how: fn(Tensor<4>, Tensor<2>, Tensor<1>) -> Tensor<2>| {
                let features = numbers([batch, channels, height, width], 1, &device).require_grad();
                let weight = numbers([channels, classes], 2, &device).require_grad();
                let bias = numbers([classes], 3, &device).require_grad();
                let logits = how(features.clone(), weight.clone(), bias.clone());
                // Weights of the sum, so that every logit has another gradient.
                let gradients = (logits.clone() * numbers([batch, classes], 4, &device)).sum();
                let gradients = gradients.backward();
                [
                    read(logits),
                    read(features.grad(&gradients).unwrap()),
                    read(weight.grad(&gradients).unwrap()),
                    read(bias.grad(&gradients).unwrap()),
                ]
            };
            for (found, expected) in passes(classify).iter().zip(&passes(expected)) {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    let near = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                    assert!(near, "{batch}×{channels}×{height}×{width}: {found} {expected}");
                }
            }
        }
    }
}
