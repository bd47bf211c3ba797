//! The networks' own batch normalization in training, with the ReLU that may follow it
//! in one operation: on the CPU engine in three passes over memory, on any other what
//! burn has. An extension of burn's backends with its own backward pass.

use super::flex::{contiguous, tensor, values};
use super::moments::{self, Channel};
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend as _, Backend, Cube, Dispatch, Flex, TensorMetadata,
    backend_extension,
};
use burn::nn::BatchNorm;
use burn::tensor::Tensor;
use burn::tensor::activation;

/// What a layer does beside its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Added to the variance.
    epsilon: f64,
    /// Whether a ReLU follows.
    relu: bool,
}

/// Three tensors at once: output, mean and variance, or the gradients of input, gamma
/// and beta.
type Three<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// The layer's output for `[batch, channels, height, width]`, then ReLU where `relu`.
/// On a device with autodiff it trains: it takes the batch's statistics and moves the
/// running ones, as burn's own forward pass does.
pub(super) fn forward(norm: &BatchNorm, input: Tensor<4>, relu: bool) -> Tensor<4> {
    if !(input.device().is_autodiff() && norm.training.is_enabled()) {
        let out = norm.forward(input);
        return if relu { activation::relu(out) } else { out };
    }
    let (out, mean, variance) = <Dispatch as Normalize>::normalize(
        input.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        norm.beta.val().into_dispatch(),
        How { epsilon: norm.epsilon, relu },
    );
    for (running, found) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let found = Tensor::<1>::from_dispatch(found).detach();
        let kept = running.value_sync().to_device(&found.device());
        let moved = kept.mul_scalar(1.0 - norm.momentum) + found.mul_scalar(norm.momentum);
        running.update(moved.detach());
    }
    Tensor::from_dispatch(out)
}

/// Batch normalization with the batch's statistics.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait Normalize: Backend {
    /// Output, mean and biased variance.
    #[fusion(default)]
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        how: How,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let found = Self::batch_norm_train(input, gamma, beta, how.epsilon);
        let out = if how.relu { Self::relu(found.output) } else { found.output };
        (out, found.mean, found.variance)
    }

    /// Gradients of input, gamma and beta, from that of the output.
    #[fusion(default)]
    fn normalize_backward(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: How,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let gradient = if how.relu { Self::relu_backward(output, gradient) } else { gradient };
        let found =
            Self::batch_norm_train_backward(input, gamma, mean, variance, how.epsilon, gradient);
        (found.x_grad, found.gamma_grad, found.beta_grad)
    }
}

impl Normalize for Cube {}

impl Normalize for Flex {
    fn normalize(input: FlexTensor, gamma: FlexTensor, beta: FlexTensor, how: How) -> Three<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let pixels = height * width;
        let [input, gamma, beta] = [input, gamma, beta].map(contiguous);
        let found = moments::moments(values(&input), channels, pixels);
        let normalize =
            if how.relu { moments::normalize::<true> } else { moments::normalize::<false> };
        let (weights, shifts) = (values(&gamma), values(&beta));
        let out = normalize(values(&input), pixels, &found, weights, shifts, how.epsilon);
        (
            tensor(out, [batch, channels, height, width]),
            tensor(found.iter().map(|it| it.mean).collect(), [channels]),
            tensor(found.iter().map(|it| it.variance).collect(), [channels]),
        )
    }

    fn normalize_backward(
        input: FlexTensor,
        output: FlexTensor,
        gamma: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        how: How,
        gradient: FlexTensor,
    ) -> Three<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let [input, output, gradient, gamma] = [input, output, gradient, gamma].map(contiguous);
        let [mean, variance] = [mean, variance].map(contiguous);
        let statistics: Vec<Channel> = values(&mean)
            .iter()
            .zip(values(&variance))
            .map(|(mean, variance)| Channel { mean: *mean, variance: *variance })
            .collect();
        let backward =
            if how.relu { moments::backward::<true> } else { moments::backward::<false> };
        let found = backward(
            values(&input),
            values(&output),
            values(&gradient),
            height * width,
            &statistics,
            values(&gamma),
            how.epsilon,
        );
        (
            tensor(found.input, [batch, channels, height, width]),
            tensor(found.gamma, [channels]),
            tensor(found.beta, [channels]),
        )
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    input: NodeId,
    gamma: NodeId,
    output: FloatTensor<B>,
    mean: FloatTensor<B>,
    variance: FloatTensor<B>,
    how: How,
}

/// The backward pass.
#[derive(Debug)]
struct NormalizeBackward;

impl<B: Backend + Normalize> Backward<B, 3> for NormalizeBackward {
    type State = Kept<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let gradient = grads.consume::<B>(&ops.node);
        let kept = ops.state;
        let (input, gamma, beta) = B::normalize_backward(
            checkpointer.retrieve_node_output::<FloatTensor<B>>(kept.input),
            kept.output,
            checkpointer.retrieve_node_output::<FloatTensor<B>>(kept.gamma),
            kept.mean,
            kept.variance,
            kept.how,
            gradient,
        );
        for (node, gradient) in ops.parents.into_iter().zip([input, gamma, beta]) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: Backend + Normalize, C: CheckpointStrategy> Normalize for Autodiff<B, C> {
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        how: How,
    ) -> Three<Self> {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let (out, mean, variance) =
            match NormalizeBackward.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(mut prep) => {
                    let (input_node, gamma_node) =
                        (prep.checkpoint(&input), prep.checkpoint(&gamma));
                    let (out, mean, variance) = B::normalize(
                        input.into_primitive(),
                        gamma.into_primitive(),
                        beta.into_primitive(),
                        how,
                    );
                    let kept = Kept {
                        input: input_node,
                        gamma: gamma_node,
                        output: out.clone(),
                        mean: mean.clone(),
                        variance: variance.clone(),
                        how,
                    };
                    (prep.finish(kept, out), mean, variance)
                }
                OpsKind::UnTracked(prep) => {
                    let (out, mean, variance) = B::normalize(
                        input.into_primitive(),
                        gamma.into_primitive(),
                        beta.into_primitive(),
                        how,
                    );
                    (prep.finish(out), mean, variance)
                }
            };
        (out, Self::from_inner(mean), Self::from_inner(variance))
    }
}
