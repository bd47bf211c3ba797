//! What is in a batch, and what the switches leave alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use imagenette_playground::augment::crop::train_view;
use imagenette_playground::augment::normalize::IMAGENET;
use imagenette_playground::augment::resample::Raster;
use imagenette_playground::augment::{AugmentedView, Batch, BatchError, Batcher};
use imagenette_playground::data::{Dataset, Selection};
use imagenette_playground::experiment::{Crop, Experiment, ModelKind};

use super::fixture::{CLASSES, batcher, data};

fn plain(crop: Crop) -> Experiment {
    Experiment { crop, bs: 8, ..Experiment::default() }
}

#[test]
fn an_epoch_has_every_image_once_and_drops_the_last_partial_batch() {
    let mut batcher = batcher(&plain(Crop::Pad), None);
    assert_eq!((batcher.batch_size(), batcher.batches_per_epoch()), (8, 2));
    let order = batcher.epoch_order(0);
    assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..22).collect());
    assert_ne!(order, batcher.epoch_order(1));
    for index in 0..2 {
        let batch = batcher.train(0, index, 16);
        let start = index as usize * 8;
        assert_eq!(batch.images, order[start..start + 8]);
        assert_eq!((batch.len, batch.pixels.len()), (8, 8 * 3 * 16 * 16));
        assert_eq!(batch.targets.len(), 8 * usize::from(CLASSES));
        let labels: Vec<u8> = batch.images.iter().map(|i| (i % u32::from(CLASSES)) as u8).collect();
        assert_eq!(batch.labels, labels);
        assert_eq!(batch.mix, None);
    }
    assert_eq!(batcher.train(0, 2, 16).len, 0);
}

#[test]
fn the_batch_size_is_clamped_and_validation_keeps_its_last_partial_batch() {
    let large = Experiment { bs: 1000, ..Experiment::default() };
    let mut batcher = batcher(&large, None);
    assert_eq!((batcher.batch_size(), batcher.batches_per_epoch()), (22, 1));
    assert_eq!((batcher.train_len(), batcher.valid_len(), batcher.classes()), (22, 9, 5));
    assert_eq!(batcher.valid(16, 8..16).images, [30]);
    assert_eq!(batcher.valid(16, 9..18).len, 0);
    assert_eq!(batcher.tta(1, 16, 6..99).images, [28, 29, 30]);
}

#[test]
fn without_training_images_there_are_no_batches() {
    let (dataset, _) = data(0, 3);
    let selection = Selection { valid: vec![0], valid_labels: vec![0], ..Selection::default() };
    let mut batcher =
        Batcher::new(dataset, Arc::new(selection), &plain(Crop::Aug), None).expect("it fits");
    assert_eq!(batcher.batches_per_epoch(), 0);
    assert_eq!(batcher.train(0, 0, 16).len, 0);
    assert_eq!(batcher.valid(16, 0..1).len, 1);
}

#[test]
fn a_selection_that_does_not_fit_is_refused() {
    let (dataset, selection) = data(4, 2);
    let refused = |dataset: &Arc<Dataset>, change: fn(&mut Selection)| {
        let mut selection = Selection::clone(&selection);
        change(&mut selection);
        let refused =
            Batcher::new(dataset.clone(), Arc::new(selection), &plain(Crop::Pad), None).err();
        refused.expect("it does not fit")
    };
    let error = refused(&dataset, |selection| selection.train[1] = 6);
    assert_eq!(error, BatchError::NoSuchImage { index: 6, count: 6 });
    let error = refused(&dataset, |selection| selection.valid_labels.clear());
    assert_eq!(error, BatchError::Labels { images: 2, labels: 0 });
    let error = refused(&dataset, |selection| selection.train_labels[0] = 5);
    assert!(matches!(error, BatchError::NoSuchClass { label: 5, classes: 5, .. }), "{error}");
    let mut broken = Dataset::clone(&dataset);
    broken.images[3].width = 47;
    let error = refused(&Arc::new(broken), |_| ());
    assert!(matches!(error, BatchError::Pixels { width: 47, .. }), "{error}");
}

#[test]
fn a_batch_does_not_depend_on_what_was_asked_before() {
    for crop in Crop::ALL {
        let experiment = Experiment { mixup: 0.4, ..plain(crop) };
        let mut used = batcher(&experiment, Some(IMAGENET));
        for (epoch, size) in [(0, 24), (1, 16), (0, 32)] {
            used.train(epoch, 0, size);
            used.valid(size, 0..9);
        }
        let mut fresh = batcher(&experiment, Some(IMAGENET));
        assert_eq!(used.train(1, 1, 24), fresh.train(1, 1, 24));
        assert_eq!(used.tta(2, 24, 0..9), fresh.tta(2, 24, 0..9));
        assert_eq!(used.valid(24, 0..9), fresh.valid(24, 0..9));
    }
}

#[test]
fn stored_views_are_those_made_without_a_store() {
    let (dataset, _) = data(22, 9);
    for crop in Crop::ALL {
        let mut batcher = batcher(&plain(crop), None);
        for position in 0..22 {
            let draw = batcher.train_draw(2, position).expect("it is selected");
            let source = Raster::of(&dataset.images[position]).expect("the buffer fits");
            let expected = train_view(source, crop, 24, &draw);
            for _ in 0..2 {
                assert_eq!(batcher.train_view(2, position, 24).as_ref(), Some(&expected));
            }
        }
        assert_eq!(batcher.train_view(2, 22, 24), None);
        assert_eq!(batcher.train_draw(2, 22), None);
    }
}

/// The views of a batch, normalized and mixed by hand.
fn rebuilt(batcher: &mut Batcher, batch: &Batch, epoch: u32, index: u32) -> Vec<f32> {
    let positions = batcher.train_positions(epoch, index);
    let views: Vec<AugmentedView> = positions
        .iter()
        .map(|&at| batcher.train_view(epoch, at as usize, batch.size).expect("it is selected"))
        .collect();
    let stats = batcher.stats();
    let normalized: Vec<Vec<f32>> = views
        .into_iter()
        .map(|view| {
            let plane = view.pixels.len() / 3;
            let value = |(at, value): (usize, f32)| match stats {
                Some(stats) => (value / 255.0 - stats.mean[at / plane]) / stats.std[at / plane],
                None => value / 255.0,
            };
            view.pixels.into_iter().enumerate().map(value).collect()
        })
        .collect();
    let Some(mixes) = &batch.mix else { return normalized.concat() };
    let mixed = normalized.iter().zip(mixes).flat_map(|(own, mix)| {
        let partner = &normalized[mix.partner as usize];
        own.iter().zip(partner).map(|(a, b)| mix.lambda * a + (1.0 - mix.lambda) * b)
    });
    mixed.collect()
}

#[test]
fn no_switch_moves_the_order_or_the_views() {
    for crop in Crop::ALL {
        let base = plain(crop);
        let mut reference = batcher(&base, None);
        let expected = reference.train(1, 1, 16);
        let tta = reference.tta(1, 16, 0..9);
        let switched = [
            Experiment { mixup: 0.4, ..base.clone() },
            Experiment { ls: 0.1, ..base.clone() },
            Experiment { tta: 4, ttamax: true, ..base.clone() },
            Experiment { mixup: 4.0, ls: 0.3, tta: 2, ..base.clone() },
            Experiment { lr: 0.1, epochs: 9, model: ModelKind::Conv5, dseed: 7, ..base.clone() },
        ];
        for experiment in switched {
            for stats in [None, Some(IMAGENET)] {
                let mut batcher = batcher(&experiment, stats);
                let batch = batcher.train(1, 1, 16);
                assert_eq!(batch.images, expected.images);
                assert_eq!(batch.mix.is_some(), experiment.mixup > 0.0);
                assert_eq!(batch.pixels, rebuilt(&mut batcher, &batch, 1, 1));
                for position in 0..22 {
                    assert_eq!(
                        batcher.train_view(1, position, 16),
                        reference.train_view(1, position, 16)
                    );
                }
                if stats.is_none() {
                    assert_eq!(batcher.tta(1, 16, 0..9).pixels, tta.pixels);
                }
            }
        }
        let other = Experiment { seed: 43, ..base };
        assert_ne!(batcher(&other, None).train(1, 1, 16).images, expected.images);
    }
}

#[test]
fn passes_of_tta_differ_and_are_never_mixed() {
    let experiment = Experiment { mixup: 0.4, ls: 0.1, ..plain(Crop::Pad) };
    let mut batcher = batcher(&experiment, None);
    let first = batcher.tta(0, 16, 0..9);
    assert_eq!(first.mix, None);
    assert_ne!(first.pixels, batcher.tta(1, 16, 0..9).pixels);
    let view = batcher.tta_view(0, 4, 16).expect("it is selected");
    let own: Vec<f32> = view.pixels.iter().map(|value| value / 255.0).collect();
    assert_eq!(first.pixels[4 * 768..5 * 768], own);
    let plain = batcher.valid_view(4, 16).expect("it is selected");
    assert_ne!(view, plain);
    // Validation is measured against smoothed targets too, as fastai does.
    assert!((first.targets[first.labels[0] as usize] - 0.92).abs() < 1e-6);
}

#[test]
fn every_target_sums_to_one() {
    let experiment = Experiment { mixup: 0.4, ls: 0.1, ..plain(Crop::Pad) };
    let batch = batcher(&experiment, None).train(0, 0, 16);
    for row in batch.targets.chunks_exact(usize::from(CLASSES)) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(row.iter().all(|&share| share >= 0.02 - 1e-6));
    }
}
