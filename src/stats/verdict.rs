//! "Helps", "hurts" or "cannot tell": the verdict on each technique of an
//! ablation. Independent of how the runs were made and are shown.

use super::StatsError;
use super::intervals::{Interval, Pairs, holm, one_sample, p_value, points, spread, welch};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Seeds an arm that a verdict on a training technique needs.
pub const MIN_SEEDS: usize = 3;

/// The level at which a difference counts, after Holm's correction.
pub const LEVEL: f64 = 0.05;

/// What is compared with the baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// A technique that changes training: accuracies (0..1), one per seed.
    Retrained {
        /// Runs without it.
        baseline: Vec<f64>,
        /// Runs with it.
        variant: Vec<f64>,
    },
    /// A technique that only changes prediction (test-time augmentation): the
    /// same weights without and with it, one entry per seed.
    SameWeights {
        /// How either predicts the same images.
        pairs: Vec<Pairs>,
    },
}

/// What can be said of a technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Accuracy is higher with it.
    Helps,
    /// Accuracy is lower with it.
    Hurts,
    /// The difference may be chance.
    #[serde(rename = "cannot tell")]
    CannotTell,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Hurts => "hurts",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// The test that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Welch's t test on accuracies per seed.
    Welch,
    /// The paired t test on differences per seed.
    #[serde(rename = "paired t")]
    PairedT,
    /// McNemar's exact test on the images of one seed.
    McNemar,
}

impl Method {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Welch => "Welch's t test over the seeds",
            Self::PairedT => "the paired t test over the seeds",
            Self::McNemar => "McNemar's exact test on the images",
        }
    }
}

/// The verdict on one comparison and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Difference of accuracy, −1..1; `None` while an arm is empty.
    pub delta: Option<f64>,
    /// The test's figures, or why there is none.
    pub evidence: Result<Evidence, StatsError>,
}

/// The figures of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The test.
    pub method: Method,
    /// 95% interval of the difference, of this comparison alone.
    pub interval: Interval,
    /// p of this comparison alone.
    pub p: f64,
    /// p after Holm's correction for all comparisons judged together: the verdict
    /// goes by this one, so an interval may exclude 0 and yet not tell.
    pub p_adjusted: f64,
}

/// Judges all comparisons of one ablation together. The family was fixed when the
/// ablation was: one without a result so far counts in the correction.
pub fn judge(comparisons: &[Comparison]) -> Vec<Judgement> {
    let tested: Vec<Result<Evidence, StatsError>> = comparisons.iter().map(test).collect();
    let raw: Vec<f64> = tested.iter().map(|test| test.as_ref().map_or(1.0, |e| e.p)).collect();
    comparisons
        .iter()
        .zip(tested)
        .zip(holm(&raw))
        .map(|((comparison, tested), p_adjusted)| {
            let delta = delta(comparison);
            let evidence = tested.map(|evidence| Evidence { p_adjusted, ..evidence });
            let verdict = match (&evidence, delta) {
                (Ok(evidence), Some(delta)) if evidence.p_adjusted < LEVEL => {
                    if delta > 0.0 {
                        Verdict::Helps
                    } else {
                        Verdict::Hurts
                    }
                }
                _ => Verdict::CannotTell,
            };
            Judgement { verdict, delta, evidence }
        })
        .collect()
}

fn delta(comparison: &Comparison) -> Option<f64> {
    match comparison {
        Comparison::Retrained { baseline, variant } => {
            let both = !baseline.is_empty() && !variant.is_empty();
            both.then(|| spread(variant).mean - spread(baseline).mean)
        }
        Comparison::SameWeights { pairs } => {
            let deltas: Vec<f64> = pairs.iter().map(Pairs::delta).collect();
            (!deltas.is_empty()).then(|| spread(&deltas).mean)
        }
    }
}

fn test(comparison: &Comparison) -> Result<Evidence, StatsError> {
    let evidence = |method, interval, p| Evidence { method, interval, p, p_adjusted: p };
    match comparison {
        Comparison::Retrained { baseline, variant } => {
            let given = baseline.len().min(variant.len());
            if given < MIN_SEEDS {
                return Err(StatsError::TooFewRuns { needed: MIN_SEEDS, given });
            }
            let test = welch(baseline, variant)?;
            Ok(evidence(Method::Welch, test.interval, test.p))
        }
        Comparison::SameWeights { pairs } => match pairs.as_slice() {
            [] => Err(StatsError::TooFewRuns { needed: 1, given: 0 }),
            [one] => Ok(evidence(Method::McNemar, one.interval(), one.mcnemar())),
            several => {
                let deltas: Vec<f64> = several.iter().map(Pairs::delta).collect();
                let test = one_sample(&deltas)?;
                Ok(evidence(Method::PairedT, test.interval, test.p))
            }
        },
    }
}

impl fmt::Display for Judgement {
    /// For example "helps: +1.20 points (95% from +0.40 to +2.00), p = 0.012 by
    /// Welch's t test over the seeds", or "cannot tell (needs 3 seeds, and there
    /// are 2)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.verdict.name();
        match (&self.evidence, self.delta) {
            (Ok(evidence), Some(delta)) => write!(
                f,
                "{name}: {} points (95% from {} to {}), p {} by {}",
                points(delta),
                points(evidence.interval.low),
                points(evidence.interval.high),
                p_value(evidence.p_adjusted),
                evidence.method.name()
            ),
            (Err(reason), _) => write!(f, "{name} ({reason})"),
            (Ok(_), None) => write!(f, "{name}"),
        }
    }
}

#[cfg(test)]
mod tests;
