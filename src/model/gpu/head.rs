//! The head on WebGPU: two dispatches forward, two backward.

use super::{Text, each, empty, packed, run_each};
use crate::model::head::{Classify, Declassify};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum HeadKernel {
    /// Features to their averages over pixels.
    Average,
    /// Averages, weight and bias to logits.
    Product,
    /// The gradient of the logits and the weight to that of the features.
    Features,
    /// The averages and the gradient of the logits to those of weight and bias.
    Weight,
}

/// The names of the sizes, in the order in which they come along.
const SIZES: [&str; 4] = ["batch", "channels", "pixels", "classes"];

impl Text for HeadKernel {
    fn text(&self) -> String {
        let (buffers, body): (&[&str], _) = match self {
            Self::Average => (
                &["features", "averages"],
                "    let first = index * sizes.pixels;
    var sum = 0.0;
    for (var n = 0u; n < sizes.pixels; n++) { sum += features[first + n]; }
    averages[index] = sum / f32(sizes.pixels);
",
            ),
            Self::Product => (
                &["averages", "weight", "bias", "logits"],
                "    let k = index % sizes.classes;
    let row = (index / sizes.classes) * sizes.channels;
    var sum = bias[k];
    for (var c = 0u; c < sizes.channels; c++) {
        sum += averages[row + c] * weight[c * sizes.classes + k];
    }
    logits[index] = sum;
",
            ),
            Self::Features => (
                &["gradient", "weight", "out"],
                "    let plane = index / sizes.pixels;
    let weights = (plane % sizes.channels) * sizes.classes;
    let row = (plane / sizes.channels) * sizes.classes;
    var sum = 0.0;
    for (var n = 0u; n < sizes.classes; n++) { sum += weight[weights + n] * gradient[row + n]; }
    out[index] = sum / f32(sizes.pixels);
",
            ),
            // The bias is the row after the last channel.
            Self::Weight => (
                &["averages", "gradient", "for_weight", "for_bias"],
                "    let k = index % sizes.classes;
    let channel = index / sizes.classes;
    let bias = channel == sizes.channels;
    let c = min(channel, sizes.channels - 1u);
    var sum = 0.0;
    for (var b = 0u; b < sizes.batch; b++) {
        let average = select(averages[b * sizes.channels + c], 1.0, bias);
        sum += average * gradient[b * sizes.classes + k];
    }
    if (bias) { for_bias[k] = sum; } else { for_weight[index] = sum; }
",
            ),
        };
        each(buffers, &SIZES, body)
    }
}

impl Classify for CubeBackend {
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
        run_each(HeadKernel::Average, batch * channels, &[&features, &averages], &sizes);
        let logits = empty([batch, classes], &features);
        let tensors = [&averages, &weight, &bias, &logits];
        run_each(HeadKernel::Product, batch * classes, &tensors, &sizes);
        (logits, averages)
    }
}

impl Declassify for CubeBackend {
    fn declassify(
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
        run_each(HeadKernel::Features, batch * channels * pixels, &tensors, &sizes);
        let for_weight = empty([channels, classes], &averages);
        let for_bias = empty([classes], &averages);
        let tensors = [&averages, &gradient, &for_weight, &for_bias];
        run_each(HeadKernel::Weight, (channels + 1) * classes, &tensors, &sizes);
        (features, for_weight, for_bias)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::gpu::tests::runs_everywhere;

    #[test]
    fn every_kernel_runs_everywhere() {
        let kernels =
            [HeadKernel::Average, HeadKernel::Product, HeadKernel::Features, HeadKernel::Weight];
        kernels.iter().for_each(runs_everywhere);
    }
}
