//! What runs are compared by. Independent of the tests.

use crate::stats::intervals::{points, signed};
use crate::text;
use serde::{Deserialize, Serialize};

/// A figure by which runs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Share of the validation images that are right.
    Accuracy,
    /// Mean plain negative log-likelihood, in nats.
    Nll,
    /// Expected calibration error.
    Ece,
}

impl Measure {
    /// Its name, as shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Nll => "NLL",
            Self::Ece => "ECE",
        }
    }

    /// True if less of it is better.
    pub fn lower_is_better(self) -> bool {
        self != Self::Accuracy
    }

    /// A difference: of NLL in nats, else in percentage points.
    pub fn difference(self, value: f64) -> String {
        match self {
            Self::Nll => signed(value, 3),
            Self::Accuracy | Self::Ece => points(value),
        }
    }

    /// What a difference is counted in.
    pub fn unit(self) -> &'static str {
        if self == Self::Nll { text::verdict_nats() } else { text::run_points() }
    }
}
