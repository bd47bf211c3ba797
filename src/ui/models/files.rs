//! The files of the models that the page has: those of this visit in memory, all
//! in the browser's store. Without a store everything works for this visit.

use super::super::store::Store;
use crate::report::ErrorReport;
use crate::saved::{ModelCard, short};
use crate::text;
use js_sys::{ArrayBuffer, Uint8Array};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The files. Cheap to clone, equal only to themselves.
#[derive(Clone, Default)]
pub struct ModelFiles(Rc<FilesInner>);

#[derive(Default)]
struct FilesInner {
    here: RefCell<HashMap<String, ArrayBuffer>>,
    store: RefCell<Option<Store>>,
}

impl PartialEq for ModelFiles {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl ModelFiles {
    /// Keeps and finds files in this store from now on, or in none.
    pub fn set_store(&self, store: Option<Store>) {
        self.0.store.replace(store);
    }

    /// Keeps a file for this visit and, where there is one, in the store.
    ///
    /// # Errors
    /// A report for the person: it is not stored then, but here.
    pub async fn keep(&self, card: &ModelCard, bytes: &[u8]) -> Result<(), ErrorReport> {
        let buffer = Uint8Array::from(bytes).buffer();
        self.0.here.borrow_mut().insert(card.hash.clone(), buffer.clone());
        let store = self.0.store.borrow().clone();
        match store {
            Some(store) => store.keep_model(card, &buffer).await,
            None => Ok(()),
        }
    }

    /// A copy of a model's file: what is sent to the worker is gone here.
    ///
    /// # Errors
    /// A report for the person, if it is nowhere.
    pub async fn bytes(&self, hash: &str) -> Result<ArrayBuffer, ErrorReport> {
        let here = self.0.here.borrow().get(hash).map(|bytes| bytes.slice(0));
        if let Some(bytes) = here {
            return Ok(bytes);
        }
        let store = self.0.store.borrow().clone();
        let stored = match store {
            Some(store) => store.model(hash).await?,
            None => None,
        };
        stored.ok_or_else(|| {
            ErrorReport::new(
                text::models_missing(),
                text::models_missing_why(short(hash)),
                text::models_missing_remedy(),
            )
        })
    }

    /// Keeps a file no longer.
    ///
    /// # Errors
    /// A report for the person; the store has it still.
    pub async fn forget(&self, hash: &str) -> Result<(), ErrorReport> {
        self.0.here.borrow_mut().remove(hash);
        let store = self.0.store.borrow().clone();
        match store {
            Some(store) => store.forget_model(hash).await,
            None => Ok(()),
        }
    }
}
