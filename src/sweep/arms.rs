//! What a plan comes to: its arms, the runs that they need, and what is compared
//! with what. Independent of results.

use super::{Axis, Design, Plan};
use crate::experiment::Experiment;
use crate::experiment::notice::Notice;
use crate::experiment::technique::Technique;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// One recipe of a sweep, to be repeated with every seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// For people: `mixup=0.4, epochs=20`, `none`, `all but Mixup`.
    pub name: String,
    /// The keys that the sweep goes over, and what they are here.
    pub settings: Vec<Setting>,
    /// What the arm stands for, at the plan's first seed.
    pub experiment: Experiment,
    /// What is trained for it, at the plan's first seed. Test-time augmentation
    /// trains nothing, so an arm without it shares the runs of its twin that has
    /// it: they give both figures.
    pub trained: Experiment,
    /// Which of the two figures is this arm's.
    pub reading: Reading,
}

/// A key and its value in one arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Name of the key, as in links.
    pub key: String,
    /// Its value, as in links.
    pub value: String,
}

/// Which prediction of a run counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// That of the plain pass.
    Plain,
    /// That of test-time augmentation.
    Tta,
}

/// Two arms whose difference the sweep asks about. Positions in [`Plan::arms`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contrast {
    /// What differs, for people: `Mixup`, `mixup 0 → 0.4 (epochs=20)`.
    pub name: String,
    /// The arm without it, or at the first value.
    pub without: usize,
    /// The arm with it, or at the other value.
    pub with: usize,
    /// True if both arms differ in nothing but test-time augmentation.
    pub only_tta: bool,
}

/// One run that a sweep needs.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// The first arm that uses it, for people.
    pub arm: String,
    /// What is trained.
    pub experiment: Experiment,
}

impl Arm {
    /// What is trained for this arm with this seed.
    pub fn run(&self, seed: u32) -> Experiment {
        Experiment { seed, ..self.trained.clone() }
    }
}

impl Plan {
    /// The arms; the first is the baseline of the first contrast.
    pub fn arms(&self) -> Vec<Arm> {
        let drafts: Vec<Draft> = match &self.sweep.design {
            Design::Grid(axes) => cells(axes).iter().map(|cell| self.cell(cell).0).collect(),
            Design::Alone(techniques) => self.ablation(techniques, true),
            Design::AllButOne(techniques) => self.ablation(techniques, false),
        };
        let experiments: Vec<Experiment> =
            drafts.iter().map(|draft| self.at_first_seed(&draft.experiment)).collect();
        drafts
            .into_iter()
            .zip(&experiments)
            .map(|(draft, experiment)| {
                let (trained, reading) = shared_run(experiment, &experiments);
                let experiment = experiment.clone();
                let Draft { name, settings, .. } = draft;
                Arm { name, settings, experiment, trained, reading }
            })
            .collect()
    }

    /// What is compared. In a grid: each value of the first key with its first
    /// value, under each combination of the other keys. In an ablation: each
    /// technique's presence with its absence.
    pub fn contrasts(&self) -> Vec<Contrast> {
        let arms = self.arms();
        let pairs: Vec<(String, usize, usize)> = match &self.sweep.design {
            Design::Grid(axes) => grid_contrasts(axes),
            Design::Alone(techniques) => (1..)
                .zip(techniques)
                .map(|(arm, technique)| (technique.name().to_owned(), 0, arm))
                .collect(),
            Design::AllButOne(techniques) => (1..)
                .zip(techniques)
                .map(|(arm, technique)| (technique.name().to_owned(), arm, 0))
                .collect(),
        };
        pairs
            .into_iter()
            .filter_map(|(name, without, with)| {
                let (a, b) = (arms.get(without)?, arms.get(with)?);
                let only_tta = without_tta(&a.experiment) == without_tta(&b.experiment);
                Some(Contrast { name, without, with, only_tta })
            })
            .collect()
    }

    /// The runs that the arms need, each once: all arms with the first seed, then
    /// all with the second, so that a sweep that is cut short has something of
    /// every arm.
    pub fn runs(&self) -> Vec<PlannedRun> {
        let arms = self.arms();
        let mut seen = HashSet::new();
        let mut runs = Vec::new();
        for seed in &self.sweep.seeds {
            for arm in &arms {
                let experiment = arm.run(*seed);
                if seen.insert(experiment.link()) {
                    runs.push(PlannedRun { arm: arm.name.clone(), experiment });
                }
            }
        }
        runs
    }

    /// What the rules of links changed about single cells of a grid.
    pub(super) fn arm_notices(&self) -> Vec<Notice> {
        match &self.sweep.design {
            Design::Grid(axes) => cells(axes).iter().flat_map(|cell| self.cell(cell).1).collect(),
            Design::Alone(_) | Design::AllButOne(_) => Vec::new(),
        }
    }

    fn at_first_seed(&self, experiment: &Experiment) -> Experiment {
        let seed = self.sweep.seeds.first().copied().unwrap_or(self.base.seed);
        Experiment { seed, run: false, ..experiment.clone() }
    }

    fn cell(&self, cell: &[(&'static str, &str)]) -> (Draft, Vec<Notice>) {
        let (experiment, notices) = self.base.with_all(cell.iter().copied());
        let name = if cell.is_empty() { "this experiment".to_owned() } else { cell_name(cell) };
        let settings = cell.iter().map(|(key, value)| setting(key, value)).collect();
        (Draft { name, settings, experiment }, notices)
    }

    /// The common arm of an ablation, then one per technique.
    fn ablation(&self, techniques: &[Technique], alone: bool) -> Vec<Draft> {
        let with = |on: &[Technique]| techniques_on(&self.base, techniques, on);
        let common = if alone {
            ("none".to_owned(), with(&[]))
        } else {
            ("all".to_owned(), with(techniques))
        };
        let others = techniques.iter().map(|technique| {
            if alone {
                return (technique.name().to_owned(), with(&[*technique]));
            }
            let rest: Vec<Technique> =
                techniques.iter().copied().filter(|other| other != technique).collect();
            (format!("all but {}", technique.name()), with(&rest))
        });
        let draft = |(name, experiment): (String, Experiment)| {
            let key = |technique: &Technique| {
                let key = technique.key();
                setting(key, &experiment.get(key).unwrap_or_default())
            };
            let settings = techniques.iter().map(key).collect();
            Draft { name, settings, experiment }
        };
        std::iter::once(common).chain(others).map(draft).collect()
    }
}

struct Draft {
    name: String,
    settings: Vec<Setting>,
    experiment: Experiment,
}

fn setting(key: &str, value: &str) -> Setting {
    Setting { key: key.to_owned(), value: value.to_owned() }
}

/// All combinations of the values, the first key slowest.
fn cells(axes: &[Axis]) -> Vec<Vec<(&'static str, &str)>> {
    let mut cells = vec![Vec::new()];
    for axis in axes {
        let mut longer = Vec::with_capacity(cells.len() * axis.values.len());
        for cell in &cells {
            for value in &axis.values {
                let mut cell = cell.clone();
                cell.push((axis.key, value.as_str()));
                longer.push(cell);
            }
        }
        cells = longer;
    }
    cells
}

fn cell_name(cell: &[(&str, &str)]) -> String {
    let parts: Vec<String> =
        cell.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
    parts.join(", ")
}

/// A value for people; an empty one (no phases, no saved model) by a word.
fn shown(value: &str) -> &str {
    if value.is_empty() { "none" } else { value }
}

fn grid_contrasts(axes: &[Axis]) -> Vec<(String, usize, usize)> {
    let Some((compared, conditions)) = axes.split_first() else {
        return Vec::new();
    };
    let conditions = cells(conditions);
    let mut contrasts = Vec::new();
    let Some((first, others)) = compared.values.split_first() else {
        return contrasts;
    };
    for (condition, cell) in conditions.iter().enumerate() {
        for (index, value) in (1..).zip(others) {
            let mut name = format!("{} {} → {}", compared.key, shown(first), shown(value));
            if !cell.is_empty() {
                name = format!("{name} ({})", cell_name(cell));
            }
            contrasts.push((name, condition, index * conditions.len() + condition));
        }
    }
    contrasts
}

/// The base with exactly `on` of these techniques. A technique keeps the
/// parameters that the base gives it, else takes the book's; techniques that the
/// ablation does not vary stay as they are.
fn techniques_on(base: &Experiment, varied: &[Technique], on: &[Technique]) -> Experiment {
    let mut experiment = base.clone();
    for technique in varied {
        // Only switching on can fail, and those that would are not in the plan.
        let _ = technique.set(&mut experiment, on.contains(technique));
    }
    experiment.clamped().0
}

/// The experiment without test-time augmentation, for comparing.
fn without_tta(experiment: &Experiment) -> Experiment {
    let Experiment { tta, ttamax, beta, .. } = Experiment::default();
    Experiment { tta, ttamax, beta, ..experiment.clone() }
}

/// What is trained for an experiment among others, and how it is read.
fn shared_run(experiment: &Experiment, others: &[Experiment]) -> (Experiment, Reading) {
    if experiment.tta > 0 {
        return (experiment.clone(), Reading::Tta);
    }
    let plain = without_tta(experiment);
    let twin = others.iter().find(|other| other.tta > 0 && without_tta(other) == plain);
    (twin.unwrap_or(experiment).clone(), Reading::Plain)
}
