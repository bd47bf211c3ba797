//! Runs that differ only in their seed, as one: its mean, its spread, and what may
//! be said of it against another. Independent of how it is shown.

use super::RunEntry;
use crate::experiment::key::Difference;
use crate::experiment::link;
use crate::order;
use crate::stats::intervals::{Interval, Spread, one_sample, spread, welch};
use crate::stats::verdict::{Comparison, judge};
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

/// Finished runs of one recipe on the same data and engine, with different seeds.
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
    format!("{}|{}|{}", parts.join("&"), record.engine, record.dataset.hash)
}

/// The seed of a run's canonical link.
fn seed(run: &RunEntry) -> u32 {
    let written = run.record.link.split('&').find_map(|part| part.strip_prefix("seed="));
    written.and_then(|seed| seed.parse().ok()).unwrap_or(42)
}

/// A line of the list against another, of which at least one is a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    /// Mean accuracy minus that of the baseline; `None` where they were measured on
    /// different images.
    pub difference: Option<f64>,
    /// Its 95% interval over other seeds, after Welch, from two seeds a side on.
    pub interval: Option<Interval>,
    /// The keys in which their recipes differ; of groups the seed is none.
    pub changes: Vec<Difference>,
    /// The verdict, or why there is none, in a sentence.
    pub sentence: String,
}

/// Compares a line with a baseline by the accuracies of their seeds.
pub fn versus(line: &Line, baseline: &Line) -> Option<Versus> {
    let (a, b) = (line.latest()?, baseline.latest()?);
    let experiment = |run: &RunEntry| link::parse(&run.record.link).experiment;
    let (this, other) = (experiment(a), experiment(b));
    let mut changes = this.differences(&other);
    changes.retain(|change| change.key != "seed" && change.key != "run");
    let (variant, accuracies) = (line.accuracies(), baseline.accuracies());
    if super::compare::compare(a, b).relation == super::compare::Relation::OtherImages {
        let sentence = "not comparable (other validation images)".to_owned();
        return Some(Versus { difference: None, interval: None, changes, sentence });
    }
    let interval = welch(&accuracies, &variant).ok().map(|test| test.interval);
    let judged = judge(&[Comparison::Retrained { baseline: accuracies, variant }]);
    let judged = judged.first()?;
    let mut sentence = judged.to_string();
    if changes.is_empty() {
        sentence = "the same recipe".to_owned();
    }
    Some(Versus { difference: judged.delta, interval, changes, sentence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Outcome;
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
        let told = versus(&better, &plain).unwrap();
        assert!((told.difference.unwrap() - 0.1).abs() < 1e-12);
        assert!(told.interval.unwrap().low > 0.0 && told.sentence.starts_with("helps"));
        assert_eq!(told.changes.iter().map(|it| it.key).collect::<Vec<_>>(), ["mixup"]);
        let one = line("v=1&mixup=0.4", &[0.60]);
        let told = versus(&one, &plain).unwrap();
        assert!(told.interval.is_none());
        assert!(told.sentence.contains("needs 3 seeds"), "{}", told.sentence);
        let elsewhere = line("v=1&valid=20", &[0.60, 0.61]);
        assert_eq!(versus(&elsewhere, &plain).unwrap().difference, None);
    }
}
