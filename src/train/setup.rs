//! What a run, a search for a learning rate and an instrument begin with: the
//! experiment fitted to its data, the images, their statistics, the network.

use super::error::TrainError;
use super::fit::{fit, stored};
use crate::augment::batch::Batcher;
use crate::augment::normalize::{self, Stats};
use crate::data::{Dataset, Image, Selection};
use crate::experiment::{Experiment, Norm};
use crate::model::Network;
use crate::saved::{About, SavedModel, short};
use crate::text;
use burn::tensor::Device;
use std::sync::Arc;

/// Names of images that one notice lists.
const NAMED: usize = 3;

/// Everything that is decided before the first batch.
pub struct Setup {
    /// The experiment, fitted to the data.
    pub experiment: Experiment,
    /// The data set.
    pub dataset: Arc<Dataset>,
    /// What the experiment uses of it.
    pub selection: Arc<Selection>,
    /// Makes its batches.
    pub batcher: Batcher,
    /// Normalizes them; `None` leaves values in 0..1.
    pub stats: Option<Stats>,
    /// What was adjusted to the data, in sentences.
    pub notices: Vec<String>,
    init: Option<Arc<SavedModel>>,
}

impl Setup {
    /// Fits `experiment` to `dataset`. `init` is the saved model that it names,
    /// and is passed over if it names none.
    ///
    /// # Errors
    /// [`TrainError::MissingModel`] if it names one that was not given,
    /// [`TrainError::Data`] and [`TrainError::Model`] if they do not fit.
    pub fn new(
        experiment: &Experiment,
        dataset: Arc<Dataset>,
        init: Option<Arc<SavedModel>>,
    ) -> Result<Self, TrainError> {
        let (experiment, mut notices) = fit(experiment, &dataset);
        // An instrument makes do with what there is; see `check_pixels`.
        let dataset = stored(dataset.clone(), experiment.short_side()).unwrap_or(dataset);
        let init = match &experiment.init {
            None => None,
            Some(hash) => {
                Some(init.ok_or_else(|| TrainError::MissingModel { hash: hash.clone() })?)
            }
        };
        let (selection, selection_notices) = Selection::new(&dataset, &experiment)
            .map_err(|error| TrainError::Data(error.to_string()))?;
        notices.extend(selection_notices);
        notices.extend(enlargement_notice(&experiment, &dataset, &selection));
        let about = init.as_ref().map(|init| &init.about);
        let stats = statistics(experiment.norm, about, &dataset, &selection)?;
        if let (Some(about), Some(hash)) = (about, &experiment.init) {
            notices.extend(starts_from(about, hash, stats, &classes(&dataset)));
        }
        let selection = Arc::new(selection);
        let batcher = Batcher::new(dataset.clone(), selection.clone(), &experiment, stats)
            .map_err(|error| TrainError::Data(error.to_string()))?;
        if batcher.batch_size() < experiment.bs as usize {
            notices.push(text::fit_batch(&batcher.batch_size().to_string()));
        }
        Ok(Self { experiment, dataset, selection, batcher, stats, notices, init })
    }

    /// Checks that the pixels are those that the link means everywhere.
    ///
    /// # Errors
    /// [`TrainError::Data`] if the images are stored at another side than the experiment says.
    pub fn check_pixels(&self) -> Result<(), TrainError> {
        stored(self.dataset.clone(), self.experiment.short_side()).map(drop)
    }

    /// The network with its initial weights: freshly drawn, or those of the saved
    /// model. A model with other classes gets a new head.
    ///
    /// # Errors
    /// [`TrainError::Model`] if the saved model is another network.
    pub fn network(&self, device: &Device) -> Result<Network, TrainError> {
        let kind = self.experiment.model;
        let fresh = Network::new(kind, self.dataset.classes.len(), self.experiment.seed, device);
        let Some(init) = &self.init else { return Ok(fresh) };
        let about = &init.about;
        if about.kind() != Some(kind) {
            return Err(TrainError::Model(format!(
                "the saved model is a {}, and the experiment trains a {}",
                about.model,
                kind.name()
            )));
        }
        let imported = if about.classes == classes(&self.dataset) {
            fresh.import(&init.tensors)
        } else {
            fresh.import_body(&init.tensors)
        };
        imported.map_err(|error| TrainError::Model(error.to_string()))
    }
}

/// A notice about the selected images that are smaller than the largest size of the run: their views
/// are enlarged, as fastai's are.
fn enlargement_notice(
    experiment: &Experiment,
    dataset: &Dataset,
    selection: &Selection,
) -> Option<String> {
    let size = experiment.largest_size();
    let selected = selection.train.iter().chain(&selection.valid);
    let small: Vec<&Image> = selected
        .filter_map(|index| dataset.images.get(*index as usize))
        .filter(|image| image.original_short_side < size)
        .collect();
    let name = |image: &&Image| format!("{} ({} px)", image.path, image.original_short_side);
    let named: Vec<String> = small.iter().take(NAMED).map(name).collect();
    match (small.len(), small.len().saturating_sub(NAMED)) {
        (0, _) => None,
        (n, 0) => Some(text::fit_enlarged(n, &size.to_string(), &named.join(", "))),
        (n, more) => Some(text::fit_enlarged_more(n, &size.to_string(), &named.join(", "), more)),
    }
}

/// Names of the classes, in the order of the labels.
pub(super) fn classes(dataset: &Dataset) -> Vec<String> {
    dataset.classes.iter().map(|class| class.name.clone()).collect()
}

/// The statistics that `norm` stands for.
pub(super) fn statistics(
    norm: Norm,
    about: Option<&About>,
    dataset: &Dataset,
    selection: &Selection,
) -> Result<Option<Stats>, TrainError> {
    Ok(match norm {
        Norm::Off => None,
        Norm::Imagenet => Some(normalize::IMAGENET),
        Norm::Data => Some(Stats::of_training(dataset, selection)),
        Norm::Model => {
            let about = about.ok_or_else(|| {
                TrainError::Data(
                    "norm=model needs the statistics of a saved model, and `init` names none"
                        .into(),
                )
            })?;
            stats_of(about)
        }
    })
}

/// The statistics that a saved model was trained with.
pub(super) fn stats_of(about: &About) -> Option<Stats> {
    about.normalization.map(|[mean, std]| Stats {
        mean: mean.map(|value| value as f32),
        std: std.map(|value| value as f32),
    })
}

/// Statistics as messages and files have them.
pub(super) fn to_f64(stats: Option<Stats>) -> Option<[[f64; 3]; 2]> {
    stats.map(|stats| [stats.mean, stats.std].map(|values| values.map(f64::from)))
}

/// The notices about a run that starts from a saved model.
fn starts_from(about: &About, hash: &str, stats: Option<Stats>, classes: &[String]) -> Vec<String> {
    let mut notices = vec![text::fit_from_model(
        short(hash),
        &about.model,
        about.epochs,
        &about.size.to_string(),
    )];
    if about.classes != classes {
        notices.push(text::fit_classes(about.classes.len(), classes.len()));
    }
    if stats_of(about) != stats {
        notices.push(text::fit_norm().into());
    }
    notices
}
