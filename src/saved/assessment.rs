//! What a saved model is worth under several normalizations: the figures, and
//! what they say. Pure.

use crate::experiment::Norm;
use crate::stats::intervals::{Interval, Pairs, points, wilson};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// A saved model, measured on the same images under several normalizations.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Assessment {
    /// Side of the images in pixels.
    pub size: u32,
    /// One entry per normalization; the first is what the others are compared with.
    pub measured: Vec<Assessed>,
}

/// The figures under one normalization.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Assessed {
    /// Whose statistics.
    pub norm: Norm,
    /// The statistics: mean and standard deviation of the three channels.
    pub normalization: Option<[[f64; 3]; 2]>,
    /// Mean negative log-likelihood.
    pub nll: f64,
    /// Which images were predicted right, in the order of the selection.
    pub right: Vec<bool>,
}

impl Assessed {
    /// Images predicted right.
    pub fn hits(&self) -> usize {
        self.right.iter().filter(|right| **right).count()
    }

    /// Accuracy, 0..1.
    pub fn accuracy(&self) -> f64 {
        self.hits() as f64 / self.right.len().max(1) as f64
    }

    /// 95% interval of the accuracy.
    pub fn interval(&self) -> Interval {
        wilson(self.hits(), self.right.len())
    }
}

/// What one normalization does to the accuracy, against the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The difference of the accuracies, −1..1.
    pub delta: f64,
    /// Its 95% interval, from the images that changed.
    pub interval: Interval,
}

impl Change {
    /// The verdict in a sentence without its full stop.
    pub fn verdict(&self) -> &'static str {
        match self.interval {
            Interval { low, .. } if low > 0.0 => "better",
            Interval { high, .. } if high < 0.0 => "worse",
            _ => "cannot tell",
        }
    }

    /// The difference in percentage points with its interval.
    pub fn text(&self) -> String {
        let Interval { low, high } = self.interval;
        format!("{} (95% from {} to {})", points(self.delta), points(low), points(high))
    }
}

impl Assessment {
    /// What the entry at `index` does against the first; `None` for the first
    /// itself, and without images.
    pub fn change(&self, index: usize) -> Option<Change> {
        let (first, other) = (self.measured.first()?, self.measured.get(index)?);
        let pairs = Pairs::new(&first.right, &other.right).ok().filter(|_| index > 0)?;
        Some(Change { delta: pairs.delta(), interval: pairs.interval() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assessed(norm: Norm, hits: usize) -> Assessed {
        let right = (0..100).map(|image| image < hits).collect();
        Assessed { norm, normalization: None, nll: 1.0, right }
    }

    #[test]
    fn a_clear_fall_is_worse_and_a_small_one_cannot_be_told() {
        let measured = [(Norm::Model, 80), (Norm::Off, 40), (Norm::Imagenet, 79), (Norm::Data, 80)]
            .map(|(norm, hits)| assessed(norm, hits));
        let assessment = Assessment { size: 32, measured: measured.to_vec() };
        assert_eq!(assessment.measured[0].accuracy(), 0.8);
        assert_eq!(assessment.change(0), None);
        let off = assessment.change(1).unwrap();
        assert!((off.delta + 0.4).abs() < 1e-12);
        assert_eq!(off.verdict(), "worse");
        assert!(off.text().starts_with("−40.00 (95% from −49."), "{}", off.text());
        assert_eq!(assessment.change(2).map(|it| it.verdict()), Some("cannot tell"));
        assert_eq!(assessment.change(3).map(|it| it.delta), Some(0.0));
        assert_eq!(assessment.change(4), None);
    }
}
