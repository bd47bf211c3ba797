//! Round ticks of an axis. Independent of everything else.

use crate::math;

/// The ticks of one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// Distance of two ticks.
    pub step: f64,
    /// The ticks inside the range, ascending.
    pub values: Vec<f64>,
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten, at most `most`
/// (at least 2) of them, `least` or more apart, within `low..=high`.
pub fn within((low, high): (f64, f64), most: usize, least: f64) -> Ticks {
    let width = high - low;
    if !width.is_finite() || width <= 0.0 {
        return Ticks { step: 1.0, values: vec![low] };
    }
    let most = most.max(2);
    let mut step = round_up((width / most as f64).max(least));
    loop {
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        if last - first + 1.0 <= most as f64 {
            let count = (last - first + 1.0).max(0.0) as usize;
            // `+ 0.0` turns a negative zero into zero.
            let values = (0..count).map(|i| (first + i as f64) * step + 0.0).collect();
            return Ticks { step, values };
        }
        step = round_up(step * 1.5);
    }
}

/// The smallest 1, 2 or 5 times a power of ten that is not below `value`.
fn round_up(value: f64) -> f64 {
    let power = math::pow(10.0, math::log10(value).floor());
    let factor = value / power;
    // A tolerance: 2.0000000001 is 2.
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| factor <= round + 1e-9);
    round.unwrap_or(10.0) * power
}

/// A tick with as many decimals as its distance to the next one needs.
pub fn label(value: f64, step: f64) -> String {
    let decimals = if step.is_finite() && step > 0.0 {
        (-(math::log10(step) + 1e-9).floor()).clamp(0.0, 9.0) as usize
    } else {
        0
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ticks_are_in_range_even_and_few(
            low in -100.0..100.0f64,
            width in 1e-4..1e4f64,
            most in 2usize..12,
        ) {
            let ticks = within((low, low + width), most, 0.0);
            prop_assert!(ticks.values.len() <= most);
            let slack = 1e-6 * ticks.step + 1e-9;
            for value in &ticks.values {
                prop_assert!(*value >= low - slack && *value <= low + width + slack);
            }
            for pair in ticks.values.windows(2) {
                prop_assert!((pair[1] - pair[0] - ticks.step).abs() < slack);
            }
        }
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(within((0.0, 5.0), 6, 0.0).values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(within((0.0, 3.0), 12, 1.0).values, [0.0, 1.0, 2.0, 3.0]);
        let fine = within((1.13, 2.31), 6, 0.0);
        let labels: Vec<_> = fine.values.iter().map(|v| label(*v, fine.step)).collect();
        assert_eq!(labels, ["1.2", "1.4", "1.6", "1.8", "2.0", "2.2"]);
    }

    #[test]
    fn labels_have_the_decimals_of_the_step() {
        assert_eq!(label(10.0, 5.0), "10");
        assert_eq!(label(0.25, 0.05), "0.25");
        assert_eq!(label(0.3, 0.1), "0.3");
    }

    #[test]
    fn an_empty_range_has_one_tick() {
        assert_eq!(within((3.0, 3.0), 5, 0.0).values, [3.0]);
    }
}
