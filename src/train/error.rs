//! How a run can fail.

use crate::progress::FailureKind;
use crate::report::ErrorReport;
use crate::text;
use std::error::Error;
use std::fmt;

/// Why a run could not go on.
#[derive(Clone, Debug)]
pub enum TrainError {
    /// The experiment does not fit the data set.
    Data(String),
    /// The engine could not be opened.
    Engine(String),
    /// The device stopped answering in the middle of a run.
    DeviceLost(String),
    /// The run needs more memory than the engine has.
    TooLarge {
        /// What it needs, and what there is.
        why: String,
        /// The largest batch size that fits, if any does.
        fits: Option<u32>,
    },
    /// The engine ran out of memory in the middle of a run.
    OutOfMemory {
        /// In the engine's own words.
        why: String,
        /// A batch size that should fit, if there is one.
        fits: Option<u32>,
    },
    /// The loss is NaN or infinite.
    NonFinite {
        /// The batch, from 0 over all epochs.
        step: u32,
    },
    /// The run was stopped before its first epoch ended.
    Stopped,
    /// The checkpoint belongs to another experiment, or is damaged.
    Checkpoint(String),
    /// The saved model does not fit the experiment or the data.
    Model(String),
    /// The initial weights that `init` names are missing.
    MissingModel {
        /// Its hash, as in the link.
        hash: String,
    },
}

impl TrainError {
    /// What it means for what comes next.
    pub fn failure(&self) -> FailureKind {
        match *self {
            Self::Engine(_) => FailureKind::NoEngine,
            Self::TooLarge { fits, .. } => FailureKind::TooLarge { fits },
            Self::OutOfMemory { fits, .. } => FailureKind::OutOfMemory { fits },
            Self::NonFinite { .. } => FailureKind::Diverged,
            _ => FailureKind::Other,
        }
    }

    /// True if the engine cannot be used any more.
    pub fn breaks_engine(&self) -> bool {
        matches!(self, Self::DeviceLost(_) | Self::OutOfMemory { .. })
    }

    /// The error as a report for the user.
    pub fn report(&self) -> ErrorReport {
        let smaller;
        let (what, remedy) = match self {
            Self::Data(_) => (text::train_data(), text::train_data_remedy()),
            Self::Engine(_) => (text::train_engine(), text::train_engine_remedy()),
            Self::DeviceLost(_) => (text::train_lost(), text::train_lost_remedy()),
            Self::TooLarge { fits: Some(fits), .. } => {
                smaller = text::train_fits_remedy(&fits.to_string());
                (text::train_too_large(), &*smaller)
            }
            Self::TooLarge { .. } => (text::train_too_large(), text::train_too_large_remedy()),
            Self::OutOfMemory { fits: Some(fits), .. } => {
                smaller = text::train_memory_batch_remedy(&fits.to_string());
                (text::train_memory(), &*smaller)
            }
            Self::OutOfMemory { .. } => (text::train_memory(), text::train_memory_remedy()),
            Self::NonFinite { .. } => {
                smaller = text::train_diverged_remedy(&text::decimal("0.01"));
                (text::train_diverged(), &*smaller)
            }
            Self::Stopped => (text::train_stopped(), text::train_stopped_remedy()),
            Self::Checkpoint(_) => (text::train_checkpoint(), text::train_checkpoint_remedy()),
            Self::Model(_) => (text::train_model(), text::train_model_remedy()),
            Self::MissingModel { .. } => (text::train_missing(), text::train_missing_remedy()),
        };
        ErrorReport::new(what, format!("{self}."), remedy)
    }
}

impl Error for TrainError {}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Data(why) | Self::Engine(why) | Self::Checkpoint(why) | Self::Model(why) => {
                why.clone()
            }
            Self::TooLarge { why, .. } => why.clone(),
            Self::DeviceLost(reason) => text::train_lost_why(reason),
            Self::OutOfMemory { why, .. } => text::train_memory_why(why),
            Self::NonFinite { step } => text::train_diverged_why(&step.to_string()),
            Self::Stopped => text::train_stopped_why().to_owned(),
            Self::MissingModel { hash } => text::train_missing_why(hash),
        })
    }
}
