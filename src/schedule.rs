//! The training schedule: which size, learning rate and momentum each batch of
//! an experiment has, and when the optimiser starts afresh. A pure function of
//! the experiment and the number of batches per epoch.
//!
//! After fastai 2.8 `callback/schedule.py`: `fit_one_cycle` and `fine_tune`.

use crate::experiment::Experiment;
use crate::math;
use core::f64::consts::PI;

/// Momentum at the start, the peak and the end of every cycle: fastai's `moms`.
const MOMENTA: [f64; 3] = [0.95, 0.85, 0.95];

/// The final learning rate is `lr_max` over this: fastai's `div_final`.
const DIV_FINAL: f64 = 1e5;

/// One `fit_one_cycle`: the learning rate rises by a cosine from `lr_max / div`
/// to `lr_max` over the first `pct_start` of the batches, and falls by a cosine
/// to `lr_max / 10⁵` over the others, while momentum goes .95 → .85 → .95.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cycle {
    /// Largest learning rate.
    pub lr_max: f64,
    /// `lr_max` over the first learning rate.
    pub div: f64,
    /// Share of the batches before the peak, 0..1.
    pub pct_start: f64,
    /// Batches in the cycle.
    pub batches: u32,
}

/// One rate for all of the network.
pub const ONE_RATE: [f64; 3] = [1.0; 3];

/// fastai's `slice(lr)` over three groups: a tenth for all but the last.
const FROZEN_RATES: [f64; 3] = [0.1, 0.1, 1.0];

/// fastai's `slice(lr / 100, lr)` over three groups: evenly spread factors.
const SPREAD_RATES: [f64; 3] = [0.01, 0.1, 1.0];

/// What the schedule decides for one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyper {
    /// Learning rate.
    pub lr: f64,
    /// Adam's first beta: fastai's `mom`.
    pub momentum: f64,
}

impl Cycle {
    /// Learning rate and momentum of a batch of the cycle, from 0. As in fastai
    /// the position is batch / batches, so the last batch stops short of the end;
    /// later batches (there are none) keep the final values.
    pub fn at(&self, batch: u32) -> Hyper {
        let position = (f64::from(batch) / f64::from(self.batches.max(1))).min(1.0);
        let between = |start: f64, peak: f64, end: f64| {
            if position < self.pct_start {
                cosine(start, peak, position / self.pct_start)
            } else {
                cosine(peak, end, (position - self.pct_start) / (1.0 - self.pct_start))
            }
        };
        let [start, peak, end] = MOMENTA;
        Hyper {
            lr: between(self.lr_max / self.div, self.lr_max, self.lr_max / DIV_FINAL),
            momentum: between(start, peak, end),
        }
    }
}

/// fastai's `SchedCos`, with the portable cosine: the same on every target.
fn cosine(start: f64, end: f64, position: f64) -> f64 {
    start + (1.0 + math::cos(PI * (1.0 - position))) * (end - start) / 2.0
}

/// One epoch of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochPlan {
    /// Index from 0 over all phases.
    pub epoch: u32,
    /// Index of the phase, from 0.
    pub phase: u32,
    /// Image side in pixels, for training and validation.
    pub size: u32,
    /// True of the one epoch that begins each phase after the first; with `ft`
    /// of the first phase, too.
    pub warmup: bool,
    /// True if the convolutions of the body do not train in this epoch.
    pub frozen: bool,
    /// True if the optimiser's moments and step count are cleared before it: at
    /// the start, and where fastai calls `freeze` and `unfreeze`.
    pub fresh_optimizer: bool,
    /// What the learning rate is multiplied with in the stem, the body and the
    /// head: fastai's `slice`; all 1 without `ft`.
    pub rates: [f64; 3],
    /// The cycle that it is part of.
    pub cycle: Cycle,
    /// Index in the cycle of this epoch's first batch.
    pub first_batch: u32,
}

impl EpochPlan {
    /// Learning rate and momentum of a batch of this epoch, from 0.
    pub fn at(&self, batch: u32) -> Hyper {
        self.cycle.at(self.first_batch.saturating_add(batch))
    }
}

/// The whole run, epoch by epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The epochs, in order.
    pub epochs: Vec<EpochPlan>,
    /// Batches in every epoch.
    pub batches_per_epoch: u32,
}

impl Schedule {
    /// The plan of an experiment. The first phase is `fit_one_cycle(E, lr)`; each
    /// later one is `fine_tune(E, lr / 3)`: one warm-up epoch that rises almost
    /// to its end, then E epochs at half its learning rate. With `ft` the first
    /// phase is `fine_tune(E, lr)`, and in all of them the body is frozen in the
    /// warm-up epoch and the rates differ by depth: what fastai does where, as in
    /// `vision_learner`, a model has groups of parameters.
    pub fn new(experiment: &Experiment, batches_per_epoch: u32) -> Self {
        let mut plan = Self { epochs: Vec::new(), batches_per_epoch };
        let cycle = |lr_max, div, pct_start| Cycle { lr_max, div, pct_start, batches: 0 };
        for (phase, (index, settings)) in (0u32..).zip(experiment.phases().into_iter().enumerate())
        {
            let mut push = |warmup, epochs, cycle| {
                let part = Part {
                    phase,
                    size: settings.size,
                    warmup,
                    frozen: warmup && (experiment.freeze || experiment.ft),
                    rates: match (experiment.ft, warmup) {
                        (false, _) => ONE_RATE,
                        (true, true) => FROZEN_RATES,
                        (true, false) => SPREAD_RATES,
                    },
                };
                plan.push_cycle(part, epochs, cycle);
            };
            if index == 0 && !experiment.ft {
                push(false, settings.epochs, cycle(experiment.lr, 25.0, 0.25));
            } else {
                let base_lr = if index == 0 { experiment.lr } else { experiment.lr / 3.0 };
                push(true, 1, cycle(base_lr, 25.0, 0.99));
                push(false, settings.epochs, cycle(base_lr / 2.0, 5.0, 0.3));
            }
        }
        plan
    }

    /// Appends the epochs of one cycle.
    fn push_cycle(&mut self, part: Part, epochs: u32, cycle: Cycle) {
        let batches = self.batches_per_epoch;
        let cycle = Cycle { batches: batches.saturating_mul(epochs), ..cycle };
        let Part { phase, size, warmup, frozen, rates } = part;
        for (index, epoch) in (0..epochs).zip(self.epochs.len() as u32..) {
            self.epochs.push(EpochPlan {
                epoch,
                phase,
                size,
                warmup,
                frozen,
                rates,
                fresh_optimizer: index == 0,
                cycle,
                first_batch: batches.saturating_mul(index),
            });
        }
    }

    /// Batches of the whole run.
    pub fn batches(&self) -> u32 {
        self.batches_per_epoch.saturating_mul(self.epochs.len() as u32)
    }

    /// Training pixels per image over the whole run: Σ size² over the epochs. The
    /// work of a convolution is in proportion to it.
    pub fn pixels_per_image(&self) -> u64 {
        self.epochs.iter().map(|epoch| u64::from(epoch.size) * u64::from(epoch.size)).sum()
    }
}

/// What the epochs of one cycle have in common.
struct Part {
    phase: u32,
    size: u32,
    warmup: bool,
    frozen: bool,
    rates: [f64; 3],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link::parse;

    fn plan(link: &str) -> Schedule {
        Schedule::new(&parse(link).experiment, 10)
    }

    fn assert_close(cycle: Cycle, expected: &[(u32, f64, f64)]) {
        for &(batch, lr, momentum) in expected {
            let hyper = cycle.at(batch);
            assert!((hyper.lr / lr - 1.0).abs() < 1e-12, "batch {batch}: {hyper:?}");
            assert!((hyper.momentum - momentum).abs() < 1e-14, "batch {batch}: {hyper:?}");
        }
    }

    // The values of these three tests were computed from fastai's formula in
    // 40-digit arithmetic.

    #[test]
    fn one_cycle_rises_for_a_quarter_and_falls_to_a_hundred_thousandth() {
        let cycle = Cycle { lr_max: 0.01, div: 25.0, pct_start: 0.25, batches: 24 };
        assert_close(
            cycle,
            &[
                (0, 0.0004, 0.95),
                (3, 0.0052, 0.9),
                (5, 0.009_356_921_938_165_305, 0.856_698_729_810_778_1),
                (6, 0.01, 0.85),
                (7, 0.009_924_039_524_673_389, 0.850_759_612_349_389_6),
                (10, 0.008_830_233_913_372_735, 0.861_697_777_844_051_1),
                (20, 0.001_169_866_086_627_265_8, 0.938_302_222_155_948_9),
                (23, 7.606_047_532_661_032e-5, 0.949_240_387_650_610_4),
            ],
        );
    }

    #[test]
    fn the_warm_up_of_fine_tune_ends_near_its_peak() {
        let plan = plan("lr=0.01&prog=32x2,64x2");
        assert_close(
            plan.epochs[2].cycle,
            &[
                (0, 0.000_133_333_333_333_333_33, 0.95),
                (5, 0.001_758_718_875_469_026, 0.899_206_701_808_259_6),
                (9, 0.003_268_522_091_116_529, 0.852_025_351_319_275_1),
            ],
        );
    }

    #[test]
    fn the_rest_of_fine_tune_has_half_the_learning_rate() {
        let plan = plan("lr=0.01&prog=32x2,64x2");
        assert_close(
            plan.epochs[3].cycle,
            &[
                (0, 0.000_333_333_333_333_333_3, 0.95),
                (5, 0.001_577_350_269_189_625_8, 0.856_698_729_810_778_1),
                (6, 0.001_666_666_666_666_666_7, 0.85),
                (7, 0.001_645_773_469_085_584_8, 0.851_253_604_390_908_8),
                (19, 2.090_986_424_774_851e-5, 0.948_746_395_609_091_1),
            ],
        );
    }

    #[test]
    fn a_constant_size_is_one_cycle() {
        let plan = plan("epochs=3&size=48&lr=0.003");
        assert_eq!((plan.epochs.len(), plan.batches()), (3, 30));
        for (index, epoch) in plan.epochs.iter().enumerate() {
            assert_eq!((epoch.epoch, epoch.phase, epoch.size), (index as u32, 0, 48));
            assert_eq!(epoch.fresh_optimizer, index == 0);
            assert!(!epoch.warmup && !epoch.frozen);
            assert_eq!(epoch.rates, ONE_RATE);
            let cycle = Cycle { lr_max: 0.003, div: 25.0, pct_start: 0.25, batches: 30 };
            assert_eq!(epoch.cycle, cycle);
            assert_eq!(epoch.at(4), cycle.at(10 * index as u32 + 4));
        }
        assert_eq!(plan.pixels_per_image(), 3 * 48 * 48);
    }

    #[test]
    fn progressive_resizing_adds_a_warm_up_epoch_to_every_later_phase() {
        let shown = |link: &str| -> Vec<String> {
            let mark = |on, mark| if on { mark } else { "" };
            let epochs = plan(link).epochs;
            epochs
                .iter()
                .map(|e| {
                    let fresh = mark(e.fresh_optimizer, " fresh");
                    let kind = mark(e.warmup, " warm-up");
                    let frozen = mark(e.frozen, " frozen");
                    format!(
                        "{}:{} {}+{}{kind}{frozen}{fresh}",
                        e.epoch, e.phase, e.size, e.first_batch
                    )
                })
                .collect()
        };
        assert_eq!(
            shown("prog=32x2,48x0,64x2"),
            [
                "0:0 32+0 fresh",
                "1:0 32+10",
                "2:1 48+0 warm-up fresh",
                "3:2 64+0 warm-up fresh",
                "4:2 64+0 fresh",
                "5:2 64+10",
            ]
        );
        assert_eq!(
            shown("prog=32x1,64x1&freeze=1"),
            ["0:0 32+0 fresh", "1:1 64+0 warm-up frozen fresh", "2:1 64+0 fresh"]
        );
    }

    /// fastai's `fine_tune(2, base_lr=.01)`: freeze, `slice(.01)`, unfreeze,
    /// `slice(.005 / 100, .005)`.
    #[test]
    fn fine_tuning_begins_frozen_and_spreads_the_rates() {
        let init = "0123456789abcdef".repeat(4);
        let plan = plan(&format!("init={init}&ft=1&epochs=2&lr=0.01"));
        let [frozen, first, second] = plan.epochs[..] else { panic!("{:?}", plan.epochs) };
        assert!(frozen.warmup && frozen.frozen && frozen.fresh_optimizer);
        assert_eq!(frozen.rates, [0.1, 0.1, 1.0]);
        assert_eq!(frozen.cycle, Cycle { lr_max: 0.01, div: 25.0, pct_start: 0.99, batches: 10 });
        for (epoch, fresh) in [(first, true), (second, false)] {
            assert!(!epoch.warmup && !epoch.frozen);
            assert_eq!(epoch.fresh_optimizer, fresh);
            assert_eq!(epoch.rates, [0.01, 0.1, 1.0]);
            let cycle = Cycle { lr_max: 0.005, div: 5.0, pct_start: 0.3, batches: 20 };
            assert_eq!(epoch.cycle, cycle);
        }
        let resized = self::plan(&format!("init={init}&ft=1&prog=32x1,64x1&lr=0.03"));
        let frozen: Vec<bool> = resized.epochs.iter().map(|epoch| epoch.frozen).collect();
        assert_eq!(frozen, [true, false, true, false]);
        assert_eq!(resized.epochs[2].cycle.lr_max, 0.01);
    }

    #[test]
    fn the_plan_has_as_many_epochs_as_the_experiment_says() {
        let tuned = format!("init={}&ft=1&prog=32x3,64x1", "0".repeat(64));
        for link in ["", "epochs=1", "prog=32x3,64x1", "prog=32x3,48x0,64x5", &tuned] {
            let experiment = parse(link).experiment;
            let plan = Schedule::new(&experiment, 7);
            assert_eq!(plan.epochs.len() as u32, experiment.total_epochs(), "{link}");
            assert_eq!(plan.epochs.last().map(|e| e.size), Some(experiment.final_size()), "{link}");
        }
    }

    #[test]
    fn no_batches_are_no_panic() {
        let plan = Schedule::new(&parse("prog=32x1,64x1").experiment, 0);
        assert_eq!(plan.batches(), 0);
        assert!(plan.epochs.iter().all(|epoch| epoch.at(0).lr.is_finite()));
    }
}
