//! What a run is reckoned to take in memory, beside what the CPU engine takes of it.
#![cfg(all(feature = "engine", target_os = "linux"))]

use imagenette_playground::cost::memory::Load;
use imagenette_playground::data::sample;
use imagenette_playground::experiment::{EngineChoice, Experiment, link};
use imagenette_playground::train::control::Control;
use imagenette_playground::train::device;
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::host::{Host, RunEvent};
use imagenette_playground::train::run::{Job, run};
use pollster::block_on;
use std::process::Command;
use std::sync::Arc;

/// Names the link that a child process trains.
const CHILD: &str = "IMAGENETTE_MEMORY_OF";
/// Of each network, so that the activations outweigh the rest; and in ghost batches.
const LINKS: [&str; 5] = [
    "v=1&model=tiny&size=64&bs=256",
    "v=1&model=resnet9&size=64&bs=64",
    "v=1&model=xresnet18&size=64&bs=64",
    "v=1&model=conv5&size=64&bs=256",
    "v=1&model=xresnet18&size=64&bs=128&gbs=32",
];

/// Stops a run after two batches.
struct Short(Control, u32);

impl Host for Short {
    fn event(&mut self, _event: RunEvent) {}

    async fn handle_events(&mut self) {
        self.1 += 1;
        if self.1 > 2 {
            self.0.stop();
        }
    }

    fn seconds(&self) -> f64 {
        0.0
    }

    fn date(&self) -> String {
        String::new()
    }
}

/// A figure of this process in bytes.
fn status(key: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Trains two batches, and tells how far memory rose.
#[test]
fn child() {
    let Ok(text) = std::env::var(CHILD) else { return };
    let experiment = link::parse(&text).experiment;
    let dataset = Arc::new(sample::sample());
    let engine = block_on(device::open(EngineChoice::Cpu, None)).unwrap();
    let before = status("VmRSS");
    let control = Control::default();
    let job = Job { experiment, dataset, resume: None, init: None };
    let ended = block_on(run(job, &engine, &control, &mut Short(control.clone(), 0)));
    assert!(matches!(ended, Err(TrainError::Stopped)));
    println!("rose by {}", status("VmHWM") - before);
}

/// Bytes that a run takes in a process of its own.
fn measured(text: &str) -> u64 {
    let this = std::env::current_exe().unwrap();
    let mut child = Command::new(this);
    child.args(["child", "--exact", "--nocapture"]).env(CHILD, text);
    let said = String::from_utf8(child.output().unwrap().stdout).unwrap();
    let found = said.lines().find_map(|line| line.split("rose by ").nth(1));
    found.unwrap_or_else(|| panic!("{said}")).trim().parse().unwrap()
}

fn reckoned(experiment: &Experiment) -> u64 {
    let load = Load { experiment, classes: 10, data: 0, train: 1000 };
    load.need(u64::from(experiment.bs)).total
}

#[test]
fn a_run_takes_about_what_is_reckoned() {
    for text in LINKS {
        let experiment = link::parse(&format!("{text}&epochs=1&engine=cpu")).experiment;
        let (takes, reckoned) = (measured(&experiment.link()), reckoned(&experiment));
        let ratio = reckoned as f64 / takes as f64;
        println!("{text}: {} MB, reckoned {} MB", takes >> 20, reckoned >> 20);
        assert!((0.9..2.5).contains(&ratio), "{text}: {takes} bytes, reckoned {reckoned}");
    }
}
