//! How much it takes to see a difference, with 80% power at the 5% level.
//! Independent of actual runs.

use super::Z95;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The 80% quantile of the standard normal distribution.
const Z80: f64 = 0.841_621_233_572_914_3;

/// Seeds per arm to see a difference `delta` between arms whose runs spread with
/// standard deviation `sd` (same unit): the smallest k, at least 3, with
/// k ≥ 2·(t₀.₉₇₅ + t₀.₈)²·(sd/delta)² at 2k − 2 degrees of freedom. `None` without
/// a difference or a spread to speak of.
pub fn seeds_needed(sd: f64, delta: f64) -> Option<u32> {
    const MOST: u32 = 1_000_000;
    let ratio = (sd / delta) * (sd / delta);
    if !(ratio.is_finite() && sd > 0.0) {
        return None;
    }
    let normal = (2.0 * (Z95 + Z80) * (Z95 + Z80) * ratio).ceil();
    if normal > f64::from(MOST) {
        return Some(MOST);
    }
    let enough = |seeds: &u32| {
        let student = StudentsT::new(0.0, 1.0, f64::from(2 * seeds - 2));
        student.is_ok_and(|student| {
            let quantiles = student.inverse_cdf(0.975) + student.inverse_cdf(0.8);
            f64::from(*seeds) >= 2.0 * quantiles * quantiles * ratio
        })
    };
    ((normal as u32).max(3)..=MOST).find(enough)
}

/// The smallest difference between two arms of `seeds` runs each that is seen with 80% power,
/// in the unit of `sd`: the converse of [`seeds_needed`]. `None` under two seeds.
pub fn smallest_effect(sd: f64, seeds: u32) -> Option<f64> {
    let freedom = 2.0 * f64::from(seeds) - 2.0;
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let quantiles = student.inverse_cdf(0.975) + student.inverse_cdf(0.8);
    let smallest = sd * quantiles * (2.0 / f64::from(seeds)).sqrt();
    smallest.is_finite().then_some(smallest)
}

/// Validation images to see a difference `delta` of accuracy between two trained
/// models that disagree in correctness on the share `changed` of the images:
/// (z₀.₉₇₅ + z₀.₈)²·(changed − delta²)/delta². `None` without a difference.
pub fn images_needed(changed: f64, delta: f64) -> Option<u64> {
    let delta = delta.abs().min(1.0);
    let variance = changed.clamp(delta, 1.0) - delta * delta;
    let images = (Z95 + Z80) * (Z95 + Z80) * variance / (delta * delta);
    // `as` saturates.
    images.is_finite().then(|| (images.ceil() as u64).max(1))
}
