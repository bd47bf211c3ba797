//! Two trained models on the same images. What it says holds for these two
//! models; another seed of the same recipe may differ.

use super::{Interval, Z95};
use crate::number::grouped;
use crate::stats::StatsError;
use statrs::distribution::{Binomial, Discrete, DiscreteCDF};
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

    /// 95% interval of [`Self::delta`]: Δ ± z·√(b + c − (b − c)²/n) / n. Under ten
    /// changed images that is too narrow (with none it would have no width), and
    /// Bonett and Price's (2012) form with one image added to either side is used.
    pub fn interval(&self) -> Interval {
        let few = self.fixed + self.broken < 10;
        let added = if few { 1.0 } else { 0.0 };
        let n = self.n.max(1) as f64 + 2.0 * added;
        let (fixed, broken) = (self.fixed as f64 + added, self.broken as f64 + added);
        let difference = fixed - broken;
        let half = Z95 * (fixed + broken - difference * difference / n).max(0.0).sqrt() / n;
        let centre = difference / n;
        Interval { low: (centre - half).max(-1.0), high: (centre + half).min(1.0) }
    }

    /// McNemar's exact two-sided p: if the change were idle, each changed image
    /// would be fixed or broken by the toss of a coin.
    pub fn mcnemar(&self) -> f64 {
        let (smaller, changed) = (self.fixed.min(self.broken) as u64, self.changed());
        fair_coin(changed).map_or(1.0, |coin| (2.0 * coin.cdf(smaller)).min(1.0))
    }

    /// McNemar's mid-p: half the probability of what was observed taken off, less
    /// conservative than the exact p. 1 if as many were fixed as broken.
    pub fn mcnemar_mid_p(&self) -> f64 {
        if self.fixed == self.broken {
            return 1.0;
        }
        let smaller = self.fixed.min(self.broken) as u64;
        fair_coin(self.changed()).map_or(1.0, |coin| 2.0 * coin.cdf(smaller) - coin.pmf(smaller))
    }

    fn changed(&self) -> u64 {
        (self.fixed + self.broken) as u64
    }
}

/// The number of heads in `tosses`; `None` without a toss.
fn fair_coin(tosses: u64) -> Option<Binomial> {
    if tosses == 0 { None } else { Binomial::new(0.5, tosses).ok() }
}

impl fmt::Display for Pairs {
    /// One plain sentence, for example: "28 fixed, 17 broken of 3,925 images:
    /// +0.28 points (95% from −0.05 to +0.61), exact McNemar p = 0.14."
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval = self.interval();
        write!(
            f,
            "{} fixed, {} broken of {} images: {} points (95% from {} to {}), exact McNemar p {}.",
            grouped(self.fixed as u64),
            grouped(self.broken as u64),
            grouped(self.n as u64),
            points(self.delta()),
            points(interval.low),
            points(interval.high),
            p_value(self.mcnemar())
        )
    }
}

/// A difference of shares in percentage points, signed, with two decimals.
pub(crate) fn points(share: f64) -> String {
    let text = format!("{:+.2}", 100.0 * share);
    if text == "-0.00" { "+0.00".to_owned() } else { text.replace('-', "−") }
}

/// A p-value with its sign of relation, two significant digits.
pub(crate) fn p_value(p: f64) -> String {
    match p {
        p if p < 0.001 => "< 0.001".to_owned(),
        p if p < 0.0995 => format!("= {p:.3}"),
        p => format!("= {p:.2}"),
    }
}
