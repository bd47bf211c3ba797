//! The text form of runs in the browser's store. Independent of the browser:
//! text in, entries out.

use super::{RunEntry, UnfinishedRun};
use crate::json::{self, JsonError};
use crate::record::RunRecord;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version that is written, and the newest that is read. Version 1 did not
/// have a run's number.
pub const VERSION: u32 = 2;

/// Why a stored text could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// A later version of this program wrote it.
    #[error("it was stored by a newer version of this page (format {0}, this one reads {VERSION})")]
    Newer(u32),
    /// It is not what this program writes.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    value: T,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    /// 0 in version 1: the list gives the run its number then.
    #[serde(default)]
    number: u32,
    record: RunRecord,
    recorded: bool,
    synthetic: bool,
    has_predictions: bool,
}

/// Writes an entry without its curve, which is stored apart.
///
/// # Errors
/// A sentence, if a value cannot be written as JSON.
pub fn write_entry(entry: &RunEntry) -> Result<String, String> {
    let RunEntry { number, record, recorded, synthetic, has_predictions, .. } = entry.clone();
    write(Entry { number, record, recorded, synthetic, has_predictions })
}

/// Reads what [`write_entry`] wrote.
///
/// # Errors
/// [`StoredError`] for text of a newer version, or damaged.
pub fn read_entry(
    id: String,
    text: &str,
    points: Vec<crate::protocol::StepPoint>,
) -> Result<RunEntry, StoredError> {
    let Entry { number, record, recorded, synthetic, has_predictions } = read(text)?;
    Ok(RunEntry { id, number, record, points, recorded, synthetic, has_predictions })
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
    read(text)
}

fn write<T: Serialize>(value: T) -> Result<String, String> {
    json::write(&Versioned { version: VERSION, value })
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoredError> {
    #[derive(Deserialize)]
    struct OnlyVersion {
        version: u32,
    }
    let damaged = |error: JsonError| StoredError::Damaged(error.to_string());
    // The version first: the rest of a newer one may look like anything.
    let OnlyVersion { version } = json::read(text).map_err(damaged)?;
    if version > VERSION {
        return Err(StoredError::Newer(version));
    }
    let Versioned { value, .. } = json::read(text).map_err(damaged)?;
    Ok(value)
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
    fn version_1_is_read_without_a_number() {
        let run = entry("a", "v=1", 0.5);
        let text = write_entry(&run).unwrap();
        let first = text.replace(r#""version":2"#, r#""version":1"#).replace(r#""number":0,"#, "");
        assert!(!first.contains("number"), "{first}");
        assert_eq!(read_entry("a".to_owned(), &first, Vec::new()), Ok(run));
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
        let newer = read_entry("a".to_owned(), r#"{"version":3,"record":"other"}"#, Vec::new());
        assert_eq!(newer, Err(StoredError::Newer(3)));
        let damaged = read_entry("a".to_owned(), "{", Vec::new());
        assert!(matches!(damaged, Err(StoredError::Damaged(_))));
    }
}
