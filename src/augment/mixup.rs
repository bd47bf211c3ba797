//! Mixup as fastai does it (`callback/mixup.py`; Zhang et al., 2018): after
//! normalization, one λ per image, the partner from the same batch.
//! Independent of burn and of browsers.

use crate::rng::{Draws, Stream};

/// How one image of a batch is mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mix {
    /// Position in the batch of the image that is mixed in; possibly its own.
    pub partner: u32,
    /// Weight of the image's own content, 0.5..1.
    pub lambda: f32,
}

/// λ of one image (its index in the data set) in one epoch:
/// max(λ, 1 − λ) with λ ~ Beta(alpha, alpha); `alpha` is positive.
pub fn lambda(seed: u32, epoch: u32, image: u32, alpha: f64) -> f32 {
    let lambda = Draws::new(seed, Stream::MixupLambda, epoch, image).beta(alpha);
    lambda.max(1.0 - lambda) as f32
}

/// The mixes of one batch: `images` are the indices of its images in the data
/// set, in order. The partners are a permutation of the batch.
pub fn mixes(seed: u32, epoch: u32, batch: u32, images: &[u32], alpha: f64) -> Vec<Mix> {
    let partners =
        Draws::new(seed, Stream::MixupPartner, epoch, batch).permutation(images.len() as u32);
    images
        .iter()
        .zip(partners)
        .map(|(&image, partner)| Mix { partner, lambda: lambda(seed, epoch, image, alpha) })
        .collect()
}

/// xᵢ ← λᵢ·xᵢ + (1 − λᵢ)·x_partner(ᵢ) for a batch of `mixes.len()` images of
/// equal length, back to back. Partners are taken from the unmixed batch, which
/// is copied to `unmixed` (a buffer that is reused for the next batch).
/// A partner outside the batch leaves its image as it is.
pub fn apply(pixels: &mut [f32], mixes: &[Mix], unmixed: &mut Vec<f32>) {
    let length = pixels.len() / mixes.len().max(1);
    if length == 0 {
        return;
    }
    unmixed.clear();
    unmixed.extend_from_slice(pixels);
    for (own, mix) in pixels.chunks_exact_mut(length).zip(mixes) {
        let start = mix.partner as usize * length;
        let partner = unmixed.get(start..start + length).unwrap_or_default();
        let rest = 1.0 - mix.lambda;
        for (value, other) in own.iter_mut().zip(partner) {
            *value = mix.lambda * *value + rest * other;
        }
    }
}
