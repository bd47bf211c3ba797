//! What a lesson's experiment costs, before it runs. Independent of clocks: where nothing
//! was measured, the time is that of a slow machine.

use super::Lesson;
use crate::cost::{taken, work};
use crate::experiment::link;
use crate::sweep::Plan;

/// Multiply-accumulates per second of `tiny` in the CPU engine of a browser, on a slow
/// machine: what a lesson's time is told by where none was measured.
pub const PACE: f64 = 4e9;

/// Longest that a lesson's experiment may take at [`PACE`], in seconds.
pub const SECONDS: f64 = 120.0;

/// Images of each class of the built-in drawings: to train on, to validate with.
pub const DRAWINGS: ([u32; 10], [u32; 10]) = ([100; 10], [50; 10]);

/// Multiply-accumulates of all that the lesson trains, on a data set with so many training
/// and validation images of each class; 0 if it trains nothing.
pub fn macs(lesson: &Lesson, train: &[u32], valid: &[u32]) -> f64 {
    let of = |it: &crate::experiment::Experiment| {
        work(it, taken(train, it.subset), taken(valid, it.valid))
    };
    let link = &lesson.experiment.link;
    if !lesson.experiment.start {
        return 0.0;
    }
    match Plan::parse(link).plan {
        Some(plan) => plan.runs().iter().map(|run| of(&run.experiment)).sum(),
        None => of(&link::parse(link).experiment),
    }
}

/// Seconds that so much work takes on a slow machine.
pub fn rough_seconds(macs: f64) -> f64 {
    macs / PACE
}
