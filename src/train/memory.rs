//! Whether an engine has the memory that a run takes. Looked at before the start, because an
//! engine that runs out of memory cannot recover. Pure.

use super::error::TrainError;
use crate::cost::memory::{Load, Need};
use crate::engine::EngineKind;
use crate::experiment::range::BATCH;
use crate::text;

/// The share of an engine's memory that an estimate may reach, 85/100: the rest is for what is
/// not estimated.
const SHARE: [u64; 2] = [85, 100];

/// The memory of an engine, in bytes; `None` if it is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryLimits {
    /// The largest tensor.
    pub tensor: Option<u64>,
    /// Everything together.
    pub total: Option<u64>,
    /// The images of the data set are in the same memory.
    pub holds_data: bool,
}

impl MemoryLimits {
    /// The limits of a WebGPU adapter. It states how large a buffer may be, but not its memory,
    /// which is assumed to hold eight of the largest buffers.
    pub fn of_adapter(buffer: u64, binding: u64) -> Self {
        let total = Some(buffer.saturating_mul(8));
        Self { tensor: Some(buffer.min(binding)), total, holds_data: false }
    }

    /// Of WebAssembly, whose addresses end at 4 GiB.
    pub fn of_wasm() -> Self {
        Self { tensor: Some(i32::MAX as u64), total: Some(4 << 30), holds_data: true }
    }
}

impl Load<'_> {
    /// Whether it fits with batches of `batch` images.
    fn fits(&self, limits: &MemoryLimits, batch: u64) -> bool {
        let Need { tensor, total } = self.need(batch);
        let has = self.room(limits);
        limits.tensor.is_none_or(|limit| tensor <= limit) && has.is_none_or(|has| total <= has)
    }

    /// Bytes that an engine has for it.
    fn room(&self, limits: &MemoryLimits) -> Option<u64> {
        let [share, of] = SHARE;
        let data = if limits.holds_data { self.data } else { 0 };
        limits.total.map(|total| (total / of * share).saturating_sub(data))
    }

    /// The largest batch size up to `most` that fits.
    pub fn largest_batch(&self, limits: &MemoryLimits, most: u32) -> Option<u32> {
        let (mut low, mut high) = (BATCH.low, most);
        if high < low || !self.fits(limits, u64::from(low)) {
            return None;
        }
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.fits(limits, u64::from(middle)) {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        Some(low)
    }

    /// Whether a run fits an engine, called `engine` in the message.
    ///
    /// # Errors
    /// [`TrainError::TooLarge`], with the largest batch size that fits.
    pub fn check(&self, limits: &MemoryLimits, engine: EngineKind) -> Result<(), TrainError> {
        let batch = self.experiment.bs;
        if self.fits(limits, u64::from(batch)) {
            return Ok(());
        }
        let Need { tensor, total } = self.need(u64::from(batch));
        let room = self.room(limits).filter(|room| total > *room);
        let reason = match (room, limits.tensor) {
            (None, Some(limit)) => {
                text::memory_tensor(&gigabytes(tensor), &engine.to_string(), &gigabytes(limit))
            }
            (room, _) => text::memory_total(
                &gigabytes(total),
                &engine.to_string(),
                &gigabytes(room.unwrap_or_default()),
            ),
        };
        let model = self.experiment.model.name();
        let size = self.experiment.largest_size();
        let [size, batch_size] = [size, batch].map(|it| it.to_string());
        let why = text::memory_why(model, &size, &batch_size, &reason);
        Err(TrainError::TooLarge { why, fits: self.largest_batch(limits, batch) })
    }
}

/// A batch size that should fit where `batch` did not: half of it.
pub fn smaller(batch: u32) -> Option<u32> {
    Some(batch / 2).filter(|half| *half >= BATCH.low)
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;

    fn check(link: &str, limits: MemoryLimits) -> Result<(), TrainError> {
        let experiment = link::parse(link).experiment;
        let load = Load { experiment: &experiment, classes: 10, data: 100 << 20, train: 9469 };
        load.check(&limits, EngineKind::Webgpu)
    }

    fn fits(link: &str, limits: MemoryLimits) -> Option<u32> {
        match check(link, limits) {
            Err(TrainError::TooLarge { fits, .. }) => fits,
            other => panic!("{link}: {other:?}"),
        }
    }

    #[test]
    fn every_default_fits_an_adapter_with_the_least_that_webgpu_guarantees() {
        let least = MemoryLimits::of_adapter(256 << 20, 128 << 20);
        for model in ["tiny", "resnet9", "xresnet18", "conv5"] {
            for size in [32, 64, 128] {
                for limits in [least, MemoryLimits::of_wasm()] {
                    check(&format!("v=1&model={model}&size={size}"), limits).unwrap();
                }
            }
        }
    }

    #[test]
    fn the_largest_batch_that_fits_fits_and_one_more_does_not() {
        let limits = MemoryLimits::of_adapter(1 << 30, 1 << 30);
        let link = "v=1&model=xresnet18&size=160";
        let fits = fits(&format!("{link}&bs=1024"), limits).unwrap();
        assert!((64..1024).contains(&fits), "{fits}");
        check(&format!("{link}&bs={fits}"), limits).unwrap();
        assert!(check(&format!("{link}&bs={}", fits + 1), limits).is_err());
    }

    #[test]
    fn each_limit_is_told_as_what_it_is() {
        let link = "v=1&model=xresnet18&size=160&bs=1024";
        let message = |limits| check(link, limits).unwrap_err().to_string();
        let tensor = MemoryLimits { tensor: Some(1 << 30), ..MemoryLimits::default() };
        assert!(message(tensor).contains("largest tensor takes 1.7 GB"), "{}", message(tensor));
        let total = MemoryLimits { total: Some(2 << 30), ..MemoryLimits::default() };
        assert!(message(total).contains("has about 1.8 GB"), "{}", message(total));
        check(link, MemoryLimits::default()).unwrap();
    }

    #[test]
    fn what_does_not_fit_at_all_has_no_batch_size_to_offer() {
        let limits = MemoryLimits { total: Some(80 << 20), ..MemoryLimits::default() };
        assert_eq!(fits("v=1&model=xresnet18&size=160&bs=1024", limits), None);
    }

    #[test]
    fn ghost_batches_keep_one_at_a_time() {
        let limits = MemoryLimits::of_adapter(1 << 30, 1 << 30);
        let link = "v=1&model=xresnet18&size=160&bs=1024";
        assert!(check(link, limits).is_err());
        check(&format!("{link}&gbs=32"), limits).unwrap();
    }

    #[test]
    fn the_images_count_where_they_are_in_the_same_memory() {
        let experiment = link::parse("v=1&model=resnet9&size=128&bs=64").experiment;
        let load = |data| Load { experiment: &experiment, classes: 10, data, train: 9469 };
        load(1 << 30).check(&MemoryLimits::of_wasm(), EngineKind::Cpu).unwrap();
        assert!(load(3 << 30).check(&MemoryLimits::of_wasm(), EngineKind::Cpu).is_err());
        let apart = MemoryLimits { holds_data: false, ..MemoryLimits::of_wasm() };
        load(3 << 30).check(&apart, EngineKind::Cpu).unwrap();
    }

    #[test]
    fn a_batch_is_not_larger_than_the_training_set() {
        let experiment = link::parse("v=1&model=xresnet18&size=160&bs=1024").experiment;
        let load = Load { experiment: &experiment, classes: 10, data: 0, train: 16 };
        load.check(&MemoryLimits::of_adapter(256 << 20, 128 << 20), EngineKind::Webgpu).unwrap();
    }

    #[test]
    fn half_a_batch_is_tried_after_memory_ran_out() {
        assert_eq!(smaller(512), Some(256));
        assert_eq!(smaller(BATCH.low), None);
    }
}
