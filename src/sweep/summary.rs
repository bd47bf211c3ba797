//! The joint result of a sweep's finished runs: mean and spread of each arm,
//! and the verdict on each contrast. Independent of how it is shown and stored.

mod compare;

use super::{Arm, Plan, Preset, Reading, RunResult, Setting};
use crate::experiment::Experiment;
use crate::order;
use crate::record::DatasetInfo;
use crate::stats::intervals::{Interval, seeds_needed, spread};
use crate::stats::verdict::{Measure, Method, Verdict};
use compare::Sides;
pub(super) use compare::pixels_text;
use serde::{Deserialize, Serialize};

/// Version of the JSON schema of [`Summary`].
pub const FORMAT: u32 = 1;

/// A sweep and its result so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Schema version: `FORMAT`.
    pub format: u32,
    /// The canonical link of the sweep.
    pub link: String,
    /// What was to be expected, if the sweep is one of the ready-made ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<String>,
    /// The data that the runs saw; `None` before the first has ended.
    pub dataset: Option<DatasetInfo>,
    /// Engines with their adapters that the runs used.
    pub engines: Vec<String>,
    /// Build ids of the programs that trained the runs.
    pub builds: Vec<String>,
    /// Runs that the sweep needs.
    pub runs: usize,
    /// Runs that have ended.
    pub finished: usize,
    /// Seconds that the ended runs took together.
    pub seconds: f64,
    /// The arms, in the order of [`Plan::arms`].
    pub arms: Vec<ArmSummary>,
    /// The contrasts, in the order of [`Plan::contrasts`].
    pub contrasts: Vec<ContrastSummary>,
    /// Whether the contrasts differ between conditions, in the order of
    /// [`Plan::interactions`].
    #[serde(default)]
    pub interactions: Vec<InteractionSummary>,
    /// Ended runs that were left out, because others are of newer numerics.
    #[serde(default)]
    pub older: usize,
    /// Seeds an arm that it would take to see a difference of one point between
    /// two trained arms, from the spread of the seeds here.
    pub seeds_for_one_point: Option<u32>,
}

/// One arm's result so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmSummary {
    /// Its name, as shown.
    pub name: String,
    /// The keys that the sweep goes over, and what they are here.
    pub settings: Vec<Setting>,
    /// The canonical link of its first run.
    pub link: String,
    /// Which figure of its runs is this arm's.
    pub reading: Reading,
    /// Seeds that have a result, with their accuracy.
    pub seeds: Vec<SeedScore>,
    /// Seeds whose run diverged.
    pub diverged: Vec<u32>,
    /// Mean accuracy over the seeds, 0..1; `None` without any.
    pub mean: Option<f64>,
    /// Standard deviation over the seeds, with n − 1; `None` under two.
    pub sd: Option<f64>,
    /// Mean plain negative log-likelihood over the seeds, in nats.
    #[serde(default)]
    pub nll: Option<f64>,
    /// Mean expected calibration error over the seeds, 0..1.
    #[serde(default)]
    pub ece: Option<f64>,
}

/// The accuracy of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedScore {
    /// The seed.
    pub seed: u32,
    /// Accuracy, 0..1.
    pub accuracy: f64,
}

/// One contrast's verdict so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContrastSummary {
    /// What differs, as shown.
    pub name: String,
    /// Position in [`Summary::arms`] of the arm without it.
    pub without: usize,
    /// Position of the arm with it.
    pub with: usize,
    /// Accuracy with minus accuracy without, −1..1; `None` without a run on each side.
    pub delta: Option<f64>,
    /// 95% interval of the difference, of this contrast alone.
    pub interval: Option<Interval>,
    /// p of this contrast alone.
    pub p: Option<f64>,
    /// p after Holm's correction for all contrasts of the sweep.
    pub p_adjusted: Option<f64>,
    /// The test.
    pub method: Option<Method>,
    /// The verdict by `p_adjusted`. "Cannot tell" while runs are missing: checking after each
    /// seed would sooner or later find a difference by luck.
    pub verdict: Verdict,
    /// Verdict and figures in one sentence, or why they are missing.
    pub sentence: String,
    /// True while the verdict is withheld because runs are missing.
    #[serde(default)]
    pub provisional: bool,
    /// Trained pixels with it over those without it, where they differ.
    #[serde(default)]
    pub compute: Option<f64>,
    /// The same contrast by other figures than accuracy.
    #[serde(default)]
    pub measures: Vec<MeasureSummary>,
}

/// One contrast by another figure than accuracy. Holm's correction covers all
/// contrasts by this figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureSummary {
    /// The figure.
    pub measure: Measure,
    /// The test by this figure.
    #[serde(rename = "told")]
    pub test: TestSummary,
}

/// Whether a contrast is another one under other conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InteractionSummary {
    /// What differs, as shown.
    pub name: String,
    /// Position in [`Summary::contrasts`] of the contrast under the first conditions.
    pub first: usize,
    /// Position of the contrast under the others.
    pub other: usize,
    /// The test of the difference of the two differences: it "helps" if the gain is larger
    /// under the other conditions. Holm's correction covers all interactions.
    #[serde(rename = "told")]
    pub test: TestSummary,
}

/// The figures of a test, and its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestSummary {
    /// The difference; `None` without a run on each side.
    pub delta: Option<f64>,
    /// Its 95% interval, of this comparison alone.
    pub interval: Option<Interval>,
    /// p of this comparison alone.
    pub p: Option<f64>,
    /// p after Holm's correction.
    pub p_adjusted: Option<f64>,
    /// The test.
    pub method: Option<Method>,
    /// The verdict by `p_adjusted`, withheld while runs are missing.
    pub verdict: Verdict,
    /// Verdict and figures in one sentence, or why they are missing.
    pub sentence: String,
    /// True while the verdict is withheld because runs are missing.
    pub provisional: bool,
}

impl Summary {
    /// Sums up what `result_of` knows of the plan's runs: it is asked for each
    /// experiment of [`Plan::runs`], and may not know all of them yet.
    pub fn new<'a>(plan: &Plan, result_of: impl Fn(&Experiment) -> Option<&'a RunResult>) -> Self {
        let arms = plan.arms();
        let seeds = &plan.sweep().seeds;
        let planned = plan.runs();
        let all: Vec<&RunResult> =
            planned.iter().filter_map(|run| result_of(&run.experiment)).collect();
        let numerics = all.iter().map(|it| it.numerics).max();
        let result_of = |experiment: &Experiment| {
            result_of(experiment).filter(|it| Some(it.numerics) == numerics)
        };
        let by_arm: Vec<Vec<Seeded<'a>>> = arms
            .iter()
            .map(|arm| {
                let result = |seed: &u32| Some((*seed, result_of(&arm.run(*seed))?));
                seeds.iter().filter_map(result).collect()
            })
            .collect();
        let ended: Vec<&RunResult> =
            planned.iter().filter_map(|run| result_of(&run.experiment)).collect();
        let distinct = |text: fn(&RunResult) -> &String| -> Vec<String> {
            let mut texts: Vec<String> = ended.iter().map(|it| text(it).clone()).collect();
            order::sort_by(&mut texts, String::cmp);
            texts.dedup();
            texts
        };
        let arm_summaries: Vec<ArmSummary> =
            arms.iter().zip(&by_arm).map(|(arm, results)| arm_summary(arm, results)).collect();
        let sides = Sides {
            arms: &arms,
            results: &by_arm,
            seeds: seeds.len(),
            so_far: (ended.len(), planned.len()),
        };
        let planned_contrasts = plan.contrasts();
        let contrasts = sides.contrasts(&planned_contrasts);
        let interactions = sides.interactions(&planned_contrasts, &plan.interactions());
        Self {
            format: FORMAT,
            link: plan.link(),
            expectation: Preset::of(plan).map(|preset| preset.expectation().to_owned()),
            dataset: ended.first().map(|result| result.dataset.clone()),
            engines: distinct(|result| &result.engine),
            builds: distinct(|result| &result.build),
            runs: planned.len(),
            finished: ended.len(),
            seconds: ended.iter().map(|result| result.seconds).sum(),
            seeds_for_one_point: pooled_sd(&arm_summaries).and_then(|sd| seeds_needed(sd, 0.01)),
            arms: arm_summaries,
            contrasts,
            interactions,
            older: all.len() - ended.len(),
        }
    }
}

impl ContrastSummary {
    /// The test by accuracy.
    pub fn accuracy_test(&self) -> TestSummary {
        TestSummary {
            delta: self.delta,
            interval: self.interval,
            p: self.p,
            p_adjusted: self.p_adjusted,
            method: self.method,
            verdict: self.verdict,
            sentence: self.sentence.clone(),
            provisional: self.provisional,
        }
    }
}

/// A seed and its run's result.
type Seeded<'a> = (u32, &'a RunResult);

fn arm_summary(arm: &Arm, results: &[Seeded]) -> ArmSummary {
    let seeds: Vec<SeedScore> = results
        .iter()
        .filter_map(|(seed, result)| {
            Some(SeedScore { seed: *seed, accuracy: result.score(arm.reading)?.accuracy })
        })
        .collect();
    let accuracies: Vec<f64> = seeds.iter().map(|score| score.accuracy).collect();
    let spread = spread(&accuracies);
    let mean = |measure| {
        let values = compare::figures(results, arm.reading, measure);
        (!values.is_empty()).then(|| crate::stats::intervals::spread(&values).mean)
    };
    ArmSummary {
        name: arm.name.clone(),
        settings: arm.settings.clone(),
        link: arm.trained.link(),
        reading: arm.reading,
        diverged: results.iter().filter(|(_, it)| it.diverged).map(|(seed, _)| *seed).collect(),
        mean: (!seeds.is_empty()).then_some(spread.mean),
        sd: spread.sd,
        nll: mean(Measure::Nll),
        ece: mean(Measure::Ece),
        seeds,
    }
}

/// The standard deviation within arms, over all arms with two seeds or more.
pub(super) fn pooled_sd(arms: &[ArmSummary]) -> Option<f64> {
    let (squares, freedom) = arms
        .iter()
        .filter_map(|arm| Some((arm.sd?, arm.seeds.len() as f64 - 1.0)))
        .fold((0.0, 0.0), |(squares, freedom), (sd, n)| (squares + n * sd * sd, freedom + n));
    (freedom > 0.0).then(|| (squares / freedom).sqrt())
}

#[cfg(test)]
mod tests;
