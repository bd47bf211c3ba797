//! All runs as one file: parts for a download, and runs read back from one. The
//! bulk goes from the store to the file and back as it is; only what is read from
//! a file is looked into, since a file can be anything.

use super::fault::{self, NotWritten};
use super::runs::Bulk;
use super::{Store, breathe, from_bytes, to_bytes};
use crate::app::storage::ImportedRuns;
use crate::report::ErrorReport;
use crate::runs::archive::{self, ArchiveError, ArchivedRun, Contents, RunParts};
use crate::runs::list::Choices;
use crate::runs::{RunEntry, pack, stored};
use crate::text;
use crate::wire;
use js_sys::Array;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// The runs as parts of a file. Without a store their predictions are not there.
///
/// # Errors
/// A report for the person.
pub async fn export(
    store: Option<Store>,
    runs: &[Rc<RunEntry>],
    choices: Choices,
) -> Result<Array, ErrorReport> {
    let parts = Array::new();
    let mut contents = Contents { choices, runs: Vec::with_capacity(runs.len()) };
    for (place, entry) in runs.iter().enumerate() {
        breathe(place).await;
        let bulk = match &store {
            Some(store) => store.bulk(&entry.id).await?,
            None => Bulk::default(),
        };
        let has_predictions = bulk.predictions.is_some();
        let stored = RunEntry { has_predictions, ..(**entry).clone() };
        let bytes = |part: Option<&JsValue>| part.and_then(to_bytes).unwrap_or_default();
        let mut parts_of = RunParts {
            text: stored::write_entry(&stored).map_err(|why| not_exported(&why))?.into_bytes(),
            curve: bytes(bulk.curve.as_ref()),
            predictions: bytes(bulk.predictions.as_ref()),
            epochs: bytes(bulk.epochs.as_ref()),
        };
        if parts_of.curve.is_empty() {
            parts_of.curve = pack::pack_curve(&entry.points);
        }
        contents.runs.push(parts_of.item(&entry.id));
        // One blob a run: the buffers of all of them at once would hold up the page.
        let RunParts { text, curve, predictions, epochs } = &parts_of;
        let buffers = [text, curve, predictions, epochs].map(|part| from_bytes(part));
        let blob = Blob::new_with_buffer_source_sequence(&Array::from_iter(buffers))
            .map_err(|error| not_exported(&wire::describe(&error)))?;
        parts.push(&blob);
    }
    let [head, tail] = archive::write_ends(&contents).map_err(|why| not_exported(&why))?;
    parts.unshift(&from_bytes(&head));
    parts.push(&from_bytes(&tail));
    Ok(parts)
}

/// Reads a file of runs and stores those that are not in `known`; one whose number
/// is in `numbers` gets another one on the list.
///
/// # Errors
/// A report for the person, if nothing of the file can be read.
pub async fn import(
    store: Option<Store>,
    file: &File,
    known: &HashSet<String>,
    numbers: &HashSet<u32>,
) -> Result<ImportedRuns, ErrorReport> {
    let (contents, places) = read_contents(file).await?;
    let mut imported = ImportedRuns { choices: contents.choices, ..ImportedRuns::default() };
    for (index, (item, place)) in contents.runs.into_iter().zip(places).enumerate() {
        breathe(index).await;
        if known.contains(&item.id) {
            imported.known += 1;
            continue;
        }
        let id = item.id.clone();
        match read_run(file, item, &place).await {
            Ok((mut entry, bulk, lost)) => {
                if !lost.is_empty() {
                    let lost = match lost.as_slice() {
                        [first, second] => text::import_and(first, second),
                        lost => lost.join(", "),
                    };
                    imported.refused.push(text::import_damaged(&id, &lost));
                }
                if numbers.contains(&entry.number) {
                    entry.number = 0;
                }
                if let Some(store) = &store {
                    match store.put(&[(&entry, &bulk)]).await {
                        Ok(()) => {}
                        Err(NotWritten::Full) => {
                            imported.refused.push(text::import_full().to_owned());
                            break;
                        }
                        Err(NotWritten::Other(report)) => return Err(report),
                    }
                } else {
                    entry.has_predictions = false;
                }
                imported.runs.push(Rc::new(entry));
            }
            Err(why) => imported.refused.push(text::import_left_out(&id, &why.to_string())),
        }
    }
    if let Some(store) = &store
        && !imported.runs.is_empty()
    {
        store.channel.tell_changed();
    }
    Ok(imported)
}

/// The table of contents: that at the beginning of the file, or its copy at the end.
async fn read_contents(file: &File) -> Result<(Contents, Vec<archive::RunSpan>), ErrorReport> {
    let length = file.size() as u64;
    let edge = archive::PREAMBLE as u64;
    let damaged = match archive::header_place(&slice(file, 0..edge).await?, length) {
        Ok((place, format)) => {
            match archive::read_header(&slice(file, place).await?, format, length) {
                Ok(read) => return Ok(read),
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    let end = slice(file, length.saturating_sub(edge)..length).await?;
    let copy = match archive::copy_place(&end, length) {
        Some(place) => {
            archive::read_header(&slice(file, place).await?, archive::VERSION, length).ok()
        }
        None => None,
    };
    copy.ok_or_else(|| not_imported(&file.name(), &damaged))
}

/// One run, every byte of it checked, and what of it is damaged and was left out.
async fn read_run(
    file: &File,
    item: ArchivedRun,
    place: &archive::RunSpan,
) -> Result<(RunEntry, Bulk, Vec<String>), String> {
    let part = async |range: &Range<u64>| slice(file, range.clone()).await.map_err(|it| it.why);
    let mut parts = RunParts {
        text: part(&place.text).await?,
        curve: part(&place.curve).await?,
        predictions: part(&place.predictions).await?,
        epochs: part(&place.epochs).await?,
    };
    let (entry, lost) = archive::read_run(item, &mut parts)?;
    let kept = |part: &Vec<u8>| (!part.is_empty()).then(|| from_bytes(part));
    let bulk = Bulk {
        curve: kept(&parts.curve),
        predictions: kept(&parts.predictions),
        epochs: kept(&parts.epochs),
    };
    Ok((entry, bulk, lost))
}

async fn slice(file: &File, range: Range<u64>) -> Result<Vec<u8>, ErrorReport> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let read = async {
        let part = file.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
        JsFuture::from(part.array_buffer()).await
    };
    let buffer: JsValue = read.await.map_err(|error: JsValue| {
        ErrorReport::new(
            text::import_unreadable(&file.name()),
            wire::describe(&error),
            text::import_unreadable_remedy(),
        )
    })?;
    Ok(to_bytes(&buffer).unwrap_or_default())
}

fn not_exported(why: &str) -> ErrorReport {
    ErrorReport { what: text::export_failed().into(), ..fault::not_stored(why) }
}

fn not_imported(name: &str, error: &ArchiveError) -> ErrorReport {
    let remedy = match error {
        ArchiveError::Foreign => text::import_foreign_remedy(),
        ArchiveError::Newer(_) => text::import_newer_remedy(),
        ArchiveError::Length { .. } | ArchiveError::Damaged(_) => text::import_damaged_remedy(),
    };
    ErrorReport::new(text::import_failed(name), error.to_string(), remedy)
}
