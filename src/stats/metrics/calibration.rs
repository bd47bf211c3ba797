//! Reliability diagram and expected calibration error, after Guo et al. 2017,
//! "On Calibration of Modern Neural Networks". Independent of the classes.

use crate::stats::intervals::{Interval, bootstrap};

/// Number of bins: fixed, because the error's bias depends on it.
pub const BINS: usize = 15;

/// One bin (low, high] of confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Its lower end, not included.
    pub low: f64,
    /// Its upper end, included.
    pub high: f64,
    /// Images in it.
    pub count: u32,
    /// Their mean confidence; 0 in an empty bin.
    pub confidence: f64,
    /// Share of them that are right; 0 in an empty bin.
    pub accuracy: f64,
}

/// How far confidence can be believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The [`BINS`] bins of equal width, in ascending order.
    pub bins: Vec<ReliabilityBin>,
    /// Expected calibration error, 0..1: Σ |B|/n · |accuracy(B) − confidence(B)|.
    /// It is biased upward where images are few.
    pub ece: f64,
    images: Vec<(f64, bool)>,
}

impl Calibration {
    /// From the confidence (0..1) and the correctness of each image.
    pub(super) fn new(confidences: &[f64], correct: &[bool]) -> Self {
        let images: Vec<(f64, bool)> =
            confidences.iter().copied().zip(correct.iter().copied()).collect();
        let bins = bins(images.iter().copied());
        Self { ece: error(&bins), bins, images }
    }

    /// 95% percentile interval of [`Self::ece`] over `resamples` bootstrap
    /// samples of the images, stratified by their true class.
    pub fn ece_interval(&self, labels: &[u8], resamples: u32, seed: u32) -> Interval {
        bootstrap(labels, resamples, seed, |images| self.ece_of(images))
    }

    /// The calibration error of the images at these positions, which may repeat.
    pub fn ece_of(&self, images: &[usize]) -> f64 {
        let drawn = images.iter().filter_map(|image| self.images.get(*image).copied());
        error(&bins(drawn))
    }
}

fn bins(images: impl Iterator<Item = (f64, bool)>) -> Vec<ReliabilityBin> {
    let mut sums = [(0u32, 0.0, 0u32); BINS];
    for (confidence, correct) in images {
        let bin = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        let (count, confidences, hits) = &mut sums[bin];
        *count += 1;
        *confidences += confidence;
        *hits += u32::from(correct);
    }
    let width = 1.0 / BINS as f64;
    (0u8..)
        .zip(sums)
        .map(|(index, (count, confidences, hits))| {
            let of_one = 1.0 / f64::from(count.max(1));
            ReliabilityBin {
                low: f64::from(index) * width,
                high: f64::from(index + 1) * width,
                count,
                confidence: confidences * of_one,
                accuracy: f64::from(hits) * of_one,
            }
        })
        .collect()
}

fn error(bins: &[ReliabilityBin]) -> f64 {
    let total: u32 = bins.iter().map(|bin| bin.count).sum();
    let gaps = bins.iter().map(|bin| f64::from(bin.count) * (bin.accuracy - bin.confidence).abs());
    gaps.sum::<f64>() / f64::from(total.max(1))
}
