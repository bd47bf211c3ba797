//! Parachute: a round canopy of gores or a ram-air wing, lines, a jumper.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let first = any(draws);
    let second = if draws.chance(0.6) { lighten(any(draws), 0.5) } else { any(draws) };
    let hang = (between(draws, -0.12, 0.12), between(draws, 0.72, 0.85));
    if draws.chance(0.6) {
        dome(brush, draws, (first, second), hang);
    } else {
        wing(brush, draws, (first, second), hang);
    }
    jumper(brush, draws, hang);
}

fn dome(brush: &mut Brush, draws: &mut Draws, (first, second): (Colour, Colour), hang: (f32, f32)) {
    let gores = 5 + draws.below(4);
    let height = between(draws, 0.62, 0.85);
    let rim = -0.1;
    let edge = |i: u32| {
        // Gores of equal angle around the axis look narrower towards the sides.
        let angle = core::f32::consts::PI * (i as f32 / gores as f32);
        -0.88 * libm::cosf(angle)
    };
    for i in 0..=gores {
        brush.flat(&Outline::stroke(&[(edge(i), rim), hang], 0.022), grey(0.25));
    }
    for i in 0..gores {
        let colour = if i % 2 == 0 { first } else { second };
        let (x0, x1) = (edge(i), edge(i + 1));
        // Meridians are half ellipses through the crown.
        let mut outline = Vec::with_capacity(18);
        for step in 0..=7 {
            let turn = core::f32::consts::FRAC_PI_2 * step as f32 / 7.0;
            let (c, s) = (libm::cosf(turn), libm::sinf(turn));
            outline.insert(step, (x0 * c, rim - height * s));
            outline.insert(step + 1, (x1 * c, rim - height * s));
        }
        outline.push(((x0 + x1) / 2.0, rim - 0.09));
        brush.blend(
            &Outline::polygon(&outline),
            (lighten(colour, 0.12), (-0.3, -0.9)),
            (darken(colour, 0.25), (0.5, 0.1)),
            0.0,
        );
    }
    brush.flat(&Outline::ellipse(0.0, rim - height, 0.09, 0.03), grey(0.2));
}

fn wing(brush: &mut Brush, draws: &mut Draws, (first, second): (Colour, Colour), hang: (f32, f32)) {
    let cells = 7u32;
    let bow = between(draws, 0.15, 0.35);
    let chord = between(draws, 0.2, 0.34);
    let at = |t: f32| (t, -0.72 + bow * t * t);
    for i in 0..=cells {
        let t = 2.0 * i as f32 / cells as f32 - 1.0;
        let (x, y) = at(t);
        brush.flat(
            &Outline::stroke(
                &[(x * 0.98, y + chord * 0.9), (hang.0 + 0.05 * t, hang.1 - 0.1)],
                0.02,
            ),
            grey(0.25),
        );
    }
    for i in 0..cells {
        let t0 = 2.0 * i as f32 / cells as f32 - 1.0;
        let (a, b) = (at(t0), at(t0 + 2.0 / cells as f32));
        let colour = if i % 2 == 0 { first } else { second };
        brush.solid(&Outline::polygon(&[a, b, (b.0, b.1 + chord), (a.0, a.1 + chord)]), colour);
        let open = Outline::ellipse((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0 + chord * 0.85, 0.1, 0.04);
        brush.flat(&open, darken(colour, 0.65));
    }
}

/// A person in the harness.
fn jumper(brush: &mut Brush, draws: &mut Draws, (x, y): (f32, f32)) {
    let suit = darken(any(draws), 0.2);
    for side in [-1.0, 1.0] {
        brush.solid(
            &Outline::stroke(&[(x, y + 0.12), (x + side * 0.07, y + 0.28)], 0.065),
            darken(suit, 0.3),
        );
        brush.solid(&Outline::stroke(&[(x, y), (x + side * 0.1, y - 0.12)], 0.05), suit);
    }
    brush.solid(&Outline::stroke(&[(x, y), (x, y + 0.12)], 0.13), suit);
    brush.solid(
        &Outline::dot(x, y - 0.09, 0.065),
        pick(draws, [[0.9, 0.7, 0.55], [0.45, 0.3, 0.2], grey(0.15), grey(0.9)]),
    );
}
