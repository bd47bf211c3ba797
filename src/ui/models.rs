//! Trained models: saved, opened, measured, started from; the search for a
//! learning rate; a picture of the person's own.

mod assess;
pub mod files;
pub mod finder;
pub mod list;
pub mod look;
mod open;
mod reply;

pub use open::OpenModel;

use crate::app::GivenFile;
use web_sys::File;

/// A file that was dropped or pasted, and the how-manieth it is: the same file
/// can be given twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// The file.
    pub file: File,
    /// Counts up from 1.
    pub number: u32,
}

impl Handed {
    /// What the state says was given; `None` if it is no file of the browser.
    pub fn of(given: &GivenFile) -> Option<Self> {
        Some(Self { file: given.file.get::<File>()?.clone(), number: given.number })
    }
}
