//! What the classroom is sent of the page's state.

use super::estimate::speed_of;
use super::queue::{ItemState, Queue};
use super::storage::StoreStatus;
use super::{AppState, EngineState, LinkSource, Run, RunStatus};
use crate::bridge::{
    EngineStanding, ImageCounts, KeptCounts, PageSnapshot, QueueStanding, RunStanding, SeatStanding,
};
use crate::experiment::{EngineChoice, ModelKind};
use crate::lessons::grade::effect;
use crate::stats::verdict::Measure;
use crate::text::sentence;

impl AppState {
    /// What the classroom has to know.
    pub fn snapshot(&self) -> PageSnapshot {
        let queue = self.queue.as_deref();
        let speed = |model: ModelKind, engine| {
            let found = speed_of(model.name(), self.engine_for(engine), self.shelf.runs());
            found.filter(|(_, same_model)| *same_model).map(|(speed, _)| speed)
        };
        let linked = match queue.filter(|_| self.linked == LinkSource::Queue) {
            Some(queue) => queue.plan().base(),
            None => &self.experiment,
        };
        PageSnapshot {
            link: self.link(),
            busy: self.active_run().is_some() || self.queue_busy() || self.start_waits(),
            run: self.run.as_ref().map(|run| RunStanding {
                link: run.experiment.link(),
                ended: matches!(run.status, RunStatus::Ended(_)),
                failure: match &run.status {
                    RunStatus::Failed { error, .. } => Some(error.to_string()),
                    _ => None,
                },
                compared: self.compared(run),
            }),
            queue: queue.map(standing),
            data: self.data.loaded.as_ref().map(|loaded| ImageCounts {
                data: loaded.source.data().text(),
                train: loaded.summary.train.clone(),
                valid: loaded.summary.valid.clone(),
                memory: loaded.summary.memory,
            }),
            speed: speed(ModelKind::Tiny, EngineChoice::Auto),
            pace: speed(linked.model, linked.engine),
            engine: match &self.engine {
                EngineState::Starting => EngineStanding::Starting,
                EngineState::Ready(engines) => match &engines.webgpu {
                    Ok(adapter) => EngineStanding::Webgpu {
                        adapter: adapter.name.clone(),
                        software: adapter.software,
                    },
                    Err(why) => EngineStanding::NoWebgpu(why.clone()),
                },
                EngineState::Outdated { build } => EngineStanding::Broken(build.clone()),
                EngineState::Crashed(error) => EngineStanding::Broken(error.to_string()),
            },
            store: match self.storage.status {
                StoreStatus::Opening => None,
                status => Some(status == StoreStatus::Open),
            },
            space: self.storage.space.map(|space| (space.used, space.quota)),
            kept: KeptCounts {
                runs: self.storage.stored_runs(),
                models: self.models.cards.len(),
                images: self.data.cached.is_some(),
            },
            predict: self.view.predict,
            predicted: self.predicted,
        }
    }

    /// The accuracy of a run that is over, and that of its baseline: the mean if it is several runs.
    fn compared(&self, run: &Run) -> Option<(f64, f64)> {
        let ended = self.shelf.get(&run.key)?;
        let baseline = self.baseline()?;
        let runs = baseline.runs();
        let sum: f64 = runs.iter().map(|run| run.accuracy()).sum();
        Some((ended.accuracy(), sum / runs.len() as f64))
    }
}

fn standing(queue: &Queue) -> QueueStanding {
    let summary = queue.summary();
    let failed = queue.items().iter().find_map(|item| match &item.state {
        ItemState::Failed(why) => Some(why.clone()),
        _ => None,
    });
    QueueStanding {
        link: queue.plan().link(),
        finished: summary.finished,
        runs: summary.runs,
        trouble: queue.trouble().map(str::to_owned).or(failed),
        effects: [Measure::Accuracy, Measure::Nll, Measure::Ece]
            .into_iter()
            .filter_map(|measure| effect(summary, measure))
            .collect(),
        seat: seat(queue),
    }
}

/// The seat of a class whose share the queue is.
fn seat(queue: &Queue) -> Option<SeatStanding> {
    let seed = queue.plan().sweep().seeds.first().copied()?;
    let (line, missing) = match queue.hand_in("")? {
        Ok(hand_in) => (hand_in.line().ok(), String::new()),
        Err(why) => (None, sentence(&why.to_string())),
    };
    Some(SeatStanding { seed, line, missing })
}
