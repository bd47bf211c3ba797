//! What is shown is what is fed.

use super::*;
use crate::augment::normalize::IMAGENET;
use crate::augment::{mixup, targets};
use crate::data::{Class, Image, Split};
use crate::experiment::link::parse;

/// Twelve training images of three classes with a ramp in each channel.
fn dataset() -> Arc<Dataset> {
    let image = |item: u32| {
        let (width, height) = if item.is_multiple_of(2) { (24, 20) } else { (20, 28) };
        let value =
            |x: u32, y: u32, channel: u32| ((item * 17 + x * 5 + y * 3 + channel * 40) % 256) as u8;
        let pixels = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| value(x, y, c))));
        Image {
            path: format!("train/{item:02}.png"),
            split: Split::Train,
            label: (item % 3) as u8,
            width,
            height,
            original_short_side: 20,
            pixels: pixels.collect(),
        }
    };
    let class = |name: &str| Class { id: name.into(), name: name.into() };
    Arc::new(Dataset {
        name: "ramps".into(),
        synthetic: true,
        classes: ["tench", "church", "golf ball"].map(class).into(),
        images: (0..12).map(image).collect(),
        hash: String::new(),
        short_side: 20,
        official_noise: None,
        skipped: Vec::new(),
    })
}

fn feed(link: &str, stats: Option<Stats>) -> (Feed, Batcher) {
    let experiment = parse(link).experiment;
    let dataset = dataset();
    let selection = Arc::new(Selection {
        train: (0..12).collect(),
        train_labels: dataset.images.iter().map(|image| image.label).collect(),
        ..Selection::default()
    });
    let batcher = || Batcher::new(dataset.clone(), selection.clone(), &experiment, stats).unwrap();
    let feed = Feed::new(experiment.clone(), dataset.clone(), selection.clone(), stats, batcher());
    (feed, batcher())
}

/// The picture of fed pixels, the other way round: normalized again, it is the
/// tensor to half an 8-bit step.
fn assert_pictured(picture: &[u8], pixels: &[f32], stats: Option<Stats>) {
    let plane = pixels.len() / 3;
    assert_eq!(picture.len(), 4 * plane);
    for (channel, values) in pixels.chunks_exact(plane).enumerate() {
        let (mean, std) = stats.map_or((0.0, 1.0), |it| (it.mean[channel], it.std[channel]));
        for (at, value) in values.iter().enumerate() {
            let shown = (f32::from(picture[4 * at + channel]) / 255.0 - mean) / std;
            assert!((shown - value).abs() <= 0.502 / 255.0 / std, "{shown} {value}");
        }
    }
}

#[test]
fn the_strip_is_the_batch_of_training() {
    for (link, stats) in [
        ("bs=4&size=16&epochs=2&mixup=0.4&ls=0.1", Some(IMAGENET)),
        ("bs=4&size=16&epochs=2&crop=aug&norm=off", None),
        ("bs=4&epochs=2&crop=rrc&prog=16x1,18x1", Some(IMAGENET)),
    ] {
        let (mut feed, mut batcher) = feed(link, stats);
        for (epoch, batch) in [(0, 0), (1, 2), (0, 1)] {
            let Strip { batch: fed, view, pictures } = feed.strip(epoch, batch, 3);
            assert_eq!(fed, batcher.train(epoch, batch, view.size), "{link}");
            let length = fed.pixels.len() / fed.len;
            for (pixels, picture) in fed.pixels.chunks(length).zip(&pictures).take(3) {
                assert_pictured(picture, pixels, stats);
            }
            assert_eq!((view.epoch, view.batch, view.shown.len()), (epoch, batch, 3));
            for (at, shown) in view.shown.iter().enumerate() {
                assert_eq!((shown.image, shown.label), (fed.images[at], fed.labels[at]));
                assert_eq!(shown.target, fed.targets[3 * at..3 * at + 3]);
            }
        }
    }
}

/// The two sources, mixed by the λ that is shown, give the picture that is fed.
#[test]
fn the_sources_and_the_weight_make_the_picture() {
    let (mut feed, _) = feed("bs=6&size=16&mixup=1&ls=0.2", Some(IMAGENET));
    let Strip { batch, view, pictures } = feed.strip(0, 1, 4);
    assert_eq!(pictures.len(), 3 * 4);
    for (at, shown) in view.shown.iter().enumerate() {
        let mixed = shown.mixed.unwrap();
        assert!((0.5..=1.0).contains(&mixed.lambda));
        let partner = batch.mix.as_ref().unwrap()[at].partner as usize;
        assert_eq!((mixed.image, mixed.label), (batch.images[partner], batch.labels[partner]));
        for ((fed, own), other) in pictures[at].iter().zip(&pictures[4 + at]).zip(&pictures[8 + at])
        {
            let expected =
                mixed.lambda * f32::from(*own) + (1.0 - mixed.lambda) * f32::from(*other);
            assert!((f32::from(*fed) - expected).abs() <= 1.01, "{fed} {expected}");
        }
        let mix = [
            mixup::Mix { partner: 1, lambda: mixed.lambda },
            mixup::Mix { partner: 0, lambda: 1.0 },
        ];
        let row = targets::rows(&[shown.label, mixed.label], 3, 0.2, Some(&mix));
        assert_eq!(shown.target, row[..3]);
    }
}

#[test]
fn a_place_beyond_the_run_is_its_last() {
    let (mut feed, _) = feed("bs=4&size=16&epochs=2", None);
    let view = feed.strip(99, 99, 99).view;
    assert_eq!((view.epoch, view.epochs, view.batch, view.batches), (1, 2, 2, 3));
    assert_eq!(view.shown.len(), 4);
}

#[test]
fn draws_differ_from_epoch_to_epoch_and_are_those_of_the_batches() {
    let (mut feed, _) = feed("bs=12&size=16&epochs=4", None);
    let (view, pictures) = feed.draws(5, 0, 4).unwrap();
    assert_eq!((view.image, view.class, view.draws.len(), pictures.len()), (5, 2, 4, 5));
    let distinct: std::collections::HashSet<_> = pictures[1..].iter().collect();
    assert!(distinct.len() > 1, "every epoch draws the same");
    for epoch in 0..4 {
        let strip = feed.strip(epoch, 0, 12);
        let at = strip.view.shown.iter().position(|shown| shown.image == 5).unwrap();
        assert_eq!(strip.pictures[at], pictures[1 + epoch as usize]);
    }
    assert_eq!(feed.draws(99, 0, 4), None);
}

#[test]
fn channels_before_and_after_are_one_batch_normalized() {
    let (mut feed, _) = feed("bs=6&size=16", Some(IMAGENET));
    let (place, [before, fed]) = feed.channels(0, 1).unwrap();
    assert_eq!(place, [0, 1, 6, 16]);
    let after = super::super::channel::normalized(&before, feed.statistics());
    for (after, fed) in after.iter().zip(&fed) {
        assert!((after.mean - fed.mean).abs() < 1e-5 && (after.std - fed.std).abs() < 1e-5);
        let values = |channel: &ChannelValues| channel.counts.iter().sum::<u32>();
        assert_eq!((values(after), values(fed)), (6 * 256, 6 * 256));
    }
}

/// Mixing leaves the mean where it is, nearly, and takes contrast away.
#[test]
fn mixing_narrows_the_channels() {
    let (mut feed, _) = feed("bs=12&size=16&mixup=1", Some(IMAGENET));
    let (_, [before, fed]) = feed.channels(0, 0).unwrap();
    let after = super::super::channel::normalized(&before, feed.statistics());
    for (plain, mixed) in after.iter().zip(&fed) {
        assert!(mixed.std < plain.std, "{mixed:?} {plain:?}");
    }
}
