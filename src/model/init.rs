//! First weights: kaiming-normal draws, bit-equal on every target. Pure.

use crate::rng::{Draws, Stream};

/// `len` draws of N(0, 2 / `fan_in`): torch's `kaiming_normal_` with the gain √2
/// of a ReLU, as fastai's `init_cnn` applies it (He et al. 2015).
///
/// `index` is the parameter's place in the network, counted over all of its
/// trainable tensors; `fan_in` is 1 or more.
pub fn kaiming_normal(seed: u32, index: u32, len: usize, fan_in: usize) -> Vec<f32> {
    let deviation = libm::sqrt(2.0 / fan_in.max(1) as f64);
    let mut draws = Draws::new(seed, Stream::Weights, 0, index);
    (0..len).map(|_| (draws.normal() * deviation) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_variance_of_their_fan_in() {
        let weights = kaiming_normal(42, 3, 20_000, 72);
        let n = weights.len() as f64;
        let mean = weights.iter().map(|w| f64::from(*w)).sum::<f64>() / n;
        let variance = weights.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / n;
        assert!(mean.abs() < 0.004, "mean {mean}");
        assert!((variance * 36.0 - 1.0).abs() < 0.04, "variance {variance}");
    }

    #[test]
    fn each_seed_and_each_parameter_has_draws_of_its_own() {
        assert_eq!(kaiming_normal(1, 0, 8, 9), kaiming_normal(1, 0, 8, 9));
        assert_ne!(kaiming_normal(1, 0, 8, 9), kaiming_normal(2, 0, 8, 9));
        assert_ne!(kaiming_normal(1, 0, 8, 9), kaiming_normal(1, 1, 8, 9));
    }
}
