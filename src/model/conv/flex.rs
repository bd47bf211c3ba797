//! Convolution on the CPU engine: [`Way`] says how.

use super::{Convolve, options, output};
use crate::model::columns::{Grid, STRIDE, gather, scatter};
use crate::model::flex::{add, contiguous, tensor, values};
use crate::model::winograd::{
    PLACES, Tiles, gather_kernels, transform_gradient, transform_input, transform_kernels,
    transform_output, turn_kernels,
};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::{ConvOptions, FloatTensorOps as _, ModuleOps as _};
use burn::backend::{Flex, TensorMetadata as _};
use burn::tensor::Shape;

/// Bytes of a matrix that are worked on at a time: they stay in the cache.
const CHUNK: usize = 1 << 20;

/// How the CPU engine convolves.
enum Way {
    /// 3×3 with stride 1: after Winograd.
    Winograd,
    /// Stride 2: a product of matrices an image, of what lies under the kernels.
    Columns(Grid),
    /// A kernel of one pixel with stride 1: a product of matrices an image, as it is.
    Product,
    /// As burn does.
    Burn(ConvOptions<2>),
}

impl Way {
    fn of(images: &FlexTensor, kernels: &FlexTensor, stride: usize) -> Self {
        let [_, _, height, width] = images.shape().dims();
        let [_, _, kernel, _] = kernels.shape().dims();
        match (kernel, stride) {
            (3, 1) => Self::Winograd,
            (1, 1) => Self::Product,
            (kernel, 2) => Self::Columns(Grid::new(height, width, kernel)),
            _ => Self::Burn(options(kernels, stride)),
        }
    }
}

impl Convolve for Flex {
    fn conv(images: FlexTensor, kernels: FlexTensor, stride: usize) -> FlexTensor {
        match Way::of(&images, &kernels, stride) {
            Way::Winograd => {
                let [output, input, _, _] = kernels.shape().dims();
                convolve(images, values(&contiguous(kernels)), input, output)
            }
            Way::Columns(grid) => columns(images, kernels, grid),
            Way::Product => product(images, kernels),
            Way::Burn(options) => Self::conv2d(images, kernels, None, options),
        }
    }

    fn conv_images(
        images: FlexTensor,
        kernels: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
    ) -> FlexTensor {
        match Way::of(&images, &kernels, stride) {
            Way::Winograd => {
                let [output, input, _, _] = kernels.shape().dims();
                let turned = turn_kernels(values(&contiguous(kernels)), output, input);
                convolve(gradient, &turned, output, input)
            }
            Way::Columns(grid) => columns_images(&images.shape(), kernels, gradient, grid),
            Way::Product => product_images(kernels, gradient),
            Way::Burn(options) => Self::conv2d_x_backward(images, kernels, gradient, options),
        }
    }

    fn conv_kernels(
        images: FlexTensor,
        kernels: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
    ) -> FlexTensor {
        match Way::of(&images, &kernels, stride) {
            Way::Winograd => kernels_after_winograd(images, &kernels.shape(), gradient),
            Way::Columns(grid) => columns_kernels(images, &kernels.shape(), gradient, grid),
            Way::Product => product_kernels(images, gradient),
            Way::Burn(options) => Self::conv2d_weight_backward(images, kernels, gradient, options),
        }
    }
}

/// Convolves with kernels of stride 2.
fn columns(images: FlexTensor, kernels: FlexTensor, grid: Grid) -> FlexTensor {
    let shape = output(&images.shape(), &kernels.shape(), STRIDE);
    let ([_, _, height, width], [output, input, kernel, _]) =
        (images.shape().dims(), kernels.shape().dims());
    let (rows, pixels) = (input * kernel * kernel, grid.pixels());
    let images = contiguous(images);
    let kernels = contiguous(kernels).reshape(Shape::new([1, output, rows]));
    let mut out = Vec::with_capacity(shape.num_elements());
    for images in values(&images).chunks(chunk((rows + output) * pixels) * input * height * width) {
        let columns = gather(images, grid);
        let of = columns.len() / rows / pixels;
        let columns = tensor(columns, [of, rows, pixels]);
        out.extend_from_slice(values(&Flex::float_matmul(kernels.clone(), columns)));
    }
    tensor(out, shape.dims::<4>())
}

/// The gradient of the images of [`columns`].
fn columns_images(
    images: &Shape,
    kernels: FlexTensor,
    gradient: FlexTensor,
    grid: Grid,
) -> FlexTensor {
    let ([batch, input, height, width], [output, _, kernel, _]) =
        (images.dims(), kernels.shape().dims());
    let (rows, pixels) = (input * kernel * kernel, grid.pixels());
    let gradient = contiguous(gradient);
    let kernels = contiguous(kernels).reshape(Shape::new([1, output, rows])).transpose(1, 2);
    let mut out = Vec::with_capacity(batch * input * height * width);
    for gradient in values(&gradient).chunks(chunk((rows + output) * pixels) * output * pixels) {
        let of = gradient.len() / output / pixels;
        let gradient = tensor(gradient.to_vec(), [of, output, pixels]);
        out.extend(scatter(values(&Flex::float_matmul(kernels.clone(), gradient)), grid));
    }
    tensor(out, [batch, input, height, width])
}

/// The gradient of the kernels of [`columns`].
fn columns_kernels(
    images: FlexTensor,
    kernels: &Shape,
    gradient: FlexTensor,
    grid: Grid,
) -> FlexTensor {
    let ([_, _, height, width], [output, input, kernel, _]) =
        (images.shape().dims(), kernels.dims());
    let (rows, pixels) = (input * kernel * kernel, grid.pixels());
    let (images, gradient) = (contiguous(images), contiguous(gradient));
    let chunk = chunk((rows + output) * pixels);
    let mut sums = vec![0.0; output * rows];
    let images = values(&images).chunks(chunk * input * height * width);
    for (images, gradient) in images.zip(values(&gradient).chunks(chunk * output * pixels)) {
        let columns = gather(images, grid);
        let of = columns.len() / rows / pixels;
        let columns = tensor(columns, [of, rows, pixels]).transpose(1, 2);
        let gradient = tensor(gradient.to_vec(), [of, output, pixels]);
        let products = Flex::float_matmul(gradient, columns);
        add_each(&mut sums, &products);
    }
    tensor(sums, [output, input, kernel, kernel])
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

/// Convolves with kernels of one pixel and stride 1.
fn product(images: FlexTensor, kernels: FlexTensor) -> FlexTensor {
    let ([batch, input, height, width], [output, ..]) =
        (images.shape().dims(), kernels.shape().dims::<4>());
    let kernels = contiguous(kernels).reshape(Shape::new([1, output, input]));
    let out = Flex::float_matmul(kernels, matrices(images));
    out.reshape(Shape::new([batch, output, height, width]))
}

/// The gradient of the images of [`product`]: the same with the kernels transposed.
fn product_images(kernels: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    product(gradient, kernels.transpose(0, 1))
}

/// The gradient of the kernels of [`product`].
fn product_kernels(images: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    let ([_, input, ..], [_, output, ..]) =
        (images.shape().dims::<4>(), gradient.shape().dims::<4>());
    let products = Flex::float_matmul(matrices(gradient), matrices(images).transpose(1, 2));
    let mut sums = vec![0.0; output * input];
    add_each(&mut sums, &products);
    tensor(sums, [output, input, 1, 1])
}

/// The gradient of the kernels after Winograd.
fn kernels_after_winograd(images: FlexTensor, kernels: &Shape, gradient: FlexTensor) -> FlexTensor {
    let [output, input, _, _] = kernels.dims();
    let [_, _, height, width] = images.shape().dims();
    let tiles = Tiles::new(height, width);
    let (images, gradient) = (contiguous(images), contiguous(gradient));
    let chunk = chunk(PLACES * (input + output) * tiles.per_image()) * height * width;
    let mut sums = vec![0.0; PLACES * output * input];
    let images = values(&images).chunks(chunk * input);
    for (images, gradient) in images.zip(values(&gradient).chunks(chunk * output)) {
        let images = transform_input(images, input, tiles);
        let gradient = transform_gradient(gradient, output, tiles);
        let of = images.len() / PLACES / input;
        let images = tensor(images, [PLACES, input, of]).transpose(1, 2);
        let product = Flex::float_matmul(tensor(gradient, [PLACES, output, of]), images);
        add(&mut sums, values(&product));
    }
    tensor(gather_kernels(&sums), [output, input, 3, 3])
}

/// Convolves after Winograd.
fn convolve(images: FlexTensor, kernels: &[f32], input: usize, output: usize) -> FlexTensor {
    let [batch, _, height, width] = images.shape().dims();
    let tiles = Tiles::new(height, width);
    let images = contiguous(images);
    let kernels = tensor(transform_kernels(kernels), [PLACES, output, input]);
    let mut out = vec![0.0; batch * output * height * width];
    let chunk = chunk(PLACES * (input + output) * tiles.per_image()) * height * width;
    let chunks = values(&images).chunks(chunk * input).zip(out.chunks_mut(chunk * output));
    for (images, out) in chunks {
        let images = transform_input(images, input, tiles);
        let of = images.len() / PLACES / input;
        let images = tensor(images, [PLACES, input, of]);
        let product = Flex::float_matmul(kernels.clone(), images);
        transform_output(values(&product), out, output, tiles);
    }
    tensor(out, [batch, output, height, width])
}

/// Images that are worked on at a time, of which each becomes so many values.
fn chunk(values: usize) -> usize {
    (CHUNK / (values * size_of::<f32>())).max(1)
}
