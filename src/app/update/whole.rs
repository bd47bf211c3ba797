//! While a small first part of the served archive is in use: all of it, and the shaders.

use super::post;
use crate::app::{AppState, Effect, EngineState, LoadCause, Loading, Source, Whole, WholeNews};
use crate::engine::EngineKind;
use crate::protocol::{Command, LoadSource};
use crate::text;

impl AppState {
    pub(super) fn whole_news(&mut self, news: WholeNews, effects: &mut Vec<Effect>) {
        let Some(served) = &self.data.served else { return };
        let asked = matches!(news, WholeNews::Wanted | WholeNews::Unwanted);
        // What was still under way when it was cancelled comes too late.
        if !asked && !matches!(self.data.whole, Some(Whole::Arriving(_))) {
            return;
        }
        match news {
            WholeNews::Wanted => {
                effects.push(Effect::FetchWhole(Some(served.url.clone())));
                self.data.whole = Some(Whole::Arriving(0.0));
            }
            WholeNews::Unwanted => {
                effects.push(Effect::FetchWhole(None));
                self.data.whole = None;
            }
            WholeNews::Arriving(bytes) => self.data.whole = Some(Whole::Arriving(bytes)),
            WholeNews::Here(files) => {
                let source = LoadSource::File { name: served.name.clone() };
                self.data.whole = Some(Whole::Here(Source::Given { source, files }));
                self.announce(text::data_whole_here().into());
            }
        }
    }

    /// Has the worker compile the shaders of the experiment if its images are on their way.
    pub(super) fn warm_up(&self, effects: &mut Vec<Effect>) {
        let Some(Loading { source, cause, .. }) = &self.data.loading else { return };
        let arrives = !matches!(source, Source::Sample | Source::Cached(_));
        let first = !matches!(cause, LoadCause::Resized(_));
        let ready = matches!(self.engine, EngineState::Ready(_));
        if arrives && first && ready && self.expected_engine() == EngineKind::Webgpu {
            effects.push(post(Command::WarmUp { experiment: self.experiment.clone() }));
        }
    }
}
