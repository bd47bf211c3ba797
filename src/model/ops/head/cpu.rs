//! The head on the CPU engine.

use super::{HeadBackward, HeadForward};
use crate::model::ops::flex::{contiguous, tensor, values};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata as _};

/// Partial sums that are computed in parallel.
const LANES: usize = 8;

impl HeadForward for Flex {
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
                add_scaled(row, weights, *average);
            }
        }
        (tensor(logits, [batch, classes]), tensor(averages, [batch, channels]))
    }
}

impl HeadBackward for Flex {
    fn classify_gradients(
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
            add_scaled(&mut for_bias, gradient, 1.0);
            let weights = values(&weight).chunks_exact(classes);
            let sums = for_weight.chunks_exact_mut(classes);
            for ((average, weights), sums) in averages.iter().zip(weights).zip(sums) {
                add_scaled(sums, gradient, *average);
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
fn add_scaled(sums: &mut [f32], values: &[f32], factor: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value * factor;
    }
}

fn sum(values: &[f32]) -> f32 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        add_scaled(&mut lanes, group, 1.0);
    }
    lanes.iter().chain(rest).sum()
}
