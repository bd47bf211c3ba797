//! What the first n passes of test-time augmentation give, for every n up to all
//! of them: nothing is computed again, only combined again.

use super::Combine;

/// The combined log-scores after 0, 1, … all augmented passes; every slice is
/// `[images][classes]`. The first of them is `plain` itself. A pass of another
/// length than `plain` and all after it are left out.
pub fn running(plain: &[f32], augmented: &[Vec<f32>], how: Combine) -> Vec<Vec<f32>> {
    let mut all = vec![plain.to_vec()];
    let mut sums = vec![0.0f64; plain.len()];
    let mut best = plain.to_vec();
    let fitting = augmented.iter().take_while(|pass| pass.len() == plain.len());
    for (count, pass) in (1u32..).zip(fitting) {
        all.push(match how {
            Combine::Maximum => {
                for (best, log) in best.iter_mut().zip(pass) {
                    *best = best.max(*log);
                }
                best.clone()
            }
            Combine::Average { beta } => {
                let logs = sums.iter_mut().zip(pass).zip(plain);
                logs.map(|((sum, log), plain)| {
                    *sum += libm::exp(f64::from(*log));
                    let mean = *sum / f64::from(count);
                    let p = beta * libm::exp(f64::from(*plain)) + (1.0 - beta) * mean;
                    libm::log(p.max(f64::MIN_POSITIVE)) as f32
                })
                .collect()
            }
        });
    }
    all
}

/// Predicted class of each row of `[images][classes]` scores: the largest, the
/// first of equals.
pub fn predicted(scores: &[f32], classes: usize) -> Vec<u8> {
    let largest = |row: &[f32]| {
        let better =
            |best: usize, (i, value): (usize, &f32)| if *value > row[best] { i } else { best };
        row.iter().enumerate().fold(0, better) as u8
    };
    scores.chunks_exact(classes.max(1)).map(largest).collect()
}

/// Share of `labels` that each of `all` predicts right, 0..1, in order: the
/// accuracy against the number of passes.
pub fn accuracies(all: &[Vec<f32>], labels: &[u8]) -> Vec<f64> {
    let of_one = |scores: &Vec<f32>| {
        let predicted = predicted(scores, scores.len() / labels.len().max(1));
        let right = predicted.iter().zip(labels).filter(|(a, b)| a == b).count();
        right as f64 / labels.len().max(1) as f64
    };
    all.iter().map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tta::combine;

    fn logs(probabilities: &[f64]) -> Vec<f32> {
        probabilities.iter().map(|&p| libm::log(p) as f32).collect()
    }

    /// Two images of three classes and three passes; the expected values were
    /// worked out by hand: (0.2, 0.5, 0.3) and so on.
    fn passes() -> (Vec<f32>, Vec<Vec<f32>>) {
        let plain = logs(&[0.5, 0.3, 0.2, 0.4, 0.35, 0.25]);
        let augmented = vec![
            logs(&[0.2, 0.6, 0.2, 0.1, 0.8, 0.1]),
            logs(&[0.1, 0.3, 0.6, 0.6, 0.3, 0.1]),
            logs(&[0.6, 0.3, 0.1, 0.2, 0.7, 0.1]),
        ];
        (plain, augmented)
    }

    #[test]
    fn the_running_average_is_that_of_the_formula() {
        let (plain, augmented) = passes();
        let all = running(&plain, &augmented, Combine::Average { beta: 0.25 });
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], plain);
        // 0.25 · plain + 0.75 · mean: one pass, then two, then three.
        let expected = [
            [0.275, 0.525, 0.2, 0.175, 0.6875, 0.1375],
            [0.2375, 0.4125, 0.35, 0.3625, 0.5, 0.1375],
            [0.35, 0.375, 0.275, 0.325, 0.5375, 0.1375],
        ];
        for (found, expected) in all[1..].iter().zip(expected) {
            for (found, expected) in found.iter().zip(expected) {
                let found = libm::exp(f64::from(*found));
                assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
            }
        }
    }

    #[test]
    fn the_running_maximum_never_falls() {
        let (plain, augmented) = passes();
        let all = running(&plain, &augmented, Combine::Maximum);
        let expected = logs(&[0.6, 0.6, 0.6, 0.6, 0.8, 0.25]);
        assert_eq!(all[3], expected);
        assert_eq!(all[1], logs(&[0.5, 0.6, 0.2, 0.4, 0.8, 0.25]));
    }

    #[test]
    fn all_passes_together_are_what_the_run_combined() {
        let (plain, augmented) = passes();
        for how in [Combine::Maximum, Combine::Average { beta: 0.25 }] {
            let all = running(&plain, &augmented, how);
            for (count, found) in all.iter().enumerate() {
                assert_eq!(*found, combine(&plain, &augmented[..count], how), "{count} {how:?}");
            }
        }
    }

    #[test]
    fn accuracy_goes_by_the_number_of_passes() {
        let (plain, augmented) = passes();
        let all = running(&plain, &augmented, Combine::Average { beta: 0.25 });
        assert_eq!(predicted(&all[0], 3), [0, 0]);
        assert_eq!(predicted(&all[1], 3), [1, 1]);
        assert_eq!(accuracies(&all, &[0, 1]), [0.5, 0.5, 0.5, 0.5]);
        assert_eq!(accuracies(&all, &[1, 1]), [0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_pass_that_does_not_fit_ends_the_row() {
        let (plain, mut augmented) = passes();
        augmented[1].pop();
        assert_eq!(running(&plain, &augmented, Combine::Maximum).len(), 2);
        assert_eq!(accuracies(&[], &[]), Vec::<f64>::new());
    }
}
