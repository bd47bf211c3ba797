//! The stages of [`super::layout`] as burn modules. Independent of training.

use super::init::kaiming_normal;
use super::layout::Stage;
use super::ops::conv::conv;
use super::ops::head::ClassifierHead;
use super::ops::norm;
use super::ops::pool::{Windows, pool};
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

/// Draws the initial weights, parameter after parameter.
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
    pub(super) fn head(&mut self, input: usize, output: usize) -> ClassifierHead {
        let weight = self.kaiming([input, output], input);
        ClassifierHead { weight, bias: self.constant(output, 0.0) }
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
    Pool(PoolLayer),
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
            Stage::Pool { kernel, padding } => Self::Pool(PoolLayer { kernel, padding }),
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

/// See [`Stage::Pool`].
#[derive(Module, Debug)]
pub(super) struct PoolLayer {
    kernel: usize,
    padding: usize,
}

impl PoolLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        pool(input, Windows::Max { kernel: self.kernel, padding: self.padding })
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
        let pooled = if self.stride == 1 { input } else { pool(input, Windows::Average) };
        let identity = match &self.identity {
            Some(identity) => identity.forward(pooled, false),
            None => pooled,
        };
        relu(branch + identity)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::model::probe::read;

    #[test]
    fn a_new_block_passes_its_input_on() {
        let device = Device::flex();
        let mut weights = Weights::new(1, &device);
        let block = Layer::new(Stage::Block { input: 3, output: 3, stride: 1 }, &mut weights);
        let input = Tensor::ones([1, 3, 4, 4], &device) * 2.0;
        // The zero gamma of the second norm silences the branch.
        assert_eq!(read(block.forward(input)), [2.0; 48]);
    }
}
