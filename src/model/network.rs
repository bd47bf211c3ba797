//! A network that classifies images, on burn. Independent of training.

use super::blocks::{Layer, Weights};
use super::layout::{self, Stage};
use super::ops::head::ClassifierHead;
use crate::experiment::ModelKind;
use burn::module::{Module, ParamGroup, ParamId};
use burn::tensor::{Device, Tensor};

/// One of the four networks, with its weights.
///
/// A clone shares the running statistics of batch norm with its original, as
/// burn's modules do; [`Module::valid`] returns an independent network.
#[derive(Module, Debug)]
pub struct Network {
    stages: Vec<Layer>,
    head: ClassifierHead,
}

impl Network {
    /// A network with freshly drawn weights: the same for the same `kind`,
    /// `classes` and `seed` on every device and target. It can be trained if
    /// `device` is an autodiff device.
    pub fn new(kind: ModelKind, classes: usize, seed: u32, device: &Device) -> Self {
        Self::from_stages(&layout::stages(kind), layout::features(kind), classes, seed, device)
    }

    /// A network of any stages, the last of which has `features` channels; see
    /// [`Network::new`]. The benchmark compares engines on other networks.
    pub fn from_stages(
        stages: &[Stage],
        features: usize,
        classes: usize,
        seed: u32,
        device: &Device,
    ) -> Self {
        let mut weights = Weights::new(seed, device);
        Self {
            stages: stages.iter().map(|stage| Layer::new(*stage, &mut weights)).collect(),
            head: weights.head(features, classes),
        }
    }

    /// `[batch, 3, height, width]` normalized pixels to `[batch, classes]`
    /// logits. Sides of 16 pixels and more; the head averages over whatever is left of them.
    ///
    /// The images must be on the network's own device. On an autodiff device
    /// batch norm uses the batch's statistics and updates its running ones;
    /// after [`Module::valid`] it uses the running ones.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let features = self.stages.iter().fold(images, |x, stage| stage.forward(x));
        self.head.forward(features)
    }

    /// Freezes or thaws the convolutions of the body, in place of fastai's
    /// `freeze()`. Batch norm and the head train on: fastai's `train_bn`.
    /// A frozen weight gets no gradient, so no optimizer moves or decays it.
    #[must_use]
    pub fn freeze_convolutions(self, frozen: bool) -> Self {
        let group = ParamGroup::from_ids(self.convolution_ids());
        self.set_require_grad_group(group, !frozen)
    }

    fn convolution_ids(&self) -> Vec<ParamId> {
        let layers = self.stages.iter().flat_map(Layer::convolutions);
        layers.map(|conv| conv.weight.id).collect()
    }
}
