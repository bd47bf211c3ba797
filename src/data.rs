//! Data sets: decoded images with an official train/validation split.
//!
//! Readers ([`archive`], [`sample`]) produce a [`Dataset`]; [`selection`] picks
//! what one experiment uses of it. Independent of burn and of browsers.

use std::sync::Arc;

/// Decoded images of 2 to 20 classes, sorted by `split/class/file`.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Name for people.
    pub name: String,
    /// True of the built-in drawings.
    pub synthetic: bool,
    /// The classes, in the order of the labels.
    pub classes: Vec<Class>,
    /// All images, sorted by path: first `train/…`, then `val/…`.
    pub images: Vec<Image>,
    /// SHA-256 (hex) over the sorted paths and the files' SHA-256.
    pub hash: String,
    /// Short side that was asked for when the pixels were stored.
    pub short_side: u32,
    /// The official noise columns, where the data set has them.
    pub official_noise: Option<NoiseColumns>,
    /// Paths of files that would not decode.
    pub skipped: Vec<String>,
}

/// A class of the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its folder, e.g. `n01440764`.
    pub id: String,
    /// Its name for people, e.g. `tench`.
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
    /// Path of a training image → label at 1, 5, 25 and 50 %.
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
