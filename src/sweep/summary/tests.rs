//! Summaries of made-up records: the figures are computed by hand.

use super::*;
use crate::record::{DatasetInfo, ModelInfo, Outcome, Predictions, RunRecord, TtaResult};
use std::collections::BTreeMap;

const IMAGES: usize = 100;

/// Log-probabilities of 100 images of class 0, of which the first `right` are
/// predicted right.
fn rows(right: usize) -> Vec<f32> {
    (0..IMAGES).flat_map(|image| if image < right { [-0.1, -2.4] } else { [-2.4, -0.1] }).collect()
}

/// A record with so many images right, plainly and with TTA.
fn record(link: &str, right: usize, right_tta: Option<usize>) -> RunRecord {
    let accuracy = |right: usize| right as f64 / IMAGES as f64;
    RunRecord {
        format: 1,
        numerics: crate::record::NUMERICS,
        build: "made".to_owned(),
        date: "2026-03-01T12:34:56Z".to_owned(),
        outcome: Outcome::Finished,
        link: link.to_owned(),
        dataset: DatasetInfo {
            name: "made".to_owned(),
            train: 1000,
            valid: IMAGES as u32,
            hash: "ab".repeat(32),
        },
        engine: "cpu".to_owned(),
        adapter: "by hand".to_owned(),
        model: ModelInfo { name: "tiny".to_owned(), params: 1, macs: 1 },
        epochs: Vec::new(),
        accuracy: accuracy(right),
        tta: right_tta.map(|right| TtaResult {
            accuracy: accuracy(right),
            passes: 5,
            seconds: 2.0,
        }),
        images_per_second: 1.0,
        log_probabilities: Some(Predictions {
            images: (0..IMAGES as u32).collect(),
            labels: vec![0; IMAGES],
            plain: rows(right),
            tta: right_tta.map(rows),
            ..Predictions::default()
        }),
    }
}

fn plan(definition: &str) -> Plan {
    let base = crate::experiment::link::parse("v=1&norm=off").experiment;
    Plan::define(definition, &base).plan.unwrap()
}

fn sum_up(plan: &Plan, records: &[RunRecord]) -> Summary {
    let results: BTreeMap<&str, RunResult> = records
        .iter()
        .filter_map(|it| Some((it.link.as_str(), RunResult::of(it).unwrap()?)))
        .collect();
    Summary::new(plan, |experiment| results.get(experiment.link().as_str()))
}

/// Three seeds of TTA and mixup, each alone.
fn ablation() -> Vec<RunRecord> {
    let baseline = [(1, 50, 53), (2, 52, 54), (3, 51, 56)].map(|(seed, right, tta)| {
        record(&format!("v=1&norm=off&tta=4&seed={seed}"), right, Some(tta))
    });
    let mixup = [(1, 60), (2, 62), (3, 61)]
        .map(|(seed, right)| record(&format!("v=1&norm=off&mixup=0.4&seed={seed}"), right, None));
    baseline.into_iter().chain(mixup).collect()
}

#[test]
fn an_ablation_is_summed_up_by_the_right_tests() {
    let plan = plan("alone:mixup|tta;seed:1..3");
    let summary = sum_up(&plan, &ablation());
    assert_eq!((summary.runs, summary.finished), (6, 6));
    assert_eq!(summary.seconds, 6.0);
    assert_eq!(summary.engines, ["cpu (by hand)"]);
    assert_eq!(summary.seeds_for_one_point, Some(24));

    let near = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-9;
    let [tta, mixup] = &summary.contrasts[..] else { panic!("{summary:?}") };
    // The same weights: a paired t test, at 2 degrees of freedom.
    assert_eq!((tta.method, tta.verdict), (Some(Method::PairedT), Verdict::CannotTell));
    assert!(near(tta.delta, 1.0 / 30.0) && near(tta.p, 0.063_414_188_418_306_15));
    // Retrained: Welch's test, here at 4 degrees of freedom.
    assert_eq!((mixup.method, mixup.verdict), (Some(Method::Welch), Verdict::Helps));
    assert!(near(mixup.delta, 0.1) && near(mixup.p, 0.000_255_216_749_442_066_5));
    assert!(near(mixup.p_adjusted, 2.0 * 0.000_255_216_749_442_066_5));
    let interval = mixup.interval.unwrap();
    assert!(near(Some(interval.low), 0.077_330_420_644_7));
    assert!(near(Some(interval.high), 0.122_669_579_355_3));

    assert_eq!(
        summary.text(),
        "\
arm                     seeds  accuracy %  sd
none                    3      51.00       1.00
Test-time augmentation  3      54.33       1.53
Mixup                   3      61.00       1.00

what it changes         Δ points  95% interval     p (Holm)  verdict
Test-time augmentation  +3.33     −0.46 to +7.13   0.063     cannot tell
Mixup                   +10.00    +7.73 to +12.27  < 0.001   helps

made, 100 validation images; accuracies are those of the last epoch.

Each interval is of its own line alone; the verdict goes by p after Holm's correction for all lines.

Seeds spread so much here that a difference of 1 point needs about 24 seeds an arm to be seen.
"
    );
    let markdown = summary.markdown();
    assert!(markdown.starts_with(
        "\
| arm                    | seeds | accuracy % | sd   |
| ---------------------- | ----- | ---------- | ---- |
| none                   | 3     | 51.00      | 1.00 |
"
    ));
    let json = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap().text(), summary.text());
    assert!(json.contains("\"verdict\":\"cannot tell\"") && json.contains("\"paired t\""));
}

#[test]
fn a_sweep_under_way_says_what_is_there() {
    let plan = plan("alone:mixup|tta;seed:1..3");
    let nothing = sum_up(&plan, &[]);
    assert_eq!((nothing.finished, nothing.dataset.is_none()), (0, true));
    assert!(nothing.arms.iter().all(|arm| arm.mean.is_none() && arm.sd.is_none()));
    assert!(nothing.text().contains("cannot tell (no result yet)"));
    assert!(nothing.text().contains("0 of 6 runs have ended."));

    let some = sum_up(&plan, &[&ablation()[..1], &ablation()[3..4]].concat());
    let [tta, mixup] = &some.contrasts[..] else { panic!("{some:?}") };
    // One seed of the same weights: McNemar on the images.
    assert_eq!(tta.method, Some(Method::McNemar));
    assert!((tta.p.unwrap() - 0.25).abs() < 1e-12);
    assert_eq!(mixup.sentence, "cannot tell (needs 3 seeds, and there are 1)");
    assert!(mixup.delta.is_some() && mixup.p.is_none());
}

#[test]
fn a_stopped_run_does_not_count_and_a_diverged_one_leaves_the_verdict_open() {
    let plan = plan("alone:mixup|tta;seed:1..3");
    let mut records = ablation();
    records[3].outcome = Outcome::Stopped;
    assert_eq!(sum_up(&plan, &records).finished, 5);

    records[3].outcome = Outcome::Diverged;
    let summary = sum_up(&plan, &records);
    assert_eq!(summary.finished, 6);
    assert_eq!(summary.arms[2].diverged, [1]);
    assert_eq!(summary.arms[2].seeds.len(), 2);
    assert_eq!(summary.contrasts[1].sentence, "cannot tell (1 run diverged)");
    assert!(summary.text().contains("2 (+ 1 diverged)"));
}

#[test]
fn other_weights_are_never_paired() {
    // Two settings of TTA are two runs. They pair only if their plain predictions
    // agree, and never without predictions.
    let plan = plan("tta:2|4;seed:1..3");
    let records = |plain: [usize; 3]| -> Vec<RunRecord> {
        (1..=3)
            .zip(plain)
            .flat_map(|(seed, right)| {
                [
                    record(&format!("v=1&norm=off&tta=2&seed={seed}"), 50 + seed, Some(52)),
                    record(&format!("v=1&norm=off&tta=4&seed={seed}"), right, Some(54 + seed)),
                ]
            })
            .collect()
    };
    let method = |records: &[RunRecord]| sum_up(&plan, records).contrasts[0].method;
    assert_eq!(method(&records([51, 52, 53])), Some(Method::PairedT));
    assert_eq!(method(&records([51, 52, 40])), Some(Method::Welch));
    let mut bare = records([51, 52, 53]);
    bare[0].log_probabilities = None;
    assert_eq!(method(&bare), Some(Method::Welch));
}

#[test]
fn a_ready_made_sweep_tells_what_to_expect() {
    let base = Experiment::default();
    let plan = Preset::MixupAndEpochs.plan(&base).plan.unwrap();
    let summary = sum_up(&plan, &[]);
    assert_eq!(summary.expectation.as_deref(), Some(Preset::MixupAndEpochs.expectation()));
    assert_eq!(summary.contrasts.len(), 2);
    let first = &summary.arms[0];
    assert_eq!(first.settings[1], Setting { key: "epochs".to_owned(), value: "5".to_owned() });
}

#[test]
fn damaged_predictions_are_refused() {
    let mut damaged = record("v=1", 50, None);
    damaged.log_probabilities.as_mut().unwrap().plain.pop();
    assert!(matches!(RunResult::of(&damaged), Err(StatsError::Shape { .. })));
}
