//! Convolution on the CPU engine; [`ConvAlgorithm`] chooses how.

mod im2col;
mod interleave;
mod winograd;

use super::{ConvBackward, ConvForward, output_shape};
use crate::model::ops::flex::{add, contiguous, tensor, values};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::{ConvOptions, FloatTensorOps as _, ModuleOps as _};
use burn::backend::{Flex, TensorMetadata as _};
use burn::tensor::Shape;
use im2col::{Im2colShape, STRIDE, col2im, im2col};
use winograd::{
    PLACES, Tiles, gather_kernels, transform_gradient, transform_input, transform_kernels,
    transform_output, turn_kernels,
};

/// Bytes of a matrix that are processed at a time, so that they stay in the cache.
const CHUNK: usize = 1 << 20;

/// How the CPU engine convolves.
enum ConvAlgorithm {
    /// 3×3 with stride 1: Winograd's algorithm.
    Winograd,
    /// Stride 2: per image a matrix multiplication of what lies under the kernel.
    Im2col(Im2colShape),
    /// A kernel of one pixel with stride 1: per image a matrix multiplication of the pixels.
    Pointwise,
    /// burn's own.
    Burn(ConvOptions<2>),
}

impl ConvAlgorithm {
    fn of(input: &FlexTensor, weight: &FlexTensor, stride: usize) -> Self {
        let [_, _, height, width] = input.shape().dims();
        let [_, _, kernel, _] = weight.shape().dims();
        match (kernel, stride) {
            (3, 1) => Self::Winograd,
            (1, 1) => Self::Pointwise,
            (kernel, 2) => Self::Im2col(Im2colShape::new(height, width, kernel)),
            _ => Self::Burn(ConvOptions::new([stride; 2], [kernel / 2; 2], [1, 1], 1)),
        }
    }
}

impl ConvForward for Flex {
    fn conv(input: FlexTensor, weight: FlexTensor, stride: usize) -> FlexTensor {
        match ConvAlgorithm::of(&input, &weight, stride) {
            ConvAlgorithm::Winograd => {
                let [out_channels, in_channels, _, _] = weight.shape().dims();
                winograd(input, values(&contiguous(weight)), in_channels, out_channels)
            }
            ConvAlgorithm::Im2col(shape) => conv_by_im2col(input, weight, shape),
            ConvAlgorithm::Pointwise => pointwise(input, weight),
            ConvAlgorithm::Burn(options) => Self::conv2d(input, weight, None, options),
        }
    }
}

impl ConvBackward for Flex {
    fn conv_input_gradient(
        input: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
    ) -> FlexTensor {
        match ConvAlgorithm::of(&input, &weight, stride) {
            ConvAlgorithm::Winograd => {
                let [out_channels, in_channels, _, _] = weight.shape().dims();
                let weight = contiguous(weight);
                let turned = turn_kernels(values(&weight), out_channels, in_channels);
                winograd(gradient, &turned, out_channels, in_channels)
            }
            ConvAlgorithm::Im2col(shape) => {
                input_gradient_by_im2col(&input.shape(), weight, gradient, shape)
            }
            // The same with the weight transposed.
            ConvAlgorithm::Pointwise => pointwise(gradient, weight.transpose(0, 1)),
            ConvAlgorithm::Burn(options) => {
                Self::conv2d_x_backward(input, weight, gradient, options)
            }
        }
    }

    fn conv_weight_gradient(
        input: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
    ) -> FlexTensor {
        match ConvAlgorithm::of(&input, &weight, stride) {
            ConvAlgorithm::Winograd => winograd_weight_gradient(input, &weight.shape(), gradient),
            ConvAlgorithm::Im2col(shape) => {
                weight_gradient_by_im2col(input, &weight.shape(), gradient, shape)
            }
            ConvAlgorithm::Pointwise => pointwise_weight_gradient(input, gradient),
            ConvAlgorithm::Burn(options) => {
                Self::conv2d_weight_backward(input, weight, gradient, options)
            }
        }
    }
}

/// Images that are processed at a time if each becomes `values` values.
fn images_per_chunk(values: usize) -> usize {
    (CHUNK / (values * size_of::<f32>())).max(1)
}

fn conv_by_im2col(input: FlexTensor, weight: FlexTensor, shape: Im2colShape) -> FlexTensor {
    let output = output_shape(&input.shape(), &weight.shape(), STRIDE);
    let ([_, _, height, width], [out_channels, in_channels, kernel, _]) =
        (input.shape().dims(), weight.shape().dims());
    let (rows, pixels) = (in_channels * kernel * kernel, shape.pixels());
    let input = contiguous(input);
    let weight = contiguous(weight).reshape(Shape::new([1, out_channels, rows]));
    let mut out = Vec::with_capacity(output.num_elements());
    let chunk = images_per_chunk((rows + out_channels) * pixels);
    for images in values(&input).chunks(chunk * in_channels * height * width) {
        let columns = im2col(images, shape);
        let count = columns.len() / rows / pixels;
        let columns = tensor(columns, [count, rows, pixels]);
        out.extend_from_slice(values(&Flex::float_matmul(weight.clone(), columns)));
    }
    tensor(out, output.dims::<4>())
}

fn input_gradient_by_im2col(
    input: &Shape,
    weight: FlexTensor,
    gradient: FlexTensor,
    shape: Im2colShape,
) -> FlexTensor {
    let ([batch, in_channels, height, width], [out_channels, _, kernel, _]) =
        (input.dims(), weight.shape().dims());
    let (rows, pixels) = (in_channels * kernel * kernel, shape.pixels());
    let gradient = contiguous(gradient);
    let weight = contiguous(weight).reshape(Shape::new([1, out_channels, rows])).transpose(1, 2);
    let mut out = Vec::with_capacity(batch * in_channels * height * width);
    let chunk = images_per_chunk((rows + out_channels) * pixels);
    for gradient in values(&gradient).chunks(chunk * out_channels * pixels) {
        let count = gradient.len() / out_channels / pixels;
        let gradient = tensor(gradient.to_vec(), [count, out_channels, pixels]);
        out.extend(col2im(values(&Flex::float_matmul(weight.clone(), gradient)), shape));
    }
    tensor(out, [batch, in_channels, height, width])
}

fn weight_gradient_by_im2col(
    input: FlexTensor,
    weight: &Shape,
    gradient: FlexTensor,
    shape: Im2colShape,
) -> FlexTensor {
    let ([_, _, height, width], [out_channels, in_channels, kernel, _]) =
        (input.shape().dims(), weight.dims());
    let (rows, pixels) = (in_channels * kernel * kernel, shape.pixels());
    let (input, gradient) = (contiguous(input), contiguous(gradient));
    let chunk = images_per_chunk((rows + out_channels) * pixels);
    let mut sums = vec![0.0; out_channels * rows];
    let images = values(&input).chunks(chunk * in_channels * height * width);
    for (images, gradient) in images.zip(values(&gradient).chunks(chunk * out_channels * pixels)) {
        let columns = im2col(images, shape);
        let count = columns.len() / rows / pixels;
        let columns = tensor(columns, [count, rows, pixels]).transpose(1, 2);
        let gradient = tensor(gradient.to_vec(), [count, out_channels, pixels]);
        add_each(&mut sums, &Flex::float_matmul(gradient, columns));
    }
    tensor(sums, [out_channels, in_channels, kernel, kernel])
}

/// Adds the matrix of each image.
fn add_each(sums: &mut [f32], matrices: &FlexTensor) {
    for matrix in values(matrices).chunks_exact(sums.len()) {
        add(sums, matrix);
    }
}

/// Images as matrices, `[batch, channels, pixels]`.
fn matrices(images: FlexTensor) -> FlexTensor {
    let [batch, channels, height, width] = images.shape().dims();
    contiguous(images).reshape(Shape::new([batch, channels, height * width]))
}

fn pointwise(input: FlexTensor, weight: FlexTensor) -> FlexTensor {
    let ([batch, in_channels, height, width], [out_channels, ..]) =
        (input.shape().dims(), weight.shape().dims::<4>());
    let weight = contiguous(weight).reshape(Shape::new([1, out_channels, in_channels]));
    let out = Flex::float_matmul(weight, matrices(input));
    out.reshape(Shape::new([batch, out_channels, height, width]))
}

fn pointwise_weight_gradient(input: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    let ([_, in_channels, ..], [_, out_channels, ..]) =
        (input.shape().dims::<4>(), gradient.shape().dims::<4>());
    let products = Flex::float_matmul(matrices(gradient), matrices(input).transpose(1, 2));
    let mut sums = vec![0.0; out_channels * in_channels];
    add_each(&mut sums, &products);
    tensor(sums, [out_channels, in_channels, 1, 1])
}

fn winograd(
    input: FlexTensor,
    weight: &[f32],
    in_channels: usize,
    out_channels: usize,
) -> FlexTensor {
    let [batch, _, height, width] = input.shape().dims();
    let tiles = Tiles::new(height, width);
    let input = contiguous(input);
    let weight = tensor(transform_kernels(weight), [PLACES, out_channels, in_channels]);
    let mut out = vec![0.0; batch * out_channels * height * width];
    let chunk = images_per_chunk(PLACES * (in_channels + out_channels) * tiles.per_image());
    let images = values(&input).chunks(chunk * in_channels * height * width);
    for (images, out) in images.zip(out.chunks_mut(chunk * out_channels * height * width)) {
        let images = transform_input(images, in_channels, tiles);
        let count = images.len() / PLACES / in_channels;
        let images = tensor(images, [PLACES, in_channels, count]);
        let product = Flex::float_matmul(weight.clone(), images);
        transform_output(values(&product), out, out_channels, tiles);
    }
    tensor(out, [batch, out_channels, height, width])
}

fn winograd_weight_gradient(input: FlexTensor, weight: &Shape, gradient: FlexTensor) -> FlexTensor {
    let [out_channels, in_channels, _, _] = weight.dims();
    let [_, _, height, width] = input.shape().dims();
    let tiles = Tiles::new(height, width);
    let (input, gradient) = (contiguous(input), contiguous(gradient));
    let chunk = images_per_chunk(PLACES * (in_channels + out_channels) * tiles.per_image());
    let mut sums = vec![0.0; PLACES * out_channels * in_channels];
    let images = values(&input).chunks(chunk * in_channels * height * width);
    let gradients = values(&gradient).chunks(chunk * out_channels * height * width);
    for (images, gradient) in images.zip(gradients) {
        let images = transform_input(images, in_channels, tiles);
        let gradient = transform_gradient(gradient, out_channels, tiles);
        let count = images.len() / PLACES / in_channels;
        let images = tensor(images, [PLACES, in_channels, count]).transpose(1, 2);
        let gradient = tensor(gradient, [PLACES, out_channels, count]);
        add(&mut sums, values(&Flex::float_matmul(gradient, images)));
    }
    tensor(gather_kernels(&sums), [out_channels, in_channels, 3, 3])
}
