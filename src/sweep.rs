//! Sweeps: several runs that answer one question, as a link, and their joint
//! result. Independent of who trains them (the page's queue or the `train`
//! program), of burn and of browsers.
//!
//! `v=1&sweep=mixup:0|0.4;epochs:5|20;seed:1..5` tries every combination of
//! the values. The first key is the one that is compared, and its first value is
//! the baseline; the keys after it are the conditions under which it is compared.
//! `sweep=alone` and `sweep=all-but-one` are ablations of the five techniques; with
//! `equal` among them, progressive resizing is also tried at equal compute. They can be
//! repeated under conditions of the data (`alone:mixup|ls;subset:all|100;dseed:1..3`).
//!
//! A [`Plan`] is what such a link means: its [`Plan::arms`], the runs that they
//! need ([`Plan::runs`]) and what is compared with what ([`Plan::contrasts`]).
//! [`Summary`] is the result of the finished runs.

mod arms;
mod cells;
mod definition;
mod estimate;
mod limits;
mod lines;
mod preset;
mod result;
mod share;
mod summary;
mod table;

pub use arms::{Arm, Contrast, Interaction, PlannedRun, Reading, Setting};
pub use estimate::seconds_left;
pub use limits::{MAX_AXES, MAX_RUNS, MAX_SEEDS, MAX_VALUES};
pub(crate) use lines::LOOKS;
pub use lines::lines;
pub use preset::Preset;
pub use result::{RunResult, Score, nine_decimals};
pub use share::{Seat, SeatError, SeatOffer, offered};
pub use summary::{
    ArmSummary, ContrastSummary, FORMAT, InteractionSummary, MeasureSummary, Summary, TestSummary,
};

use crate::order;
use definition::Definition;

use crate::experiment::Experiment;
use crate::experiment::key::Key;
use crate::experiment::link::{self, SWEEP};
use crate::experiment::notice::{Notice, NoticeKind};
use crate::experiment::technique::Technique;

/// Seeds of each arm of an ablation or a ready-made sweep unless a link gives another
/// number: the fewest that a verdict on training needs.
pub const DEFAULT_SEEDS: u32 = 3;

/// What varies between the arms of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Design {
    /// Every combination of the values of some keys; the first key is compared.
    /// Without any key there is one arm.
    Grid(Vec<SweepAxis>),
    /// Each of these techniques alone, against none of them.
    Alone(Vec<Technique>),
    /// All of these techniques, and all but each one.
    AllButOne(Vec<Technique>),
}

/// One key of a grid and the values that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepAxis {
    /// Name of the key, as in links.
    pub key: &'static str,
    /// Its values as links write them, each once, in the order given.
    pub values: Vec<String>,
}

/// What varies, and the seeds with which each arm is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// What varies between arms.
    pub design: Design,
    /// Keys of the data under each of whose values an ablation is repeated. A grid has
    /// its conditions among its keys.
    pub conditions: Vec<SweepAxis>,
    /// Seeds of each arm.
    pub seeds: Vec<u32>,
    /// True if an ablation has one arm more: progressive resizing with as many trained
    /// pixels as there are without it.
    pub equal_compute: bool,
}

/// A sweep over an experiment, within all limits. Equal plans have equal links,
/// and [`Plan::parse`] reads them back.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    base: Experiment,
    sweep: Sweep,
}

/// The sweep of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedSweep {
    /// The sweep; `None` if the link holds none, or nothing of it can be read.
    pub plan: Option<Plan>,
    /// What was not taken as written, in the link and in the sweep.
    pub notices: Vec<Notice>,
}

impl Plan {
    /// Reads a whole link, `sweep` included.
    pub fn parse(text: &str) -> ParsedSweep {
        let link::ParsedLink { experiment, sweep, mut notices, .. } = link::parse(text);
        let Some(definition) = sweep else {
            return ParsedSweep { plan: None, notices };
        };
        let read = Self::define(&definition, &experiment);
        notices.extend(read.notices);
        ParsedSweep { plan: read.plan, notices }
    }

    /// Reads the value of `sweep` (`mixup:0|0.4;seed:1..3`, `alone`, …) over an
    /// experiment. Without seeds in it, a grid takes the experiment's own, and an
    /// ablation [`DEFAULT_SEEDS`] from that one on.
    pub fn define(definition: &str, base: &Experiment) -> ParsedSweep {
        let Definition { design, conditions, seeds, equal_compute, mut notices } =
            Definition::read(definition);
        let named = design.is_some();
        let design = design.unwrap_or(Design::Grid(Vec::new()));
        let repeated = seeds.is_some();
        let seeds = seeds.unwrap_or_else(|| match design {
            Design::Grid(_) => vec![base.seed],
            Design::Alone(_) | Design::AllButOne(_) => seeds_from(base.seed, DEFAULT_SEEDS),
        });
        let (plan, more) = Self::new(base, Sweep { design, conditions, seeds, equal_compute });
        notices.extend(more);
        let empty = match &plan.sweep.design {
            Design::Grid(axes) => axes.is_empty() && (named || !repeated),
            Design::Alone(techniques) | Design::AllButOne(techniques) => techniques.is_empty(),
        };
        if !empty {
            return ParsedSweep { plan: Some(plan), notices };
        }
        if definition.len() <= link::LONGEST {
            let kind = NoticeKind::NoSweep { given: definition.to_owned() };
            notices.push(Notice { key: SWEEP.to_owned(), kind });
        }
        ParsedSweep { plan: None, notices }
    }

    /// The plan of a sweep over an experiment, and what had to be changed: keys
    /// that cannot be swept, techniques that the experiment has no room for, and
    /// what goes beyond [`MAX_RUNS`].
    fn new(base: &Experiment, sweep: Sweep) -> (Self, Vec<Notice>) {
        let (mut base, mut notices) = base.clamped();
        let mut sweep = sweep;
        let axes = match &mut sweep.design {
            Design::Grid(axes) => axes,
            Design::Alone(_) | Design::AllButOne(_) => &mut sweep.conditions,
        };
        notices.extend(drop_what_cannot_be_swept(axes, &base));
        let (reset, more) = without_swept_keys(&base, axes);
        base = reset;
        notices.extend(more);
        if let Design::Alone(techniques) | Design::AllButOne(techniques) = &mut sweep.design {
            notices.extend(drop_what_cannot_come_on(techniques, &base));
            if sweep.equal_compute
                && let Some(notice) = no_equal_compute(techniques, &base)
            {
                sweep.equal_compute = false;
                notices.push(notice);
            }
        }
        base.seed = Experiment::default().seed;
        notices.extend(limits::apply(&mut sweep));
        let mut plan = Self { base, sweep };
        notices.extend(plan.fit());
        for notice in plan.arm_notices() {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
        (plan, notices)
    }

    /// The experiment that all arms share; what is swept stands at its default.
    pub fn base(&self) -> &Experiment {
        &self.base
    }

    /// What varies, and the seeds.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// The canonical link: the base's, and the sweep at its end.
    pub fn link(&self) -> String {
        format!("{}&{SWEEP}={}", self.base.link(), self.definition())
    }

    /// The canonical value of `sweep`, seeds included.
    pub fn definition(&self) -> String {
        definition::write(&self.sweep)
    }

    /// The same plan with `count` seeds an arm, from its first one on.
    #[must_use]
    pub fn with_seeds(&self, count: u32) -> (Self, Vec<Notice>) {
        let first = self.sweep.seeds.first().copied().unwrap_or(self.base.seed);
        let mut plan = self.clone();
        plan.sweep.seeds = seeds_from(first, count);
        let mut notices = limits::apply(&mut plan.sweep);
        notices.extend(plan.fit());
        (plan, notices)
    }

    /// The same ablation with progressive resizing at equal compute as well; `None` if it
    /// has that arm, cannot have it, or is not an ablation.
    #[must_use]
    pub fn with_equal_compute(&self) -> Option<Self> {
        let (Design::Alone(techniques) | Design::AllButOne(techniques)) = &self.sweep.design else {
            return None;
        };
        if self.sweep.equal_compute || no_equal_compute(techniques, &self.base).is_some() {
            return None;
        }
        let sweep = Sweep { equal_compute: true, ..self.sweep.clone() };
        Some(Self { sweep, ..self.clone() })
    }

    /// Cuts the plan until its link is short enough to be read, with a notice for each cut.
    fn fit(&mut self) -> Vec<Notice> {
        let mut notices: Vec<Notice> = Vec::new();
        while self.link().len() > link::LONGEST {
            let Some(notice) = limits::shorten(&mut self.sweep) else { break };
            notices.retain(|earlier| earlier.key != notice.key);
            notices.push(notice);
        }
        notices
    }
}

/// `count` seeds from `first` on, at least one; past the largest they begin at 0.
pub fn seeds_from(first: u32, count: u32) -> Vec<u32> {
    (0..count.clamp(1, MAX_SEEDS)).map(|index| first.wrapping_add(index)).collect()
}

/// Why a key cannot be gone over; `None` if it can.
fn unsweepable(key: &str, base: &Experiment) -> Option<NoticeKind> {
    let why = match key {
        "data" | "valid" => {
            "runs measured on different validation images do not compare; make a sweep for each"
        }
        "dseed" if base.valid.is_some() => {
            "with a validation subset it changes the images that are measured; leave `valid` at all"
        }
        "run" => "it decides when a run starts, not what comes of it",
        "size" | "epochs" if !base.prog.is_empty() => return Some(NoticeKind::ReplacedByProg),
        _ => return None,
    };
    Some(NoticeKind::NotSwept { why: why.to_owned() })
}

/// The base of a grid, whose link does not have the swept keys: their values are replaced anyway.
/// `init` stays, because `norm=model` needs it.
fn without_swept_keys(base: &Experiment, axes: &[SweepAxis]) -> (Experiment, Vec<Notice>) {
    let default = Experiment::default();
    let defaults: Vec<(&str, String)> = axes
        .iter()
        .filter(|axis| axis.key != "init")
        .filter_map(|axis| Some((axis.key, default.get(axis.key)?)))
        .collect();
    base.with_all(defaults.iter().map(|(key, value)| (*key, value.as_str())))
}

fn drop_what_cannot_be_swept(axes: &mut Vec<SweepAxis>, base: &Experiment) -> Vec<Notice> {
    let mut base = base.clone();
    if axes.iter().any(|axis| axis.key == "prog") {
        base.prog.clear();
    }
    let mut notices = Vec::new();
    axes.retain(|axis| match unsweepable(axis.key, &base) {
        Some(kind) => {
            notices.push(Notice { key: axis.key.to_owned(), kind });
            false
        }
        None => Key::named(axis.key).is_some() && !axis.values.is_empty(),
    });
    notices
}

fn drop_what_cannot_come_on(techniques: &mut Vec<Technique>, base: &Experiment) -> Vec<Notice> {
    let place = |technique: &Technique| Technique::ALL.iter().position(|it| it == technique);
    order::sort_by(techniques, |a, b| place(a).cmp(&place(b)));
    techniques.dedup();
    let mut notices = Vec::new();
    techniques.retain(|technique| {
        let result = technique.set(&mut base.clone(), true);
        if let Err(error) = &result {
            let kind = NoticeKind::NotSwept { why: error.to_string() };
            notices.push(Notice { key: technique.key().to_owned(), kind });
        }
        result.is_ok()
    });
    notices
}

/// Why an ablation cannot have progressive resizing at equal compute; `None` if it can.
fn no_equal_compute(techniques: &[Technique], base: &Experiment) -> Option<Notice> {
    let mut without = base.clone();
    // Only switching on can fail.
    let _ = Technique::ProgressiveResizing.set(&mut without, false);
    let why = if !techniques.contains(&Technique::ProgressiveResizing) {
        "progressive resizing is not among the techniques"
    } else if preset::at_equal_compute(&without).is_none() {
        "it takes an even size that can be halved, and 2 epochs"
    } else {
        return None;
    };
    let kind = NoticeKind::NotSwept { why: why.to_owned() };
    Some(Notice { key: definition::EQUAL.to_owned(), kind })
}

#[cfg(test)]
mod tests;
