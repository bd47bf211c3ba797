//! How a run can fail.

use crate::progress::FailureKind;
use crate::report::ErrorReport;

/// Why a run could not go on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TrainError {
    /// The experiment does not fit the data set.
    #[error("{0}")]
    Data(String),
    /// The engine could not be opened.
    #[error("{0}")]
    Engine(String),
    /// The device stopped answering in the middle of a run.
    #[error("the device stopped answering: {0}")]
    DeviceLost(String),
    /// The run needs more memory than the engine has.
    #[error("{why}")]
    TooLarge {
        /// What it needs, and what there is.
        why: String,
        /// The largest batch size that fits, if any does.
        fits: Option<u32>,
    },
    /// The engine ran out of memory in the middle of a run.
    #[error("the engine ran out of memory: {why}")]
    OutOfMemory {
        /// In the engine's own words.
        why: String,
        /// A batch size that should fit, if there is one.
        fits: Option<u32>,
    },
    /// The loss is NaN or infinite.
    #[error("the loss is no longer a number at batch {step}")]
    NonFinite {
        /// The batch, from 0 over all epochs.
        step: u32,
    },
    /// The run was stopped before its first epoch ended.
    #[error("stopped before the first epoch ended")]
    Stopped,
    /// The checkpoint belongs to another experiment, or is damaged.
    #[error("{0}")]
    Checkpoint(String),
    /// The saved model does not fit the experiment or the data.
    #[error("{0}")]
    Model(String),
    /// The initial weights that `init` names are missing.
    #[error("the model {hash} is not at hand")]
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
            Self::Data(_) => {
                ("The experiment does not fit the data", "Change the subset or choose other data.")
            }
            Self::Engine(_) => ("The engine could not start", "Choose another engine."),
            Self::DeviceLost(_) => (
                "The engine was lost",
                "Restart the engine; the run goes on from its last checkpoint.",
            ),
            Self::TooLarge { fits: Some(fits), .. } => {
                smaller = format!("Lower the batch size: {fits} fits.");
                ("The run needs more memory than there is", &*smaller)
            }
            Self::TooLarge { .. } => (
                "The run needs more memory than there is",
                "Choose smaller images, a smaller network or another engine.",
            ),
            Self::OutOfMemory { fits: Some(fits), .. } => {
                smaller = format!("Lower the batch size, to {fits} or less.");
                ("Memory ran out", &*smaller)
            }
            Self::OutOfMemory { .. } => (
                "Memory ran out",
                "Close other pages and programs that use the graphics card, or choose smaller \
                 images, a smaller network or another engine.",
            ),
            Self::NonFinite { .. } => (
                "Training diverged",
                "Lower the learning rate (lr) and run again; 0.01 suits most of these networks.",
            ),
            Self::Stopped => ("The run was stopped", "Press play to start it again."),
            Self::Checkpoint(_) => ("The run cannot be taken up again", "Start it anew."),
            Self::Model(_) => {
                ("The saved model does not fit", "Choose the network that it is, or another model.")
            }
            Self::MissingModel { .. } => (
                "The initial model is missing",
                "Open the model's file first, or remove `init` from the link.",
            ),
        };
        ErrorReport::new(what, format!("{self}."), remedy)
    }
}
