//! Recorded results: the runs of one sweep on real photographs, small enough to ship with
//! the page. They are labelled as recorded wherever they are shown. Independent of the
//! browser: bytes in, bytes out.
//!
//! Layout: [`MAGIC`], version `u32`, length of the header `u32`, images `u32` (little-endian), the
//! header as JSON, the true class of each image, then the [`Answers`] of each
//! run in the header's order (those with test-time augmentation after the plain ones): the columns
//! `predicted`, `truth` and `top`, one byte an image each. The file ends in the
//! [`checksum`] of all of it.

mod answers;
mod curves;

pub use answers::{AnswerFigures, Answers};

use crate::bytes::ByteReader;
use crate::checksum;
use crate::experiment::{EngineChoice, Experiment};
use crate::json::{self, JsonError};
use crate::record::RunRecord;
use crate::stats::StatsError;
use crate::sweep::{Plan, RunResult, Score, Summary, nine_decimals};
use crate::text;
use serde::{Deserialize, Serialize};

/// First bytes of the file.
pub const MAGIC: [u8; 8] = *b"IPtable\n";
/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// Why recorded results could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The file is something else, of another version, or damaged.
    #[error("the recorded results are damaged: {0}")]
    Damaged(&'static str),
    /// The header is not what it should be.
    #[error("the recorded results are damaged: {0}")]
    Header(#[from] JsonError),
    /// The link is not the link of a sweep.
    #[error("the recorded results name no sweep: {0}")]
    NoSweep(String),
    /// A record that was to be recorded cannot be.
    #[error("{link}: {why}")]
    Unfit {
        /// The run.
        link: String,
        /// What is missing.
        why: &'static str,
    },
    /// Predictions do not fit their images.
    #[error(transparent)]
    Predictions(#[from] StatsError),
}

/// The runs of one sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedTable {
    /// The canonical link of the sweep.
    pub link: String,
    /// True class of each validation image, in the order of the sorted paths.
    pub labels: Vec<u8>,
    /// The runs, in the order of [`Plan::runs`].
    pub runs: Vec<RecordedRun>,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedRun {
    /// What it leaves behind, without its log-probabilities.
    pub record: RunRecord,
    /// What it says of each image.
    pub plain: Answers,
    /// The same with test-time augmentation, if it was on.
    pub tta: Option<Answers>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    link: String,
    runs: Vec<HeaderRun>,
}

#[derive(Serialize, Deserialize)]
struct HeaderRun {
    record: RunRecord,
    plain: AnswerFigures,
    tta: Option<AnswerFigures>,
}

impl RecordedTable {
    /// Puts the records of a sweep together. Records that the sweep does not need are left out.
    ///
    /// # Errors
    /// [`RecordedError`] if the link is no sweep, or a run of it is missing, has not finished, or
    /// lacks its log-probabilities.
    pub fn new(link: &str, records: &[RunRecord]) -> Result<Self, RecordedError> {
        let plan = plan(link)?;
        let mut labels = Vec::new();
        let mut runs = Vec::new();
        for planned in plan.runs() {
            let link = planned.experiment.link();
            let unfit = |why| RecordedError::Unfit { link: link.clone(), why };
            let record = records.iter().find(|it| it.link == link).ok_or(unfit("is missing"))?;
            if record.is_diverged() {
                return Err(unfit("diverged"));
            }
            let mut record = record.clone();
            let predictions =
                record.log_probabilities.take().ok_or(unfit("has no log-probabilities"))?;
            if labels.is_empty() {
                labels.clone_from(&predictions.labels);
            } else if labels != predictions.labels {
                return Err(unfit("was measured on other images"));
            }
            let plain = Answers::new(&predictions.plain, &labels)?;
            let tta = match &predictions.tta {
                Some(scores) => Some(Answers::new(scores, &labels)?),
                None => None,
            };
            runs.push(RecordedRun { record, plain, tta });
        }
        Ok(Self { link: plan.link(), labels, runs })
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`RecordedError::Header`] if a record cannot be written.
    pub fn write(&self) -> Result<Vec<u8>, RecordedError> {
        let run = |run: &RecordedRun| HeaderRun {
            record: run.record.clone(),
            plain: run.plain.figures,
            tta: run.tta.as_ref().map(|it| it.figures),
        };
        let header = Header { link: self.link.clone(), runs: self.runs.iter().map(run).collect() };
        let header = json::write(&header).map_err(JsonError::Data)?;
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend((self.labels.len() as u32).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(&self.labels);
        for answers in self.runs.iter().flat_map(|run| [Some(&run.plain), run.tta.as_ref()]) {
            for column in answers.iter().flat_map(|it| [&it.predicted, &it.truth, &it.top]) {
                bytes.extend(column);
            }
        }
        checksum::seal(&mut bytes);
        Ok(bytes)
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// [`RecordedError`] for other bytes, or damaged ones.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordedError> {
        use RecordedError::Damaged;
        let bytes = checksum::open(bytes).ok_or(Damaged("their checksum does not match"))?;
        let mut reader = ByteReader::new(bytes);
        reader.tag(&MAGIC).ok_or(Damaged("they are another kind of file"))?;
        let cut = || Damaged("they end early");
        let version = reader.u32().ok_or_else(cut)?;
        let (length, images) = reader.u32().zip(reader.u32()).ok_or_else(cut)?;
        if version != VERSION {
            return Err(Damaged("they are of another version; reload the page"));
        }
        let images = images as usize;
        let header: Header = json::read_bytes(reader.bytes(length as usize).ok_or_else(cut)?)?;
        let labels = reader.bytes(images).ok_or_else(cut)?.to_vec();
        let mut answers = |figures: AnswerFigures| {
            let mut column = || reader.bytes(images).map(<[u8]>::to_vec).ok_or_else(cut);
            let (predicted, truth, top) = (column()?, column()?, column()?);
            Ok::<_, RecordedError>(Answers { figures, predicted, truth, top })
        };
        let mut runs = Vec::new();
        for HeaderRun { record, plain, tta } in header.runs {
            let plain = answers(plain)?;
            let tta = tta.map(&mut answers).transpose()?;
            runs.push(RecordedRun { record, plain, tta });
        }
        Ok(Self { link: header.link, labels, runs })
    }

    /// Where the runs were trained: engine and adapter, and the last day.
    pub fn origin(&self) -> String {
        let mut engines: Vec<String> = Vec::new();
        let mut day = "";
        for RecordedRun { record, .. } in &self.runs {
            let engine = text::recorded_engine(&record.engine, &record.adapter);
            if !engines.contains(&engine) {
                engines.push(engine);
            }
            day = day.max(record.date.split('T').next().unwrap_or(""));
        }
        format!("{}, {day}", engines.join("; "))
    }

    /// The link that trains the same runs here, on whatever engine there is.
    ///
    /// # Errors
    /// [`RecordedError::NoSweep`].
    pub fn link_here(&self) -> Result<String, RecordedError> {
        let plan = plan(&self.link)?;
        let base = Experiment { engine: EngineChoice::Auto, ..plan.base().clone() };
        Ok(Plan::define(&plan.definition(), &base).plan.map_or_else(|| plan.link(), |it| it.link()))
    }

    /// What the runs say together: exactly what a sweep's summary says of the records themselves.
    ///
    /// # Errors
    /// [`RecordedError::NoSweep`].
    pub fn summary(&self) -> Result<Summary, RecordedError> {
        let plan = plan(&self.link)?;
        let results: Vec<(&str, RunResult)> = self
            .runs
            .iter()
            .filter_map(|run| Some((run.record.link.as_str(), run.result(&self.labels)?)))
            .collect();
        Ok(Summary::new(&plan, |experiment: &Experiment| {
            let link = experiment.link();
            results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
        }))
    }
}

impl RecordedRun {
    /// What a sweep takes of the run; `None` if it was stopped.
    fn result(&self, labels: &[u8]) -> Option<RunResult> {
        let mut result = RunResult::of(&self.record).ok()??;
        let complete = |score: &mut Option<Score>, answers: &Answers| {
            if let Some(score) = score {
                let correct = answers.correct(labels);
                let right = correct.iter().filter(|it| **it).count();
                // Counted anew: a share that went through JSON may have lost its last bit.
                score.accuracy = right as f64 / labels.len().max(1) as f64;
                score.correct = Some(correct);
                score.ece = answers.figures.ece.map(nine_decimals);
                score.nll = score.nll.or(answers.figures.nll.map(nine_decimals));
            }
        };
        complete(&mut result.plain, &self.plain);
        if let Some(tta) = &self.tta {
            complete(&mut result.tta, tta);
        }
        Some(result)
    }
}

fn plan(link: &str) -> Result<Plan, RecordedError> {
    Plan::parse(link).plan.ok_or_else(|| RecordedError::NoSweep(link.to_owned()))
}

#[cfg(test)]
mod tests;
