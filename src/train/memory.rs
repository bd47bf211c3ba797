//! Estimates the memory of a run, and whether an engine has it. Done before the start, because an
//! engine that runs out of memory cannot recover. Pure.

use super::error::TrainError;
use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::experiment::range::BATCH;
use crate::model::footprint::{Footprint, footprint};

/// Bytes of a value.
const VALUE: u64 = 4;

/// Times that the parameters are in memory: weights, their gradients, the two averages
/// of the optimizer, what a step makes of all of them, and a checkpoint on its way out.
const COPIES: u64 = 16;

/// Tensors of the largest size that the backward pass holds in addition to those that the
/// forward pass saved.
const IN_HAND: u64 = 3;

/// Images of one forward pass outside training, and the number of largest tensors that it holds.
const EVALUATION: [u64; 2] = [64, 4];

/// Copies of a batch's pixels: as they are made, and on their way to the engine.
const BATCH_COPIES: u64 = 2;

/// Bytes that an engine itself takes: code, pools, kernels.
const ENGINE: u64 = 64 << 20;

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

/// What a run is about, as far as memory goes.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The experiment, fitted to its data.
    pub experiment: &'a Experiment,
    /// Classes of the data.
    pub classes: usize,
    /// Bytes of the data set's images.
    pub data: u64,
    /// Training images.
    pub train: usize,
}

/// What a run takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The largest tensor.
    pub tensor: u64,
    /// Everything together.
    pub total: u64,
}

impl Load<'_> {
    /// What it takes with batches of `batch` images.
    pub fn need(&self, batch: u64) -> Need {
        let batch = batch.min(self.train.max(1) as u64);
        // The largest images take most.
        self.at(batch, self.experiment.largest_size())
    }

    fn at(&self, batch: u64, size: u32) -> Need {
        let found = footprint(self.experiment.model, self.classes, size as usize);
        let Footprint { params, kept, largest } = found;
        let image = 3 * u64::from(size) * u64::from(size);
        // A ghost batch is computed by itself; one image that is left over joins the last.
        let ghost = u64::from(self.experiment.gbs);
        let (at_once, shards) = match ghost {
            0 => (batch, 0),
            ghost => (batch.min(ghost + 1), batch.div_ceil(ghost)),
        };
        let training = at_once * (kept + IN_HAND * largest);
        let [images, in_hand] = EVALUATION;
        let evaluation = images * in_hand * largest;
        let pixels = BATCH_COPIES * batch * image;
        let weights = (COPIES + 2 * shards) * params;
        let tensor = largest.max(image) * at_once.max(images);
        let values = training.max(evaluation) + pixels + weights;
        Need { tensor: VALUE * tensor, total: VALUE * values + ENGINE }
    }

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
            (None, Some(limit)) => format!(
                "its largest tensor takes {}, and the engine {engine} allows {}",
                gigabytes(tensor),
                gigabytes(limit)
            ),
            (room, _) => format!(
                "it takes about {}, and the engine {engine} has about {}",
                gigabytes(total),
                gigabytes(room.unwrap_or_default())
            ),
        };
        let model = self.experiment.model.name();
        let size = self.experiment.largest_size();
        let why = format!("{model} at {size} px with a batch size of {batch}: {reason}");
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
    use crate::experiment::{ModelKind, link};

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
    fn larger_images_take_more() {
        for kind in ModelKind::ALL {
            for size in 16..160 {
                let [small, large] = [size, size + 1].map(|size| footprint(kind, 10, size));
                let grows = small.kept <= large.kept && small.largest <= large.largest;
                assert!(grows, "{kind:?} {size}: the largest images would not keep most");
            }
        }
    }

    #[test]
    fn half_a_batch_is_tried_after_memory_ran_out() {
        assert_eq!(smaller(512), Some(256));
        assert_eq!(smaller(BATCH.low), None);
    }
}
