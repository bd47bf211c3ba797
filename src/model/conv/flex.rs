//! Convolution on the CPU engine: [`Way`] says how.

use super::{Convolve, options, output};
use crate::model::columns::{Grid, gather, scatter};
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
    /// A product of matrices an image, of what [`Columns`] makes of it.
    Columns(Columns),
    /// As burn does.
    Burn(ConvOptions<2>),
}

/// What a kernel sees of an image as a matrix, `[input × kernel², pixels of the output]`.
#[derive(Clone, Copy)]
enum Columns {
    /// Stride 2: gathered.
    Gathered(Grid),
    /// A kernel of one pixel with stride 1: the image as it is, of so many pixels.
    Plain(usize),
}

impl Way {
    fn of(images: &FlexTensor, kernels: &FlexTensor, stride: usize) -> Self {
        let [_, _, height, width] = images.shape().dims();
        let [_, _, kernel, _] = kernels.shape().dims();
        match (kernel, stride) {
            (3, 1) => Self::Winograd,
            (1, 1) => Self::Columns(Columns::Plain(height * width)),
            (kernel, 2) => Self::Columns(Columns::Gathered(Grid::new(height, width, kernel))),
            _ => Self::Burn(options(kernels, stride)),
        }
    }
}

impl Columns {
    /// Pixels of the output.
    fn pixels(self) -> usize {
        match self {
            Self::Gathered(grid) => grid.pixels(),
            Self::Plain(pixels) => pixels,
        }
    }

    fn gather(self, images: &[f32]) -> Vec<f32> {
        match self {
            Self::Gathered(grid) => gather(images, grid),
            Self::Plain(_) => images.to_vec(),
        }
    }

    fn scatter(self, columns: &FlexTensor) -> Vec<f32> {
        match self {
            Self::Gathered(grid) => scatter(values(columns), grid),
            Self::Plain(_) => values(columns).to_vec(),
        }
    }

    fn conv(self, images: FlexTensor, kernels: FlexTensor, stride: usize) -> FlexTensor {
        let shape = output(&images.shape(), &kernels.shape(), stride);
        let ([_, _, height, width], [output, input, kernel, _]) =
            (images.shape().dims(), kernels.shape().dims());
        let (rows, images) = (input * kernel * kernel, contiguous(images));
        let kernels = contiguous(kernels).reshape(Shape::new([1, output, rows]));
        let mut out = Vec::with_capacity(shape.num_elements());
        for images in
            values(&images).chunks(chunk((rows + output) * self.pixels()) * input * height * width)
        {
            let columns = self.gather(images);
            let of = columns.len() / rows / self.pixels();
            let columns = tensor(columns, [of, rows, self.pixels()]);
            out.extend_from_slice(values(&Flex::float_matmul(kernels.clone(), columns)));
        }
        tensor(out, shape.dims::<4>())
    }

    fn conv_images(self, images: &Shape, kernels: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let ([batch, input, height, width], [output, _, kernel, _]) =
            (images.dims(), kernels.shape().dims());
        let (rows, gradient) = (input * kernel * kernel, contiguous(gradient));
        let kernels = contiguous(kernels).reshape(Shape::new([1, output, rows])).transpose(1, 2);
        let mut out = Vec::with_capacity(batch * input * height * width);
        for gradient in values(&gradient)
            .chunks(chunk((rows + output) * self.pixels()) * output * self.pixels())
        {
            let of = gradient.len() / output / self.pixels();
            let gradient = tensor(gradient.to_vec(), [of, output, self.pixels()]);
            out.extend(self.scatter(&Flex::float_matmul(kernels.clone(), gradient)));
        }
        tensor(out, [batch, input, height, width])
    }

    fn conv_kernels(self, images: FlexTensor, kernels: &Shape, gradient: FlexTensor) -> FlexTensor {
        let ([_, _, height, width], [output, input, kernel, _]) =
            (images.shape().dims(), kernels.dims());
        let rows = input * kernel * kernel;
        let (images, gradient) = (contiguous(images), contiguous(gradient));
        let chunk = chunk((rows + output) * self.pixels());
        let mut sums = vec![0.0; output * rows];
        let images = values(&images).chunks(chunk * input * height * width);
        for (images, gradient) in
            images.zip(values(&gradient).chunks(chunk * output * self.pixels()))
        {
            let columns = self.gather(images);
            let of = columns.len() / rows / self.pixels();
            let columns = tensor(columns, [of, rows, self.pixels()]).transpose(1, 2);
            let gradient = tensor(gradient.to_vec(), [of, output, self.pixels()]);
            let products = Flex::float_matmul(gradient, columns);
            for product in values(&products).chunks_exact(output * rows) {
                add(&mut sums, product);
            }
        }
        tensor(sums, [output, input, kernel, kernel])
    }
}

impl Convolve for Flex {
    fn conv(images: FlexTensor, kernels: FlexTensor, stride: usize) -> FlexTensor {
        match Way::of(&images, &kernels, stride) {
            Way::Winograd => {
                let [output, input, _, _] = kernels.shape().dims();
                convolve(images, values(&contiguous(kernels)), input, output)
            }
            Way::Columns(columns) => columns.conv(images, kernels, stride),
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
            Way::Columns(columns) => columns.conv_images(&images.shape(), kernels, gradient),
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
            Way::Columns(columns) => columns.conv_kernels(images, &kernels.shape(), gradient),
            Way::Burn(options) => Self::conv2d_weight_backward(images, kernels, gradient, options),
        }
    }
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
