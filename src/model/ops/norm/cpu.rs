//! Batch normalization on the CPU engine, in three passes over memory.

mod moments;

use super::{NormBackward, NormConfig, NormForward, NormGradients, NormOutput};
use crate::model::ops::flex::{contiguous, tensor, values, vectorized};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata as _};
use moments::ChannelMoments;

impl NormForward for Flex {
    fn normalize(
        input: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        mean: FlexTensor,
        variance: FlexTensor,
        config: NormConfig,
    ) -> NormOutput<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let pixels = height * width;
        let [input, gamma, beta] = [input, gamma, beta].map(contiguous);
        let (images, weights, shifts) = (values(&input), values(&gamma), values(&beta));
        let found = vectorized(|| moments::moments(images, channels, pixels));
        let epsilon = config.epsilon;
        let out = vectorized(|| {
            if config.relu {
                moments::normalize::<true>(images, pixels, &found, weights, shifts, epsilon)
            } else {
                moments::normalize::<false>(images, pixels, &found, weights, shifts, epsilon)
            }
        });
        let (keep, take) = ((1.0 - config.momentum) as f32, config.momentum as f32);
        let count = batch * pixels;
        let moved = |running: FlexTensor, of: &dyn Fn(&ChannelMoments) -> Option<f32>| {
            let running = contiguous(running);
            let pairs = values(&running).iter().zip(&found);
            let move_one = |(old, new): (&f32, &ChannelMoments)| match of(new) {
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

impl NormBackward for Flex {
    fn normalize_gradients(
        input: FlexTensor,
        output: FlexTensor,
        gamma: FlexTensor,
        moments: FlexTensor,
        config: NormConfig,
        gradient: FlexTensor,
    ) -> NormGradients<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let [input, output, gradient, gamma] = [input, output, gradient, gamma].map(contiguous);
        let moments = contiguous(moments);
        let (means, variances) = values(&moments).split_at(channels);
        let statistics: Vec<ChannelMoments> = means
            .iter()
            .zip(variances)
            .map(|(mean, variance)| ChannelMoments { mean: *mean, variance: *variance })
            .collect();
        let [images, outputs, gradients] = [&input, &output, &gradient].map(values);
        let (pixels, gamma, epsilon) = (height * width, values(&gamma), config.epsilon);
        let found = vectorized(|| {
            let of = &statistics;
            if config.relu {
                moments::backward::<true>(images, outputs, gradients, pixels, of, gamma, epsilon)
            } else {
                moments::backward::<false>(images, outputs, gradients, pixels, of, gamma, epsilon)
            }
        });
        (
            tensor(found.input, [batch, channels, height, width]),
            tensor(found.gamma, [channels]),
            tensor(found.beta, [channels]),
        )
    }
}
