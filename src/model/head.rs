//! The networks' head in one operation: the average over an image's pixels, then a linear
//! layer. burn's own products of matrices are made for large ones; on WebGPU the three of a head
//! of ten classes took two thirds of the time that a network's shaders take to compile. On
//! WebGPU kernels of our own (`gpu::head`). An extension of burn's backends with its own
//! backward pass.

use super::flex::{contiguous, tensor, values};
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend as _, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::module::{Module, Param};
use burn::tensor::{Shape, Tensor};

/// Sums that are added up side by side.
const LANES: usize = 8;

/// The head's parameters.
#[derive(Module, Debug)]
pub(super) struct Head {
    /// `[channels, classes]`.
    pub(super) weight: Param<Tensor<2>>,
    /// `[classes]`.
    pub(super) bias: Param<Tensor<1>>,
}

impl Head {
    /// `[batch, channels, height, width]` features to `[batch, classes]` logits.
    pub(super) fn forward(&self, features: Tensor<4>) -> Tensor<2> {
        classify(features, self.weight.val(), self.bias.val())
    }
}

fn classify(features: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    let (features, weight, bias) =
        (features.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    let (logits, _) = <Dispatch as Classify>::classify(features, weight, bias);
    Tensor::from_dispatch(logits)
}

/// What the head computes.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait Classify: Backend {
    /// Logits, and the averages over pixels, `[batch, channels]`.
    #[fusion(meta = |features, weight, _bias| averaged(features, weight))]
    fn classify(
        features: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// Its backward pass, which has no gradient itself.
#[backend_extension(Flex, Cube, Fusion)]
pub(super) trait Declassify: Backend {
    /// The gradients of features, whose sides are `size`, of weight and bias, from the averages
    /// and the gradient of the logits.
    #[fusion(meta = |averages, weight, gradient, size| spread(averages, weight, gradient, *size))]
    fn declassify(
        averages: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        size: [usize; 2],
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

fn averaged(features: &TensorSpec, weight: &TensorSpec) -> (TensorSpec, TensorSpec) {
    let ([batch, channels, ..], [_, classes]) = (features.shape.dims::<4>(), weight.shape.dims());
    let of = |shape| TensorSpec::new(Shape::new(shape), features.dtype);
    (of([batch, classes]), of([batch, channels]))
}

fn spread(
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

impl Classify for Flex {
    fn classify(
        features: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
    ) -> (FlexTensor, FlexTensor) {
        let [batch, channels, height, width] = features.shape().dims();
        let [_, classes] = weight.shape().dims();
        let pixels = height * width;
        let [features, weight, bias] = [features, weight, bias].map(contiguous);
        let planes = values(&features).chunks_exact(pixels);
        let averages: Vec<f32> = planes.map(|plane| sum(plane) / pixels as f32).collect();
        let mut logits = values(&bias).repeat(batch);
        for (row, averages) in logits.chunks_exact_mut(classes).zip(averages.chunks_exact(channels))
        {
            for (average, weights) in averages.iter().zip(values(&weight).chunks_exact(classes)) {
                add(row, weights, *average);
            }
        }
        (tensor(logits, [batch, classes]), tensor(averages, [batch, channels]))
    }
}

impl Declassify for Flex {
    fn declassify(
        averages: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        [height, width]: [usize; 2],
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let ([batch, channels], [_, classes]) = (averages.shape().dims(), weight.shape().dims());
        let pixels = height * width;
        let [averages, weight, gradient] = [averages, weight, gradient].map(contiguous);
        let mut for_features = Vec::with_capacity(batch * channels * pixels);
        let mut for_weight = vec![0.0; channels * classes];
        let mut for_bias = vec![0.0; classes];
        let rows = values(&gradient).chunks_exact(classes);
        for (gradient, averages) in rows.zip(values(&averages).chunks_exact(channels)) {
            add(&mut for_bias, gradient, 1.0);
            let weights = values(&weight).chunks_exact(classes);
            let sums = for_weight.chunks_exact_mut(classes);
            for ((average, weights), sums) in averages.iter().zip(weights).zip(sums) {
                add(sums, gradient, *average);
                let value: f32 = weights.iter().zip(gradient).map(|(w, g)| w * g).sum();
                for_features.resize(for_features.len() + pixels, value / pixels as f32);
            }
        }
        (
            tensor(for_features, [batch, channels, height, width]),
            tensor(for_weight, [channels, classes]),
            tensor(for_bias, [classes]),
        )
    }
}

/// Adds `factor` times `values` to `sums`.
fn add(sums: &mut [f32], values: &[f32], factor: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value * factor;
    }
}

fn sum(values: &[f32]) -> f32 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        add(&mut lanes, group, 1.0);
    }
    lanes.iter().chain(rest).sum()
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
struct HeadSaved<B: Backend> {
    averages: FloatTensor<B>,
    weight: NodeId,
    size: [usize; 2],
}

/// The backward pass.
#[derive(Debug)]
struct ClassifyBackward;

impl<B: Backend + Declassify> Backward<B, 3> for ClassifyBackward {
    type State = HeadSaved<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let gradient = grads.consume::<B>(&ops.node);
        let HeadSaved { averages, weight, size } = ops.state;
        let weight = checkpointer.retrieve_node_output::<FloatTensor<B>>(weight);
        let (features, weight, bias) = B::declassify(averages, weight, gradient, size);
        for (node, gradient) in ops.parents.into_iter().zip([features, weight, bias]) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: Backend + Classify + Declassify, C: CheckpointStrategy> Classify for Autodiff<B, C> {
    fn classify(
        features: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [features.node(), weight.node(), bias.node()];
        let [_, _, height, width] = features.shape().dims();
        let forward = |features: FloatTensor<Self>, weight: FloatTensor<Self>| {
            let [features, weight, bias] = [features, weight, bias].map(|it| it.into_primitive());
            B::classify(features, weight, bias)
        };
        let (logits, averages) =
            match ClassifyBackward.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(mut prep) => {
                    let kernel = prep.checkpoint(&weight);
                    let (logits, averages) = forward(features, weight);
                    let size = [height, width];
                    let kept = HeadSaved { averages: averages.clone(), weight: kernel, size };
                    (prep.finish(kept, logits), averages)
                }
                OpsKind::UnTracked(prep) => {
                    let (logits, averages) = forward(features, weight);
                    (prep.finish(logits), averages)
                }
            };
        (logits, Self::from_inner(averages))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::probe::{numbers, read};
    use burn::tensor::Device;

    /// burn's own average and product.
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
