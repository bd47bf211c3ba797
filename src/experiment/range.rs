//! The ranges of an experiment's numbers: one table for links, the CLI and the
//! controls of the page. Independent of how values are written or shown.

use std::fmt;

/// The numbers that one key may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range<T> {
    /// Smallest value.
    pub low: T,
    /// Largest value.
    pub high: T,
    /// A value below `low` that is allowed as well and means "off".
    pub off: Option<T>,
}

impl<T: Copy + PartialOrd> Range<T> {
    const fn new(low: T, high: T) -> Self {
        Self { low, high, off: None }
    }

    const fn or_off(low: T, high: T, off: T) -> Self {
        Self { low, high, off: Some(off) }
    }

    /// True if the value is allowed as it is.
    pub fn contains(&self, value: T) -> bool {
        (self.low <= value && value <= self.high) || self.off.is_some_and(|off| off == value)
    }

    /// The allowed value that is meant by `value`: itself; "off" for anything at
    /// or below it; otherwise the nearer end. A NaN becomes `high`, so callers
    /// that can meet one reject it first.
    pub fn clamp(&self, value: T) -> T {
        match self.off {
            Some(off) if value <= off => off,
            _ if value <= self.low => self.low,
            _ if value <= self.high => value,
            _ => self.high,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Range<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(off) = &self.off {
            write!(f, "{off}, ")?;
        }
        write!(f, "{}…{}", self.low, self.high)
    }
}

/// Images per class of `subset` and `valid`: the largest class of ImageNet holds
/// 1,300 images; under 10 a percentage per class means nothing.
pub const PER_CLASS: Range<u32> = Range::new(10, 1300);

/// Pixels of `size` and of every phase: 16 is what four halvings leave one pixel
/// of, 160 the short side of `imagenette2-160`.
pub const SIZE: Range<u32> = Range::new(16, 160);

/// Epochs of a run or of the first phase: 200 is the longest category of the
/// Imagenette leaderboard.
pub const EPOCHS: Range<u32> = Range::new(1, 200);

/// Epochs of a later phase, its warm-up epoch aside; 0 trains the warm-up alone.
pub const LATER_EPOCHS: Range<u32> = Range::new(0, 200);

/// Phases of `prog`.
pub const PHASES: Range<usize> = Range::new(1, 8);

/// Batch size: batch norm needs two images, and 1,024 is all of the sample.
pub const BATCH: Range<u32> = Range::new(2, 1024);

/// Ghost batch: a shard's own batch norm needs two images as well.
pub const GHOST: Range<u32> = Range::or_off(2, 1024, 0);

/// `lr_max`: the span that fastai's `lr_find` tries.
pub const LR: Range<f64> = Range::new(1e-7, 10.0);

/// Mixup's alpha. Below 0.05 nearly every λ is 1, above 4 nearly every one ½.
pub const MIXUP: Range<f64> = Range::or_off(0.05, 4.0, 0.0);

/// Label smoothing's eps: above one half the label is no longer believed.
pub const LS: Range<f64> = Range::or_off(0.01, 0.5, 0.0);

/// Augmented passes of test-time augmentation.
pub const TTA: Range<u32> = Range::or_off(1, 16, 0);

/// Weight of the plain pass in TTA's average.
pub const BETA: Range<f64> = Range::new(0.0, 1.0);

/// Seeds.
pub const SEED: Range<u32> = Range::new(0, u32::MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping_goes_to_the_nearer_end_and_keeps_off() {
        assert_eq!(SIZE.clamp(3), 16);
        assert_eq!(SIZE.clamp(64), 64);
        assert_eq!(SIZE.clamp(999), 160);
        assert_eq!(MIXUP.clamp(-1.0), 0.0);
        assert_eq!(MIXUP.clamp(0.01), 0.05);
        assert_eq!(MIXUP.clamp(f64::INFINITY), 4.0);
        assert!(MIXUP.contains(0.0) && !MIXUP.contains(0.01) && !MIXUP.contains(f64::NAN));
    }

    #[test]
    fn a_range_reads_as_in_the_documentation() {
        assert_eq!(SIZE.to_string(), "16…160");
        assert_eq!(MIXUP.to_string(), "0, 0.05…4");
    }
}
