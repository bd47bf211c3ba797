//! The head on WebGPU: two dispatches forward, two backward.

use super::{HeadBackward, HeadForward};
use crate::model::ops::shader::{Shader, dispatch_each, empty, packed, per_value};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum HeadShader {
    /// The averages of the features over pixels.
    Average,
    /// The logits, from averages, weight and bias.
    Logits,
    /// The gradient of the features, from that of the logits and the weight.
    FeaturesGradient,
    /// The gradients of weight and bias, from the averages and the gradient of the logits.
    WeightGradient,
}

/// The names of the sizes, in the order of a dispatch.
const SIZES: [&str; 4] = ["batch", "channels", "pixels", "classes"];

impl Shader for HeadShader {
    fn source(&self) -> String {
        let (buffers, template): (&[&str], _) = match self {
            Self::Average => (&["features", "averages"], include_str!("average.wgsl")),
            Self::Logits => {
                (&["averages", "weight", "bias", "logits"], include_str!("logits.wgsl"))
            }
            Self::FeaturesGradient => {
                (&["gradient", "weight", "out"], include_str!("features_gradient.wgsl"))
            }
            Self::WeightGradient => (
                &["averages", "gradient", "for_weight", "for_bias"],
                include_str!("weight_gradient.wgsl"),
            ),
        };
        per_value(buffers, &SIZES, template, &[])
    }
}

impl HeadForward for CubeBackend {
    fn classify(
        features: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [batch, channels, height, width] = features.shape().dims();
        let [_, classes] = weight.shape().dims();
        let sizes = [batch, channels, height * width, classes];
        let [features, weight, bias] = [features, weight, bias].map(packed);
        let averages = empty([batch, channels], &features);
        dispatch_each(HeadShader::Average, batch * channels, &[&features, &averages], &sizes);
        let logits = empty([batch, classes], &features);
        let tensors = [&averages, &weight, &bias, &logits];
        dispatch_each(HeadShader::Logits, batch * classes, &tensors, &sizes);
        (logits, averages)
    }
}

impl HeadBackward for CubeBackend {
    fn classify_gradients(
        averages: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        [height, width]: [usize; 2],
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let ([batch, channels], [_, classes]) = (averages.shape().dims(), weight.shape().dims());
        let pixels = height * width;
        let sizes = [batch, channels, pixels, classes];
        let [averages, weight, gradient] = [averages, weight, gradient].map(packed);
        let features = empty([batch, channels, height, width], &averages);
        let tensors = [&gradient, &weight, &features];
        let values = batch * channels * pixels;
        dispatch_each(HeadShader::FeaturesGradient, values, &tensors, &sizes);
        let for_weight = empty([channels, classes], &averages);
        let for_bias = empty([classes], &averages);
        let tensors = [&averages, &gradient, &for_weight, &for_bias];
        let values = (channels + 1) * classes;
        dispatch_each(HeadShader::WeightGradient, values, &tensors, &sizes);
        (features, for_weight, for_bias)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::ops::shader::tests::runs_everywhere;

    #[test]
    fn every_shader_runs_everywhere() {
        let shaders = [
            HeadShader::Average,
            HeadShader::Logits,
            HeadShader::FeaturesGradient,
            HeadShader::WeightGradient,
        ];
        shaders.iter().for_each(runs_everywhere);
    }
}
