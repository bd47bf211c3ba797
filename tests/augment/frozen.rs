//! Digests of draws and pixels. They are part of `v=1`: if one changes, every
//! shared link changes its meaning.

use super::fixture;
use imagenette_playground::augment::draw::{More, ViewDraw};
use imagenette_playground::augment::{mixup, normalize};
use imagenette_playground::experiment::{Crop, Experiment};
use imagenette_playground::rng::{Draws, Stream};
use sha2::{Digest, Sha256};

/// Digest of [`draws`].
pub const DRAWS: &str = "e219a5444bdd2b2f6eece5c174f1c6f2e152028419cec151229c6a912cf33c6c";
/// Digest of [`pixels`].
pub const PIXELS: &str = "a110f6a9c5fd143a4f38c051b25311e183c2ff29ccf111d86df35969d371deb8";

/// All that chance decides about one epoch of 64 images in batches of 16:
/// order, views of every crop (trained on and for test-time augmentation), λ
/// and partners.
pub fn draws() -> String {
    let mut digest = Sha256::new();
    let (seed, epoch) = (42, 3);
    for position in Draws::new(seed, Stream::Order, epoch, 0).permutation(64) {
        digest.update(position.to_le_bytes());
    }
    for stream in [Stream::Augment, Stream::Tta] {
        for crop in Crop::ALL {
            for image in 0..64 {
                let draw = ViewDraw::new(crop, Draws::new(seed, stream, epoch, image));
                for value in numbers(&draw) {
                    digest.update(value.to_bits().to_le_bytes());
                }
            }
        }
    }
    for batch in 0..4 {
        let images: Vec<u32> = (16 * batch..16 * (batch + 1)).collect();
        for mix in mixup::mixes(seed, epoch, batch, &images, 0.4) {
            digest.update(mix.partner.to_le_bytes());
            digest.update(mix.lambda.to_bits().to_le_bytes());
        }
    }
    hex(digest)
}

/// The pixels and targets of one training, one validation and one test-time
/// batch of every crop at two sizes, with all techniques on.
pub fn pixels() -> String {
    let mut digest = Sha256::new();
    for crop in Crop::ALL {
        let experiment = Experiment { crop, bs: 8, mixup: 0.4, ls: 0.1, ..Experiment::default() };
        let mut batcher = fixture::batcher(&experiment, Some(normalize::IMAGENET));
        for size in [16, 40] {
            let batches =
                [batcher.train(1, 1, size), batcher.valid(size, 0..9), batcher.tta(0, size, 0..9)];
            for batch in batches {
                for value in batch.pixels.iter().chain(&batch.targets) {
                    digest.update(value.to_bits().to_le_bytes());
                }
            }
        }
    }
    hex(digest)
}

fn numbers(draw: &ViewDraw) -> Vec<f64> {
    let mut numbers = vec![f64::from(u8::from(draw.flip)), draw.position[0], draw.position[1]];
    match &draw.more {
        More::Nothing => {}
        More::Rrc(tries) => numbers.extend(tries.iter().flatten()),
        More::Aug(aug) => {
            numbers.extend(aug.warp);
            numbers.extend([aug.degrees, aug.zoom]);
            numbers.extend(aug.zoom_centre);
            numbers.extend([aug.brightness, aug.contrast, aug.area]);
            numbers.extend(aug.position);
        }
    }
    numbers
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
