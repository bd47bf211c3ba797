//! Batch normalization on WebGPU: a workgroup for each channel's sums, then every value by
//! itself, with the ReLU that may follow; forward and backward two dispatches each.

use super::{NormBackward, NormConfig, NormForward, NormGradients, NormOutput};
use crate::model::ops::shader::{
    Constant, Shader, bindings, dispatch, dispatch_each, empty, expand, neighbours, packed,
    per_value,
};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

/// The most and the fewest invocations that add up a channel. The most are used if each then has
/// at least [`FEWEST_VALUES`] values: a software adapter pays for every invocation that waits.
const INVOCATIONS: [usize; 2] = [256, 16];
const FEWEST_VALUES: usize = 32;

/// The sizes of a tensor that is normalized.
#[derive(Clone, Copy)]
struct NormShape {
    batch: usize,
    channels: usize,
    /// Pixels of an image.
    pixels: usize,
}

/// The names of the sizes, in the order of [`NormShape::sizes`].
const SIZES: [&str; 3] = ["batch", "channels", "pixels"];

/// A shader of batch normalization. `neighbours` is the number of neighbouring values of a channel
/// that it processes at a time: 1, 2 or 4. Numbers are given by their bits, because shaders are
/// compared and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum NormShader {
    /// Mean and variance of the input, and the new running statistics.
    Moments { neighbours: usize, invocations: usize, momentum: u32 },
    /// The output, from the input.
    Apply { neighbours: usize, relu: bool, epsilon: u32 },
    /// The gradients of gamma and beta, from input, output and its gradient.
    ParameterGradients { neighbours: usize, invocations: usize, relu: bool, epsilon: u32 },
    /// The input's gradient, from all of these.
    InputGradient { neighbours: usize, relu: bool, epsilon: u32 },
}

impl NormShape {
    fn of([batch, channels, height, width]: [usize; 4]) -> Self {
        Self { batch, channels, pixels: height * width }
    }

    fn sizes(self) -> [usize; 3] {
        [self.batch, self.channels, self.pixels]
    }

    fn neighbours(self) -> usize {
        neighbours(self.pixels)
    }

    /// Invocations that add up a channel: a square number, see `channel_sums.wgsl`.
    fn invocations(self) -> usize {
        let [most, fewest] = INVOCATIONS;
        if self.batch * self.pixels >= most * FEWEST_VALUES { most } else { fewest }
    }

    /// Invocations for all values.
    fn groups_of_neighbours(self) -> usize {
        self.batch * self.channels * self.pixels / self.neighbours()
    }
}

/// The source of a shader with a workgroup for each channel.
fn per_channel(
    buffers: &[&str],
    template: &str,
    [neighbours, invocations]: [usize; 2],
    constants: &[(&str, Constant)],
) -> String {
    let counts = [
        ("NEIGHBOURS", neighbours.into()),
        ("INVOCATIONS", invocations.into()),
        ("ROOT", invocations.isqrt().into()),
    ];
    let template = [template, include_str!("channel_sums.wgsl")].concat();
    bindings(buffers, &SIZES) + &expand(&template, &[&counts, constants].concat())
}

/// Buffers, with the output last if its sign is needed because a ReLU followed.
fn with_output<T: Clone>(relu: bool, buffers: &[T], output: T) -> Vec<T> {
    let mut all = buffers.to_vec();
    all.extend(relu.then_some(output));
    all
}

/// Whether the gradient of a value passes the ReLU that may have followed.
fn passes(relu: bool) -> &'static str {
    if relu {
        "fn passes(at: u32) -> bool { return output[at] > 0.0; }\n"
    } else {
        "fn passes(at: u32) -> bool { return true; }\n"
    }
}

impl Shader for NormShader {
    fn source(&self) -> String {
        match *self {
            Self::Moments { neighbours, invocations, momentum } => {
                let momentum = f32::from_bits(momentum);
                per_channel(
                    &[
                        "input",
                        "running_mean",
                        "running_variance",
                        "moments",
                        "new_running_mean",
                        "new_running_variance",
                    ],
                    include_str!("moments.wgsl"),
                    [neighbours, invocations],
                    &[("MOMENTUM", momentum.into()), ("KEEP", (1.0 - momentum).into())],
                )
            }
            Self::Apply { neighbours, relu, epsilon } => {
                let activation = if relu {
                    "fn activation(value: f32) -> f32 { return max(value, 0.0); }\n"
                } else {
                    "fn activation(value: f32) -> f32 { return value; }\n"
                };
                per_value(
                    &["input", "moments", "gamma", "beta", "out"],
                    &SIZES,
                    &[include_str!("apply.wgsl"), activation].concat(),
                    &[
                        ("NEIGHBOURS", neighbours.into()),
                        ("EPSILON", f32::from_bits(epsilon).into()),
                    ],
                )
            }
            Self::ParameterGradients { neighbours, invocations, relu, epsilon } => per_channel(
                &with_output(
                    relu,
                    &["input", "gradient", "moments", "gamma_gradient", "beta_gradient"],
                    "output",
                ),
                &[include_str!("parameter_gradients.wgsl"), passes(relu)].concat(),
                [neighbours, invocations],
                &[("EPSILON", f32::from_bits(epsilon).into())],
            ),
            Self::InputGradient { neighbours, relu, epsilon } => per_value(
                &with_output(
                    relu,
                    &[
                        "input",
                        "gradient",
                        "moments",
                        "gamma",
                        "gamma_gradient",
                        "beta_gradient",
                        "out",
                    ],
                    "output",
                ),
                &SIZES,
                &[include_str!("input_gradient.wgsl"), passes(relu)].concat(),
                &[("NEIGHBOURS", neighbours.into()), ("EPSILON", f32::from_bits(epsilon).into())],
            ),
        }
    }
}

impl NormForward for CubeBackend {
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        config: NormConfig,
    ) -> NormOutput<Self> {
        let shape = NormShape::of(input.shape().dims());
        let neighbours = shape.neighbours();
        let [input, gamma, beta] = [input, gamma, beta].map(packed);
        let [mean, variance] = [mean, variance].map(packed);
        let moments = empty([2, shape.channels], &input);
        let [new_mean, new_variance] = [(), ()].map(|()| empty([shape.channels], &input));
        let shader = NormShader::Moments {
            neighbours,
            invocations: shape.invocations(),
            momentum: (config.momentum as f32).to_bits(),
        };
        let tensors = [&input, &mean, &variance, &moments, &new_mean, &new_variance];
        dispatch(shader, shape.channels, &tensors, &shape.sizes());
        let out = empty(input.shape(), &input);
        let epsilon = (config.epsilon as f32).to_bits();
        let shader = NormShader::Apply { neighbours, relu: config.relu, epsilon };
        let tensors = [&input, &moments, &gamma, &beta, &out];
        dispatch_each(shader, shape.groups_of_neighbours(), &tensors, &shape.sizes());
        (out, moments, new_mean, new_variance)
    }
}

impl NormBackward for CubeBackend {
    fn normalize_gradients(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        config: NormConfig,
        gradient: FloatTensor<Self>,
    ) -> NormGradients<Self> {
        let shape = NormShape::of(input.shape().dims());
        let neighbours = shape.neighbours();
        let NormConfig { relu, epsilon, .. } = config;
        let epsilon = (epsilon as f32).to_bits();
        let [input, output, gradient] = [input, output, gradient].map(packed);
        let [gamma, moments] = [gamma, moments].map(packed);
        let [for_gamma, for_beta] = [(), ()].map(|()| empty([shape.channels], &input));
        let tensors = [&input, &gradient, &moments, &for_gamma, &for_beta];
        let tensors = with_output(relu, &tensors, &output);
        let invocations = shape.invocations();
        let shader = NormShader::ParameterGradients { neighbours, invocations, relu, epsilon };
        dispatch(shader, shape.channels, &tensors, &shape.sizes());
        let out = empty(input.shape(), &input);
        let tensors = [&input, &gradient, &moments, &gamma, &for_gamma, &for_beta, &out];
        let tensors = with_output(relu, &tensors, &output);
        let shader = NormShader::InputGradient { neighbours, relu, epsilon };
        dispatch_each(shader, shape.groups_of_neighbours(), &tensors, &shape.sizes());
        (out, for_gamma, for_beta)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::ops::shader::tests::runs_everywhere;

    #[test]
    fn every_shader_runs_everywhere() {
        let (neighbours, invocations, epsilon) = (4, 16, 1e-5_f32.to_bits());
        for relu in [false, true] {
            let momentum = 0.1_f32.to_bits();
            let shaders = [
                NormShader::Moments { neighbours, invocations, momentum },
                NormShader::Apply { neighbours, relu, epsilon },
                NormShader::ParameterGradients { neighbours, invocations, relu, epsilon },
                NormShader::InputGradient { neighbours, relu, epsilon },
            ];
            shaders.iter().for_each(runs_everywhere);
        }
    }

    #[test]
    fn a_channel_is_added_up_by_a_square_of_invocations() {
        for (batch, side) in [(1, 1), (16, 4), (64, 64)] {
            let invocations = NormShape::of([batch, 3, side, side]).invocations();
            assert_eq!(invocations.isqrt().pow(2), invocations, "{batch} images of {side}");
        }
    }
}
