//! What a saved model is worth under several normalizations: the figures, and
//! what they say. Pure.

use crate::experiment::Norm;
use crate::stats::intervals::{Interval, Pairs, wilson};
use crate::stats::verdict::{Comparison, Judgement, Measure, Verdict, judge};
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
#[derive(Clone, Debug, PartialEq)]
pub struct NormChange(Judgement);

impl NormChange {
    /// The difference of the accuracies, −1..1.
    pub fn delta(&self) -> f64 {
        self.0.delta.unwrap_or_default()
    }

    /// The verdict in a word or two. It goes by p after Holm's correction for all that
    /// the first is compared with.
    pub fn verdict(&self) -> &'static str {
        match self.0.verdict {
            Verdict::Helps => "better",
            Verdict::Hurts => "worse",
            Verdict::CannotTell => "cannot tell",
        }
    }

    /// The difference in percentage points with its interval and its p.
    pub fn text(&self) -> String {
        self.0.figures(Measure::Accuracy).unwrap_or_default()
    }
}

impl Assessment {
    /// What each entry does against the first; `None` for the first itself, and
    /// without images.
    pub fn changes(&self) -> Vec<Option<NormChange>> {
        let Some((first, others)) = self.measured.split_first() else { return Vec::new() };
        let pairs = others.iter().map(|other| Pairs::new(&first.right, &other.right).ok());
        let comparisons: Vec<Comparison> = pairs
            .map(|pairs| Comparison::SameWeights { pairs: pairs.into_iter().collect() })
            .collect();
        let judged = judge(&comparisons).into_iter();
        let changes = judged.map(|judged| judged.delta.is_some().then_some(NormChange(judged)));
        std::iter::once(None).chain(changes).collect()
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
        let changes = assessment.changes();
        assert_eq!((changes.len(), &changes[0]), (4, &None));
        let [off, imagenet, data] = [1, 2, 3].map(|index| changes[index].clone().unwrap());
        assert!((off.delta() + 0.4).abs() < 1e-12);
        assert_eq!(off.verdict(), "worse");
        assert!(off.text().starts_with("−40.00 points (95% from −49."), "{}", off.text());
        assert_eq!((imagenet.verdict(), data.verdict()), ("cannot tell", "cannot tell"));
        assert_eq!(data.delta(), 0.0);
        assert!(Assessment { size: 32, measured: Vec::new() }.changes().is_empty());
    }

    #[test]
    fn three_comparisons_are_corrected_for() {
        // 8 images fixed, 1 broken: p = .020 alone, .059 as the smallest of three.
        let with = |norm, right: Vec<bool>| Assessed { norm, normalization: None, nll: 1.0, right };
        let own: Vec<bool> = (0..100).map(|image| image >= 8).collect();
        let other: Vec<bool> = (0..100).map(|image| image != 50).collect();
        let alone = vec![with(Norm::Model, own.clone()), with(Norm::Off, other.clone())];
        let mut three = alone.clone();
        three.extend([Norm::Imagenet, Norm::Data].map(|norm| with(norm, own.clone())));
        let verdict = |measured: &[Assessed]| {
            let made = Assessment { size: 32, measured: measured.to_vec() };
            made.changes()[1].clone().unwrap()
        };
        assert_eq!(verdict(&alone).verdict(), "better");
        let corrected = verdict(&three);
        assert_eq!(corrected.verdict(), "cannot tell");
        assert!(
            corrected.text().contains("p = 0.020 (0.059 after Holm's correction)"),
            "{}",
            corrected.text()
        );
    }
}
