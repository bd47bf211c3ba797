//! From stored pixels to the tensor that the network sees: crops, light,
//! normalization, mixup and soft targets. Independent of burn and of browsers.
//!
//! The order is fastai's: crop and geometry, light, normalization, and mixup
//! last, on the finished batch. [`batch::Batcher`] serves training, validation, test-time
//! augmentation, and the instruments that show what they do.
//!
//! Mixing, targets and normalization need no pixels of a data set. They exist without the `media`
//! feature, for the page's own instruments.
//!
//! All arithmetic is scalar IEEE arithmetic in a fixed order plus the portable
//! `libm`, so that the pixels are the same on every target.

#[cfg(feature = "media")]
pub mod batch;
#[cfg(feature = "media")]
pub mod crop;
#[cfg(feature = "media")]
pub mod draw;
#[cfg(feature = "media")]
pub mod geometry;
#[cfg(feature = "media")]
pub mod light;
pub mod mixup;
pub mod normalize;
#[cfg(feature = "media")]
pub mod resample;
pub mod targets;

#[cfg(feature = "media")]
mod bases;

#[cfg(feature = "media")]
pub use batch::{Batch, BatchError, Batcher};
#[cfg(feature = "media")]
pub use crop::AugmentedView;
pub use mixup::Mix;
pub use normalize::Stats;
