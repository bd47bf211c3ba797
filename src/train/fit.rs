//! An experiment fitted to the data set that it runs on: what is asked for
//! beyond the data is clamped, and said.

use crate::data::Dataset;
use crate::experiment::Experiment;

/// Clamps image sizes to the originals' short side. Returns the experiment that
/// will run and a sentence for each change.
pub fn fit(experiment: &Experiment, dataset: &Dataset) -> (Experiment, Vec<String>) {
    let sides = dataset.images.iter().map(|image| image.original_short_side);
    experiment.fitted(sides.min().unwrap_or(u32::MAX))
}
