//! Getting a data set into the worker.

use super::post;
use crate::app::Effect;
use crate::app::EngineState;
use crate::app::{AppState, DataState, LoadCause, Loaded, Loading, SampleDrawing, Source};
use crate::dataset::{CachedDataset, DatasetSummary, LoadProgress};
use crate::experiment::{DataSource, Experiment};
use crate::protocol::{Command, LoadId};
use crate::report::ErrorReport;
use crate::text;
use std::rc::Rc;

impl AppState {
    pub(super) fn load_wanted(&mut self, source: Source, effects: &mut Vec<Effect>) {
        if self.active_run().is_some() {
            self.data.error = Some(ErrorReport::new(
                text::data_not_changed(),
                text::data_not_changed_why(),
                text::data_not_changed_remedy(),
            ));
            return;
        }
        if matches!(source, Source::Given { .. }) {
            self.data.given = Some(source.clone());
        }
        self.data.error = None;
        self.data.sample = SampleDrawing::Automatic;
        let short_side = self.experiment.short_side();
        self.load(source, short_side, LoadCause::Chosen, effects);
    }

    pub(super) fn load(
        &mut self,
        source: Source,
        short_side: u32,
        cause: LoadCause,
        effects: &mut Vec<Effect>,
    ) {
        if self.data.loading.is_some() {
            effects.push(post(Command::CancelLoad));
        }
        self.loads_started += 1;
        let id = LoadId(self.loads_started);
        // A worker that is not up yet gets the load as soon as it is.
        effects.push(Effect::Load { load: id, source: source.clone(), short_side });
        let progress = LoadProgress::default();
        self.data.loading = Some(Loading { id, source, short_side, cause, progress });
        self.warm_up(effects);
    }

    pub(super) fn loading(&mut self, load: LoadId, progress: LoadProgress) {
        if load == LoadId::AGAIN {
            self.data.again = Some(progress);
        } else if let Some(loading) = self.current_load(load) {
            loading.progress = progress;
        }
    }

    pub(super) fn loaded(
        &mut self,
        load: LoadId,
        summary: DatasetSummary,
        effects: &mut Vec<Effect>,
    ) {
        if self.current_load(load).is_none() {
            return;
        }
        let Some(Loading { source, cause, .. }) = self.data.loading.take() else { return };
        if cause == LoadCause::Chosen && self.experiment.data != source.data() {
            self.experiment.data = source.data();
            self.show_link(effects);
        }
        if !matches!(cause, LoadCause::Resized(_)) {
            let [train, valid] = summary.images();
            self.announce(text::data_ready(&summary.name, train, valid));
        }
        let loaded = Loaded { source, summary: Rc::new(summary) };
        self.data = DataState { loaded: Some(loaded), ..std::mem::take(&mut self.data) };
    }

    pub(super) fn load_ended(&mut self, load: LoadId, error: Option<ErrorReport>) {
        if self.current_load(load).is_none() {
            return;
        }
        match self.data.loading.take().map(|loading| loading.source) {
            Some(Source::Sample) => self.data.sample = SampleDrawing::OnRequest,
            // Nor is that tried again by itself.
            Some(Source::Cached(_)) => self.data.cached = None,
            _ => {}
        }
        self.pending = None;
        match &error {
            Some(error) => self.announce(error.to_string()),
            None => self.announce(text::data_cancelled().into()),
        }
        self.data.error = error;
    }

    fn current_load(&mut self, load: LoadId) -> Option<&mut Loading> {
        self.data.loading.as_mut().filter(|loading| loading.id == load)
    }

    /// What the browser keeps, if it is what `experiment` needs.
    pub(super) fn cached_for(&self, experiment: &Experiment) -> Option<CachedDataset> {
        let cached = self.data.cached.as_ref();
        cached.filter(|it| it.serves(experiment)).cloned()
    }

    /// Puts the data that `experiment` needs on their way, where that takes no
    /// decision of the person. True if they are in place as they are needed.
    pub(super) fn provide_data(
        &mut self,
        experiment: &Experiment,
        reread: &mut bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if self.data.loading.is_some() || !matches!(self.engine, EngineState::Ready(_)) {
            return false;
        }
        let needed = experiment.short_side();
        let loaded = self.data.loaded.as_ref();
        let Some(loaded) = loaded.filter(|loaded| loaded.source.data() == experiment.data) else {
            if experiment.data == DataSource::Sample {
                self.load(Source::Sample, needed, LoadCause::Needed, effects);
            } else if let Some(cached) = self.cached_for(experiment) {
                self.load(Source::Cached(cached), needed, LoadCause::Needed, effects);
            } else if let Some(part) = self.data.part(&experiment.data) {
                self.load(part, needed, LoadCause::Needed, effects);
            }
            return false;
        };
        let summary = &loaded.summary;
        // Sizes that are clamped to the images need smaller ones.
        let needed = match summary.typical_short_side {
            0 => needed,
            typical => experiment.fitted(typical).0.short_side(),
        };
        if *reread || summary.serves(needed) {
            return true;
        }
        *reread = true;
        let source = loaded.source.clone();
        let reason = text::data_too_small(&summary.short_side.to_string(), &needed.to_string());
        self.announce(text::data_reading_again(&reason));
        self.load(source, needed, LoadCause::Resized(reason), effects);
        false
    }
}
