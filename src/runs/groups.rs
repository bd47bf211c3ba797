//! Groups of runs that differ only in their seed: mean, spread, and the comparison with another
//! group. Independent of how it is shown.

use super::RunEntry;
use crate::experiment::key::Difference;
use crate::order;
use crate::runs::compare::{Relation, TTA, compare, same_figures};
use crate::stats::intervals::{Interval, Spread, one_sample, spread, welch};
use crate::stats::verdict::{Comparison, judge_list};
use crate::text;
use std::collections::HashMap;
use std::rc::Rc;

/// A line of the list: one run, or several that differ only in their seed.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// One run.
    Run(Rc<RunEntry>),
    /// Several.
    Group(Rc<Group>),
}

/// Finished runs of one recipe on the same data, engine and numerics, with different
/// seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common: names the group.
    pub key: String,
    /// The runs, oldest first.
    pub runs: Vec<Rc<RunEntry>>,
    /// The latest run of each seed, in the order of the seeds.
    pub members: Vec<Rc<RunEntry>>,
    /// The accuracy of each seed, in the order of the seeds; of a seed that was
    /// trained more than once the latest run counts.
    pub seeds: Vec<(u32, f64)>,
    /// Mean and standard deviation of those accuracies.
    pub spread: Spread,
}

impl Line {
    /// Names the line: the run's id, or the group's key.
    pub fn key(&self) -> &str {
        match self {
            Self::Run(run) => &run.id,
            Self::Group(group) => &group.key,
        }
    }

    /// Its runs, oldest first.
    pub fn runs(&self) -> &[Rc<RunEntry>] {
        match self {
            Self::Run(run) => std::slice::from_ref(run),
            Self::Group(group) => &group.runs,
        }
    }

    /// The latest of its runs.
    pub fn latest(&self) -> Option<&Rc<RunEntry>> {
        self.runs().last()
    }

    /// The latest of its runs of each seed.
    fn members(&self) -> &[Rc<RunEntry>] {
        match self {
            Self::Run(run) => std::slice::from_ref(run),
            Self::Group(group) => &group.members,
        }
    }

    /// Accuracy of each seed.
    fn accuracies(&self) -> Vec<f64> {
        match self {
            Self::Run(run) => vec![run.accuracy()],
            Self::Group(group) => group.seeds.iter().map(|(_, accuracy)| *accuracy).collect(),
        }
    }
}

impl Group {
    fn new(key: String, runs: Vec<Rc<RunEntry>>) -> Self {
        // Later runs replace earlier ones of the same seed.
        let mut members: Vec<(u32, Rc<RunEntry>)> = Vec::new();
        for run in &runs {
            match members.iter_mut().find(|(known, _)| *known == seed(run)) {
                Some((_, there)) => *there = run.clone(),
                None => members.push((seed(run), run.clone())),
            }
        }
        order::sort_by(&mut members, |a, b| a.0.cmp(&b.0));
        let seeds: Vec<(u32, f64)> =
            members.iter().map(|(seed, run)| (*seed, run.accuracy())).collect();
        let accuracies: Vec<f64> = seeds.iter().map(|(_, accuracy)| *accuracy).collect();
        let spread = spread(&accuracies);
        Self {
            key,
            runs,
            members: members.into_iter().map(|(_, run)| run).collect(),
            seeds,
            spread,
        }
    }

    /// The 95% interval of the mean over other seeds, by Student's t; `None` where
    /// the seeds have no spread.
    pub fn interval(&self) -> Option<Interval> {
        let accuracies: Vec<f64> = self.seeds.iter().map(|(_, accuracy)| *accuracy).collect();
        let test = one_sample(&accuracies).ok()?;
        Some(Interval { low: test.interval.low.max(0.0), high: test.interval.high.min(1.0) })
    }
}

/// The lines of a list of runs, newest first. Only finished runs are grouped, and
/// only where there is more than one seed.
pub fn lines(runs: &[Rc<RunEntry>]) -> Vec<Line> {
    let mut by_recipe: HashMap<String, Vec<&Rc<RunEntry>>> = HashMap::new();
    for run in runs.iter().filter(|run| run.finished()) {
        by_recipe.entry(recipe(run)).or_default().push(run);
    }
    let mut groups: HashMap<&str, Rc<Group>> = HashMap::new();
    for (key, members) in &by_recipe {
        let first = members.first().map(|run| seed(run));
        if members.iter().any(|run| Some(seed(run)) != first) {
            let group = Group::new(key.clone(), members.iter().map(|run| (*run).clone()).collect());
            let group = Rc::new(group);
            groups.extend(members.iter().map(|run| (run.id.as_str(), group.clone())));
        }
    }
    let mut lines: Vec<Line> = Vec::new();
    for run in runs.iter().rev() {
        match groups.get(run.id.as_str()) {
            None => lines.push(Line::Run(run.clone())),
            // A group stands where its latest run does.
            Some(group) if group.runs.last().is_some_and(|last| last.id == run.id) => {
                lines.push(Line::Group(group.clone()));
            }
            Some(_) => {}
        }
    }
    lines
}

/// What the runs of one group have in common. Canonical links hold a seed and the
/// wish to start as whole parts, so that they need not be parsed.
fn recipe(run: &RunEntry) -> String {
    let record = &run.record;
    let parts: Vec<&str> = record
        .link
        .split('&')
        .filter(|part| !part.starts_with("seed=") && !part.starts_with("run="))
        .collect();
    let (engine, hash, numerics) = (&record.engine, &record.dataset.hash, record.numerics);
    format!("{}|{engine}|{hash}|{numerics}", parts.join("&"))
}

/// The seed of a run's canonical link.
fn seed(run: &RunEntry) -> u32 {
    let written = run.record.link.split('&').find_map(|part| part.strip_prefix("seed="));
    written.and_then(|seed| seed.parse().ok()).unwrap_or(42)
}

/// A line of the list against another, of which at least one is a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    /// Mean accuracy minus that of the baseline; `None` where they do not compare.
    pub difference: Option<f64>,
    /// Its 95% interval over other seeds, for these validation images, from two seeds a
    /// side on.
    pub interval: Option<Interval>,
    /// The keys in which their recipes differ; of groups the seed is none.
    pub changes: Vec<Difference>,
    /// The verdict in a sentence, or why there is none.
    pub sentence: String,
}

/// Compares each line with its baseline by the accuracies of their seeds. The verdicts
/// are judged together, so that Holm's correction goes over all of them.
pub fn versus(pairs: &[(Line, Line)]) -> Vec<Versus> {
    let parts: Vec<_> = pairs.iter().filter_map(|(line, baseline)| part(line, baseline)).collect();
    let comparisons: Vec<Comparison> =
        parts.iter().filter_map(|(_, comparison)| comparison.clone()).collect();
    let mut judged = judge_list(&comparisons).into_iter();
    let mut verdicts = Vec::with_capacity(parts.len());
    for (mut versus, comparison) in parts {
        if let Some(comparison) = comparison
            && let Some(judged) = judged.next()
        {
            versus.sentence = judged.to_string();
            versus.difference = judged.delta;
            versus.interval = match (judged.evidence, comparison) {
                (Ok(evidence), _) => Some(evidence.interval),
                (Err(_), Comparison::Retrained { baseline, variant }) => {
                    welch(&baseline, &variant).ok().map(|test| test.interval)
                }
                (Err(_), _) => None,
            };
        }
        verdicts.push(versus);
    }
    verdicts
}

/// What two lines have to do with each other, and what is to be tested, if anything.
fn part(line: &Line, baseline: &Line) -> Option<(Versus, Option<Comparison>)> {
    let (a, b) = (line.latest()?, baseline.latest()?);
    let (this, other) = (a.experiment(), b.experiment());
    let mut changes = this.differences(&other);
    changes.retain(|change| change.key != "seed" && change.key != "run");
    let relation = compare(a, b).relation;
    let (variant, accuracies) = (line.accuracies(), baseline.accuracies());
    let difference = spread(&variant).mean - spread(&accuracies).mean;
    let mut versus = Versus { difference: None, interval: None, changes, sentence: String::new() };
    if !relation.compares() {
        versus.sentence = relation.verdict().to_owned();
        if relation == Relation::OtherNumerics {
            versus.sentence = relation.reason().to_owned();
        }
        return Some((versus, None));
    }
    versus.difference = Some(difference);
    if versus.changes.is_empty() {
        versus.sentence = text::relation_same_recipe().to_owned();
        return Some((versus, None));
    }
    let comparison = same_weights(line, baseline, &versus.changes)
        .unwrap_or(Comparison::Retrained { baseline: accuracies, variant });
    Some((versus, Some(comparison)))
}

/// Test-time augmentation trains nothing: the differences within the seeds, if nothing
/// else differs and the runs of every common seed have the same figures.
fn same_weights(line: &Line, baseline: &Line, changes: &[Difference]) -> Option<Comparison> {
    if !changes.iter().all(|change| TTA.contains(&change.key)) {
        return None;
    }
    let mut differences = Vec::new();
    for run in line.members() {
        let twin = baseline.members().iter().find(|other| seed(other) == seed(run));
        if let Some(twin) = twin {
            let same = run.record.engine == twin.record.engine && same_figures(run, twin);
            differences.push(same.then(|| run.accuracy() - twin.accuracy())?);
        }
    }
    (!differences.is_empty()).then_some(Comparison::SameWeightsFigures { differences })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Outcome, TtaResult};
    use crate::runs::tests::entry;

    fn run(id: &str, link: &str, accuracy: f64, hour: u32) -> Rc<RunEntry> {
        let mut run = entry(id, link, accuracy);
        run.record.date = format!("2026-03-01T{hour:02}:00:00Z");
        Rc::new(run)
    }

    fn keys(lines: &[Line]) -> Vec<Vec<&str>> {
        lines.iter().map(|line| line.runs().iter().map(|run| run.id.as_str()).collect()).collect()
    }

    #[test]
    fn runs_that_differ_only_in_their_seed_are_one_line_where_the_latest_is() {
        let runs = [
            run("a", "v=1&seed=1", 0.5, 1),
            run("b", "v=1&mixup=0.4&seed=1", 0.6, 2),
            run("c", "v=1&seed=2&run=1", 0.52, 3),
            run("d", "v=1&bs=32", 0.4, 4),
            run("e", "v=1", 0.54, 5),
        ];
        let made = lines(&runs);
        assert_eq!(keys(&made), [vec!["a", "c", "e"], vec!["d"], vec!["b"]].map(Vec::from));
        let Line::Group(group) = &made[0] else { panic!("{:?}", made[0]) };
        assert_eq!(group.seeds, [(1, 0.5), (2, 0.52), (42, 0.54)]);
        assert!((group.spread.mean - 0.52).abs() < 1e-12);
        let interval = group.interval().unwrap();
        assert!(interval.low < 0.5 && interval.high > 0.54);
    }

    #[test]
    fn other_data_engines_and_unfinished_runs_stay_apart_and_a_seed_counts_once() {
        let mut other = entry("b", "v=1&seed=2", 0.5);
        other.record.dataset.hash = "other".into();
        let mut gpu = entry("c", "v=1&seed=3", 0.5);
        gpu.record.engine = "webgpu".into();
        let mut stopped = entry("d", "v=1&seed=4", 0.5);
        stopped.record.outcome = Outcome::Stopped;
        let all = [entry("a", "v=1&seed=1", 0.5), other, gpu, stopped].map(Rc::new);
        assert_eq!(lines(&all).len(), 4);
        // The same seed twice tells nothing of the spread.
        let twice = [run("a", "v=1", 0.5, 1), run("b", "v=1", 0.5, 2)];
        assert_eq!(lines(&twice).len(), 2);
        let thrice = [twice[0].clone(), twice[1].clone(), run("c", "v=1&seed=1", 0.6, 3)];
        let Line::Group(group) = &lines(&thrice)[0] else { panic!("no group") };
        assert_eq!((group.runs.len(), group.spread.count), (3, 2));
    }

    #[test]
    fn groups_are_compared_by_their_seeds() {
        let line = |link: &str, accuracies: &[f64]| {
            let runs: Vec<_> = (1..)
                .zip(accuracies)
                .map(|(seed, accuracy)| {
                    run(&format!("{link}{seed}"), &format!("{link}&seed={seed}"), *accuracy, seed)
                })
                .collect();
            lines(&runs).remove(0)
        };
        let plain = line("v=1", &[0.50, 0.51, 0.52]);
        let better = line("v=1&mixup=0.4", &[0.60, 0.61, 0.62]);
        let versus =
            |line: &Line, baseline: &Line| versus(&[(line.clone(), baseline.clone())]).remove(0);
        let found = versus(&better, &plain);
        assert!((found.difference.unwrap() - 0.1).abs() < 1e-12);
        assert!(found.interval.unwrap().low > 0.0 && found.sentence.starts_with("helps"));
        assert_eq!(found.changes.iter().map(|it| it.key).collect::<Vec<_>>(), ["mixup"]);
        let one = line("v=1&mixup=0.4", &[0.60]);
        let found = versus(&one, &plain);
        assert!(found.interval.is_none());
        assert!(found.sentence.contains("needs 3 seeds"), "{}", found.sentence);
        let elsewhere = line("v=1&valid=20", &[0.60, 0.61]);
        assert_eq!(versus(&elsewhere, &plain).difference, None);
    }
    /// Three seeds of one recipe.
    fn three(name: &str, link: &str, accuracies: [f64; 3]) -> Vec<Rc<RunEntry>> {
        let seeds = (1..).zip(accuracies);
        seeds
            .map(|(seed, accuracy)| {
                run(&format!("{name}{seed}"), &format!("{link}&seed={seed}"), accuracy, seed)
            })
            .collect()
    }

    #[test]
    fn lines_of_a_list_are_judged_together() {
        let group =
            |link: &str, accuracies: [f64; 3]| lines(&three(link, link, accuracies)).remove(0);
        let plain = group("v=1", [0.500, 0.510, 0.520]);
        let better = group("v=1&mixup=0.4", [0.530, 0.541, 0.548]);
        let alone = versus(&[(better.clone(), plain.clone())]).remove(0);
        assert!(alone.sentence.starts_with("helps: +2.97 points"), "{}", alone.sentence);
        assert!(!alone.sentence.contains("Holm"), "{}", alone.sentence);
        // With two more comparisons the same figures tell nothing, as in a queue of three.
        let idle = |link: &str| (group(link, [0.505, 0.512, 0.514]), plain.clone());
        let all = [(better.clone(), plain.clone()), idle("v=1&ls=0.1"), idle("v=1&bs=32")];
        let found = versus(&all);
        assert!(
            found[0].sentence.starts_with("cannot tell: +2.97 points"),
            "{}",
            found[0].sentence
        );
        assert!(found[0].sentence.contains("after Holm's correction"), "{}", found[0].sentence);
        assert_eq!(found[0].interval, alone.interval);
        // What cannot be tested is no part of the family.
        let single = Line::Run(run("x", "v=1&mixup=0.2&seed=1", 0.6, 9));
        let found = versus(&[(better, plain.clone()), (single, plain)]);
        assert_eq!(found[0].sentence, alone.sentence);
        assert!(
            found[1].sentence.contains("needs 3 seeds, and there are 1"),
            "{}",
            found[1].sentence
        );
    }

    #[test]
    fn groups_that_differ_only_in_tta_are_paired_where_the_weights_are_the_same() {
        let plain = three("p", "v=1", [0.500, 0.560, 0.530]);
        let mut augmented = three("t", "v=1&tta=4", [0.500, 0.560, 0.530]);
        for (run, gain) in augmented.iter_mut().zip([0.010, 0.012, 0.009]) {
            let record = &mut Rc::make_mut(run).record;
            let accuracy = record.accuracy + gain;
            record.tta = Some(TtaResult { accuracy, passes: 5, seconds: 1.0 });
        }
        let found = |augmented: &[Rc<RunEntry>]| {
            versus(&[(lines(augmented).remove(0), lines(&plain).remove(0))]).remove(0).sentence
        };
        let paired = found(&augmented);
        assert!(paired.starts_with("helps: +1.03 points"), "{paired}");
        assert!(paired.ends_with("by the paired t test over the seeds"), "{paired}");
        // Two seeds do not do without their images.
        assert!(found(&augmented[..2]).contains("needs 3 seeds, and there are 2"));
        // Another training under the same link is another set of weights.
        Rc::make_mut(&mut augmented[0]).record.epochs[0].nll += 0.01;
        assert!(found(&augmented).ends_with("by Welch's t test over the seeds"));
    }

    #[test]
    fn runs_of_other_numerics_are_another_line_that_does_not_compare() {
        let new = three("n", "v=1", [0.50, 0.51, 0.52]);
        let mut old = three("o", "v=1", [0.60, 0.61, 0.62]);
        for run in &mut old {
            Rc::make_mut(run).record.numerics = 1;
        }
        let made = lines(&[new, old].concat());
        let [a, b] = &made[..] else { panic!("{made:?}") };
        let found = versus(&[(a.clone(), b.clone())]).remove(0);
        assert_eq!((found.difference, found.interval), (None, None));
        assert!(found.sentence.contains("before the pixels and sums of runs changed"));
    }
}
