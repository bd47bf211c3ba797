//! How long a run will take, from how long earlier runs took. The work of a run
//! is counted in multiply-accumulates; the speed is what was measured on this
//! machine. Without a measurement there is no estimate.

use crate::cost::{images, work};
use crate::dataset::DatasetSummary;
use crate::engine::EngineKind;
use crate::experiment::Experiment;
use crate::runs::RunEntry;
use std::rc::Rc;

/// A guess of a run's time and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds for the whole run, validation and TTA included.
    pub seconds: f64,
    /// True if a run of the same network was measured: a closer guess.
    pub same_model: bool,
}

/// Estimates a run of `experiment` on `dataset` with `engine`. `None` before anything was measured on that engine.
pub fn estimate(
    experiment: &Experiment,
    dataset: &DatasetSummary,
    engine: EngineKind,
    finished: &[Rc<RunEntry>],
) -> Option<Estimate> {
    let (train, valid) = images(experiment, dataset);
    let work = work(experiment, train, valid);
    let (speed, same_model) = speed_of(experiment.model.name(), engine, finished)?;
    Some(Estimate { seconds: work / speed, same_model })
}

/// Multiply-accumulates per second of the latest run on this engine, and whether
/// it was of this network; one that was is preferred.
pub fn speed_of(model: &str, engine: EngineKind, finished: &[Rc<RunEntry>]) -> Option<(f64, bool)> {
    let measured = |same_model: bool| {
        finished
            .iter()
            .rev()
            .filter(|run| run.record.engine == engine.name() && !run.recorded)
            .filter(|run| !same_model || run.record.model.name == model)
            .find_map(|run| Some((speed(run)?, same_model)))
    };
    measured(true).or_else(|| measured(false))
}

/// Multiply-accumulates per second of a finished run, if it says.
fn speed(run: &RunEntry) -> Option<f64> {
    let record = &run.record;
    let mut experiment = (*run.experiment()).clone();
    let done = record.epochs.len() as u32;
    let seconds = record.epochs.iter().map(|row| row.seconds).sum::<f64>()
        + record.tta.map_or(0.0, |tta| tta.seconds);
    if record.tta.is_none() {
        experiment.tta = 0;
    }
    let all = experiment.total_epochs();
    let (train, valid) = (record.dataset.train, record.dataset.valid);
    // A stopped run did a part of its work; with one size that part is exact.
    let work = work(&experiment, train, valid) * f64::from(done) / f64::from(all.max(1));
    (seconds > 0.0 && work > 0.0).then(|| work / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;
    use crate::runs::tests::entry;

    fn dataset() -> DatasetSummary {
        DatasetSummary {
            name: "built-in sample (synthetic)".into(),
            synthetic: true,
            classes: vec!["tench".into(); 10],
            train: vec![100; 10],
            valid: vec![50; 10],
            hash: "ab".into(),
            short_side: 64,
            sides: vec![64],
            whole: true,
            typical_short_side: 64,
            square: true,
            skipped: vec![],
            skipped_count: 0,
            official_noise: false,
            memory: 1e6,
            seconds: 1.0,
        }
    }

    fn seconds(link: &str, runs: &[Rc<RunEntry>]) -> Option<Estimate> {
        estimate(&link::parse(link).experiment, &dataset(), EngineKind::Cpu, runs)
    }

    /// Three epochs of the sample in 3 × 61.4 seconds.
    fn measured() -> Vec<Rc<RunEntry>> {
        vec![Rc::new(entry("a", "v=1&epochs=3", 0.5))]
    }

    #[test]
    fn nothing_is_guessed_before_a_run_was_measured_on_that_engine() {
        assert_eq!(seconds("v=1", &[]), None);
        let experiment = Experiment::default();
        assert_eq!(estimate(&experiment, &dataset(), EngineKind::Webgpu, &measured()), None);
    }

    #[test]
    fn the_same_run_takes_as_long_again() {
        let guess = seconds("v=1&epochs=3", &measured()).unwrap();
        assert!(guess.same_model);
        assert!((guess.seconds - 3.0 * 61.4).abs() < 1e-6, "{guess:?}");
    }

    #[test]
    fn time_grows_with_epochs_images_and_pixels() {
        let of = |link: &str| seconds(link, &measured()).unwrap().seconds;
        let base = of("v=1&epochs=3");
        assert!((of("v=1&epochs=6") / base - 2.0).abs() < 1e-9);
        assert!((of("v=1&epochs=3&subset=50&valid=25") / base - 0.5).abs() < 1e-9);
        let pixels = of("v=1&epochs=3&size=128") / base;
        assert!((3.9..4.1).contains(&pixels), "{pixels}");
        assert!(of("v=1&epochs=3&tta=8") > base);
        assert!(of("v=1&prog=32x2,64x0") < base, "small images come first and cost less");
    }

    #[test]
    fn another_network_is_a_rougher_guess() {
        let guess = seconds("v=1&epochs=3&model=resnet9", &measured()).unwrap();
        assert!(!guess.same_model);
        assert!(guess.seconds > 5.0 * 3.0 * 61.4);
    }
}
