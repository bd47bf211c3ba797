//! Puts the folders of one sweep's shares together, without training anything.

use super::folder::Folder;
use crate::cli::print;
use crate::record::{FORMAT, NUMERICS, RunRecord};
use crate::sweep::{Plan, RunResult, Summary};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What came of a merge.
#[derive(Debug)]
pub(super) struct Merged {
    /// What the runs say together.
    pub(super) summary: Summary,
    /// Records that were copied into the folder.
    pub(super) copied: usize,
    /// Records that were there already, or came from two folders.
    pub(super) duplicates: usize,
    /// Records of other runs, other data or other numerics, and files that are no records.
    pub(super) left_out: Vec<String>,
}

/// Copies the records of the sweep from the folders into one, sums up, and prints the tables.
pub(in crate::cli) fn main(plan: &Plan, out: &Path, folders: &[PathBuf]) -> anyhow::Result<()> {
    let folder = Folder::open(out)?;
    let Merged { summary, copied, duplicates, left_out } = merge(plan, &folder, folders)?;
    for note in &left_out {
        print::note(note);
    }
    print::text(&format!(
        "{copied} records copied, {duplicates} were there already, {} left out; {} of {} runs \
         are there\n\n",
        left_out.len(),
        summary.finished,
        summary.runs
    ));
    print::text(&summary.text());
    Ok(())
}

/// Copies what belongs to the sweep.
///
/// # Errors
/// If a folder cannot be read, two records of one run differ, or the records are of
/// different data.
pub(super) fn merge(plan: &Plan, folder: &Folder, folders: &[PathBuf]) -> anyhow::Result<Merged> {
    let links: Vec<String> = plan.runs().iter().map(|run| run.experiment.link()).collect();
    let mut known: BTreeMap<String, (RunRecord, RunResult)> = BTreeMap::new();
    for link in &links {
        if let Some(record) = folder.record(link)
            && let Ok(Some(result)) = RunResult::of(&record)
        {
            known.insert(link.clone(), (record, result));
        }
    }
    let (mut copied, mut duplicates, mut left_out) = (0, 0, Vec::new());
    for path in record_files(folders)? {
        let (record, result) = match read(&path, &links) {
            Ok(read) => read,
            Err(why) => {
                left_out.push(format!("{} is left out: {why}", path.display()));
                continue;
            }
        };
        if let Some((first, _)) = known.values().next()
            && first.dataset.hash != record.dataset.hash
        {
            bail!(
                "{} was trained on other data ({}) than {}; merge each data set on its own",
                path.display(),
                record.dataset.name,
                first.link
            );
        }
        match known.get(&record.link) {
            Some((_, other)) if same(other, &result) => duplicates += 1,
            Some(_) => bail!(
                "{} is another result of {}: the two were trained on different engines or \
                 machines; keep one of them",
                path.display(),
                record.link
            ),
            None => {
                folder.save(&record)?;
                copied += 1;
                known.insert(record.link.clone(), (record, result));
            }
        }
    }
    let summary =
        Summary::new(plan, |experiment| known.get(&experiment.link()).map(|(_, result)| result));
    folder.save_summary(&summary)?;
    Ok(Merged { summary, copied, duplicates, left_out })
}

/// The records in the folders, in the order of the folders and of their names.
fn record_files(folders: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        let unreadable =
            || format!("the folder {} cannot be read; check --merge", folder.display());
        let mut own = Vec::new();
        for entry in fs::read_dir(folder).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.extension().is_some_and(|it| it == "json") && !path.ends_with("summary.json") {
                own.push(path);
            }
        }
        own.sort();
        files.extend(own);
    }
    Ok(files)
}

/// Reads a record of one of these runs; the error says why it is none.
fn read(path: &Path, links: &[String]) -> Result<(RunRecord, RunResult), String> {
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let record: RunRecord =
        serde_json::from_slice(&text).map_err(|_| "it is no record of a run".to_owned())?;
    let record = record.checked().map_err(|fault| fault.to_string())?;
    if record.format != FORMAT || record.numerics != NUMERICS {
        return Err(format!(
            "another version wrote it (format {}, numerics {}; here {FORMAT} and {NUMERICS})",
            record.format, record.numerics
        ));
    }
    if !links.contains(&record.link) {
        return Err("its run is not part of this sweep".to_owned());
    }
    match RunResult::of(&record) {
        Ok(Some(result)) => Ok((record, result)),
        Ok(None) => Err("its run was stopped".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// True if two results of a run are the same, however long they took.
fn same(a: &RunResult, b: &RunResult) -> bool {
    (a.diverged, &a.plain, &a.tta) == (b.diverged, &b.plain, &b.tta)
}
