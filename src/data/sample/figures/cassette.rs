//! Cassette player: a case with a cassette window, keys and loudspeakers, as a
//! boom box, a table recorder or a pocket player.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let case = if draws.chance(0.5) { grey(between(draws, 0.12, 0.8)) } else { any(draws) };
    match draws.below(3) {
        0 => boombox(brush, draws, case),
        1 => recorder(brush, draws, case),
        _ => pocket(brush, draws, case),
    }
}

fn boombox(brush: &mut Brush, draws: &mut Draws, case: Colour) {
    let handle = Outline::stroke(&[(-0.75, -0.4), (-0.7, -0.72), (0.7, -0.72), (0.75, -0.4)], 0.1);
    brush.solid(&handle, darken(case, 0.35));
    if draws.chance(0.5) {
        brush.flat(&Outline::stroke(&[(0.6, -0.45), (1.0, -1.05)], 0.03), grey(0.75));
    }
    brush.solid(&Outline::rounded(-1.0, -0.5, 1.0, 0.55, 0.1), case);
    brush.flat(&Outline::rect(-0.92, -0.42, 0.92, -0.24), darken(case, 0.4));
    dial(brush, draws, (-0.85, -0.39, 0.3, -0.27));
    brush.solid(&Outline::dot(0.55, -0.33, 0.07), grey(0.8));
    brush.solid(&Outline::dot(0.75, -0.33, 0.07), grey(0.8));
    speaker(brush, draws, -0.64, 0.14, 0.32);
    speaker(brush, draws, 0.64, 0.14, 0.32);
    window(brush, draws, (-0.28, -0.14, 0.28, 0.26));
    keys(brush, draws, (-0.28, 0.33, 0.28, 0.46));
}

fn recorder(brush: &mut Brush, draws: &mut Draws, case: Colour) {
    brush.solid(
        &Outline::stroke(&[(-0.5, -0.75), (-0.45, -0.98), (0.45, -0.98), (0.5, -0.75)], 0.1),
        darken(case, 0.3),
    );
    brush.solid(&Outline::rounded(-0.66, -0.82, 0.66, 0.9, 0.12), case);
    window(brush, draws, (-0.5, -0.68, 0.5, -0.08));
    // The grille: fine slots over a dark cloth.
    brush.flat(&Outline::rounded(-0.52, 0.06, 0.52, 0.52, 0.06), darken(case, 0.6));
    for slot in 0..6 {
        let y = 0.1 + 0.075 * slot as f32;
        brush.flat(&Outline::rect(-0.48, y, 0.48, y + 0.03), lighten(case, 0.15));
    }
    keys(brush, draws, (-0.55, 0.62, 0.55, 0.84));
}

fn pocket(brush: &mut Brush, draws: &mut Draws, case: Colour) {
    if draws.chance(0.6) {
        let cord = [(0.4, -0.8), (0.5, -1.1), (0.95, -0.9), (0.95, -0.2), (1.05, 0.2)];
        brush.flat(&Outline::curve(&cord, 0.04), grey(0.1));
        brush.solid(&Outline::dot(1.05, 0.25, 0.12), grey(0.15));
    }
    brush.solid(&Outline::rounded(-0.95, -0.62, 0.8, 0.62, 0.14), case);
    brush.solid(&Outline::rounded(-0.85, -0.52, 0.5, 0.52, 0.08), lighten(case, 0.12));
    window(brush, draws, (-0.68, -0.3, 0.34, 0.3));
    for key in 0..4 {
        let y = -0.45 + 0.23 * key as f32;
        brush.solid(&Outline::rounded(0.58, y, 0.74, y + 0.17, 0.03), grey(0.75));
    }
    brush.flat(
        &Outline::rect(-0.75, 0.38, 0.1, 0.44),
        pick(draws, [grey(0.9), grey(0.1), [0.85, 0.2, 0.15]]),
    );
}

/// A loudspeaker: rim, cloth, cone and dome.
fn speaker(brush: &mut Brush, draws: &mut Draws, x: f32, y: f32, r: f32) {
    let cloth = grey(between(draws, 0.06, 0.3));
    brush.solid(&Outline::ellipse(x, y, r, r), grey(0.68));
    brush.flat(&Outline::ellipse(x, y, r * 0.88, r * 0.88), cloth);
    brush.solid(&Outline::ring(x, y, r * 0.68, r * 0.55), lighten(cloth, 0.3));
    brush.ball(&Outline::ellipse(x, y, r * 0.28, r * 0.28), lighten(cloth, 0.2), (x, y), r * 0.28);
}

/// The window with a cassette behind it: label, two reels and the tape.
fn window(brush: &mut Brush, draws: &mut Draws, (x0, y0, x1, y1): (f32, f32, f32, f32)) {
    let (w, h) = (x1 - x0, y1 - y0);
    let label = any(draws);
    brush.flat(&Outline::rounded(x0, y0, x1, y1, 0.04), grey(0.07));
    brush.flat(
        &Outline::rounded(x0 + 0.08 * w, y0 + 0.1 * h, x1 - 0.08 * w, y1 - 0.1 * h, 0.03),
        lighten(label, 0.35),
    );
    brush.flat(&Outline::rect(x0 + 0.08 * w, y0 + 0.12 * h, x1 - 0.08 * w, y0 + 0.26 * h), label);
    let y = (y0 + y1) / 2.0 + 0.04 * h;
    brush.flat(
        &Outline::rounded(x0 + 0.2 * w, y - 0.19 * h, x1 - 0.2 * w, y + 0.19 * h, 0.05),
        grey(0.1),
    );
    let full = between(draws, 0.12, 0.2);
    for (x, tape) in [(x0 + 0.34 * w, full), (x1 - 0.34 * w, 0.32 - full)] {
        brush.flat(&Outline::ellipse(x, y, tape * w * 0.7, tape * w * 0.7), [0.3, 0.18, 0.12]);
        brush.flat(&Outline::dot(x, y, 0.075 * w), grey(0.92));
        brush.flat(&Outline::dot(x, y, 0.03 * w), grey(0.1));
    }
}

/// The scale of the radio.
fn dial(brush: &mut Brush, draws: &mut Draws, (x0, y0, x1, y1): (f32, f32, f32, f32)) {
    brush.flat(&Outline::rect(x0, y0, x1, y1), grey(0.85));
    for mark in 1..8 {
        let x = x0 + (x1 - x0) * mark as f32 / 8.0;
        brush.flat(&Outline::rect(x, y0 + 0.02, x + 0.015, y1 - 0.03), grey(0.2));
    }
    let needle = between(draws, x0 + 0.1, x1 - 0.1);
    brush.flat(&Outline::rect(needle, y0, needle + 0.03, y1), [0.85, 0.1, 0.1]);
}

/// A row of keys, one of them for recording.
fn keys(brush: &mut Brush, draws: &mut Draws, (x0, y0, x1, y1): (f32, f32, f32, f32)) {
    let colour = grey(pick(draws, [0.2, 0.55, 0.85]));
    let pitch = (x1 - x0) / 5.0;
    for key in 0..5 {
        let x = x0 + pitch * key as f32;
        let colour = if key == 0 { [0.8, 0.15, 0.12] } else { colour };
        brush.solid(&Outline::rect(x + 0.08 * pitch, y0, x + 0.86 * pitch, y1), colour);
    }
}
