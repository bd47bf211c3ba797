//! The training loss as fastai shows it. Pure.

/// Exponential average of the batch losses with beta .98, debiased.
///
/// Source: fastai `AvgSmoothLoss`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SmoothLoss {
    sum: f64,
    count: u32,
}

const BETA: f64 = 0.98;

impl SmoothLoss {
    /// Takes up the average that [`Self::parts`] gave.
    pub fn from_parts((sum, count): (f64, u32)) -> Self {
        Self { sum, count }
    }

    /// The biased average and the number of batches in it.
    pub fn parts(self) -> (f64, u32) {
        (self.sum, self.count)
    }

    /// Adds the loss of one batch and returns the debiased average.
    pub fn add(&mut self, loss: f64) -> f64 {
        self.sum = BETA * self.sum + (1.0 - BETA) * loss;
        self.count += 1;
        self.value()
    }

    /// The debiased average; NaN before the first batch.
    pub fn value(self) -> f64 {
        self.sum / (1.0 - libm::pow(BETA, f64::from(self.count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_the_loss_and_a_constant_stays_itself() {
        let mut smooth = SmoothLoss::default();
        assert!((smooth.add(2.5) - 2.5).abs() < 1e-12);
        for _ in 0..100 {
            assert!((smooth.add(2.5) - 2.5).abs() < 1e-12);
        }
    }

    #[test]
    fn two_values_weigh_as_the_formula_says() {
        let mut smooth = SmoothLoss::default();
        smooth.add(1.0);
        let expected = (0.98 * 0.02 * 1.0 + 0.02 * 3.0) / (1.0 - 0.98 * 0.98);
        assert!((smooth.add(3.0) - expected).abs() < 1e-12);
    }
}
