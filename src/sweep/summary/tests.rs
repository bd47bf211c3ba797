//! Summaries of made-up records: the figures are computed by hand.

use super::*;
use crate::record::{DatasetInfo, ModelInfo, Outcome, Predictions, RunRecord, TtaResult};
use crate::stats::StatsError;
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

what it changes         by            Δ       95% interval      p (Holm)  verdict
Test-time augmentation  NLL (nats)    −0.077  −0.164 to +0.011  0.063     cannot tell
Test-time augmentation  ECE (points)  −3.33   −7.13 to +0.46    0.063     cannot tell
Mixup                   NLL (nats)    −0.230  −0.282 to −0.178  < 0.001   helps
Mixup                   ECE (points)  −10.00  −12.27 to −7.73   < 0.001   helps

made, 100 validation images; accuracies are those of the last epoch.

Each interval is of its own line alone; the verdict goes by p after Holm's correction for all lines of the same figure. Intervals over seeds hold for these validation images.

With 3 seeds per arm, a difference between two trained arms had to be about 3.6 points to be seen (80% power).

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
    // 3 fixed, none broken: χ² = 3.
    assert!((tta.p.unwrap() - 0.083_264_516_663_550_42).abs() < 1e-9);
    // Two of six runs are no verdict.
    assert!(tta.provisional && tta.verdict == Verdict::CannotTell);
    assert!(
        tta.sentence.starts_with("cannot tell yet; so far, 2 of 6 runs: +3.00 points (95% from"),
        "{}",
        tta.sentence
    );
    assert!(some.text().contains("A verdict waits for all seeds"));
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

/// A record of a link, with so many images right on so many training images.
fn trained(link: &str, right: usize, train: u32) -> RunRecord {
    let mut record = record(link, right, None);
    record.dataset.train = train;
    record
}

#[test]
fn whether_a_gain_grows_is_tested_itself() {
    let plan = plan("ls:0|0.1;noise:0|25;seed:1..3");
    let mut records = Vec::new();
    for (link, right) in [
        ("", [80, 82, 81]),
        ("&ls=0.1", [81, 82, 82]),
        ("&noise=25", [60, 62, 61]),
        ("&noise=25&ls=0.1", [70, 72, 74]),
    ] {
        for (seed, right) in (1..).zip(right) {
            let link = format!("v=1&norm=off{link}&seed={seed}");
            let canonical = crate::experiment::link::parse(&link).experiment.link();
            records.push(record(&canonical, right, None));
        }
    }
    let summary = sum_up(&plan, &records);
    let [grows] = &summary.interactions[..] else { panic!("{summary:?}") };
    assert_eq!((grows.first, grows.other), (0, 1));
    assert_eq!(grows.name, "ls 0 → 0.1 (noise=25) against noise=0");
    // (72 − 61) − (81⅔ − 81), by the four-arm form of Welch's test: numpy and scipy's t.
    assert!((grows.test.delta.unwrap() - 0.103_333_333_333_333_3).abs() < 1e-12);
    assert!((grows.test.p.unwrap() - 0.001_392_578_255_771_848).abs() < 1e-9, "{:?}", grows.test.p);
    assert!(grows.test.sentence.starts_with("larger: +10.33 points"), "{}", grows.test.sentence);
    assert!(summary.text().contains("whether the gain is another"));
    // Where a fourth seed is to come it waits.
    let four = self::plan("ls:0|0.1;noise:0|25;seed:1..4");
    let waiting = sum_up(&four, &records);
    let waits = &waiting.interactions[0].test;
    assert!(waits.provisional && waits.verdict == Verdict::CannotTell);
    assert!(waits.sentence.starts_with("cannot tell yet; so far, 12 of 16 runs: +10.33 points"));
    let csv = summary.contrasts_csv();
    assert!(csv.contains("what it changes,without,with,delta,"), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 2, "{csv}");
    let csv = summary.others_csv();
    assert_eq!(csv.lines().count(), 1 + 2 * 2 + 1, "{csv}");
    let last = csv.lines().last().unwrap();
    assert!(last.starts_with("ls 0 → 0.1 (noise=25) against noise=0,gain of accuracy,0.10"));
    assert!(last.ends_with(",larger"), "{last}");
}

#[test]
fn a_subset_is_asked_for_the_conclusion_of_the_whole() {
    let plan = plan("alone:mixup;subset:all|25;dseed:1|2;seed:1..3");
    let runs = |gains: [f64; 3]| -> Vec<RunRecord> {
        let mut records = Vec::new();
        for arm in plan.arms() {
            let settings: Vec<&str> = arm.settings.iter().map(|it| it.value.as_str()).collect();
            let (gain, train) = match settings[..] {
                [_, "all", _] => (gains[0], 1000),
                [_, _, "1"] => (gains[1], 250),
                _ => (gains[2], 250),
            };
            for (seed, luck) in (1..).zip([0.0, 2.0, 1.0]) {
                let right = 40.0 + luck + if settings[0] == "0" { 0.0 } else { gain };
                records.push(trained(&arm.run(seed).link(), right as usize, train));
            }
        }
        records
    };
    let said = |gains: [f64; 3]| sum_up(&plan, &runs(gains)).notes().join(" ");
    let told = said([12.0, 11.0, 1.0]);
    assert!(
        told.contains(
            "Mixup (subset=all): helps on all images. Of 2 subsets 1 say the same, 0 the opposite, and 1 cannot tell."
        ),
        "{told}"
    );
    let told = said([12.0, 11.0, -11.0]);
    assert!(told.contains("1 say the same, 1 the opposite, and 0 cannot tell"), "{told}");
    assert!(said([1.0, 11.0, 11.0]).contains("Mixup (subset=all): all images cannot tell"));
    // Nothing is concluded before the end.
    let some = sum_up(&plan, &runs([12.0, 11.0, 1.0])[..17]);
    assert!(!some.notes().join(" ").contains("on all images"));
}

#[test]
fn unequal_compute_is_said_beside_the_verdict() {
    let plan = plan("alone:prog|mixup;seed:1..3");
    let mut records = Vec::new();
    for arm in plan.arms() {
        for (seed, luck) in (1..).zip([0, 2, 1]) {
            let right = if arm.name == "Progressive resizing" { 40 } else { 60 };
            records.push(record(&arm.run(seed).link(), right + luck, None));
        }
    }
    let summary = sum_up(&plan, &records);
    let [prog, mixup] = &summary.contrasts[..] else { panic!("{summary:?}") };
    // 32x3,64x1 and a warm-up epoch: 3/4 + 2 of 5.
    assert_eq!(plan.arms()[1].experiment.link(), "v=1&norm=off&prog=32x3,64x1&seed=1");
    assert!((prog.compute.unwrap() - 0.55).abs() < 1e-12);
    assert_eq!(mixup.compute, None);
    assert!(prog.sentence.starts_with("hurts: −20.00 points"), "{}", prog.sentence);
    assert!(prog.sentence.ends_with("; trained on 0.55 times the pixels"), "{}", prog.sentence);
    let text = summary.text();
    assert!(text.contains("hurts; trained on 0.55 times the pixels"), "{text}");
    assert!(text.contains("v=1&norm=off&sweep=alone:prog|mixup|equal;seed:1..3"), "{text}");
}

#[test]
fn runs_of_older_numerics_are_left_out_and_counted() {
    let plan = plan("alone:mixup|tta;seed:1..3");
    let mut records = ablation();
    for record in &mut records[..2] {
        record.numerics = 1;
    }
    let summary = sum_up(&plan, &records);
    assert_eq!((summary.finished, summary.older, summary.arms[0].seeds.len()), (4, 2, 1));
    assert!(summary.text().contains("2 of the runs were trained before the pixels and sums"));
    assert!(summary.contrasts[1].sentence.contains("needs 3 seeds, and there are 1"));
    // All of one kind go together, whichever.
    for record in &mut records {
        record.numerics = 1;
    }
    let old = sum_up(&plan, &records);
    assert_eq!((old.finished, old.older), (6, 0));
}

#[test]
fn two_seeds_of_the_same_weights_are_judged_on_their_images() {
    let plan = plan("alone:tta;seed:1|2");
    let records: Vec<RunRecord> = [(1, 50, 63), (2, 52, 66)]
        .map(|(seed, right, tta)| {
            record(&format!("v=1&norm=off&tta=4&seed={seed}"), right, Some(tta))
        })
        .to_vec();
    let summary = sum_up(&plan, &records);
    let [tta] = &summary.contrasts[..] else { panic!("{summary:?}") };
    assert_eq!((tta.method, tta.verdict), (Some(Method::Images), Verdict::Helps));
    assert!(tta.sentence.ends_with("for these two sets of weights"), "{}", tta.sentence);
    // Loss and calibration have no images to count: three seeds, or nothing.
    let nll = &tta.measures[0];
    assert_eq!(nll.measure, Measure::Nll);
    assert_eq!(nll.test.sentence, "cannot tell (needs 3 seeds, and there are 2)");
}
