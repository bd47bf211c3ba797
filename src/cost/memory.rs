//! Estimates what a run takes of memory, by arithmetic on its network. Pure.

use crate::experiment::Experiment;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::ModelKind;

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
}
