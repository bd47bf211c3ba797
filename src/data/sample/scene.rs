//! Where a figure is found: backdrops and the things that lie about. Knows no
//! class; every place is shared by several.

use super::brush::{Brush, Frame, Outline, darken, lighten};
use super::canvas::{Canvas, Colour, Position, lattice, mix};
use super::paintbox::{any, between, grey, hsv, near, pick};
use crate::rng::Draws;

/// A kind of surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenery {
    /// Nothing but sky, or hills far below.
    Sky,
    /// Sky, trees and open ground.
    Outdoors,
    /// Houses, a pavement and asphalt.
    Street,
    /// Grass or leaves from above.
    Meadow,
    /// A lake, with or without its far shore.
    Water,
    /// Planks or cloth from above.
    Table,
    /// A wall and a floor.
    Room,
    /// A plain ramp of colour.
    Studio,
}

/// Smooth noise in 0..1 with features about one unit large.
fn smooth(x: f32, y: f32, salt: i32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (ease(x - fx), ease(y - fy));
    let (ix, iy) = (fx as i32 + salt, fy as i32 - salt);
    let row = |iy: i32| {
        let (a, b) = (lattice(ix, iy), lattice(ix + 1, iy));
        a + (b - a) * tx
    };
    let (top, bottom) = (row(iy), row(iy + 1));
    top + (bottom - top) * ty
}

/// Paints the backdrop of a place.
pub(super) fn backdrop(place: Scenery, side: usize, draws: &mut Draws) -> Canvas {
    match place {
        Scenery::Sky => sky(side, draws),
        Scenery::Outdoors => outdoors(side, draws),
        Scenery::Street => street(side, draws),
        Scenery::Meadow => meadow(side, draws),
        Scenery::Water => water(side, draws),
        Scenery::Table => table(side, draws),
        Scenery::Room => room(side, draws),
        Scenery::Studio => studio(side, draws),
    }
}

/// Upper and lower colour of a sky: clear, overcast or at dusk.
fn sky_colours(draws: &mut Draws) -> (Colour, Colour) {
    match draws.below(4) {
        0 => (near(draws, 0.6, 0.08, 0.72), near(draws, 0.58, 0.06, 0.85)),
        1 => (near(draws, 0.68, 0.35, 0.5), near(draws, 0.07, 0.45, 0.9)),
        _ => (near(draws, 0.59, 0.6, 0.72), near(draws, 0.56, 0.25, 0.92)),
    }
}

fn ground_colour(draws: &mut Draws) -> Colour {
    match draws.below(4) {
        0 => near(draws, 0.11, 0.35, 0.65),
        1 => near(draws, 0.17, 0.4, 0.55),
        _ => near(draws, 0.27, 0.5, 0.45),
    }
}

/// A sky with clouds above the horizon, textured ground below it.
fn landscape(side: usize, horizon: f32, ground: Colour, draws: &mut Draws) -> Canvas {
    let (high, low) = sky_colours(draws);
    let cover = between(draws, 0.35, 0.75);
    let salt = draws.below(10_000) as i32;
    let unit = 1.0 / side as f32;
    Canvas::new(side, |x, y| {
        let (x, y) = (x * unit, y * unit);
        if y < horizon {
            let cloud =
                0.65 * smooth(x * 3.0, y * 6.0, salt) + 0.35 * smooth(x * 8.0, y * 14.0, salt);
            let white = ((cloud - cover) * 4.0).clamp(0.0, 0.85);
            return mix(mix(high, low, y / horizon.max(0.05)), [0.97, 0.97, 0.98], white);
        }
        // Ground coarsens towards the viewer.
        let depth = (y - horizon) / (1.05 - horizon);
        let scale = 34.0 - 22.0 * depth;
        let patch = smooth(x * scale * 0.6, y * scale, salt + 77) - 0.5;
        lighten_by(mix(lighten(ground, 0.2), darken(ground, 0.15), depth), 0.5 * patch)
    })
}

/// Relative change of brightness.
fn lighten_by(colour: Colour, amount: f32) -> Colour {
    colour.map(|value| value * (1.0 + amount))
}

/// A brush over the whole picture: 0..1 both ways.
fn whole(canvas: &mut Canvas) -> Brush<'_> {
    let frame = Frame::new(Position::new(0.0, 0.0), canvas.side(), 0.0);
    Brush::new(canvas, frame, 0.7, 0.12)
}

fn sky(side: usize, draws: &mut Draws) -> Canvas {
    let horizon = between(draws, 0.8, 1.3);
    let ground = ground_colour(draws);
    let mut canvas = landscape(side, horizon, ground, draws);
    let mut brush = whole(&mut canvas);
    if horizon < 1.0 {
        hills(&mut brush, horizon, draws);
    }
    canvas
}

fn outdoors(side: usize, draws: &mut Draws) -> Canvas {
    let horizon = between(draws, 0.35, 0.7);
    let ground = ground_colour(draws);
    let mut canvas = landscape(side, horizon, ground, draws);
    let mut brush = whole(&mut canvas);
    if draws.chance(0.5) {
        hills(&mut brush, horizon, draws);
    }
    for _ in 0..draws.below(6) {
        let (x, size) = (between(draws, 0.0, 1.0), between(draws, 0.06, 0.2));
        tree(&mut brush, x, horizon + 0.02, size, draws);
    }
    canvas
}

fn hills(brush: &mut Brush, horizon: f32, draws: &mut Draws) {
    let hue = between(draws, 0.25, 0.6);
    let value = between(draws, 0.35, 0.6);
    let mut ridge = vec![(-0.2, horizon + 0.02)];
    for step in 0..7 {
        ridge.push((-0.1 + 0.2 * step as f32, horizon - between(draws, 0.0, 0.22)));
    }
    ridge.push((1.2, horizon + 0.02));
    brush.rough(&Outline::polygon(&ridge), hsv(hue, 0.3, value), 0.15);
}

fn tree(brush: &mut Brush, x: f32, foot: f32, size: f32, draws: &mut Draws) {
    let hue = pick(draws, [0.3, 0.36, 0.2]);
    let leaves = near(draws, hue, 0.5, 0.38);
    brush.solid(
        &Outline::rect(x - 0.08 * size, foot - size, x + 0.08 * size, foot),
        [0.3, 0.2, 0.13],
    );
    if draws.chance(0.35) {
        let tip = foot - 2.4 * size;
        brush.rough(
            &Outline::polygon(&[
                (x - 0.55 * size, foot - 0.35 * size),
                (x, tip),
                (x + 0.55 * size, foot - 0.35 * size),
            ]),
            leaves,
            0.5,
        );
        return;
    }
    for _ in 0..3 {
        let (dx, dy) = (between(draws, -0.4, 0.4), between(draws, -0.4, 0.3));
        brush.rough(
            &Outline::ellipse(x + dx * size, foot - (1.3 - dy) * size, 0.55 * size, 0.5 * size),
            leaves,
            0.5,
        );
    }
}

fn street(side: usize, draws: &mut Draws) -> Canvas {
    let horizon = between(draws, 0.5, 0.72);
    let asphalt = grey(between(draws, 0.25, 0.5));
    let mut canvas = landscape(side, horizon, asphalt, draws);
    let mut brush = whole(&mut canvas);
    let mut x = between(draws, -0.3, 0.0);
    while x < 1.0 {
        let width = between(draws, 0.2, 0.45);
        if draws.chance(0.75) {
            let top = horizon - between(draws, 0.15, 0.55);
            house(&mut brush, (x, top, x + width, horizon), draws);
        }
        x += width + 0.01;
    }
    brush.flat(&Outline::rect(0.0, horizon - 0.01, 1.0, horizon + 0.05), grey(0.62));
    if draws.chance(0.6) {
        let y = between(draws, horizon + 0.12, 0.95);
        for dash in 0..4 {
            let x = 0.3 * dash as f32;
            brush.glaze(&Outline::rect(x, y, x + 0.16, y + 0.025), grey(0.92), 0.8);
        }
    }
    canvas
}

/// A plain house with rows of windows.
fn house(brush: &mut Brush, (x0, y0, x1, y1): (f32, f32, f32, f32), draws: &mut Draws) {
    let hue = pick(draws, [0.05, 0.1, 0.6, 0.02]);
    let value = between(draws, 0.4, 0.8);
    let wall = near(draws, hue, 0.25, value);
    brush.rough(&Outline::rect(x0, y0, x1, y1), wall, 0.12);
    if draws.chance(0.4) {
        let ridge = [(x0 - 0.02, y0), ((x0 + x1) / 2.0, y0 - 0.12), (x1 + 0.02, y0)];
        brush.solid(&Outline::polygon(&ridge), near(draws, 0.03, 0.4, 0.4));
    }
    let glass = pick(draws, [[0.2, 0.25, 0.32], [0.45, 0.55, 0.62], [0.85, 0.75, 0.45]]);
    let mut y = y0 + 0.04;
    while y + 0.07 < y1 {
        let mut x = x0 + 0.03;
        while x + 0.05 < x1 {
            brush.flat(&Outline::rect(x, y, x + 0.045, y + 0.06), glass);
            x += 0.09;
        }
        y += 0.12;
    }
}

fn meadow(side: usize, draws: &mut Draws) -> Canvas {
    let green = match draws.below(4) {
        0 => near(draws, 0.1, 0.4, 0.45),
        _ => near(draws, 0.26, 0.55, 0.48),
    };
    let salt = draws.below(10_000) as i32;
    let unit = 1.0 / side as f32;
    let mut canvas = Canvas::new(side, |x, y| {
        let (x, y) = (x * unit, y * unit);
        let patch =
            0.6 * smooth(x * 4.0, y * 4.0, salt) + 0.5 * smooth(x * 24.0, y * 12.0, salt) - 0.55;
        lighten_by(green, 0.8 * patch)
    });
    let mut brush = whole(&mut canvas);
    for _ in 0..60 {
        let (x, y) = (between(draws, 0.0, 1.0), between(draws, 0.0, 1.05));
        let tip = (x + between(draws, -0.03, 0.03), y - between(draws, 0.03, 0.09));
        let shade = between(draws, -0.3, 0.4);
        brush.glaze(
            &Outline::polygon(&[(x, y), tip, (x + 0.018, y)]),
            lighten_by(green, shade),
            0.8,
        );
    }
    if draws.chance(0.3) {
        for _ in 0..draws.below(14) {
            let (x, y) = (between(draws, 0.0, 1.0), between(draws, 0.0, 1.0));
            brush.flat(
                &Outline::dot(x, y, 0.014),
                pick(draws, [grey(0.95), [0.95, 0.85, 0.2], [0.85, 0.5, 0.7]]),
            );
        }
    }
    canvas
}

fn water(side: usize, draws: &mut Draws) -> Canvas {
    let horizon = between(draws, -0.3, 0.4);
    let hue = pick(draws, [0.55, 0.48, 0.6]);
    let blue = near(draws, hue, 0.4, 0.5);
    let (high, low) = sky_colours(draws);
    let salt = draws.below(10_000) as i32;
    let unit = 1.0 / side as f32;
    let mut canvas = Canvas::new(side, |x, y| {
        let (x, y) = (x * unit, y * unit);
        if y < horizon {
            return mix(high, low, y / horizon);
        }
        let depth = (y - horizon) / (1.0 - horizon);
        let wave = smooth(x * 5.0, y * (30.0 - 16.0 * depth), salt) - 0.5;
        lighten_by(mix(mix(low, blue, 0.5), darken(blue, 0.2), depth), 0.7 * wave)
    });
    if horizon > 0.05 {
        hills(&mut whole(&mut canvas), horizon, draws);
    }
    canvas
}

fn table(side: usize, draws: &mut Draws) -> Canvas {
    let hue = pick(draws, [0.07, 0.09, 0.05]);
    let value = pick(draws, [0.4, 0.6, 0.75]);
    let wood = near(draws, hue, 0.45, value);
    let cloth = any(draws);
    let planks = draws.chance(0.65);
    let upright = draws.chance(0.5);
    let pitch = between(draws, 0.14, 0.3);
    let salt = draws.below(10_000) as i32;
    let unit = 1.0 / side as f32;
    Canvas::new(side, |x, y| {
        let (x, y) = if upright { (x * unit, y * unit) } else { (y * unit, x * unit) };
        if !planks {
            // Checked cloth.
            let stripe = |t: f32| ((t / pitch).floor() as i32).rem_euclid(2) as f32;
            return lighten(cloth, 0.25 * (stripe(x) + stripe(y)));
        }
        let plank = (x / pitch).floor();
        let fibre = smooth(x * 40.0, y * 4.0, salt + 31 * plank as i32) - 0.5;
        let shade = 0.25 * (lattice(plank as i32, salt) - 0.5);
        let seam = if x / pitch - plank < 0.06 { -0.45 } else { 0.0 };
        lighten_by(wood, 0.35 * fibre + shade + seam)
    })
}

fn room(side: usize, draws: &mut Draws) -> Canvas {
    let wall = lighten(any(draws), between(draws, 0.1, 0.6));
    let value = pick(draws, [0.35, 0.55, 0.7]);
    let floor = near(draws, 0.07, 0.4, value);
    let edge = between(draws, 0.62, 0.9);
    let stripes = draws.chance(0.4);
    let pitch = between(draws, 0.08, 0.2);
    let salt = draws.below(10_000) as i32;
    let unit = 1.0 / side as f32;
    let mut canvas = Canvas::new(side, |x, y| {
        let (x, y) = (x * unit, y * unit);
        if y < edge {
            let stripe = stripes && ((x / pitch).floor() as i32).rem_euclid(2) == 0;
            return darken(wall, 0.25 * y + if stripe { 0.1 } else { 0.0 });
        }
        lighten_by(floor, 0.4 * (smooth(x * 6.0, y * 40.0, salt) - 0.5))
    });
    let mut brush = whole(&mut canvas);
    brush.flat(&Outline::rect(0.0, edge - 0.035, 1.0, edge), lighten(wall, 0.4));
    if draws.chance(0.5) {
        let (x, y) = (between(draws, 0.0, 0.75), between(draws, 0.02, 0.25));
        let (w, h) = (between(draws, 0.15, 0.35), between(draws, 0.15, 0.3));
        brush.solid(&Outline::rect(x, y, x + w, y + h), near(draws, 0.08, 0.4, 0.4));
        let picture = any(draws);
        brush.flat(&Outline::rect(x + 0.025, y + 0.025, x + w - 0.025, y + h - 0.025), picture);
        brush.flat(
            &Outline::rect(x + 0.025, y + 0.55 * h, x + w - 0.025, y + h - 0.025),
            darken(picture, 0.35),
        );
    }
    canvas
}

fn studio(side: usize, draws: &mut Draws) -> Canvas {
    let centre = (between(draws, 0.2, 0.8), between(draws, 0.1, 0.7));
    let inner = lighten(any(draws), between(draws, 0.0, 0.7));
    let outer = darken(inner, between(draws, 0.2, 0.6));
    let unit = 1.0 / side as f32;
    Canvas::new(side, |x, y| {
        let (dx, dy) = (x * unit - centre.0, y * unit - centre.1);
        mix(inner, outer, (dx * dx + dy * dy).sqrt())
    })
}
