//! A queue as text, to be found again after a reload of its tab. Finished runs
//! are not in it: the list of runs has them.

use super::{Item, ItemState, Origin, Queue, QueueState};
use crate::json;
use crate::sweep::Plan;
use serde::{Deserialize, Serialize};

/// The version that is written, and the only one that is read: a queue of an
/// older page is built anew from its link.
const VERSION: u32 = 1;

/// What is kept of a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedQueue {
    version: u32,
    link: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    running: bool,
    started: bool,
    files: bool,
    hash: Option<String>,
    fitted_to: Option<u32>,
    items: Vec<SavedItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedItem {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl SavedQueue {
    /// The canonical link of the queue's sweep.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Reads what [`Queue::save`] wrote; `None` if it is anything else.
    pub fn read(text: &str) -> Option<Self> {
        json::read(text).ok().filter(|kept: &Self| kept.version == VERSION)
    }
}

impl Queue {
    /// What has to be kept of it, as text. Empty if it cannot be written.
    pub fn save(&self) -> String {
        let item = |item: &Item| SavedItem {
            key: item.key.clone(),
            run: match &item.state {
                ItemState::Done { run, .. } => Some(run.clone()),
                _ => None,
            },
            failed: match &item.state {
                ItemState::Failed(why) => Some(why.clone()),
                _ => None,
            },
        };
        let kept = SavedQueue {
            version: VERSION,
            link: self.plan.link(),
            class: self.class.as_ref().map(Plan::link),
            running: self.state == QueueState::Running,
            started: self.state != QueueState::Ready,
            files: self.origin == Origin::Files,
            hash: self.hash.clone(),
            fitted_to: self.fitted_to,
            items: self.items.iter().map(item).collect(),
        };
        json::write(&kept).unwrap_or_default()
    }

    /// The queue that was kept. The run that was being trained waits again: it goes
    /// on from its checkpoint when its turn comes. `None` if the link in it is no
    /// sweep any more.
    pub fn restore(kept: &SavedQueue) -> Option<Self> {
        let plan = Plan::parse(&kept.link).plan?;
        let origin = if kept.files { Origin::Files } else { Origin::Here };
        let mut queue = Self::new(plan, origin);
        queue.class = kept.class.as_ref().and_then(|link| Plan::parse(link).plan);
        if let Some(original) = kept.fitted_to {
            queue.fit(original);
        }
        let mut all = std::mem::take(&mut queue.items);
        for kept in &kept.items {
            let Some(place) = all.iter().position(|item| item.key == kept.key) else { continue };
            let mut item = all.remove(place);
            if let Some(why) = &kept.failed {
                item.state = ItemState::Failed(why.clone());
            } else if let Some(run) = &kept.run {
                item.state = ItemState::Done { run: run.clone(), taken_up: false };
            }
            queue.items.push(item);
        }
        queue.hash.clone_from(&kept.hash);
        queue.state = match (kept.running, kept.started) {
            (true, _) => QueueState::Running,
            (false, true) => QueueState::Paused,
            (false, false) => QueueState::Ready,
        };
        Some(queue)
    }
}
