//! Hostile inputs for every reader of foreign bytes: mutated from valid ones, by seeded
//! mutations that know the formats, and fed in child processes whose memory and time
//! are limited. `docs/fuzzing.md` says how to run more of them and what was found.
#![cfg(all(feature = "media", not(target_family = "wasm")))]

mod child;
mod made;
mod media;
mod mutate;
mod runs;
mod targets;
mod words;

use child::{Inputs, Limits, Report, feed, feed_all};
use std::collections::BTreeSet;
use std::time::Duration;
use targets::{TARGETS, Target};

/// Inputs of each target, unless `FUZZ_INPUTS` says otherwise.
const INPUTS: u32 = 1200;
/// Decides the inputs, unless `FUZZ_SEED` says otherwise.
const SEED: u32 = 13;
/// Time for one input: thousands of times what an honest one takes.
const TIME: Duration = Duration::from_secs(10);
/// Memory above that of the process itself, in MiB.
const MEMORY: u64 = 512;
/// Share of the inputs that has to get past the header.
const PAST: f64 = 0.3;

fn number(name: &str) -> Option<u32> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn limits() -> Limits {
    Limits { time: TIME, memory: MEMORY }
}

/// Feeds a target, and fails with all that is needed to see a failure again.
fn fuzz(name: &str) {
    let target = Target::named(name);
    if std::env::var("FUZZ").is_ok_and(|wanted| wanted != name) {
        return;
    }
    let (seed, first) =
        (number("FUZZ_SEED").unwrap_or(SEED), number("FUZZ_FROM").unwrap_or_default());
    let count = number("FUZZ_INPUTS").unwrap_or(INPUTS);
    let report = feed_all(target, Inputs::Made(seed), first..first + count, limits());
    let share = f64::from(report.past) / f64::from(report.fed.max(1));
    println!("{name}: {} inputs, {:.0}% past the header", report.fed, 100.0 * share);
    assert!(report.failures.is_empty(), "{}", told(target, seed, &report));
    assert_eq!(report.fed, count);
    assert!(count < 100 || share >= PAST, "{name}: only {share} get past the header");
}

fn told(target: &Target, seed: u32, report: &Report) -> String {
    let failures = report.failures.iter().map(|failure| {
        let bytes = target.input(Inputs::Made(seed), failure.number);
        let shown: String = bytes.iter().take(4096).map(|byte| format!("{byte:02x}")).collect();
        format!(
            "{name}, input {number}: {why}\nagain: FUZZ={name} FUZZ_SEED={seed} \
             FUZZ_FROM={number} FUZZ_INPUTS=1 cargo test --test fuzz {name}\n{length} bytes: \
             {shown}\n",
            name = target.name,
            number = failure.number,
            why = failure.why,
            length = bytes.len(),
        )
    });
    failures.collect::<Vec<_>>().join("\n")
}

#[test]
fn archive() {
    fuzz("archive");
}

#[test]
fn decode() {
    fuzz("decode");
}

#[test]
fn layout() {
    fuzz("layout");
}

#[test]
fn safetensors() {
    fuzz("safetensors");
}

#[cfg(feature = "engine")]
#[test]
fn checkpoint() {
    fuzz("checkpoint");
}

#[test]
fn ipruns() {
    fuzz("ipruns");
}

#[test]
fn packed() {
    fuzz("packed");
}

#[test]
fn record() {
    fuzz("record");
}

#[test]
fn link() {
    fuzz("link");
}

#[test]
fn sweep() {
    fuzz("sweep");
}

#[test]
fn all_targets_together_are_fed_ten_thousand_inputs() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    let wanted = [
        "archive",
        "decode",
        "ipruns",
        "layout",
        "link",
        "packed",
        "record",
        "safetensors",
        "sweep",
    ];
    assert!(wanted.iter().all(|name| names.contains(name)), "{names:?}");
    assert!(INPUTS * wanted.len() as u32 >= 10_000);
}

/// Inputs that broke something once, kept as files.
#[test]
fn nothing_that_broke_once_breaks_again() {
    for target in TARGETS {
        let count = child::found(target.name).len() as u32;
        let report = feed_all(target, Inputs::Found, 0..count, limits());
        let names: Vec<_> = child::found(target.name);
        let failures: Vec<String> = report
            .failures
            .iter()
            .map(|it| format!("{}: {}", names[it.number as usize].display(), it.why))
            .collect();
        assert!(failures.is_empty(), "{failures:#?}");
        assert_eq!(report.fed, count);
    }
}

#[test]
fn the_same_seed_and_number_give_the_same_input() {
    for target in TARGETS {
        let made = |seed, number| target.input(Inputs::Made(seed), number);
        let some: BTreeSet<Vec<u8>> = (0..20).map(|number| made(SEED, number)).collect();
        assert!(some.len() > 10, "{} makes few inputs", target.name);
        for number in 0..20 {
            assert_eq!(made(SEED, number), made(SEED, number), "{} {number}", target.name);
        }
        assert_ne!(made(1, 0), made(2, 0), "{}", target.name);
    }
}

/// The proof that all of this can fail: readers with a fault each.
#[test]
fn a_crash_a_hang_and_a_waste_of_memory_are_found_and_the_rest_goes_on() {
    let limits = Limits { time: Duration::from_secs(2), memory: 256 };
    let report = feed_all(Target::named("faulty"), Inputs::Made(SEED), 0..12, limits);
    let found: Vec<(u32, &str)> = report
        .failures
        .iter()
        .map(|failure| (failure.number, failure.why.split([':', ';']).next().unwrap()))
        .collect();
    assert_eq!(found, [(3, "it crashed"), (5, "no answer within 2 s"), (7, "it crashed")]);
    assert!(report.failures[0].why.contains("faulty on purpose"), "{:?}", report.failures);
    let memory = &report.failures[2].why;
    assert!(!cfg!(target_os = "linux") || memory.contains("memory allocation"), "{memory}");
    assert_eq!((report.fed, report.past), (12, 6));
}

/// Not a test by itself: what the child processes run.
#[test]
fn child_process() {
    if let Ok(task) = std::env::var(child::TASK) {
        feed(&task);
    }
}
