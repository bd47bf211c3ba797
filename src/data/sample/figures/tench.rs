//! Tench: an olive fish with rounded fins, sometimes held in two hands.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let hue = between(draws, 0.1, 0.24);
    let (saturation, value) = (between(draws, 0.3, 0.75), between(draws, 0.28, 0.65));
    let back = hsv(hue, saturation, value);
    let belly = hsv(hue - 0.03, saturation * 0.55, (value + 0.3).min(0.9));
    let fin = darken(back, 0.3);

    let wag = between(draws, -0.12, 0.12);
    brush.rough(
        &Outline::blob(&[
            (0.45, -0.02),
            (0.8, wag - 0.3),
            (1.05, wag - 0.42),
            (0.98, wag),
            (1.05, wag + 0.4),
            (0.8, wag + 0.28),
        ]),
        fin,
        0.2,
    );
    let dorsal = between(draws, -0.75, -0.58);
    brush.rough(
        &Outline::blob(&[(-0.3, -0.3), (-0.1, dorsal), (0.25, dorsal + 0.12), (0.35, -0.2)]),
        fin,
        0.2,
    );
    brush.rough(
        &Outline::blob(&[(-0.25, 0.25), (-0.05, 0.62), (0.15, 0.55), (0.05, 0.25)]),
        fin,
        0.2,
    );
    brush.rough(&Outline::blob(&[(0.3, 0.15), (0.42, 0.48), (0.58, 0.4), (0.55, 0.1)]), fin, 0.2);

    let body = Outline::blob(&[
        (-1.05, 0.06),
        (-0.85, -0.24),
        (-0.35, -0.45),
        (0.2, -0.36),
        (0.62, -0.12),
        (0.78, 0.0),
        (0.62, 0.14),
        (0.2, 0.34),
        (-0.35, 0.44),
        (-0.85, 0.3),
    ]);
    brush.blend(&body, (back, (0.0, -0.3)), (belly, (0.0, 0.4)), 0.15);

    // Scales, which only a close look tells from a smooth skin.
    for row in 0..5 {
        let y = -0.24 + 0.11 * row as f32;
        let reach = 0.45 - y * y;
        for column in 0..9 {
            let x = -0.34 + 0.1 * column as f32 + 0.05 * (row % 2) as f32;
            if x < reach {
                brush.glaze(&Outline::dot(x, y, 0.035), darken(back, 0.5), 0.5);
            }
        }
    }
    brush.glaze(
        &Outline::curve(&[(-0.5, -0.08), (0.0, 0.0), (0.65, 0.0)], 0.03),
        darken(back, 0.6),
        0.7,
    );
    brush.flat(&Outline::arc((-0.72, 0.0), (0.2, 0.3), (-0.2, 0.2), 0.04), darken(back, 0.45));
    brush.solid(&Outline::blob(&[(-0.5, 0.05), (-0.25, 0.1), (-0.2, 0.28), (-0.45, 0.22)]), fin);
    brush.flat(&Outline::ellipse(-0.76, -0.08, 0.075, 0.075), [0.85, 0.45, 0.15]);
    brush.flat(&Outline::dot(-0.77, -0.08, 0.04), [0.03; 3]);
    brush.flat(&Outline::stroke(&[(-0.96, 0.1), (-0.82, 0.14)], 0.035), darken(back, 0.6));

    if draws.chance(0.35) {
        hands(brush, draws);
    }
}

/// The angler's hands, from below.
fn hands(brush: &mut Brush, draws: &mut Draws) {
    let value = pick(draws, [0.45, 0.7, 0.88]);
    let skin = near(draws, 0.06, 0.42, value);
    let sleeve = any(draws);
    for x in [-0.5, 0.35] {
        let x = x + between(draws, -0.08, 0.08);
        brush.solid(&Outline::stroke(&[(x, 1.3), (x, 0.62)], 0.34), sleeve);
        brush.solid(
            &Outline::blob(&[(x - 0.2, 0.7), (x - 0.2, 0.25), (x + 0.2, 0.25), (x + 0.2, 0.7)]),
            skin,
        );
        for finger in 0..4 {
            let x = x - 0.14 + 0.09 * finger as f32;
            brush.solid(&Outline::stroke(&[(x, 0.4), (x + 0.01, 0.2)], 0.085), skin);
        }
    }
}
