//! Hand-ins of one class, put together.

use super::{HandIn, HandInError};
use crate::order;
use crate::sweep::{Plan, RunResult, Summary};
use crate::text;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;

/// The hand-ins of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    plan: Plan,
    hand_ins: Vec<HandIn>,
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// It counts: the seed, and the nickname if there is one.
    Taken {
        /// Its seed.
        seed: u32,
        /// The nickname, or nothing.
        name: String,
        /// The build, if most others are of another one.
        build: String,
    },
    /// It does not count.
    Unused(Unused),
}

/// Why a line does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// The very same results are in already.
    Duplicate(u32),
    /// Other results of the same seed and engine are in already.
    SeatTaken(u32),
    /// It belongs to another class.
    OtherSweep,
    /// It cannot be read.
    Unreadable(HandInError),
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(seed) => f.write_str(&text::hand_in_duplicate(&seed.to_string())),
            Self::SeatTaken(seed) => f.write_str(&text::hand_in_seat_taken(&seed.to_string())),
            Self::OtherSweep => f.write_str(text::hand_in_other_sweep()),
            Self::Unreadable(why) => why.fmt(f),
        }
    }
}

impl Error for Unused {}

/// The hand-ins that can be compared: one kind of engine, one data set, one numerics.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// `webgpu` or `cpu`.
    pub engine: String,
    /// Adapters of the machines, each once.
    pub adapters: Vec<String>,
    /// Builds of the programs, each once.
    pub builds: Vec<String>,
    /// Name of the data set.
    pub dataset: String,
    /// Seats that are in.
    pub seats: usize,
    /// Seats that were planned.
    pub planned: usize,
    /// What they say together; provisional while seats are missing and the collection is
    /// open.
    pub summary: Summary,
}

impl Collection {
    /// No hand-in yet. `plan` is the class's sweep; it has as many seeds as seats.
    pub fn new(plan: Plan) -> Self {
        Self { plan, hand_ins: Vec::new() }
    }

    /// The class's sweep.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes in every line of a text; says what became of each.
    pub fn add(&mut self, text: &str) -> Vec<Received> {
        HandIn::lines(text).map(|line| self.add_line(line)).collect()
    }

    fn add_line(&mut self, line: &str) -> Received {
        let hand_in = match HandIn::read(line) {
            Ok(hand_in) => hand_in,
            Err(error) => return Received::Unused(Unused::Unreadable(error)),
        };
        let block = self.plan.with_seed(hand_in.seed);
        if hand_in.sweep != self.plan.link() || block.runs().len() != hand_in.runs.len() {
            return Received::Unused(Unused::OtherSweep);
        }
        let earlier = self
            .hand_ins
            .iter()
            .find(|it| it.seed == hand_in.seed && pool_of(it) == pool_of(&hand_in));
        if let Some(earlier) = earlier {
            let figures = |it: &HandIn| -> Vec<_> {
                it.runs.iter().map(|run| (run.plain.clone(), run.tta.clone())).collect()
            };
            let same = figures(earlier) == figures(&hand_in);
            let unused = if same { Unused::Duplicate } else { Unused::SeatTaken };
            return Received::Unused(unused(hand_in.seed));
        }
        let received = Received::Taken {
            seed: hand_in.seed,
            name: hand_in.name.clone(),
            build: hand_in.build.clone(),
        };
        self.hand_ins.push(hand_in);
        received
    }

    /// The pools, the largest first. With `closed` the teacher takes no more hand-ins: the
    /// verdicts then go by those that are in.
    pub fn pools(&self, closed: bool) -> Vec<Pool> {
        let mut keys: Vec<(&str, &str, u32)> = self.hand_ins.iter().map(pool_of).collect();
        order::sort_by(&mut keys, Ord::cmp);
        keys.dedup();
        let mut pools: Vec<Pool> = keys.into_iter().map(|key| self.pool(key, closed)).collect();
        order::sort_by(&mut pools, |a, b| b.seats.cmp(&a.seats));
        pools
    }

    fn pool(&self, key: (&str, &str, u32), closed: bool) -> Pool {
        let mut own: Vec<&HandIn> = self.hand_ins.iter().filter(|it| pool_of(it) == key).collect();
        // Whatever the order in which they came in.
        order::sort_by(&mut own, |a, b| a.seed.cmp(&b.seed));
        let planned = self.plan.sweep().seeds.len();
        let mut seeds: Vec<u32> = own.iter().map(|it| it.seed).collect();
        if !closed {
            // Seats that are missing keep the verdicts provisional, whatever their seeds are.
            let unused = (0..).filter(|seed| own.iter().all(|it| it.seed != *seed));
            seeds.extend(unused.take(planned.saturating_sub(own.len())));
        }
        let results: HashMap<String, RunResult> =
            own.iter().flat_map(|it| it.results(&self.plan.with_seed(it.seed))).collect();
        let plan = self.plan.with_seed_list(seeds);
        let distinct = |text: fn(&HandIn) -> String| {
            let mut texts: Vec<String> = own.iter().map(|it| text(it)).collect();
            order::sort_by(&mut texts, String::cmp);
            texts.dedup();
            texts
        };
        Pool {
            engine: key.0.to_owned(),
            adapters: distinct(|it| it.engine.clone()),
            builds: distinct(|it| it.build.clone()),
            dataset: own.first().map_or_else(String::new, |it| it.dataset.name.clone()),
            seats: own.len(),
            planned,
            summary: Summary::new(&plan, |experiment| results.get(&experiment.link())),
        }
    }
}

/// What must agree between hand-ins that are compared: engine, data, numerics.
fn pool_of(hand_in: &HandIn) -> (&str, &str, u32) {
    (hand_in.engine_kind(), &hand_in.dataset.hash, hand_in.numerics)
}
