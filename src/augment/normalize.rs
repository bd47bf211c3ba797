//! Normalization of the input. Independent of crops, burn and browsers.

use serde::{Deserialize, Serialize};

#[cfg(feature = "media")]
use crate::data::statistics::channel_statistics;
#[cfg(feature = "media")]
use crate::data::{Dataset, Selection};

/// Mean and standard deviation per channel (R, G, B), of values in 0..1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Mean, subtracted first.
    pub mean: [f32; 3],
    /// Standard deviation, divided by; positive.
    pub std: [f32; 3],
}

/// fastai's `imagenet_stats`.
pub const IMAGENET: Stats = Stats { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

impl Stats {
    /// The statistics of the selected training images' stored pixels, for
    /// `norm=data`. fastai's `Normalize()` takes those of one augmented batch;
    /// these depend neither on the order nor on the seed.
    #[cfg(feature = "media")]
    pub fn of_training(dataset: &Dataset, selection: &Selection) -> Self {
        let [mean, std] = channel_statistics(dataset, selection);
        Self { mean: mean.map(|mean| mean as f32), std: std.map(|std| std as f32) }
    }

    /// `(x / 255 − mean) / std` in place, for planes `[3, n]` of values in 0..255.
    pub fn apply(&self, planes: &mut [f32]) {
        let plane = (planes.len() / 3).max(1);
        for (channel, values) in planes.chunks_exact_mut(plane).take(3).enumerate() {
            let (mean, std) = (self.mean[channel], self.std[channel]);
            for value in values {
                *value = (*value / 255.0 - mean) / std;
            }
        }
    }
}

/// `x / 255` in place: what the network sees without normalization.
pub fn to_unit(planes: &mut [f32]) {
    for value in planes {
        *value /= 255.0;
    }
}
