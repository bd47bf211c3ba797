//! Why a file is no model that can be used here.

use crate::report::ErrorReport;
use crate::text;
use std::error::Error;
use std::fmt;

/// Why a file is no model that can be used here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedError {
    /// No safetensors file at all.
    NotAModel,
    /// A safetensors file of another program.
    Foreign,
    /// Another version of the format.
    Version(String),
    /// A network that this program does not have.
    Architecture(String),
    /// The bytes contradict themselves.
    Damaged(String),
    /// Another model than the one that was asked for.
    Another {
        /// The beginning of the hash that was asked for.
        wanted: String,
        /// The beginning of the file's own.
        found: String,
    },
    /// The bytes could not be had.
    Read(String),
    /// Far larger than any model.
    TooLarge(u64),
}

impl SavedError {
    /// The same, for a person.
    pub fn report(&self) -> ErrorReport {
        let remedy = match self {
            Self::NotAModel | Self::Foreign | Self::TooLarge(_) => text::saved_foreign_remedy(),
            Self::Version(_) | Self::Architecture(_) => text::saved_other_version_remedy(),
            Self::Damaged(_) => text::saved_damaged_remedy(),
            Self::Another { .. } => text::saved_another_remedy(),
            Self::Read(_) => text::saved_read_remedy(),
        };
        ErrorReport::new(text::saved_not_opened(), self.to_string(), remedy)
    }
}

impl Error for SavedError {}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |name: &str| text::fault_quoted(&name.escape_debug().to_string());
        f.write_str(&match self {
            Self::NotAModel => text::saved_no_model().to_owned(),
            Self::Foreign => text::saved_foreign().to_owned(),
            Self::Version(version) => text::saved_newer(&quoted(version)),
            Self::Architecture(name) => text::saved_architecture(&quoted(name)),
            Self::Damaged(detail) => text::saved_damaged(detail),
            Self::Another { wanted, found } => text::saved_another(found, wanted),
            Self::Read(detail) => text::saved_read(detail),
            Self::TooLarge(bytes) => text::saved_too_large(*bytes),
        })
    }
}
