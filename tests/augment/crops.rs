//! Golden values of the crops and of the geometry.

use imagenette_playground::augment::crop::{
    AugmentedView, mirror, rrc_window, rrc_xtra, train_view, valid_pixels, valid_view,
};
use imagenette_playground::augment::draw::{AugDraw, More, ViewDraw};
use imagenette_playground::augment::geometry::{IDENTITY, Matrix, compose, reflect, warp};
use imagenette_playground::augment::resample::{Raster, Window, resize};
use imagenette_playground::data::{Image, Split};
use imagenette_playground::experiment::Crop;

use super::fixture;

fn picture(width: u32, height: u32) -> Image {
    fixture::image(1, width, height, Split::Train, 0)
}

fn raster(image: &Image) -> Raster<'_> {
    Raster::of(image).expect("the buffer fits")
}

fn plain(position: [f64; 2], flip: bool) -> ViewDraw {
    ViewDraw { flip, position, more: More::Nothing }
}

fn at(view: &AugmentedView, channel: usize, x: usize, y: usize) -> f32 {
    let size = view.size as usize;
    view.pixels[(channel * size + y) * size + x]
}

fn mirrored(view: &AugmentedView) -> AugmentedView {
    let mut mirrored = view.clone();
    for row in mirrored.pixels.chunks_exact_mut(view.size as usize) {
        row.reverse();
    }
    mirrored
}

#[test]
fn reflection_does_not_repeat_the_border() {
    let indices: Vec<usize> = (-2..6).map(|x| mirror(x, 4)).collect();
    assert_eq!(indices, [2, 1, 0, 1, 2, 3, 2, 1]);
    assert_eq!((mirror(-5, 1), mirror(7, 1)), (0, 0));
    let positions = [-0.5, 0.0, 2.5, 3.0, 3.25, 6.5, -4.0];
    assert_eq!(positions.map(|x| reflect(x, 3.0)), [0.5, 0.0, 2.5, 3.0, 2.75, 0.5, 2.0]);
    assert_eq!(reflect(f32::NAN, 3.0), 0.0);
}

#[test]
fn pad_is_a_window_of_the_reflected_image() {
    let image = picture(16, 16);
    // size/8 = 2: the window starts at 0..=4 of the padded 20.
    for (unit, shift) in [(0.0, 0i64), (0.5, 2), (0.999, 4)] {
        let view = train_view(raster(&image), Crop::Pad, 16, &plain([unit, 0.5], false));
        for y in 0..16 {
            for x in 0..16 {
                let source = mirror(x as i64 + shift - 2, 16);
                let expected = image.pixels[(y * 16 + source) * 3 + 1];
                assert_eq!(at(&view, 1, x, y), f32::from(expected), "shift {shift} at {x}, {y}");
            }
        }
        let flipped = train_view(raster(&image), Crop::Pad, 16, &plain([unit, 0.5], true));
        assert_eq!(flipped, mirrored(&view));
    }
}

#[test]
fn resize_takes_the_square_that_was_drawn() {
    let image = picture(48, 32);
    for (unit, left) in [(0.0, 0), (0.5, 8), (0.99, 15)] {
        let view = train_view(raster(&image), Crop::Resize, 32, &plain([unit, 0.7], false));
        for (x, y) in [(0, 0), (31, 0), (5, 31)] {
            assert_eq!(at(&view, 2, x, y), f32::from(image.pixels[(y * 48 + left + x) * 3 + 2]));
        }
    }
    // On a square image the position has nothing to say.
    let square = picture(40, 40);
    let one = train_view(raster(&square), Crop::Resize, 24, &plain([0.1, 0.2], false));
    let two = train_view(raster(&square), Crop::Resize, 24, &plain([0.8, 0.9], true));
    assert_eq!(one, valid_view(raster(&square), Crop::Resize, 24));
    assert_eq!(two, mirrored(&one));
}

#[test]
fn validation_takes_the_middle_square() {
    let image = picture(49, 32);
    let expected = resize(raster(&image), Window { x: 8, y: 0, width: 32, height: 32 }, 20, 20);
    for crop in [Crop::Pad, Crop::Resize] {
        assert_eq!(valid_pixels(raster(&image), crop, 20), expected);
    }
}

#[test]
fn rrc_validates_on_the_middle_of_the_squished_image() {
    assert_eq!([64, 128, 16, 32, 96, 160].map(rrc_xtra), [16, 24, 8, 8, 16, 24]);
    let image = picture(96, 60);
    let whole = resize(raster(&image), Window { x: 0, y: 0, width: 96, height: 60 }, 80, 80);
    let view = valid_view(raster(&image), Crop::Rrc, 64);
    for (x, y) in [(0, 0), (63, 0), (10, 50), (63, 63)] {
        assert_eq!(at(&view, 0, x, y), f32::from(whole[((y + 8) * 80 + x + 8) * 3]));
    }
}

#[test]
fn rrc_takes_the_first_try_that_fits_else_the_middle() {
    // Half of 100 × 80 at ratio 1: 63.2 each way.
    let half = rrc_window(100, 80, &[[0.5, 1.0]], [0.5, 0.0]);
    assert_eq!(half, Window { x: 19, y: 0, width: 63, height: 63 });
    // The first is 115 × 69 and does not fit, the second does.
    let second = rrc_window(100, 80, &[[1.0, 5.0 / 3.0], [0.36, 0.75]], [0.0, 0.999]);
    assert_eq!(second, Window { x: 0, y: 18, width: 46, height: 62 });
    assert_eq!(rrc_window(200, 90, &[], [0.0; 2]), Window { x: 40, y: 0, width: 120, height: 90 });
    assert_eq!(rrc_window(60, 100, &[], [0.0; 2]), Window { x: 0, y: 10, width: 60, height: 80 });
    assert_eq!(rrc_window(90, 80, &[], [0.0; 2]), Window { x: 0, y: 0, width: 90, height: 80 });
}

#[test]
fn aug_without_a_change_copies_the_image_exactly() {
    let image = picture(37, 37);
    let whole = valid_view(raster(&image), Crop::Aug, 37);
    for flip in [false, true] {
        let draw = ViewDraw { flip, position: [0.0; 2], more: More::Aug(AugDraw::NEUTRAL) };
        let view = train_view(raster(&image), Crop::Aug, 37, &draw);
        assert_eq!(view, if flip { mirrored(&whole) } else { whole.clone() });
    }
}

/// fastai's batch transforms sample validation images as they sample training images.
#[test]
fn aug_validates_on_the_path_that_it_trains_on() {
    for (side, size) in [(37, 37), (64, 40), (128, 64), (160, 64), (150, 37), (20, 33)] {
        let image = picture(side, side);
        let neutral = ViewDraw {
            flip: false,
            position: [0.5; 2],
            more: More::Aug(AugDraw { area: 1.0, ..AugDraw::NEUTRAL }),
        };
        let trained = train_view(raster(&image), Crop::Aug, size, &neutral);
        assert_eq!(valid_view(raster(&image), Crop::Aug, size), trained, "{side} to {size}");
    }
}

/// From 128 to 64 pixels, corners are aligned: output `i` reads at `127 i / 63`, between two
/// pixels, without averaging over those that it passes.
#[test]
fn aug_validates_with_bilinear_sampling_and_aligned_corners() {
    let image = picture(128, 128);
    let view = valid_view(raster(&image), Crop::Aug, 64);
    let value = |x: usize, y: usize| f64::from(image.pixels[(y * 128 + x) * 3]);
    for y in 0..64 {
        for x in 0..64 {
            let at = |i: usize| {
                let position = (i * 127) as f64 / 63.0;
                let low = (position as usize).min(126);
                (low, position - low as f64)
            };
            let ((left, across), (top, down)) = (at(x), at(y));
            let row = |y: usize| value(left, y) * (1.0 - across) + value(left + 1, y) * across;
            let expected = row(top) * (1.0 - down) + row(top + 1) * down;
            let found = f64::from(self::at(&view, 0, x, y));
            assert!((found - expected).abs() < 1e-2, "{x}, {y}: {found} for {expected}");
        }
    }
}

#[test]
fn aug_cuts_the_area_that_was_drawn() {
    // Half the side of an image of 33: round(sqrt(.25)·33) = 16 (ties to even).
    let image = picture(33, 33);
    let aug = AugDraw { area: 0.25, position: [0.0, 0.999], ..AugDraw::NEUTRAL };
    let draw = ViewDraw { flip: false, position: [0.0; 2], more: More::Aug(aug) };
    let view = train_view(raster(&image), Crop::Aug, 16, &draw);
    for (x, y) in [(0, 0), (15, 15), (3, 9)] {
        assert_eq!(at(&view, 0, x, y), f32::from(image.pixels[((17 + y) * 33 + x) * 3]));
    }
}

#[test]
fn shrinking_by_more_than_two_averages_first() {
    // Stripes of one pixel: sampling alone would pick single stripes.
    let pixels: Vec<u8> =
        (0..64 * 64).flat_map(|i| [if i % 2 == 0 { 0 } else { 200 }; 3]).collect();
    let source = Raster::new(64, 64, &pixels).expect("the buffer fits");
    let draw = ViewDraw { flip: false, position: [0.0; 2], more: More::Aug(AugDraw::NEUTRAL) };
    let view = train_view(source, Crop::Aug, 16, &draw);
    assert!(view.pixels.iter().all(|&value| value == 100.0));
}

fn apply(map: &Matrix, [x, y]: [f64; 2]) -> [f64; 2] {
    let [u, v, w] = map.map(|row| row[0] * x + row[1] * y + row[2]);
    [u / w, v / w]
}

fn close(actual: [f64; 2], expected: [f64; 2]) {
    let error = (actual[0] - expected[0]).abs().max((actual[1] - expected[1]).abs());
    assert!(error < 1e-12, "{actual:?} is not {expected:?}");
}

#[test]
fn maps_follow_the_formulas() {
    assert_eq!(compose(false, &AugDraw::NEUTRAL), IDENTITY);
    let point = [0.3, -0.7];
    close(apply(&compose(true, &AugDraw::NEUTRAL), point), [-0.3, -0.7]);

    let turned = compose(false, &AugDraw { degrees: 10.0, ..AugDraw::NEUTRAL });
    let (sin, cos) = libm::sincos(10f64.to_radians());
    close(apply(&turned, point), [0.3 * cos - 0.7 * sin, -0.3 * sin - 0.7 * cos]);

    // A zoom of 1.1 about the left edge keeps the left edge.
    let zoomed = AugDraw { zoom: 1.1, zoom_centre: [0.0, 0.5], ..AugDraw::NEUTRAL };
    let zoomed = compose(false, &zoomed);
    close(apply(&zoomed, [-1.0, 0.0]), [-1.0, 0.0]);
    close(apply(&zoomed, [1.0, 0.0]), [2.0 / 1.1 - 1.0, 0.0]);

    // The warp reads the corners at the displaced places.
    let (x, y) = (0.2, -0.1);
    let warped = compose(false, &AugDraw { warp: [x, y], ..AugDraw::NEUTRAL });
    close(apply(&warped, [-1.0 - y, -1.0 - x]), [-1.0, -1.0]);
    close(apply(&warped, [-1.0 + y, 1.0 + x]), [-1.0, 1.0]);
    close(apply(&warped, [1.0 + y, -1.0 + x]), [1.0, -1.0]);
    close(apply(&warped, [1.0 - y, 1.0 - x]), [1.0, 1.0]);

    // Composed: first flip, rotation and zoom, the warp last.
    let all = AugDraw {
        warp: [x, y],
        degrees: 10.0,
        zoom: 1.1,
        zoom_centre: [0.0, 0.5],
        ..AugDraw::NEUTRAL
    };
    let [u, v] = apply(&turned, apply(&zoomed, point));
    close(apply(&compose(true, &all), point), apply(&warped, [-u, v]));
}

#[test]
fn a_ramp_is_sampled_where_the_map_points() {
    // Red rises by 4 a column: the value tells the column that was read.
    let pixels: Vec<u8> = (0..33 * 33).flat_map(|i| [(i % 33 * 4) as u8, 0, 0]).collect();
    let source = Raster::new(33, 33, &pixels).expect("the buffer fits");
    let map = compose(false, &AugDraw { degrees: 7.0, zoom: 1.1, ..AugDraw::NEUTRAL });
    let grid = warp(source, source.whole(), &map, source.whole());
    assert_eq!((grid.at(33, 0), grid.at(0, 33)), (None, None));
    for (column, row) in [(16, 16), (10, 20), (25, 8)] {
        let [x, _] = apply(&map, [column as f64 / 16.0 - 1.0, row as f64 / 16.0 - 1.0]);
        let [red, ..] = grid.at(column, row).expect("it is inside").map(f64::from);
        assert!((red - (x + 1.0) * 16.0 * 4.0).abs() < 1e-3, "{red} at {column}, {row}");
    }
}

#[test]
fn a_canvas_gets_rounded_opaque_pixels() {
    let view = AugmentedView { size: 1, pixels: vec![0.4, 127.5, 255.0] };
    assert_eq!(view.to_rgba(), [0, 128, 255, 255]);
}
