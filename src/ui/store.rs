//! The browser's store of runs: IndexedDB, shared by all tabs of this site. The
//! only code that knows it; what the stored bytes mean is in [`crate::runs`].
//!
//! Every run is stored under an id of its own and no write touches another
//! run, so that two tabs cannot lose each other's runs.

mod carry;
mod channel;
mod claim;
mod database;
mod fault;
mod lock;
mod models;
mod runs;

pub use carry::{export, import};
pub use runs::Deleted;

use crate::app::storage::Space;
use crate::progress::StepPoint;
use crate::report::ErrorReport;
use crate::runs::stored::{self, StoredError};
use crate::runs::{RunEntry, UnfinishedRun, pack};
use crate::text;
use channel::TabChannel;
use database::{CHECKPOINTS, CURVES, Database, RUNS};
use fault::NotWritten;
use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use lock::Locks;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use yew::Callback;

/// What happens to the store outside of this tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Another tab stored or deleted runs: read them again.
    Changed,
    /// Another tab runs a newer version of the page and took the store over:
    /// nothing can be stored here until a reload.
    Outdated,
    /// This tab is the copy of another one, which has the queue that is here.
    Copied,
    /// Another tab, of an older version of the page, keeps the store from being opened.
    Blocked,
    /// The browser closed the store, for example because its data was cleared.
    Closed,
}

/// The runs that could be read, and how many could not.
#[derive(Clone, Debug, Default)]
pub struct StoredRuns {
    /// In no particular order.
    pub runs: Vec<Rc<RunEntry>>,
    /// What is wrong with the others, in a sentence each.
    pub warnings: Vec<String>,
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Rc<Database>,
    channel: Rc<TabChannel>,
    locks: Rc<Locks>,
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.database, &other.database)
    }
}

impl Store {
    /// Opens the store, and makes or migrates it if need be.
    ///
    /// # Errors
    /// A report for the person: the browser does not let the page store
    /// anything, or the store belongs to a newer version of the page.
    pub async fn open(news: Callback<News>) -> Result<Self, ErrorReport> {
        let database = Database::open(news.clone()).await?;
        let channel = TabChannel::open(news);
        let locks = Locks::new(claim::lock_prefix());
        Ok(Self { database: Rc::new(database), channel: Rc::new(channel), locks: Rc::new(locks) })
    }

    /// Opens the store again after [`News::Closed`], and stores those of `runs` that are
    /// not there.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn reopen(&self, runs: &[Rc<RunEntry>]) -> Result<(), ErrorReport> {
        self.database.reopen().await?;
        let kept = self.database.all(RUNS).await?;
        for run in runs {
            if !kept.iter().any(|(id, _)| *id == run.id) {
                self.keep(run, None, None).await?;
            }
        }
        Ok(())
    }

    /// Reads all runs, without their log-probabilities.
    ///
    /// # Errors
    /// A report for the person. A run that cannot be read is no error: it is
    /// left where it is and counted in the warnings.
    pub async fn runs(&self) -> Result<StoredRuns, ErrorReport> {
        let mut curves: HashMap<String, Vec<StepPoint>> = HashMap::new();
        let mut kept = StoredRuns::default();
        for (place, (id, bytes)) in self.database.all(CURVES).await?.into_iter().enumerate() {
            breathe(place).await;
            // A run without a readable curve is still a run.
            match pack::unpack_curve(&to_bytes(&bytes).unwrap_or_default()) {
                Ok(points) => drop(curves.insert(id, points)),
                Err(why) => {
                    kept.warnings.push(text::store_no_curve(&id, &why.to_string()));
                }
            }
        }
        let (mut newer, mut damaged) = (0usize, Vec::new());
        for (place, (id, text)) in self.database.all(RUNS).await?.into_iter().enumerate() {
            breathe(place).await;
            let points = curves.remove(&id).unwrap_or_default();
            match stored::read_entry(id.clone(), &text.as_string().unwrap_or_default(), points) {
                Ok(entry) => kept.runs.push(Rc::new(entry)),
                Err(StoredError::Newer(_)) => newer += 1,
                Err(StoredError::Damaged(why)) => damaged.push((id, why)),
            }
        }

        if newer > 0 {
            kept.warnings.push(text::store_newer_runs(newer));
        }
        if let [(id, why), ..] = damaged.as_slice() {
            kept.warnings.push(text::store_damaged_runs(damaged.len(), id, why));
        }
        Ok(kept)
    }

    /// Stores the checkpoint of a run in progress in place of its last one.
    ///
    /// # Errors
    /// A report for the person; the last checkpoint is still there then.
    pub async fn keep_unfinished(
        &self,
        run: &UnfinishedRun,
        checkpoint: &ArrayBuffer,
    ) -> Result<(), ErrorReport> {
        // A run that another tab took meanwhile is that tab's.
        if !self.claim(&run.id).await? {
            return Err(fault::claimed());
        }
        let text = stored::write_unfinished(run).map_err(|error| fault::not_stored(&error))?;
        let value = Object::new();
        for (key, part) in [("about", JsValue::from(text)), ("bytes", checkpoint.into())] {
            Reflect::set(&value, &key.into(), &part)
                .map_err(|_| fault::not_stored(text::store_checkpoint_refused()))?;
        }
        let id = run.id.clone();
        self.database
            .write(&[CHECKPOINTS], move |writer| writer.put(CHECKPOINTS, &id, &value))
            .await
            .map_err(|why| match why {
                NotWritten::Full => fault::full(text::store_full_checkpoint()),
                NotWritten::Other(report) => report,
            })
    }

    /// The latest run that was cut off, and that no other tab is training.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn unfinished(&self) -> Result<Option<UnfinishedRun>, ErrorReport> {
        let values = self.database.all(CHECKPOINTS).await?;
        if values.is_empty() {
            return Ok(None);
        }
        let running = self.running_elsewhere().await;
        Ok(values
            .into_iter()
            .filter(|(id, _)| !running.contains(id) && !Self::is_claim(id))
            .filter_map(|(_, value)| field(&value, "about")?.as_string())
            .filter_map(|text| stored::read_unfinished(&text).ok())
            .max_by(|a, b| a.date.cmp(&b.date)))
    }

    /// The bytes of a run's checkpoint, to go on from in this tab and no other; `None` if
    /// it has none.
    ///
    /// # Errors
    /// A report for the person, also if another tab goes on with the run.
    pub async fn take_checkpoint(&self, id: &str) -> Result<Option<ArrayBuffer>, ErrorReport> {
        if !self.claim(id).await? {
            return Err(fault::claimed());
        }
        let value = self.database.get(CHECKPOINTS, id).await?;
        Ok(value.and_then(|value| field(&value, "bytes")?.dyn_into().ok()))
    }

    /// Drops the checkpoint of a run.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn drop_unfinished(&self, id: &str) -> Result<(), ErrorReport> {
        let deleted = self
            .database
            .write(&[CHECKPOINTS], |writer| {
                writer.delete(CHECKPOINTS, id)?;
                writer.delete(CHECKPOINTS, &Self::claim_of(id))
            })
            .await;
        // Only now: until then another tab would find a run that is over.
        self.unclaim(id);
        Ok(deleted?)
    }

    /// Asks the browser to clear what is stored only when the person says so; some ask
    /// the person. True if it agreed.
    pub async fn persist() -> bool {
        let asked = async {
            let storage = storage()?;
            JsFuture::from(storage.persist().ok()?).await.ok()?.as_bool()
        };
        asked.await.unwrap_or(false)
    }

    /// The space that this site uses; `None` where the browser does not tell.
    pub async fn space() -> Option<Space> {
        let storage = storage()?;
        let estimate = JsFuture::from(storage.estimate().ok()?).await.ok()?;
        let used = field(&estimate, "usage")?.as_f64()?;
        let quota = field(&estimate, "quota").and_then(|quota| quota.as_f64());
        let persisted = match storage.persisted() {
            Ok(told) => JsFuture::from(told).await.ok().and_then(|told| told.as_bool()),
            Err(_) => None,
        };
        Some(Space { used, quota, persisted })
    }
}

/// What manages the site's space; `None` where the browser has no such thing, as over
/// plain http.
fn storage() -> Option<web_sys::StorageManager> {
    let storage = web_sys::window()?.navigator().storage();
    (!storage.is_undefined()).then_some(storage)
}

/// Lets the page react between the runs of a long list.
async fn breathe(place: usize) {
    const AT_ONCE: usize = 8;
    if place % AT_ONCE == AT_ONCE - 1 {
        channel::pause(0).await;
    }
}

fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok().filter(|field| !field.is_undefined())
}

/// Bytes as a value that the database stores as they are.
fn from_bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).buffer().into()
}

fn to_bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec())
}
