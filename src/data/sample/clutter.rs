//! Things that distract: they stand behind a figure or hide a part of it. Their
//! outlines resemble those of the classes, their details do not.

use super::brush::{Brush, Outline, darken, lighten};
use super::paintbox::{any, between, grey, near, pick};
use super::scene::Scenery;
use crate::rng::Draws;

/// Draws one thing that may lie about in a place, around the brush's origin
/// and about one unit in radius.
pub(super) fn draw(place: Scenery, brush: &mut Brush, draws: &mut Draws) {
    let kinds: [fn(&mut Brush, &mut Draws); 5] = match place {
        Scenery::Sky => [cloud, balloon, kite, cloud, balloon],
        Scenery::Outdoors | Scenery::Meadow => [bush, rock, crate_box, beach_ball, post],
        Scenery::Street => [crate_box, post, car, bush, tyre],
        Scenery::Water => [rock, beach_ball, buoy, leaf, log],
        Scenery::Table | Scenery::Room | Scenery::Studio => {
            [crate_box, beach_ball, bottle, tyre, book]
        }
    };
    pick(draws, kinds)(brush, draws);
}

/// Hides a part of what is there: a leaf, a post or a blurred thing close by.
pub(super) fn occlude(brush: &mut Brush, draws: &mut Draws) {
    match draws.below(3) {
        0 => leaf(brush, draws),
        1 => post(brush, draws),
        _ => bush(brush, draws),
    }
}

fn cloud(brush: &mut Brush, draws: &mut Draws) {
    let white = grey(between(draws, 0.82, 0.97));
    for _ in 0..5 {
        let (x, y) = (between(draws, -0.8, 0.8), between(draws, -0.2, 0.2));
        let r = between(draws, 0.25, 0.5);
        brush.glaze(&Outline::ellipse(x, y, r, r * 0.7), white, 0.7);
    }
}

fn balloon(brush: &mut Brush, draws: &mut Draws) {
    let colour = any(draws);
    brush
        .flat(&Outline::curve(&[(0.0, 0.8), (0.1, 1.1), (-0.1, 1.3), (0.0, 1.7)], 0.05), grey(0.3));
    let skin =
        Outline::blob(&[(-0.75, -0.1), (-0.6, -0.95), (0.6, -0.95), (0.75, -0.1), (0.0, 1.0)]);
    brush.ball(&skin, colour, (0.0, -0.1), 0.8);
    brush.glaze(&Outline::ellipse(-0.25, -0.4, 0.14, 0.2), [1.0; 3], 0.6);
}

fn kite(brush: &mut Brush, draws: &mut Draws) {
    let (left, right) = (any(draws), any(draws));
    brush
        .flat(&Outline::curve(&[(0.0, 0.9), (0.3, 1.2), (-0.2, 1.5), (0.1, 1.8)], 0.05), grey(0.2));
    brush.flat(&Outline::polygon(&[(0.0, -1.0), (0.0, 1.0), (-0.65, -0.25)]), left);
    brush.flat(&Outline::polygon(&[(0.0, -1.0), (0.65, -0.25), (0.0, 1.0)]), right);
}

fn bush(brush: &mut Brush, draws: &mut Draws) {
    let hue = pick(draws, [0.24, 0.3, 0.36]);
    let green = near(draws, hue, 0.55, 0.4);
    for _ in 0..4 {
        let (x, y) = (between(draws, -0.5, 0.5), between(draws, -0.3, 0.4));
        let r = between(draws, 0.4, 0.65);
        brush.rough(&Outline::ellipse(x, y, r, r * 0.85), green, 0.4);
    }
}

fn rock(brush: &mut Brush, draws: &mut Draws) {
    let stone = near(draws, 0.1, 0.1, 0.5);
    brush.shadow(0.0, 0.5, 1.0, 0.25, 0.5);
    brush.rough(
        &Outline::polygon(&[
            (-0.9, 0.5),
            (-0.75, -0.1),
            (-0.25, -0.6),
            (0.35, -0.5),
            (0.85, 0.0),
            (0.95, 0.5),
        ]),
        stone,
        0.3,
    );
    brush.rough(
        &Outline::polygon(&[(-0.25, -0.6), (0.35, -0.5), (0.1, 0.1), (-0.5, 0.0)]),
        lighten(stone, 0.2),
        0.3,
    );
}

/// A parcel or a chest.
fn crate_box(brush: &mut Brush, draws: &mut Draws) {
    let colour = if draws.chance(0.5) { near(draws, 0.09, 0.45, 0.6) } else { any(draws) };
    let height = between(draws, 0.5, 0.95);
    brush.shadow(0.1, 0.9, 1.0, 0.2, 0.5);
    brush.solid(&Outline::rect(-0.85, 0.9 - 2.0 * height, 0.85, 0.9), colour);
    let band = if draws.chance(0.5) { lighten(colour, 0.3) } else { darken(colour, 0.3) };
    brush.flat(&Outline::rect(-0.12, 0.9 - 2.0 * height, 0.12, 0.9), band);
}

fn beach_ball(brush: &mut Brush, draws: &mut Draws) {
    let colour = if draws.chance(0.3) { grey(0.9) } else { any(draws) };
    brush.shadow(0.1, 0.78, 0.85, 0.2, 0.6);
    brush.ball(&Outline::ellipse(0.0, 0.0, 0.8, 0.8), colour, (0.0, 0.0), 0.8);
    if draws.chance(0.5) {
        let stripe = Outline::blob(&[
            (-0.25, -0.85),
            (0.25, -0.85),
            (0.5, 0.0),
            (0.25, 0.85),
            (-0.25, 0.85),
            (0.0, 0.0),
        ]);
        brush.glaze(&stripe, any(draws), 0.85);
    }
}

fn post(brush: &mut Brush, draws: &mut Draws) {
    let colour = if draws.chance(0.5) {
        near(draws, 0.08, 0.4, 0.35)
    } else {
        grey(between(draws, 0.3, 0.8))
    };
    brush.solid(&Outline::rect(-0.14, -1.3, 0.14, 1.2), colour);
    brush.solid(&Outline::rounded(-0.2, -1.4, 0.2, -1.25, 0.05), lighten(colour, 0.2));
}

fn car(brush: &mut Brush, draws: &mut Draws) {
    let paint = any(draws);
    brush.shadow(0.0, 0.45, 1.1, 0.15, 0.6);
    brush.solid(
        &Outline::blob(&[(-0.6, 0.0), (-0.5, -0.5), (0.35, -0.55), (0.7, 0.0)]),
        darken(paint, 0.1),
    );
    brush.flat(
        &Outline::polygon(&[(-0.42, -0.02), (-0.32, -0.27), (0.28, -0.27), (0.48, -0.02)]),
        [0.2, 0.25, 0.32],
    );
    brush.solid(&Outline::rounded(-1.0, -0.08, 1.0, 0.36, 0.15), paint);
    for x in [-0.55, 0.55] {
        brush.flat(&Outline::ellipse(x, 0.34, 0.2, 0.2), grey(0.1));
        brush.flat(&Outline::dot(x, 0.34, 0.09), grey(0.65));
    }
}

fn tyre(brush: &mut Brush, draws: &mut Draws) {
    let rubber = if draws.chance(0.5) { grey(0.13) } else { any(draws) };
    brush.solid(&Outline::ring(0.0, 0.0, 0.85, between(draws, 0.45, 0.68)), rubber);
}

fn buoy(brush: &mut Brush, draws: &mut Draws) {
    let colour = pick(draws, [[0.85, 0.2, 0.15], [0.95, 0.6, 0.1], [0.2, 0.5, 0.3]]);
    brush.solid(&Outline::polygon(&[(-0.5, 0.5), (-0.2, -0.8), (0.2, -0.8), (0.5, 0.5)]), colour);
    brush.flat(
        &Outline::polygon(&[(-0.37, -0.05), (-0.3, -0.35), (0.3, -0.35), (0.37, -0.05)]),
        grey(0.95),
    );
    brush.solid(&Outline::ellipse(0.0, 0.5, 0.65, 0.2), darken(colour, 0.2));
}

fn leaf(brush: &mut Brush, draws: &mut Draws) {
    let hue = pick(draws, [0.08, 0.25, 0.33]);
    let green = near(draws, hue, 0.6, 0.5);
    brush.solid(
        &Outline::blob(&[
            (-1.1, 0.0),
            (-0.4, -0.6),
            (0.5, -0.45),
            (1.2, 0.1),
            (0.4, 0.5),
            (-0.5, 0.45),
        ]),
        green,
    );
    brush.flat(&Outline::stroke(&[(-0.9, 0.0), (0.9, 0.05)], 0.06), lighten(green, 0.25));
}

fn log(brush: &mut Brush, draws: &mut Draws) {
    let bark = near(draws, 0.07, 0.35, 0.35);
    brush.rough(&Outline::stroke(&[(-0.9, 0.1), (0.8, -0.1)], 0.4), bark, 0.5);
    brush.flat(&Outline::ellipse(0.86, -0.1, 0.13, 0.2), lighten(bark, 0.5));
}

fn bottle(brush: &mut Brush, draws: &mut Draws) {
    let hue = pick(draws, [0.35, 0.1, 0.55]);
    let glass = near(draws, hue, 0.5, 0.4);
    brush.solid(&Outline::rounded(-0.32, -0.3, 0.32, 1.0, 0.1), glass);
    brush.solid(
        &Outline::polygon(&[
            (-0.3, -0.25),
            (-0.12, -0.6),
            (-0.12, -1.0),
            (0.12, -1.0),
            (0.12, -0.6),
            (0.3, -0.25),
        ]),
        glass,
    );
    brush.flat(&Outline::rect(-0.32, 0.1, 0.32, 0.6), lighten(any(draws), 0.4));
}

fn book(brush: &mut Brush, draws: &mut Draws) {
    let cover = any(draws);
    brush.solid(&Outline::rect(-0.95, -0.65, 0.95, 0.65), cover);
    brush.flat(&Outline::rect(-0.95, -0.65, -0.78, 0.65), darken(cover, 0.3));
    brush.flat(&Outline::rect(-0.5, -0.35, 0.6, -0.22), lighten(cover, 0.6));
    brush.flat(&Outline::rect(-0.5, -0.1, 0.3, -0.02), lighten(cover, 0.6));
}
