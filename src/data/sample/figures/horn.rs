//! French horn: coiled tubes, a wide bell, valves and a mouthpiece.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let brass = match draws.below(5) {
        0 => near(draws, 0.12, 0.08, 0.78),
        1 => near(draws, 0.06, 0.55, 0.75),
        _ => near(draws, 0.12, 0.62, 0.85),
    };
    let dark = darken(brass, 0.45);
    let tube = between(draws, 0.085, 0.12);

    // The pipe to the mouthpiece, then the coils from the outside inwards.
    pipe(brush, &[(-0.5, -0.2), (-0.55, -0.55), (-0.8, -0.8), (-1.05, -0.88)], tube * 0.6, brass);
    brush.solid(&Outline::stroke(&[(-1.02, -0.87), (-1.12, -0.9)], tube * 1.1), grey(0.8));
    coil(brush, (-0.1, -0.1), (0.6, 0.58), (0.0, 1.0), tube, brass);
    coil(brush, (-0.13, -0.1), (0.42, 0.4), (0.1, 0.9), tube * 0.85, brass);
    pipe(brush, &[(-0.5, 0.05), (-0.2, 0.18), (0.1, 0.1), (0.3, -0.15)], tube * 0.7, brass);
    pipe(brush, &[(-0.45, -0.25), (-0.1, -0.05), (0.15, -0.3), (0.28, -0.3)], tube * 0.7, brass);

    let r = between(draws, 0.36, 0.48);
    let (x, y) = (0.62, 0.5);
    let throat = [
        (-0.28, 0.5),
        (0.05, 0.42),
        (x - 0.1, y - r),
        (x + 0.25, y),
        (x - 0.1, y + r),
        (0.0, 0.62),
    ];
    brush.solid(&Outline::blob(&throat), brass);
    brush.ball(&Outline::ellipse(x, y, r * 0.82, r), lighten(brass, 0.15), (x, y), r);
    brush.ball(&Outline::ellipse(x, y, r * 0.7, r * 0.87), dark, (x + 0.1, y + 0.1), r * 0.9);
    brush.flat(&Outline::ellipse(x - 0.06, y - 0.02, r * 0.26, r * 0.34), darken(brass, 0.8));

    for valve in 0..4 {
        let x = -0.36 + 0.17 * valve as f32;
        let y = -0.12 + 0.03 * valve as f32;
        brush.solid(&Outline::stroke(&[(x, y), (x - 0.06, y - 0.24)], 0.035), grey(0.75));
        brush.solid(&Outline::ellipse(x, y, 0.075, 0.075), lighten(brass, 0.3));
        brush.flat(&Outline::dot(x, y, 0.035), dark);
    }
}

/// A bent tube with its dark rim and its gloss.
fn pipe(brush: &mut Brush, points: &[(f32, f32)], width: f32, brass: Colour) {
    brush.flat(&Outline::curve(points, width), darken(brass, 0.5));
    brush.solid(&Outline::curve(points, width * 0.66), brass);
    brush.flat(&Outline::curve(points, width * 0.2), lighten(brass, 0.6));
}

fn coil(
    brush: &mut Brush,
    centre: (f32, f32),
    radii: (f32, f32),
    turns: (f32, f32),
    width: f32,
    brass: Colour,
) {
    brush.flat(&Outline::arc(centre, radii, turns, width), darken(brass, 0.5));
    brush.solid(&Outline::arc(centre, radii, turns, width * 0.66), brass);
    brush.flat(&Outline::arc(centre, radii, turns, width * 0.2), lighten(brass, 0.6));
}
