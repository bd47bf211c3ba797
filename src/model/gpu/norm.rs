//! Batch normalization on WebGPU: a workgroup for each channel's sums, then every value by
//! itself, with the ReLU that may follow; forward and backward two dispatches each.

use super::{Text, declarations, each, empty, packed, run, run_each, together};
use crate::model::norm::{Denormalize, Four, How, Normalize, Three};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

/// Most and fewest invocations that add up a channel, and how many values each has at least,
/// if there are enough. A software adapter pays for each that waits for the others.
const WIDE: [usize; 2] = [256, 16];
const EACH: usize = 32;

/// The sizes of a tensor that is normalized.
#[derive(Clone, Copy)]
struct Shape {
    batch: usize,
    channels: usize,
    /// Of an image.
    pixels: usize,
}

/// Their names in the texts, in the order of [`Shape::sizes`].
const SIZES: [&str; 3] = ["batch", "channels", "pixels"];

/// What a text is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// Neighbours of one channel that an invocation computes.
    beside: usize,
    relu: bool,
    /// The bits of what is added to the variance.
    epsilon: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum NormKernel {
    /// Input to mean and variance, and to what the running ones become, of which the new
    /// ones make up a share with the bits of `momentum`.
    Moments { beside: usize, wide: usize, momentum: u32 },
    /// Input to output.
    Apply(Form),
    /// Input, output and its gradient to the gradients of gamma and beta.
    Sums { form: Form, wide: usize },
    /// All of them to the input's gradient.
    Input(Form),
}

impl Text for NormKernel {
    fn text(&self) -> String {
        match *self {
            Self::Moments { beside, wide, momentum } => moments(beside, wide, momentum),
            Self::Apply(form) => apply(form),
            Self::Sums { form, wide } => sums(form, wide),
            Self::Input(form) => input(form),
        }
    }
}

impl Shape {
    fn of([batch, channels, height, width]: [usize; 4]) -> Self {
        Self { batch, channels, pixels: height * width }
    }

    fn sizes(self) -> [usize; 3] {
        [self.batch, self.channels, self.pixels]
    }

    /// Neighbours of one channel that an invocation computes.
    fn beside(self) -> usize {
        together(self.pixels)
    }

    /// Invocations that add up a channel: a square number, of which a root adds up a root.
    fn wide(self) -> usize {
        let [most, fewest] = WIDE;
        if self.batch * self.pixels >= most * EACH { most } else { fewest }
    }

    /// Invocations for all values.
    fn invocations(self) -> usize {
        self.batch * self.channels * self.pixels / self.beside()
    }

    fn form(self, how: How) -> Form {
        let epsilon = (how.epsilon as f32).to_bits();
        Form { beside: self.beside(), relu: how.relu, epsilon }
    }
}

/// A kernel of one workgroup a channel: `value` says what the value at a place adds to two
/// sums, of which `found` makes something.
fn by_channel(
    buffers: &[&str],
    [beside, wide]: [usize; 2],
    before: &str,
    value: impl Fn(&str) -> [String; 2],
    found: &str,
) -> String {
    let declarations = declarations(buffers, &SIZES);
    let root = wide.isqrt();
    let terms: Vec<[String; 2]> = (0..beside).map(|x| value(&format!("at + {x}u"))).collect();
    let sum = |which: usize| {
        let terms: Vec<&str> = terms.iter().map(|term| term[which].as_str()).collect();
        terms.join(" + ")
    };
    let (first, second) = (sum(0), sum(1));
    format!(
        "{declarations}
var<workgroup> sums: array<vec2<f32>, {wide}>;
var<workgroup> some: array<vec2<f32>, {root}>;

@compute @workgroup_size({wide})
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {{
    let channel = group.x;
    let me = local.x;
    let pixels = sizes.pixels;
    let values = sizes.batch * pixels / {beside}u;
    var mine = vec2<f32>(0.0, 0.0);
{before}
    for (var n = me; n < values; n += {wide}u) {{
        let pixel = n * {beside}u;
        let at = ((pixel / pixels) * sizes.channels + channel) * pixels + pixel % pixels;
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

/// How many values a channel has.
const COUNT: &str = "f32(sizes.batch * sizes.pixels)";

/// The channel's values are taken relative to its first one, so that nothing is lost where
/// they are large and close together.
fn moments(beside: usize, wide: usize, momentum: u32) -> String {
    let take = f32::from_bits(momentum);
    let keep = 1.0 - take;
    by_channel(
        &["input", "mean", "variance", "moments", "moved_mean", "moved_variance"],
        [beside, wide],
        "    let first = input[channel * pixels];",
        |at| {
            let value = format!("(input[{at}] - first)");
            [value.clone(), format!("{value} * {value}")]
        },
        &format!(
            "        let centre = total.x / {COUNT};
        let spread = max(total.y / {COUNT} - centre * centre, 0.0);
        moments[channel] = first + centre;
        moments[sizes.channels + channel] = spread;
        moved_mean[channel] = mean[channel] * {keep:e} + (first + centre) * {take:e};
        // Unbiased, as PyTorch keeps it; a single value leaves it as it was.
        let count = {COUNT};
        let unbiased = spread * count / max(count - 1.0, 1.0);
        moved_variance[channel] =
            select(variance[channel], variance[channel] * {keep:e} + unbiased * {take:e}, count > 1.0);"
        ),
    )
}

fn sums(form: Form, wide: usize) -> String {
    by_channel(
        &with_output(
            form.relu,
            &["input", "gradient", "moments", "gamma_gradient", "beta_gradient"],
            "output",
        ),
        [form.beside, wide],
        &statistics(form),
        |at| {
            let gradient = gradient(form, at);
            [format!("{gradient} * (input[{at}] - centre) * scale"), gradient]
        },
        "        gamma_gradient[channel] = total.x;
        beta_gradient[channel] = total.y;",
    )
}

/// The mean of `channel` as `centre`, and one over its deviation as `scale`.
fn statistics(form: Form) -> String {
    let epsilon = f32::from_bits(form.epsilon);
    format!(
        "    let centre = moments[channel];
    let scale = inverseSqrt(moments[sizes.channels + channel] + {epsilon:e});"
    )
}

/// Buffers, and the output last where its sign is asked for.
fn with_output<T: Clone>(relu: bool, buffers: &[T], output: T) -> Vec<T> {
    let mut all = buffers.to_vec();
    all.extend(relu.then_some(output));
    all
}

/// The gradient before the ReLU.
fn gradient(form: Form, at: &str) -> String {
    if form.relu {
        format!("select(0.0, gradient[{at}], output[{at}] > 0.0)")
    } else {
        format!("gradient[{at}]")
    }
}

/// A kernel for every value: `before` runs once for neighbours of a channel, `value` for
/// each of them at `at + x`.
fn by_value(buffers: &[&str], form: Form, before: &str, value: impl Fn(usize) -> String) -> String {
    let (beside, statistics) = (form.beside, statistics(form));
    let mut body = format!(
        "    let at = index * {beside}u;
    let channel = (at / sizes.pixels) % sizes.channels;
{statistics}
    let slope = scale * gamma[channel];
{before}
"
    );
    body.extend((0..beside).map(value));
    each(buffers, &SIZES, &body)
}

fn apply(form: Form) -> String {
    by_value(
        &["input", "moments", "gamma", "beta", "out"],
        form,
        "    let shift = beta[channel];",
        |x| {
            let value = format!("(input[at + {x}u] - centre) * slope + shift");
            let value = if form.relu { format!("max({value}, 0.0)") } else { value };
            format!("    out[at + {x}u] = {value};\n")
        },
    )
}

fn input(form: Form) -> String {
    by_value(
        &with_output(
            form.relu,
            &["input", "gradient", "moments", "gamma", "gamma_gradient", "beta_gradient", "out"],
            "output",
        ),
        form,
        &format!(
            "    let along = gamma_gradient[channel] / {COUNT};
    let level = beta_gradient[channel] / {COUNT};"
        ),
        |x| {
            let gradient = gradient(form, &format!("at + {x}u"));
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
        let shape = Shape::of(input.shape().dims());
        let [input, gamma, beta] = [input, gamma, beta].map(packed);
        let [mean, variance] = [mean, variance].map(packed);
        let moments = empty([2, shape.channels], &input);
        let [moved_mean, moved_variance] = [(), ()].map(|()| empty([shape.channels], &input));
        let momentum = (how.momentum as f32).to_bits();
        let kernel = NormKernel::Moments { beside: shape.beside(), wide: shape.wide(), momentum };
        let tensors = [&input, &mean, &variance, &moments, &moved_mean, &moved_variance];
        run(kernel, shape.channels, &tensors, &shape.sizes());
        let out = empty(input.shape(), &input);
        let tensors = [&input, &moments, &gamma, &beta, &out];
        let kernel = NormKernel::Apply(shape.form(how));
        run_each(kernel, shape.invocations(), &tensors, &shape.sizes());
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
        let shape = Shape::of(input.shape().dims());
        let form = shape.form(how);
        let [input, output, gradient] = [input, output, gradient].map(packed);
        let [gamma, moments] = [gamma, moments].map(packed);
        let [for_gamma, for_beta] = [(), ()].map(|()| empty([shape.channels], &input));
        let tensors = [&input, &gradient, &moments, &for_gamma, &for_beta];
        let tensors = with_output(how.relu, &tensors, &output);
        let kernel = NormKernel::Sums { form, wide: shape.wide() };
        run(kernel, shape.channels, &tensors, &shape.sizes());
        let out = empty(input.shape(), &input);
        let tensors = [&input, &gradient, &moments, &gamma, &for_gamma, &for_beta, &out];
        let tensors = with_output(how.relu, &tensors, &output);
        run_each(NormKernel::Input(form), shape.invocations(), &tensors, &shape.sizes());
        (out, for_gamma, for_beta)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::gpu::tests::runs_everywhere;

    #[test]
    fn every_kernel_runs_everywhere() {
        for relu in [false, true] {
            let form = Form { beside: 4, relu, epsilon: 1e-5_f32.to_bits() };
            let (wide, momentum) = (16, 0.1_f32.to_bits());
            let kernels = [
                NormKernel::Moments { beside: 4, wide, momentum },
                NormKernel::Apply(form),
                NormKernel::Sums { form, wide },
                NormKernel::Input(form),
            ];
            kernels.iter().for_each(runs_everywhere);
        }
    }

    #[test]
    fn a_channel_is_added_up_by_a_square_of_invocations() {
        for (batch, side) in [(1, 1), (16, 4), (64, 64)] {
            let wide = Shape::of([batch, 3, side, side]).wide();
            assert_eq!(wide.isqrt().pow(2), wide, "{batch} images of {side}");
        }
    }
}
