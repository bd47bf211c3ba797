//! Changes that the user makes to a queue: moving, removing and retrying its runs.

use super::{Item, ItemState, Queue, QueueState, planned};

/// How an item is moved in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// One place nearer to its turn.
    Up,
    /// One place further.
    Down,
    /// The next to be trained.
    First,
}

impl Queue {
    /// Moves a waiting run among the others that wait.
    pub(in crate::app) fn shift(&mut self, key: &str, how: Move) {
        let waiting = |item: &Item| item.state == ItemState::Waiting;
        let Some(place) = self.items.iter().position(|item| item.key == key && waiting(item))
        else {
            return;
        };
        let before = || self.items.iter().take(place).rposition(waiting);
        let after = || {
            let later = self.items.iter().skip(place + 1).position(waiting);
            later.map(|distance| place + 1 + distance)
        };
        let target = match how {
            Move::Up => before(),
            Move::Down => after(),
            Move::First => self.items.iter().position(waiting),
        };
        if let Some(target) = target {
            let item = self.items.remove(place);
            self.items.insert(target, item);
        }
    }

    /// Takes a run that waits or failed out of the queue.
    pub(in crate::app) fn remove(&mut self, key: &str) {
        self.items.retain(|item| {
            item.key != key || !matches!(item.state, ItemState::Waiting | ItemState::Failed(_))
        });
        if self.item(key).is_none() {
            self.results.remove(key);
            self.sum_up();
        }
        self.close();
    }

    /// Puts all runs that were taken out back at its end.
    pub(in crate::app) fn put_back(&mut self) {
        let (all, _) = planned(&self.plan, self.fitted_to);
        let missing: Vec<Item> =
            all.into_iter().filter(|item| self.item(&item.key).is_none()).collect();
        self.items.extend(missing);
        if self.state == QueueState::Ended {
            self.state = QueueState::Paused;
        }
    }

    /// Lets a failed run be trained again.
    pub(in crate::app) fn retry(&mut self, key: &str) {
        if self.item(key).is_some_and(|item| matches!(item.state, ItemState::Failed(_))) {
            self.results.remove(key);
            self.mark(key, ItemState::Waiting);
            self.reopen();
            self.sum_up();
        }
    }

    /// An ended queue with runs to train is one that holds.
    pub(super) fn reopen(&mut self) {
        if self.state == QueueState::Ended && self.left() > 0 {
            self.state = QueueState::Paused;
        }
    }

    /// A queue that has begun and has nothing left is over.
    pub(super) fn close(&mut self) {
        if self.left() == 0 && self.state != QueueState::Running {
            self.state = QueueState::Ended;
        }
    }
}
