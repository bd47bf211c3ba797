//! A small data set that needs no files: smooth colours with some grain, of
//! several shapes.

use std::sync::Arc;

use imagenette_playground::augment::{Batcher, Stats};
use imagenette_playground::data::{Class, Dataset, Image, Selection, Split};
use imagenette_playground::experiment::Experiment;
use imagenette_playground::rng::{Draws, Stream};

/// Classes of the data set.
pub const CLASSES: u8 = 5;
const SHAPES: [(u32, u32); 4] = [(48, 48), (64, 48), (48, 96), (61, 53)];

/// An image of the given size; every `item` looks different.
pub fn image(item: u32, width: u32, height: u32, split: Split, label: u8) -> Image {
    let mut draws = Draws::new(7, Stream::Sample, 0, item);
    let slopes: [f64; 6] = std::array::from_fn(|_| draws.uniform(-120.0, 120.0));
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            for channel in 0..3 {
                let ramp = slopes[channel] * (u - 0.5) + slopes[channel + 3] * (v - 0.5);
                pixels.push((128.0 + ramp + draws.uniform(-40.0, 40.0)) as u8);
            }
        }
    }
    Image {
        path: format!("{item}.png"),
        split,
        label,
        width,
        height,
        original_short_side: width.min(height),
        pixels: pixels.into(),
    }
}

/// `train` training and `valid` validation images, all of them selected.
pub fn data(train: u32, valid: u32) -> (Arc<Dataset>, Arc<Selection>) {
    let images: Vec<Image> = (0..train + valid)
        .map(|item| {
            let (width, height) = SHAPES[item as usize % SHAPES.len()];
            let split = if item < train { Split::Train } else { Split::Valid };
            image(item, width, height, split, (item % u32::from(CLASSES)) as u8)
        })
        .collect();
    let labels: Vec<u8> = images.iter().map(|image| image.label).collect();
    let (train_labels, valid_labels) = labels.split_at(train as usize);
    let selection = Selection {
        train: (0..train).collect(),
        train_labels: train_labels.to_vec(),
        valid: (train..train + valid).collect(),
        valid_labels: valid_labels.to_vec(),
        noise_rate: 0.0,
    };
    let name = |label: u8| Class { id: format!("c{label}"), name: format!("class {label}") };
    let dataset = Dataset {
        name: "fixture".to_owned(),
        synthetic: true,
        classes: (0..CLASSES).map(name).collect(),
        images,
        hash: String::new(),
        short_side: 48,
        official_noise: None,
        skipped: Vec::new(),
    };
    (Arc::new(dataset), Arc::new(selection))
}

/// A batcher over 22 training and 9 validation images.
pub fn batcher(experiment: &Experiment, stats: Option<Stats>) -> Batcher {
    let (dataset, selection) = data(22, 9);
    Batcher::new(dataset, selection, experiment, stats).expect("the fixture fits")
}
