//! Measures a saved model on the present data under several normalizations: what the right
//! statistics are worth.

use super::device::OpenedEngine;
use super::error::TrainError;
use super::evaluate::{self, figures};
use super::fit::stored;
use super::setup::{classes, statistics, to_f64};
use crate::augment::batch::Batcher;
use crate::data::{Dataset, Selection};
use crate::experiment::{Experiment, Norm, link};
use crate::model::Network;
use crate::saved::SavedModel;
use crate::saved::assessment::{Assessed, Assessment};
use crate::text;
use burn::tensor::Device;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Images of one forward pass.
const BATCH: usize = 64;

/// The network of a saved model, for inference.
///
/// # Errors
/// [`TrainError::Model`] if its tensors are not those of the network that it names.
pub fn network(model: &SavedModel, engine: &OpenedEngine) -> Result<Network, TrainError> {
    build(model, &engine.device)
}

fn build(model: &SavedModel, device: &Device) -> Result<Network, TrainError> {
    let about = &model.about;
    let kind =
        about.kind().ok_or_else(|| TrainError::Model(text::train_no_network(&about.model)))?;
    Network::new(kind, about.classes.len(), 0, device)
        .import(&model.tensors)
        .map_err(|error| TrainError::Model(error.to_string()))
}

/// Whether a saved model's tensors are those of its network.
///
/// # Errors
/// [`TrainError::Model`], with the first tensor that does not fit.
pub fn check(model: &SavedModel) -> Result<(), TrainError> {
    build(model, &Device::flex()).map(drop)
}

/// The experiment by which a saved model looks at images: its own crop and size,
/// and the images that `present` selects.
pub fn validation_settings(model: &SavedModel, present: &Experiment) -> Experiment {
    let own = link::parse(&model.about.link).experiment;
    Experiment {
        model: own.model,
        crop: own.crop,
        size: model.about.size,
        prog: Vec::new(),
        mixup: 0.0,
        ls: 0.0,
        init: None,
        ..present.clone()
    }
}

/// Short side at which the images for a saved model are stored: that of the run that trained it.
pub fn short_side(model: &SavedModel) -> u32 {
    link::parse(&model.about.link).experiment.short_side()
}

/// Measures `model` on the validation images that `present` selects, at the
/// model's size, under each of `norms`. The others are compared with the first one.
///
/// `tick` gets the number of batches done and of all, and may break to stop.
///
/// # Errors
/// [`TrainError::Model`] if the data have other classes than the model, [`TrainError::Data`] if
/// they are not stored at [`short_side`] and cannot be,
/// [`TrainError::Stopped`] if `tick` breaks off, [`TrainError::DeviceLost`].
pub async fn assess(
    model: &SavedModel,
    present: &Experiment,
    dataset: &Arc<Dataset>,
    norms: &[Norm],
    engine: &OpenedEngine,
    mut tick: impl AsyncFnMut(u32, u32) -> ControlFlow<()>,
) -> Result<Assessment, TrainError> {
    if classes(dataset) != model.about.classes {
        return Err(TrainError::Model(text::train_other_classes().into()));
    }
    let network = network(model, engine)?;
    let experiment = validation_settings(model, present);
    let dataset = &stored(dataset.clone(), short_side(model))?;
    let (selection, _) = Selection::new(dataset, &experiment)
        .map_err(|error| TrainError::Data(error.to_string()))?;
    let selection = Arc::new(selection);
    let images = selection.valid.len();
    let of = (norms.len() * images.div_ceil(BATCH)) as u32;
    let (mut done, mut measured) = (0, Vec::with_capacity(norms.len()));
    for &norm in norms {
        let stats = statistics(norm, Some(&model.about), dataset, &selection)?;
        let mut batcher = Batcher::new(dataset.clone(), selection.clone(), &experiment, stats)
            .map_err(|error| TrainError::Data(error.to_string()))?;
        let mut rows = Vec::with_capacity(images * model.about.classes.len());
        for start in (0..images).step_by(BATCH) {
            if tick(done, of).await.is_break() {
                return Err(TrainError::Stopped);
            }
            let batch = batcher.valid(experiment.size, start..images.min(start + BATCH));
            let (len, size) = (batch.len, batch.size as usize);
            let device = &engine.device;
            rows.extend(
                evaluate::log_probabilities(&network, batch.pixels, len, size, device).await?,
            );
            done += 1;
        }
        let labels = &selection.valid_labels;
        measured.push(Assessed {
            norm,
            normalization: to_f64(stats),
            nll: figures(&rows, labels, 0.0).nll,
            right: evaluate::correct_predictions(&rows, labels),
        });
    }
    engine.device.memory_cleanup();
    Ok(Assessment { size: experiment.size, measured })
}
