//! The longer texts of the page in one place, for reading and for translation.
//! Labels of a word or two stand where they are shown.

use crate::experiment::technique::Technique;
use crate::experiment::{Crop, EngineChoice, ModelKind, Norm};

/// The page's name.
pub const TITLE: &str = "Imagenette Playground";

/// What the page is, in a sentence.
pub const TAGLINE: &str = "Train an image classifier in this browser. Flip one technique at a time, and see what it does to the accuracy.";

/// Where the images go.
pub const PRIVACY: &str = "Images and results never leave this device.";

/// Shown with every number that comes from the drawings.
pub const SYNTHETIC: &str = "Synthetic data: these numbers are about drawings, not photographs.";

/// What the built-in sample is.
pub const SAMPLE: &str =
    "Drawings of the ten classes, made by the program itself: nothing to download.";

/// What Imagenette is.
pub const IMAGENETTE: &str = "Photographs of ten easily told classes of ImageNet, chosen by fast.ai: 9,469 to train on, 3,925 to measure on.";

/// Under which terms it may be used.
pub const IMAGENETTE_LICENCE: &str = "The photographs belong to their authors; like ImageNet, for non-commercial research and teaching only.";

/// The official archive.
pub const IMAGENETTE_URL: &str = "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz";

/// Its name and size.
pub const IMAGENETTE_FILE: &str = "imagenette2-160.tgz (96 MB)";

/// How to get it into the page.
pub const IMAGENETTE_DROP: &str =
    "Then drop the file anywhere on this page. It is read here and sent nowhere.";

/// Said where WebGPU is absent.
pub const NO_WEBGPU: &str = "This browser offers no WebGPU, so training runs on the CPU: the same results, more slowly. Current versions of Chrome and Edge have WebGPU.";

/// Said where WebGPU is absent because of how the page came.
pub const PLAIN_HTTP: &str = "This page came over plain http from another machine, where browsers offer no WebGPU: training runs on the CPU. Open it by https, or from this machine as localhost.";

/// Why `auto` takes the CPU where WebGPU computes there, too.
pub const SOFTWARE_WEBGPU: &str = "WebGPU is emulated in software here, which is slower.";

/// What a technique does, in a sentence.
pub fn technique(technique: Technique) -> &'static str {
    match technique {
        Technique::Normalization => {
            "Shifts and scales each colour channel to mean 0 and standard deviation 1."
        }
        Technique::ProgressiveResizing => {
            "Begins with small images, which train fast, and ends with large ones, which show more."
        }
        Technique::Tta => {
            "Measures on several randomly changed views of each validation image and combines the predictions."
        }
        Technique::Mixup => {
            "Trains on two images blended into one, with both labels in the same proportion."
        }
        Technique::LabelSmoothing => {
            "Asks for a little less than certainty: every wrong class gets a small share of the label."
        }
    }
}

/// What a normalization is called.
pub fn norm(norm: Norm) -> &'static str {
    match norm {
        Norm::Imagenet => "ImageNet’s statistics",
        Norm::Off => "none",
        Norm::Data => "these images’ own statistics",
        Norm::Model => "the saved model’s statistics",
    }
}

/// What a network is.
pub fn model(model: ModelKind) -> &'static str {
    match model {
        ModelKind::Tiny => "A narrow ResNet-9 of 0.1 million weights: quick on any machine.",
        ModelKind::Resnet9 => "A ResNet-9 of 1.65 million weights: for a graphics card.",
        ModelKind::Xresnet18 => "The book’s family of networks, with half the channels.",
        ModelKind::Conv5 => "Five convolutions, the simple net of the book’s chapter 14.",
    }
}

/// What a crop does.
pub fn crop(crop: Crop) -> &'static str {
    match crop {
        Crop::Pad => "Mirrors the edges outward by an eighth, crops at random, flips.",
        Crop::Resize => {
            "Slides the square along the long side, flips. On square images only the flip remains."
        }
        Crop::Rrc => {
            "Zooms into a random part of at least 35% of the image, flips. Needs larger stored images."
        }
        Crop::Aug => {
            "The book’s aug_transforms: flips, turns, zooms, warps and relights. Needs larger stored images."
        }
    }
}

/// What an engine choice means.
pub fn engine(engine: EngineChoice) -> &'static str {
    match engine {
        EngineChoice::Auto => "WebGPU where there is a graphics card, else the CPU.",
        EngineChoice::Webgpu => "The graphics card, or what the browser puts in its place.",
        EngineChoice::Cpu => "The processor: the same numbers on every visit.",
    }
}
