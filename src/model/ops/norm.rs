//! Batch normalization in training, with the ReLU that may follow it, in one operation.

mod cpu;
mod gpu;

use super::autodiff::{Saved, differentiable};
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend as _, Backend, Dispatch, backend_extension};
use burn::module::RunningState;
use burn::nn::BatchNorm;
use burn::tensor::{Shape, Tensor, activation};

/// The parameters of a layer other than its tensors.
#[derive(Clone, Copy, Debug)]
struct NormConfig {
    /// Added to the variance.
    epsilon: f64,
    /// The share of the batch's statistics in the new running ones.
    momentum: f64,
    /// Whether a ReLU follows.
    relu: bool,
}

/// The gradients of input, gamma and beta.
type NormGradients<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// Output; the batch's means and biased variances, `[2, channels]`; the new running mean and
/// running variance. As in PyTorch, the unbiased variance goes into the running one, which a
/// single value per channel leaves as it was.
type NormOutput<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// The layer's output for `[batch, channels, height, width]`, then ReLU where `relu`.
/// On a device with autodiff it trains: it uses the batch's statistics and updates the
/// running ones, as burn's own forward pass does.
pub(in crate::model) fn forward(norm: &BatchNorm, input: Tensor<4>, relu: bool) -> Tensor<4> {
    if !(input.device().is_autodiff() && norm.training.is_enabled()) {
        let out = norm.forward(input);
        return if relu { activation::relu(out) } else { out };
    }
    let device = input.device();
    let running = |state: &RunningState<Tensor<1>>| {
        state.value_sync().to_device(&device).detach().into_dispatch()
    };
    let (out, _, mean, variance) = <Dispatch as NormForward>::normalize(
        input.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        norm.beta.val().into_dispatch(),
        running(&norm.running_mean),
        running(&norm.running_var),
        NormConfig { epsilon: norm.epsilon, momentum: norm.momentum, relu },
    );
    for (running, moved) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        running.update(Tensor::<1>::from_dispatch(moved).detach());
    }
    Tensor::from_dispatch(out)
}

/// The forward pass.
#[backend_extension(Flex, Cube, Fusion, Autodiff)]
trait NormForward: Backend {
    /// See [`NormOutput`].
    #[fusion(meta = |input, gamma, _beta, mean, variance, _config| {
        (input.clone(), moments_spec(gamma), mean.clone(), variance.clone())
    })]
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        config: NormConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// The backward pass.
#[backend_extension(Flex, Cube, Fusion)]
trait NormBackward: Backend {
    /// See [`NormGradients`]; from the gradient of the output.
    #[fusion(meta = |input, _output, gamma, _moments, _config, _gradient| {
        (input.clone(), gamma.clone(), gamma.clone())
    })]
    fn normalize_gradients(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        config: NormConfig,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

fn moments_spec(gamma: &TensorSpec) -> TensorSpec {
    TensorSpec::new(Shape::new([2, gamma.shape.num_elements()]), gamma.dtype)
}

#[derive(Clone, Debug)]
struct NormSaved<B: Backend> {
    input: FloatTensor<B>,
    output: FloatTensor<B>,
    gamma: FloatTensor<B>,
    moments: FloatTensor<B>,
    config: NormConfig,
}

impl<B: Backend + NormBackward> Saved<B, 3> for NormSaved<B> {
    fn gradients(self, gradient: FloatTensor<B>, _: [bool; 3]) -> [Option<FloatTensor<B>>; 3] {
        let Self { input, output, gamma, moments, config } = self;
        let (input, gamma, beta) =
            B::normalize_gradients(input, output, gamma, moments, config, gradient);
        [input, gamma, beta].map(Some)
    }
}

impl<B: Backend + NormForward + NormBackward, C: CheckpointStrategy> NormForward
    for Autodiff<B, C>
{
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        config: NormConfig,
    ) -> NormOutput<Self> {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let [input, gamma, beta, mean, variance] =
            [input, gamma, beta, mean, variance].map(|it| it.into_primitive());
        let (output, moments, mean, variance) =
            B::normalize(input.clone(), gamma.clone(), beta, mean, variance, config);
        let saved =
            NormSaved { input, output: output.clone(), gamma, moments: moments.clone(), config };
        let output = differentiable::<B, C, _, 3>(nodes, output, saved);
        let [moments, mean, variance] = [moments, mean, variance].map(Self::from_inner);
        (output, moments, mean, variance)
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
