//! Chain saw: a motor with two handles and a toothed bar.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let case = pick(
        draws,
        [
            (0.06, 0.9, 0.92),
            (0.0, 0.85, 0.8),
            (0.13, 0.85, 0.9),
            (0.35, 0.7, 0.55),
            (0.58, 0.7, 0.65),
        ],
    );
    let case = if draws.chance(0.8) { near(draws, case.0, case.1, case.2) } else { any(draws) };
    let black = grey(between(draws, 0.08, 0.2));
    let tip = between(draws, 0.95, 1.25);
    let half = between(draws, 0.1, 0.15);

    brush.solid(&Outline::stroke(&[(0.0, 0.16), (tip - half, 0.16)], 2.0 * half), grey(0.72));
    brush.flat(&Outline::stroke(&[(0.1, 0.16), (tip - half - 0.05, 0.16)], half), grey(0.85));
    brush.flat(&Outline::dot(tip - half, 0.16, 0.03), grey(0.3));
    let chain = grey(0.2);
    for y in [0.16 - half, 0.16 + half] {
        brush.flat(&Outline::stroke(&[(0.1, y), (tip - half, y)], 0.04), chain);
    }
    brush.flat(&Outline::arc((tip - half, 0.16), (half, half), (-0.25, 0.25), 0.04), chain);
    let teeth = ((tip - half - 0.15) / 0.11) as u32;
    for tooth in 0..teeth {
        let x = 0.16 + 0.11 * tooth as f32;
        for (y, out) in [(0.16 - half, -1.0), (0.16 + half, 1.0)] {
            let corners =
                [(x, y), (x + 0.015, y + out * 0.075), (x + 0.07, y + out * 0.02), (x + 0.07, y)];
            brush.flat(&Outline::polygon(&corners), chain);
        }
    }

    // The rear handle is a loop, so that the background shows through.
    let rear =
        [(-0.45, 0.3), (-0.6, 0.42), (-1.02, 0.42), (-1.1, 0.2), (-0.9, -0.08), (-0.5, -0.12)];
    brush.solid(&Outline::curve(&rear, 0.16), black);
    brush.flat(&Outline::stroke(&[(-0.78, 0.08), (-0.7, 0.16)], 0.05), black);
    let front = [(-0.42, -0.2), (-0.42, -0.68), (-0.1, -0.72), (0.08, -0.45), (0.06, -0.1)];
    brush.solid(&Outline::curve(&front, 0.1), black);

    let motor = [
        (-0.62, 0.4),
        (-0.64, -0.12),
        (-0.5, -0.34),
        (-0.1, -0.38),
        (0.12, -0.2),
        (0.2, 0.0),
        (0.2, 0.36),
        (0.05, 0.44),
    ];
    brush.solid(&Outline::polygon(&motor), case);
    brush.solid(
        &Outline::polygon(&[
            (0.06, -0.34),
            (0.22, -0.6),
            (0.32, -0.56),
            (0.26, -0.06),
            (0.14, -0.1),
        ]),
        black,
    );
    brush.solid(&Outline::rounded(-0.12, -0.06, 0.24, 0.38, 0.06), darken(case, 0.25));
    brush.solid(&Outline::dot(0.02, 0.14, 0.05), grey(0.6));
    brush.solid(&Outline::dot(0.14, 0.18, 0.05), grey(0.6));
    for slot in 0..5 {
        let x = -0.52 + 0.075 * slot as f32;
        brush.flat(&Outline::stroke(&[(x, 0.02), (x - 0.04, 0.26)], 0.03), darken(case, 0.65));
    }
    brush.flat(
        &Outline::rect(-0.52, -0.22, -0.14, -0.1),
        pick(draws, [grey(0.92), black, grey(0.92)]),
    );
    brush.flat(&Outline::rect(-0.48, -0.18, -0.24, -0.14), case);
    brush.solid(&Outline::rounded(-0.58, -0.4, -0.44, -0.28, 0.04), black);
}
