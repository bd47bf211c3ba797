//! Data sets: decoded images with an official train/validation split.
//!
//! Readers ([`archive`], [`folder`]) feed a [`builder`] that produces a
//! [`Dataset`], or [`sample`] draws one; [`selection`] picks what one experiment
//! uses of it. Independent of burn and of browsers.

pub mod archive;
pub mod builder;
pub mod decode;
pub mod error;
pub mod folder;
mod header;
pub mod image_cache;
mod jpeg;
pub mod kind;
mod layout;
pub mod memory;
mod names;
mod noise;
pub mod prepare;
pub mod sample;
pub mod selection;
pub mod statistics;
pub mod stores;
pub mod thumbnail;

use crate::dataset::DatasetSummary;
use std::sync::Arc;

/// Names of skipped files that a summary or a message lists.
pub(crate) const LISTED_NAMES: usize = 10;

/// Decoded images of 2 to 20 classes, sorted by `split/class/file`.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its name, as shown.
    pub name: String,
    /// True of the built-in drawings.
    pub synthetic: bool,
    /// The classes, in the order of the labels.
    pub classes: Vec<Class>,
    /// All images, sorted by path: first `train/…`, then `val/…`.
    pub images: Vec<Image>,
    /// SHA-256 (hex) over the sorted paths and the files' SHA-256, those of the tables of
    /// noisy labels included.
    pub hash: String,
    /// Short side that was asked for when the pixels were stored.
    pub short_side: u32,
    /// The official noise columns, where the data set has them.
    pub official_noise: Option<NoiseColumns>,
    /// The files that were left out, each as `path: why`.
    pub skipped: Vec<String>,
}

/// A class of the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its folder, e.g. `n01440764`.
    pub id: String,
    /// Its name as shown, e.g. `tench`.
    pub name: String,
}

/// The official split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Trained on.
    Train,
    /// Measured on, never trained on.
    Valid,
}

/// One decoded image. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Image {
    /// `split/class/file` inside the data set.
    pub path: String,
    /// Which split it belongs to.
    pub split: Split,
    /// Index of its true class.
    pub label: u8,
    /// Stored width in pixels.
    pub width: u32,
    /// Stored height in pixels.
    pub height: u32,
    /// Short side of the file, before it was stored smaller.
    pub original_short_side: u32,
    /// RGB, `height × width × 3`.
    pub pixels: Arc<[u8]>,
}

/// Labels of the training images at each official noise level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoiseColumns {
    /// Path of a training image → label at 1, 5, 25 and 50 %. An image of the
    /// data set that the table does not know, or gives a class that is not
    /// there, is absent.
    pub labels: std::collections::BTreeMap<String, [u8; 4]>,
}

/// What one experiment uses of a data set, after subset and noise.
/// Images are indices into [`Dataset::images`], ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Training images.
    pub train: Vec<u32>,
    /// The (possibly wrong) label of each training image.
    pub train_labels: Vec<u8>,
    /// Validation images.
    pub valid: Vec<u32>,
    /// The true label of each validation image.
    pub valid_labels: Vec<u8>,
    /// Share of the training labels that are wrong, 0..1.
    pub noise_rate: f64,
}

impl Dataset {
    /// Whether these are the pixels of a store of `short_side`, to the last byte. A run's
    /// pixels depend on its link alone, so a larger store does not do: see [`Dataset::at`].
    pub fn serves(&self, short_side: u32) -> bool {
        let stored = |image: &Image, side: u32| image.original_short_side.min(side);
        self.images.iter().all(|it| stored(it, self.short_side) == stored(it, short_side))
    }

    /// Whether no image is stored smaller than its file: a store of any side can be made of it.
    pub fn holds_originals(&self) -> bool {
        self.images.iter().all(|image| image.original_short_side <= self.short_side)
    }

    /// The data set as it is stored at `short_side`: each image shrunk once from its original,
    /// as reading the files again would do it. `None` where the originals are not here.
    pub fn at(&self, short_side: u32) -> Option<Self> {
        if !self.holds_originals() {
            return None;
        }
        let shrink = |image: &Image| {
            let stored = decode::shrink(&image.pixels, [image.width, image.height], short_side);
            let Ok(decode::Decoded { width, height, pixels, .. }) = stored else { return None };
            Some(Image { width, height, pixels, ..image.clone() })
        };
        let images = self.images.iter().map(shrink).collect::<Option<Vec<Image>>>()?;
        Some(Self { images, short_side, ..self.clone() })
    }

    /// Short side of the files that half of the images do not exceed; `None` without images.
    pub fn typical_short_side(&self) -> Option<u32> {
        let mut sides: Vec<u32> =
            self.images.iter().map(|image| image.original_short_side).collect();
        let middle = sides.len().checked_sub(1)? / 2;
        Some(*sides.select_nth_unstable(middle).1)
    }

    /// Bytes of pixels held in memory.
    pub fn pixel_bytes(&self) -> u64 {
        self.images.iter().map(|image| image.pixels.len() as u64).sum()
    }

    /// Images per class of one split, in the order of the labels.
    pub fn class_counts(&self, split: Split) -> Vec<u32> {
        let mut counts = vec![0; self.classes.len()];
        for image in self.images.iter().filter(|image| image.split == split) {
            if let Some(count) = counts.get_mut(usize::from(image.label)) {
                *count += 1;
            }
        }
        counts
    }

    /// What the page shows of the data set. `seconds` is what reading it took.
    pub fn summary(&self, seconds: f64) -> DatasetSummary {
        DatasetSummary {
            name: self.name.clone(),
            synthetic: self.synthetic,
            classes: self.classes.iter().map(|class| class.name.clone()).collect(),
            train: self.class_counts(Split::Train),
            valid: self.class_counts(Split::Valid),
            hash: self.hash.clone(),
            short_side: self.short_side,
            sides: vec![self.short_side],
            whole: self.holds_originals(),
            typical_short_side: self.typical_short_side().unwrap_or(0),
            square: self.images.iter().all(|image| image.width == image.height),
            skipped: self.skipped.iter().take(LISTED_NAMES).cloned().collect(),
            skipped_count: self.skipped.len() as u32,
            official_noise: self.official_noise.is_some(),
            memory: self.pixel_bytes() as f64,
            seconds,
        }
    }
}
