//! The CPU engine's tensors as slices and back, for the operations of our own.

use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;

/// The same values in row-major order without gaps, as [`values`] needs them.
pub(crate) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    tensor.to_contiguous()
}

/// The values of a contiguous tensor.
pub(crate) fn values(tensor: &FlexTensor) -> &[f32] {
    let layout = tensor.layout();
    let start = layout.start_offset();
    let count = layout.shape().num_elements();
    &tensor.storage::<f32>()[start..start + count]
}

/// A tensor of `values`.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// Runs loops with the widest vectors of this processor. What is inlined into `work` is compiled for
/// each width, without fusing operations, so the results are the same for all. wasm has one width,
/// so there larger functions are not inlined.
#[inline(always)]
pub(crate) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(not(target_family = "wasm"))]
    let result = pulp::Arch::new().dispatch(work);
    #[cfg(target_family = "wasm")]
    let result = work();
    result
}

/// Adds `values` to `sums`.
#[inline(always)]
pub(crate) fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}
