//! The search for a learning rate, as far as it is arithmetic: which rates are
//! tried, when it ends, what it suggests. Pure.
//!
//! After fastai 2.8 `callback/schedule.py`: `LRFinder`, `lr_find` and `valley`
//! with their defaults.

use crate::math;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// The first rate that is tried.
pub const FIRST: f64 = 1e-7;
/// The rate that the search goes towards.
pub const LAST: f64 = 10.0;
/// Batches that are trained, each with a rate of its own.
pub const STEPS: u32 = 100;
/// The search ends when the smoothed loss is more than this many times its best.
pub const DIVERGED: f64 = 4.0;

/// Rates at the beginning that the suggestion passes over: the average of the
/// loss has not settled yet.
const SKIPPED_FIRST: usize = STEPS as usize / 10;
/// Rates at the end that it passes over: the loss has exploded there.
const SKIPPED_LAST: usize = 5;

/// One batch of the search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Tried {
    /// The learning rate that it was trained with.
    pub lr: f64,
    /// Its loss, before it was trained.
    pub loss: f64,
    /// The debiased average of the losses (beta .98).
    pub smooth_loss: f64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct FoundRate {
    /// The rates that were tried, ascending.
    pub tried: Vec<Tried>,
    /// The suggestion; `None` where the search ended too early for one.
    pub suggestion: Option<Tried>,
}

/// The rate of a batch of the search, from 0: evenly spread on a logarithmic
/// scale, fastai's `SchedExp` at `step / STEPS`.
pub fn rate(step: u32) -> f64 {
    FIRST * math::pow(LAST / FIRST, f64::from(step) / f64::from(STEPS))
}

/// True once the smoothed loss has left its best behind, or is no number.
pub fn has_diverged(tried: &[Tried]) -> bool {
    let Some(last) = tried.last() else { return false };
    let best = tried.iter().map(|it| it.smooth_loss).fold(f64::INFINITY, f64::min);
    !last.smooth_loss.is_finite() || last.smooth_loss > DIVERGED * best
}

/// The suggestion of a search that is over: `valley` of the smoothed losses,
/// without the first tenth and the last five of them.
pub fn suggestion(tried: &[Tried]) -> Option<Tried> {
    // fastai trains on when the loss is no number, and then cuts there: nothing
    // but the undefined values is lost at that end.
    let undefined = tried.iter().position(|it| it.smooth_loss.is_nan());
    let whole = if undefined.is_some() { STEPS as usize } else { tried.len() };
    let end = undefined.unwrap_or(tried.len()).min(whole.saturating_sub(SKIPPED_LAST));
    let considered = tried.get(SKIPPED_FIRST..end)?;
    let losses: Vec<f64> = considered.iter().map(|it| it.smooth_loss).collect();
    considered.get(valley(&losses)?).copied()
}

/// The middle of the longest valley: of the longest (not necessarily contiguous)
/// falling sequence of losses, the place half-way through the second third of
/// its stretch. `None` for less than two losses.
pub fn valley(losses: &[f64]) -> Option<usize> {
    if losses.len() < 2 {
        return None;
    }
    // The length of the longest falling sequence that ends at each place.
    let mut lengths = vec![1usize; losses.len()];
    for i in 1..losses.len() {
        for j in 0..i {
            if losses[i] < losses[j] {
                lengths[i] = lengths[i].max(lengths[j] + 1);
            }
        }
    }
    // The first place where the longest ends.
    let end =
        (0..lengths.len()).fold(0, |best, i| if lengths[i] > lengths[best] { i } else { best });
    // As fastai counts it, the stretch is as long as the sequence, wherever the
    // sequence really begins; it may begin one before the first place.
    let length = lengths[end];
    Some((end + length / 3 + length / 6).saturating_sub(length))
}

#[cfg(test)]
mod tests;
