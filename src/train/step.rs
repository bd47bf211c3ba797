//! One forward pass of a training batch. Independent of schedules.

use super::loss::cross_entropy;
use crate::augment::batch::Batch;
use crate::model::Network;
use burn::tensor::{Device, Tensor, TensorData};

/// The loss of a training batch under a network that can be trained, as a tensor
/// of one value. `device` is the plain one, without autodiff.
pub fn loss(network: &Network, batch: Batch, classes: usize, device: &Device) -> Tensor<1> {
    let shape = [batch.len, batch.size as usize, classes];
    loss_of(network, batch.pixels, batch.targets, shape, device)
}

/// As [`loss`], from values: the three sizes are images, pixels per side, and classes.
pub(super) fn loss_of(
    network: &Network,
    pixels: Vec<f32>,
    targets: Vec<f32>,
    [len, size, classes]: [usize; 3],
    device: &Device,
) -> Tensor<1> {
    let pixels = TensorData::new(pixels, [len, 3, size, size]);
    let targets = TensorData::new(targets, [len, classes]);
    let pixels = Tensor::<4>::from_inner(Tensor::from_data(pixels, device));
    let targets = Tensor::<2>::from_inner(Tensor::from_data(targets, device));
    cross_entropy(network.forward(pixels), targets)
}
