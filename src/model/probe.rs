//! Tensors for the tests of our own operations.

use super::init::kaiming_normal;
use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;

/// The values of a tensor.
pub(crate) fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(tensor.into_data_async()).unwrap().try_into_vec::<f32>().unwrap()
}

/// Normally distributed numbers, the same for the same seed.
pub(crate) fn numbers<const D: usize>(shape: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    let draws = kaiming_normal(seed, 0, shape.iter().product(), 2);
    Tensor::from_data(TensorData::new(draws, shape), device)
}
