//! The last step of a picture: exposure, tint, vignette, softness and sensor
//! noise, down to eight bits.

use super::canvas::{Canvas, Colour};
use super::paintbox::between;
use crate::rng::Draws;

/// The settings of one exposure.
struct Exposure {
    /// Multiplies each channel: brightness and white balance.
    gain: Colour,
    /// Added to all channels: haze.
    lift: f32,
    /// Contrast around middle grey.
    contrast: f32,
    /// Darkening of the corners.
    vignette: f32,
    /// Share of each pixel that spreads to its neighbours.
    blur: f32,
    /// Amplitude of the noise.
    noise: f32,
    /// Share of colour that is lost.
    fade: f32,
}

/// Exposes the picture: RGB bytes, row by row.
pub(super) fn expose(canvas: &Canvas, draws: &mut Draws) -> Vec<u8> {
    let brightness = between(draws, 0.8, 1.25);
    let warmth = between(draws, -0.1, 0.1);
    let green = between(draws, -0.03, 0.03);
    let exposure = Exposure {
        gain: [
            brightness * (1.0 + warmth),
            brightness * (1.0 + green),
            brightness * (1.0 - warmth),
        ],
        lift: between(draws, 0.0, 0.08),
        contrast: between(draws, 0.8, 1.15),
        vignette: between(draws, 0.0, 0.3),
        blur: if draws.chance(0.3) { between(draws, 0.2, 0.7) } else { 0.0 },
        noise: between(draws, 0.01, 0.06),
        fade: if draws.chance(0.12) { 1.0 } else { between(draws, 0.0, 0.3) },
    };
    let side = canvas.side() as usize;
    let mut bytes = Vec::with_capacity(side * side * 3);
    for y in 0..side {
        for x in 0..side {
            let colour = develop(softened(canvas, x, y, exposure.blur), (x, y), side, &exposure);
            // Three sums of two uniform draws from one draw of 64 bits.
            let bits = draws.next_u64();
            for (channel, value) in colour.into_iter().enumerate() {
                let pair = bits >> (20 * channel);
                let noise = ((pair & 0x3FF) + ((pair >> 10) & 0x3FF)) as f32 / 1023.0 - 1.0;
                let value = value + exposure.noise * noise;
                bytes.push((value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
            }
        }
    }
    bytes
}

/// The pixel mixed with the mean of its four neighbours.
fn softened(canvas: &Canvas, x: usize, y: usize, blur: f32) -> Colour {
    let side = canvas.side() as usize;
    let pixels = canvas.pixels();
    let centre = pixels[y * side + x];
    if blur == 0.0 {
        return centre;
    }
    let (left, right) = (x.saturating_sub(1), (x + 1).min(side - 1));
    let (above, below) = (y.saturating_sub(1), (y + 1).min(side - 1));
    let around = [
        pixels[y * side + left],
        pixels[y * side + right],
        pixels[above * side + x],
        pixels[below * side + x],
    ];
    std::array::from_fn(|i| {
        let mean = (around[0][i] + around[1][i] + around[2][i] + around[3][i]) / 4.0;
        centre[i] + (mean - centre[i]) * blur
    })
}

fn develop(colour: Colour, (x, y): (usize, usize), side: usize, exposure: &Exposure) -> Colour {
    let half = side as f32 / 2.0;
    let (dx, dy) = ((x as f32 + 0.5 - half) / half, (y as f32 + 0.5 - half) / half);
    let shade = 1.0 - exposure.vignette * 0.5 * (dx * dx + dy * dy);
    let luma = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
    std::array::from_fn(|i| {
        let value = colour[i] + (luma - colour[i]) * exposure.fade;
        let value = value * exposure.gain[i] * shade;
        0.5 + (value - 0.5) * exposure.contrast + exposure.lift
    })
}
