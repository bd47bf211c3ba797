//! Simulations of the statistics themselves: intervals that are called 95% must
//! cover about 95%, and arms that do not differ must not be told apart more often
//! than 5%. All draws are counter-based, so these tests cannot flicker.

use super::intervals::{Pairs, welch, wilson};
use super::verdict::{Comparison, Verdict, judge};
use crate::rng::{Draws, Stream};

const VALIDATION_SETS: [usize; 3] = [500, 1000, 3925];

/// Share of `trials` simulations in which `covered` holds.
fn share(trials: u32, seed: u32, mut covered: impl FnMut(&mut Draws) -> bool) -> f64 {
    let hits = (0..trials)
        .filter(|trial| covered(&mut Draws::new(seed, Stream::Bootstrap, *trial, 0)))
        .count();
    hits as f64 / f64::from(trials)
}

#[test]
fn wilsons_interval_covers_the_accuracy() {
    for n in VALIDATION_SETS {
        for accuracy in [0.5, 0.7, 0.85, 0.9] {
            let covered = share(4000, 1, |draws| {
                let hits = (0..n).filter(|_| draws.chance(accuracy)).count();
                wilson(hits, n).contains(accuracy)
            });
            assert!((0.94..=0.96).contains(&covered), "{covered} at n = {n}, {accuracy}");
        }
    }
}

#[test]
fn the_paired_interval_covers_the_difference() {
    for n in VALIDATION_SETS {
        for (fixed, broken) in [(0.05, 0.05), (0.08, 0.05), (0.03, 0.02), (0.12, 0.10)] {
            let covered = share(4000, 2, |draws| {
                let mut pairs = Pairs { n, fixed: 0, broken: 0 };
                for _ in 0..n {
                    let u = draws.unit();
                    if u < fixed {
                        pairs.fixed += 1;
                    } else if u < fixed + broken {
                        pairs.broken += 1;
                    }
                }
                pairs.interval().contains(fixed - broken)
            });
            assert!((0.94..=0.96).contains(&covered), "{covered} at n = {n}, {fixed}, {broken}");
        }
    }
}

/// Accuracies of `seeds` runs of one recipe.
fn arm(draws: &mut Draws, seeds: usize, mean: f64, sd: f64) -> Vec<f64> {
    (0..seeds).map(|_| mean + sd * draws.normal()).collect()
}

#[test]
fn welchs_interval_covers_the_difference_of_recipes() {
    for (seeds, most) in [(3, 0.975), (5, 0.965), (10, 0.965)] {
        // Equal spreads, the case of two recipes that are much alike.
        let covered = share(10_000, 3, |draws| {
            let a = arm(draws, seeds, 0.80, 0.004);
            let b = arm(draws, seeds, 0.81, 0.004);
            welch(&a, &b).is_ok_and(|test| test.interval.contains(0.01))
        });
        assert!((0.94..=most).contains(&covered), "{covered} with {seeds} seeds");
    }
}

/// Two predictions of the same weights that differ by chance alone.
fn idle_pairs(draws: &mut Draws, n: usize) -> Pairs {
    let mut pairs = Pairs { n, fixed: 0, broken: 0 };
    // A normal number of changed images, each fixed or broken by a coin.
    let changed = (0.06 * n as f64 + draws.normal() * (0.06 * n as f64).sqrt()).max(0.0) as usize;
    for _ in 0..changed {
        if draws.chance(0.5) {
            pairs.fixed += 1;
        } else {
            pairs.broken += 1;
        }
    }
    pairs
}

#[test]
fn idle_techniques_are_not_told_apart() {
    for seeds in [1, 3, 5] {
        let told = share(2000, 4, |draws| {
            let baseline = arm(draws, seeds, 0.8, 0.004);
            let mut comparisons: Vec<Comparison> = (0..4)
                .map(|_| Comparison::Retrained {
                    baseline: baseline.clone(),
                    variant: arm(draws, seeds, 0.8, 0.004),
                })
                .collect();
            let pairs = (0..seeds).map(|_| idle_pairs(draws, 1000)).collect();
            comparisons.push(Comparison::SameWeights { pairs });
            judge(&comparisons).iter().any(|judged| judged.verdict != Verdict::CannotTell)
        });
        assert!(told <= 0.063, "{told} with {seeds} seeds");
    }
}

#[test]
fn a_technique_of_three_points_is_mostly_found() {
    let found = share(1000, 5, |draws| {
        let comparison = Comparison::Retrained {
            baseline: arm(draws, 5, 0.80, 0.01),
            variant: arm(draws, 5, 0.83, 0.01),
        };
        judge(&[comparison]).iter().all(|judged| judged.verdict == Verdict::Helps)
    });
    assert!(found > 0.9, "{found}");
}
