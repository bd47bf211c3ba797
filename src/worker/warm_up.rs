//! Compiling the shaders of a run while its images are on their way.

use super::Worker;
use super::turn::{Turn, now};
use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::train::control::Control;
use crate::train::host::{Host, RunEvent};
use crate::train::run::run;
use crate::train::warm_up::job;
use futures::lock::Mutex;
use std::cell::RefCell;

/// The run on made-up images, if there is one.
#[derive(Default)]
pub(super) struct Warming {
    control: RefCell<Control>,
    under_way: Mutex<()>,
}

impl Warming {
    /// Ends it before its next batch, and waits for that.
    pub(super) async fn end(&self) {
        self.control.borrow().stop();
        drop(self.under_way.lock().await);
    }
}

impl Worker {
    /// Trains on made-up images, and forgets all that came of it.
    pub(super) async fn warm_up(&self, experiment: &Experiment) {
        let control = Control::default();
        self.warming.control.replace(control.clone()).stop();
        let _under_way = self.warming.under_way.lock().await;
        let engine = match self.open(experiment.engine).await {
            Ok(engine) if engine.engine == EngineKind::Webgpu => engine,
            _ => return,
        };
        let begun = now();
        // Whatever goes wrong here is the run's to report.
        let ended = run(job(experiment), &engine, &control, &mut Quiet(Turn::new().ok())).await;
        let outcome = ended.map_or_else(|error| error.to_string(), |_| "done".to_owned());
        log::debug!("compiling shaders took {:.1} s: {outcome}", (now() - begun) / 1000.0);
    }
}

/// A host that tells nobody.
struct Quiet(Option<Turn>);

impl Host for Quiet {
    fn event(&mut self, _event: RunEvent) {}

    async fn handle_events(&mut self) {
        if let Some(turn) = &mut self.0 {
            turn.give().await;
        }
    }

    fn seconds(&self) -> f64 {
        now() / 1000.0
    }

    fn date(&self) -> String {
        String::new()
    }
}
