//! Results of a class without a server: each browser computes one block of a sweep, one
//! seed with all arms, and hands it in as a line of text that is mailed, pasted or scanned.
//! [`Collection`] puts the lines together. Independent of browsers and of how they are shown.
//!
//! A line is [`PREFIX`] and, in URL-safe base64 without padding, a [`HandIn`] as a JSON array
//! followed by its [`checksum`]. It may stand in a longer text, such as a link or an e-mail.

mod collection;

pub use collection::{Collection, Pool, Received, Unused};

use crate::checksum;
use crate::experiment::Experiment;
use crate::json;
use crate::record::DatasetInfo;
use crate::sweep::{Plan, RunResult, Score};
use crate::text;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use std::error::Error;
use std::fmt;

/// How a line begins; the digit is the version of what follows.
pub const PREFIX: &str = "ipg1.";

/// Longest line that is read, in characters: a block of 100 arms takes about 12,000.
pub const LONGEST: usize = 40_000;

/// Longest nickname, in characters.
pub const LONGEST_NAME: usize = 40;

/// What one browser hands in.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct HandIn {
    /// The canonical link of the class's sweep, with all its seeds.
    pub sweep: String,
    /// The seed of this block.
    pub seed: u32,
    /// A nickname, or nothing.
    pub name: String,
    /// The engine and its adapter, as in [`RunResult::engine`].
    pub engine: String,
    /// Which pixels and sums the runs are made of: see [`crate::record::NUMERICS`].
    pub numerics: u32,
    /// Build id of the program that trained.
    pub build: String,
    /// The data that were trained on.
    pub dataset: DatasetInfo,
    /// The runs of the block, in the order of [`Plan::runs`].
    pub runs: Vec<HandedRun>,
}

/// The figures of one run.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct HandedRun {
    /// The plain prediction; `None` if the run diverged.
    pub plain: Option<HandedScore>,
    /// The prediction with test-time augmentation, if it was on.
    pub tta: Option<HandedScore>,
    /// Seconds that the run took.
    pub seconds: f64,
}

/// The figures of one prediction.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct HandedScore {
    /// Validation images that are right.
    pub right: u32,
    /// Mean plain negative log-likelihood, in nanonats, where it is known. A whole number
    /// arrives as it was sent, whatever reads it.
    pub nll: Option<u64>,
    /// Expected calibration error, in billionths, where it is known.
    pub ece: Option<u64>,
}

/// Of one.
const BILLION: f64 = 1e9;

/// A figure of 0 or more in billionths.
fn billionths(figure: f64) -> u64 {
    (figure * BILLION).round() as u64
}

/// A figure from its billionths: [`RunResult`] rounds its own in the same way.
fn figure(billionths: u64) -> f64 {
    billionths as f64 / BILLION
}

/// Why a line could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandInError {
    /// It is longer than [`LONGEST`].
    TooLong,
    /// Characters are missing or were changed on the way.
    Damaged,
    /// The checksum holds, but it was written by another version of this program.
    OtherVersion,
    /// A figure is out of its range.
    Figure,
    /// The nickname is longer than [`LONGEST_NAME`].
    LongName,
}

impl fmt::Display for HandInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => text::hand_in_too_long(),
            Self::Damaged => text::hand_in_damaged(),
            Self::OtherVersion => text::hand_in_other_version(),
            Self::Figure => text::hand_in_figure(),
            Self::LongName => text::hand_in_long_name(),
        })
    }
}

impl Error for HandInError {}

/// Why a block cannot be handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// Runs of it have not ended.
    Unfinished {
        /// Runs that are missing.
        left: usize,
        /// Runs of the block.
        all: usize,
    },
    /// Its runs are of several engines, builds or data sets.
    Mixed,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unfinished { left, all } => f.write_str(&text::hand_in_unfinished(left, all)),
            Self::Mixed => f.write_str(text::hand_in_mixed()),
        }
    }
}

impl Error for NotReady {}

impl HandIn {
    /// The block of one seed of the class's sweep. `share` is the part of it that this
    /// browser computed: [`Plan::with_seed`].
    ///
    /// # Errors
    /// [`NotReady`] while a run is missing, or if the runs do not belong together.
    pub fn new<'a>(
        sweep: &Plan,
        share: &Plan,
        name: &str,
        result_of: impl Fn(&Experiment) -> Option<&'a RunResult>,
    ) -> Result<Self, NotReady> {
        let planned = share.runs();
        let results: Vec<&RunResult> =
            planned.iter().filter_map(|run| result_of(&run.experiment)).collect();
        let (all, done) = (planned.len(), results.len());
        let unfinished = NotReady::Unfinished { left: all - done, all };
        let (Some(first), Some(seed)) = (results.first(), share.sweep().seeds.first()) else {
            return Err(unfinished);
        };
        if done < all {
            return Err(unfinished);
        }
        let alike = |it: &&RunResult| {
            (&it.engine, it.numerics, &it.build, &it.dataset.hash, it.dataset.valid)
                == (
                    &first.engine,
                    first.numerics,
                    &first.build,
                    &first.dataset.hash,
                    first.dataset.valid,
                )
        };
        if !results.iter().all(alike) {
            return Err(NotReady::Mixed);
        }
        Ok(Self {
            sweep: sweep.link(),
            seed: *seed,
            name: name.trim().chars().take(LONGEST_NAME).collect(),
            engine: first.engine.clone(),
            numerics: first.numerics,
            build: first.build.clone(),
            dataset: first.dataset.clone(),
            runs: results.iter().map(|result| HandedRun::of(result)).collect(),
        })
    }

    /// The line.
    ///
    /// # Errors
    /// If a figure cannot be written as JSON.
    pub fn line(&self) -> Result<String, json::JsonError> {
        let mut bytes = json::write(self).map_err(json::JsonError::Data)?.into_bytes();
        checksum::seal(&mut bytes);
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads a line that begins with [`PREFIX`].
    ///
    /// # Errors
    /// [`HandInError`].
    pub fn read(line: &str) -> Result<Self, HandInError> {
        if line.len() > LONGEST {
            return Err(HandInError::TooLong);
        }
        let coded = line.strip_prefix(PREFIX).ok_or(HandInError::Damaged)?;
        let bytes = URL_SAFE_NO_PAD.decode(coded).map_err(|_| HandInError::Damaged)?;
        let text = checksum::open(&bytes).ok_or(HandInError::Damaged)?;
        let read: Self = json::read_bytes(text).map_err(|_| HandInError::OtherVersion)?;
        read.checked()
    }

    /// All lines in a text, in their order.
    pub fn lines(text: &str) -> impl Iterator<Item = &str> {
        let coded = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
        text.match_indices(PREFIX).map(move |(at, _)| {
            let line = &text[at..];
            let end = line[PREFIX.len()..].find(|it| !coded(it));
            &line[..end.map_or(line.len(), |end| PREFIX.len() + end)]
        })
    }

    /// The seeds' results by the runs of the class's plan, for a summary.
    fn results(&self, block: &Plan) -> Vec<(String, RunResult)> {
        let planned = block.runs();
        let of = |run: &HandedRun| run.result(self);
        planned.iter().map(|run| run.experiment.link()).zip(self.runs.iter().map(of)).collect()
    }

    /// `webgpu` or `cpu`: what is before the adapter.
    pub fn engine_kind(&self) -> &str {
        self.engine.split(' ').next().unwrap_or_default()
    }

    fn checked(self) -> Result<Self, HandInError> {
        let valid = self.dataset.valid;
        let fits = |score: &Option<HandedScore>| {
            score
                .as_ref()
                .is_none_or(|it| it.right <= valid && it.ece.is_none_or(|ece| figure(ece) <= 1.0))
        };
        let sound = self.runs.iter().all(|run| {
            fits(&run.plain) && fits(&run.tta) && run.seconds.is_finite() && run.seconds >= 0.0
        });
        if !sound || valid == 0 {
            return Err(HandInError::Figure);
        }
        if self.name.chars().count() > LONGEST_NAME {
            return Err(HandInError::LongName);
        }
        Ok(self)
    }
}

impl HandedRun {
    fn of(result: &RunResult) -> Self {
        let valid = f64::from(result.dataset.valid);
        let score = |score: &Score| HandedScore {
            right: (score.accuracy * valid).round() as u32,
            nll: score.nll.map(billionths),
            ece: score.ece.map(billionths),
        };
        Self {
            plain: result.plain.as_ref().map(score),
            tta: result.tta.as_ref().map(score),
            seconds: result.seconds,
        }
    }

    fn result(&self, of: &HandIn) -> RunResult {
        let valid = f64::from(of.dataset.valid);
        let score = |it: &HandedScore| Score {
            accuracy: f64::from(it.right) / valid,
            correct: None,
            nll: it.nll.map(figure),
            ece: it.ece.map(figure),
        };
        RunResult {
            diverged: self.plain.is_none(),
            plain: self.plain.as_ref().map(score),
            tta: self.tta.as_ref().map(score),
            seconds: self.seconds,
            numerics: of.numerics,
            build: of.build.clone(),
            engine: of.engine.clone(),
            dataset: of.dataset.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
