//! Gas pump: a pillar with a display, a hose and its nozzle; modern with a
//! sign, or old with a glass globe.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let paint = any(draws);
    let trim = if draws.chance(0.5) { grey(0.9) } else { any(draws) };
    brush.shadow(0.05, 0.98, 0.75, 0.1, 0.6);
    brush.solid(&Outline::rect(-0.56, 0.88, 0.56, 1.0), grey(0.55));
    let old = draws.chance(0.45);
    if old {
        globe_pump(brush, draws, paint, trim);
    } else {
        modern(brush, draws, paint, trim);
    }
    let side = 0.45;
    let low = between(draws, 0.55, 0.85);
    let hose = [
        (side, -0.2),
        (side + 0.2, -0.15),
        (side + 0.42, low),
        (side + 0.1, low + 0.1),
        (side + 0.12, 0.2),
        (side + 0.1, 0.0),
    ];
    brush.flat(&Outline::curve(&hose, 0.075), grey(0.08));
    nozzle(brush, side, pick(draws, [grey(0.1), [0.1, 0.5, 0.25], [0.75, 0.12, 0.1]]));
}

fn modern(brush: &mut Brush, draws: &mut Draws, paint: Colour, trim: Colour) {
    brush.solid(&Outline::rounded(-0.55, -1.0, 0.55, -0.66, 0.05), paint);
    brush.flat(&Outline::rect(-0.42, -0.9, 0.2, -0.78), lighten(trim, 0.3));
    brush.solid(&Outline::rect(-0.48, -0.68, 0.48, 0.9), trim);
    brush.solid(&Outline::rect(-0.48, 0.25, 0.48, 0.9), paint);
    display(brush, draws, (-0.36, -0.56, 0.36, -0.16));
    for button in 0..3 {
        let x = -0.34 + 0.25 * button as f32;
        let colour =
            pick(draws, [[0.2, 0.65, 0.3], [0.85, 0.2, 0.15], [0.95, 0.8, 0.2], [0.2, 0.35, 0.75]]);
        brush.solid(&Outline::rounded(x, -0.06, x + 0.19, 0.1, 0.03), colour);
    }
    brush.flat(&Outline::rect(-0.3, 0.4, 0.3, 0.48), lighten(paint, 0.5));
}

fn globe_pump(brush: &mut Brush, draws: &mut Draws, paint: Colour, trim: Colour) {
    brush.ball(&Outline::ellipse(0.0, -0.84, 0.25, 0.23), [0.95, 0.93, 0.85], (0.0, -0.84), 0.24);
    brush.flat(&Outline::rect(-0.18, -0.88, 0.18, -0.8), any(draws));
    brush.solid(&Outline::rect(-0.14, -0.64, 0.14, -0.56), trim);
    brush.solid(&Outline::rounded(-0.46, -0.58, 0.46, 0.9, 0.16), paint);
    if draws.chance(0.5) {
        brush.solid(&Outline::ellipse(0.0, -0.26, 0.28, 0.26), grey(0.75));
        brush.flat(&Outline::ellipse(0.0, -0.26, 0.23, 0.21), grey(0.97));
        brush.flat(
            &Outline::stroke(&[(0.0, -0.26), (between(draws, -0.14, 0.14), -0.4)], 0.04),
            [0.8, 0.1, 0.1],
        );
    } else {
        display(brush, draws, (-0.32, -0.46, 0.32, -0.08));
    }
    brush.flat(&Outline::rect(-0.46, 0.12, 0.46, 0.2), trim);
    brush.flat(&Outline::rounded(-0.28, 0.32, 0.28, 0.76, 0.05), darken(paint, 0.25));
}

/// Two rows of digits behind glass.
fn display(brush: &mut Brush, draws: &mut Draws, (x0, y0, x1, y1): (f32, f32, f32, f32)) {
    brush.flat(&Outline::rect(x0 - 0.04, y0 - 0.04, x1 + 0.04, y1 + 0.04), grey(0.2));
    let (glass, ink) =
        if draws.chance(0.5) { (grey(0.88), grey(0.1)) } else { (grey(0.1), [0.95, 0.55, 0.2]) };
    let row = (y1 - y0) / 2.0;
    for line in 0..2 {
        let y = y0 + row * line as f32;
        brush.flat(&Outline::rect(x0, y + 0.02, x1, y + row - 0.02), glass);
        let digits = 3 + draws.below(3);
        for digit in 0..digits {
            let x = x1 - 0.06 - 0.12 * digit as f32;
            brush.flat(&Outline::rect(x - 0.04, y + 0.05, x + 0.02, y + row - 0.05), ink);
        }
    }
}

/// The nozzle in its holster at the pump's side.
fn nozzle(brush: &mut Brush, x: f32, colour: Colour) {
    brush.solid(&Outline::rect(x - 0.02, -0.12, x + 0.08, 0.2), grey(0.3));
    brush.solid(&Outline::stroke(&[(x + 0.12, 0.12), (x + 0.12, -0.12)], 0.13), colour);
    brush.solid(&Outline::stroke(&[(x + 0.12, -0.14), (x - 0.02, -0.32)], 0.07), grey(0.7));
    brush.flat(&Outline::stroke(&[(x + 0.22, 0.08), (x + 0.22, -0.08)], 0.03), grey(0.2));
}
