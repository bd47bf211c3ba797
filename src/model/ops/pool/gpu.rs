//! Pooling on WebGPU: an invocation for each value of the result.

use super::{PoolBackward, PoolForward, STRIDE, Windows};
use crate::model::ops::shader::{Shader, dispatch_each, empty, packed, per_value};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum PoolShader {
    /// The output, from the input.
    Forward(Windows),
    /// The input's gradient, from input, output and its gradient; for averages from the gradient
    /// alone.
    Backward(Windows),
}

/// The names of the sizes, in the order of a dispatch.
const SIZES: [&str; 4] = ["height", "width", "out_height", "out_width"];

impl Shader for PoolShader {
    fn source(&self) -> String {
        let (windows, buffers, template): (_, &[&str], _) = match *self {
            Self::Forward(windows) => {
                let template = match windows {
                    Windows::Average => include_str!("average.wgsl"),
                    Windows::Max { .. } => include_str!("max.wgsl"),
                };
                (windows, &["input", "out"], template)
            }
            Self::Backward(Windows::Average) => {
                (Windows::Average, &["gradient", "out"], include_str!("average_gradient.wgsl"))
            }
            Self::Backward(windows) => {
                let buffers = &["input", "output", "gradient", "out"];
                (windows, buffers, include_str!("max_gradient.wgsl"))
            }
        };
        let [kernel, padding] = windows.kernel();
        let constants = [("KERNEL", kernel), ("PADDING", padding), ("STRIDE", STRIDE)]
            .map(|(name, count)| (name, count.into()));
        let template = [template, include_str!("window.wgsl")].concat();
        per_value(buffers, &SIZES, &template, &constants)
    }
}

impl PoolForward for CubeBackend {
    fn pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let [out_height, out_width] = [height, width].map(|side| windows.output_side(side));
        let input = packed(input);
        let out = empty([batch, channels, out_height, out_width], &input);
        let values = batch * channels * out_height * out_width;
        let sizes = [height, width, out_height, out_width];
        dispatch_each(PoolShader::Forward(windows), values, &[&input, &out], &sizes);
        out
    }
}

impl PoolBackward for CubeBackend {
    fn pool_gradient(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self> {
        let [batch, channels, height, width] = input.shape().dims();
        let [out_height, out_width] = [height, width].map(|side| windows.output_side(side));
        let [input, output, gradient] = [input, output, gradient].map(packed);
        let out = empty(input.shape(), &input);
        let all = [&input, &output, &gradient, &out];
        let tensors = if windows == Windows::Average { &all[2..] } else { &all[..] };
        let values = batch * channels * height * width;
        let sizes = [height, width, out_height, out_width];
        dispatch_each(PoolShader::Backward(windows), values, tensors, &sizes);
        out
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::ops::shader::tests::runs_everywhere;

    #[test]
    fn every_shader_runs_everywhere() {
        let windows = [
            Windows::Average,
            Windows::Max { kernel: 2, padding: 0 },
            Windows::Max { kernel: 3, padding: 1 },
        ];
        for windows in windows {
            runs_everywhere(&PoolShader::Forward(windows));
            runs_everywhere(&PoolShader::Backward(windows));
        }
    }
}
