//! The text form of runs in the browser's store. Independent of the browser:
//! text in, entries out.

use super::meaning::Meaning;
use super::{RunEntry, UnfinishedRun};
use crate::checksum;
use crate::experiment::link;
use crate::json::{self, JsonError};
use crate::record::RunRecord;
use crate::record::check::RecordFault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version that is written, and the newest that is read. Version 1 did not
/// have a run's number, version 2 no checksum.
pub const VERSION: u32 = 3;
/// The newest version without a checksum.
const UNCHECKED: u32 = 2;

/// Why a stored text could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// A later version of this program wrote it.
    #[error("it was made by a newer version of this page (format {0}, this one reads {VERSION})")]
    Newer(u32),
    /// It is not what this program writes.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// What versions up to [`UNCHECKED`] are.
#[derive(Deserialize)]
struct Versioned<T> {
    value: T,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    /// 0 in version 1: the list gives the run its number then.
    #[serde(default)]
    number: u32,
    record: RunRecord,
    recorded: bool,
    synthetic: bool,
    has_predictions: bool,
}

/// Writes an entry without its curve, which is stored separately.
///
/// # Errors
/// A sentence, if a value cannot be written as JSON.
pub fn write_entry(entry: &RunEntry) -> Result<String, String> {
    let RunEntry { number, record, recorded, synthetic, has_predictions, .. } = entry.clone();
    write(StoredEntry { number, record, recorded, synthetic, has_predictions })
}

/// Reads what [`write_entry`] wrote.
///
/// # Errors
/// [`StoredError`] for text of a newer version, damaged, or with a record that
/// [cannot be](RunRecord::checked).
pub fn read_entry(
    id: String,
    text: &str,
    points: Vec<crate::progress::StepPoint>,
) -> Result<RunEntry, StoredError> {
    let StoredEntry { number, record, recorded, synthetic, has_predictions } = read(text)?;
    let record = record.checked().map_err(|fault| match fault {
        RecordFault::Newer(format) => StoredError::Newer(format),
        fault => StoredError::Damaged(fault.to_string()),
    })?;
    let meaning = Meaning::default();
    Ok(RunEntry { id, number, record, points, recorded, synthetic, has_predictions, meaning })
}

/// Writes what it takes to go on with a run.
///
/// # Errors
/// A sentence, if a value cannot be written as JSON.
pub fn write_unfinished(run: &UnfinishedRun) -> Result<String, String> {
    write(run)
}

/// Reads what [`write_unfinished`] wrote.
///
/// # Errors
/// [`StoredError`] for text of a newer version, or damaged.
pub fn read_unfinished(text: &str) -> Result<UnfinishedRun, StoredError> {
    let run: UnfinishedRun = read(text)?;
    match link::parse_exactly(&run.link) {
        Some(_) => Ok(run),
        None => Err(StoredError::Damaged("its link is none".into())),
    }
}

/// The checksum covers the value's text as it stands between what [`head`] writes and
/// the last brace.
fn write<T: Serialize>(value: T) -> Result<String, String> {
    let value = json::write(&value)?;
    Ok(format!("{}{value}}}", head(checksum::of(value.as_bytes()))))
}

fn head(sum: u32) -> String {
    format!(r#"{{"version":{VERSION},"sum":{sum},"value":"#)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoredError> {
    #[derive(Deserialize)]
    struct OnlyVersion {
        version: u32,
        sum: Option<u32>,
    }
    let damaged = |error: JsonError| StoredError::Damaged(error.to_string());
    // The version first: the rest of a newer one may look like anything.
    let OnlyVersion { version, sum } = json::read_foreign(text).map_err(damaged)?;
    if version > VERSION {
        return Err(StoredError::Newer(version));
    }
    if version <= UNCHECKED && sum.is_none() {
        let Versioned { value } = json::read_foreign(text).map_err(damaged)?;
        return Ok(value);
    }
    let sum = sum.unwrap_or_default();
    let value = text.strip_prefix(head(sum).as_str()).and_then(|rest| rest.strip_suffix('}'));
    let whole = value.filter(|value| checksum::of(value.as_bytes()) == sum);
    let value = whole.ok_or_else(|| StoredError::Damaged("its checksum is another one".into()))?;
    json::read(value).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    #[test]
    fn entries_come_back_exactly() {
        let mut run = entry("a", "v=1&mixup=0.4", 1.0 / 3.0);
        run.recorded = true;
        run.number = 7;
        let text = write_entry(&run).unwrap();
        assert_eq!(read_entry("a".to_owned(), &text, Vec::new()), Ok(run));
    }

    #[test]
    fn a_diverged_run_comes_back_with_its_gaps() {
        let mut run = entry("a", "v=1", 0.5);
        run.record.outcome = crate::record::Outcome::Diverged;
        run.record.epochs[2].nll = f64::NAN;
        let text = write_entry(&run).unwrap();
        assert!(text.contains(r#""nll":null"#), "{text}");
        let read = read_entry("a".to_owned(), &text, Vec::new()).unwrap();
        assert!(read.record.epochs[2].nll.is_nan() && read.record.is_diverged());
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let run = entry("a", "v=1", 0.5);
        let text = write_entry(&run).unwrap();
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 0x01;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            let read = read_entry("a".to_owned(), &flipped, Vec::new());
            assert!(read.is_err(), "byte {place} of {flipped}");
        }
    }

    #[test]
    fn what_no_run_can_be_is_not_read() {
        let mut run = entry("a", "v=1", 0.5);
        run.record.epochs.clear();
        let text = write_entry(&run).unwrap();
        let read = read_entry("a".to_owned(), &text, Vec::new());
        assert!(matches!(read, Err(StoredError::Damaged(_))));
    }

    #[test]
    fn unfinished_runs_come_back_exactly() {
        let run = UnfinishedRun {
            id: "a".to_owned(),
            link: "v=1".to_owned(),
            build: "test".to_owned(),
            dataset_hash: "ab".to_owned(),
            date: "2026-03-01T12:34:56Z".to_owned(),
            total_epochs: 5,
            rows: entry("a", "v=1", 0.1).record.epochs,
            points: Vec::new(),
            synthetic: true,
        };
        assert_eq!(read_unfinished(&write_unfinished(&run).unwrap()), Ok(run));
    }

    #[test]
    fn a_newer_version_is_refused_whatever_it_holds() {
        let newer = read_entry("a".to_owned(), r#"{"version":4,"record":"other"}"#, Vec::new());
        assert_eq!(newer, Err(StoredError::Newer(4)));
        let damaged = read_entry("a".to_owned(), "{", Vec::new());
        assert!(matches!(damaged, Err(StoredError::Damaged(_))));
    }
}
