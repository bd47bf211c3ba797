//! One IndexedDB database: opening, migrating, reading, writing all or nothing.
//! Independent of what is stored.

use super::News;
use super::channel::pause;
use super::fault::{self, NotWritten};
use crate::report::ErrorReport;
use crate::ui::browser::{self, FORMER};
use futures::channel::oneshot;
use idb::event::VersionChangeEvent;
use idb::{
    Error, Event as _, Factory, KeyRange, ObjectStoreParams, Query, Request as _, Transaction,
    TransactionMode,
};
use std::cell::{Cell, RefCell};
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

/// Raised by one with every change of [`upgrade`].
const VERSION: u32 = 3;

/// How often the database is opened again after the browser has closed it, and milliseconds
/// in between.
const REOPENINGS: u32 = 10;
const REOPEN_AFTER: i32 = 500;

/// An open database.
pub struct Database {
    inner: RefCell<idb::Database>,
    news: Callback<News>,
}

impl Database {
    /// Opens the database. `news` hears when a newer version of the page wants it, after
    /// which this connection is closed, when an older one keeps it, and when the browser
    /// closes it.
    pub async fn open(news: Callback<News>) -> Result<Self, ErrorReport> {
        let inner = connect(&news).await.map_err(|error| fault::not_opened(&error))?;
        Ok(Self { inner: RefCell::new(inner), news })
    }

    /// Opens the database again, after the browser has closed it. The browser may still be
    /// clearing what was there, and breaks off what is opened meanwhile: it is tried again.
    pub async fn reopen(&self) -> Result<(), ErrorReport> {
        let mut tries = 0;
        let inner = loop {
            tries += 1;
            match connect(&self.news).await {
                Ok(inner) => break inner,
                Err(error) if tries == REOPENINGS => return Err(fault::not_opened(&error)),
                Err(_) => pause(REOPEN_AFTER).await,
            }
        };
        self.inner.replace(inner).close();
        Ok(())
    }

    fn transaction(&self, stores: &[&str], mode: TransactionMode) -> Result<Transaction, Error> {
        self.inner.borrow().transaction(stores, mode)
    }

    /// All keys and values of one store, as they were at one moment.
    pub async fn all(&self, store: &str) -> Result<Vec<(String, JsValue)>, ErrorReport> {
        let read = async {
            let transaction = self.transaction(&[store], TransactionMode::ReadOnly)?;
            rows(&transaction, store).await
        };
        read.await.map_err(|error: Error| fault::not_read(&error))
    }

    /// One value, if there is one under this key.
    pub async fn get(&self, store: &str, key: &str) -> Result<Option<JsValue>, ErrorReport> {
        let read = async {
            let transaction = self.transaction(&[store], TransactionMode::ReadOnly)?;
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
        let open = self.transaction(stores, TransactionMode::ReadWrite);
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

    /// Stores a value under a key if what is there may be replaced, all in one
    /// transaction. False if it may not.
    pub async fn replace_if(
        &self,
        store: &str,
        key: &str,
        value: &JsValue,
        may: impl FnOnce(Option<String>) -> bool,
    ) -> Result<bool, Error> {
        let transaction = self.transaction(&[store], TransactionMode::ReadWrite)?;
        let store = transaction.object_store(store)?;
        let there = store.get(Query::Key(key.into()))?.await?;
        if !may(there.and_then(|there| there.as_string())) {
            return Ok(false);
        }
        store.put(value, Some(&key.into()))?.await?;
        Ok(true)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.inner.borrow().close();
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

/// All rows of a store. Read in portions: what the browser hands over at once holds up
/// the page at once.
async fn rows(transaction: &Transaction, store: &str) -> Result<Vec<(String, JsValue)>, Error> {
    const PORTION: u32 = 16;
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
}

/// One row of a store: the store's name, the key, the value.
type StoreRow = (String, String, JsValue);

/// Opens this site's database as this version of the page needs it.
async fn connect(news: &Callback<News>) -> Result<idb::Database, Error> {
    let name = browser::own("runs");
    let mut database = match existing(&name).await? {
        Some(database) if database.version()? == VERSION => database,
        Some(database) => {
            database.close();
            made(&name, Vec::new(), news).await?
        }
        None => first(&name, news).await?,
    };
    let (outdated, closed) = (news.clone(), news.clone());
    database.on_version_change(move |event| {
        if let Some(target) = event.target()
            && let Ok(database) = idb::Database::try_from(target)
        {
            database.close();
        }
        outdated.emit(News::Outdated);
    });
    database.on_close(move |_| closed.emit(News::Closed));
    Ok(database)
}

/// Makes the database, with what the page kept in one for all paths of the origin. That
/// one stays as it is, for the other paths; where its rows do not fit a second time, the
/// page goes on with it.
async fn first(name: &str, news: &Callback<News>) -> Result<idb::Database, Error> {
    let Some(old) = existing(FORMER).await? else { return made(name, Vec::new(), news).await };
    let copied = async { made(name, contents(&old).await?, news).await };
    let copied = copied.await;
    old.close();
    match copied {
        Ok(database) => Ok(database),
        Err(error) => {
            web_sys::console::warn_1(&format!("the stored runs were not moved: {error}").into());
            made(FORMER, Vec::new(), news).await
        }
    }
}

/// All rows of a database.
async fn contents(database: &idb::Database) -> Result<Vec<StoreRow>, Error> {
    let stores = database.store_names();
    let mut all = Vec::new();
    if stores.is_empty() {
        return Ok(all);
    }
    let transaction = database.transaction(&stores, TransactionMode::ReadOnly)?;
    for store in stores {
        let found = rows(&transaction, &store).await?;
        all.extend(found.into_iter().map(|(key, value)| (store.clone(), key, value)));
    }
    Ok(all)
}

/// Opens a database if it is there, whatever its version.
async fn existing(name: &str) -> Result<Option<idb::Database>, Error> {
    let mut request = Factory::new()?.open(name, None)?;
    let absent = Rc::new(Cell::new(false));
    let noted = absent.clone();
    request.on_upgrade_needed(move |event| {
        noted.set(true);
        undo(&event);
    });
    match request.await {
        Ok(database) => Ok(Some(database)),
        Err(_) if absent.get() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a database, and makes it or brings it up to date before: whole, with `rows`, or
/// not at all.
async fn made(
    name: &str,
    rows: Vec<StoreRow>,
    news: &Callback<News>,
) -> Result<idb::Database, Error> {
    let mut request = Factory::new()?.open(name, Some(VERSION))?;
    let blocked = news.clone();
    request.on_blocked(move |_| blocked.emit(News::Blocked));
    request.on_upgrade_needed(move |event| {
        if let Err(error) = upgraded(&event, &rows) {
            web_sys::console::error_1(&error.to_string().into());
            undo(&event);
        }
    });
    request.await
}

fn upgraded(event: &VersionChangeEvent, rows: &[StoreRow]) -> Result<(), Error> {
    let request = event.target()?;
    upgrade(&request.database()?, event.old_version()?)?;
    if let Some(transaction) = request.transaction() {
        for (store, key, value) in rows {
            transaction.object_store(store)?.put(value, Some(&key.into()))?;
        }
    }
    Ok(())
}

/// Undoes all of an upgrade; the opening fails then.
fn undo(event: &VersionChangeEvent) {
    if let Ok(request) = event.target()
        && let Some(transaction) = request.transaction()
    {
        transaction.abort().ok();
    }
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
