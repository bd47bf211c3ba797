//! What the page knows of the browser's store.

/// What is known of the browser's store: a queue must not train again what is in it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::app) struct Stored {
    /// The runs were read, or there is no store.
    pub(in crate::app) runs: bool,
    /// A run that was cut short was looked for.
    pub(in crate::app) unfinished: bool,
}

impl Stored {
    pub(in crate::app) fn all(self) -> bool {
        self.runs && self.unfinished
    }
}
