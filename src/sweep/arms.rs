//! The arms of a plan, the runs that they need, and what is compared with what. Independent of results.

mod contrasts;

use super::{Design, Plan, SweepAxis, preset};
use crate::experiment::notice::Notice;
use crate::experiment::technique::Technique;
use crate::experiment::{Experiment, Noise, Phase, names};
use crate::text;
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
    /// What differs, as shown: `Mixup`, `mixup 0 → 0.4 (epochs=20)`.
    pub name: String,
    /// The arm without it, or at the first value.
    pub without: usize,
    /// The arm with it, or at the other value.
    pub with: usize,
    /// True if both arms differ in nothing but test-time augmentation.
    pub only_tta: bool,
}

/// Whether a contrast is another one under other conditions. Positions in
/// [`Plan::contrasts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// What differs, as shown: `ls 0 → 0.1: noise=25 against noise=0`.
    pub name: String,
    /// The contrast under the first conditions.
    pub first: usize,
    /// The same contrast under the others.
    pub other: usize,
}

/// One run that a sweep needs.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// The name of the first arm that uses it.
    pub arm: String,
    /// What is trained.
    pub experiment: Experiment,
}

impl Arm {
    /// What is trained for this arm with this seed.
    pub fn run(&self, seed: u32) -> Experiment {
        Experiment { seed, ..self.trained.clone() }
    }

    /// Pixels of one training image over all its epochs, those of warming up to a new
    /// size included.
    pub fn pixels(&self) -> f64 {
        let phases = self.trained.phases();
        let cost = |(index, phase): (usize, &Phase)| {
            let epochs = f64::from(phase.epochs) + if index > 0 { 1.0 } else { 0.0 };
            f64::from(phase.size) * f64::from(phase.size) * epochs
        };
        phases.iter().enumerate().map(cost).sum()
    }
}

impl Plan {
    /// The arms; the first is the baseline of the first contrast.
    pub fn arms(&self) -> Vec<Arm> {
        self.distinct_arms().0
    }

    /// The arms, and the position of each cell of the design among them. Cells that differ only
    /// in a key without effect are one arm.
    fn distinct_arms(&self) -> (Vec<Arm>, Vec<usize>) {
        let drafts: Vec<Draft> = match &self.sweep.design {
            Design::Grid(axes) => cells(axes).iter().map(|cell| self.cell(cell).0).collect(),
            Design::Alone(techniques) => self.ablations(techniques, true),
            Design::AllButOne(techniques) => self.ablations(techniques, false),
        };
        let mut distinct: Vec<Draft> = Vec::new();
        let mut places = Vec::new();
        for draft in drafts {
            let known = distinct.iter().position(|other| other.name == draft.name);
            places.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push(draft);
            }
        }
        let experiments: Vec<Experiment> =
            distinct.iter().map(|draft| self.at_first_seed(&draft.experiment)).collect();
        let arms = distinct
            .into_iter()
            .zip(&experiments)
            .map(|(draft, experiment)| {
                let (trained, reading) = shared_run(experiment, &experiments);
                let experiment = experiment.clone();
                let Draft { name, settings, .. } = draft;
                Arm { name, settings, experiment, trained, reading }
            })
            .collect();
        (arms, places)
    }

    /// The keys of a cell that have an effect: the seed of the draws has none if nothing is drawn
    /// from the data.
    fn effective_keys<'a>(&self, cell: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
        let (experiment, _) = self.base.with_all(cell.iter().copied());
        let drawn = experiment.subset.is_some()
            || experiment.valid.is_some()
            || experiment.noise != Noise::None;
        cell.iter().filter(|(key, _)| drawn || *key != "dseed").copied().collect()
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
        let keys = self.effective_keys(cell);
        let (experiment, notices) = self.base.with_all(keys.iter().copied());
        let name = if cell.is_empty() {
            text::sweep_this_experiment().to_owned()
        } else {
            cell_name(&keys)
        };
        let settings = cell.iter().map(|(key, value)| setting(key, value)).collect();
        (Draft { name, settings, experiment }, notices)
    }

    /// The arms of an ablation under each of its conditions.
    fn ablations(&self, techniques: &[Technique], alone: bool) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for cell in cells(&self.sweep.conditions) {
            let keys = self.effective_keys(&cell);
            let (base, _) = self.base.with_all(keys.iter().copied());
            for mut draft in self.ablation(&base, techniques, alone) {
                draft.name = with_conditions(draft.name, &keys);
                draft.settings.extend(cell.iter().map(|(key, value)| setting(key, value)));
                drafts.push(draft);
            }
        }
        drafts
    }

    /// The common arm of an ablation, then one per technique, then that at equal compute.
    fn ablation(&self, base: &Experiment, techniques: &[Technique], alone: bool) -> Vec<Draft> {
        let with = |on: &[Technique]| techniques_on(base, techniques, on);
        let common = if alone {
            (text::sweep_none().to_owned(), with(&[]))
        } else {
            (text::sweep_all().to_owned(), with(techniques))
        };
        let others = techniques.iter().map(|technique| {
            if alone {
                return (technique.name().to_owned(), with(&[*technique]));
            }
            let rest: Vec<Technique> =
                techniques.iter().copied().filter(|other| other != technique).collect();
            (text::sweep_all_but(technique.name()), with(&rest))
        });
        let equal = self.sweep.equal_compute.then(|| {
            let rest: Vec<Technique> = techniques
                .iter()
                .copied()
                .filter(|it| !alone && *it != Technique::ProgressiveResizing)
                .collect();
            let without = with(&rest);
            let progressive = preset::at_equal_compute(&without).unwrap_or(without);
            (text::sweep_equal_compute().to_owned(), progressive)
        });
        let draft = |(name, experiment): (String, Experiment)| {
            let key = |technique: &Technique| {
                let key = technique.key();
                setting(key, &experiment.get(key).unwrap_or_default())
            };
            let settings = techniques.iter().map(key).collect();
            Draft { name, settings, experiment }
        };
        std::iter::once(common).chain(others).chain(equal).map(draft).collect()
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
fn cells(axes: &[SweepAxis]) -> Vec<Vec<(&'static str, &str)>> {
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
    let parts: Vec<String> = cell.iter().map(|(key, value)| setting_text(key, value)).collect();
    parts.join(", ")
}

/// A setting as shown: `epochs=20`, or by its name: `random resized crop (crop=rrc)`.
pub(super) fn setting_text(key: &str, value: &str) -> String {
    let written = format!("{key}={}", value_text(value));
    match names::value_name(key, value) {
        Some(name) => format!("{name} ({written})"),
        None => written,
    }
}

/// A value as shown: an empty one (no phases, no saved model) is `none`.
pub(super) fn value_text(value: &str) -> &str {
    if value.is_empty() { text::sweep_empty() } else { value }
}

/// A name with its conditions in parentheses.
fn with_conditions(name: String, cell: &[(&str, &str)]) -> String {
    if cell.is_empty() { name } else { format!("{name} ({})", cell_name(cell)) }
}

/// The base with exactly `on` of these techniques. A technique keeps the
/// parameters that the base gives it, or gets those of the book; techniques that the
/// ablation does not vary are unchanged.
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
