//! Means of a few runs: spread, Welch's test between arms, and the t test of
//! one sample (of differences, for pairs). Independent of what was measured.

use super::Interval;
use crate::stats::StatsError;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean and spread of some runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Number of values.
    pub count: usize,
    /// Their mean; 0 without values.
    pub mean: f64,
    /// Their standard deviation with n − 1; `None` under two values.
    pub sd: Option<f64>,
}

/// A t test and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// The difference: mean of B minus mean of A, or the mean of the differences.
    pub delta: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// `delta / standard_error`.
    pub t: f64,
    /// Two-sided p.
    pub p: f64,
    /// 95% interval of the difference.
    pub interval: Interval,
}

/// Mean and standard deviation of the values.
pub fn spread(values: &[f64]) -> Spread {
    let count = values.len();
    let mean = values.iter().sum::<f64>() / count.max(1) as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let sd = (count >= 2).then(|| (squares / (count - 1) as f64).sqrt());
    Spread { count, mean, sd }
}

/// Welch's (1947) test of B against A, on one value per seed: no equal spreads
/// are assumed, nor that equal seeds belong together (training is chaotic).
///
/// # Errors
/// Under two values a side, and if neither side has any spread.
pub fn welch(a: &[f64], b: &[f64]) -> Result<TTest, StatsError> {
    welch_sum(&[(-1.0, a), (1.0, b)])
}

/// Welch's test of whether a weighted sum of the arms' means is 0: with the weights
/// 1, −1, −1, 1 of whether a difference is another one under other conditions. The
/// degrees of freedom are Satterthwaite's (1946).
///
/// # Errors
/// Under two values in any arm, and if none has any spread.
pub fn welch_sum(arms: &[(f64, &[f64])]) -> Result<TTest, StatsError> {
    let given = arms.iter().map(|(_, arm)| arm.len()).min().unwrap_or(0);
    let (mut delta, mut variance, mut squares) = (0.0, 0.0, 0.0);
    for (weight, arm) in arms {
        let Spread { count, mean, sd: Some(sd) } = spread(arm) else {
            return Err(StatsError::TooFewRuns { needed: 2, given });
        };
        let share = weight * weight * sd * sd / count as f64;
        delta += weight * mean;
        variance += share;
        squares += share * share / (count as f64 - 1.0);
    }
    test(delta, variance.sqrt(), variance * variance / squares)
}

/// The t test of whether the mean of the values is 0. Given the differences of
/// pairs, it is the paired t test.
///
/// # Errors
/// Under two values, and if they have no spread.
pub fn one_sample(values: &[f64]) -> Result<TTest, StatsError> {
    let Spread { count, mean, sd: Some(sd) } = spread(values) else {
        return Err(StatsError::TooFewRuns { needed: 2, given: values.len() });
    };
    test(mean, sd / (count as f64).sqrt(), count as f64 - 1.0)
}

fn test(delta: f64, standard_error: f64, freedom: f64) -> Result<TTest, StatsError> {
    // Accuracies that differ in the last bits only are equal. NaN is refused too.
    if !(standard_error > 1e-12 && freedom.is_finite() && delta.is_finite()) {
        return Err(StatsError::NoSpread);
    }
    let student = StudentsT::new(0.0, 1.0, freedom).map_err(|_| StatsError::NoSpread)?;
    let t = delta / standard_error;
    let half = student.inverse_cdf(0.975) * standard_error;
    Ok(TTest {
        delta,
        standard_error,
        freedom,
        t,
        p: (2.0 * student.cdf(-t.abs())).min(1.0),
        interval: Interval { low: delta - half, high: delta + half },
    })
}
