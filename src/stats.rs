//! Metrics of predictions and the statistics of comparing runs. Independent of
//! burn, of browsers and of how runs are stored.
//!
//! [`metrics`] describes one run's predictions, [`intervals`] quantifies chance,
//! and [`verdict`] turns a comparison into "helps", "hurts" or "cannot
//! tell". `docs/statistics.md` explains which test answers which question.

pub mod intervals;
pub mod metrics;
pub mod verdict;

use crate::text;

/// Why a figure cannot be given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// There is nothing to measure.
    #[error("there are no predictions to measure")]
    Empty,
    /// The predictions are not a table with one row per label.
    #[error(
        "{values} log-probabilities do not make rows of equal length for {labels} labels: \
         the record is damaged"
    )]
    Shape {
        /// Number of log-probabilities.
        values: usize,
        /// Number of labels.
        labels: usize,
    },
    /// A label names no column.
    #[error(
        "label {label} of image {image} is not one of {classes} classes: the record is damaged"
    )]
    Label {
        /// Position of the image.
        image: usize,
        /// Its label.
        label: u8,
        /// Number of columns.
        classes: usize,
    },
    /// The scores of an image do not sum to 1.
    #[error(
        "the scores of image {image} sum to {sum:.3}, not to 1: they are no probabilities (the \
         maximum over test-time augmentation gives none), so loss and calibration mean nothing"
    )]
    NotProbabilities {
        /// Position of the image.
        image: usize,
        /// What its scores sum to.
        sum: f64,
    },
    /// Two runs were not measured on the same images.
    #[error(
        "one run was measured on {a} images and the other on {b}: only the same images compare"
    )]
    DifferentImages {
        /// Images of the first.
        a: usize,
        /// Images of the second.
        b: usize,
    },
    /// The method needs more runs.
    #[error("{}", too_few(.needed, .given))]
    TooFewRuns {
        /// Runs that each side must have.
        needed: usize,
        /// Runs of the smaller side.
        given: usize,
    },
    /// The compared values do not differ between seeds, so that the influence of chance is
    /// unknown.
    #[error("{}", text::verdict_no_spread())]
    NoSpread,
}

fn too_few(needed: &usize, given: &usize) -> String {
    text::verdict_too_few(&needed.to_string(), &given.to_string())
}

#[cfg(test)]
mod coverage;
