//! What the finished runs of a sweep say together: mean and spread of each arm,
//! and the verdict on each contrast. Independent of how it is shown and stored.

use super::{Arm, Contrast, Plan, Preset, Reading, RunResult, Score, Setting};
use crate::experiment::Experiment;
use crate::order;
use crate::record::DatasetInfo;
use crate::stats::StatsError;
use crate::stats::intervals::{Interval, Pairs, seeds_needed, spread};
use crate::stats::verdict::{Comparison, Evidence, Judgement, Method, Verdict, judge};
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
    /// Seeds an arm that it would take to see a difference of one point between
    /// two trained arms, from the spread of the seeds here.
    pub seeds_for_one_point: Option<u32>,
}

/// One arm's result so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmSummary {
    /// For people.
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
    /// What differs, for people.
    pub name: String,
    /// Position in [`Summary::arms`] of the arm without it.
    pub without: usize,
    /// Position of the arm with it.
    pub with: usize,
    /// Accuracy with minus accuracy without, −1..1; `None` without a run a side.
    pub delta: Option<f64>,
    /// 95% interval of the difference, of this contrast alone.
    pub interval: Option<Interval>,
    /// p of this contrast alone.
    pub p: Option<f64>,
    /// p after Holm's correction for all contrasts of the sweep.
    pub p_adjusted: Option<f64>,
    /// The test.
    pub method: Option<Method>,
    /// The verdict, which goes by `p_adjusted`.
    pub verdict: Verdict,
    /// Verdict and figures in one sentence, or why there are none.
    pub sentence: String,
}

impl Summary {
    /// Sums up what `result_of` knows of the plan's runs: it is asked for each
    /// experiment of [`Plan::runs`], and may not know all of them yet.
    pub fn new<'a>(plan: &Plan, result_of: impl Fn(&Experiment) -> Option<&'a RunResult>) -> Self {
        let arms = plan.arms();
        let seeds = &plan.sweep().seeds;
        let by_arm: Vec<Vec<Seeded<'a>>> = arms
            .iter()
            .map(|arm| {
                let result = |seed: &u32| Some((*seed, result_of(&arm.run(*seed))?));
                seeds.iter().filter_map(result).collect()
            })
            .collect();
        let planned = plan.runs();
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
        let contrasts = contrast_summaries(&plan.contrasts(), &arms, &by_arm);
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
    ArmSummary {
        name: arm.name.clone(),
        settings: arm.settings.clone(),
        link: arm.trained.link(),
        reading: arm.reading,
        diverged: results.iter().filter(|(_, it)| it.diverged).map(|(seed, _)| *seed).collect(),
        mean: (!seeds.is_empty()).then_some(spread.mean),
        sd: spread.sd,
        seeds,
    }
}

fn contrast_summaries(
    contrasts: &[Contrast],
    arms: &[Arm],
    results: &[Vec<Seeded>],
) -> Vec<ContrastSummary> {
    let none: &[Seeded] = &[];
    let side = |index: usize| results.get(index).map_or(none, Vec::as_slice);
    let reading = |index: usize| arms.get(index).map_or(Reading::Plain, |arm| arm.reading);
    let comparisons: Vec<Comparison> = contrasts
        .iter()
        .map(|contrast| {
            let without = (side(contrast.without), reading(contrast.without));
            let with = (side(contrast.with), reading(contrast.with));
            compare(without, with, contrast.only_tta)
        })
        .collect();
    contrasts
        .iter()
        .zip(judge(&comparisons))
        .map(|(contrast, judgement)| {
            let both = [side(contrast.without), side(contrast.with)];
            let diverged = both.iter().flat_map(|side| side.iter()).filter(|(_, it)| it.diverged);
            contrast_summary(contrast, &judgement, diverged.count())
        })
        .collect()
}

/// Chooses the comparison: by pairs of the same images where both sides are the
/// same trained weights, else by accuracies per seed.
fn compare(
    (without, without_reading): (&[Seeded], Reading),
    (with, with_reading): (&[Seeded], Reading),
    only_tta: bool,
) -> Comparison {
    if only_tta {
        let pairs: Result<Vec<Pairs>, NotPaired> = without
            .iter()
            .filter_map(|(seed, a)| Some((*a, with.iter().find(|(other, _)| other == seed)?.1)))
            .filter(|(a, b)| !a.diverged && !b.diverged)
            .map(|(a, b)| pair(a, without_reading, b, with_reading))
            .collect();
        if let Ok(pairs) = pairs {
            return Comparison::SameWeights { pairs };
        }
    }
    let accuracies = |results: &[Seeded], reading| -> Vec<f64> {
        results.iter().filter_map(|(_, it)| Some(it.score(reading)?.accuracy)).collect()
    };
    Comparison::Retrained {
        baseline: accuracies(without, without_reading),
        variant: accuracies(with, with_reading),
    }
}

/// Two results cannot be compared image by image.
struct NotPaired;

impl From<StatsError> for NotPaired {
    fn from(_: StatsError) -> Self {
        Self
    }
}

/// The pairs of two readings, if the plain predictions show the same weights.
fn pair(
    a: &RunResult,
    a_reading: Reading,
    b: &RunResult,
    b_reading: Reading,
) -> Result<Pairs, NotPaired> {
    fn correct(score: Option<&Score>) -> Option<&[bool]> {
        score?.correct.as_deref()
    }
    let same_weights = correct(a.plain.as_ref()) == correct(b.plain.as_ref());
    match (correct(a.score(a_reading)), correct(b.score(b_reading))) {
        (Some(a), Some(b)) if same_weights => Ok(Pairs::new(a, b)?),
        _ => Err(NotPaired),
    }
}

fn contrast_summary(
    contrast: &Contrast,
    judgement: &Judgement,
    diverged: usize,
) -> ContrastSummary {
    let evidence: Option<&Evidence> = judgement.evidence.as_ref().ok();
    // Leaving out the runs that failed would flatter the arm that has them.
    let (verdict, sentence) = if diverged > 0 {
        let runs = if diverged == 1 { "run" } else { "runs" };
        let verdict = Verdict::CannotTell;
        (verdict, format!("{} ({diverged} {runs} diverged)", verdict.name()))
    } else if judgement.delta.is_none() {
        (judgement.verdict, format!("{} (no result yet)", judgement.verdict.name()))
    } else {
        (judgement.verdict, judgement.to_string())
    };
    ContrastSummary {
        name: contrast.name.clone(),
        without: contrast.without,
        with: contrast.with,
        delta: judgement.delta,
        interval: evidence.map(|it| it.interval),
        p: evidence.map(|it| it.p),
        p_adjusted: evidence.map(|it| it.p_adjusted),
        method: evidence.map(|it| it.method),
        verdict,
        sentence,
    }
}

/// The standard deviation within arms, over all arms with two seeds or more.
fn pooled_sd(arms: &[ArmSummary]) -> Option<f64> {
    let (squares, freedom) = arms
        .iter()
        .filter_map(|arm| Some((arm.sd?, arm.seeds.len() as f64 - 1.0)))
        .fold((0.0, 0.0), |(squares, freedom), (sd, n)| (squares + n * sd * sd, freedom + n));
    (freedom > 0.0).then(|| (squares / freedom).sqrt())
}

#[cfg(test)]
mod tests;
