//! Tables of made-up records.

use super::*;
use crate::record::{
    DatasetInfo, EpochRow, ModelInfo, NUMERICS, Outcome, Predictions, RunRecord, TtaResult,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const IMAGES: usize = 60;
const LINK: &str = "v=1&norm=off&sweep=alone:tta|ls;seed:42..44";

/// Log-probabilities of three classes: image i is of class i % 3, and right unless i is a multiple
/// of `every`.
fn rows(every: usize) -> Vec<f32> {
    let row = |image: usize| {
        let named = (image + usize::from(image.is_multiple_of(every))) % 3;
        let p = 0.5 + 0.4 * (image as f64 / IMAGES as f64);
        (0..3).map(move |class| {
            crate::math::log(if class == named { p } else { (1.0 - p) / 2.0 }) as f32
        })
    };
    (0..IMAGES).flat_map(row).collect()
}

fn labels() -> Vec<u8> {
    (0..IMAGES).map(|image| (image % 3) as u8).collect()
}

fn record(link: &str, every: usize, tta: bool) -> RunRecord {
    let labels = labels();
    let plain = rows(every);
    let scores = crate::stats::metrics::Scores::new(&plain, &labels).unwrap();
    let accuracy = scores.accuracy();
    let nll = scores.probabilities().unwrap().nll();
    RunRecord {
        format: crate::record::FORMAT,
        numerics: NUMERICS,
        build: "made".to_owned(),
        date: "2026-03-01T12:34:56Z".to_owned(),
        outcome: Outcome::Finished,
        link: link.to_owned(),
        dataset: DatasetInfo {
            name: "made".to_owned(),
            train: 100,
            valid: IMAGES as u32,
            hash: "ab".repeat(32),
        },
        engine: "webgpu".to_owned(),
        adapter: "by hand".to_owned(),
        model: ModelInfo { name: "tiny".to_owned(), params: 1, macs: 1 },
        epochs: vec![EpochRow {
            epoch: 0,
            phase: 0,
            size: 64,
            train_loss: 1.0,
            valid_loss: nll,
            nll,
            accuracy,
            seconds: 3.0,
        }],
        accuracy,
        tta: tta.then_some(TtaResult { accuracy, passes: 5, seconds: 2.0 }),
        images_per_second: 1.0,
        log_probabilities: Some(Predictions {
            images: (0..IMAGES as u32).collect(),
            labels,
            plain: rows(every),
            tta: tta.then(|| rows(every + 3)),
            ..Predictions::default()
        }),
    }
}

fn records() -> Vec<RunRecord> {
    let plan = plan(LINK).unwrap();
    let runs = plan.runs();
    let made = runs
        .iter()
        .enumerate()
        .map(|(index, run)| record(&run.experiment.link(), 4 + index, run.experiment.tta > 0));
    made.collect()
}

#[test]
fn a_table_says_what_its_records_say() {
    let records = records();
    let table = RecordedTable::new(LINK, &records).unwrap();
    let results: BTreeMap<&str, RunResult> =
        records.iter().map(|it| (it.link.as_str(), RunResult::of(it).unwrap().unwrap())).collect();
    let plan = plan(LINK).unwrap();
    let whole = Summary::new(&plan, |it| results.get(it.link().as_str()));
    assert_eq!(whole.finished, whole.runs);
    assert_eq!(table.summary().unwrap(), whole);
    let read = RecordedTable::read(&table.write().unwrap()).unwrap();
    assert_eq!(read, table);
    assert_eq!(read.summary().unwrap(), whole);
}

#[test]
fn a_table_says_where_it_comes_from_and_how_it_is_trained_here() {
    let table = RecordedTable::new(LINK, &records()).unwrap();
    assert_eq!(table.origin(), "webgpu on by hand, 2026-03-01");
    assert_eq!(table.link_here().unwrap(), plan(LINK).unwrap().link());
    let curves = table.curves().unwrap();
    let names: Vec<&str> = curves.series.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["none", "Label smoothing"]);
    assert!(curves.bands.iter().all(|band| band.points.len() == 1));
}

#[test]
fn a_table_needs_every_run_whole() {
    let why = |records: &[RunRecord]| RecordedTable::new(LINK, records).unwrap_err().to_string();
    let all = records();
    assert!(why(&all[1..]).contains("is missing"));
    let mut bare = all.clone();
    bare[1].log_probabilities = None;
    assert!(why(&bare).contains("no log-probabilities"));
    let mut other = all.clone();
    other[1].log_probabilities.as_mut().unwrap().labels[0] = 2;
    assert!(why(&other).contains("other images"));
    assert!(RecordedTable::new("v=1", &all).unwrap_err().to_string().contains("no sweep"));
}

#[test]
fn predictions_keep_what_each_image_was_taken_for() {
    let labels = labels();
    let said = rows(5);
    let answers = Answers::new(&said, &labels).unwrap();
    let again = answers.predictions(&labels, 3);
    let (before, after) = (
        crate::stats::metrics::Scores::new(&said, &labels).unwrap(),
        crate::stats::metrics::Scores::new(&again.plain, &labels).unwrap(),
    );
    assert_eq!(before.predicted(), after.predicted());
    let (before, after) = (before.probabilities().unwrap(), after.probabilities().unwrap());
    assert!((before.nll() - after.nll()).abs() < 0.04, "{} {}", before.nll(), after.nll());
    for (a, b) in before.confidences().iter().zip(after.confidences()) {
        assert!((a - b).abs() < 0.02, "{a} {b}");
    }
}

proptest! {
    #[test]
    fn no_damage_is_read(place in any::<prop::sample::Index>(), bit in 0u8..8, cut in 0usize..40) {
        let whole = RecordedTable::new(LINK, &records()).unwrap().write().unwrap();
        let mut damaged = whole.clone();
        let place = place.index(damaged.len());
        damaged[place] ^= 1 << bit;
        prop_assert!(RecordedTable::read(&damaged).is_err());
        prop_assert!(RecordedTable::read(&whole[..whole.len() - 1 - cut]).is_err());
        // Lengths that lie, under a checksum that fits.
        let mut lying = whole[..whole.len() - 4].to_vec();
        for byte in &mut lying[12..20] {
            *byte ^= 1 << bit;
        }
        checksum::seal(&mut lying);
        prop_assert!(RecordedTable::read(&lying).is_err());
    }
}
