//! The images of a program's runs, each run with the pixels that its own link means.

use super::source;
use crate::data::Dataset;
use crate::data::stores::Stores;
use crate::experiment::{DataSource, Experiment};
use crate::train::fit::fit;
use anyhow::bail;
use std::path::Path;
use std::sync::Arc;

/// One data set, read at each side that a run needs.
pub(super) struct ImageStore<'a> {
    data: &'a DataSource,
    path: Option<&'a Path>,
    quiet: bool,
    stores: Stores,
}

impl<'a> ImageStore<'a> {
    /// Those that a link names with `data`, in the file or folder at `path`.
    pub(super) fn new(data: &'a DataSource, path: Option<&'a Path>, quiet: bool) -> Self {
        Self { data, path, quiet, stores: Stores::default() }
    }

    /// The images as the run of `experiment` needs them.
    pub(super) fn of(&mut self, experiment: &Experiment) -> anyhow::Result<Arc<Dataset>> {
        let side = experiment.short_side();
        let present = match self.stores.current() {
            Some(present) => present,
            None => self.at(side)?,
        };
        // Sizes that are clamped to the images need smaller ones.
        self.at(fit(experiment, &present).0.short_side())
    }

    /// The images stored at `short_side`.
    pub(super) fn at(&mut self, short_side: u32) -> anyhow::Result<Arc<Dataset>> {
        if let Some(found) = self.stores.at(short_side) {
            return Ok(found);
        }
        let read = Arc::new(source::load(self.data, short_side, self.path, self.quiet)?);
        if self.stores.current().is_some_and(|present| present.hash != read.hash) {
            bail!("the images have changed since they were first read; start again");
        }
        self.stores.insert(read.clone());
        // The drawings come as they are; a smaller side is made of them.
        Ok(self.stores.at(short_side).unwrap_or(read))
    }
}
