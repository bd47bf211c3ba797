//! What a learner may answer where an experiment decides: a guess before it, a
//! conclusion after it. Both have a name by which progress is stored, in every language.

use crate::text;
use serde::{Deserialize, Serialize};

/// The direction of an effect, as far as the runs show one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// The figure is higher.
    Higher,
    /// The figure is lower.
    Lower,
    /// The difference may be chance.
    CannotTell,
}

impl Direction {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Higher, Self::Lower, Self::CannotTell];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::CannotTell => "cannot tell",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Higher => text::predict_higher(),
            Self::Lower => text::predict_lower(),
            Self::CannotTell => text::verdict_cannot_tell(),
        }
    }

    /// The direction of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A guess of an effect: its sign and rough size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearnerGuess {
    /// Lower by more than [`LearnerGuess::LARGE`] times the small step.
    MuchLower,
    /// Lower.
    Lower,
    /// Within one small step of no difference.
    Same,
    /// Higher.
    Higher,
    /// Higher by more than that.
    MuchHigher,
}

impl LearnerGuess {
    /// All, from the lowest to the highest.
    pub const ALL: [Self; 5] =
        [Self::MuchLower, Self::Lower, Self::Same, Self::Higher, Self::MuchHigher];

    /// A large difference, in small ones.
    pub const LARGE: f64 = 5.0;

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::MuchLower => "much lower",
            Self::Lower => "lower",
            Self::Same => "about the same",
            Self::Higher => "higher",
            Self::MuchHigher => "much higher",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::MuchLower => text::predict_much_lower(),
            Self::Lower => text::predict_lower(),
            Self::Same => text::predict_same(),
            Self::Higher => text::predict_higher(),
            Self::MuchHigher => text::predict_much_higher(),
        }
    }

    /// The guess of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The guess that a difference would have proved right; `small` is the smallest
    /// difference that is not "about the same".
    pub fn of(delta: f64, small: f64) -> Self {
        match delta {
            it if it < -Self::LARGE * small => Self::MuchLower,
            it if it < -small => Self::Lower,
            it if it <= small => Self::Same,
            it if it <= Self::LARGE * small => Self::Higher,
            _ => Self::MuchHigher,
        }
    }

    /// Its sign.
    pub fn direction(self) -> Direction {
        match self {
            Self::MuchLower | Self::Lower => Direction::Lower,
            Self::Same => Direction::CannotTell,
            Self::Higher | Self::MuchHigher => Direction::Higher,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        assert!(Direction::ALL.iter().all(|it| Direction::named(it.name()) == Some(*it)));
        assert!(LearnerGuess::ALL.iter().all(|it| LearnerGuess::named(it.name()) == Some(*it)));
        assert_eq!((Direction::named("up"), LearnerGuess::named("")), (None, None));
    }

    #[test]
    fn a_difference_falls_into_one_guess() {
        let of = |points: f64| LearnerGuess::of(points / 100.0, 0.01).name();
        let shown = [-9.0, -5.1, -4.0, -0.5, 0.0, 1.0, 1.1, 5.0, 6.0].map(of);
        let expected = [
            "much lower",
            "much lower",
            "lower",
            "about the same",
            "about the same",
            "about the same",
            "higher",
            "higher",
            "much higher",
        ];
        assert_eq!(shown, expected);
    }
}
