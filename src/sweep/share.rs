//! One sweep on several machines: each computes the runs of some seeds, with all arms, so
//! that those that stay away leave the arms balanced.

use super::Plan;

/// One machine's share of a sweep: the `number`-th of `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which one, from 1 to `count`.
    pub number: u32,
    /// How many there are.
    pub count: u32,
}

/// Why a text names no seat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeatError {
    /// It is not of the form `K/N`.
    #[error("a seat is written as K/N, for example 3/30: the third of thirty")]
    Form,
    /// There is no such seat.
    #[error("there is no seat {number} of {count}: seats count from 1")]
    OutOfRange {
        /// The seat.
        number: u32,
        /// How many there are.
        count: u32,
    },
    /// There are more seats than seeds.
    #[error("seat {number} of {count} has nothing to do: the sweep has {seeds} seeds")]
    NoSeed {
        /// The seat.
        number: u32,
        /// How many there are.
        count: u32,
        /// Seeds of the sweep.
        seeds: usize,
    },
}

/// Which seat a link gives to whoever opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatOffer {
    /// `seat=K`: the sweep's K-th seed, from 1.
    Numbered(u32),
    /// `seat=?`: a seed that the device draws once, so that nobody needs to count.
    Drawn,
}

/// The seat that a page's fragment offers by `seat=`, and the fragment without it. A seat
/// stands beside a sweep's link: links do not know it. What is neither a number nor `?`
/// stays, for the reader of links to name.
pub fn offered(fragment: &str) -> (Option<SeatOffer>, String) {
    let mut offer = None;
    let pairs = fragment.split('&').filter(|pair| {
        let found = match pair.strip_prefix("seat=") {
            Some("?" | "%3F" | "%3f") => Some(SeatOffer::Drawn),
            Some(number) => number.parse().ok().map(SeatOffer::Numbered),
            None => None,
        };
        offer = found.or(offer);
        found.is_none()
    });
    let rest = pairs.collect::<Vec<_>>().join("&");
    (offer, rest)
}

impl std::str::FromStr for Seat {
    type Err = SeatError;

    /// Reads `K/N`.
    fn from_str(text: &str) -> Result<Self, SeatError> {
        let (number, count) = text.split_once('/').ok_or(SeatError::Form)?;
        let whole = |text: &str| text.trim().parse::<u32>().map_err(|_| SeatError::Form);
        let (number, count) = (whole(number)?, whole(count)?);
        if number == 0 || number > count {
            return Err(SeatError::OutOfRange { number, count });
        }
        Ok(Self { number, count })
    }
}

impl Plan {
    /// The part of the sweep that a seat computes: every `count`-th seed, with all arms.
    /// The parts of all seats are the whole sweep, each run once.
    ///
    /// # Errors
    /// [`SeatError::NoSeed`] if the sweep has fewer seeds than `number`.
    pub fn share(&self, seat: Seat) -> Result<Self, SeatError> {
        let Seat { number, count } = seat;
        let skipped = number.saturating_sub(1) as usize;
        let own = self.sweep.seeds.iter().skip(skipped).step_by(count.max(1) as usize);
        let own: Vec<u32> = own.copied().collect();
        if own.is_empty() {
            let seeds = self.sweep.seeds.len();
            return Err(SeatError::NoSeed { number, count, seeds });
        }
        Ok(self.with_seed_list(own))
    }

    /// The same sweep with this seed alone.
    #[must_use]
    pub fn with_seed(&self, seed: u32) -> Self {
        self.with_seed_list(vec![seed])
    }

    /// The same sweep with these seeds, each once.
    #[must_use]
    pub fn with_seed_list(&self, seeds: Vec<u32>) -> Self {
        let mut plan = self.clone();
        plan.sweep.seeds = seeds;
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use std::collections::{BTreeMap, BTreeSet};

    fn plan() -> Plan {
        Plan::parse("v=1&subset=10&sweep=alone:mixup|tta;seed:1..30").plan.unwrap()
    }

    fn links(plan: &Plan) -> BTreeSet<String> {
        plan.runs().iter().map(|run| run.experiment.link()).collect()
    }

    #[test]
    fn the_shares_are_the_whole_sweep_and_do_not_overlap() {
        let whole = links(&plan());
        for count in [1, 2, 7, 30] {
            let mut together = BTreeSet::new();
            for number in 1..=count {
                let share = plan().share(Seat { number, count }).unwrap();
                // What a share's link says is what the seat computes.
                assert_eq!(Plan::parse(&share.link()).plan, Some(share.clone()));
                for link in links(&share) {
                    assert!(together.insert(link), "{number}/{count}");
                }
            }
            assert_eq!(together, whole, "{count} seats");
        }
    }

    #[test]
    fn absent_seats_leave_the_arms_balanced() {
        let mut runs: BTreeMap<String, u32> = BTreeMap::new();
        for number in (1..=30).filter(|number| number % 6 != 0) {
            for run in plan().share(Seat { number, count: 30 }).unwrap().runs() {
                let recipe = Experiment { seed: 0, ..run.experiment };
                *runs.entry(recipe.link()).or_default() += 1;
            }
        }
        assert!(runs.len() > 1 && runs.values().all(|count| *count == 25), "{runs:?}");
    }

    #[test]
    fn a_seat_stands_beside_a_link() {
        let of = |text: &str| offered(text);
        assert_eq!(of("v=1&seat=3"), (Some(SeatOffer::Numbered(3)), "v=1".into()));
        assert_eq!(of("v=1&seat=?&size=32"), (Some(SeatOffer::Drawn), "v=1&size=32".into()));
        assert_eq!(of("seat=%3F&v=1"), (Some(SeatOffer::Drawn), "v=1".into()));
        assert_eq!(of("v=1&seat=front"), (None, "v=1&seat=front".into()));
    }

    #[test]
    fn a_seat_is_read_from_text_or_refused() {
        assert_eq!("3/30".parse(), Ok(Seat { number: 3, count: 30 }));
        for text in ["", "3", "a/b", "3/", "-1/5", "1.5/2"] {
            assert_eq!(text.parse::<Seat>(), Err(SeatError::Form), "{text}");
        }
        assert_eq!("0/5".parse::<Seat>(), Err(SeatError::OutOfRange { number: 0, count: 5 }));
        assert_eq!("6/5".parse::<Seat>(), Err(SeatError::OutOfRange { number: 6, count: 5 }));
        let none = plan().share(Seat { number: 31, count: 40 });
        assert_eq!(none, Err(SeatError::NoSeed { number: 31, count: 40, seeds: 30 }));
    }
}
