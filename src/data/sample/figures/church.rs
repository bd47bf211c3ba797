//! Church: a nave under a gable, a tower with spire and cross, arched windows.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let wall = match draws.below(4) {
        0 => near(draws, 0.1, 0.1, 0.85),
        1 => near(draws, 0.03, 0.5, 0.58),
        2 => near(draws, 0.1, 0.25, 0.65),
        _ => grey(between(draws, 0.4, 0.7)),
    };
    let roof = match draws.below(3) {
        0 => near(draws, 0.02, 0.55, 0.45),
        1 => near(draws, 0.58, 0.2, 0.38),
        _ => near(draws, 0.4, 0.25, 0.45),
    };
    if draws.chance(0.5) {
        front(brush, draws, wall, roof);
    } else {
        side(brush, draws, wall, roof);
    }
}

/// The west front: the tower in the middle, or a bare gable with a belfry.
fn front(brush: &mut Brush, draws: &mut Draws, wall: Colour, roof: Colour) {
    let eaves = between(draws, 0.0, 0.2);
    brush.solid(&Outline::polygon(&[(-0.78, eaves), (0.0, eaves - 0.5), (0.78, eaves)]), roof);
    brush.rough(
        &Outline::polygon(&[
            (-0.66, 0.95),
            (-0.66, eaves),
            (0.0, eaves - 0.42),
            (0.66, eaves),
            (0.66, 0.95),
        ]),
        wall,
        0.15,
    );
    courses(brush, wall, (-0.66, 0.66), (eaves + 0.1, 0.95));
    let top = between(draws, -0.5, -0.3);
    tower(brush, draws, 0.0, 0.27, top, (wall, roof));
    for x in [-0.46, 0.46] {
        arch(brush, x, 0.45, 0.1, 0.28, [0.12, 0.16, 0.3]);
    }
    arch(brush, 0.0, 0.95, 0.16, 0.32, [0.3, 0.17, 0.1]);
    brush.flat(&Outline::rect(-0.01, 0.6, 0.01, 0.95), [0.1, 0.06, 0.04]);
    rose(brush, 0.0, 0.34, 0.12);
}

/// From the side: the tower at one end of a long roof.
fn side(brush: &mut Brush, draws: &mut Draws, wall: Colour, roof: Colour) {
    let eaves = between(draws, 0.15, 0.3);
    brush.rough(&Outline::rect(-0.45, eaves, 1.0, 0.95), darken(wall, 0.08), 0.15);
    courses(brush, wall, (-0.2, 1.0), (eaves + 0.1, 0.95));
    brush.rough(
        &Outline::polygon(&[
            (-0.5, eaves),
            (-0.4, eaves - 0.42),
            (0.9, eaves - 0.42),
            (1.08, eaves),
        ]),
        roof,
        0.15,
    );
    for window in 0..3 {
        arch(brush, 0.02 + 0.36 * window as f32, 0.78, 0.09, 0.34, [0.12, 0.16, 0.3]);
    }
    let top = between(draws, -0.55, -0.35);
    tower(brush, draws, -0.55, 0.27, top, (wall, roof));
    arch(brush, -0.55, 0.95, 0.12, 0.3, [0.3, 0.17, 0.1]);
}

/// A tower from the ground to `top`, its spire above, a cross on it.
fn tower(
    brush: &mut Brush,
    draws: &mut Draws,
    x: f32,
    half: f32,
    top: f32,
    (wall, roof): (Colour, Colour),
) {
    brush.rough(&Outline::rect(x - half, top, x + half, 0.95), lighten(wall, 0.06), 0.15);
    courses(brush, wall, (x - half, x + half), (top + 0.4, 0.95));
    let tip = top - between(draws, 0.4, 0.6);
    let spire = if draws.chance(0.75) {
        Outline::polygon(&[(x - half * 1.15, top), (x, tip), (x + half * 1.15, top)])
    } else {
        Outline::blob(&[
            (x - half * 1.3, top + 0.06),
            (x - half * 1.2, top - 0.3),
            (x, tip - 0.12),
            (x + half * 1.2, top - 0.3),
            (x + half * 1.3, top + 0.06),
        ])
    };
    brush.solid(&spire, roof);
    let metal = pick(draws, [grey(0.15), [0.8, 0.65, 0.2], grey(0.9)]);
    brush.flat(&Outline::stroke(&[(x, tip + 0.05), (x, tip - 0.22)], 0.04), metal);
    brush.flat(&Outline::stroke(&[(x - 0.08, tip - 0.13), (x + 0.08, tip - 0.13)], 0.04), metal);
    for offset in [-0.1, 0.1] {
        arch(brush, x + offset, top + 0.36, 0.06, 0.22, [0.08, 0.08, 0.12]);
    }
}

/// An arched opening standing on `y`.
fn arch(brush: &mut Brush, x: f32, y: f32, half: f32, height: f32, colour: Colour) {
    let mut outline = vec![(x - half, y), (x - half, y - height + half)];
    outline.extend([
        (x - 0.7 * half, y - height + 0.3 * half),
        (x, y - height),
        (x + 0.7 * half, y - height + 0.3 * half),
    ]);
    outline.extend([(x + half, y - height + half), (x + half, y)]);
    brush.flat(&Outline::polygon(&outline), colour);
}

/// A round window with spokes.
fn rose(brush: &mut Brush, x: f32, y: f32, r: f32) {
    brush.flat(&Outline::ellipse(x, y, r, r), grey(0.85));
    brush.flat(&Outline::ellipse(x, y, r * 0.8, r * 0.8), [0.25, 0.2, 0.45]);
    brush.flat(&Outline::stroke(&[(x - r, y), (x + r, y)], 0.025), grey(0.85));
    brush.flat(&Outline::stroke(&[(x, y - r), (x, y + r)], 0.025), grey(0.85));
}

/// Faint joints between the courses of stone.
fn courses(brush: &mut Brush, wall: Colour, (x0, x1): (f32, f32), (y0, y1): (f32, f32)) {
    let count = ((y1 - y0) / 0.12) as u32;
    for course in 0..count {
        let y = y0 + 0.12 * course as f32;
        brush.glaze(&Outline::rect(x0, y, x1, y + 0.02), darken(wall, 0.6), 0.35);
    }
}
