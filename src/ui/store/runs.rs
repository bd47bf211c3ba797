//! Finished runs in the store: kept, renumbered, deleted, brought back. Each write
//! is all or nothing over everything that belongs to its runs.

use super::database::{CHECKPOINTS, CURVES, EPOCHS, PREDICTIONS, RUNS, Writer};
use super::fault::{self, NotWritten};
use super::{Store, breathe, from_bytes, to_bytes};
use crate::app::storage::StoredParts;
use crate::record::{EpochPredictions, Predictions};
use crate::report::ErrorReport;
use crate::runs::{RunEntry, pack, stored};
use crate::text;
use idb::Error;
use js_sys::ArrayBuffer;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The stores that hold finished runs.
const ALL: [&str; 4] = [RUNS, CURVES, PREDICTIONS, EPOCHS];

/// The packed bytes that belong to a run, as the database holds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Bulk {
    /// `None` if it has to be packed from the entry.
    pub(super) curve: Option<JsValue>,
    pub(super) predictions: Option<JsValue>,
    pub(super) epochs: Option<JsValue>,
}

/// What the store held of deleted runs, in their order.
#[derive(Clone, Debug)]
pub struct Deleted(Vec<Bulk>);

impl Deleted {
    /// Of so many runs that were nowhere but on the list.
    pub fn unstored(runs: usize) -> Self {
        Self(vec![Bulk::default(); runs])
    }
}

impl Store {
    /// Stores a finished run, and drops the checkpoint it had. `epochs` are its
    /// packed predictions by epoch, where they came apart. Where the space ends, the
    /// larger parts are left out.
    ///
    /// # Errors
    /// A report for the person; nothing of the run is stored then.
    pub async fn keep(
        &self,
        entry: &RunEntry,
        predictions: Option<&Predictions>,
        epochs: Option<&ArrayBuffer>,
    ) -> Result<StoredParts, ErrorReport> {
        let damaged = |error: pack::PackError| fault::not_stored(&error.to_string());
        let mut packed = None;
        let mut epochs = epochs.map(JsValue::from);
        if let Some(predictions) = predictions {
            let bytes = pack::pack_predictions(predictions).map_err(damaged)?;
            packed = Some(from_bytes(&bytes));
            if epochs.is_none() && !predictions.epochs.is_empty() {
                let bytes = pack::pack_epochs(&predictions.epochs).map_err(damaged)?;
                epochs = Some(from_bytes(&bytes));
            }
        }
        epochs = epochs.filter(|_| packed.is_some());
        let tries = [
            (StoredParts::All, packed.is_some(), epochs.is_some()),
            (StoredParts::WithoutEpochs, packed.is_some(), false),
            (StoredParts::WithoutPredictions, false, false),
        ];
        let mut last = None;
        for (kept, with_predictions, with_epochs) in tries {
            if last == Some((with_predictions, with_epochs)) {
                continue;
            }
            last = Some((with_predictions, with_epochs));
            let bulk = Bulk {
                predictions: packed.clone().filter(|_| with_predictions),
                epochs: epochs.clone().filter(|_| with_epochs),
                curve: None,
            };
            let entry = RunEntry { has_predictions: with_predictions, ..entry.clone() };
            match self.put(&[(&entry, &bulk)]).await {
                Ok(()) => {
                    self.channel.tell_changed();
                    return Ok(kept);
                }
                Err(NotWritten::Full) => {}
                Err(NotWritten::Other(report)) => return Err(report),
            }
        }
        Err(fault::full(&text::store_full_run(&entry.number.to_string())))
    }

    /// Stores what has changed about the entries of runs, their numbers for example.
    ///
    /// # Errors
    /// A report for the person; nothing is changed then.
    pub async fn rewrite(&self, entries: &[Rc<RunEntry>]) -> Result<(), ErrorReport> {
        let mut texts = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            breathe(place).await;
            let text = stored::write_entry(entry).map_err(|error| fault::not_stored(&error))?;
            texts.push((entry.id.clone(), text));
        }
        self.database
            .write(&[RUNS], move |writer| {
                texts.iter().try_for_each(|(id, text)| writer.put(RUNS, id, &text.into()))
            })
            .await?;
        self.channel.tell_changed();
        Ok(())
    }

    /// Deletes runs and gives back what undoes it.
    ///
    /// # Errors
    /// A report for the person; the runs are still there then.
    pub async fn delete(&self, entries: Vec<Rc<RunEntry>>) -> Result<Deleted, ErrorReport> {
        let mut bulk = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            breathe(place).await;
            bulk.push(self.bulk(&entry.id).await?);
        }
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        self.database
            .write(&ALL, move |writer| {
                ids.iter().try_for_each(|id| {
                    ALL.into_iter().try_for_each(|store| writer.delete(store, id))
                })
            })
            .await?;
        self.channel.tell_changed();
        Ok(Deleted(bulk))
    }

    /// Brings deleted runs back.
    ///
    /// # Errors
    /// A report for the person; the runs are still deleted then.
    pub async fn restore(
        &self,
        entries: &[Rc<RunEntry>],
        deleted: &Deleted,
    ) -> Result<(), ErrorReport> {
        let runs: Vec<_> = entries.iter().map(|entry| &**entry).zip(&deleted.0).collect();
        self.put(&runs).await?;
        self.channel.tell_changed();
        Ok(())
    }

    /// Reads the log-probabilities of a run; `None` if it has none.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn predictions(&self, id: &str) -> Result<Option<Predictions>, ErrorReport> {
        let Some(value) = self.database.get(PREDICTIONS, id).await? else { return Ok(None) };
        let bytes = to_bytes(&value).unwrap_or_default();
        let read = pack::unpack_predictions(&bytes);
        read.map(Some).map_err(|error| fault::unreadable(&error.to_string()))
    }

    /// Reads the log-probabilities of a run with those of its epochs.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn whole_predictions(&self, id: &str) -> Result<Option<Predictions>, ErrorReport> {
        let Some(mut predictions) = self.predictions(id).await? else { return Ok(None) };
        predictions.epochs = self.epochs(id).await?;
        Ok(Some(predictions))
    }

    /// Reads what a run said after each epoch; empty if it was not kept.
    async fn epochs(&self, id: &str) -> Result<Vec<EpochPredictions>, ErrorReport> {
        let Some(value) = self.database.get(EPOCHS, id).await? else { return Ok(Vec::new()) };
        let bytes = to_bytes(&value).unwrap_or_default();
        pack::unpack_epochs(&bytes).map_err(|error| fault::unreadable(&error.to_string()))
    }

    /// Everything that belongs to a run beside its entry.
    pub(super) async fn bulk(&self, id: &str) -> Result<Bulk, ErrorReport> {
        Ok(Bulk {
            curve: self.database.get(CURVES, id).await?,
            predictions: self.database.get(PREDICTIONS, id).await?,
            epochs: self.database.get(EPOCHS, id).await?,
        })
    }

    /// Stores runs with everything that belongs to them, and drops their checkpoints.
    /// The other tabs are not told.
    pub(super) async fn put(&self, runs: &[(&RunEntry, &Bulk)]) -> Result<(), NotWritten> {
        let mut rows = Vec::with_capacity(runs.len());
        for (entry, bulk) in runs {
            let text = stored::write_entry(entry)
                .map_err(|error| NotWritten::Other(fault::not_stored(&error)))?;
            let curve = bulk.curve.clone();
            let curve = curve.unwrap_or_else(|| from_bytes(&pack::pack_curve(&entry.points)));
            rows.push((entry.id.clone(), text, curve, (*bulk).clone()));
        }
        let stores = [RUNS, CURVES, PREDICTIONS, EPOCHS, CHECKPOINTS];
        self.database
            .write(&stores, move |writer| {
                rows.iter().try_for_each(|(id, text, curve, bulk)| {
                    writer.put(RUNS, id, &text.into())?;
                    writer.put(CURVES, id, curve)?;
                    put_or_delete(writer, PREDICTIONS, id, bulk.predictions.as_ref())?;
                    put_or_delete(writer, EPOCHS, id, bulk.epochs.as_ref())?;
                    writer.delete(CHECKPOINTS, id)?;
                    writer.delete(CHECKPOINTS, &Self::claim_of(id))
                })
            })
            .await?;
        for (entry, _) in runs {
            self.unclaim(&entry.id);
        }
        Ok(())
    }
}

fn put_or_delete(
    writer: &Writer,
    store: &str,
    id: &str,
    value: Option<&JsValue>,
) -> Result<(), Error> {
    match value {
        Some(value) => writer.put(store, id, value),
        None => writer.delete(store, id),
    }
}
