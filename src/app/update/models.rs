//! Models: opened, kept, forgotten, started from.

use super::sentences;
use crate::app::AppState;
use crate::app::Effect;
use crate::experiment::Experiment;
use crate::format::percent;
use crate::saved::{ModelCard, short};
use crate::text;

impl AppState {
    /// True if the experiment starts from fresh weights, or from a model that is here.
    pub(in crate::app) fn model_is_here(&self, experiment: &Experiment) -> bool {
        experiment.init.as_ref().is_none_or(|hash| self.models.get(hash).is_some())
    }

    pub(super) fn model_opened(&mut self, card: ModelCard) {
        self.announce(text::announce_model(
            short(&card.hash),
            &card.about.model,
            &percent(card.about.accuracy),
            &card.about.dataset,
        ));
        self.models.add(card);
    }

    /// Makes the experiment start from a model, with its network and, as fastai's
    /// `vision_learner` does, its statistics.
    pub(super) fn start_from(&mut self, hash: &str, effects: &mut Vec<Effect>) {
        let Some(card) = self.models.get(hash).cloned() else { return };
        let mut notices = Vec::new();
        for (key, value) in [("init", hash), ("model", &card.about.model), ("norm", "model")] {
            notices.extend(self.experiment.set(key, value));
        }
        self.notices = sentences(notices);
        self.announce(text::announce_start_from(short(hash)));
        self.show_link(effects);
    }
}
