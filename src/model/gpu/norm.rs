//! Batch normalization on WebGPU: a workgroup for each channel's sums, then every value by
//! itself, with the ReLU that may follow; forward and backward two dispatches each.

use super::{Count, Text, bindings, each, empty, packed, run, run_each, together};
use crate::model::norm::{Denormalize, Four, How, Normalize, Three};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

/// Most and fewest invocations that add up a channel, and how many values each has at least,
/// if there are enough. A software adapter pays for each that waits for the others.
const WIDE: [usize; 2] = [256, 16];
const EACH: usize = 32;

/// What a kernel is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    batch: usize,
    channels: usize,
    /// Pixels of an image.
    pixels: usize,
    relu: bool,
    /// The bits of what is added to the variance.
    epsilon: u32,
    /// The bits of how much goes into the running statistics.
    momentum: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kernel {
    /// Input to mean and variance, and to what the running ones become.
    Moments(Shape),
    /// Input to output.
    Apply(Shape),
    /// Input, output and its gradient to the gradients of gamma and beta.
    Sums(Shape),
    /// All of them to the input's gradient.
    Input(Shape),
}

impl Text for Kernel {
    fn text(&self) -> String {
        match *self {
            Self::Moments(shape) => moments(shape),
            Self::Apply(shape) => apply(shape),
            Self::Sums(shape) => sums(shape),
            Self::Input(shape) => input(shape),
        }
    }
}

impl Shape {
    fn of([batch, channels, height, width]: [usize; 4], how: How) -> Self {
        let [epsilon, momentum] = [how.epsilon, how.momentum].map(|it| (it as f32).to_bits());
        Self { batch, channels, pixels: height * width, relu: how.relu, epsilon, momentum }
    }

    fn values(self) -> usize {
        self.batch * self.channels * self.pixels
    }

    /// Neighbours of one channel that an invocation computes.
    fn together(self) -> usize {
        together(self.pixels)
    }

    /// Invocations that add up a channel: a square number, of which a root adds up a root.
    fn wide(self) -> usize {
        let [most, fewest] = WIDE;
        if self.batch * self.pixels >= most * EACH { most } else { fewest }
    }

    fn invocations(self) -> usize {
        self.values() / self.together()
    }
}

/// A kernel of one workgroup a channel: `value` says what the value at a place adds to two
/// sums, of which `found` makes something.
fn by_channel(
    buffers: &[&str],
    shape: Shape,
    before: &str,
    value: impl Fn(&str) -> [String; 2],
    found: &str,
) -> String {
    let bindings = bindings(buffers);
    let Shape { batch, channels, pixels, .. } = shape;
    let (beside, wide) = (shape.together(), shape.wide());
    let root = wide.isqrt();
    let values = batch * pixels / beside;
    let terms: Vec<[String; 2]> = (0..beside).map(|x| value(&format!("at + {x}u"))).collect();
    let sum = |which: usize| {
        let terms: Vec<&str> = terms.iter().map(|term| term[which].as_str()).collect();
        terms.join(" + ")
    };
    let (first, second) = (sum(0), sum(1));
    format!(
        "{bindings}
var<workgroup> sums: array<vec2<f32>, {wide}>;
var<workgroup> some: array<vec2<f32>, {root}>;

@compute @workgroup_size({wide})
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {{
    let channel = group.x;
    let me = local.x;
    var mine = vec2<f32>(0.0, 0.0);
{before}
    for (var n = me; n < {values}u; n += {wide}u) {{
        let pixel = n * {beside}u;
        let at = ((pixel / {pixels}u) * {channels}u + channel) * {pixels}u + pixel % {pixels}u;
        mine += vec2<f32>({first}, {second});
    }}
    sums[me] = mine;
    workgroupBarrier();
    if (me < {root}u) {{
        var sum = sums[me];
        for (var n = me + {root}u; n < {wide}u; n += {root}u) {{ sum += sums[n]; }}
        some[me] = sum;
    }}
    workgroupBarrier();
    if (me == 0u) {{
        var total = some[0];
        for (var n = 1u; n < {root}u; n++) {{ total += some[n]; }}
{found}
    }}
}}
"
    )
}

/// The channel's values are taken relative to its first one, so that nothing is lost where
/// they are large and close together.
fn moments(shape: Shape) -> String {
    let (count, channels) = (shape.batch * shape.pixels, shape.channels);
    let take = f32::from_bits(shape.momentum);
    let keep = 1.0 - take;
    by_channel(
        &["input", "mean", "variance", "moments", "moved_mean", "moved_variance"],
        shape,
        &format!("    let first = input[channel * {}u];", shape.pixels),
        |at| {
            let value = format!("(input[{at}] - first)");
            [value.clone(), format!("{value} * {value}")]
        },
        &format!(
            "        let centre = total.x / {count}.0;
        let spread = max(total.y / {count}.0 - centre * centre, 0.0);
        moments[channel] = first + centre;
        moments[{channels}u + channel] = spread;
        moved_mean[channel] = mean[channel] * {keep:e} + (first + centre) * {take:e};
        moved_variance[channel] = variance[channel] * {keep:e} + spread * {take:e};"
        ),
    )
}

fn sums(shape: Shape) -> String {
    by_channel(
        &with_output(
            shape,
            &["input", "gradient", "moments", "gamma_gradient", "beta_gradient"],
            "output",
        ),
        shape,
        &statistics(shape),
        |at| {
            let gradient = gradient(shape, at);
            [format!("{gradient} * (input[{at}] - centre) * scale"), gradient]
        },
        "        gamma_gradient[channel] = total.x;
        beta_gradient[channel] = total.y;",
    )
}

/// The mean of `channel` as `centre`, and one over its deviation as `scale`.
fn statistics(shape: Shape) -> String {
    let (channels, epsilon) = (shape.channels, f32::from_bits(shape.epsilon));
    format!(
        "    let centre = moments[channel];
    let scale = inverseSqrt(moments[{channels}u + channel] + {epsilon:e});"
    )
}

/// Buffers, and the output last where its sign is asked for.
fn with_output<T: Clone>(shape: Shape, buffers: &[T], output: T) -> Vec<T> {
    let mut all = buffers.to_vec();
    all.extend(shape.relu.then_some(output));
    all
}

/// The gradient before the ReLU.
fn gradient(shape: Shape, at: &str) -> String {
    if shape.relu {
        format!("select(0.0, gradient[{at}], output[{at}] > 0.0)")
    } else {
        format!("gradient[{at}]")
    }
}

/// A kernel for every value: `before` runs once for neighbours of a channel, `value` for
/// each of them at `at + x`.
fn by_value(
    buffers: &[&str],
    shape: Shape,
    before: &str,
    value: impl Fn(usize) -> String,
) -> String {
    let (pixels, channels, beside) = (shape.pixels, shape.channels, shape.together());
    let statistics = statistics(shape);
    let mut body = format!(
        "    let at = index * {beside}u;
    let channel = (at / {pixels}u) % {channels}u;
{statistics}
    let slope = scale * gamma[channel];
{before}
"
    );
    body.extend((0..beside).map(value));
    each(buffers, Count::Of(shape.invocations()), &body)
}

fn apply(shape: Shape) -> String {
    by_value(
        &["input", "moments", "gamma", "beta", "out"],
        shape,
        "    let shift = beta[channel];",
        |x| {
            let value = format!("(input[at + {x}u] - centre) * slope + shift");
            let value = if shape.relu { format!("max({value}, 0.0)") } else { value };
            format!("    out[at + {x}u] = {value};\n")
        },
    )
}

fn input(shape: Shape) -> String {
    let count = shape.batch * shape.pixels;
    by_value(
        &with_output(
            shape,
            &["input", "gradient", "moments", "gamma", "gamma_gradient", "beta_gradient", "out"],
            "output",
        ),
        shape,
        &format!(
            "    let along = gamma_gradient[channel] / {count}.0;
    let level = beta_gradient[channel] / {count}.0;"
        ),
        |x| {
            let gradient = gradient(shape, &format!("at + {x}u"));
            format!(
                "    out[at + {x}u] =
        slope * ({gradient} - level - (input[at + {x}u] - centre) * scale * along);\n"
            )
        },
    )
}

impl Normalize for CubeBackend {
    fn normalize(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: How,
    ) -> Four<Self> {
        let shape = Shape::of(input.shape().dims(), how);
        let [input, gamma, beta] = [input, gamma, beta].map(packed);
        let [mean, variance] = [mean, variance].map(packed);
        let moments = empty([2, shape.channels], &input);
        let [moved_mean, moved_variance] = [(), ()].map(|()| empty([shape.channels], &input));
        run(
            Kernel::Moments(shape),
            shape.channels,
            &[&input, &mean, &variance, &moments, &moved_mean, &moved_variance],
        );
        let out = empty(input.shape(), &input);
        let tensors = [&input, &moments, &gamma, &beta, &out];
        run_each(Kernel::Apply(shape), shape.invocations(), &tensors);
        (out, moments, moved_mean, moved_variance)
    }
}

impl Denormalize for CubeBackend {
    fn denormalize(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        how: How,
        gradient: FloatTensor<Self>,
    ) -> Three<Self> {
        let shape = Shape::of(input.shape().dims(), how);
        let [input, output, gradient] = [input, output, gradient].map(packed);
        let [gamma, moments] = [gamma, moments].map(packed);
        let [for_gamma, for_beta] = [(), ()].map(|()| empty([shape.channels], &input));
        let tensors = [&input, &gradient, &moments, &for_gamma, &for_beta];
        run(Kernel::Sums(shape), shape.channels, &with_output(shape, &tensors, &output));
        let out = empty(input.shape(), &input);
        let tensors = [&input, &gradient, &moments, &gamma, &for_gamma, &for_beta, &out];
        let tensors = with_output(shape, &tensors, &output);
        run_each(Kernel::Input(shape), shape.invocations(), &tensors);
        (out, for_gamma, for_beta)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    /// WebGPU guarantees no more.
    const BUFFERS: usize = 8;

    #[test]
    fn no_kernel_binds_more_buffers_than_every_adapter_has() {
        for relu in [false, true] {
            let shape = Shape::of([8, 5, 3, 4], How { epsilon: 1e-5, momentum: 0.1, relu });
            let kernels = [Kernel::Moments, Kernel::Apply, Kernel::Sums, Kernel::Input];
            for text in kernels.map(|kernel| kernel(shape).text()) {
                let bound = text.matches("@binding(").count();
                assert!((1..=BUFFERS).contains(&bound), "{bound} in {text}");
            }
        }
    }

    #[test]
    fn a_channel_is_added_up_by_a_square_of_invocations() {
        let how = How { epsilon: 1e-5, momentum: 0.1, relu: true };
        for (batch, side) in [(1, 1), (16, 4), (64, 64)] {
            let wide = Shape::of([batch, 3, side, side], how).wide();
            assert_eq!(wide.isqrt().pow(2), wide, "{batch} images of {side}");
        }
    }
}
