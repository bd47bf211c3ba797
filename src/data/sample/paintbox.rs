//! Chance and colour for figures and scenes: thin helpers over the draws.

use super::canvas::Colour;
use crate::rng::Draws;

/// Uniform between two values.
pub(super) fn between(draws: &mut Draws, low: f32, high: f32) -> f32 {
    draws.uniform(f64::from(low), f64::from(high)) as f32
}

/// One of a few values.
pub(super) fn pick<T: Copy, const N: usize>(draws: &mut Draws, values: [T; N]) -> T {
    values[draws.below(N as u32) as usize]
}

/// A colour by hue in turns, saturation and value in 0..1.
pub(super) fn hsv(hue: f32, saturation: f32, value: f32) -> Colour {
    let sector = |offset: f32| {
        let k = (offset + hue * 6.0).rem_euclid(6.0);
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    [sector(5.0), sector(3.0), sector(1.0)]
}

/// A colour near the given hue (turns), saturation and value.
pub(super) fn near(draws: &mut Draws, hue: f32, saturation: f32, value: f32) -> Colour {
    hsv(
        hue + between(draws, -0.025, 0.025),
        (saturation + between(draws, -0.12, 0.12)).clamp(0.0, 1.0),
        (value + between(draws, -0.1, 0.1)).clamp(0.0, 1.0),
    )
}

/// Any colour that a thing may be painted in, seldom white, grey or black.
pub(super) fn any(draws: &mut Draws) -> Colour {
    if draws.chance(0.25) {
        let value = between(draws, 0.15, 0.95);
        let hue = draws.unit() as f32;
        return hsv(hue, 0.08, value);
    }
    let hue = draws.unit() as f32;
    let saturation = between(draws, 0.35, 0.85);
    let value = between(draws, 0.4, 0.95);
    hsv(hue, saturation, value)
}

/// A neutral grey.
pub(super) fn grey(value: f32) -> Colour {
    [value, value, value + 0.02]
}
