//! Convolution on WebGPU: three matrix multiplications, each computed in [`tile`]s.

mod tile;

use super::{empty, packed};
use crate::model::conv::{Convolve, side};
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
    /// Of the input.
    height: usize,
    width: usize,
    out_height: usize,
    out_width: usize,
    /// Side of the kernel.
    kernel: usize,
    stride: usize,
}

/// The names of those that come along with a dispatch, in the order of [`ConvShape::sizes`].
const SIZES: [&str; 7] =
    ["batch", "in_channels", "out_channels", "height", "width", "out_height", "out_width"];

impl ConvShape {
    fn of(input: [usize; 4], weight: [usize; 4], stride: usize) -> Self {
        let ([batch, _, height, width], [out_channels, in_channels, kernel, _]) = (input, weight);
        let [out_height, out_width] = [height, width].map(|it| side(it, kernel, stride));
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

/// Which of a convolution's three products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Product {
    /// Input and weight to the output.
    Output,
    /// Weight and the output's gradient to the input's gradient.
    InputGradient,
    /// Input and the output's gradient to the weight's gradient.
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

impl Convolve for CubeBackend {
    fn conv(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (images, kernels) = (packed(images), packed(kernels));
        let out = empty(shape.output(), &images);
        multiply(Product::Output, shape, [&images, &kernels], &out);
        out
    }

    fn conv_images(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (kernels, gradient) = (packed(kernels), packed(gradient));
        let out = empty(images.shape(), &images);
        multiply(Product::InputGradient, shape, [&kernels, &gradient], &out);
        out
    }

    fn conv_kernels(
        images: FloatTensor<Self>,
        kernels: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::of(images.shape().dims(), kernels.shape().dims(), stride);
        let (images, gradient) = (packed(images), packed(gradient));
        let out = empty(kernels.shape(), &images);
        multiply(Product::WeightGradient, shape, [&images, &gradient], &out);
        out
    }
}
