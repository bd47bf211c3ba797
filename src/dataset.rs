//! What the page knows of a data set: its contents, the progress of loading it, and what
//! the browser has cached of it. Plain data; the images themselves are in `data`.

use crate::experiment::Experiment;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// How far a load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct LoadProgress {
    /// Bytes read so far.
    pub bytes: f64,
    /// Bytes in all, if known.
    pub bytes_total: Option<f64>,
    /// Images decoded so far.
    pub images: u32,
    /// Seconds since the start.
    pub seconds: f64,
}

/// What a data set holds.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct DatasetSummary {
    /// Name for people.
    pub name: String,
    /// True of the built-in drawings: synthetic, and labelled so everywhere.
    pub synthetic: bool,
    /// Class names for people, in the order of the labels.
    pub classes: Vec<String>,
    /// Training images per class.
    pub train: Vec<u32>,
    /// Validation images per class.
    pub valid: Vec<u32>,
    /// SHA-256 of the content, hex.
    pub hash: String,
    /// Short side of the stored pixels.
    pub short_side: u32,
    /// Sides at which the worker holds the same images, this one among them.
    pub sides: Vec<u32>,
    /// True if no image is stored smaller than its file: every side can be made of it.
    pub whole: bool,
    /// Median short side of the originals: sizes above it only blur.
    pub typical_short_side: u32,
    /// True if every stored image is square.
    pub square: bool,
    /// Files that were left out, each as `path: why`; at most ten.
    pub skipped: Vec<String>,
    /// Number of files that were left out.
    pub skipped_count: u32,
    /// True if the official noise columns are there.
    pub official_noise: bool,
    /// Bytes of pixels held in memory.
    pub memory: f64,
    /// Seconds that reading took.
    pub seconds: f64,
}

impl DatasetSummary {
    /// Whether the worker has, or can make, the images as they are stored at `short_side`.
    pub fn serves(&self, short_side: u32) -> bool {
        self.whole || self.sides.contains(&short_side)
    }

    /// Training and validation images in all.
    pub fn images(&self) -> [u64; 2] {
        [&self.train, &self.valid].map(|counts| counts.iter().copied().map(u64::from).sum())
    }
}

/// A data set whose decoded images the browser has cached for the next visit.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct CachedDataset {
    /// Its name for people.
    pub name: String,
    /// The value of `data` in its link.
    pub data: String,
    /// SHA-256 of the content, hex.
    pub hash: String,
    /// Short sides at which its pixels are stored.
    pub sides: Vec<u32>,
    /// True if one of them holds every image as large as its file: all other sides can be made
    /// of it.
    pub whole: bool,
    /// Bytes of pixels.
    pub bytes: f64,
}

impl CachedDataset {
    /// What is kept of a data set whose links have this value of `data`.
    pub fn of(data: String, summary: &DatasetSummary) -> Self {
        Self {
            name: summary.name.clone(),
            data,
            hash: summary.hash.clone(),
            sides: vec![summary.short_side],
            whole: summary.whole,
            bytes: summary.memory,
        }
    }

    /// The same data set kept at the sides of both; `None` if it is another one.
    pub fn and(self, other: Self) -> Option<Self> {
        (self.hash == other.hash && self.data == other.data).then(|| Self {
            sides: self.sides.into_iter().chain(other.sides).collect(),
            whole: self.whole || other.whole,
            bytes: self.bytes + other.bytes,
            ..other
        })
    }

    /// Whether it is what an experiment needs.
    pub fn serves(&self, experiment: &Experiment) -> bool {
        self.data == experiment.data.text()
            && (self.whole || self.sides.contains(&experiment.short_side()))
    }
}
