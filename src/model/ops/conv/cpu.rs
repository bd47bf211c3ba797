//! Convolution on the CPU engine; [`ConvAlgorithm`] chooses how.

mod im2col;
mod interleave;
mod lanes;
mod winograd;

use super::{ConvBackward, ConvForward, output_shape};
use crate::model::ops::flex::{add, contiguous, tensor, values, vectorized};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::{ConvOptions, FloatTensorOps as _, ModuleOps as _};
use burn::backend::{Flex, TensorMetadata as _};
use burn::tensor::Shape;
use im2col::{Im2colShape, STRIDE, col2im, im2col};
use winograd::{
    FourOutputs, TileTransform, Tiles, TwoOutputs, four_pay, gather_kernels, transform_gradient,
    transform_input, transform_kernels, transform_output, turn_kernels,
};

/// Bytes of a matrix that are processed at a time, so that they stay in the cache.
const CHUNK: usize = 1 << 20;
/// Fewest tiles of Winograd's algorithm that are processed at a time: the transformed kernels are
/// read anew for each chunk.
const FEWEST_TILES: usize = 64;

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
        let columns = vectorized(|| im2col(images, shape));
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
        let columns = Flex::float_matmul(weight.clone(), gradient);
        out.extend(vectorized(|| col2im(values(&columns), shape)));
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
        let columns = vectorized(|| im2col(images, shape));
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
        vectorized(|| add(sums, matrix));
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

/// The convolution of a 3×3 kernel with stride 1, by the tiles that suit the images.
fn winograd(
    input: FlexTensor,
    weight: &[f32],
    in_channels: usize,
    out_channels: usize,
) -> FlexTensor {
    let [_, _, height, width] = input.shape().dims();
    let by = if four_pay([height, width]) {
        winograd_by::<6, 4, FourOutputs>
    } else {
        winograd_by::<4, 2, TwoOutputs>
    };
    by(contiguous(input), weight, in_channels, out_channels)
}

fn winograd_weight_gradient(input: FlexTensor, weight: &Shape, gradient: FlexTensor) -> FlexTensor {
    let [_, _, height, width] = input.shape().dims();
    let by = if four_pay([height, width]) {
        winograd_weight_gradient_by::<6, 4, FourOutputs>
    } else {
        winograd_weight_gradient_by::<4, 2, TwoOutputs>
    };
    by(contiguous(input), weight, contiguous(gradient))
}

/// Rows of tiles to process at a time, where a tile becomes so many values, and at least so many
/// tiles are wanted.
fn rows_per_chunk(tiles: Tiles, values: usize, fewest: usize) -> usize {
    tiles.rows_for((CHUNK / (values * size_of::<f32>())).max(fewest))
}

/// Matrices `[tiles, places, channels]`, filled chunk after chunk in the same memory.
struct TileMatrices {
    tensor: FlexTensor,
    places: usize,
    channels: usize,
}

impl TileMatrices {
    fn new(most_tiles: usize, places: usize, channels: usize) -> Self {
        let zeros = vec![0.0; most_tiles * places * channels];
        let tensor = tensor(zeros, [most_tiles, places, channels]);
        Self { tensor, places, channels }
    }

    /// Lets `fill` write so many tiles, with wide vectors, and returns them as `[places, tiles,
    /// channels]`. The memory is free again once the result is dropped.
    fn fill(&mut self, tiles: usize, fill: impl FnOnce(&mut [f32])) -> FlexTensor {
        let length = tiles * self.places * self.channels;
        let memory = &mut self.tensor.storage_mut()[..length];
        vectorized(|| fill(memory));
        self.tensor.clone().narrow(0, 0, tiles).transpose(0, 1)
    }
}

fn winograd_by<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    input: FlexTensor,
    weight: &[f32],
    in_channels: usize,
    out_channels: usize,
) -> FlexTensor {
    let [batch, _, height, width] = input.shape().dims();
    let (tiles, places) = (Tiles::new([height, width], OUT), IN * IN);
    let weight = vectorized(|| transform_kernels::<IN, OUT, T>(weight, in_channels));
    // [places, in_channels, out_channels]
    let weight =
        tensor(weight, [out_channels, places, in_channels]).transpose(0, 1).transpose(1, 2);
    let mut out = vec![0.0; batch * out_channels * height * width];
    let rows = tiles.rows_of(batch);
    let chunk = rows_per_chunk(tiles, places * (in_channels + out_channels), FEWEST_TILES);
    let mut inputs = TileMatrices::new(tiles.in_rows(chunk.min(rows)), places, in_channels);
    for first in (0..rows).step_by(chunk) {
        let rows = first..rows.min(first + chunk);
        let matrices = inputs.fill(tiles.in_rows(rows.len()), |to| {
            transform_input::<IN, OUT, T>(values(&input), in_channels, tiles, rows.clone(), to);
        });
        let products = Flex::float_matmul(matrices, weight.clone());
        vectorized(|| {
            let products = values(&products);
            transform_output::<IN, OUT, T>(products, out_channels, tiles, rows, &mut out);
        });
    }
    tensor(out, [batch, out_channels, height, width])
}

fn winograd_weight_gradient_by<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>(
    input: FlexTensor,
    weight: &Shape,
    gradient: FlexTensor,
) -> FlexTensor {
    let [out_channels, in_channels, _, _] = weight.dims();
    let [batch, _, height, width] = input.shape().dims();
    let (tiles, places) = (Tiles::new([height, width], OUT), IN * IN);
    let rows = tiles.rows_of(batch);
    // The sums are read and written once per chunk, which has to be worth it.
    let fewest = FEWEST_TILES.max(4 * out_channels * in_channels / (out_channels + in_channels));
    let chunk = rows_per_chunk(tiles, places * (in_channels + out_channels), fewest);
    let most = tiles.in_rows(chunk.min(rows));
    let mut inputs = TileMatrices::new(most, places, in_channels);
    let mut gradients = TileMatrices::new(most, places, out_channels);
    let mut sums: Option<FlexTensor> = None;
    for first in (0..rows).step_by(chunk) {
        let rows = first..rows.min(first + chunk);
        let count = tiles.in_rows(rows.len());
        let inputs = inputs.fill(count, |to| {
            transform_input::<IN, OUT, T>(values(&input), in_channels, tiles, rows.clone(), to);
        });
        let gradients = gradients.fill(count, |to| {
            let gradient = values(&gradient);
            transform_gradient::<IN, OUT, T>(gradient, out_channels, tiles, rows, to);
        });
        let products = Flex::float_matmul(gradients.transpose(1, 2), inputs);
        match &mut sums {
            Some(sums) => vectorized(|| add(sums.storage_mut(), values(&products))),
            None => sums = Some(products),
        }
    }
    let gather =
        |sums: FlexTensor| vectorized(|| gather_kernels::<IN, OUT, T>(values(&sums), in_channels));
    let sums = sums.map_or_else(|| vec![0.0; weight.num_elements()], gather);
    tensor(sums, [out_channels, in_channels, 3, 3])
}
