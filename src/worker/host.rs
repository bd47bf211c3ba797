//! A run in the worker: its events are posted, its breaths are macrotasks.

use super::post::{post, post_with};
use super::turn::{Turn, now};
use crate::protocol::{Event, RunId};
use crate::train::host::{Host, RunEvent};
use js_sys::{Array, Uint8Array};

pub(super) struct WorkerHost {
    run: RunId,
    turn: Option<Turn>,
}

impl WorkerHost {
    pub(super) fn new(run: RunId) -> Self {
        Self { run, turn: Turn::new().ok() }
    }
}

impl Host for WorkerHost {
    fn event(&mut self, event: RunEvent) {
        let run = self.run;
        match event {
            RunEvent::Started(plan) => post(&Event::RunStarted { run, plan }),
            RunEvent::Progress(progress) => post(&Event::Progress { run, progress }),
            RunEvent::Paused => post(&Event::Paused { run }),
            RunEvent::Resumed => post(&Event::Resumed { run }),
            RunEvent::EpochEnded { row, checkpoint } => {
                let buffer = Uint8Array::from(checkpoint.as_slice()).buffer();
                post_with(&Event::EpochEnded { run, row }, &Array::of1(&buffer));
            }
        }
    }

    async fn breathe(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.give().await;
        }
    }

    fn seconds(&self) -> f64 {
        now() / 1000.0
    }

    fn date(&self) -> String {
        String::from(js_sys::Date::new_0().to_iso_string())
    }
}
