//! Batches: which images, in which order, and as which numbers. Independent of
//! burn and of browsers.
//!
//! A [`Batcher`] is a pure function of (data set, selection, experiment,
//! statistics): asking for a batch twice gives the same batch, in any order.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use super::bases::Bases;
use super::crop::{self, AugmentedView};
use super::draw::ViewDraw;
use super::mixup::{self, Mix};
use super::normalize::{Stats, to_unit};
use super::resample::Raster;
use super::targets;
use crate::data::{Dataset, Selection};
use crate::experiment::{Crop, Experiment};
use crate::rng::{Draws, Stream};

/// What the network is fed.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Side of the images in pixels.
    pub size: u32,
    /// Number of images, `n` below.
    pub len: usize,
    /// `[n, 3, size, size]`, normalized, then mixed.
    pub pixels: Vec<f32>,
    /// `[n, classes]`: smoothed and mixed targets; every row sums to 1.
    pub targets: Vec<f32>,
    /// `[n]`: the images' own labels; of training images possibly wrong ones.
    pub labels: Vec<u8>,
    /// `[n]`: the images' indices in the data set.
    pub images: Vec<u32>,
    /// `[n]`: how the images were mixed, if mixup is on.
    pub mix: Option<Vec<Mix>>,
}

/// A selection that does not fit its data set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// An index beyond the images.
    #[error("image {index} was selected, but the data set has {count}; select again")]
    NoSuchImage {
        /// The index.
        index: u32,
        /// Images in the data set.
        count: usize,
    },
    /// Not one label per image.
    #[error("{images} images were selected with {labels} labels; select again")]
    Labels {
        /// Selected images.
        images: usize,
        /// Their labels.
        labels: usize,
    },
    /// A label beyond the classes.
    #[error("label {label} was given to {path}, but the data set has {classes} classes")]
    NoSuchClass {
        /// The image.
        path: String,
        /// Its label.
        label: u8,
        /// Classes of the data set.
        classes: usize,
    },
    /// A pixel buffer that does not fit the image's size.
    #[error("{path} has {bytes} bytes for {width} × {height} pixels; load the data again")]
    Pixels {
        /// The image.
        path: String,
        /// Bytes in its buffer.
        bytes: usize,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
}

/// Whose turn it is to be looked at.
#[derive(Clone, Copy)]
enum Pass {
    Train { epoch: u32 },
    Valid,
    Tta { pass: u32 },
}

/// Makes the batches of one experiment.
#[derive(Clone, Debug)]
pub struct Batcher {
    dataset: Arc<Dataset>,
    selection: Arc<Selection>,
    crop: Crop,
    seed: u32,
    bs: usize,
    mixup: f64,
    ls: f64,
    stats: Option<Stats>,
    bases: Bases,
    order: Option<(u32, Arc<[u32]>)>,
    unmixed: Vec<f32>,
}

impl Batcher {
    /// Batches of `selection` for `experiment`, normalized by `stats`; `None`
    /// leaves values in 0..1. The caller provides them because those of `norm=model`
    /// are stored with the weights.
    ///
    /// # Errors
    ///
    /// If an index, a label or a pixel buffer does not fit the data set.
    pub fn new(
        dataset: Arc<Dataset>,
        selection: Arc<Selection>,
        experiment: &Experiment,
        stats: Option<Stats>,
    ) -> Result<Self, BatchError> {
        check(&dataset, &selection.train, &selection.train_labels)?;
        check(&dataset, &selection.valid, &selection.valid_labels)?;
        let bs = (experiment.bs as usize).clamp(1, selection.train.len().max(1));
        Ok(Self {
            crop: experiment.crop,
            seed: experiment.seed,
            bs,
            mixup: experiment.mixup,
            ls: experiment.ls.clamp(0.0, 1.0),
            stats,
            bases: Bases::new(experiment.crop),
            order: None,
            unmixed: Vec::new(),
            dataset,
            selection,
        })
    }

    /// Images in a training batch: the experiment's, but not more than there are.
    pub fn batch_size(&self) -> usize {
        self.bs
    }

    /// Training batches in an epoch; the last partial one is dropped.
    pub fn batches_per_epoch(&self) -> usize {
        self.selection.train.len() / self.bs
    }

    /// Training images that are selected.
    pub fn train_len(&self) -> usize {
        self.selection.train.len()
    }

    /// Validation images that are selected.
    pub fn valid_len(&self) -> usize {
        self.selection.valid.len()
    }

    /// Classes: the length of a target row.
    pub fn classes(&self) -> usize {
        self.dataset.classes.len()
    }

    /// The statistics that normalize, if any.
    pub fn stats(&self) -> Option<Stats> {
        self.stats
    }

    /// The order of an epoch: positions in `selection.train`.
    pub fn epoch_order(&self, epoch: u32) -> Vec<u32> {
        Draws::new(self.seed, Stream::Order, epoch, 0)
            .permutation(self.selection.train.len() as u32)
    }

    /// Training batch `batch_index` of an epoch; epochs are counted over the
    /// whole run. Empty from [`Batcher::batches_per_epoch`] on.
    pub fn train(&mut self, epoch: u32, batch_index: u32, size: u32) -> Batch {
        let positions = self.train_positions(epoch, batch_index);
        let mut batch = self.assemble(Pass::Train { epoch }, &positions, size);
        if self.mixup > 0.0 {
            let mixes = mixup::mixes(self.seed, epoch, batch_index, &batch.images, self.mixup);
            mixup::apply(&mut batch.pixels, &mixes, &mut self.unmixed);
            batch.mix = Some(mixes);
        }
        self.set_targets(&mut batch);
        batch
    }

    /// Validation images at `range`, positions in `selection.valid`; what lies
    /// beyond the end is left out. Neither augmented nor mixed.
    pub fn valid(&mut self, size: u32, range: Range<usize>) -> Batch {
        self.untrained(Pass::Valid, size, range)
    }

    /// As [`Batcher::valid`], but with the training crop, drawn for test-time
    /// augmentation `pass`. Never mixed.
    pub fn tta(&mut self, pass: u32, size: u32, range: Range<usize>) -> Batch {
        self.untrained(Pass::Tta { pass }, size, range)
    }

    /// Positions in `selection.train` of the images of a training batch.
    pub fn train_positions(&mut self, epoch: u32, batch_index: u32) -> Vec<u32> {
        let order = match &self.order {
            Some((of, order)) if *of == epoch => order.clone(),
            _ => {
                let order: Arc<[u32]> = self.epoch_order(epoch).into();
                self.order = Some((epoch, order.clone()));
                order
            }
        };
        order.chunks_exact(self.bs).nth(batch_index as usize).unwrap_or_default().to_vec()
    }

    /// One training image (position in `selection.train`) as it enters its batch
    /// in an epoch, before normalization and mixup. `None` beyond the end.
    pub fn train_view(&mut self, epoch: u32, position: usize, size: u32) -> Option<AugmentedView> {
        let image = *self.selection.train.get(position)?;
        Some(self.view(Pass::Train { epoch }, image, size))
    }

    /// One validation image (position in `selection.valid`) before
    /// normalization. `None` beyond the end.
    pub fn valid_view(&mut self, position: usize, size: u32) -> Option<AugmentedView> {
        let image = *self.selection.valid.get(position)?;
        Some(self.view(Pass::Valid, image, size))
    }

    /// One validation image as pass `pass` of test-time augmentation sees it,
    /// before normalization. `None` beyond the end.
    pub fn tta_view(&mut self, pass: u32, position: usize, size: u32) -> Option<AugmentedView> {
        let image = *self.selection.valid.get(position)?;
        Some(self.view(Pass::Tta { pass }, image, size))
    }

    /// What chance decides about a training image (position in
    /// `selection.train`) in an epoch. `None` beyond the end.
    pub fn train_draw(&self, epoch: u32, position: usize) -> Option<ViewDraw> {
        let image = *self.selection.train.get(position)?;
        Some(self.draw(Stream::Augment, epoch, image))
    }

    fn untrained(&mut self, pass: Pass, size: u32, range: Range<usize>) -> Batch {
        let end = range.end.min(self.selection.valid.len());
        let positions: Vec<u32> = (range.start.min(end)..end).map(|at| at as u32).collect();
        let mut batch = self.assemble(pass, &positions, size);
        self.set_targets(&mut batch);
        batch
    }

    fn assemble(&mut self, pass: Pass, positions: &[u32], size: u32) -> Batch {
        let size = size.max(1);
        let (images, labels) = match pass {
            Pass::Train { .. } => (&self.selection.train, &self.selection.train_labels),
            Pass::Valid | Pass::Tta { .. } => (&self.selection.valid, &self.selection.valid_labels),
        };
        let labels = positions.iter().map(|&at| labels[at as usize]).collect();
        let images: Vec<u32> = positions.iter().map(|&at| images[at as usize]).collect();
        let values = crop::values(size);
        let mut pixels = vec![0.0; images.len() * values];
        for (&image, out) in images.iter().zip(pixels.chunks_exact_mut(values)) {
            self.view_into(pass, image, size, out);
            match &self.stats {
                Some(stats) => stats.apply(out),
                None => to_unit(out),
            }
        }
        Batch { size, len: images.len(), pixels, targets: Vec::new(), labels, images, mix: None }
    }

    fn set_targets(&self, batch: &mut Batch) {
        batch.targets = targets::rows(&batch.labels, self.classes(), self.ls, batch.mix.as_deref());
    }

    fn view(&mut self, pass: Pass, image: u32, size: u32) -> AugmentedView {
        let size = size.max(1);
        let mut view = AugmentedView { size, pixels: vec![0.0; crop::values(size)] };
        self.view_into(pass, image, size, &mut view.pixels);
        view
    }

    fn view_into(&mut self, pass: Pass, index: u32, size: u32, out: &mut [f32]) {
        let dataset = self.dataset.clone();
        let image = &dataset.images[index as usize];
        let Some(source) = Raster::of(image) else { return };
        let draw = match pass {
            Pass::Train { epoch } => self.draw(Stream::Augment, epoch, index),
            Pass::Tta { pass } => self.draw(Stream::Tta, pass, index),
            Pass::Valid => {
                let bases = &mut self.bases;
                let base = || bases.get(index, image, source, size);
                return crop::valid_into(source, self.crop, size, base, out);
            }
        };
        let bases = &mut self.bases;
        let base = || bases.get(index, image, source, size);
        crop::train_into(source, self.crop, size, &draw, base, out);
    }

    fn draw(&self, stream: Stream, epoch: u32, image: u32) -> ViewDraw {
        ViewDraw::new(self.crop, Draws::new(self.seed, stream, epoch, image))
    }
}

fn check(dataset: &Dataset, images: &[u32], labels: &[u8]) -> Result<(), BatchError> {
    if images.len() != labels.len() {
        return Err(BatchError::Labels { images: images.len(), labels: labels.len() });
    }
    for (&index, &label) in images.iter().zip(labels) {
        let Some(image) = dataset.images.get(index as usize) else {
            return Err(BatchError::NoSuchImage { index, count: dataset.images.len() });
        };
        if usize::from(label) >= dataset.classes.len() {
            let classes = dataset.classes.len();
            return Err(BatchError::NoSuchClass { path: image.path.clone(), label, classes });
        }
        if Raster::of(image).is_none() {
            return Err(BatchError::Pixels {
                path: image.path.clone(),
                bytes: image.pixels.len(),
                width: image.width,
                height: image.height,
            });
        }
    }
    Ok(())
}
