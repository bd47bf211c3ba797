//! English springer: a white dog with liver or black ears and patches, its
//! head from the front or the whole dog from the side.

use super::prelude::*;

pub(super) fn draw(brush: &mut Brush, draws: &mut Draws) {
    let dark = if draws.chance(0.6) {
        near(draws, 0.045, 0.65, 0.36)
    } else {
        near(draws, 0.6, 0.15, 0.13)
    };
    let white = near(draws, 0.1, 0.06, 0.88);
    if draws.chance(0.55) {
        head(brush, draws, dark, white);
    } else {
        body(brush, draws, dark, white);
    }
}

fn head(brush: &mut Brush, draws: &mut Draws, dark: Colour, white: Colour) {
    let shoulders = [(-0.75, 1.1), (-0.55, 0.5), (0.0, 0.3), (0.55, 0.5), (0.75, 1.1)];
    brush.rough(&Outline::blob(&shoulders), white, 0.16);
    brush.rough(&Outline::blob(&[(0.35, 1.1), (0.3, 0.6), (0.75, 0.6), (0.85, 1.1)]), dark, 0.16);

    brush.rough(
        &Outline::blob(&[
            (-0.62, -0.35),
            (-0.5, -0.95),
            (0.5, -0.95),
            (0.62, -0.35),
            (0.42, 0.5),
            (-0.42, 0.5),
        ]),
        dark,
        0.2,
    );
    let blaze = between(draws, 0.1, 0.22);
    brush.rough(
        &Outline::blob(&[
            (-0.06, -0.9),
            (0.06, -0.9),
            (blaze, -0.1),
            (0.36, 0.3),
            (0.0, 0.75),
            (-0.36, 0.3),
            (-blaze, -0.1),
        ]),
        white,
        0.15,
    );
    let drop = between(draws, 0.45, 0.75);
    for side in [-1.0, 1.0] {
        let lock = |x: f32, y: f32| (side * x, y);
        brush.rough(
            &Outline::blob(&[
                lock(0.4, -0.7),
                lock(0.72, -0.65),
                lock(1.0, 0.1),
                lock(0.92, drop),
                lock(0.66, drop + 0.1),
                lock(0.52, 0.2),
            ]),
            darken(dark, 0.16),
            0.45,
        );
        brush.flat(&Outline::ellipse(side * 0.27, -0.2, 0.1, 0.085), darken(dark, 0.55));
        brush.flat(&Outline::dot(side * 0.27, -0.2, 0.065), [0.05, 0.03, 0.02]);
        brush.flat(&Outline::dot(side * 0.27 - 0.03, -0.23, 0.028), [1.0; 3]);
    }
    if draws.chance(0.4) {
        brush.solid(
            &Outline::blob(&[(-0.12, 0.4), (0.12, 0.4), (0.13, 0.82), (-0.13, 0.82)]),
            [0.85, 0.42, 0.45],
        );
    }
    for _ in 0..10 {
        let (x, y) = (between(draws, -0.24, 0.24), between(draws, 0.28, 0.5));
        brush.glaze(&Outline::dot(x, y, 0.025), dark, 0.8);
    }
    let mouth = [(-0.25, 0.42), (-0.1, 0.52), (0.0, 0.42), (0.1, 0.52), (0.25, 0.42)];
    brush.flat(&Outline::stroke(&mouth, 0.035), [0.15, 0.1, 0.1]);
    brush.solid(
        &Outline::blob(&[(-0.2, 0.06), (0.2, 0.06), (0.12, 0.32), (-0.12, 0.32)]),
        [0.12, 0.08, 0.08],
    );
}

fn body(brush: &mut Brush, draws: &mut Draws, dark: Colour, white: Colour) {
    let far = darken(white, 0.16);
    for (x, sway) in [(-0.3, -0.04), (0.62, 0.06)] {
        brush.solid(&Outline::stroke(&[(x, 0.2), (x + sway, 0.85)], 0.15), far);
    }
    let tail = between(draws, -0.55, -0.1);
    brush.rough(&Outline::curve(&[(0.7, -0.05), (0.9, -0.1), (1.02, tail)], 0.12), dark, 0.3);
    let trunk = [
        (-0.62, -0.2),
        (-0.3, -0.32),
        (0.45, -0.3),
        (0.85, -0.12),
        (0.78, 0.35),
        (0.4, 0.3),
        (-0.2, 0.42),
        (-0.6, 0.3),
    ];
    brush.rough(&Outline::blob(&trunk), white, 0.16);
    brush.rough(
        &Outline::blob(&[(-0.2, -0.3), (0.3, -0.36), (0.42, 0.05), (0.1, 0.2), (-0.15, 0.1)]),
        dark,
        0.25,
    );
    brush.rough(
        &Outline::blob(&[(0.5, -0.25), (0.85, -0.12), (0.8, 0.2), (0.58, 0.1)]),
        dark,
        0.16,
    );
    for (x, sway) in [(-0.45, 0.0), (0.7, 0.1)] {
        brush.rough(
            &Outline::stroke(&[(x, 0.2), (x + sway * 0.5, 0.55), (x + sway * 0.2, 0.88)], 0.17),
            white,
            0.25,
        );
        brush.solid(&Outline::ellipse(x - 0.05, 0.9, 0.13, 0.07), white);
    }
    for _ in 0..14 {
        let (x, y) = (between(draws, -0.55, 0.7), between(draws, 0.05, 0.35));
        brush.glaze(&Outline::dot(x, y, 0.03), dark, 0.8);
    }
    brush.rough(&Outline::stroke(&[(-0.42, -0.05), (-0.62, -0.4)], 0.36), white, 0.2);
    let skull =
        [(-0.45, -0.45), (-0.5, -0.85), (-0.8, -0.88), (-0.95, -0.6), (-1.0, -0.3), (-0.7, -0.28)];
    brush.rough(&Outline::blob(&skull), dark, 0.2);
    brush.rough(
        &Outline::blob(&[
            (-0.75, -0.55),
            (-1.0, -0.62),
            (-1.18, -0.48),
            (-1.12, -0.28),
            (-0.78, -0.3),
        ]),
        white,
        0.15,
    );
    brush.rough(
        &Outline::blob(&[(-0.62, -0.78), (-0.4, -0.7), (-0.32, -0.1), (-0.5, 0.02), (-0.66, -0.2)]),
        darken(dark, 0.16),
        0.45,
    );
    brush.flat(&Outline::dot(-1.11, -0.47, 0.065), [0.08, 0.05, 0.05]);
    brush.flat(&Outline::dot(-0.82, -0.62, 0.05), [0.04, 0.03, 0.02]);
}
