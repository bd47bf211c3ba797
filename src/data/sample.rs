//! The built-in sample: procedural drawings of the ten Imagenette classes, made
//! on every start and always the same. Independent of burn, of browsers
//! and of any file.
//!
//! Each picture is a pure function of its split, class and index, so a host
//! that must not block draws them one by one ([`images`]) and then combines
//! them ([`dataset`]).

mod brush;
mod camera;
mod canvas;
mod clutter;
mod figures;
mod paintbox;
mod scene;

use sha2::{Digest as _, Sha256};

use self::brush::{Brush, Frame};
use self::canvas::Position;
use self::figures::FIGURES;
use self::paintbox::{between, pick};
use super::builder::content_hash;
use super::layout::class_name;
use super::{Class, Dataset, Image, Split};
use crate::rng::{Draws, Stream};

/// Width and height of the pictures in pixels.
pub const SIDE: u32 = 64;

/// Hash of the whole data set. The pictures are part of what a link means, so it
/// never changes, and it is the same on every target.
pub const HASH: &str = "a3a5006be46994e2342e47346325bf60d42d3f1669e51b9646b66de5ae673661";

/// Seed of the pictures: a constant, so that everybody has the same.
const SEED: u32 = 7;

/// Pictures of each class in a split: 100 for training, 50 for validation.
pub fn per_class(split: Split) -> u32 {
    match split {
        Split::Train => 100,
        Split::Valid => 50,
    }
}

/// Number of all pictures: 1,500.
pub fn total() -> u32 {
    FIGURES.len() as u32 * (per_class(Split::Train) + per_class(Split::Valid))
}

/// The classes in the order of their labels, which is Imagenette's.
pub fn classes() -> Vec<Class> {
    FIGURES
        .iter()
        .map(|figure| Class { id: figure.id.to_owned(), name: class_name(figure.id).to_owned() })
        .collect()
}

/// All pictures, sorted by path, each drawn when it is asked for.
pub fn images() -> impl Iterator<Item = Image> {
    [Split::Train, Split::Valid].into_iter().flat_map(|split| {
        (0..FIGURES.len() as u8).flat_map(move |label| {
            (0..per_class(split)).map(move |index| image(split, label, index))
        })
    })
}

/// One picture: 64 × 64 RGB. A label beyond the last class stands for the last.
pub fn image(split: Split, label: u8, index: u32) -> Image {
    let label = label.min(FIGURES.len() as u8 - 1);
    let figure = &FIGURES[usize::from(label)];
    let folder = match split {
        Split::Train => "train",
        Split::Valid => "val",
    };
    Image {
        path: format!("{folder}/{}/sample_{index:04}.png", figure.id),
        split,
        label,
        width: SIDE,
        height: SIDE,
        original_short_side: SIDE,
        pixels: picture(split, label, index).into(),
    }
}

/// Binds drawn pictures, sorted by path, to a data set. The hash takes each
/// picture's RGB bytes for its file.
pub fn dataset(images: Vec<Image>) -> Dataset {
    let digests: Vec<[u8; 32]> =
        images.iter().map(|image| Sha256::digest(&image.pixels).into()).collect();
    let paths = images.iter().map(|image| image.path.as_str());
    let hash = content_hash(paths.zip(&digests));
    Dataset {
        name: "Built-in sample (synthetic drawings)".to_owned(),
        synthetic: true,
        classes: classes(),
        hash,
        images,
        short_side: SIDE,
        official_noise: None,
        skipped: Vec::new(),
    }
}

/// The whole data set, drawn at once: half a second of a laptop's core natively,
/// less than one in wasm.
pub fn sample() -> Dataset {
    dataset(images().collect())
}

/// Draws one picture: backdrop, clutter, figure, what is in front, exposure.
fn picture(split: Split, label: u8, index: u32) -> Vec<u8> {
    let epoch = match split {
        Split::Train => 0,
        Split::Valid => 1,
    };
    let mut draws = Draws::new(SEED, Stream::Sample, epoch, u32::from(label) * 10_000 + index);
    let draws = &mut draws;
    let figure = &FIGURES[usize::from(label)];
    let side = SIDE as f32;
    let place = pick(draws, figure.places);
    // From above, in turns clockwise from the right.
    let light = between(draws, 0.55, 0.95);
    let relief = between(draws, 0.08, 0.28);
    let mut canvas = scene::backdrop(place, SIDE as usize, draws);

    for _ in 0..1 + draws.below(4) {
        let centre = Position::new(between(draws, 0.0, side), between(draws, 0.3 * side, side));
        let scale = side * between(draws, 0.08, 0.24);
        let frame = Frame::new(centre, scale, between(draws, -0.03, 0.03));
        clutter::draw(place, &mut Brush::new(&mut canvas, frame, light, relief), draws);
    }

    // Small enough for the details to matter, large enough to be recognised.
    let scale = side * between(draws, 0.21, 0.38);
    let reach = side * 0.18;
    let centre = Position::new(
        side / 2.0 + between(draws, -reach, reach),
        side / 2.0 + between(draws, -reach, reach),
    );
    let turns = between(draws, -figure.tilt, figure.tilt);
    let mirror = pick(draws, [-1.0, 1.0]);
    let stretch = mirror * between(draws, 0.8, 1.2);
    let frame = Frame::new(centre, scale, turns).skewed(stretch, between(draws, -0.15, 0.15));
    (figure.draw)(&mut Brush::new(&mut canvas, frame, light, relief), draws);

    if draws.chance(0.4) {
        let turns = between(draws, -0.05, 0.05);
        let centre =
            Position::new(between(draws, 0.1, 0.9) * side, between(draws, 0.55, 1.0) * side);
        let frame = Frame::new(centre, side * between(draws, 0.08, 0.16), turns);
        clutter::occlude(&mut Brush::new(&mut canvas, frame, light, relief), draws);
    }
    camera::expose(&canvas, draws)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_for_ever_and_everywhere() {
        let data = sample();
        assert_eq!(data.hash, HASH);
        assert_eq!(data.images.len() as u32, total());
        assert!(data.images.is_sorted_by(|a, b| a.path < b.path));
        for (label, class) in data.classes.iter().enumerate() {
            for split in [Split::Train, Split::Valid] {
                let of_class =
                    |image: &&Image| image.split == split && usize::from(image.label) == label;
                let count = data.images.iter().filter(of_class).count() as u32;
                assert_eq!(count, per_class(split), "{} in {split:?}", class.name);
            }
        }
    }

    #[test]
    fn a_picture_depends_on_its_place_alone() {
        let alone = image(Split::Valid, 3, 7);
        let among = images().find(|image| image.path == alone.path);
        assert_eq!(among.map(|image| image.pixels), Some(alone.pixels));
    }

    #[test]
    fn every_picture_shows_something() {
        for label in 0..FIGURES.len() as u8 {
            for index in 0..5 {
                let pixels = image(Split::Train, label, index).pixels;
                assert_eq!(pixels.len(), (SIDE * SIDE * 3) as usize);
                let mean =
                    pixels.iter().map(|&value| u32::from(value)).sum::<u32>() / pixels.len() as u32;
                assert!((25..=230).contains(&mean), "class {label}, picture {index}: mean {mean}");
                let spread = pixels.iter().filter(|&&value| u32::from(value).abs_diff(mean) > 20);
                assert!(spread.count() > 200, "class {label}, picture {index} is almost even");
            }
        }
    }
}
