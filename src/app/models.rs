//! Trained models, as the page knows them: those that it keeps, and whether the
//! worker has one that a run has just trained. Pure.

use super::storage::Lookup;
use crate::saved::ModelCard;
use std::rc::Rc;

/// What there is of trained models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelState {
    /// The models whose files the page has, the newest last.
    pub cards: Rc<Vec<ModelCard>>,
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
        self.cards.iter().find(|card| card.hash == hash)
    }

    /// Takes a model on the list, or to its end.
    pub(super) fn add(&mut self, card: ModelCard) {
        let cards = Rc::make_mut(&mut self.cards);
        cards.retain(|other| other.hash != card.hash);
        self.latest = Some(card.hash.clone());
        cards.push(card);
    }

    /// Adds the stored models that the page did not know, before the others.
    pub(super) fn add_stored(&mut self, stored: Vec<ModelCard>) {
        self.lookup = Lookup::Done;
        let (known, cards) = (self.cards.clone(), Rc::make_mut(&mut self.cards));
        let new = stored.into_iter().filter(|card| known.iter().all(|it| it.hash != card.hash));
        cards.splice(0..0, new);
    }

    /// Takes a model off the list.
    pub(super) fn forget(&mut self, hash: &str) {
        Rc::make_mut(&mut self.cards).retain(|card| card.hash != hash);
        self.latest = self.latest.take().filter(|latest| latest != hash);
    }
}
