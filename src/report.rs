//! Errors as people read them, on the page and in the terminal.

use crate::text::sentence;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use std::fmt;

/// An error for a person: what failed, why, what to do. Each part may be a clause or
/// whole sentences; [`fmt::Display`] makes three sentences of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ErrorReport {
    /// What failed, in a few words.
    pub what: String,
    /// The cause, with the input it concerns.
    pub why: String,
    /// What the person can do.
    pub remedy: String,
}

impl ErrorReport {
    /// What failed, why, and what to do.
    pub fn new(what: impl Into<String>, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), remedy: remedy.into() }
    }

    /// What failed and why, in two sentences: for a place where nothing can be done.
    pub fn cause(&self) -> String {
        format!("{} {}", sentence(&self.what), sentence(&self.why))
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, why, remedy } = self;
        write!(f, "{} {} {}", sentence(what), sentence(why), sentence(remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_three_sentences() {
        let clauses = ErrorReport::new("The run failed", "memory ran out", "choose a smaller one");
        assert_eq!(clauses.to_string(), "The run failed. Memory ran out. Choose a smaller one.");
        let sentences = ErrorReport::new("It failed.", "Memory ran out.", "Choose another.");
        assert_eq!(sentences.to_string(), "It failed. Memory ran out. Choose another.");
        assert_eq!(sentences.cause(), "It failed. Memory ran out.");
    }
}
