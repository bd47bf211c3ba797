//! One IndexedDB database: opening, migrating, reading, writing all or nothing.
//! Independent of what is stored.

use super::fault::{self, NotWritten};
use crate::protocol::ErrorReport;
use futures::channel::oneshot;
use idb::{
    Error, Event as _, Factory, KeyRange, ObjectStoreParams, Query, Transaction, TransactionMode,
};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::DomException;
use yew::Callback;

/// Finished runs: id → text.
pub const RUNS: &str = "runs";
/// Their curves: id → packed bytes.
pub const CURVES: &str = "curves";
/// Their log-probabilities: id → packed bytes.
pub const PREDICTIONS: &str = "predictions";
/// What they said after each epoch: id → packed bytes. Since version 2.
pub const EPOCHS: &str = "epochs";
/// Saved models: hash → what they are, as text. Since version 3.
pub const MODELS: &str = "models";
/// Their files: hash → bytes.
pub const MODEL_FILES: &str = "model-files";
/// Runs in progress: id → what it takes to go on, and the checkpoint's bytes.
pub const CHECKPOINTS: &str = "checkpoints";

const NAME: &str = "imagenette-playground";
/// Raised by one with every change of [`upgrade`].
const VERSION: u32 = 3;

/// An open database.
pub struct Database {
    inner: idb::Database,
}

impl Database {
    /// Opens the database. `outdated` hears when a newer version of the page
    /// wants it: this connection is closed then.
    pub async fn open(outdated: Callback<()>) -> Result<Self, ErrorReport> {
        let mut inner = open().await.map_err(|error| fault::not_opened(&error))?;
        inner.on_version_change(move |event| {
            if let Some(target) = event.target()
                && let Ok(database) = idb::Database::try_from(target)
            {
                database.close();
            }
            outdated.emit(());
        });
        Ok(Self { inner })
    }

    /// All keys and values of one store, as they were at one moment. Read in portions:
    /// what the browser hands over at once holds up the page at once.
    pub async fn all(&self, store: &str) -> Result<Vec<(String, JsValue)>, ErrorReport> {
        const PORTION: u32 = 16;
        let read = async {
            let transaction = self.inner.transaction(&[store], TransactionMode::ReadOnly)?;
            let store = transaction.object_store(store)?;
            let mut rows: Vec<(String, JsValue)> = Vec::new();
            loop {
                let last = rows.last().map_or("", |(key, _)| key);
                let rest = KeyRange::lower_bound(&last.into(), Some(!rows.is_empty()))?;
                let rest = Some(Query::KeyRange(rest));
                let keys = store.get_all_keys(rest.clone(), Some(PORTION))?;
                let values = store.get_all(rest, Some(PORTION))?;
                let keys = keys.await?;
                if keys.is_empty() {
                    return Ok(rows);
                }
                let keys = keys.into_iter().map(|key| key.as_string().unwrap_or_default());
                rows.extend(keys.zip(values.await?));
            }
        };
        read.await.map_err(|error: Error| fault::not_read(&error))
    }

    /// One value, if there is one under this key.
    pub async fn get(&self, store: &str, key: &str) -> Result<Option<JsValue>, ErrorReport> {
        let read = async {
            let transaction = self.inner.transaction(&[store], TransactionMode::ReadOnly)?;
            transaction.object_store(store)?.get(Query::Key(key.into()))?.await
        };
        read.await.map_err(|error: Error| fault::not_read(&error))
    }

    /// Writes all that `write` asks for, or nothing of it.
    pub async fn write(
        &self,
        stores: &[&str],
        write: impl FnOnce(&Writer) -> Result<(), Error>,
    ) -> Result<(), NotWritten> {
        let open = self.inner.transaction(stores, TransactionMode::ReadWrite);
        let transaction = open.map_err(|error| fault::not_written(&error))?;
        let writer = Writer { transaction };
        match write(&writer) {
            Ok(()) => settle(writer.transaction).await,
            Err(error) => {
                writer.transaction.abort().ok();
                Err(fault::not_written(&error))
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.inner.close();
    }
}

/// The writes of one transaction.
pub struct Writer {
    transaction: Transaction,
}

impl Writer {
    /// Stores a value under a key, in place of what is there.
    pub fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<(), Error> {
        self.transaction.object_store(store)?.put(value, Some(&key.into())).map(drop)
    }

    /// Deletes what is stored under a key, if anything is.
    pub fn delete(&self, store: &str, key: &str) -> Result<(), Error> {
        self.transaction.object_store(store)?.delete(Query::Key(key.into())).map(drop)
    }
}

async fn open() -> Result<idb::Database, Error> {
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        let upgraded = event.target().and_then(|request| request.database()).and_then(|database| {
            let from = event.old_version()?;
            upgrade(&database, from)
        });
        if let Err(error) = upgraded {
            // The stores are missing then, and the first read says so.
            web_sys::console::error_1(&error.to_string().into());
        }
    });
    request.await
}

/// Brings a database of an older version (0: a new one) to [`VERSION`].
fn upgrade(database: &idb::Database, from: u32) -> Result<(), Error> {
    if from < 1 {
        for store in [RUNS, CURVES, PREDICTIONS, CHECKPOINTS] {
            database.create_object_store(store, ObjectStoreParams::new())?;
        }
    }
    if from < 2 {
        database.create_object_store(EPOCHS, ObjectStoreParams::new())?;
    }
    if from < 3 {
        for store in [MODELS, MODEL_FILES] {
            database.create_object_store(store, ObjectStoreParams::new())?;
        }
    }
    Ok(())
}

/// Waits until a transaction is done, and says why if it was undone. The
/// crate's own future would drop its listeners at the `error` event, before the
/// `abort` event that always follows, which alone tells of a full disk.
async fn settle(mut transaction: Transaction) -> Result<(), NotWritten> {
    type Outcome = Result<(), Option<DomException>>;
    let (sender, receiver) = oneshot::channel::<Outcome>();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let tell = move |outcome: Outcome| {
        if let Some(sender) = sender.borrow_mut().take() {
            // The receiver is gone only if nobody waits any more.
            sender.send(outcome).ok();
        }
    };
    let committed = tell.clone();
    transaction.on_complete(move |_| committed(Ok(())));
    transaction.on_abort(move |event| {
        let undone = event.target().and_then(|target| Transaction::try_from(target).ok());
        tell(Err(undone.and_then(|transaction| transaction.error())));
    });
    let outcome = receiver.await.unwrap_or(Err(None));
    drop(transaction);
    outcome.map_err(|cause| fault::aborted(cause.as_ref()))
}
