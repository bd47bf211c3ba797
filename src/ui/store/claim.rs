//! Which tab goes on with a run: no two tabs train the same one. Web Locks say so where
//! the browser has them; elsewhere the tabs ask each other, and the store itself decides
//! between two that ask at once.

use super::database::CHECKPOINTS;
use super::{Store, fault};
use crate::report::ErrorReport;
use crate::ui::browser;
use std::collections::HashSet;

/// Before a run's id: the key of its claim, beside its checkpoint.
const CLAIM: &str = "claim ";
/// Milliseconds after which the claim of a tab that does not answer is void.
const PATIENCE: f64 = 60_000.0;

impl Store {
    /// Takes a run for this tab. False if another tab has it.
    ///
    /// # Errors
    /// A report for the person, if the store cannot be asked.
    pub async fn claim(&self, id: &str) -> Result<bool, ErrorReport> {
        let taken = match self.locks.take(id).await {
            Some(taken) => taken,
            None => {
                !self.channel.running_elsewhere().await.contains(id) && self.claim_here(id).await?
            }
        };
        if taken {
            self.channel.claim(id);
        }
        Ok(taken)
    }

    /// The runs that other tabs are training now.
    pub(super) async fn running_elsewhere(&self) -> HashSet<String> {
        match self.locks.elsewhere().await {
            Some(ids) => ids,
            None => self.channel.running_elsewhere().await,
        }
    }

    /// Gives a run back.
    pub(super) fn unclaim(&self, id: &str) {
        self.channel.release(id);
        self.locks.release(id);
    }

    /// The key under which a run is claimed.
    pub(super) fn claim_of(id: &str) -> String {
        format!("{CLAIM}{id}")
    }

    /// True for the keys of [`Self::claim_of`], which are no checkpoints.
    pub(super) fn is_claim(key: &str) -> bool {
        key.starts_with(CLAIM)
    }

    /// Writes this tab's name to a run unless another tab's is there, in one transaction.
    async fn claim_here(&self, id: &str) -> Result<bool, ErrorReport> {
        let (key, name) = (Self::claim_of(id), self.channel.name());
        let now = js_sys::Date::now();
        let may = |claim: Option<String>| {
            let claim = claim.unwrap_or_default();
            let (at, owner) = claim.split_once(' ').unwrap_or_default();
            let age = now - crate::number::read(at).unwrap_or_default();
            owner == name || !(0.0..PATIENCE).contains(&age)
        };
        let claim = format!("{now} {name}").into();
        let claimed = self.database.replace_if(CHECKPOINTS, &key, &claim, may).await;
        claimed.map_err(|error| fault::not_read(&error))
    }
}

/// The name of what this site locks.
pub(super) fn lock_prefix() -> String {
    browser::own("run ")
}
