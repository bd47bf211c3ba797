//! All runs as one file, to take along and to bring back. Independent of the
//! browser: it describes where in the file everything lies, and whoever reads or
//! writes the file moves the bytes.
//!
//! Layout: [`MAGIC`], format `u32`, length of the header `u32` (little-endian),
//! the header as JSON, then for each run in the header's order its curve, its
//! predictions and its predictions by epoch, as [`super::pack`] packs them, as far
//! as it has them. The run itself is in the header, as [`super::stored`] writes it.

use super::shelf::Choices;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

/// First bytes of the file.
pub const MAGIC: [u8; 8] = *b"IPruns\r\n";
/// The format that is written, and the newest that is read.
pub const VERSION: u32 = 1;
/// Bytes before the header.
pub const PREAMBLE: usize = 16;
/// The file name's ending.
pub const EXTENSION: &str = "ipruns";
/// Longest header that is read; 10,000 runs of 100 epochs stay below it.
const LONGEST_HEADER: usize = 256_000_000;

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It is something else.
    #[error("it is no file of runs that this page exported")]
    Foreign,
    /// A later version of this page wrote it.
    #[error("a newer version of this page wrote it (format {0}, this one reads {VERSION})")]
    Newer(u32),
    /// It is shorter or longer than it says.
    #[error("it has {found} bytes and should have {expected}: the copy is not complete")]
    Length {
        /// Bytes that there should be.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// It does not make sense.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// One run of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The run, as stored.
    pub run: String,
    /// Bytes of its packed curve.
    pub curve: u64,
    /// Bytes of its packed predictions; 0 if it has none.
    pub predictions: u64,
    /// Bytes of its packed predictions by epoch; 0 if it has none.
    pub epochs: u64,
}

/// What the file holds, but for the bulk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// What was chosen of the runs.
    #[serde(default)]
    pub choices: Choices,
    /// The runs.
    pub runs: Vec<Item>,
}

/// Where the bulk of one run lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its packed curve.
    pub curve: Range<u64>,
    /// Its packed predictions; empty if it has none.
    pub predictions: Range<u64>,
    /// Its packed predictions by epoch; empty if it has none.
    pub epochs: Range<u64>,
}

/// The beginning of the file: what comes before the bulk.
///
/// # Errors
/// A sentence, if the runs are too many for one file.
pub fn write_head(contents: &Contents) -> Result<Vec<u8>, String> {
    let header = json::write(contents)?.into_bytes();
    if header.len() > LONGEST_HEADER {
        return Err("there are too many runs for one file".to_owned());
    }
    let mut bytes = Vec::with_capacity(PREAMBLE + header.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header);
    Ok(bytes)
}

/// Where in the file the header lies, from its first [`PREAMBLE`] bytes.
///
/// # Errors
/// [`ArchiveError`] for files of another kind, of a newer format, or cut.
pub fn header_place(preamble: &[u8], length: u64) -> Result<Range<u64>, ArchiveError> {
    let rest = preamble.strip_prefix(&MAGIC).ok_or(ArchiveError::Foreign)?;
    let numbers: &[u8; 8] = rest
        .first_chunk()
        .ok_or(ArchiveError::Length { expected: PREAMBLE as u64, found: length })?;
    let [a, b, c, d, e, f, g, h] = *numbers;
    let version = u32::from_le_bytes([a, b, c, d]);
    let header = u32::from_le_bytes([e, f, g, h]);
    match version {
        0 => return Err(ArchiveError::Foreign),
        VERSION => {}
        newer => return Err(ArchiveError::Newer(newer)),
    }
    if header as usize > LONGEST_HEADER {
        return Err(ArchiveError::Damaged("its table of contents is too long".to_owned()));
    }
    let end = PREAMBLE as u64 + u64::from(header);
    if length < end {
        return Err(ArchiveError::Length { expected: end, found: length });
    }
    Ok(PREAMBLE as u64..end)
}

/// Reads the header, and says where the bulk of its runs lies.
///
/// # Errors
/// [`ArchiveError`] if the header is damaged or the file is not of the length
/// that it tells.
pub fn read_header(header: &[u8], length: u64) -> Result<(Contents, Vec<Place>), ArchiveError> {
    let damaged = |why: String| ArchiveError::Damaged(why);
    let contents: Contents =
        json::read_bytes(header).map_err(|error| damaged(error.to_string()))?;
    let mut ids = HashSet::new();
    let mut end = PREAMBLE as u64 + header.len() as u64;
    let mut next = |length: u64| -> Result<Range<u64>, ArchiveError> {
        let start = end;
        end = start
            .checked_add(length)
            .ok_or_else(|| damaged("a run is larger than any file".to_owned()))?;
        Ok(start..end)
    };
    let mut places = Vec::with_capacity(contents.runs.len());
    for item in &contents.runs {
        // An id ends up in the page's own ids.
        let fits = (1..=64).contains(&item.id.len())
            && item.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !fits || !ids.insert(item.id.as_str()) {
            return Err(damaged("a run's id is not one of this page's".to_owned()));
        }
        places.push(Place {
            curve: next(item.curve)?,
            predictions: next(item.predictions)?,
            epochs: next(item.epochs)?,
        });
    }
    if end != length {
        return Err(ArchiveError::Length { expected: end, found: length });
    }
    Ok((contents, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, [curve, predictions, epochs]: [u64; 3]) -> Item {
        Item { id: id.to_owned(), run: "{}".to_owned(), curve, predictions, epochs }
    }

    fn contents() -> Contents {
        let choices = Choices { baseline: Some("b-1".to_owned()), ..Choices::default() };
        Contents { choices, runs: vec![item("a-1", [12, 0, 5]), item("b-1", [12, 7, 0])] }
    }

    fn read(file: &[u8]) -> Result<(Contents, Vec<Place>), ArchiveError> {
        let length = file.len() as u64;
        let place = header_place(&file[..PREAMBLE.min(file.len())], length)?;
        read_header(&file[place.start as usize..place.end as usize], length)
    }

    fn file(contents: &Contents) -> Vec<u8> {
        let bulk: u64 =
            contents.runs.iter().map(|run| run.curve + run.predictions + run.epochs).sum();
        let mut file = write_head(contents).unwrap();
        file.extend(vec![7; bulk as usize]);
        file
    }

    #[test]
    fn everything_comes_back_and_lies_in_order() {
        let file = file(&contents());
        let (read, places) = read(&file).unwrap();
        assert_eq!(read, contents());
        let head = file.len() as u64 - 36;
        assert_eq!(places[0].curve, head..head + 12);
        assert_eq!(places[0].predictions, head + 12..head + 12);
        assert_eq!(places[0].epochs, head + 12..head + 17);
        assert_eq!(places[1].predictions, head + 29..head + 36);
        let none = Contents::default();
        assert_eq!(super::tests::read(&super::tests::file(&none)).unwrap().0, none);
    }

    #[test]
    fn every_cut_is_noticed() {
        let file = file(&contents());
        for length in 0..file.len() {
            let error = read(&file[..length]).unwrap_err();
            if length >= PREAMBLE {
                assert!(matches!(error, ArchiveError::Length { .. }), "{length}: {error}");
            }
        }
        let mut longer = file;
        longer.push(0);
        assert!(read(&longer).unwrap_err().to_string().contains("not complete"));
    }

    #[test]
    fn foreign_newer_and_senseless_files_are_refused() {
        assert_eq!(read(b"PK\x03\x04 a zip archive of runs"), Err(ArchiveError::Foreign));
        let mut newer = file(&contents());
        newer[8] = 2;
        assert_eq!(read(&newer), Err(ArchiveError::Newer(2)));
        let mut senseless = file(&contents());
        senseless[PREAMBLE] = b'!';
        assert!(matches!(read(&senseless), Err(ArchiveError::Damaged(_))));
        for id in ["", "<b>", "a-1"] {
            let mut odd = contents();
            odd.runs[1].id = id.to_owned();
            assert!(matches!(read(&file(&odd)), Err(ArchiveError::Damaged(_))), "{id}");
        }
        let mut huge = contents();
        huge.runs[0].curve = u64::MAX;
        let head = write_head(&huge).unwrap();
        assert!(matches!(read(&head), Err(ArchiveError::Damaged(_))));
    }
}
