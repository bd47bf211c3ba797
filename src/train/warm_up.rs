//! A run that is over after one batch of made-up images. It dispatches what the real run will, so
//! that its shaders are compiled before the real images are here. It touches nothing of that run:
//! random draws depend on the seed and the image alone.

use super::run::Job;
use crate::data::{Class, Dataset, Image, Split};
use crate::experiment::{Experiment, Noise, Norm};
use std::sync::Arc;

/// Classes of the made-up images: as many as Imagenette has.
const CLASSES: u32 = 10;

/// One epoch of one batch of `experiment` on made-up images.
pub fn job(experiment: &Experiment) -> Job {
    let size = experiment.phases().first().map_or(experiment.size, |phase| phase.size);
    let norm = match experiment.norm {
        Norm::Model => Norm::Imagenet,
        norm => norm,
    };
    let experiment = Experiment {
        subset: None,
        valid: None,
        noise: Noise::None,
        init: None,
        ft: false,
        freeze: false,
        prog: Vec::new(),
        size,
        epochs: 1,
        tta: 0,
        norm,
        ..experiment.clone()
    };
    let dataset = Arc::new(made_up(experiment.bs.max(CLASSES), experiment.short_side()));
    Job { experiment, dataset, resume: None, init: None }
}

/// So many training images, and one validation image of each class.
fn made_up(train: u32, side: u32) -> Dataset {
    let pixels: Arc<[u8]> = (0..side * side * 3).map(|at| (at % 251) as u8).collect();
    let image = |split, number: u32| {
        let folder = if split == Split::Train { "train" } else { "val" };
        let label = number % CLASSES;
        Image {
            path: format!("{folder}/{label}/{number:05}"),
            split,
            label: label as u8,
            width: side,
            height: side,
            original_short_side: side,
            pixels: pixels.clone(),
        }
    };
    let mut images: Vec<Image> = (0..train).map(|number| image(Split::Train, number)).collect();
    images.extend((0..CLASSES).map(|number| image(Split::Valid, number)));
    images.sort_by(|a, b| a.path.cmp(&b.path));
    Dataset {
        name: "made up".to_owned(),
        synthetic: true,
        classes: (0..CLASSES)
            .map(|label| Class { id: label.to_string(), name: label.to_string() })
            .collect(),
        images,
        hash: String::new(),
        short_side: side,
        official_noise: None,
        skipped: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;
    use crate::train::setup::Setup;

    #[test]
    fn it_is_one_batch_of_the_size_of_the_real_run() {
        for (text, batch, size) in [
            ("v=1", 64, 64),
            ("v=1&bs=16&size=128&crop=aug&noise=50&subset=20&tta=4", 16, 128),
            ("v=1&prog=32x3,64x2&bs=8&norm=model&mixup=0.4&ls=0.1", 10, 32),
        ] {
            let asked = link::parse(text).experiment;
            let job = job(&asked);
            let setup = Setup::new(&job.experiment, job.dataset, None).unwrap();
            setup.check_pixels().unwrap();
            assert_eq!(setup.experiment.total_epochs(), 1, "{text}");
            assert_eq!(setup.batcher.batches_per_epoch(), 1, "{text}");
            assert_eq!(setup.selection.train.len(), batch, "{text}");
            assert_eq!(setup.experiment.size, size, "{text}");
            assert_eq!(setup.selection.valid.len(), 10, "{text}");
            assert_eq!(setup.experiment.mixup, asked.mixup, "{text}");
        }
    }
}
