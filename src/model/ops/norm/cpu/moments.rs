//! Batch normalization with the batch's own statistics, with or without a ReLU after
//! it, and its gradients: each value is read twice and written once. Plain slices,
//! images in `[batch, channels, pixels]`; independent of burn.
//!
//! Ioffe and Szegedy, “Batch Normalization” (2015). Sums of a plane are taken in eight
//! lanes and added up over planes in `f64`, always in the same order.

/// Partial sums that are computed in parallel.
const LANES: usize = 8;

/// The statistics by which a channel's values are shifted and scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ChannelMoments {
    pub mean: f32,
    /// Biased, as batch normalization divides by it.
    pub variance: f32,
}

impl ChannelMoments {
    /// The unbiased variance of `count` values: `count / (count − 1)` times the biased one. `None`
    /// for a single value, which has none.
    pub(super) fn unbiased_variance(self, count: usize) -> Option<f32> {
        (count > 1).then(|| (f64::from(self.variance) * (count as f64 / (count - 1) as f64)) as f32)
    }

    fn inverse_deviation(self, epsilon: f64) -> f32 {
        (1.0 / (f64::from(self.variance) + epsilon).sqrt()) as f32
    }
}

/// Gradients of the input, of gamma and of beta.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BackwardValues {
    pub input: Vec<f32>,
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
}

/// Mean and variance of every channel. Planes are merged as Chan, Golub and LeVeque do,
/// so that no precision is lost if the mean is far from zero.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn moments(input: &[f32], channels: usize, pixels: usize) -> Vec<ChannelMoments> {
    // Count, mean and sum of squared deviations so far.
    let mut so_far = vec![(0.0_f64, 0.0_f64, 0.0_f64); channels];
    for (index, plane) in input.chunks_exact(pixels).enumerate() {
        let [sum] = sums(plane, plane, plane, |x, _, _| [x]);
        let mean = sum / pixels as f64;
        let near = mean as f32;
        let [squares] = sums(plane, plane, plane, |x, _, _| [(x - near) * (x - near)]);
        let (count, total_mean, total_squares) = &mut so_far[index % channels];
        let delta = mean - *total_mean;
        let new = *count + pixels as f64;
        *total_squares += squares + delta * delta * *count * pixels as f64 / new;
        *total_mean += delta * pixels as f64 / new;
        *count = new;
    }
    let channel = |(count, mean, squares): (f64, f64, f64)| ChannelMoments {
        mean: mean as f32,
        variance: (squares / count) as f32,
    };
    so_far.into_iter().map(channel).collect()
}

/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, then ReLU where `RELU`.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn normalize<const RELU: bool>(
    input: &[f32],
    pixels: usize,
    channels: &[ChannelMoments],
    gamma: &[f32],
    beta: &[f32],
    epsilon: f64,
) -> Vec<f32> {
    let mut out = Vec::with_capacity(input.len());
    for (index, plane) in input.chunks_exact(pixels).enumerate() {
        let at = index % channels.len();
        let mean = channels[at].mean;
        let scale = gamma[at] * channels[at].inverse_deviation(epsilon);
        let beta = beta[at];
        out.extend(plane.iter().map(|x| {
            let y = (x - mean) * scale + beta;
            // Not `max`: a diverged network's NaN must stay one.
            if RELU && y <= 0.0 { 0.0 } else { y }
        }));
    }
    out
}

/// The backward pass of [`normalize`]; `output` is what it returned, `gradient` that of
/// the output.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn backward<const RELU: bool>(
    input: &[f32],
    output: &[f32],
    gradient: &[f32],
    pixels: usize,
    channels: &[ChannelMoments],
    gamma: &[f32],
    epsilon: f64,
) -> BackwardValues {
    let passes = |y: f32, g: f32| if RELU && y <= 0.0 { 0.0 } else { g };
    let planes = || {
        let planes = input.chunks_exact(pixels).zip(output.chunks_exact(pixels));
        planes.zip(gradient.chunks_exact(pixels)).map(|((x, y), g)| (x, y, g))
    };
    let mut of_beta = vec![0.0_f64; channels.len()];
    let mut of_deviation = of_beta.clone();
    for (index, (x, y, g)) in planes().enumerate() {
        let at = index % channels.len();
        let mean = channels[at].mean;
        let [sum, product] = sums(x, y, g, |x, y, g| {
            let g = passes(y, g);
            [g, g * (x - mean)]
        });
        of_beta[at] += sum;
        of_deviation[at] += product;
    }
    let inverse: Vec<f32> = channels.iter().map(|it| it.inverse_deviation(epsilon)).collect();
    let count = (input.len() / channels.len()) as f64;
    let mut of_input = Vec::with_capacity(input.len());
    for (index, (x, y, g)) in planes().enumerate() {
        let at = index % channels.len();
        let mean = channels[at].mean;
        let scale = gamma[at] * inverse[at];
        let shift = (of_beta[at] / count) as f32;
        let slope = (of_deviation[at] / count) as f32 * inverse[at] * inverse[at];
        let values = x.iter().zip(y).zip(g);
        of_input.extend(
            values.map(|((x, y), g)| scale * (passes(*y, *g) - shift - (x - mean) * slope)),
        );
    }
    let of_gamma = of_deviation.iter().zip(&inverse);
    BackwardValues {
        input: of_input,
        gamma: of_gamma.map(|(sum, inverse)| (sum * f64::from(*inverse)) as f32).collect(),
        beta: of_beta.iter().map(|sum| *sum as f32).collect(),
    }
}

/// Sums of `terms` over the values of three planes.
#[inline(always)]
fn sums<const N: usize>(
    a: &[f32],
    b: &[f32],
    c: &[f32],
    terms: impl Fn(f32, f32, f32) -> [f32; N],
) -> [f64; N] {
    let mut lanes = [[0.0_f32; LANES]; N];
    let mut add = |lane: usize, a: f32, b: f32, c: f32| {
        for (lanes, term) in lanes.iter_mut().zip(terms(a, b, c)) {
            lanes[lane] += term;
        }
    };
    let (mut a, mut b, mut c) =
        (a.chunks_exact(LANES), b.chunks_exact(LANES), c.chunks_exact(LANES));
    for ((a, b), c) in (&mut a).zip(&mut b).zip(&mut c) {
        for lane in 0..LANES {
            add(lane, a[lane], b[lane], c[lane]);
        }
    }
    let rest = a.remainder().iter().zip(b.remainder()).zip(c.remainder());
    for (lane, ((a, b), c)) in rest.enumerate() {
        add(lane, *a, *b, *c);
    }
    lanes.map(|lanes| lanes.iter().map(|lane| f64::from(*lane)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPSILON: f64 = 1e-5;

    /// Two images, two channels, nine pixels: more than the lanes, and not a multiple.
    fn images() -> Vec<f32> {
        (0..36).map(|i| ((i * 7 + i * i) % 23) as f32 * 0.25 - 2.0).collect()
    }

    fn gradient() -> Vec<f32> {
        (0..36).map(|i| ((i * 5 + 3) % 11) as f32 * 0.1 - 0.4).collect()
    }

    /// Batch norm and ReLU in `f64`, by the formula.
    fn expected(input: &[f64], gamma: [f64; 2], beta: [f64; 2], relu: bool) -> Vec<f64> {
        let of = |channel: usize| -> Vec<f64> {
            input.chunks(9).skip(channel).step_by(2).flatten().copied().collect()
        };
        let mut out = input.to_vec();
        for channel in 0..2 {
            let values = of(channel);
            let mean = values.iter().sum::<f64>() / 18.0;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 18.0;
            for plane in out.chunks_mut(9).skip(channel).step_by(2) {
                for value in plane {
                    let y = (*value - mean) / (variance + EPSILON).sqrt();
                    let y = y * gamma[channel] + beta[channel];
                    *value = if relu { y.max(0.0) } else { y };
                }
            }
        }
        out
    }

    fn wide(values: &[f32]) -> Vec<f64> {
        values.iter().map(|v| f64::from(*v)).collect()
    }

    fn close(found: &[f32], expected: &[f64], within: f64) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < within, "{found} for {expected}");
        }
    }

    fn forward<const RELU: bool>(gamma: [f32; 2], beta: [f32; 2]) -> Vec<f32> {
        let channels = moments(&images(), 2, 9);
        normalize::<RELU>(&images(), 9, &channels, &gamma, &beta, EPSILON)
    }

    #[test]
    fn normalizes_as_the_formula_says() {
        let (gamma, beta) = ([1.5, -0.5], [0.25, 1.0]);
        let gammas = [1.5, -0.5];
        close(
            &forward::<false>(gamma, beta),
            &expected(&wide(&images()), gammas, [0.25, 1.0], false),
            1e-6,
        );
        close(
            &forward::<true>(gamma, beta),
            &expected(&wide(&images()), gammas, [0.25, 1.0], true),
            1e-6,
        );
    }

    #[test]
    fn the_unbiased_variance_is_larger_by_one_degree_of_freedom() {
        let channel = ChannelMoments { mean: 0.0, variance: 2.0 };
        assert_eq!(channel.unbiased_variance(1), None);
        assert_eq!(channel.unbiased_variance(2), Some(4.0));
        assert_eq!(channel.unbiased_variance(64), Some(128.0 / 63.0));
    }

    #[test]
    fn a_mean_far_from_zero_costs_no_digits() {
        let far: Vec<f32> = images().iter().map(|v| v + 4096.0).collect();
        let (near, far) = (moments(&images(), 2, 9), moments(&far, 2, 9));
        for (near, far) in near.iter().zip(&far) {
            assert!((near.mean + 4096.0 - far.mean).abs() < 1e-3);
            assert!((near.variance - far.variance).abs() < 1e-5 * near.variance);
        }
    }

    /// Every gradient against central differences of the formula in `f64`.
    fn gradients_are_the_slopes<const RELU: bool>() {
        let (gamma, beta) = ([1.5_f32, -0.5], [0.25_f32, 1.0]);
        let channels = moments(&images(), 2, 9);
        let output = normalize::<RELU>(&images(), 9, &channels, &gamma, &beta, EPSILON);
        let found =
            backward::<RELU>(&images(), &output, &gradient(), 9, &channels, &gamma, EPSILON);
        let value = |input: &[f64], gamma: [f64; 2], beta: [f64; 2]| -> f64 {
            let out = expected(input, gamma, beta, RELU);
            out.iter().zip(gradient()).map(|(y, g)| y * f64::from(g)).sum()
        };
        let step = 1e-5;
        let slope = |change: &dyn Fn(f64) -> f64| (change(step) - change(-step)) / (2.0 * step);
        let (images, gammas, betas) = (wide(&images()), [1.5, -0.5], [0.25, 1.0]);
        let of_input: Vec<f64> = (0..images.len())
            .map(|at| {
                slope(&|by| {
                    let mut moved = images.clone();
                    moved[at] += by;
                    value(&moved, gammas, betas)
                })
            })
            .collect();
        let moved = |mut at: [f64; 2], channel: usize, by: f64| {
            at[channel] += by;
            at
        };
        let of_gamma = [0, 1].map(|at| slope(&|by| value(&images, moved(gammas, at, by), betas)));
        let of_beta = [0, 1].map(|at| slope(&|by| value(&images, gammas, moved(betas, at, by))));
        close(&found.input, &of_input, 2e-6);
        close(&found.gamma, &of_gamma, 2e-6);
        close(&found.beta, &of_beta, 2e-6);
    }

    #[test]
    fn gradients_are_slopes() {
        gradients_are_the_slopes::<false>();
        gradients_are_the_slopes::<true>();
    }

    #[test]
    fn a_value_that_is_none_stays_none() {
        let mut images = images();
        images[3] = f32::NAN;
        let channels = moments(&images, 2, 9);
        let out = normalize::<true>(&images, 9, &channels, &[1.0; 2], &[0.0; 2], EPSILON);
        assert!(out[..9].iter().all(|value| value.is_nan()));
        assert!(out[9..18].iter().all(|value| value.is_finite()));
    }
}
