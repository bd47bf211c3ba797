//! Saved models in the browser's store.

use super::database::{MODEL_FILES, MODELS};
use super::fault::NotWritten;
use super::{Store, fault};
use crate::json;
use crate::report::ErrorReport;
use crate::saved::ModelCard;
use crate::text;
use js_sys::ArrayBuffer;
use wasm_bindgen::JsCast;

impl Store {
    /// What the stored models are. One that cannot be read is left out.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn models(&self) -> Result<Vec<ModelCard>, ErrorReport> {
        let stored = self.database.all(MODELS).await?;
        let texts = stored.into_iter().filter_map(|(_, text)| text.as_string());
        Ok(texts.filter_map(|text| json::read(&text).ok()).collect())
    }

    /// Stores a model.
    ///
    /// # Errors
    /// A report for the person, above all when the space ends; nothing of it is
    /// stored then.
    pub async fn keep_model(
        &self,
        card: &ModelCard,
        bytes: &ArrayBuffer,
    ) -> Result<(), ErrorReport> {
        let text = json::write(card).map_err(|error| fault::not_stored(&error))?;
        let kept = self
            .database
            .write(&[MODELS, MODEL_FILES], |writer| {
                writer.put(MODELS, &card.hash, &text.into())?;
                writer.put(MODEL_FILES, &card.hash, bytes)
            })
            .await;
        kept.map_err(|why| match why {
            NotWritten::Full => fault::full(text::store_full_model()),
            NotWritten::Other(report) => report,
        })
    }

    /// A model's file; `None` if it is not stored.
    ///
    /// # Errors
    /// A report for the person.
    pub async fn model(&self, hash: &str) -> Result<Option<ArrayBuffer>, ErrorReport> {
        let value = self.database.get(MODEL_FILES, hash).await?;
        Ok(value.and_then(|value| value.dyn_into().ok()))
    }

    /// Deletes a model.
    ///
    /// # Errors
    /// A report for the person; it is still there then.
    pub async fn forget_model(&self, hash: &str) -> Result<(), ErrorReport> {
        let forgotten = self
            .database
            .write(&[MODELS, MODEL_FILES], |writer| {
                writer.delete(MODELS, hash)?;
                writer.delete(MODEL_FILES, hash)
            })
            .await;
        Ok(forgotten?)
    }
}
