//! Why a file is no model that can be used here.

use crate::report::ErrorReport;
use thiserror::Error;

/// Why a file is no model that can be used here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SavedError {
    /// No safetensors file at all.
    #[error("this file is not a saved model")]
    NotAModel,
    /// A safetensors file of another program.
    #[error("this is a safetensors file, but not one that this program saved")]
    Foreign,
    /// Another version of the format.
    #[error(
        "it was made by a newer version of this program (format {0:?}; this one reads up to 2)"
    )]
    Version(String),
    /// A network that this program does not have.
    #[error("the file holds a network called {0:?}, which this program does not have")]
    Architecture(String),
    /// The bytes contradict themselves.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Another model than the one that was asked for.
    #[error("the file is another model: its hash begins with {found}, the link asks for {wanted}")]
    Another {
        /// The beginning of the hash that was asked for.
        wanted: String,
        /// The beginning of the file's own.
        found: String,
    },
    /// The bytes could not be had.
    #[error("the file could not be read: {0}")]
    Read(String),
    /// Far larger than any model.
    #[error("the file has {0} bytes; no model of this program is that large")]
    TooLarge(u64),
}

impl SavedError {
    /// The same, for a person.
    pub fn report(&self) -> ErrorReport {
        let remedy = match self {
            Self::NotAModel | Self::Foreign | Self::TooLarge(_) => {
                "choose a .safetensors file that “Save model” or `train --save` wrote"
            }
            Self::Version(_) | Self::Architecture(_) => {
                "open it with the version of this program that saved it"
            }
            Self::Damaged(_) => "copy or download the file again, or save the model anew",
            Self::Another { .. } => "ask for the right file from whoever gave you the link",
            Self::Read(_) => "choose the file again: it may have been moved or changed since",
        };
        ErrorReport::new("The model could not be opened", self.to_string(), remedy)
    }
}
