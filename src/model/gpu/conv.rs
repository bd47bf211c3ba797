//! Convolution on WebGPU: an invocation computes up to four channels at up to four places
//! beside each other, so that it uses each value it reads several times.

use super::{Text, each, empty, packed, run_each, together};
use crate::model::conv::{Convolve, side};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Invocations that a graphics card is kept busy with, roughly.
const BUSY: usize = 16_384;

/// The sizes of a convolution without bias, padded by half its kernel.
#[derive(Clone, Copy)]
struct Shape {
    batch: usize,
    /// Channels in and out.
    input: usize,
    output: usize,
    /// Of the images.
    height: usize,
    width: usize,
    /// Of the output.
    down: usize,
    across: usize,
    /// Side of the kernel.
    kernel: usize,
    stride: usize,
}

/// The names of those that come along with a launch, in the order of [`Shape::sizes`].
const SIZES: [&str; 7] = ["batch", "input", "output", "height", "width", "down", "across"];

/// What a text is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// Side of the kernel.
    kernel: usize,
    stride: usize,
    /// Channels and neighbours that an invocation computes, or goes over.
    channels: usize,
    beside: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kernel {
    /// Images and kernels to the output.
    Forward(Form),
    /// Kernels and the output's gradient to the images' gradient.
    Images(Form),
    /// Images and the output's gradient to parts of the kernels' gradient, each over some
    /// rows of the output.
    Kernels(Form),
    /// Parts to their sum.
    Sum,
}

impl Text for Kernel {
    fn text(&self) -> String {
        match *self {
            Self::Forward(form) => forward(form),
            Self::Images(form) => images(form),
            Self::Kernels(form) => kernels(form),
            Self::Sum => sum(),
        }
    }
}

impl Shape {
    fn of(images: [usize; 4], kernels: [usize; 4], stride: usize) -> Self {
        let ([batch, _, height, width], [output, input, kernel, _]) = (images, kernels);
        let [down, across] = [height, width].map(|it| side(it, kernel, stride));
        Self { batch, input, output, height, width, down, across, kernel, stride }
    }

    fn sizes(self) -> [usize; 7] {
        let Self { batch, input, output, height, width, down, across, .. } = self;
        [batch, input, output, height, width, down, across]
    }

    fn form(self, channels: usize, columns: usize) -> Form {
        let Self { kernel, stride, .. } = self;
        Form { kernel, stride, channels: together(channels), beside: together(columns) }
    }

    /// The output, `[batch, channels, height, width]`.
    fn out(self) -> [usize; 4] {
        [self.batch, self.output, self.down, self.across]
    }

    /// The images, likewise.
    fn images(self) -> [usize; 4] {
        [self.batch, self.input, self.height, self.width]
    }

    /// Invocations for one part of the gradient of the kernels.
    fn kernels(self) -> usize {
        self.input * (self.output / together(self.output))
    }

    /// In how many parts the gradient of the kernels is computed, and over how many of the
    /// output's rows each goes.
    fn parts(self) -> (usize, usize) {
        let rows = self.batch * self.down;
        let wanted = BUSY.div_ceil(self.kernels()).clamp(1, rows.max(1));
        let each = rows.div_ceil(wanted).max(1);
        (rows.div_ceil(each), each)
    }

    fn kernel_values(self) -> usize {
        self.output * self.input * self.kernel * self.kernel
    }
}

impl Form {
    fn padding(self) -> usize {
        self.kernel / 2
    }

    /// Values of the kernel for one channel in and one out.
    fn square(self) -> usize {
        self.kernel * self.kernel
    }

    /// The row of the images under row `ky` of the kernel, for the row `y` of the output:
    /// `row`, where it begins in the plane at `plane`, and whether there is one, `ok`.
    fn row(self) -> String {
        let (stride, padding) = (self.stride, self.padding());
        format!(
            "let iy = i32(y * {stride}u) + ky - {padding};
let ok = iy >= 0 && iy < i32(sizes.height);
let row = plane + u32(clamp(iy, 0, i32(sizes.height) - 1)) * sizes.width;
"
        )
    }

    /// Reads what lies under a row of the kernel at the neighbours, the first column at
    /// `x0`, as `v0`, `v1`…: beyond the edges it is 0.
    fn window(self) -> String {
        let taps = (self.beside - 1) * self.stride + self.kernel;
        let inside = |tap| self.padding() == 0 || (tap > 0 && tap + 1 < taps);
        let value = |tap| {
            let column = format!("x0 + {tap}");
            let value = read("images", &column, "sizes.width", inside(tap), "ok");
            format!("let v{tap} = {value};\n")
        };
        (0..taps).map(value).collect()
    }
}

/// Reads `column` of the row of `width` that begins at `row`: 0 beyond its ends, if it is not
/// surely `inside`, and where it is not `there`.
fn read(tensor: &str, column: &str, width: &str, inside: bool, there: &str) -> String {
    if inside {
        return format!("select(0.0, {tensor}[row + u32({column})], {there})");
    }
    format!(
        "select(0.0, {tensor}[row + u32(clamp({column}, 0, i32({width}) - 1))], \
         {there} && {column} >= 0 && {column} < i32({width}))"
    )
}

/// `let` for numbers from `index`, fastest first: each counts below its size.
fn places(counts: &[(&str, String)]) -> String {
    let mut text = "    var rest = index;\n".to_owned();
    for (name, count) in counts {
        let _ = writeln!(text, "    let {name} = rest % ({count}); rest = rest / ({count});");
    }
    text
}

/// `var`s of 0 for `channels` × `places` sums.
fn sums(channels: usize, places: usize) -> String {
    let name = |place: usize| format!("    var s{}_{} = 0.0;\n", place / places, place % places);
    (0..channels * places).map(name).collect()
}

/// Invocations for a tensor of that shape, of which each computes several channels at several
/// places.
fn invocations([batch, channels, down, across]: [usize; 4]) -> usize {
    batch * (channels / together(channels)) * down * (across / together(across))
}

/// A kernel for each value of `out`, whose sizes but that of the batch have these names:
/// `body`, for channels from `c` on at neighbours from `xb` times as many on, in row `y` of
/// image `b`, adds to their sums.
fn by_place(
    buffers: &[&str],
    [channels, down, across]: [&str; 3],
    form: Form,
    body: impl FnOnce() -> String,
) -> String {
    let Form { channels: some, beside, .. } = form;
    let mut text = places(&[
        ("xb", format!("sizes.{across} / {beside}u")),
        ("y", format!("sizes.{down}")),
        ("cb", format!("sizes.{channels} / {some}u")),
        ("b", "sizes.batch".to_owned()),
    ]);
    text += &sums(some, beside);
    let _ = writeln!(text, "    let c = cb * {some}u;");
    text += &body();
    let _ = writeln!(
        text,
        "    let apart = sizes.{down} * sizes.{across};
    let at = (b * sizes.{channels} + c) * apart + y * sizes.{across} + xb * {beside}u;"
    );
    text += &store(some, beside);
    each(buffers, &SIZES, &text)
}

fn forward(form: Form) -> String {
    let Form { kernel, stride, channels, beside } = form;
    let (padding, square) = (form.padding(), form.square());
    by_place(&["images", "kernels", "out"], ["output", "down", "across"], form, || {
        let mut body = format!(
            "    let x0 = i32(xb * {}u) - {padding};
    let next = sizes.input * {square}u;
    for (var i = 0u; i < sizes.input; i++) {{
        let plane = (b * sizes.input + i) * sizes.height * sizes.width;
        for (var ky = 0; ky < {kernel}; ky++) {{
            let w = (c * sizes.input + i) * {square}u + u32(ky) * {kernel}u;
",
            beside * stride,
        );
        body += &form.row();
        body += &form.window();
        body += &weights(channels, kernel, "next");
        for (channel, x) in pairs(channels, beside) {
            let term = |kx| format!("w{channel}_{kx} * v{}", x * stride + kx);
            let _ = writeln!(body, "s{channel}_{x} += {};", sum_of((0..kernel).map(term)));
        }
        body + "}\n}\n"
    })
}

/// Reads a row of the kernels of some channels that are `apart`, from `w` on, as `w0_0`,
/// `w0_1`…
fn weights(channels: usize, kernel: usize, apart: &str) -> String {
    let value = |(channel, kx)| {
        format!("let w{channel}_{kx} = kernels[w + {channel}u * {apart} + {kx}u];\n")
    };
    pairs(channels, kernel).map(value).collect()
}

fn pairs(these: usize, those: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..these).flat_map(move |this| (0..those).map(move |that| (this, that)))
}

fn sum_of(terms: impl Iterator<Item = String>) -> String {
    terms.collect::<Vec<_>>().join(" + ")
}

/// Writes the sums to `out` from `at` on, those of a channel `apart` from the next one's.
fn store(channels: usize, places: usize) -> String {
    let line =
        |(channel, x)| format!("    out[at + {channel}u * apart + {x}u] = s{channel}_{x};\n");
    pairs(channels, places).map(line).collect()
}

fn images(form: Form) -> String {
    let Form { kernel, stride, channels, beside } = form;
    let (padding, square, step) = (form.padding() as i64, form.square(), stride as i64);
    by_place(&["kernels", "gradient", "out"], ["input", "height", "width"], form, || {
        let mut body = format!(
            "    let x0 = i32(xb * {beside}u);
    for (var o = 0u; o < sizes.output; o++) {{
        for (var ky = 0; ky < {kernel}; ky++) {{
            let w = (o * sizes.input + c) * {square}u + u32(ky) * {kernel}u;
            let iy = i32(y) + {padding} - ky;
            let ok = iy >= 0 && iy % {stride} == 0 && iy / {stride} < i32(sizes.down);
            let line = u32(clamp(iy / {stride}, 0, i32(sizes.down) - 1));
            let row = ((b * sizes.output + o) * sizes.down + line) * sizes.across;
"
        );
        body += &weights(channels, kernel, &format!("{square}u"));
        // Where neighbours come in whole strides, it is known here which of them a column of
        // the kernel reaches; else only there.
        let known = beside.is_multiple_of(stride);
        let mut read_before = BTreeSet::new();
        let mut terms = vec![Vec::new(); beside];
        for (x, kx) in pairs(beside, kernel) {
            let reach = x as i64 + padding - kx as i64;
            let (column, there) = if !known {
                let from = format!("(x0 + {reach})");
                let there = format!("ok && {from} >= 0 && {from} % {stride} == 0");
                (format!("{from} / {stride}"), there)
            } else if reach.rem_euclid(step) == 0 {
                (format!("x0 / {stride} + {}", reach.div_euclid(step)), "ok".to_owned())
            } else {
                continue;
            };
            let name = format!("g{}", reach + padding);
            if read_before.insert(reach) {
                let value = read("gradient", &column, "sizes.across", false, &there);
                let _ = writeln!(body, "let {name} = {value};");
            }
            if let Some(terms) = terms.get_mut(x) {
                terms.push((kx, name));
            }
        }
        for (channel, x) in pairs(channels, beside) {
            let term = |(kx, name): &(usize, String)| format!("w{channel}_{kx} * {name}");
            // A column between those that a kernel of one pixel reaches has none.
            if let Some(terms) = terms.get(x).filter(|terms| !terms.is_empty()) {
                let _ = writeln!(body, "s{channel}_{x} += {};", sum_of(terms.iter().map(term)));
            }
        }
        body + "}\n}\n"
    })
}

fn kernels(form: Form) -> String {
    let Form { kernel, stride, channels, beside } = form;
    let (padding, square) = (form.padding(), form.square());
    let mut body = places(&[
        ("i", "sizes.input".to_owned()),
        ("ob", format!("sizes.output / {channels}u")),
        ("part", "sizes.parts".to_owned()),
    ]);
    body += &sums(channels, square);
    let _ = write!(
        body,
        "
    let o = ob * {channels}u;
    let field = sizes.down * sizes.across;
    let end = min((part + 1u) * sizes.rows, sizes.batch * sizes.down);
    for (var unit = part * sizes.rows; unit < end; unit++) {{
        let b = unit / sizes.down;
        let y = unit % sizes.down;
        let plane = (b * sizes.input + i) * sizes.height * sizes.width;
        let g = (b * sizes.output + o) * field + y * sizes.across;
        for (var xb = 0u; xb < sizes.across / {beside}u; xb++) {{
            let x0 = i32(xb * {}u) - {padding};
",
        beside * stride,
    );
    for (channel, x) in pairs(channels, beside) {
        let at = format!("xb * {beside}u + {channel}u * field + {x}u");
        let _ = writeln!(body, "let g{channel}_{x} = gradient[g + {at}];");
    }
    for ky in 0..kernel {
        let _ = writeln!(body, "{{\nlet ky = {ky};");
        body += &form.row();
        body += &form.window();
        for (channel, kx) in pairs(channels, kernel) {
            let term = |x: usize| format!("g{channel}_{x} * v{}", x * stride + kx);
            let place = ky * kernel + kx;
            let _ = writeln!(body, "s{channel}_{place} += {};", sum_of((0..beside).map(term)));
        }
        body += "}\n";
    }
    let _ = write!(
        body,
        "        }}
    }}
    let apart = sizes.input * {square}u;
    let at = (part * sizes.output + o) * apart + i * {square}u;
"
    );
    body += &store(channels, square);
    each(&["images", "gradient", "out"], &[&SIZES[..], &["parts", "rows"]].concat(), &body)
}

fn sum() -> String {
    let body = "    var sum = 0.0;
    for (var part = 0u; part < sizes.parts; part++) {
        sum += parts[part * sizes.invocations + index];
    }
    out[index] = sum;
";
    each(&["parts", "out"], &["parts"], body)
}

impl Convolve for CubeBackend {
    fn conv(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = Shape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (images, kernels) = (packed(images), packed(kernels));
        let out = empty(shape.out(), &images);
        let kernel = Kernel::Forward(shape.form(shape.output, shape.across));
        let tensors = [&images, &kernels, &out];
        run_each(kernel, invocations(shape.out()), &tensors, &shape.sizes());
        out
    }

    fn conv_images(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = Shape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (kernels, gradient) = (packed(kernels), packed(gradient));
        let out = empty(images.shape(), &images);
        let kernel = Kernel::Images(shape.form(shape.input, shape.width));
        let tensors = [&kernels, &gradient, &out];
        run_each(kernel, invocations(shape.images()), &tensors, &shape.sizes());
        out
    }

    fn conv_kernels(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = Shape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (images, gradient) = (packed(images), packed(gradient));
        let (parts, rows) = shape.parts();
        let values = shape.kernel_values();
        let out = empty(kernels.shape(), &images);
        let found = if parts == 1 { out.clone() } else { empty([parts, values], &images) };
        let kernel = Kernel::Kernels(shape.form(shape.output, shape.across));
        let sizes = [&shape.sizes()[..], &[parts, rows]].concat();
        run_each(kernel, parts * shape.kernels(), &[&images, &gradient, &found], &sizes);
        if parts == 1 {
            return out;
        }
        run_each(Kernel::Sum, values, &[&found, &out], &[parts]);
        out
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::gpu::tests::runs_everywhere;

    #[test]
    fn every_kernel_runs_everywhere() {
        runs_everywhere(&Kernel::Sum);
        for (kernel, stride) in [(3, 1), (3, 2), (1, 1), (1, 2), (5, 1)] {
            for (channels, beside) in pairs(3, 3) {
                let [channels, beside] = [channels, beside].map(|power| 1 << power);
                let form = Form { kernel, stride, channels, beside };
                for kernel in [Kernel::Forward, Kernel::Images, Kernel::Kernels] {
                    runs_everywhere(&kernel(form));
                }
            }
        }
    }
}
