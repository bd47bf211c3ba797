//! The networks' own batch normalization in training, with the ReLU that may follow it
//! in one operation: on the CPU engine in three passes over memory, on WebGPU in kernels of
//! our own (`gpu::norm`). An extension of burn's backends with its own backward pass.

use super::flex::{contiguous, tensor, values};
use super::moments::{self, Channel};
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
use burn::module::RunningState;
use burn::nn::BatchNorm;
use burn::tensor::{Shape, Tensor, activation};

/// What a layer does beside its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Added to the variance.
    pub epsilon: f64,
    /// How much of the batch's statistics goes into the running ones.
    pub momentum: f64,
    /// Whether a ReLU follows.
    pub relu: bool,
}

/// The gradients of input, gamma and beta.
pub(super) type Three<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// Output; the batch's means and biased variances, `[2, channels]`; running mean and running
/// variance, moved. As in PyTorch, the unbiased variance goes into the running one, which a
/// single value per channel leaves as it was.
pub(super) type Four<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// The layer's output for `[batch, channels, height, width]`, then ReLU where `relu`.
/// On a device with autodiff it trains: it takes the batch's statistics and moves the
/// running ones, as burn's own forward pass does.
pub(super) fn forward(norm: &BatchNorm, input: Tensor<4>, relu: bool) -> Tensor<4> {
    if !(input.device().is_autodiff() && norm.training.is_enabled()) {
        let out = norm.forward(input);
        return if relu { activation::relu(out) } else { out };
    }
    let device = input.device();
    let running = |state: &RunningState<Tensor<1>>| {
        state.value_sync().to_device(&device).detach().into_dispatch()
    };
    let (out, _, mean, variance) = <Dispatch as Normalize>::normalize(
        input.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        norm.beta.val().into_dispatch(),
        running(&norm.running_mean),
        running(&norm.running_var),
        How { epsilon: norm.epsilon, momentum: norm.momentum, relu },
    );
    for (running, moved) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        running.update(Tensor::<1>::from_dispatch(moved).detach());
    }
    Tensor::from_dispatch(out)
}

/// Batch normalization with the batch's statistics.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
pub(super) trait Normalize: Backend {
    /// Forward.
    #[fusion(meta = |input, gamma, _beta, mean, variance, _how| {
        (input.clone(), moments_of(gamma), mean.clone(), variance.clone())
    })]
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: How,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Its backward pass, which has no gradient itself.
#[backend_extension(Flex, Cube, Fusion)]
pub(super) trait Denormalize: Backend {
    /// Gradients of input, gamma and beta, from that of the output.
    #[fusion(meta = |input, _output, gamma, _moments, _how, _gradient| {
        (input.clone(), gamma.clone(), gamma.clone())
    })]
    fn denormalize(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        how: How,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

fn moments_of(channels: &TensorSpec) -> TensorSpec {
    TensorSpec::new(Shape::new([2, channels.shape.num_elements()]), channels.dtype)
}

impl Normalize for Flex {
    fn normalize(
        input: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        how: How,
    ) -> Four<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let pixels = height * width;
        let [input, gamma, beta] = [input, gamma, beta].map(contiguous);
        let found = moments::moments(values(&input), channels, pixels);
        let normalize =
            if how.relu { moments::normalize::<true> } else { moments::normalize::<false> };
        let (weights, shifts) = (values(&gamma), values(&beta));
        let out = normalize(values(&input), pixels, &found, weights, shifts, how.epsilon);
        let (keep, take) = ((1.0 - how.momentum) as f32, how.momentum as f32);
        let count = batch * pixels;
        let moved = |running: FlexTensor, of: &dyn Fn(&Channel) -> Option<f32>| {
            let running = contiguous(running);
            let pairs = values(&running).iter().zip(&found);
            let move_one = |(old, new): (&f32, &Channel)| match of(new) {
                Some(new) => old * keep + new * take,
                None => *old,
            };
            tensor(pairs.map(move_one).collect(), [channels])
        };
        let means = found.iter().map(|it| it.mean);
        let moments = means.chain(found.iter().map(|it| it.variance)).collect();
        (
            tensor(out, [batch, channels, height, width]),
            tensor(moments, [2, channels]),
            moved(mean, &|it| Some(it.mean)),
            moved(variance, &|it| it.unbiased_variance(count)),
        )
    }
}

impl Denormalize for Flex {
    fn denormalize(
        input: FlexTensor,
        output: FlexTensor,
        gamma: FlexTensor,
        moments: FlexTensor,
        how: How,
        gradient: FlexTensor,
    ) -> Three<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let [input, output, gradient, gamma] = [input, output, gradient, gamma].map(contiguous);
        let moments = contiguous(moments);
        let (means, variances) = values(&moments).split_at(channels);
        let statistics: Vec<Channel> = means
            .iter()
            .zip(variances)
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
struct NormSaved<B: Backend> {
    input: NodeId,
    gamma: NodeId,
    output: FloatTensor<B>,
    moments: FloatTensor<B>,
    how: How,
}

/// The backward pass.
#[derive(Debug)]
struct NormalizeBackward;

impl<B: Backend + Denormalize> Backward<B, 3> for NormalizeBackward {
    type State = NormSaved<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let gradient = grads.consume::<B>(&ops.node);
        let kept = ops.state;
        let (input, gamma, beta) = B::denormalize(
            checkpointer.retrieve_node_output::<FloatTensor<B>>(kept.input),
            kept.output,
            checkpointer.retrieve_node_output::<FloatTensor<B>>(kept.gamma),
            kept.moments,
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

impl<B: Backend + Normalize + Denormalize, C: CheckpointStrategy> Normalize for Autodiff<B, C> {
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: How,
    ) -> Four<Self> {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let forward = |input: FloatTensor<Self>, gamma: FloatTensor<Self>| {
            let [input, gamma, beta, mean, variance] =
                [input, gamma, beta, mean, variance].map(|it| it.into_primitive());
            B::normalize(input, gamma, beta, mean, variance, how)
        };
        let (out, moments, mean, variance) =
            match NormalizeBackward.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(mut prep) => {
                    let (input_node, gamma_node) =
                        (prep.checkpoint(&input), prep.checkpoint(&gamma));
                    let (out, moments, mean, variance) = forward(input, gamma);
                    let kept = NormSaved {
                        input: input_node,
                        gamma: gamma_node,
                        output: out.clone(),
                        moments: moments.clone(),
                        how,
                    };
                    (prep.finish(kept, out), moments, mean, variance)
                }
                OpsKind::UnTracked(prep) => {
                    let (out, moments, mean, variance) = forward(input, gamma);
                    (prep.finish(out), moments, mean, variance)
                }
            };
        let [moments, mean, variance] = [moments, mean, variance].map(Self::from_inner);
        (out, moments, mean, variance)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use burn::nn::BatchNormConfig;
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    const CHANNELS: usize = 2;

    /// Running mean and variance after `batches` of `[batch, CHANNELS, pixels, 1]` values.
    fn running(batches: &[Vec<f32>], pixels: usize) -> [Vec<f32>; 2] {
        let device = Device::flex().autodiff();
        let norm: BatchNorm = BatchNormConfig::new(CHANNELS).init(&device);
        for values in batches {
            let shape = [values.len() / (CHANNELS * pixels), CHANNELS, pixels, 1];
            let input = Tensor::<4>::from_data(TensorData::new(values.clone(), shape), &device);
            forward(&norm, input, false);
        }
        [&norm.running_mean, &norm.running_var]
            .map(|it| it.value_sync().inner().into_data().try_to_vec().unwrap())
    }

    /// The same by PyTorch's rule, in `f64`.
    fn expected(batches: &[Vec<f32>], pixels: usize) -> [Vec<f64>; 2] {
        let (mut means, mut variances) = (vec![0.0; CHANNELS], vec![1.0; CHANNELS]);
        for values in batches {
            for channel in 0..CHANNELS {
                let planes = values.chunks(pixels).skip(channel).step_by(CHANNELS);
                let of: Vec<f64> = planes.flatten().map(|it| f64::from(*it)).collect();
                let n = of.len() as f64;
                let mean = of.iter().sum::<f64>() / n;
                means[channel] = 0.9 * means[channel] + 0.1 * mean;
                if n > 1.0 {
                    let squares: f64 = of.iter().map(|it| (it - mean).powi(2)).sum();
                    variances[channel] = 0.9 * variances[channel] + 0.1 * squares / (n - 1.0);
                }
            }
        }
        [means, variances]
    }

    proptest! {
        #[test]
        fn running_statistics_are_pytorchs(
            pixels in 1..5_usize,
            sizes in prop::collection::vec(1..6_usize, 1..4),
            seed in any::<u32>(),
        ) {
            let batches: Vec<Vec<f32>> = sizes
                .iter()
                .zip(0..)
                .map(|(size, at)| {
                    crate::model::init::kaiming_normal(seed, at, size * CHANNELS * pixels, 1)
                })
                .collect();
            let (found, expected) = (running(&batches, pixels), expected(&batches, pixels));
            for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                prop_assert!(
                    (f64::from(*found) - expected).abs() < 1e-5 * expected.abs().max(1.0),
                    "{found} for {expected}, {pixels} pixels, batches of {sizes:?}"
                );
            }
        }
    }

    #[test]
    fn a_single_value_leaves_the_running_variance_as_it_was() {
        let [means, variances] = running(&[vec![3.0, 5.0]], 1);
        assert_eq!(variances, [1.0, 1.0]);
        assert_eq!(means, [0.3, 0.5]);
    }
}
