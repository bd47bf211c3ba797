//! All runs as one file, for export and import. Independent of the browser: this module knows
//! where in the file everything lies, and its caller reads and writes the bytes.
//!
//! Layout: [`MAGIC`], format `u32`, length of the header `u32` (little-endian),
//! the header as JSON with its [`checksum`], then for each run in the
//! header's order the run itself, as [`super::stored`] writes it, its curve, its
//! predictions and its predictions by epoch, as [`super::pack`] packs them, if it has
//! them. The header has the checksums of these parts, so that damage to one does not affect
//! the others. The file ends with the header again, and the first three in reverse order: they serve
//! if the beginning is damaged. Format 2 had no such end; format 1 had no checksums, and the runs
//! themselves in the header.

use super::list::{Choices, OVERLAYS};
use super::{LARGEST_NUMBER, RunEntry, pack, stored};
use crate::bytes::ByteReader;
use crate::checksum;
use crate::json;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

/// First bytes of the file.
pub const MAGIC: [u8; 8] = *b"IPruns\r\n";
/// The format that is written, and the newest that is read.
pub const VERSION: u32 = 3;
/// The first format whose parts have checksums.
const WITH_SUMS: u32 = 2;
/// Bytes before the header, and after its copy.
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
    #[error("it was made by a newer version of this page (format {0}, this one reads {VERSION})")]
    Newer(u32),
    /// It is shorter or longer than its header states.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedRun {
    /// Its id.
    pub id: String,
    /// The run, as stored, in format 1; else it is a part of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// Bytes of the run, as stored; 0 in format 1.
    #[serde(default)]
    pub text: u64,
    /// Bytes of its packed curve.
    pub curve: u64,
    /// Bytes of its packed predictions; 0 if it has none.
    pub predictions: u64,
    /// Bytes of its packed predictions by epoch; 0 if it has none.
    pub epochs: u64,
    /// Checksums of the four; `None` in format 1.
    #[serde(default)]
    pub sums: Option<[u32; 4]>,
}

/// The parts of one run, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunParts {
    /// The run, as stored; empty in format 1.
    pub text: Vec<u8>,
    /// Its packed curve.
    pub curve: Vec<u8>,
    /// Its packed predictions; empty if it has none.
    pub predictions: Vec<u8>,
    /// Its packed predictions by epoch; empty if it has none.
    pub epochs: Vec<u8>,
}

impl RunParts {
    /// Their entry in the header.
    pub fn item(&self, id: &str) -> ArchivedRun {
        let [text, curve, predictions, epochs] = self.parts().map(|part| part.len() as u64);
        let sums = Some(self.parts().map(|part| checksum::of(part)));
        ArchivedRun {
            id: id.to_owned(),
            run: String::new(),
            text,
            curve,
            predictions,
            epochs,
            sums,
        }
    }

    fn parts(&self) -> [&Vec<u8>; 4] {
        [&self.text, &self.curve, &self.predictions, &self.epochs]
    }
}

/// Reads one run of a file and checks every byte. Damaged parts other than the run itself are
/// removed from `parts` and named in the returned texts.
///
/// # Errors
/// A sentence, if it is not a run that can be on the list.
pub fn read_run(
    item: ArchivedRun,
    parts: &mut RunParts,
) -> Result<(RunEntry, Vec<String>), String> {
    if (parts.text.len() as u64) < item.text {
        return Err("the file ends before it".to_owned());
    }
    let damaged = |place: usize, part: &[u8]| {
        item.sums.is_some_and(|sums| sums.get(place).copied() != Some(checksum::of(part)))
    };
    if damaged(0, &parts.text) {
        return Err("its record is damaged: the checksum is another one".to_owned());
    }
    let text = match item.sums {
        Some(_) => std::str::from_utf8(&parts.text).map_err(|error| error.to_string())?,
        None => item.run.as_str(),
    };
    let read = stored::read_entry(item.id.clone(), text, Vec::new());
    let mut entry = read.map_err(|error| error.to_string())?;
    if entry.number > LARGEST_NUMBER {
        return Err(format!("its number, {}, is none that this page gives", entry.number));
    }
    let mut lost = Vec::new();
    match pack::unpack_curve(&parts.curve) {
        Ok(points) if !damaged(1, &parts.curve) => entry.points = points,
        _ => {
            lost.push("its curve".to_owned());
            parts.curve.clear();
        }
    }
    let mut predictions = match pack::unpack_predictions(&parts.predictions) {
        Ok(predictions) if !damaged(2, &parts.predictions) => Some(predictions),
        _ => None,
    };
    predictions =
        predictions.filter(|predictions| entry.record.check_predictions(predictions).is_ok());
    if predictions.is_none() && item.predictions > 0 {
        lost.push("its predictions".to_owned());
        parts.predictions.clear();
    }
    if item.epochs > 0 {
        let epochs = pack::unpack_epochs(&parts.epochs).ok();
        let epochs = epochs.filter(|_| !damaged(3, &parts.epochs));
        let fits = match (predictions, epochs) {
            (Some(mut predictions), Some(epochs)) => {
                predictions.epochs = epochs;
                entry.record.check_predictions(&predictions).is_ok()
            }
            _ => false,
        };
        if !fits {
            lost.push("its predictions by epoch".to_owned());
            parts.epochs.clear();
        }
    }
    entry.has_predictions = !parts.predictions.is_empty();
    Ok((entry, lost))
}

/// The header of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// What was chosen of the runs.
    #[serde(default)]
    pub choices: Choices,
    /// The runs.
    pub runs: Vec<ArchivedRun>,
}

/// The places of the parts of one run in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpan {
    /// The run, as stored; empty in format 1.
    pub text: Range<u64>,
    /// Its packed curve.
    pub curve: Range<u64>,
    /// Its packed predictions; empty if it has none.
    pub predictions: Range<u64>,
    /// Its packed predictions by epoch; empty if it has none.
    pub epochs: Range<u64>,
}

/// The beginning of the file, up to the first run's parts, and what follows the last one's.
///
/// # Errors
/// A sentence, if the runs are too many for one file.
pub fn write_ends(contents: &Contents) -> Result<[Vec<u8>; 2], String> {
    let mut header = json::write(contents)?.into_bytes();
    checksum::seal(&mut header);
    if header.len() > LONGEST_HEADER {
        return Err("there are too many runs for one file".to_owned());
    }
    let (version, length) = (VERSION.to_le_bytes(), (header.len() as u32).to_le_bytes());
    let head = [&MAGIC[..], &version, &length, &header].concat();
    let tail = [&header[..], &length, &version, &MAGIC].concat();
    Ok([head, tail])
}

/// Where in the file the header lies, from its first [`PREAMBLE`] bytes, and the
/// format.
///
/// # Errors
/// [`ArchiveError`] for files of another kind, of a newer format, or cut.
pub fn header_place(preamble: &[u8], length: u64) -> Result<(Range<u64>, u32), ArchiveError> {
    let mut reader = ByteReader::new(preamble);
    reader.tag(&MAGIC).ok_or(ArchiveError::Foreign)?;
    let (version, header) = reader
        .u32()
        .zip(reader.u32())
        .ok_or(ArchiveError::Length { expected: PREAMBLE as u64, found: length })?;
    match version {
        0 => return Err(ArchiveError::Foreign),
        1..=VERSION => {}
        newer => return Err(ArchiveError::Newer(newer)),
    }
    if header as usize > LONGEST_HEADER {
        return Err(ArchiveError::Damaged("its table of contents is too long".to_owned()));
    }
    let end = PREAMBLE as u64 + u64::from(header);
    if length < end {
        return Err(ArchiveError::Length { expected: end, found: length });
    }
    Ok((PREAMBLE as u64..end, version))
}

/// Where in the file the copy of the header lies, from its last [`PREAMBLE`] bytes; it is of format
/// [`VERSION`]. `None` if there is none.
pub fn copy_place(end: &[u8], length: u64) -> Option<Range<u64>> {
    let mut reader = ByteReader::new(end);
    let (header, version) = reader.u32().zip(reader.u32())?;
    reader.tag(&MAGIC).filter(|()| version == VERSION)?;
    let end = length.checked_sub(PREAMBLE as u64)?;
    Some(end.checked_sub(header.into())?..end)
}

/// Reads the header of a file of this format, with the places of the parts of its runs. Those of
/// an incomplete copy may lie beyond the end.
///
/// # Errors
/// [`ArchiveError`] if the header is damaged, or the file ends with it.
pub fn read_header(
    header: &[u8],
    format: u32,
    length: u64,
) -> Result<(Contents, Vec<RunSpan>), ArchiveError> {
    let damaged = |why: String| ArchiveError::Damaged(why);
    let table = match format {
        ..WITH_SUMS => header,
        _ => checksum::open(header).ok_or_else(|| {
            damaged("the checksum of its table of contents is another one".into())
        })?,
    };
    let mut contents: Contents =
        json::read_bytes(table).map_err(|error| damaged(error.to_string()))?;
    if contents.choices.last_number > LARGEST_NUMBER {
        contents.choices.last_number = 0;
    }
    contents.choices.overlays.truncate(OVERLAYS);
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
        let whole = format < WITH_SUMS || item.sums.is_some();
        if !fits || !whole || !ids.insert(item.id.as_str()) {
            return Err(damaged("a run's id is not one of this page's".to_owned()));
        }
        places.push(RunSpan {
            text: next(item.text)?,
            curve: next(item.curve)?,
            predictions: next(item.predictions)?,
            epochs: next(item.epochs)?,
        });
    }
    // Checksums tell which runs are whole.
    let begin = places.first().map_or(0, |first| first.text.start);
    let enough = if format < WITH_SUMS { length == end } else { length > begin };
    if !enough {
        return Err(ArchiveError::Length { expected: end, found: length });
    }
    Ok((contents, places))
}

#[cfg(test)]
mod tests;
