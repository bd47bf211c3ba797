//! Run, pause, step one batch, stop: how a host steers a training loop that it
//! shares a thread with. Independent of burn and of browsers.

use futures::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// A handle on one run. Clones steer the same run.
#[derive(Clone, Default)]
pub struct Control(Arc<SharedControl>);

#[derive(Default)]
struct SharedControl {
    state: Mutex<ControlState>,
    waker: AtomicWaker,
}

#[derive(Default)]
struct ControlState {
    paused: bool,
    stopped: bool,
    /// Training batches that may still pass while paused.
    steps: u32,
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on with the next batch.
    Go,
    /// End here.
    Stop,
}

/// What the loop is about to do when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// A training batch: uses up one step.
    Batch,
    /// A batch of validation or TTA: passes while a step is left.
    Evaluation,
}

impl Control {
    /// Holds the run before its next batch.
    pub fn pause(&self) {
        self.change(|state| {
            state.paused = true;
            state.steps = 0;
        });
    }

    /// Lets a held run go on.
    pub fn resume(&self) {
        self.change(|state| state.paused = false);
    }

    /// Trains one batch, then holds.
    pub fn step(&self) {
        self.change(|state| {
            state.paused = true;
            state.steps += 1;
        });
    }

    /// Ends the run before its next batch, held or not.
    pub fn stop(&self) {
        self.change(|state| state.stopped = true);
    }

    /// True once the run was ended.
    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// True if the next gate would hold.
    pub fn holds(&self) -> bool {
        let state = self.state();
        state.paused && state.steps == 0 && !state.stopped
    }

    /// Passes, or waits until the host lets the run go on or ends it. Dropping
    /// the future is safe.
    pub async fn pass(&self, gate: Gate) -> Flow {
        poll_fn(|context| {
            // Registered first, so that a change between the look and the return wakes.
            self.0.waker.register(context.waker());
            let mut state = self.state();
            if state.stopped {
                return Poll::Ready(Flow::Stop);
            }
            if !state.paused {
                return Poll::Ready(Flow::Go);
            }
            if state.steps == 0 {
                return Poll::Pending;
            }
            if gate == Gate::Batch {
                state.steps -= 1;
            }
            Poll::Ready(Flow::Go)
        })
        .await
    }

    fn change(&self, change: impl FnOnce(&mut ControlState)) {
        change(&mut self.state());
        self.0.waker.wake();
    }

    fn state(&self) -> MutexGuard<'_, ControlState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn now(control: &Control, gate: Gate) -> Option<Flow> {
        control.pass(gate).now_or_never()
    }

    #[test]
    fn a_run_passes_until_it_is_paused_and_again_when_resumed() {
        let control = Control::default();
        assert_eq!(now(&control, Gate::Batch), Some(Flow::Go));
        control.pause();
        assert!(control.holds());
        assert_eq!(now(&control, Gate::Batch), None);
        control.resume();
        assert_eq!(now(&control, Gate::Batch), Some(Flow::Go));
    }

    #[test]
    fn a_step_lets_evaluation_and_one_batch_pass() {
        let control = Control::default();
        control.step();
        assert_eq!(now(&control, Gate::Evaluation), Some(Flow::Go));
        assert_eq!(now(&control, Gate::Batch), Some(Flow::Go));
        assert_eq!(now(&control, Gate::Batch), None);
    }

    #[test]
    fn stop_ends_a_held_run() {
        let control = Control::default();
        control.pause();
        control.stop();
        assert_eq!(now(&control, Gate::Batch), Some(Flow::Stop));
    }

    #[test]
    fn a_waiting_run_is_woken_by_resume() {
        let control = Control::default();
        control.pause();
        let other = control.clone();
        let waiting = control.pass(Gate::Batch);
        let waking = async move { other.resume() };
        let (flow, ()) = pollster::block_on(futures::future::join(waiting, waking));
        assert_eq!(flow, Flow::Go);
    }
}
