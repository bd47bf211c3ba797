//! Garbage truck: a cab, a ribbed body, a hopper at the rear.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let paint = if draws.chance(0.5) { near(draws, 0.33, 0.55, 0.5) } else { any(draws) };
    let cab = if draws.chance(0.5) { paint } else { near(draws, 0.1, 0.06, 0.88) };
    brush.shadow(0.0, 0.64, 1.1, 0.1, 0.6);
    brush.flat(&Outline::rect(-0.95, 0.38, 0.92, 0.5), grey(0.15));

    let rear = between(draws, 0.8, 0.92);
    let roof = between(draws, -0.6, -0.45);
    brush.solid(
        &Outline::polygon(&[(-0.42, roof), (0.52, roof), (0.52, 0.42), (-0.42, 0.42)]),
        paint,
    );
    for rib in 0..5 {
        let x = -0.32 + 0.18 * rib as f32;
        brush.flat(&Outline::rect(x, roof + 0.06, x + 0.045, 0.36), darken(paint, 0.3));
    }
    if draws.chance(0.6) {
        // The three arrows of recycling, at this size a bent triangle.
        let mark = pick(draws, [grey(0.95), [0.95, 0.85, 0.2]]);
        brush.flat(
            &Outline::rounded(-0.16, roof + 0.2, 0.26, roof + 0.62, 0.05),
            lighten(paint, 0.1),
        );
        let (x, y) = (0.05, roof + 0.42);
        brush.flat(
            &Outline::stroke(
                &[(x, y - 0.15), (x + 0.14, y + 0.1), (x - 0.14, y + 0.1), (x, y - 0.15)],
                0.05,
            ),
            mark,
        );
    }
    // The hopper: a slanted tail with its opening and the ram.
    brush.solid(
        &Outline::polygon(&[
            (0.5, roof + 0.04),
            (0.72, roof + 0.1),
            (rear + 0.12, 0.1),
            (rear, 0.42),
            (0.5, 0.42),
        ]),
        darken(paint, 0.12),
    );
    brush.flat(
        &Outline::polygon(&[(0.74, -0.12), (rear + 0.08, 0.12), (rear - 0.02, 0.34), (0.7, 0.3)]),
        grey(0.06),
    );
    brush.solid(&Outline::stroke(&[(0.56, roof + 0.12), (0.76, 0.05)], 0.05), grey(0.7));
    if draws.chance(0.5) {
        for _ in 0..3 {
            let (x, y) = (between(draws, 0.76, rear), between(draws, 0.16, 0.28));
            brush.solid(
                &Outline::ellipse(x, y, 0.1, 0.08),
                pick(draws, [grey(0.12), grey(0.9), [0.3, 0.45, 0.7]]),
            );
        }
    }

    brush.solid(
        &Outline::polygon(&[
            (-0.98, 0.44),
            (-0.98, 0.0),
            (-0.86, -0.34),
            (-0.46, -0.34),
            (-0.46, 0.44),
        ]),
        cab,
    );
    brush.blend(
        &Outline::polygon(&[(-0.93, -0.02), (-0.82, -0.27), (-0.6, -0.27), (-0.6, -0.02)]),
        ([0.65, 0.78, 0.88], (-0.9, -0.3)),
        ([0.15, 0.2, 0.28], (-0.6, 0.0)),
        0.0,
    );
    brush.flat(&Outline::rect(-0.78, -0.28, -0.75, -0.02), cab);
    brush.flat(&Outline::stroke(&[(-0.68, 0.1), (-0.6, 0.1)], 0.03), grey(0.1));
    brush.flat(&Outline::dot(-0.93, 0.24, 0.05), [1.0, 0.95, 0.7]);
    brush.flat(&Outline::rect(-1.02, 0.34, -0.46, 0.44), grey(0.25));
    brush.flat(&Outline::ellipse(-0.66, -0.38, 0.07, 0.05), [1.0, 0.6, 0.1]);
    brush.flat(&Outline::rect(rear - 0.06, 0.38, rear + 0.02, 0.46), [0.85, 0.1, 0.1]);
    for x in [-0.68, 0.24, 0.58] {
        brush.solid(&Outline::ellipse(x, 0.46, 0.18, 0.18), grey(0.09));
        brush.solid(&Outline::ellipse(x, 0.46, 0.09, 0.09), grey(0.6));
        brush.flat(&Outline::dot(x, 0.46, 0.035), grey(0.2));
    }
}
