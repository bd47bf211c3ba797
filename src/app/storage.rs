//! The browser's storage, as the page knows it.

use super::Attachments;
use crate::runs::RunEntry;
use crate::runs::list::Choices;
use std::collections::HashSet;
use std::rc::Rc;

/// What is stored, what was deleted, and how much space there is.
#[derive(Clone, Debug, Default)]
pub struct StorageState {
    /// Whether runs can be stored.
    pub status: StoreStatus,
    /// What the site uses of the browser's space; `None` where the browser does not say.
    pub space: Option<Space>,
    /// The runs that were deleted last: they can be brought back.
    pub deleted: Option<DeletedRuns>,
    /// What the last import brought, in a sentence.
    pub import_summary: Option<String>,
    /// The same in numbers, over all of its files.
    pub(in crate::app) imported: ImportCounts,
    /// Ids of the runs that are known to be stored.
    pub(in crate::app) ids: HashSet<String>,
    /// Whether the stored runs were read.
    pub(in crate::app) runs: Lookup,
    /// Whether a run that was cut short was looked for.
    pub(in crate::app) unfinished: Lookup,
    /// The baseline and the overlays as they were last saved; `None` until they were read.
    pub(in crate::app) choices: Option<Choices>,
    /// The last checkpoint of this visit, by its run's id: a run goes on from it even
    /// where nothing can be stored.
    pub(in crate::app) checkpoint: Option<(String, Attachments)>,
}

impl StorageState {
    /// How many runs are known to be stored.
    pub fn stored_runs(&self) -> usize {
        self.ids.len()
    }

    /// True once the page knows what is stored: a queue must not train that again.
    pub(in crate::app) fn is_read(&self) -> bool {
        self.runs == Lookup::Done && self.unfinished == Lookup::Done
    }
}

/// What the files of an import held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct ImportCounts {
    /// Runs that were added.
    pub added: usize,
    /// Runs that were here before.
    pub known: usize,
    /// Files and runs that could not be used.
    pub unusable: usize,
    /// Runs among the added that another build trained.
    pub others: usize,
}

/// Whether runs can be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreStatus {
    /// The store is being opened.
    #[default]
    Opening,
    /// It can be used.
    Open,
    /// It cannot be used in this visit.
    Unavailable,
}

/// Whether something was looked for in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) enum Lookup {
    /// Not yet.
    #[default]
    Pending,
    /// It was, or there is no store.
    Done,
}

/// Bytes that this site has stored in the browser, and may store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// Stored by all of this site.
    pub used: f64,
    /// What the browser allows, if it says.
    pub quota: Option<f64>,
    /// True if the browser clears it only on request; `None` if it does not say.
    pub persisted: Option<bool>,
}

/// How much of a run was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredParts {
    /// All of it.
    All,
    /// All but its predictions after each epoch.
    WithoutEpochs,
    /// Its record and its curve, but no predictions.
    WithoutPredictions,
}

/// Runs that were deleted, with everything that brings them back.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletedRuns {
    /// The runs.
    pub entries: Rc<Vec<Rc<RunEntry>>>,
    /// The baseline and the overlays before.
    pub choices: Choices,
    /// What the store held of the runs; nothing if they were not stored.
    pub contents: Attachments,
}

/// The runs of an imported file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedRuns {
    /// The runs that were not here before; they are stored, if there is a store.
    pub runs: Vec<Rc<RunEntry>>,
    /// The baseline and the overlays where they come from.
    pub choices: Choices,
    /// Runs that were here already.
    pub known: usize,
    /// Runs that could not be read or stored, and why, in sentences.
    pub refused: Vec<String>,
}
