//! Pooling on WebGPU: an invocation for each value of what is asked for.

use super::{Text, each, empty, packed, run_each};
use crate::model::pool::{PoolOp, STRIDE, Unpool, Windows};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum PoolKernel {
    /// Images to the output.
    Forward(Windows),
    /// Images, output and its gradient to the images' gradient.
    Backward(Windows),
}

/// The names of the sizes, in the order in which they come along: of images, of the output.
const SIZES: [&str; 4] = ["height", "width", "down", "across"];

impl Text for PoolKernel {
    fn text(&self) -> String {
        match *self {
            Self::Forward(windows) => forward(windows),
            Self::Backward(windows) => backward(windows),
        }
    }
}

/// The pixels under the window in `row` and `column`: `top` to `bottom`, `left` to `right`, the
/// last ones not among them.
fn under(windows: Windows) -> String {
    let [kernel, padding] = windows.kernel();
    let range = |[first, last]: [&str; 2], window: &str, side: &str| {
        format!(
            "    let {first} = u32(max(i32({window}) * {STRIDE} - {padding}, 0));
    let {last} = min({window} * {STRIDE}u + {}u, sizes.{side});
",
            kernel - padding
        )
    };
    range(["top", "bottom"], "row", "height") + &range(["left", "right"], "column", "width")
}

fn forward(windows: Windows) -> String {
    let (begin, add, end) = match windows {
        Windows::Average => {
            ("0.0", "found += value;", "found / f32((bottom - top) * (right - left))")
        }
        Windows::Max { .. } => {
            ("images[plane + top * sizes.width + left]", "found = max(found, value);", "found")
        }
    };
    let under = under(windows);
    let body = format!(
        "    let column = index % sizes.across;
    let row = (index / sizes.across) % sizes.down;
    let plane = (index / (sizes.across * sizes.down)) * sizes.height * sizes.width;
{under}    var found = {begin};
    for (var y = top; y < bottom; y++) {{
        for (var x = left; x < right; x++) {{
            let value = images[plane + y * sizes.width + x];
            {add}
        }}
    }}
    out[index] = {end};
"
    );
    each(&["images", "out"], &SIZES, &body)
}

fn backward(windows: Windows) -> String {
    let (buffers, share): (&[&str], _) = match windows {
        Windows::Average => (
            &["gradient", "out"],
            "            sum += gradient[window] / f32((bottom - top) * (right - left));\n",
        ),
        // The first one among equals.
        Windows::Max { .. } => (
            &["images", "output", "gradient", "out"],
            "            var mine = images[index] == output[window];
            for (var v = top; v <= y; v++) {
                for (var u = left; u < right; u++) {
                    let before = v < y || u < x;
                    let at = plane * sizes.height * sizes.width + v * sizes.width + u;
                    mine = mine && !(before && images[at] == output[window]);
                }
            }
            sum += select(0.0, gradient[window], mine);
",
        ),
    };
    let [kernel, padding] = windows.kernel();
    let under = under(windows);
    // The windows over a pixel begin less than a kernel before it.
    let body = format!(
        "    let x = index % sizes.width;
    let y = (index / sizes.width) % sizes.height;
    let plane = index / (sizes.width * sizes.height);
    let last_row = min((y + {padding}u) / {STRIDE}u, sizes.down - 1u);
    let last_column = min((x + {padding}u) / {STRIDE}u, sizes.across - 1u);
    let first_row = u32(max(i32(y) + {padding} - {kernel} + {STRIDE}, 0)) / {STRIDE}u;
    let first_column = u32(max(i32(x) + {padding} - {kernel} + {STRIDE}, 0)) / {STRIDE}u;
    var sum = 0.0;
    for (var row = first_row; row <= last_row; row++) {{
        for (var column = first_column; column <= last_column; column++) {{
            let window = (plane * sizes.down + row) * sizes.across + column;
{under}{share}        }}
    }}
    out[index] = sum;
"
    );
    each(buffers, &SIZES, &body)
}

impl PoolOp for CubeBackend {
    fn pool(images: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [batch, channels, height, width] = images.shape().dims();
        let [down, across] = [height, width].map(|side| windows.side(side));
        let images = packed(images);
        let out = empty([batch, channels, down, across], &images);
        let invocations = batch * channels * down * across;
        let sizes = [height, width, down, across];
        run_each(PoolKernel::Forward(windows), invocations, &[&images, &out], &sizes);
        out
    }
}

impl Unpool for CubeBackend {
    fn unpool(
        images: FloatTensor<Self>,
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self> {
        let [batch, channels, height, width] = images.shape().dims();
        let [down, across] = [height, width].map(|side| windows.side(side));
        let [images, output, gradient] = [images, output, gradient].map(packed);
        let out = empty(images.shape(), &images);
        let all = [&images, &output, &gradient, &out];
        let tensors = if windows == Windows::Average { &all[2..] } else { &all[..] };
        let invocations = batch * channels * height * width;
        let sizes = [height, width, down, across];
        run_each(PoolKernel::Backward(windows), invocations, tensors, &sizes);
        out
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::gpu::tests::runs_everywhere;

    #[test]
    fn every_kernel_runs_everywhere() {
        let windows = [
            Windows::Average,
            Windows::Max { kernel: 2, padding: 0 },
            Windows::Max { kernel: 3, padding: 1 },
        ];
        for windows in windows {
            runs_everywhere(&PoolKernel::Forward(windows));
            runs_everywhere(&PoolKernel::Backward(windows));
        }
    }
}
