//! What is measured: networks, their inputs, and steps on them. Knows no browser.

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, Transaction};
use imagenette_playground::augment::batch::Batch;
use imagenette_playground::experiment::ModelKind;
use imagenette_playground::model::Network;
use imagenette_playground::model::layout::{self, Stage};
use imagenette_playground::rng::{Draws, Stream};
use imagenette_playground::train::optimizer::Adam;
use imagenette_playground::train::step;

pub const SEED: u32 = 42;
const CLASSES: usize = 10;
/// Small enough that the loss falls on the one batch, whatever the network.
const LR: f64 = 1e-3;
/// fastai's `mom` where its schedule does not move it.
const MOMENTUM: f64 = 0.9;

/// A network and its batch.
pub struct Case {
    pub name: &'static str,
    pub stages: Vec<Stage>,
    /// Channels before the global pool.
    pub features: usize,
    /// Side of the images, pixels.
    pub size: usize,
    pub batch: usize,
}

/// All cases, small to large.
pub fn all() -> Vec<Case> {
    vec![
        Case { name: "res3-w8", stages: res3(8), features: 32, size: 32, batch: 16 },
        Case { name: "res3-w16", stages: res3(16), features: 64, size: 64, batch: 64 },
        Case {
            name: "resnet9",
            stages: layout::stages(ModelKind::Resnet9),
            features: layout::features(ModelKind::Resnet9),
            size: 64,
            batch: 64,
        },
    ]
}

/// Three stages of one basic block each, widths `w`, 2`w`, 4`w`, after a strided stem.
fn res3(w: usize) -> Vec<Stage> {
    vec![
        Stage::Conv { input: 3, output: w, stride: 2 },
        Stage::Block { input: w, output: w, stride: 1 },
        Stage::Block { input: w, output: 2 * w, stride: 2 },
        Stage::Block { input: 2 * w, output: 4 * w, stride: 2 },
    ]
}

/// Standard normal pixels and labels in turn, the same everywhere.
pub fn batch(case: &Case) -> Batch {
    let len = case.batch;
    let mut draws = Draws::new(SEED, Stream::Sample, 0, 0);
    let pixels = (0..len * 3 * case.size * case.size).map(|_| draws.normal() as f32).collect();
    let hot = |i: usize| if i / CLASSES % CLASSES == i % CLASSES { 1.0 } else { 0.0 };
    Batch {
        size: case.size as u32,
        len,
        pixels,
        targets: (0..len * CLASSES).map(hot).collect(),
        labels: (0..len).map(|i| (i % CLASSES) as u8).collect(),
        images: (0..len as u32).collect(),
        mix: None,
    }
}

/// A network in training.
pub struct Trainer {
    pub network: Network,
    adam: Adam,
    device: Device,
    batch: Batch,
}

impl Trainer {
    /// `device` is the plain one, without autodiff.
    pub fn new(case: &Case, device: &Device) -> Self {
        let autodiff = device.clone().autodiff();
        let network = Network::from_stages(&case.stages, case.features, CLASSES, SEED, &autodiff);
        Self { network, adam: Adam::new(), device: device.clone(), batch: batch(case) }
    }

    /// Trains `count` steps and reads their losses together, as the product does.
    pub async fn steps(&mut self, count: usize) -> Result<Vec<f64>, String> {
        let mut losses = Transaction::default();
        for _ in 0..count {
            losses = losses.register(self.step());
        }
        let read = losses.execute_async().await.map_err(|error| error.to_string())?;
        read.into_iter()
            .map(|loss| match loss.try_into_vec_as::<f32>() {
                Ok(value) => value.first().copied().map(f64::from).ok_or("an empty loss".into()),
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    fn step(&mut self) -> Tensor<1> {
        self.adam.prepare(LR, MOMENTUM, &self.device);
        let loss = step::loss(&self.network, self.batch.clone(), CLASSES, &self.device);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.adam.step(self.network.clone(), gradients, LR, MOMENTUM);
        loss.inner()
    }
}
