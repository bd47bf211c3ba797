//! Convolution on WebGPU: an invocation computes up to four channels at up to four places
//! beside each other, so that it uses each value it reads several times.

use super::{Count, Text, each, empty, packed, run_each, together};
use crate::model::conv::{Convolve, side};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Invocations that a graphics card is kept busy with, roughly.
const BUSY: usize = 16_384;

/// A convolution without bias, padded by half its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kernel {
    /// Images and kernels to the output.
    Forward(Shape),
    /// Kernels and the output's gradient to the images' gradient.
    Images(Shape),
    /// Images and the output's gradient to that many parts of the kernels' gradient, each
    /// over so many rows of the output.
    Kernels { shape: Shape, parts: usize, rows: usize },
    /// Parts to their sum.
    Sum { parts: usize, values: usize },
}

impl Text for Kernel {
    fn text(&self) -> String {
        match *self {
            Self::Forward(shape) => forward(shape),
            Self::Images(shape) => images(shape),
            Self::Kernels { shape, parts, rows } => kernels(shape, parts, rows),
            Self::Sum { parts, values } => sum(parts, values),
        }
    }
}

impl Shape {
    fn of(images: [usize; 4], kernels: [usize; 4], stride: usize) -> Self {
        let ([batch, _, height, width], [output, input, kernel, _]) = (images, kernels);
        let [down, across] = [height, width].map(|it| side(it, kernel, stride));
        Self { batch, input, output, height, width, down, across, kernel, stride }
    }

    fn padding(self) -> usize {
        self.kernel / 2
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

    /// The row of the images under row `ky` of the kernel, for the row `y` of the output:
    /// `row`, where it begins in the plane at `plane`, and whether there is one, `ok`.
    fn row(self) -> String {
        let Self { height, width, stride, .. } = self;
        let padding = self.padding();
        format!(
            "let iy = i32(y * {stride}u) + ky - {padding};
let ok = iy >= 0 && iy < {height};
let row = plane + u32(clamp(iy, 0, {})) * {width}u;
",
            height - 1
        )
    }

    /// Reads what lies under a row of the kernel at `places` neighbours, the first column at
    /// `x0`, as `v0`, `v1`…: beyond the edges it is 0.
    fn window(self, places: usize) -> String {
        let taps = (places - 1) * self.stride + self.kernel;
        let inside = |tap| self.padding() == 0 || (tap > 0 && tap + 1 < taps);
        let value = |tap| {
            let column = format!("x0 + {tap}");
            let value = read("images", &column, self.width, inside(tap), "ok");
            format!("let v{tap} = {value};\n")
        };
        (0..taps).map(value).collect()
    }
}

/// Reads `column` of the row that begins at `row`: 0 beyond its ends, if it is not surely
/// `inside`, and where it is not `there`.
fn read(tensor: &str, column: &str, width: usize, inside: bool, there: &str) -> String {
    if inside {
        return format!("select(0.0, {tensor}[row + u32({column})], {there})");
    }
    let last = width - 1;
    format!(
        "select(0.0, {tensor}[row + u32(clamp({column}, 0, {last}))], \
         {there} && {column} >= 0 && {column} <= {last})"
    )
}

/// `let` for numbers from `index`, fastest first: each counts below its size.
fn places(counts: &[(&str, usize)]) -> String {
    let mut text = "    var rest = index;\n".to_owned();
    for (name, count) in counts {
        let _ = writeln!(text, "    let {name} = rest % {count}u; rest = rest / {count}u;");
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

/// A kernel for each value of `out`, a tensor of that shape: `body`, for so many channels from
/// `c` on at so many places from `xb` times as many on, in row `y` of image `b`, adds to their
/// sums.
fn by_place(
    buffers: &[&str],
    [batch, channels, down, across]: [usize; 4],
    body: impl FnOnce(usize, usize) -> String,
) -> String {
    let (some, beside) = (together(channels), together(across));
    let mut text =
        places(&[("xb", across / beside), ("y", down), ("cb", channels / some), ("b", batch)]);
    text += &sums(some, beside);
    let _ = writeln!(text, "    let c = cb * {some}u;");
    text += &body(some, beside);
    let _ = writeln!(
        text,
        "    let at = ((b * {channels}u + c) * {down}u + y) * {across}u + xb * {beside}u;"
    );
    text += &store(some, beside, down * across);
    each(buffers, Count::Of(invocations([batch, channels, down, across])), &text)
}

fn forward(shape: Shape) -> String {
    let Shape { input, height, width, kernel, stride, .. } = shape;
    let (padding, square) = (shape.padding(), kernel * kernel);
    by_place(&["images", "kernels", "out"], shape.out(), |channels, beside| {
        let mut body = format!(
            "    let x0 = i32(xb * {}u) - {padding};
    for (var i = 0u; i < {input}u; i++) {{
        let plane = (b * {input}u + i) * {}u;
        for (var ky = 0; ky < {kernel}; ky++) {{
            let w = (c * {input}u + i) * {square}u + u32(ky) * {kernel}u;
",
            beside * stride,
            height * width
        );
        body += &shape.row();
        body += &shape.window(beside);
        body += &weights(channels, kernel, input * square);
        for (channel, x) in pairs(channels, beside) {
            let term = |kx| format!("w{channel}_{kx} * v{}", x * stride + kx);
            let _ = writeln!(body, "s{channel}_{x} += {};", sum_of((0..kernel).map(term)));
        }
        body + "}\n}\n"
    })
}

/// Reads a row of the kernels of some channels that are `apart`, from `w` on, as `w0_0`,
/// `w0_1`…
fn weights(channels: usize, kernel: usize, apart: usize) -> String {
    let value =
        |(channel, kx)| format!("let w{channel}_{kx} = kernels[w + {}u];\n", channel * apart + kx);
    pairs(channels, kernel).map(value).collect()
}

fn pairs(these: usize, those: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..these).flat_map(move |this| (0..those).map(move |that| (this, that)))
}

fn sum_of(terms: impl Iterator<Item = String>) -> String {
    terms.collect::<Vec<_>>().join(" + ")
}

/// Writes the sums to `out` from `at` on; channels are `plane` apart.
fn store(channels: usize, places: usize, plane: usize) -> String {
    let line = |n: usize| {
        let (channel, x) = (n / places, n % places);
        format!("    out[at + {}u] = s{channel}_{x};\n", channel * plane + x)
    };
    (0..channels * places).map(line).collect()
}

fn images(shape: Shape) -> String {
    let Shape { input, output, down, across, kernel, stride, .. } = shape;
    let (padding, square, step) = (shape.padding() as i64, kernel * kernel, stride as i64);
    by_place(&["kernels", "gradient", "out"], shape.images(), |channels, beside| {
        let mut body = format!(
            "    let x0 = i32(xb * {beside}u);
    for (var o = 0u; o < {output}u; o++) {{
        for (var ky = 0; ky < {kernel}; ky++) {{
            let w = (o * {input}u + c) * {square}u + u32(ky) * {kernel}u;
            let iy = i32(y) + {padding} - ky;
            let ok = iy >= 0 && iy % {stride} == 0 && iy / {stride} < {down};
            let row = ((b * {output}u + o) * {down}u + u32(clamp(iy / {stride}, 0, {}))) * {across}u;
",
            down - 1
        );
        body += &weights(channels, kernel, square);
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
                let value = read("gradient", &column, across, false, &there);
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

fn kernels(shape: Shape, parts: usize, rows: usize) -> String {
    let Shape { batch, input, output, height, width, down, across, kernel, stride } = shape;
    let (channels, beside) = (together(output), together(across));
    let (padding, square) = (shape.padding(), kernel * kernel);
    let mut body = places(&[("i", input), ("ob", output / channels), ("part", parts)]);
    body += &sums(channels, square);
    let _ = write!(
        body,
        "
    let o = ob * {channels}u;
    let end = min((part + 1u) * {rows}u, {}u);
    for (var unit = part * {rows}u; unit < end; unit++) {{
        let b = unit / {down}u;
        let y = unit % {down}u;
        let plane = (b * {input}u + i) * {}u;
        let g = ((b * {output}u + o) * {down}u + y) * {across}u;
        for (var xb = 0u; xb < {}u; xb++) {{
            let x0 = i32(xb * {}u) - {padding};
",
        batch * down,
        height * width,
        across / beside,
        beside * stride,
    );
    for (channel, x) in pairs(channels, beside) {
        let at = channel * down * across + x;
        let _ = writeln!(body, "let g{channel}_{x} = gradient[g + xb * {beside}u + {at}u];");
    }
    for ky in 0..kernel {
        let _ = writeln!(body, "{{\nlet ky = {ky};");
        body += &shape.row();
        body += &shape.window(beside);
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
    let at = part * {}u + (o * {input}u + i) * {square}u;
",
        shape.kernel_values()
    );
    body += &store(channels, square, input * square);
    each(&["images", "gradient", "out"], Count::Of(parts * shape.kernels()), &body)
}

fn sum(parts: usize, values: usize) -> String {
    let body = format!(
        "    var sum = 0.0;
    for (var part = 0u; part < {parts}u; part++) {{ sum += parts[part * {values}u + index]; }}
    out[index] = sum;
"
    );
    each(&["parts", "out"], Count::Of(values), &body)
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
        run_each(Kernel::Forward(shape), invocations(shape.out()), &[&images, &kernels, &out]);
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
        run_each(Kernel::Images(shape), invocations(shape.images()), &[&kernels, &gradient, &out]);
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
        let kernel = Kernel::Kernels { shape, parts, rows };
        run_each(kernel, parts * shape.kernels(), &[&images, &gradient, &found]);
        if parts == 1 {
            return out;
        }
        run_each(Kernel::Sum { parts, values }, values, &[&found, &out]);
        out
    }
}
