//! Which pictures stand for the classes of a data set. Pure.

use crate::dataset::DatasetSummary;

/// Side of a thumbnail in pixels, twice what the page shows for dense screens.
pub const SIZE: u32 = 96;

/// Thumbnails of each class.
pub const PER_CLASS: u32 = 3;

/// Indices in the data set of some training images of each class, class after
/// class; each `round` shows others, until all were shown.
pub fn indices(summary: &DatasetSummary, round: u32) -> Vec<u32> {
    let mut images = Vec::new();
    let mut first = 0;
    for &count in &summary.train {
        let shown = PER_CLASS.min(count);
        // Neighbouring files are often alike, so that the strip takes long strides.
        let stride = (count / PER_CLASS).max(1);
        images.extend((0..shown).map(|k| first + (k * stride + round) % count));
        first += count;
    }
    images
}
