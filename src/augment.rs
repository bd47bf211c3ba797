//! From stored pixels to the tensor that the network sees: crops, light,
//! normalization, mixup and soft targets. Independent of burn and of browsers.
//!
//! The order is fastai's: crop and geometry, light, normalization, and mixup
//! last, on the finished batch. [`batch::Batcher`] is the one door for training,
//! validation and test-time augmentation, and for the instruments that show
//! what they do.
//!
//! All arithmetic is scalar IEEE arithmetic in a fixed order plus the portable
//! `libm`, so that the pixels are the same on every target.

pub mod batch;
pub mod crop;
pub mod draw;
pub mod geometry;
pub mod light;
pub mod mixup;
pub mod normalize;
pub mod resample;
pub mod targets;

mod bases;

pub use batch::{Batch, BatchError, Batcher};
pub use crop::View;
pub use mixup::Mix;
pub use normalize::Stats;
