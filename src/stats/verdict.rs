//! "Helps", "hurts" or "cannot tell": the verdict on each technique of an
//! ablation. Independent of how the runs were made and are shown.

use super::StatsError;
use super::intervals::{
    ImagesTest, Interval, Pairs, TTest, holm, one_sample, p_value, spread, together, welch_sum,
};
use crate::text;
use serde::{Deserialize, Serialize};
use std::fmt;

mod measure;

pub use measure::Measure;

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
    /// The same weights without and with it, where only a figure of either prediction
    /// is known: the differences, one per seed.
    SameWeightsFigures {
        /// With it minus without it.
        differences: Vec<f64>,
    },
    /// Whether a difference between two recipes is another one under other conditions.
    /// Figures, one per seed.
    Interaction {
        /// Runs without and with it, under the first conditions.
        first: [Vec<f64>; 2],
        /// Runs without and with it, under the others.
        other: [Vec<f64>; 2],
    },
}

/// The verdict on a technique.
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
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Hurts => "hurts",
            Self::CannotTell => "cannot tell",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Helps => text::verdict_helps(),
            Self::Hurts => text::verdict_hurts(),
            Self::CannotTell => text::verdict_cannot_tell(),
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
    /// McNemar's test on the images of one seed.
    McNemar,
    /// The z test on the images of two seeds.
    Images,
}

impl Method {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Welch => "Welch's t test over the seeds",
            Self::PairedT => "the paired t test over the seeds",
            Self::McNemar => "McNemar's test on the images, for these weights",
            Self::Images => "the z test on the images, for these two sets of weights",
        }
    }

    /// In words.
    fn words(self) -> &'static str {
        match self {
            Self::Welch => text::verdict_welch(),
            Self::PairedT => text::verdict_paired(),
            Self::McNemar => text::verdict_mcnemar(),
            Self::Images => text::verdict_images(),
        }
    }
}

/// The verdict on one comparison and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The difference, in the unit of what was compared; `None` while an arm is empty.
    pub delta: Option<f64>,
    /// The test's figures, or why it cannot be done.
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
    /// p after Holm's correction for all comparisons judged together. It decides the verdict, so
    /// that an interval may exclude 0 and the verdict still be "cannot tell".
    pub p_adjusted: f64,
}

/// Judges all comparisons of one ablation together. The family was fixed when the
/// ablation was: one without a result so far counts in the correction.
pub fn judge(comparisons: &[Comparison]) -> Vec<Judgement> {
    judged(comparisons, true)
}

/// Judges the comparisons of a list together. Nothing was fixed in advance, so that only
/// those that can be tested count in the correction.
pub fn judge_list(comparisons: &[Comparison]) -> Vec<Judgement> {
    judged(comparisons, false)
}

fn judged(comparisons: &[Comparison], planned: bool) -> Vec<Judgement> {
    let tested: Vec<Result<Evidence, StatsError>> = comparisons.iter().map(test).collect();
    let p = |test: &Result<Evidence, StatsError>| match test {
        Ok(evidence) => Some(evidence.p),
        Err(_) => planned.then_some(1.0),
    };
    let family: Vec<f64> = tested.iter().filter_map(p).collect();
    let mut adjusted = holm(&family).into_iter();
    comparisons
        .iter()
        .zip(tested)
        .map(|(comparison, tested)| {
            let delta = delta(comparison);
            let p_adjusted = p(&tested).and_then(|_| adjusted.next()).unwrap_or(1.0);
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
    let mean = |values: &[f64]| (!values.is_empty()).then(|| spread(values).mean);
    let change = |[without, with]: [&[f64]; 2]| Some(mean(with)? - mean(without)?);
    match comparison {
        Comparison::Retrained { baseline, variant } => change([baseline, variant]),
        Comparison::SameWeights { pairs } => mean(&deltas(pairs)),
        Comparison::SameWeightsFigures { differences } => mean(differences),
        Comparison::Interaction { first, other } => {
            let [first, other] = [first, other].map(|[a, b]| change([a, b]));
            Some(other? - first?)
        }
    }
}

fn deltas(pairs: &[Pairs]) -> Vec<f64> {
    pairs.iter().map(Pairs::delta).collect()
}

/// One rule for all places: see `docs/statistics.md`.
fn test(comparison: &Comparison) -> Result<Evidence, StatsError> {
    match comparison {
        Comparison::Retrained { baseline, variant } => welch(&[(-1.0, baseline), (1.0, variant)]),
        Comparison::Interaction { first: [a, b], other: [c, d] } => {
            welch(&[(1.0, a), (-1.0, b), (-1.0, c), (1.0, d)])
        }
        Comparison::SameWeightsFigures { differences } => paired(differences),
        Comparison::SameWeights { pairs } => match pairs.as_slice() {
            [] => Err(StatsError::TooFewRuns { needed: 1, given: 0 }),
            [one] => {
                let test = ImagesTest { p: one.mcnemar(), interval: one.interval() };
                Ok(on_images(Method::McNemar, test))
            }
            [_, _] => Ok(on_images(Method::Images, together(pairs))),
            several => paired(&deltas(several)),
        },
    }
}

fn welch(arms: &[(f64, &[f64])]) -> Result<Evidence, StatsError> {
    enough(arms.iter().map(|(_, arm)| arm.len()).min())?;
    Ok(over_seeds(Method::Welch, welch_sum(arms)?))
}

fn paired(differences: &[f64]) -> Result<Evidence, StatsError> {
    enough(Some(differences.len()))?;
    Ok(over_seeds(Method::PairedT, one_sample(differences)?))
}

fn enough(given: Option<usize>) -> Result<(), StatsError> {
    match given.unwrap_or(0) {
        given if given < MIN_SEEDS => Err(StatsError::TooFewRuns { needed: MIN_SEEDS, given }),
        _ => Ok(()),
    }
}

fn over_seeds(method: Method, TTest { p, interval, .. }: TTest) -> Evidence {
    Evidence { method, interval, p, p_adjusted: p }
}

fn on_images(method: Method, ImagesTest { p, interval }: ImagesTest) -> Evidence {
    Evidence { method, interval, p, p_adjusted: p }
}

impl Judgement {
    /// The figures in a few words: "+1.20 points (95% from +0.40 to +2.00), p = 0.012 by
    /// Welch's t test over the seeds". The p is that of the interval; the corrected one
    /// follows if it differs. `None` without a test.
    pub fn figures(&self, measure: Measure) -> Option<String> {
        let (evidence, delta) = (self.evidence.as_ref().ok()?, self.delta?);
        let Evidence { method, interval, p, p_adjusted } = evidence;
        let mut p_text = p_value(*p);
        if (p_adjusted - p).abs() > 1e-12 {
            let adjusted = p_value(*p_adjusted);
            p_text = text::verdict_corrected(&p_text, adjusted.trim_start_matches("= "));
        }
        Some(text::verdict_figures(
            &measure.difference(delta),
            measure.unit(),
            &measure.difference(interval.low),
            &measure.difference(interval.high),
            &p_text,
            method.words(),
        ))
    }

    /// Verdict and figures, or why they are missing: "cannot tell (needs 3 seeds, and
    /// there are 2)". `word` is the verdict's, which may differ for figures other than
    /// accuracy.
    pub fn sentence(&self, word: &str, measure: Measure) -> String {
        match (&self.evidence, self.figures(measure)) {
            (_, Some(figures)) => format!("{word}: {figures}"),
            (Err(reason), None) => format!("{word} ({reason})"),
            (Ok(_), None) => word.to_owned(),
        }
    }

    /// The verdict where less of what was compared is better.
    #[must_use]
    pub fn of_losses(self) -> Self {
        let verdict = match self.verdict {
            Verdict::Helps => Verdict::Hurts,
            Verdict::Hurts => Verdict::Helps,
            Verdict::CannotTell => Verdict::CannotTell,
        };
        Self { verdict, ..self }
    }
}

impl fmt::Display for Judgement {
    /// For example "helps: +1.20 points (95% from +0.40 to +2.00), p = 0.012 by
    /// Welch's t test over the seeds", or "cannot tell (needs 3 seeds, and there
    /// are 2)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(self.verdict.word(), Measure::Accuracy))
    }
}

#[cfg(test)]
mod tests;
