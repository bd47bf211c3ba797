//! Simulations of the statistics themselves: intervals that are called 95% must
//! cover about 95%, and arms that do not differ must not be distinguished more often
//! than 5%. All draws are counter-based, so the results never change. With
//! `--nocapture` they print the figures of `docs/statistics.md`.

use super::intervals::{Pairs, together, welch, welch_sum, wilson};
use super::metrics::Scores;
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

/// How sure a made-up model is of its predictions.
#[derive(Clone, Copy, Debug)]
enum Sureness {
    /// Anything between .25 and 1 alike.
    Even,
    /// Mostly above .9, as after long training.
    Sharp,
    /// Always .9, so that all images are in one bin.
    One,
}

/// Where it is wrong about itself.
#[derive(Clone, Copy, Debug)]
enum Miscalibration {
    /// Overconfident everywhere by as much.
    Over,
    /// By turns over- and underconfident, from bin to bin.
    Turns,
    /// Overconfident between .8 and 13/15, and nowhere else.
    OneBin,
}

/// The confidence of an image and the probability that it is right, for a calibration
/// error of `ece`.
fn image(draws: &mut Draws, sureness: Sureness, error: Miscalibration, ece: f64) -> (f64, f64) {
    let u = draws.unit();
    let confidence = match sureness {
        Sureness::Even => 0.25 + 0.75 * u,
        Sureness::Sharp => 1.0 - 0.75 * u * u * u,
        Sureness::One => 0.9,
    };
    let bin = (confidence * 15.0).ceil() as u32;
    let right = match error {
        Miscalibration::Over => confidence - ece,
        // Odd bins have room above: the fifteenth is the last one.
        Miscalibration::Turns if bin.is_multiple_of(2) => confidence + ece,
        Miscalibration::Turns => confidence - ece,
        // A share (1/15)/.75 of the images.
        Miscalibration::OneBin if bin == 13 => confidence - 11.25 * ece,
        Miscalibration::OneBin => confidence,
    };
    (confidence, right)
}

#[test]
fn the_interval_of_the_calibration_error_covers_it_whatever_the_model() {
    let models = [
        (Sureness::Even, Miscalibration::Over, [0.0, 0.03, 0.1], 2000),
        (Sureness::Sharp, Miscalibration::Over, [0.0, 0.03, 0.1], 600),
        (Sureness::One, Miscalibration::Over, [0.0, 0.03, 0.1], 600),
        (Sureness::Even, Miscalibration::Turns, [0.0, 0.03, 0.06], 600),
        (Sureness::Even, Miscalibration::OneBin, [0.01, 0.03, 0.06], 600),
    ];
    for (sureness, error, errors, trials) in models {
        for n in VALIDATION_SETS {
            for ece in errors {
                let (mut logs, mut labels) = (Vec::new(), vec![0u8; n]);
                let (mut width, mut far) = (0.0, 0.0);
                let covered = share(trials, 60 + n as u32, |draws| {
                    logs.clear();
                    for label in &mut labels {
                        let (confidence, right) = image(draws, sureness, error, ece);
                        *label = u8::from(!draws.chance(right));
                        // Five classes, of which the first is the likeliest from .2 on.
                        let rest = 0.25 * (1.0 - confidence);
                        let row = [confidence, rest, rest, rest, rest];
                        logs.extend(row.map(|it| libm::log(it) as f32));
                    }
                    let scores = Scores::new(&logs, &labels).unwrap();
                    let made = scores.probabilities().unwrap().calibration();
                    width += made.interval.high - made.interval.low;
                    far += made.ece - ece;
                    made.interval.contains(ece)
                });
                let (width, far) = (width / f64::from(trials), far / f64::from(trials));
                println!(
                    "ECE {sureness:?} {error:?} n={n} true={ece}: covered {:.1}%, width {:.1} \
                     points, measured too high by {:.1}",
                    100.0 * covered,
                    100.0 * width,
                    100.0 * far
                );
                assert!(covered >= 0.94, "{covered}: {sureness:?} {error:?} {n} {ece}");
                assert!(width < 0.14 * (500.0 / n as f64).sqrt() + 0.01, "{width}: {n} {ece}");
            }
        }
    }
}

#[test]
fn small_effects_of_tta_on_one_model_are_covered_too() {
    for n in VALIDATION_SETS {
        for (fixed, broken) in [(0.005, 0.005), (0.02, 0.002), (0.05, 0.0), (0.3, 0.02)] {
            let covered = share(4000, 7, |draws| {
                changes(draws, n, [fixed, broken], 0.0)[0].interval().contains(fixed - broken)
            });
            println!("TTA one model n={n} {fixed} {broken}: covered {:.1}%", 100.0 * covered);
            assert!((0.94..=0.97).contains(&covered), "{covered} at n = {n}, {fixed}, {broken}");
        }
    }
}

/// What a change does to two models on the same images: with probability `alike` an image
/// fares the same under both.
fn changes(draws: &mut Draws, n: usize, [fixed, broken]: [f64; 2], alike: f64) -> [Pairs; 2] {
    let mut both = [Pairs { n, fixed: 0, broken: 0 }; 2];
    for _ in 0..n {
        let first = draws.unit();
        let second = if alike > 0.0 && !draws.chance(alike) { draws.unit() } else { first };
        for (pairs, u) in both.iter_mut().zip([first, second]) {
            if u < fixed {
                pairs.fixed += 1;
            } else if u < fixed + broken {
                pairs.broken += 1;
            }
        }
    }
    both
}

#[test]
fn two_models_on_the_same_images_are_covered_however_alike_they_are() {
    for n in VALIDATION_SETS {
        for alike in [0.001, 0.3, 1.0] {
            for (fixed, broken) in [(0.05, 0.05), (0.05, 0.03), (0.01, 0.005)] {
                let (mut found, mut alone) = (0u32, 0u32);
                let covered = share(2000, 8, |draws| {
                    let both = changes(draws, n, [fixed, broken], alike);
                    let test = together(&both);
                    found += u32::from(test.p < 0.05);
                    alone += u32::from(both[0].mcnemar() < 0.05);
                    test.interval.contains(fixed - broken)
                });
                let [found, alone] = [found, alone].map(|it| f64::from(it) / 2000.0);
                println!(
                    "TTA two models n={n} alike={alike} {fixed} {broken}: covered {:.1}%, found \
                     {:.0}% (one model: {:.0}%)",
                    100.0 * covered,
                    100.0 * found,
                    100.0 * alone
                );
                assert!(covered >= 0.94, "{covered} at n = {n}, {alike}, {fixed}, {broken}");
                if fixed > broken && n > 500 && fixed > 0.01 {
                    assert!(found > 0.9 * alone, "{found} of {alone} at n = {n}, {alike}");
                }
            }
        }
    }
}

#[test]
fn two_models_speak_of_other_seeds_only_while_these_differ_little() {
    // The gain itself varies between seeds, by this standard deviation in points.
    for (sd, least) in [(0.0, 0.96), (0.3, 0.95), (0.6, 0.93)] {
        let covered = share(2000, 9, |draws| {
            let mut both = [Pairs { n: 1000, fixed: 0, broken: 0 }; 2];
            for pairs in &mut both {
                let gain = 0.02 + 0.01 * sd * draws.normal();
                let [own, _] = changes(draws, 1000, [0.03 + gain, 0.03], 0.0);
                *pairs = own;
            }
            together(&both).interval.contains(0.02)
        });
        println!("TTA other seeds sd={sd}: covered {:.1}%", 100.0 * covered);
        assert!(covered >= least, "{covered} at {sd} points");
    }
}

#[test]
fn the_interval_of_an_interaction_covers_it() {
    for (seeds, most) in [(3, 0.98), (5, 0.965), (10, 0.965)] {
        let covered = share(10_000, 10, |draws| {
            let [a, b, c] = [0.80, 0.81, 0.70].map(|mean| arm(draws, seeds, mean, 0.004));
            // Noise makes the runs spread more.
            let d = arm(draws, seeds, 0.73, 0.008);
            welch_sum(&[(1.0, &a), (-1.0, &b), (-1.0, &c), (1.0, &d)])
                .is_ok_and(|test| test.interval.contains(0.02))
        });
        println!("interaction {seeds} seeds: covered {:.1}%", 100.0 * covered);
        assert!((0.94..=most).contains(&covered), "{covered} with {seeds} seeds");
    }
}
