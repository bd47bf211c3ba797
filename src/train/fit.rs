//! Fits an experiment to the data set that it runs on: requests beyond the data are clamped,
//! with a notice.

use super::error::TrainError;
use crate::data::Dataset;
use crate::experiment::Experiment;
use crate::text;
use std::sync::Arc;

/// Clamps image sizes to the originals' typical short side. Returns the experiment that
/// will run and a sentence for each change.
pub fn fit(experiment: &Experiment, dataset: &Dataset) -> (Experiment, Vec<String>) {
    experiment.fitted(dataset.typical_short_side().unwrap_or(u32::MAX))
}

/// The images stored at `short_side`, made of the originals if these are present, so that a link
/// means the same pixels everywhere.
///
/// # Errors
/// [`TrainError::Data`] if they were read at another side and have to be read again.
pub fn stored(dataset: Arc<Dataset>, short_side: u32) -> Result<Arc<Dataset>, TrainError> {
    if dataset.serves(short_side) {
        return Ok(dataset);
    }
    dataset.at(short_side).map(Arc::new).ok_or_else(|| {
        TrainError::Data(text::fit_read_again(
            &dataset.short_side.to_string(),
            &short_side.to_string(),
        ))
    })
}
