//! Thins a training curve to as many points as a plot can show, preserving the extremes of the
//! loss. Independent of everything but the protocol.

use crate::progress::StepPoint;

/// Points of a finished run's curve: twice the pixels of a wide plot.
pub const KEPT: usize = 2000;

/// At most `limit` (at least 4) points of a curve: all of it if it is short
/// enough, else the batches of lowest and highest loss of each of `limit / 2`
/// equal stretches, and always the first and the last batch.
pub fn thin(points: &[StepPoint], limit: usize) -> Vec<StepPoint> {
    let limit = limit.max(4);
    let [first, middle @ .., last] = points else {
        return points.to_vec();
    };
    if points.len() <= limit {
        return points.to_vec();
    }
    let stretches = (limit - 2) / 2;
    let length = middle.len().div_ceil(stretches).max(1);
    let mut kept = vec![*first];
    for stretch in middle.chunks(length) {
        let low = stretch.iter().min_by(|a, b| a.loss.total_cmp(&b.loss));
        let high = stretch.iter().max_by(|a, b| a.loss.total_cmp(&b.loss));
        let (Some(low), Some(high)) = (low, high) else { continue };
        let (early, late) = if low.step <= high.step { (low, high) } else { (high, low) };
        kept.push(*early);
        if late.step != early.step {
            kept.push(*late);
        }
    }
    kept.push(*last);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(losses: &[f64]) -> Vec<StepPoint> {
        losses
            .iter()
            .zip(0..)
            .map(|(&loss, step)| StepPoint {
                step,
                epoch: f64::from(step) / 10.0,
                loss,
                smooth_loss: loss,
                lr: 0.01,
                momentum: 0.9,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn thinning_keeps_ends_extremes_and_order(
            losses in proptest::collection::vec(0.0..5.0f64, 0..400),
            limit in 4usize..60,
        ) {
            let points = curve(&losses);
            let kept = thin(&points, limit);
            prop_assert!(kept.len() <= limit.max(losses.len().min(limit)));
            prop_assert_eq!(kept.first(), points.first());
            prop_assert_eq!(kept.last(), points.last());
            prop_assert!(kept.windows(2).all(|pair| pair[0].step < pair[1].step));
            let highest = |points: &[StepPoint]| points.iter().map(|p| p.loss).fold(0.0, f64::max);
            prop_assert_eq!(highest(&kept), highest(&points));
        }
    }

    #[test]
    fn a_short_curve_is_kept_whole() {
        let points = curve(&[3.0, 2.0, 1.0]);
        assert_eq!(thin(&points, 10), points);
    }
}
