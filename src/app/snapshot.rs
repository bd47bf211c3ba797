//! What the classroom is sent of the page's state.

use super::estimate::speed_of;
use super::queue::{ItemState, Queue};
use super::{AppState, RunStatus};
use crate::bridge::{ImageCounts, PageSnapshot, QueueStanding, RunStanding, SeatStanding};
use crate::experiment::{EngineChoice, ModelKind};
use crate::lessons::grade::effect;
use crate::stats::verdict::Measure;
use crate::text::sentence;

impl AppState {
    /// What the classroom has to know.
    pub fn snapshot(&self) -> PageSnapshot {
        let engine = self.engine_for(EngineChoice::Auto);
        let speed = speed_of(ModelKind::Tiny.name(), engine, self.shelf.runs());
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
            }),
            queue: self.queue.as_deref().map(standing),
            data: self.data.loaded.as_ref().map(|loaded| ImageCounts {
                data: loaded.source.data().text(),
                train: loaded.summary.train.clone(),
                valid: loaded.summary.valid.clone(),
            }),
            speed: speed.filter(|(_, same_model)| *same_model).map(|(speed, _)| speed),
        }
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
