//! The experiment: everything that decides what a run computes.
//!
//! One [`Experiment`] is one link (see [`link`]): the page's URL fragment, the
//! CLI's argument, the worker's job. The same experiment on the same data set
//! gives the same batches, the same augmentation and the same initial weights
//! on every engine.

pub mod fastai;
mod fitted;
pub mod key;
pub mod link;
pub mod names;
pub mod notice;
pub mod prog;
pub mod range;
pub mod recipe;
pub mod technique;

use serde::{Deserialize, Serialize};

/// Every knob of a run. [`Experiment::default`] is `v=1`: frozen for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Where the images come from.
    pub data: DataSource,
    /// Training images per class, stratified; `None` takes all of them.
    pub subset: Option<u32>,
    /// Validation images per class, stratified; `None` takes all of them.
    pub valid: Option<u32>,
    /// Wrong training labels.
    pub noise: Noise,
    /// Seed of the subset and of label noise, and of nothing else.
    pub dseed: u32,
    /// Network.
    pub model: ModelKind,
    /// SHA-256 (hex) of the saved model that gives the initial weights.
    pub init: Option<String>,
    /// Image side in pixels; replaced by the phases' sizes where `prog` is set.
    pub size: u32,
    /// Epochs; replaced by the phases' epochs where `prog` is set.
    pub epochs: u32,
    /// Batch size, before it is clamped to the number of training images.
    pub bs: u32,
    /// `lr_max` of the one-cycle schedule.
    pub lr: f64,
    /// Training crop, drawn per image.
    pub crop: Crop,
    /// Normalization of the input.
    pub norm: Norm,
    /// Progressive resizing: the phases in order; empty for one constant size.
    pub prog: Vec<Phase>,
    /// Freeze the body's convolutions in each warm-up epoch.
    pub freeze: bool,
    /// Mixup alpha; 0 switches it off.
    pub mixup: f64,
    /// Label smoothing eps; 0 switches it off.
    pub ls: f64,
    /// Augmented passes of test-time augmentation; 0 switches it off.
    pub tta: u32,
    /// Element-wise maximum over the passes instead of the average.
    pub ttamax: bool,
    /// Weight of the plain pass in the average.
    pub beta: f64,
    /// Seed of the weights, order, augmentation and mixup streams.
    pub seed: u32,
    /// Engine to train on.
    pub engine: EngineChoice,
    /// Start as soon as the data are ready.
    pub run: bool,
    /// Train the `init` model as fastai's `fine_tune`: each phase begins with an
    /// epoch in which the body is frozen, and the rates differ by depth.
    pub ft: bool,
    /// Ghost batch: images of a batch that batch norm sees at a time, one shard after
    /// another or several at once; 0 is the whole batch.
    pub gbs: u32,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            data: DataSource::Sample,
            subset: None,
            valid: None,
            noise: Noise::None,
            dseed: 42,
            model: ModelKind::Tiny,
            init: None,
            size: 64,
            epochs: 5,
            bs: 64,
            lr: 0.01,
            crop: Crop::Pad,
            norm: Norm::Imagenet,
            prog: Vec::new(),
            freeze: false,
            mixup: 0.0,
            ls: 0.0,
            tta: 0,
            ttamax: false,
            beta: 0.25,
            seed: 42,
            engine: EngineChoice::Auto,
            run: false,
            ft: false,
            gbs: 0,
        }
    }
}

/// Where the images come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataSource {
    /// The built-in synthetic drawings.
    Sample,
    /// The archive that the person gave or the site serves.
    Imagenette,
    /// An absolute http(s) address of an archive.
    Url(String),
}

impl DataSource {
    /// The value of `data` in a link.
    pub fn text(&self) -> String {
        key::data_text(self)
    }

    /// What such a value means; the sample, if it means nothing.
    pub fn of_text(text: &str) -> Self {
        key::data_of(text)
    }
}

/// Share of wrong training labels: the columns of `noisy_imagenette.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Noise {
    /// True labels.
    None,
    /// 1 %.
    One,
    /// 5 %.
    Five,
    /// 25 %.
    TwentyFive,
    /// 50 %.
    Fifty,
}

impl Noise {
    /// All levels, in ascending order.
    pub const ALL: [Self; 5] = [Self::None, Self::One, Self::Five, Self::TwentyFive, Self::Fifty];

    /// The level in per cent.
    pub fn percent(self) -> u32 {
        match self {
            Self::None => 0,
            Self::One => 1,
            Self::Five => 5,
            Self::TwentyFive => 25,
            Self::Fifty => 50,
        }
    }
}

/// The networks on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelKind {
    /// ResNet-9 shape with widths 8-16-32-64.
    Tiny,
    /// ResNet-9 shape with widths 32-64-128-256.
    Resnet9,
    /// The book's family, stage widths halved.
    Xresnet18,
    /// The book's chapter 14 net: five strided convolutions.
    Conv5,
}

impl ModelKind {
    /// All networks, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Tiny, Self::Resnet9, Self::Xresnet18, Self::Conv5];

    /// The name in links and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Resnet9 => "resnet9",
            Self::Xresnet18 => "xresnet18",
            Self::Conv5 => "conv5",
        }
    }
}

/// Training crop, drawn per image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Crop {
    /// Reflect-pad by size/8, random crop, flip.
    Pad,
    /// fastai's `Resize` (random position along the long side) and flip.
    Resize,
    /// `RandomResizedCrop(min_scale=.35)` and flip.
    Rrc,
    /// The book's `aug_transforms(min_scale=.75)`.
    Aug,
}

impl Crop {
    /// All crops, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Pad, Self::Resize, Self::Rrc, Self::Aug];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pad => "pad",
            Self::Resize => "resize",
            Self::Rrc => "rrc",
            Self::Aug => "aug",
        }
    }

    /// Stored short side over the largest training size that this crop needs,
    /// so that zooming in does not invent pixels.
    pub fn store_factor(self) -> f64 {
        match self {
            Self::Pad | Self::Resize => 1.0,
            Self::Rrc => 1.7,
            Self::Aug => 2.0,
        }
    }
}

/// Normalization of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Norm {
    /// `imagenet_stats`.
    Imagenet,
    /// None: values stay in 0..1.
    Off,
    /// The training subset's own mean and standard deviation.
    Data,
    /// The statistics stored with the `init` model.
    Model,
}

impl Norm {
    /// All choices, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Imagenet, Self::Off, Self::Data, Self::Model];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imagenet => "imagenet",
            Self::Off => "off",
            Self::Data => "data",
            Self::Model => "model",
        }
    }
}

/// One phase of progressive resizing, written `SxE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Image side in pixels.
    pub size: u32,
    /// Epochs, without the warm-up epoch of the phases after the first.
    pub epochs: u32,
}

/// The engine that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EngineChoice {
    /// WebGPU where there is a usable hardware adapter, else the CPU.
    Auto,
    /// WebGPU, on any adapter.
    Webgpu,
    /// burn's `flex` on the CPU.
    Cpu,
}

impl EngineChoice {
    /// All choices, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Webgpu, Self::Cpu];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Webgpu => "webgpu",
            Self::Cpu => "cpu",
        }
    }
}

impl Experiment {
    /// The phases to train, in order: `prog`, or the one constant size.
    pub fn phases(&self) -> Vec<Phase> {
        if self.prog.is_empty() {
            vec![Phase { size: self.size, epochs: self.epochs }]
        } else {
            self.prog.clone()
        }
    }

    /// All epochs that will be run: E₁ + Σ(Eᵢ + 1), the warm-up epochs included,
    /// and one more where `ft` gives the first phase one, too.
    pub fn total_epochs(&self) -> u32 {
        self.sized_epochs() + u32::from(self.ft)
    }

    /// [`Self::total_epochs`] without the one that `ft` adds: the epochs that one
    /// constant size would have.
    pub(crate) fn sized_epochs(&self) -> u32 {
        let phases = self.phases();
        phases.iter().map(|phase| phase.epochs).sum::<u32>() + phases.len() as u32 - 1
    }

    /// The size of the last phase, at which the result is measured.
    pub fn final_size(&self) -> u32 {
        self.phases().last().map_or(self.size, |phase| phase.size)
    }

    /// The largest size of any phase.
    pub fn largest_size(&self) -> u32 {
        self.phases().iter().map(|phase| phase.size).max().unwrap_or(self.size)
    }

    /// Short side of the stored images that it needs: the largest size times what
    /// the crop zooms in, rounded up.
    pub fn short_side(&self) -> u32 {
        (f64::from(self.largest_size()) * self.crop.store_factor()).ceil() as u32
    }
}
