//! What native and browser tests of saved models share. Every reading is
//! asynchronous.
#![allow(dead_code, reason = "each of the two test programs uses its part")]

use imagenette_playground::data::{Dataset, sample};
use imagenette_playground::experiment::{Experiment, Norm, link};
use imagenette_playground::record::RunRecord;
use imagenette_playground::saved::SavedModel;
use imagenette_playground::train::assess::{assess, network};
use imagenette_playground::train::control::Control;
use imagenette_playground::train::device::OpenedEngine;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::{Host, RunEvent};
use imagenette_playground::train::run::{Job, run};
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

/// A small run on the built-in sample: 10 batches of 16 an epoch.
pub const LINK: &str = "v=1&subset=16&valid=10&size=16&epochs=1&bs=16&engine=cpu";

pub fn dataset() -> Arc<Dataset> {
    static DRAWN: OnceLock<Arc<Dataset>> = OnceLock::new();
    DRAWN.get_or_init(|| Arc::new(sample::sample())).clone()
}

pub fn experiment(text: &str) -> Experiment {
    let parsed = link::parse(text);
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    parsed.experiment
}

/// Remembers what a run says at its start and what it trained.
#[derive(Default)]
pub struct Keeper {
    pub notices: Vec<String>,
    pub normalization: Option<[[f64; 3]; 2]>,
    pub trained: Option<Arc<SavedModel>>,
}

impl Host for Keeper {
    fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(plan) => {
                self.notices = plan.notices;
                self.normalization = plan.normalization;
            }
            RunEvent::Trained(model) => self.trained = Some(model),
            _ => {}
        }
    }

    async fn handle_events(&mut self) {}

    fn seconds(&self) -> f64 {
        0.0
    }

    fn date(&self) -> String {
        "2026-01-01T00:00:00Z".into()
    }
}

/// Trains a link on a data set, from a saved model if one is given.
pub async fn train(
    text: &str,
    dataset: Arc<Dataset>,
    init: Option<Arc<SavedModel>>,
    engine: &OpenedEngine,
) -> Result<(RunRecord, Keeper), TrainError> {
    let mut keeper = Keeper::default();
    let job = Job { experiment: experiment(text), dataset, resume: None, init };
    let record = run(job, engine, &Control::default(), &mut keeper).await?;
    Ok((record, keeper))
}

/// `[images][classes]` probabilities of a model on the images of the sample that
/// `LINK` validates on, by the run's own record of it.
pub fn probabilities(record: &RunRecord) -> Vec<f64> {
    let predictions = record.log_probabilities.as_ref().expect("the run was measured");
    predictions.plain.iter().map(|&p| libm::exp(f64::from(p))).collect()
}

/// The same of a file, read anew.
pub async fn predict(file: &[u8], engine: &OpenedEngine) -> Vec<f64> {
    use imagenette_playground::augment::{Batcher, Stats};
    use imagenette_playground::data::Selection;
    let model = SavedModel::from_bytes(file).expect("the file is a model");
    let network = network(&model, engine).expect("the model fits its network");
    let experiment = experiment(LINK);
    let (selection, _) = Selection::new(&dataset(), &experiment).expect("there are images");
    let stats = model
        .about
        .normalization
        .map(|[mean, std]| Stats { mean: mean.map(|it| it as f32), std: std.map(|it| it as f32) });
    let images = selection.valid.len();
    let stored = Arc::new(dataset().at(experiment.short_side()).expect("the originals are here"));
    let mut batcher =
        Batcher::new(stored, Arc::new(selection), &experiment, stats).expect("they fit");
    let mut all = Vec::new();
    for start in (0..images).step_by(64) {
        let batch = batcher.valid(16, start..images.min(start + 64));
        let pixels = burn::tensor::TensorData::new(batch.pixels, [batch.len, 3, 16, 16]);
        let pixels = burn::tensor::Tensor::<4>::from_data(pixels, &engine.device);
        let logits = network.forward(pixels).into_data_async().await.expect("they can be read");
        let logits = logits.try_into_vec_as::<f32>().expect("they are numbers");
        for row in logits.chunks(10) {
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f64 = row.iter().map(|&z| libm::exp(f64::from(z - max))).sum();
            all.extend(row.iter().map(|&z| libm::exp(f64::from(z - max)) / sum));
        }
    }
    all
}

/// The largest difference of two lists of the same length.
pub fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Accuracies under the model's own statistics, ImageNet's, none, the data's.
pub async fn accuracies(
    model: &SavedModel,
    text: &str,
    data: &Arc<Dataset>,
    engine: &OpenedEngine,
) -> Vec<f64> {
    let norms = [Norm::Model, Norm::Imagenet, Norm::Off, Norm::Data];
    let go_on = async |_, _| ControlFlow::Continue(());
    let found = assess(model, &experiment(text), data, &norms, engine, go_on).await;
    found.expect("it can be measured").measured.iter().map(|it| it.accuracy()).collect()
}
