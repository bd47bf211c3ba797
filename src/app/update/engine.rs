//! The worker: its reports, its end and its return.

use crate::BUILD_ID;
use crate::app::Effect;
use crate::app::{AppState, Attachments, EngineState, LoadCause, RunStatus};
use crate::protocol::{Event, RunId};
use crate::report::ErrorReport;
use crate::text;
use std::rc::Rc;

/// Warnings that are kept for reading.
const WARNINGS_KEPT: usize = 5;

impl AppState {
    pub(super) fn engine_reported(
        &mut self,
        event: Event,
        at: String,
        attachments: Attachments,
        effects: &mut Vec<Effect>,
    ) {
        match event {
            Event::Ready { build, engines, cached } if build == BUILD_ID => {
                self.data.cached = cached;
                self.engine = EngineState::Ready(Rc::new(engines));
                match self.data_to_reload.take() {
                    Some((source, side)) => self.load(source, side, LoadCause::Needed, effects),
                    None => self.warm_up(effects),
                }
            }
            Event::Ready { build, .. } => self.engine = EngineState::Outdated { build },
            Event::CacheChanged { cached } => self.data.cached = cached,
            Event::Loading { load, progress } => self.loading(load, progress),
            Event::Loaded { load, dataset } => self.loaded(load, dataset, effects),
            Event::ReadAgain => self.data.again = None,
            Event::LoadCancelled { load } => self.load_ended(load, None),
            Event::LoadFailed { load, error } => self.load_ended(load, Some(error)),
            Event::RunStarted { run, plan } => self.run_started(run, plan),
            Event::Progress { run, progress } => self.run_progressed(run, progress, effects),
            Event::Paused { run } => self.run_paused(run),
            Event::Resumed { run } => self.run_resumed(run),
            Event::EpochEnded { run, row } => self.epoch_ended(run, row, at, attachments, effects),
            Event::CheckpointMade { run } => self.checkpoint_made(run, at, attachments, effects),
            Event::RunEnded { run, record } => {
                self.run_ended(run, *record, attachments, effects);
                effects.push(Effect::MeasureSpace);
            }
            Event::RunFailed { run, error, failure } => {
                self.run_failed(run, error, failure, effects);
            }
            // Answers go to the panel that asked.
            Event::AskProgressed { .. } | Event::Answered { .. } | Event::AskFailed { .. } => {}
            Event::Warning { message } => self.warn(message),
            Event::Crashed { error } => self.engine_crashed(error, effects),
        }
    }

    pub(super) fn warn(&mut self, message: String) {
        if !self.warnings.contains(&message) {
            self.warnings.push(message);
            let surplus = self.warnings.len().saturating_sub(WARNINGS_KEPT);
            self.warnings.drain(..surplus);
        }
    }

    pub(super) fn stop_timed_out(&mut self, run: RunId, effects: &mut Vec<Effect>) {
        let stopping =
            self.run.as_ref().is_some_and(|it| it.id == run && it.status == RunStatus::Stopping);
        if !stopping && self.draining != Some(run) {
            return;
        }
        self.give_up_engine(
            ErrorReport::new(
                text::engine_not_stopped(),
                text::engine_not_stopped_why(),
                text::engine_broken_remedy(),
            ),
            effects,
        );
    }

    pub(super) fn restart_engine(&mut self, effects: &mut Vec<Effect>) {
        self.engine = EngineState::Starting;
        self.announce(text::engine_restarting().into());
        effects.push(Effect::StartEngine);
    }
}
