//! One picture of the person under a trained model: what it sees, and what it
//! takes it for, with and without test-time augmentation.

use super::assess::{network, short_side, validation_settings};
use super::device::OpenedEngine;
use super::error::TrainError;
use super::evaluate;
use super::fit::stored;
use super::setup::stats_of;
use crate::augment::batch::Batcher;
use crate::augment::crop::AugmentedView;
use crate::data::decode::Decoded;
use crate::data::{Class, Dataset, Image, Selection, Split};
use crate::experiment::{Experiment, link};
use crate::saved::SavedModel;
use crate::tta::{self, Combine};
use std::ops::ControlFlow;
use std::sync::Arc;

/// How a model classifies one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureSight {
    /// The views: the plain one first, then one for each augmented pass.
    pub views: Vec<AugmentedView>,
    /// `[views][classes]` probabilities.
    pub probabilities: Vec<Vec<f64>>,
    /// Probabilities of all views together: fastai's average, with the link's weight of the
    /// plain view.
    pub together: Vec<f64>,
}

/// Classifies a decoded picture: cropped as a validation image, and `passes` times with the
/// training crop.
///
/// `tick` gets the number of views done and of all, and may break to stop.
///
/// # Errors
/// [`TrainError::Stopped`] if `tick` breaks off, [`TrainError::Model`], [`TrainError::Data`] if
/// the picture was stored smaller than [`short_side`], [`TrainError::DeviceLost`].
pub async fn classify(
    model: &SavedModel,
    picture: Decoded,
    passes: u32,
    engine: &OpenedEngine,
    mut tick: impl AsyncFnMut(u32, u32) -> ControlFlow<()>,
) -> Result<PictureSight, TrainError> {
    let network = network(model, engine)?;
    let experiment = validation_settings(model, &Experiment::default());
    let size = experiment.size;
    let selection = Selection { valid: vec![0], valid_labels: vec![0], ..Selection::default() };
    let mut batcher = Batcher::new(
        stored(Arc::new(single_picture(model, picture)), short_side(model))?,
        Arc::new(selection),
        &experiment,
        stats_of(&model.about),
    )
    .map_err(|error| TrainError::Data(error.to_string()))?;
    let (mut views, mut rows) = (Vec::new(), Vec::new());
    for view in 0..=passes {
        if tick(view, passes + 1).await.is_break() {
            return Err(TrainError::Stopped);
        }
        let (batch, seen) = match view.checked_sub(1) {
            None => (batcher.valid(size, 0..1), batcher.valid_view(0, size)),
            Some(pass) => (batcher.tta(pass, size, 0..1), batcher.tta_view(pass, 0, size)),
        };
        let device = &engine.device;
        rows.push(
            evaluate::log_probabilities(&network, batch.pixels, 1, size as usize, device).await?,
        );
        views.extend(seen);
    }
    let beta = link::parse(&model.about.link).experiment.beta;
    let (plain, augmented) = rows.split_first().ok_or(TrainError::Stopped)?;
    let together = tta::combine(plain, augmented, Combine::Average { beta });
    let probabilities = |row: &[f32]| row.iter().map(|&p| libm::exp(f64::from(p))).collect();
    Ok(PictureSight {
        views,
        probabilities: rows.iter().map(|row| probabilities(row)).collect(),
        together: probabilities(&together),
    })
}

/// A data set of one picture, whose class is unknown.
fn single_picture(model: &SavedModel, picture: Decoded) -> Dataset {
    let Decoded { width, height, original_short_side, pixels } = picture;
    let classes = model.about.classes.iter();
    Dataset {
        name: "a picture".into(),
        synthetic: false,
        classes: classes.map(|name| Class { id: name.clone(), name: name.clone() }).collect(),
        images: vec![Image {
            path: "picture".into(),
            split: Split::Valid,
            label: 0,
            width,
            height,
            original_short_side,
            pixels,
        }],
        hash: String::new(),
        short_side: width.min(height),
        official_noise: None,
        skipped: Vec::new(),
    }
}
