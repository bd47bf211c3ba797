//! Trained models, as the page knows them: those that it keeps, and whether the
//! worker has one that a run has just trained. Pure.

use super::storage::Lookup;
use crate::saved::ModelCard;
use std::rc::Rc;

/// What there is of trained models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelState {
    /// The models whose files the page has, the newest last.
    pub kept: Rc<Vec<ModelCard>>,
    /// Whether the browser's store was asked for its models.
    pub(super) lookup: Lookup,
    /// Link of the run that trained the model that the worker has.
    pub trained: Option<String>,
    /// The model that was opened or saved last: shown as the chosen one.
    pub latest: Option<String>,
}

impl ModelState {
    /// The model of this hash, if its file is here.
    pub fn get(&self, hash: &str) -> Option<&ModelCard> {
        self.kept.iter().find(|card| card.hash == hash)
    }

    /// Takes a model on the list, or to its end.
    pub(super) fn add(&mut self, card: ModelCard) {
        let kept = Rc::make_mut(&mut self.kept);
        kept.retain(|other| other.hash != card.hash);
        self.latest = Some(card.hash.clone());
        kept.push(card);
    }

    /// Takes those on the list that the store has and the page did not know.
    pub(super) fn read(&mut self, cards: Vec<ModelCard>) {
        self.lookup = Lookup::Done;
        let (known, kept) = (self.kept.clone(), Rc::make_mut(&mut self.kept));
        let news = cards.into_iter().filter(|card| known.iter().all(|it| it.hash != card.hash));
        kept.splice(0..0, news);
    }

    /// Takes a model off the list.
    pub(super) fn forget(&mut self, hash: &str) {
        Rc::make_mut(&mut self.kept).retain(|card| card.hash != hash);
        self.latest = self.latest.take().filter(|latest| latest != hash);
    }
}
