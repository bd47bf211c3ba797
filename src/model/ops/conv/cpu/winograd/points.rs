//! The one-dimensional transforms of Winograd's algorithm, for tiles of two outputs and of four.
//!
//! Both follow from interpolation (Toom and Cook): a polynomial's product with the kernel is known
//! from its values at as many points as it has coefficients. `OUT` outputs of a kernel of three take
//! `IN = OUT + 2` points. Factors that only scale a point are in the kernel's transform, which is
//! computed once for all images.

use super::super::lanes::Lanes;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// The transforms in one dimension.
pub(in super::super) trait TileTransform<const IN: usize, const OUT: usize> {
    /// `Bᵀ d`, of inputs.
    fn input(inputs: [Lanes; IN]) -> [Lanes; IN];
    /// `G g`, of the three values of a kernel.
    fn kernel(kernel: [Lanes; 3]) -> [Lanes; IN];
    /// `Aᵀ m`, of products to outputs.
    fn output(products: [Lanes; IN]) -> [Lanes; OUT];
    /// `A y`, of the outputs' gradients; the adjoint of [`TileTransform::output`].
    fn gradient(outputs: [Lanes; OUT]) -> [Lanes; IN];
    /// `Gᵀ u`; the adjoint of [`TileTransform::kernel`].
    fn kernel_gradient(points: [Lanes; IN]) -> [Lanes; 3];
}

/// F(2, 3), by the points 0, 1, −1 and ∞: 4 multiplications instead of 6.
pub(in super::super) struct TwoOutputs;

impl TileTransform<4, 2> for TwoOutputs {
    #[inline(always)]
    fn input([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        [a - c, b + c, c - b, b - d]
    }

    #[inline(always)]
    fn kernel([a, b, c]: [Lanes; 3]) -> [Lanes; 4] {
        let (sum, middle) = ((a + c) * 0.5, b * 0.5);
        [a, sum + middle, sum - middle, c]
    }

    #[inline(always)]
    fn output([a, b, c, d]: [Lanes; 4]) -> [Lanes; 2] {
        [a + b + c, b - c - d]
    }

    #[inline(always)]
    fn gradient([y, z]: [Lanes; 2]) -> [Lanes; 4] {
        [y, y + z, y - z, z * -1.0]
    }

    #[inline(always)]
    fn kernel_gradient([a, b, c, d]: [Lanes; 4]) -> [Lanes; 3] {
        let (sum, difference) = ((b + c) * 0.5, (b - c) * 0.5);
        [a + sum, difference, sum + d]
    }
}

/// F(4, 3), by the points 0, ±√½, ±√2 and ∞: 6 multiplications instead of 12. With these points,
/// whose products are 1, rounding errors are about half of those with 0, ±1, ±2 and ∞.
pub(in super::super) struct FourOutputs;

/// The smaller point and its square.
const NEAR: f32 = FRAC_1_SQRT_2;
const NEAR_SQUARED: f32 = 0.5;
/// The larger point and its square.
const FAR: f32 = SQRT_2;
const FAR_SQUARED: f32 = 2.0;
/// Sum of the two squares.
const SQUARES: f32 = NEAR_SQUARED + FAR_SQUARED;
/// One over the product of a point's differences from all others.
const NEAR_SCALE: f32 = 1.0 / (2.0 * NEAR_SQUARED * (NEAR_SQUARED - FAR_SQUARED));
const FAR_SCALE: f32 = 1.0 / (2.0 * FAR_SQUARED * (FAR_SQUARED - NEAR_SQUARED));

impl TileTransform<6, 4> for FourOutputs {
    #[inline(always)]
    fn input([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 6] {
        let (near, near_odd) = (e - c * FAR_SQUARED, (d - b * FAR_SQUARED) * NEAR);
        let (far, far_odd) = (e - c * NEAR_SQUARED, (d - b * NEAR_SQUARED) * FAR);
        [
            a - c * SQUARES + e,
            near + near_odd,
            near - near_odd,
            far + far_odd,
            far - far_odd,
            b - d * SQUARES + f,
        ]
    }

    #[inline(always)]
    fn kernel([a, b, c]: [Lanes; 3]) -> [Lanes; 6] {
        let (near, near_odd) = ((a + c * NEAR_SQUARED) * NEAR_SCALE, b * (NEAR * NEAR_SCALE));
        let (far, far_odd) = ((a + c * FAR_SQUARED) * FAR_SCALE, b * (FAR * FAR_SCALE));
        [a, near + near_odd, near - near_odd, far + far_odd, far - far_odd, c]
    }

    #[inline(always)]
    fn output([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 4] {
        let (near, near_odd) = (b + c, b - c);
        let (far, far_odd) = (d + e, d - e);
        [
            a + near + far,
            near_odd * NEAR + far_odd * FAR,
            near * NEAR_SQUARED + far * FAR_SQUARED,
            near_odd * (NEAR * NEAR_SQUARED) + far_odd * (FAR * FAR_SQUARED) + f,
        ]
    }

    #[inline(always)]
    fn gradient([w, x, y, z]: [Lanes; 4]) -> [Lanes; 6] {
        let (near, near_odd) = (w + y * NEAR_SQUARED, (x + z * NEAR_SQUARED) * NEAR);
        let (far, far_odd) = (w + y * FAR_SQUARED, (x + z * FAR_SQUARED) * FAR);
        [w, near + near_odd, near - near_odd, far + far_odd, far - far_odd, z]
    }

    #[inline(always)]
    fn kernel_gradient([a, b, c, d, e, f]: [Lanes; 6]) -> [Lanes; 3] {
        let (near, near_odd) = ((b + c) * NEAR_SCALE, (b - c) * (NEAR * NEAR_SCALE));
        let (far, far_odd) = ((d + e) * FAR_SCALE, (d - e) * (FAR * FAR_SCALE));
        [a + near + far, near_odd + far_odd, near * NEAR_SQUARED + far * FAR_SQUARED + f]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes<const N: usize>(values: [f32; N]) -> [Lanes; N] {
        values.map(|value| Lanes::load(&[value]))
    }

    fn values<const N: usize>(lanes: [Lanes; N]) -> [f32; N] {
        lanes.map(|it| it.values()[0])
    }

    fn numbers<const N: usize>(seed: usize) -> [f32; N] {
        std::array::from_fn(|at| ((at * 29 + seed * 13) % 17) as f32 - 8.0)
    }

    fn dot<const N: usize>(a: [f32; N], b: [f32; N]) -> f32 {
        a.into_iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// By the definition: each output is the kernel's dot product with what lies under it.
    fn computes<const IN: usize, const OUT: usize, T: TileTransform<IN, OUT>>() {
        for seed in 0..20 {
            let (inputs, kernel, outputs): ([f32; IN], [f32; 3], [f32; OUT]) =
                (numbers(seed), numbers(seed + 1), numbers(seed + 2));
            let points = values(T::input(lanes(inputs)));
            let weights = values(T::kernel(lanes(kernel)));
            let products = std::array::from_fn(|at| points[at] * weights[at]);
            let found = values(T::output(lanes(products)));
            let expected: [f32; OUT] =
                std::array::from_fn(|at| (0..3).map(|k| kernel[k] * inputs[at + k]).sum());
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found - expected).abs() < 2e-4, "{found} for {expected}");
            }
            // The adjoints: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.
            let gradient = values(T::gradient(lanes(outputs)));
            assert!((dot(found, outputs) - dot(products, gradient)).abs() < 1e-2);
            let back = values(T::kernel_gradient(lanes(points)));
            assert!((dot(weights, points) - dot(kernel, back)).abs() < 1e-2);
        }
    }

    #[test]
    fn both_convolve_and_have_their_adjoints() {
        computes::<4, 2, TwoOutputs>();
        computes::<6, 4, FourOutputs>();
    }
}
