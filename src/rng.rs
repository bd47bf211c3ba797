//! Counter-based random draws.
//!
//! A [`Draws`] is a pure function of (seed, stream, epoch, item): no draw moves
//! another, so flipping one technique leaves every other stream as it was.
//! Integer arithmetic and the portable `libm` make every value bit-equal on
//! every target.

/// What a draw is for. The discriminants are part of `v=1`: never reorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Initial weights; the item is the parameter's index.
    Weights = 1,
    /// Order of the training images in an epoch.
    Order = 2,
    /// Crop, flip, warp and light of one image in one epoch.
    Augment = 3,
    /// Mixup: λ per image position.
    MixupLambda = 4,
    /// Mixup: the permutation of one batch; the item is the batch's index.
    MixupPartner = 5,
    /// Test-time augmentation; the epoch is the pass.
    Tta = 6,
    /// Which images a subset keeps.
    Subset = 7,
    /// Which labels are wrong, and what they become.
    Noise = 8,
    /// The drawings of the built-in sample.
    Sample = 9,
    /// Bootstrap resampling of a statistic.
    Bootstrap = 10,
}

/// A reproducible sequence of draws.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    counter: u64,
}

impl Draws {
    /// The sequence of one item in one epoch of one stream.
    pub fn new(seed: u32, stream: Stream, epoch: u32, item: u32) -> Self {
        let high = mix((u64::from(seed) << 32) | u64::from(stream as u32));
        let key = mix(high ^ mix((u64::from(epoch) << 32) | u64::from(item)));
        Self { key, counter: 0 }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.counter += 1;
        mix(self.key.wrapping_add(self.counter.wrapping_mul(GOLDEN)))
    }

    /// Uniform in [0, 1), on a grid of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in 0..n (0 for n = 0), without modulo bias worth a name: the
    /// multiply-shift reduction of 64 bits errs by less than n·2⁻⁶⁴.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u32
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }

    /// Beta(alpha, alpha) for alpha > 0, as a ratio of two gamma draws.
    pub fn beta(&mut self, alpha: f64) -> f64 {
        let x = self.log_gamma_draw(alpha);
        let y = self.log_gamma_draw(alpha);
        // In logarithms: for a small alpha both gammas underflow.
        1.0 / (1.0 + libm::exp(y - x))
    }

    /// The logarithm of a Gamma(alpha, 1) draw, after Marsaglia and Tsang (2000),
    /// with their boost for alpha < 1.
    fn log_gamma_draw(&mut self, alpha: f64) -> f64 {
        if alpha < 1.0 {
            let boost = libm::log(1.0 - self.unit()) / alpha;
            return self.log_gamma_draw(alpha + 1.0) + boost;
        }
        let d = alpha - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = 1.0 - self.unit();
            if libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return libm::log(d * v);
            }
        }
    }

    /// A uniform permutation of 0..n, by Fisher and Yates.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.below(i + 1);
            order.swap(i as usize, j as usize);
        }
        order
    }
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64: a bijection of 64 bits with full avalanche.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(item: u32) -> Draws {
        Draws::new(42, Stream::Augment, 3, item)
    }

    #[test]
    fn same_counters_give_same_draws_and_other_counters_do_not() {
        assert_eq!(draws(1).next_u64(), draws(1).next_u64());
        assert_ne!(draws(1).next_u64(), draws(2).next_u64());
        assert_ne!(
            Draws::new(42, Stream::Order, 0, 0).next_u64(),
            Draws::new(42, Stream::Augment, 0, 0).next_u64()
        );
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut draws = draws(0);
        let n = 40_000;
        let (mut unit, mut normal, mut square) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            unit += draws.unit();
            let z = draws.normal();
            normal += z;
            square += z * z;
        }
        let n = f64::from(n);
        assert!((unit / n - 0.5).abs() < 0.01);
        assert!((normal / n).abs() < 0.02);
        assert!((square / n - 1.0).abs() < 0.03);
    }

    #[test]
    fn beta_has_the_variance_of_its_alpha() {
        for alpha in [0.05, 0.4, 1.0, 4.0] {
            let mut draws = draws(7);
            let n = 20_000;
            let (mut sum, mut square) = (0.0, 0.0);
            for _ in 0..n {
                let x = draws.beta(alpha);
                assert!((0.0..=1.0).contains(&x));
                sum += x;
                square += x * x;
            }
            let mean = sum / f64::from(n);
            let variance = square / f64::from(n) - mean * mean;
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 0.015, "mean {mean} at alpha {alpha}");
            assert!((variance - expected).abs() < 0.01, "variance {variance} at alpha {alpha}");
        }
    }

    #[test]
    fn permutation_is_a_permutation() {
        let mut order = draws(0).permutation(257);
        assert_ne!(order, (0..257).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..257).collect::<Vec<_>>());
    }
}
