//! How far chance reaches: 95% intervals and tests. Independent of what the
//! numbers measure.

mod holm;
mod pairs;
mod power;
mod resampling;
mod student;

pub use holm::holm;
pub use pairs::{ImagesTest, Pairs, together};
pub(crate) use pairs::{p_value, points, signed};
pub use power::{images_needed, seeds_needed, smallest_effect};
pub use resampling::{MIN_SEEDS_FOR_BOOTSTRAP, TwoLevel, two_level_bootstrap};
pub use student::{Spread, TTest, one_sample, spread, welch, welch_sum};

use serde::{Deserialize, Serialize};

/// The 97.5% quantile of the standard normal distribution: two-sided 95%.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// A 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// True if the value lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Wilson's (1927) interval of a share, here of the accuracy of one model on `n`
/// images of which `hits` are right. It does not compare models: use [`Pairs`],
/// never the overlap of two of these intervals.
pub fn wilson(hits: usize, n: usize) -> Interval {
    if n == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n, hits) = (n as f64, hits.min(n) as f64);
    let (p, z2) = (hits / n, Z95 * Z95);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Interval { low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

#[cfg(test)]
mod tests;
