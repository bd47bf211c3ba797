//! Normalization of the input. Independent of crops, burn and browsers.

use serde::{Deserialize, Serialize};

use super::resample::Raster;

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

/// The least standard deviation: that of a constant channel would divide by 0.
const LEAST_STD: f64 = 1e-7;

impl Stats {
    /// The statistics of all stored pixels of some images, every pixel counting
    /// the same (population standard deviation). fastai's `Normalize()` takes
    /// one augmented batch instead; these depend neither on the order nor on the
    /// seed. Sums are kept in integers, so the order of the images has no
    /// influence at all. [`IMAGENET`] if there are no images.
    pub fn measure<'a>(images: impl IntoIterator<Item = Raster<'a>>) -> Self {
        let mut count = 0u64;
        let mut sum = [0u64; 3];
        let mut squares = [0u64; 3];
        for image in images {
            count += u64::from(image.width()) * u64::from(image.height());
            for y in 0..image.height() {
                for rgb in image.row(y, 0, image.width()).chunks_exact(3) {
                    for channel in 0..3 {
                        let value = u64::from(rgb[channel]);
                        sum[channel] += value;
                        squares[channel] += value * value;
                    }
                }
            }
        }
        if count == 0 {
            return IMAGENET;
        }
        let n = count as f64;
        let mean = sum.map(|sum| sum as f64 / n);
        let std = std::array::from_fn(|channel| {
            let variance = squares[channel] as f64 / n - mean[channel] * mean[channel];
            (variance.max(0.0).sqrt() / 255.0).max(LEAST_STD) as f32
        });
        Self { mean: mean.map(|mean| (mean / 255.0) as f32), std }
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
