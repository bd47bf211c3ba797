//! The stages of [`super::layout`] as burn modules. Independent of training.

use super::conv::conv;
use super::init::kaiming_normal;
use super::layout::Stage;
use super::norm;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

/// Hands out the first weights, parameter after parameter.
pub(super) struct Weights<'a> {
    seed: u32,
    index: u32,
    device: &'a Device,
}

impl<'a> Weights<'a> {
    pub(super) fn new(seed: u32, device: &'a Device) -> Self {
        Self { seed, index: 0, device }
    }

    fn kaiming<const D: usize>(&mut self, shape: [usize; D], fan_in: usize) -> Param<Tensor<D>> {
        let values = kaiming_normal(self.seed, self.index, shape.iter().product(), fan_in);
        self.index += 1;
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    fn constant(&mut self, len: usize, value: f32) -> Param<Tensor<1>> {
        self.index += 1;
        Param::from_data(TensorData::new(vec![value; len], [len]), self.device)
    }

    /// The head: features to logits, with a bias of 0.
    pub(super) fn linear(&mut self, input: usize, output: usize) -> Linear {
        let weight = self.kaiming([input, output], input);
        Linear { weight, bias: Some(self.constant(output, 0.0)) }
    }
}

/// One stage of the body.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has a dozen layers, and burn modules hold no boxes"
)]
pub(super) enum Layer {
    /// See [`Stage::Conv`].
    Conv(ConvLayer),
    /// See [`Stage::Pool`].
    Pool(MaxPool2d),
    /// See [`Stage::Residual`].
    Residual(Residual),
    /// See [`Stage::Block`].
    Block(Block),
}

impl Layer {
    pub(super) fn new(stage: Stage, weights: &mut Weights) -> Self {
        match stage {
            Stage::Conv { input, output, stride } => {
                Self::Conv(ConvLayer::new([input, output], 3, stride, 1.0, weights))
            }
            Stage::Pool { kernel, padding } => Self::Pool(
                MaxPool2dConfig::new([kernel, kernel])
                    .with_strides([2, 2])
                    .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                    .init(),
            ),
            Stage::Residual { channels } => Self::Residual(Residual {
                first: ConvLayer::new([channels, channels], 3, 1, 1.0, weights),
                second: ConvLayer::new([channels, channels], 3, 1, 1.0, weights),
            }),
            Stage::Block { input, output, stride } => {
                Self::Block(Block::new(input, output, stride, weights))
            }
        }
    }

    pub(super) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(layer) => layer.forward(input, true),
            Self::Pool(pool) => pool.forward(input),
            Self::Residual(residual) => residual.forward(input),
            Self::Block(block) => block.forward(input),
        }
    }

    /// The convolutions, for freezing.
    pub(super) fn convolutions(&self) -> Vec<&Conv2d> {
        match self {
            Self::Conv(layer) => vec![&layer.conv],
            Self::Pool(_) => Vec::new(),
            Self::Residual(residual) => vec![&residual.first.conv, &residual.second.conv],
            Self::Block(block) => {
                let mut all = vec![&block.first.conv, &block.second.conv];
                all.extend(block.identity.iter().map(|identity| &identity.conv));
                all
            }
        }
    }
}

/// A convolution without bias and its batch norm.
#[derive(Module, Debug)]
pub(super) struct ConvLayer {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvLayer {
    fn new(
        channels: [usize; 2],
        kernel: usize,
        stride: usize,
        gamma: f32,
        weights: &mut Weights,
    ) -> Self {
        let padding = kernel / 2;
        let mut conv = Conv2dConfig::new(channels, [kernel, kernel])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
            .with_bias(false)
            .init(weights.device);
        let [input, output] = channels;
        conv.weight = weights.kaiming([output, input, kernel, kernel], input * kernel * kernel);
        // burn's defaults are fastai's: eps 1e-5, momentum .1.
        let mut norm = BatchNormConfig::new(output).init(weights.device);
        norm.gamma = weights.constant(output, gamma);
        norm.beta = weights.constant(output, 0.0);
        Self { conv, norm }
    }

    /// Ends in a ReLU where `activated`.
    fn forward(&self, input: Tensor<4>, activated: bool) -> Tensor<4> {
        let [stride, _] = self.conv.stride;
        let out = conv(input, self.conv.weight.val(), stride);
        norm::forward(&self.norm, out, activated)
    }
}

/// See [`Stage::Residual`].
#[derive(Module, Debug)]
pub(super) struct Residual {
    first: ConvLayer,
    second: ConvLayer,
}

impl Residual {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let branch = self.first.forward(input.clone(), true);
        input + self.second.forward(branch, true)
    }
}

/// See [`Stage::Block`].
#[derive(Module, Debug)]
pub(super) struct Block {
    first: ConvLayer,
    second: ConvLayer,
    identity: Option<ConvLayer>,
    stride: usize,
}

impl Block {
    fn new(input: usize, output: usize, stride: usize, weights: &mut Weights) -> Self {
        Self {
            first: ConvLayer::new([input, output], 3, stride, 1.0, weights),
            second: ConvLayer::new([output, output], 3, 1, 0.0, weights),
            identity: (input != output)
                .then(|| ConvLayer::new([input, output], 1, 1, 1.0, weights)),
            stride,
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let branch = self.second.forward(self.first.forward(input.clone(), true), false);
        let pooled = if self.stride == 1 { input } else { average_pool(input) };
        let identity = match &self.identity {
            Some(identity) => identity.forward(pooled, false),
            None => pooled,
        };
        relu(branch + identity)
    }
}

/// 2×2 average with stride 2; a window that overhangs an odd edge averages the
/// pixels it has (torch's `AvgPool2d(2, ceil_mode=True)`).
fn average_pool(input: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = input.dims();
    // A single pixel is its own average, and smaller than the window.
    if height == 1 && width == 1 {
        return input;
    }
    AvgPool2dConfig::new([2, 2])
        .with_strides([2, 2])
        .with_count_include_pad(false)
        .with_ceil_mode(true)
        .init()
        .forward(input)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use pollster::block_on;

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        block_on(tensor.into_data_async()).unwrap().try_into_vec::<f32>().unwrap()
    }

    fn numbers(side: usize, device: &Device) -> Tensor<4> {
        let values = (1..=side * side).map(|i| i as f32).collect::<Vec<_>>();
        Tensor::from_data(TensorData::new(values, [1, 1, side, side]), device)
    }

    /// 1 2 3 / 4 5 6 / 7 8 9: a full window, two halves and a corner.
    #[test]
    fn overhanging_windows_average_the_pixels_they_have() {
        let device = Device::flex().autodiff();
        let image = numbers(3, &device).require_grad();
        let pooled = average_pool(image.clone());
        let gradients = pooled.clone().sum().backward();
        assert_eq!(values(pooled), [3.0, 4.5, 7.5, 9.0]);
        let shares = [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1.0];
        assert_eq!(values(image.grad(&gradients).unwrap()), shares);
    }

    #[test]
    fn a_single_pixel_is_its_own_average() {
        assert_eq!(values(average_pool(numbers(1, &Device::flex()))), [1.0]);
        assert_eq!(values(average_pool(numbers(2, &Device::flex()))), [2.5]);
    }

    #[test]
    fn a_new_block_passes_its_input_on() {
        let device = Device::flex();
        let mut weights = Weights::new(1, &device);
        let block = Layer::new(Stage::Block { input: 3, output: 3, stride: 1 }, &mut weights);
        let input = Tensor::ones([1, 3, 4, 4], &device) * 2.0;
        // The zero gamma of the second norm silences the branch.
        assert_eq!(values(block.forward(input)), [2.0; 48]);
    }
}
