//! Reliability diagram and expected calibration error, after Guo et al. 2017,
//! "On Calibration of Modern Neural Networks". Independent of the classes.

use crate::stats::intervals::{Interval, Z95};

/// Number of bins: fixed, because the error's bias depends on it.
pub const BINS: usize = 15;

/// From how many standard errors on a bin's gap is surely one, with a known sign.
const CLEAR: f64 = 3.0;

/// Mean of the absolute value of a standard normal number, √(2/π), and its second to
/// fourth cumulants: 1 − 2/π, √(2/π)·(4/π − 1), 8·(π − 3)/π².
const FOLDED: [f64; 4] = [
    0.797_884_560_802_865_4,
    0.363_380_227_632_418_6,
    0.218_013_614_149_897_73,
    0.114_770_820_654_177_86,
];

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
    /// 95% interval of the error that the model would have on endlessly many images of
    /// this kind. It covers at least 95% for a model of any calibration, see
    /// `docs/statistics.md`.
    pub interval: Interval,
}

/// What is summed up over the images of a bin; d is 1 or 0 for right or wrong, less
/// the confidence c.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u32,
    hits: u32,
    confidence: f64,
    /// Σ d.
    gap: f64,
    /// Σ d².
    squares: f64,
    /// Σ c·(1 − c): what Σ d² would be on average, were the confidences true.
    expected: f64,
}

impl Calibration {
    /// From the confidence (0..1) and the correctness of each image.
    pub(super) fn new(confidences: &[f64], correct: &[bool]) -> Self {
        let mut sums = [Sums::default(); BINS];
        for (confidence, correct) in confidences.iter().zip(correct) {
            let bin = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
            let difference = f64::from(u8::from(*correct)) - confidence;
            let bin = &mut sums[bin];
            bin.count += 1;
            bin.hits += u32::from(*correct);
            bin.confidence += confidence;
            bin.gap += difference;
            bin.squares += difference * difference;
            bin.expected += confidence * (1.0 - confidence);
        }
        let images = confidences.len().max(1) as f64;
        let ece = sums.iter().map(|bin| bin.gap.abs()).sum::<f64>() / images;
        Self { bins: bins(&sums), ece, interval: interval(&sums, ece, images) }
    }
}

fn bins(sums: &[Sums; BINS]) -> Vec<ReliabilityBin> {
    let width = 1.0 / BINS as f64;
    (0u8..)
        .zip(sums)
        .map(|(index, bin)| {
            let of_one = 1.0 / f64::from(bin.count.max(1));
            ReliabilityBin {
                low: f64::from(index) * width,
                high: f64::from(index + 1) * width,
                count: bin.count,
                confidence: bin.confidence * of_one,
                accuracy: f64::from(bin.hits) * of_one,
            }
        })
        .collect()
}

/// The interval. The error measured is Σ |s + e| over the bins, where s is a bin's true
/// part of it and e is chance; the true error is Σ |s|. Two inequalities bound what
/// chance does, whatever s:
///
/// - It adds at most Σ |e|, and in bins whose gap is clear only ±e. The lower end takes
///   the 97.5% quantile of that sum off (Cornish and Fisher's expansion from its
///   cumulants), so that it is 0 for 97.5% of the calibrated models.
/// - It takes off no more than Σ ±e with the signs of s, a sum with the variance
///   v(t) = (mean c·(1 − c) + t − t²)/n at most, t being the true error. As in Wilson's
///   interval, the upper end is the largest t with t − z·√v(t) ≤ the measured error.
///
/// A percentile bootstrap is not suitable: resampling adds its own chance to every |s + e|.
fn interval(sums: &[Sums; BINS], ece: f64, images: f64) -> Interval {
    let mut cumulants = [0.0; 4];
    for bin in sums {
        let (gap, n2) = (bin.gap / images, images * images);
        let observed = bin.squares / n2 - gap * gap / images;
        let variance = observed.max(bin.expected / n2);
        let error = variance.sqrt();
        if gap.abs() > CLEAR * error {
            cumulants[1] += variance;
        } else {
            let mut power = 1.0;
            for (cumulant, folded) in cumulants.iter_mut().zip(FOLDED) {
                power *= error;
                *cumulant += folded * power;
            }
        }
    }
    let [mean, variance, third, fourth] = cumulants;
    let mut low = ece;
    if variance > 0.0 {
        let sd = variance.sqrt();
        let (skew, kurtosis) = (third / (variance * sd), fourth / (variance * variance));
        let (z, z3) = (Z95, Z95 * Z95 * Z95);
        let quantile = z + (z * z - 1.0) / 6.0 * skew + (z3 - 3.0 * z) / 24.0 * kurtosis
            - (2.0 * z3 - 5.0 * z) / 36.0 * skew * skew;
        low = ece - mean - sd * quantile;
    }
    // (1 + k)·t² − (2·ece + k)·t + ece² − k·v₀ = 0 with k = z²/n.
    let k = Z95 * Z95 / images;
    let uncertain = sums.iter().map(|bin| bin.expected).sum::<f64>() / images;
    let (a, b) = (1.0 + k, 2.0 * ece + k);
    let root = (b * b - 4.0 * a * (ece * ece - k * uncertain)).max(0.0).sqrt();
    Interval { low: low.max(0.0), high: ((b + root) / (2.0 * a)).min(1.0) }
}
