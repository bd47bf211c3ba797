//! Compares two recipes with several seeds each: what the seeds show about the difference,
//! and how many it would take. A recipe is a run's link without its seed.

use super::super::RunEntry;
use super::super::compare::{Relation, experiment_of, recipe, same_figures, same_images};
use crate::format::percent;
use crate::order;
use crate::stats::StatsError;
use crate::stats::intervals::{
    Interval, MIN_SEEDS_FOR_BOOTSTRAP, Pairs, TwoLevel, images_needed, points, seeds_needed, spread,
};
use crate::stats::verdict::{Comparison, MIN_SEEDS, judge};
use crate::text;
use std::rc::Rc;

/// The finished runs of two recipes, one for each seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arms {
    /// Runs of the first recipe by seed.
    pub before: Vec<(u32, Rc<RunEntry>)>,
    /// Runs of the second recipe by seed.
    pub after: Vec<(u32, Rc<RunEntry>)>,
}

/// Gathers the runs that have the recipe of either run, on the same images, engine and
/// numerics. Of several with one seed the picked run counts, else the latest.
pub fn arms(runs: &[Rc<RunEntry>], before: &RunEntry, after: &RunEntry) -> Arms {
    let finished: Vec<_> =
        runs.iter().filter(|run| run.finished()).map(|run| (run, experiment_of(run))).collect();
    let arm = |of: &RunEntry| {
        let mut arm: Vec<(u32, Rc<RunEntry>)> = Vec::new();
        let experiment = experiment_of(of);
        let wanted = recipe(experiment.clone());
        let alike = finished.iter().filter(|(run, other)| {
            let (a, b) = (&run.record, &of.record);
            a.engine == b.engine
                && a.numerics == b.numerics
                && same_images(run, of, other, &experiment)
                && recipe(other.clone()) == wanted
        });
        for (run, other) in alike {
            match arm.iter_mut().find(|(seed, _)| *seed == other.seed) {
                Some((_, there)) if there.id == of.id => {}
                Some((_, there)) => *there = (*run).clone(),
                None => arm.push((other.seed, (*run).clone())),
            }
        }
        order::sort_by(&mut arm, |a, b| a.0.cmp(&b.0));
        arm
    };
    Arms { before: arm(before), after: arm(after) }
}

impl Arms {
    /// Seeds of the smaller side.
    pub fn seeds(&self) -> usize {
        self.before.len().min(self.after.len())
    }

    fn accuracies(&self) -> [Vec<f64>; 2] {
        [&self.before, &self.after].map(|arm| arm.iter().map(|(_, run)| run.accuracy()).collect())
    }

    /// The standard deviation of accuracy over the seeds of one side, of both
    /// sides pooled; `None` with one seed a side.
    fn sd(&self) -> Option<f64> {
        let sides = self.accuracies().map(|side| spread(&side));
        let (squares, freedom) = sides
            .iter()
            .filter_map(|side| Some((side.sd?, side.count as f64 - 1.0)))
            .fold((0.0, 0.0), |(squares, all), (sd, freedom)| {
                (squares + sd * sd * freedom, all + freedom)
            });
        (freedom > 0.0).then(|| (squares / freedom).sqrt())
    }
}

/// The result of the seeds, in sentences: the means, the interval, the verdict.
pub fn seeds_sentences(arms: &Arms, relation: Relation, before: u32, after: u32) -> Vec<String> {
    match relation {
        Relation::OtherImages | Relation::OtherNumerics | Relation::Same => return Vec::new(),
        Relation::OtherSeed => {
            let [all, _] = arms.accuracies();
            return one_recipe(&all).into_iter().collect();
        }
        Relation::OnlyTta | Relation::OtherWeights | Relation::OtherTraining => {}
    }
    let [a, b] = arms.accuracies();
    if arms.seeds() < 2 {
        let needed = MIN_SEEDS.to_string();
        return vec![if a.len() == b.len() {
            text::pair_one_seed(&needed)
        } else {
            text::pair_one_side(&needed)
        }];
    }
    let mean = |side: &[f64], number: u32| {
        let spread = spread(side);
        let (number, mean) = (number.to_string(), percent(spread.mean));
        match spread.sd {
            Some(sd) => text::pair_recipe_sd(
                &number,
                &mean,
                spread.count,
                &text::decimal(&format!("{:.2}", 100.0 * sd)),
            ),
            None => text::pair_recipe(&number, &mean, spread.count),
        }
    };
    let same_weights = paired(arms).filter(|_| relation == Relation::OnlyTta);
    let paired = match &same_weights {
        Some(Comparison::SameWeightsFigures { differences }) => Some(differences.len()),
        _ => None,
    };
    let comparison = same_weights
        .unwrap_or_else(|| Comparison::Retrained { baseline: a.clone(), variant: b.clone() });
    let judged = judge(&[comparison]);
    let verdict = judged.first().map(|judged| match paired {
        Some(seeds) => text::pair_verdict_weights(seeds, &judged.to_string()),
        None => text::pair_verdict(&judged.to_string()),
    });
    vec![mean(&a, before), mean(&b, after), verdict.unwrap_or_default()]
}

/// How far luck alone goes, from the runs of one recipe.
fn one_recipe(accuracies: &[f64]) -> Option<String> {
    let spread = spread(accuracies);
    let sd = spread.sd?;
    let (mean, sd) = (percent(spread.mean), text::decimal(&format!("{:.2}", 100.0 * sd)));
    Some(text::pair_one_recipe(spread.count, &mean, &sd))
}

/// Test-time augmentation trains nothing: the same seed is the same weights, so
/// that the differences within the seeds are what counts. `None` where a seed's runs
/// do not have the same figures, and so not the same weights.
fn paired(arms: &Arms) -> Option<Comparison> {
    let shared = arms.before.iter().filter_map(|(seed, run)| {
        let (_, other) = arms.after.iter().find(|(known, _)| known == seed)?;
        Some((run, other))
    });
    let differences: Option<Vec<f64>> = shared
        .map(|(run, other)| same_figures(run, other).then(|| other.accuracy() - run.accuracy()))
        .collect();
    Some(Comparison::SameWeightsFigures { differences: differences? })
}

/// What it would take to see one point.
pub fn power_sentence(arms: &Arms, pairs: &Pairs) -> String {
    const POINT: f64 = 0.01;
    let changed = (pairs.fixed + pairs.broken) as f64 / pairs.n.max(1) as f64;
    let seeds = arms.sd().map(|sd| seeds_needed(sd, POINT).map_or(MIN_SEEDS as u64, u64::from));
    match (seeds, images_needed(changed, POINT)) {
        (Some(seeds), Some(images)) => text::pair_power_both(seeds, images),
        (None, Some(images)) => text::pair_power_images(images),
        (Some(seeds), None) => text::pair_power_seeds(seeds),
        (None, None) => String::new(),
    }
}

/// The two-level bootstrap of two arms, computed a few resamples at a time.
pub struct Bootstrap {
    inner: TwoLevel,
    at_once: u32,
}

impl Bootstrap {
    /// Resamples of the whole computation.
    pub const RESAMPLES: u32 = 2000;
    /// Predictions that are counted in a few milliseconds.
    const AT_ONCE: usize = 500_000;

    /// Begins with which images each run has right, all in the same order.
    ///
    /// # Errors
    /// Under [`MIN_SEEDS_FOR_BOOTSTRAP`] runs a side, or on other images.
    pub fn new(before: Vec<Vec<bool>>, after: Vec<Vec<bool>>) -> Result<Self, StatsError> {
        let all = before.iter().chain(&after).map(Vec::len).sum::<usize>().max(1);
        let at_once = (Self::AT_ONCE / all).clamp(1, 20) as u32;
        Ok(Self { inner: TwoLevel::new(before, after, 0)?, at_once })
    }

    /// Computes on for a few milliseconds. The interval, once it is done.
    pub fn step(&mut self) -> Option<Interval> {
        let done = self.inner.draw(self.at_once);
        (done >= Self::RESAMPLES).then(|| self.inner.interval())
    }
}

/// Why there is no two-level bootstrap, or what it gave.
pub fn bootstrap_sentence(seeds: usize, interval: Option<Interval>) -> String {
    match interval {
        Some(interval) => {
            text::pair_bootstrap_interval(&points(interval.low), &points(interval.high))
        }
        None if seeds < MIN_SEEDS_FOR_BOOTSTRAP => format!(
            "The two-level bootstrap over seeds and images comes in from \
             {MIN_SEEDS_FOR_BOOTSTRAP} seeds a side: with 3 its 95% interval covers only about \
             79%."
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TtaResult;
    use crate::runs::tests::entry;

    fn run(id: &str, link: &str, accuracy: f64) -> Rc<RunEntry> {
        Rc::new(entry(id, link, accuracy))
    }

    fn plain_and_mixup(plain: &[f64], mixup: &[f64]) -> Vec<Rc<RunEntry>> {
        let side = |name: &'static str, extra: &'static str, accuracies: &[f64]| {
            let seeds = accuracies.iter().enumerate();
            seeds
                .map(|(seed, accuracy)| {
                    run(&format!("{name}{seed}"), &format!("v=1&seed={seed}{extra}"), *accuracy)
                })
                .collect::<Vec<_>>()
        };
        [side("plain", "", plain), side("mixup", "&mixup=0.4", mixup)].concat()
    }

    fn arms_of(runs: &[Rc<RunEntry>]) -> Arms {
        let first = |name: &str| runs.iter().find(|run| run.id.starts_with(name)).unwrap();
        arms(runs, first("plain"), first("mixup"))
    }

    #[test]
    fn arms_gather_finished_runs_of_a_recipe_one_a_seed() {
        let mut runs = plain_and_mixup(&[0.5, 0.51], &[0.6]);
        runs.push(run("again", "v=1&seed=1", 0.52));
        runs.push(run("other", "v=1&valid=10&seed=5", 0.9));
        let mut stopped = entry("stopped", "v=1&seed=9", 0.1);
        stopped.record.outcome = crate::record::Outcome::Stopped;
        runs.push(Rc::new(stopped));
        let arms = arms_of(&runs);
        let ids: Vec<_> = arms.before.iter().map(|(_, run)| run.id.as_str()).collect();
        assert_eq!(ids, ["plain0", "again"]);
        assert_eq!(arms.after.len(), 1);
    }

    #[test]
    fn the_picked_run_counts_even_if_its_seed_was_trained_again() {
        let mut runs = plain_and_mixup(&[0.5], &[0.6]);
        runs.push(run("again", "v=1&seed=0", 0.4));
        let arms = arms_of(&runs);
        assert_eq!(arms.before[0].1.id, "plain0");
    }

    #[test]
    fn one_and_two_seeds_do_not_tell_three_do() {
        let sentences = |plain: &[f64], mixup: &[f64]| {
            let runs = plain_and_mixup(plain, mixup);
            seeds_sentences(&arms_of(&runs), Relation::OtherTraining, 1, 2).join(" ")
        };
        assert!(sentences(&[0.5], &[0.6]).starts_with("One seed per side: no interval"));
        assert!(sentences(&[0.5, 0.51], &[0.6]).starts_with("One side has one seed"));
        let two = sentences(&[0.5, 0.51], &[0.6, 0.61]);
        assert!(two.contains("mean 50.5% over 2 seeds"), "{two}");
        assert!(two.contains("cannot tell (needs 3 seeds, and there are 2)"), "{two}");
        let three = sentences(&[0.5, 0.51, 0.505], &[0.6, 0.61, 0.604]);
        assert!(three.contains("helps: +9.97 points (95% from"), "{three}");
        assert!(three.contains("Welch's t test"), "{three}");
    }

    #[test]
    fn other_seeds_of_one_recipe_tell_how_far_luck_goes() {
        let runs = plain_and_mixup(&[0.5, 0.52], &[0.6]);
        let arms = arms(&runs, &runs[0], &runs[1]);
        let sentences = seeds_sentences(&arms, Relation::OtherSeed, 1, 2);
        assert_eq!(
            sentences,
            ["This recipe over 2 seeds: mean 51.0%, standard deviation 1.41 points."]
        );
        assert!(seeds_sentences(&arms, Relation::Same, 1, 2).is_empty());
    }

    #[test]
    fn tta_is_paired_by_seed() {
        let mut runs = Vec::new();
        for (seed, (plain, tta)) in [(0.5, 0.51), (0.6, 0.612), (0.4, 0.409)].iter().enumerate() {
            runs.push(run(&format!("plain{seed}"), &format!("v=1&seed={seed}"), *plain));
            let mut augmented =
                entry(&format!("mixup{seed}"), &format!("v=1&seed={seed}&tta=4"), *plain);
            augmented.record.tta = Some(TtaResult { accuracy: *tta, passes: 5, seconds: 1.0 });
            runs.push(Rc::new(augmented));
        }
        let sentences = seeds_sentences(&arms_of(&runs), Relation::OnlyTta, 1, 2);
        assert!(sentences[2].contains("Over 3 seeds with the same weights"), "{sentences:?}");
        assert!(sentences[2].contains("+1.03 points") && sentences[2].contains("paired t test"));
        // Two seeds are too few, and other weights do not pair.
        let sentences = seeds_sentences(&arms_of(&runs[..4]), Relation::OnlyTta, 1, 2);
        assert!(
            sentences[2].contains("cannot tell (needs 3 seeds, and there are 2)"),
            "{sentences:?}"
        );
        Rc::make_mut(&mut runs[0]).record.epochs[0].nll += 0.01;
        let sentences = seeds_sentences(&arms_of(&runs), Relation::OnlyTta, 1, 2);
        assert!(sentences[2].ends_with("by Welch's t test over the seeds."), "{sentences:?}");
    }

    #[test]
    fn one_arm_holds_runs_of_one_engine_and_numerics() {
        let runs = plain_and_mixup(&[0.5, 0.51, 0.52], &[0.6, 0.61, 0.62]);
        let (before, after) = (runs[0].clone(), runs[3].clone());
        assert_eq!(arms(&runs, &before, &after).before.len(), 3);
        let with = |change: fn(&mut RunEntry)| {
            let mut runs = runs.clone();
            change(Rc::make_mut(&mut runs[1]));
            arms(&runs, &before, &after).before.len()
        };
        assert_eq!(with(|run| run.record.engine = "webgpu".to_owned()), 2);
        assert_eq!(with(|run| run.record.numerics = 1), 2);
    }

    #[test]
    fn power_names_seeds_and_images() {
        let pairs = Pairs { n: 500, fixed: 30, broken: 20 };
        let one = arms_of(&plain_and_mixup(&[0.5], &[0.6]));
        let text = power_sentence(&one, &pairs);
        assert!(text.contains("7,842 images") && text.contains("once one of them"), "{text}");
        let three = arms_of(&plain_and_mixup(&[0.50, 0.51, 0.52], &[0.6, 0.61, 0.62]));
        let text = power_sentence(&three, &pairs);
        assert!(text.contains("about 17 seeds per side"), "{text}");
    }

    #[test]
    fn the_bootstrap_comes_in_steps_and_from_ten_seeds() {
        let few = vec![vec![true, false]; 3];
        assert!(Bootstrap::new(few.clone(), few).is_err());
        assert!(bootstrap_sentence(3, None).contains("79%"));
        let side = |right: usize| -> Vec<Vec<bool>> {
            (0..10).map(|_| (0..50).map(|image| image < right).collect()).collect()
        };
        let mut bootstrap = Bootstrap::new(side(20), side(30)).unwrap();
        let interval = (0..200).find_map(|_| bootstrap.step()).unwrap();
        let whole = crate::stats::intervals::two_level_bootstrap(
            &side(20),
            &side(30),
            Bootstrap::RESAMPLES,
            0,
        );
        assert_eq!(Ok(interval), whole);
        assert!(interval.contains(0.2));
        assert!(bootstrap_sentence(10, Some(interval)).contains("95% from +"));
    }
}
