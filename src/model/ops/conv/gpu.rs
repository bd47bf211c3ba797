//! Convolution on WebGPU: three matrix multiplications, each computed in [`tile`]s.

mod tile;

use super::{ConvBackward, ConvForward, output_side};
use crate::model::ops::shader::{empty, packed};
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;
use tile::multiply;

/// The sizes of a convolution without bias, padded by half its kernel.
#[derive(Clone, Copy, Debug)]
struct ConvShape {
    batch: usize,
    in_channels: usize,
    out_channels: usize,
    /// Sides of the input.
    height: usize,
    width: usize,
    out_height: usize,
    out_width: usize,
    /// Side of the kernel.
    kernel: usize,
    stride: usize,
}

/// The names of the sizes of a dispatch, in the order of [`ConvShape::sizes`].
const SIZES: [&str; 7] =
    ["batch", "in_channels", "out_channels", "height", "width", "out_height", "out_width"];

impl ConvShape {
    fn of(input: [usize; 4], weight: [usize; 4], stride: usize) -> Self {
        let ([batch, _, height, width], [out_channels, in_channels, kernel, _]) = (input, weight);
        let [out_height, out_width] = [height, width].map(|side| output_side(side, kernel, stride));
        Self {
            batch,
            in_channels,
            out_channels,
            height,
            width,
            out_height,
            out_width,
            kernel,
            stride,
        }
    }

    fn sizes(self) -> [usize; 7] {
        let Self { batch, in_channels, out_channels, height, width, out_height, out_width, .. } =
            self;
        [batch, in_channels, out_channels, height, width, out_height, out_width]
    }

    fn output(self) -> [usize; 4] {
        [self.batch, self.out_channels, self.out_height, self.out_width]
    }
}

/// One of a convolution's three matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Product {
    /// The output, from input and weight.
    Output,
    /// The input's gradient, from the weight and the output's gradient.
    InputGradient,
    /// The weight's gradient, from the input and the output's gradient.
    WeightGradient,
}

impl Product {
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Output, Self::InputGradient, Self::WeightGradient];

    /// Rows, columns and terms of the matrix multiplication.
    fn matrix(self, shape: ConvShape) -> [usize; 3] {
        let taps = shape.kernel * shape.kernel;
        let input_pixels = shape.batch * shape.height * shape.width;
        let output_pixels = shape.batch * shape.out_height * shape.out_width;
        match self {
            Self::Output => [shape.out_channels, output_pixels, shape.in_channels * taps],
            Self::InputGradient => [shape.in_channels, input_pixels, shape.out_channels * taps],
            Self::WeightGradient => [shape.out_channels, shape.in_channels * taps, output_pixels],
        }
    }
}

impl ConvForward for CubeBackend {
    fn conv(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(input.shape().dims(), weight.shape().dims(), stride);
        let (input, weight) = (packed(input), packed(weight));
        let out = empty(shape.output(), &input);
        multiply(Product::Output, shape, [&input, &weight], &out);
        out
    }
}

impl ConvBackward for CubeBackend {
    fn conv_input_gradient(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(input.shape().dims(), weight.shape().dims(), stride);
        let (weight, gradient) = (packed(weight), packed(gradient));
        let out = empty(input.shape(), &weight);
        multiply(Product::InputGradient, shape, [&weight, &gradient], &out);
        out
    }

    fn conv_weight_gradient(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(input.shape().dims(), weight.shape().dims(), stride);
        let (input, gradient) = (packed(input), packed(gradient));
        let out = empty(weight.shape(), &input);
        multiply(Product::WeightGradient, shape, [&input, &gradient], &out);
        out
    }
}
