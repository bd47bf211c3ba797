//! Operations that the project computes itself, because they take most of the time:
//! convolution, batch normalization, pooling and the head. They extend burn's backends.
//!
//! Each module has the operation as a trait of a backend, and its backward pass. Its `cpu` module
//! implements the trait for burn flex, `gpu` for WebGPU, with WGSL shaders next to it. The loss and
//! Adam (`train::loss`, `train::update`) are built the same way.

pub(crate) mod autodiff;
pub(super) mod conv;
pub(crate) mod flex;
pub(super) mod head;
pub(super) mod norm;
pub(super) mod pool;
pub(crate) mod shader;
