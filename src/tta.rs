//! Test-time augmentation: how the passes over one validation set are combined.
//! Pure arithmetic on log-probabilities.
//!
//! Source: fastai `Learner.tta(n=4, beta=0.25, use_max=False)`.

use crate::math;
pub mod by_count;
pub mod passes;

/// How to combine the plain pass with the augmented ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Combine {
    /// `beta · plain + (1 − beta) · mean(augmented)`, on probabilities.
    Average {
        /// Weight of the plain pass, 0..1.
        beta: f64,
    },
    /// Element-wise maximum over plain and augmented probabilities. The scores do
    /// not sum to 1: they have an argmax, but no likelihood and no calibration.
    Maximum,
}

impl Combine {
    /// What the keys `ttamax` and `beta` of an experiment say.
    pub fn of(experiment: &crate::experiment::Experiment) -> Self {
        if experiment.ttamax { Self::Maximum } else { Self::Average { beta: experiment.beta } }
    }
}

/// Combines log-probabilities; every slice is `[n][classes]`, row after row.
/// Returns the logarithms of the combined scores, in the same shape. Without any
/// augmented pass this is `plain` itself.
///
/// # Panics
///
/// If the passes differ in length.
pub fn combine(plain: &[f32], augmented: &[Vec<f32>], how: Combine) -> Vec<f32> {
    assert!(
        augmented.iter().all(|pass| pass.len() == plain.len()),
        "every TTA pass covers the same images and classes"
    );
    if augmented.is_empty() {
        return plain.to_vec();
    }
    let count = augmented.len() as f64;
    (0..plain.len())
        .map(|i| match how {
            Combine::Maximum => augmented.iter().fold(plain[i], |best, pass| best.max(pass[i])),
            Combine::Average { beta } => {
                let mean =
                    augmented.iter().map(|pass| math::exp(f64::from(pass[i]))).sum::<f64>() / count;
                let p = beta * math::exp(f64::from(plain[i])) + (1.0 - beta) * mean;
                math::log(p.max(f64::MIN_POSITIVE)) as f32
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(probabilities: &[f64]) -> Vec<f32> {
        probabilities.iter().map(|&p| math::log(p) as f32).collect()
    }

    fn close(found: &[f32], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            let found = math::exp(f64::from(*found));
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn average_weighs_plain_a_quarter_and_each_of_four_passes_three_sixteenths() {
        let plain = logs(&[0.8, 0.2]);
        let passes = [[0.4, 0.6], [0.5, 0.5], [0.6, 0.4], [0.1, 0.9]].map(|p| logs(&p));
        let combined = combine(&plain, &passes, Combine::Average { beta: 0.25 });
        let first = 0.25 * 0.8 + 0.1875 * (0.4 + 0.5 + 0.6 + 0.1);
        close(&combined, &[first, 1.0 - first]);
    }

    #[test]
    fn maximum_takes_the_largest_score_of_each_class_and_is_not_renormalized() {
        let combined = combine(&logs(&[0.8, 0.2]), &[logs(&[0.3, 0.7])], Combine::Maximum);
        close(&combined, &[0.8, 0.7]);
    }

    #[test]
    fn no_augmented_pass_leaves_the_plain_prediction() {
        let plain = logs(&[0.8, 0.2]);
        assert_eq!(combine(&plain, &[], Combine::Average { beta: 0.25 }), plain);
    }
}
