//! Compares two trained models on the same images. The result is about these two
//! models; another seed of the same recipe may differ.

use super::{Interval, Z95};
use crate::stats::StatsError;
use crate::text;
use statrs::function::erf::erfc;
use std::f64::consts::FRAC_1_SQRT_2;
use std::fmt;

/// How two models agree on `n` images: from A to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// Images that both were given.
    pub n: usize,
    /// Wrong with A and right with B.
    pub fixed: usize,
    /// Right with A and wrong with B.
    pub broken: usize,
}

/// A test on the images and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImagesTest {
    /// Two-sided p.
    pub p: f64,
    /// 95% interval of the difference of accuracy. It excludes 0 where p is under 5%,
    /// and nowhere else: it is the same test.
    pub interval: Interval,
}

impl Pairs {
    /// Compares which images A and B predict right, in the same order.
    ///
    /// # Errors
    /// If the numbers of images differ, or are 0.
    pub fn new(a_correct: &[bool], b_correct: &[bool]) -> Result<Self, StatsError> {
        let (a, b) = (a_correct.len(), b_correct.len());
        if a != b {
            return Err(StatsError::DifferentImages { a, b });
        }
        if a == 0 {
            return Err(StatsError::Empty);
        }
        let count = |wanted: (bool, bool)| {
            let pairs = a_correct.iter().copied().zip(b_correct.iter().copied());
            pairs.filter(|pair| *pair == wanted).count()
        };
        Ok(Self { n: a, fixed: count((false, true)), broken: count((true, false)) })
    }

    /// Accuracy of B minus accuracy of A, −1..1.
    pub fn delta(&self) -> f64 {
        (self.fixed as f64 - self.broken as f64) / self.n.max(1) as f64
    }

    /// 95% interval of [`Self::delta`], Tango's (1998): all differences that the score
    /// test does not reject at 5%. For a difference of 0 that test is McNemar's, so
    /// that the interval and [`Self::mcnemar`] never contradict each other.
    pub fn interval(&self) -> Interval {
        let delta = self.delta();
        Interval {
            low: bisect(-1.0, delta, |difference| self.score(difference) > Z95),
            high: bisect(delta, 1.0, |difference| self.score(difference) >= -Z95),
        }
    }

    /// p of McNemar's (1947) test, two-sided and without correction for continuity: if
    /// the change were idle, each changed image would be fixed or broken by the toss of
    /// a coin.
    pub fn mcnemar(&self) -> f64 {
        two_sided(self.score(0.0))
    }

    /// By how many standard errors the images speak for more than this difference.
    fn score(&self, difference: f64) -> f64 {
        let (n, fixed, broken) = (self.n.max(1) as f64, self.fixed as f64, self.broken as f64);
        // The likeliest share of broken images, were the difference true.
        let b = (2.0 * n - fixed + broken) * difference - fixed - broken;
        let c = broken * difference * (1.0 - difference);
        let share = ((b * b + 8.0 * n * c).max(0.0).sqrt() - b) / (4.0 * n);
        let variance = n * (2.0 * share + difference * (1.0 - difference));
        let excess = fixed - broken - n * difference;
        if excess.abs() < 1e-12 { 0.0 } else { excess / variance.max(f64::MIN_POSITIVE).sqrt() }
    }
}

/// The effect of the same change on the mean accuracy of several trained models, on the same
/// images. The result is about these models, on other images.
///
/// Each model's counts are taken with one image added to either side (Bonett and Price,
/// 2012). How much the models agree on the images is not used: the standard error is as
/// if they agreed wholly, which is the most it can be.
pub fn together(pairs: &[Pairs]) -> ImagesTest {
    let (mut delta, mut error) = (0.0, 0.0);
    for pair in pairs {
        let (n, fixed, broken) = (pair.n as f64 + 2.0, pair.fixed as f64, pair.broken as f64);
        let difference = fixed - broken;
        delta += difference / n;
        error += (fixed + broken + 2.0 - difference * difference / n).max(0.0).sqrt() / n;
    }
    let models = pairs.len().max(1) as f64;
    let (delta, error) = (delta / models, (error / models).max(f64::MIN_POSITIVE));
    let interval =
        Interval { low: (delta - Z95 * error).max(-1.0), high: (delta + Z95 * error).min(1.0) };
    ImagesTest { p: if pairs.is_empty() { 1.0 } else { two_sided(delta / error) }, interval }
}

/// The two-sided p of a standard normal figure.
fn two_sided(z: f64) -> f64 {
    erfc(z.abs() * FRAC_1_SQRT_2).min(1.0)
}

/// Where `holds` ceases to hold between two ends, to the last bits.
fn bisect(mut from: f64, mut to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (from + to);
        if holds(middle) { from = middle } else { to = middle }
    }
    0.5 * (from + to)
}

impl fmt::Display for Pairs {
    /// One plain sentence, for example: "28 fixed, 17 broken of 3,925 images:
    /// +0.28 points (95% from −0.06 to +0.63), McNemar p = 0.10."
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval = self.interval();
        f.write_str(&text::verdict_pairs(
            self.fixed,
            self.broken,
            self.n,
            &points(self.delta()),
            &points(interval.low),
            &points(interval.high),
            &p_value(self.mcnemar()),
        ))
    }
}

/// A difference of shares in percentage points, signed, with two decimals.
pub(crate) fn points(share: f64) -> String {
    signed(100.0 * share, 2)
}

/// A number with its sign and `decimals` decimals.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let digits = format!("{value:+.decimals$}");
    let nothing = digits.bytes().all(|byte| !(b'1'..=b'9').contains(&byte));
    text::decimal(&digits.replace('-', if nothing { "+" } else { "−" }))
}

/// A p-value with its sign of relation, two significant digits.
pub(crate) fn p_value(p: f64) -> String {
    match p {
        p if p < 0.001 => text::decimal("< 0.001"),
        p if p < 0.0995 => text::decimal(&format!("= {p:.3}")),
        p => text::decimal(&format!("= {p:.2}")),
    }
}
