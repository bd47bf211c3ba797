//! An experiment fitted to the data set that it runs on: what is asked for
//! beyond the data is clamped, and said.

use crate::data::Dataset;
use crate::experiment::Experiment;

/// Clamps image sizes to the originals' short side. Returns the experiment that
/// will run and a sentence for each change.
pub fn fit(experiment: &Experiment, dataset: &Dataset) -> (Experiment, Vec<String>) {
    let mut fitted = experiment.clone();
    let mut notices = Vec::new();
    let original =
        dataset.images.iter().map(|image| image.original_short_side).min().unwrap_or(u32::MAX);
    let sizes = fitted.prog.iter_mut().map(|phase| &mut phase.size);
    for size in std::iter::once(&mut fitted.size).chain(sizes) {
        if *size > original {
            let notice = format!(
                "size {size} is larger than the images ({original} px); {original} is used, \
                 because enlarging adds nothing"
            );
            if !notices.contains(&notice) {
                notices.push(notice);
            }
            *size = original;
        }
    }
    (fitted, notices)
}
