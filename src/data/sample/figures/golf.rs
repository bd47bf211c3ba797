//! Golf ball: a ball with dimples, on a tee or on the ground.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let cover = match draws.below(6) {
        0 => near(draws, 0.16, 0.65, 0.95),
        1 => near(draws, 0.05, 0.55, 0.92),
        2 => near(draws, 0.93, 0.45, 0.92),
        _ => near(draws, 0.12, 0.04, 0.93),
    };
    let r = 0.8;
    if draws.chance(0.4) {
        let tee = any(draws);
        brush.solid(
            &Outline::polygon(&[
                (-0.26, 0.72),
                (0.26, 0.72),
                (0.08, 0.95),
                (0.05, 1.6),
                (-0.05, 1.6),
                (-0.08, 0.95),
            ]),
            tee,
        );
    } else {
        brush.shadow(0.1, 0.76, 0.85, 0.2, 0.7);
    }
    brush.ball(&Outline::ellipse(0.0, 0.0, r, r), cover, (0.0, 0.0), r);
    dimples(brush, draws, cover, r);
    if draws.chance(0.5) {
        let ink = pick(draws, [grey(0.1), [0.8, 0.1, 0.1], [0.1, 0.2, 0.6]]);
        brush.glaze(&Outline::stroke(&[(-0.25, 0.06), (0.25, 0.06)], 0.08), ink, 0.85);
        brush.glaze(&Outline::stroke(&[(-0.1, 0.22), (0.1, 0.22)], 0.07), ink, 0.85);
    }
}

/// Rows of pits on a sphere, seen from an arbitrary side. Towards the rim they
/// are foreshortened.
fn dimples(brush: &mut Brush, draws: &mut Draws, cover: Colour, r: f32) {
    let pitch = between(draws, 0.24, 0.31);
    let (dx, dy) = (between(draws, 0.0, pitch), between(draws, 0.0, pitch));
    let rows = (1.4 / pitch) as i32 + 1;
    for row in -rows..=rows {
        for column in -rows..=rows {
            // A triangular lattice on the sphere's tangent plane, wrapped on the
            // sphere by shortening each distance from the middle to its sine.
            let u = column as f32 * pitch + dx + 0.5 * pitch * (row & 1) as f32;
            let v = row as f32 * pitch * 0.87 + dy;
            let arc = (u * u + v * v).sqrt();
            if arc > 1.3 {
                continue;
            }
            let sine = if arc > 1e-3 { libm::sinf(arc) / arc } else { 1.0 };
            let (x, y) = (r * u * sine, r * v * sine);
            let size = 0.38 * pitch * r * (0.35 + 0.65 * libm::cosf(arc));
            brush.glaze(&Outline::dot(x, y, size), darken(cover, 0.6), 0.55);
            brush.glaze(
                &Outline::dot(x + 0.25 * size, y + 0.3 * size, 0.6 * size),
                lighten(cover, 0.6),
                0.7,
            );
        }
    }
}
