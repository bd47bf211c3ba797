//! The folder of a sweep: one record per run under a name that its link decides,
//! a checkpoint of the run in progress, and the summary. Every file is whole or
//! not there, whenever the program ends, and one process at a time works in it.

use super::super::checkpoint::{self, EXTENSION, Held, short_hash};
use super::super::output;
use crate::experiment::Experiment;
use crate::record::{FORMAT, NUMERICS, RunRecord};
use crate::sweep::{self, RunResult, Summary};
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Longest readable part of a file's name.
const READABLE: usize = 80;

/// The file by which a process holds the folder.
const LOCK: &str = "train.lock";

pub(super) struct Folder {
    path: PathBuf,
    /// Held as long as this is open.
    _lock: File,
}

/// What every version writes of a record and of a summary.
#[derive(Deserialize)]
struct FormatHead {
    format: u32,
}

/// What the folder holds of a run.
pub(super) enum FolderEntry {
    /// Its result.
    Result(Box<RunResult>),
    /// Nothing.
    Nothing,
    /// A file that does not serve, and why; the run will be trained again.
    Unusable(String),
}

impl Folder {
    /// Opens the folder, made if it is not there, for this process alone.
    ///
    /// # Errors
    /// If it cannot be made or written, another process works in it, or a newer version
    /// of this program wrote its summary.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path).with_context(|| {
            format!("the folder {} cannot be made; check --out", path.display())
        })?;
        let lock = output::lock(&path.join(LOCK)).with_context(|| {
            format!("the folder {} cannot be written; check --out", path.display())
        })?;
        let Some(lock) = lock else {
            bail!(
                "another process is training into {}; wait until it ends, or choose another \
                 folder with --out",
                path.display()
            );
        };
        let folder = Self { path: path.to_owned(), _lock: lock };
        let summary = folder.summary_path();
        if let Ok(text) = fs::read(&summary) {
            refuse_newer(&summary, &text, sweep::FORMAT)?;
        }
        Ok(folder)
    }

    /// The result of this run, if its record is there. Records of other builds of the program
    /// count, too.
    ///
    /// # Errors
    /// If the record is of other data or of a newer version: overwriting it would lose it.
    pub(super) fn find(&self, experiment: &Experiment, hash: &str) -> anyhow::Result<FolderEntry> {
        let link = experiment.link();
        let path = self.record_path(&link);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FolderEntry::Nothing),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        refuse_newer(&path, &text, FORMAT)?;
        let unusable = |why: &str| {
            Ok(FolderEntry::Unusable(format!("{} {why}; the run is trained again", path.display())))
        };
        let Ok(record) = serde_json::from_slice::<RunRecord>(&text) else {
            return unusable("is no record of a run");
        };
        let record = match record.checked() {
            Ok(record) => record,
            Err(fault) => return unusable(&format!("cannot be used: {fault}")),
        };
        if record.format != FORMAT || record.link != link {
            return unusable("is the record of another run or version");
        }
        if record.numerics > NUMERICS {
            bail!(
                "a newer version of this program wrote {} (numerics {}, here {NUMERICS}); go on \
                 with that version, or choose another folder with --out",
                path.display(),
                record.numerics
            );
        }
        if record.numerics != NUMERICS {
            return unusable("was trained before the pixels and sums of runs changed");
        }
        if record.dataset.hash != hash {
            bail!(
                "{} was trained on other data ({}); choose another folder with --out",
                path.display(),
                record.dataset.name
            );
        }
        match RunResult::of(&record) {
            Ok(Some(result)) if result.diverged || is_complete(&result, experiment) => {
                Ok(FolderEntry::Result(Box::new(result)))
            }
            _ => unusable("has not ended, or lacks its log-probabilities"),
        }
    }

    /// The record of the run with this link, if it exists and is complete.
    pub(super) fn record(&self, link: &str) -> Option<RunRecord> {
        let text = fs::read(self.record_path(link)).ok()?;
        serde_json::from_slice::<RunRecord>(&text).ok()?.checked().ok()
    }

    pub(super) fn save(&self, record: &RunRecord) -> anyhow::Result<()> {
        let text = serde_json::to_string(record).context("writing a record")? + "\n";
        output::write("the record", &self.record_path(&record.link), text.as_bytes())
    }

    pub(super) fn save_summary(&self, summary: &Summary) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(summary).context("writing the summary")? + "\n";
        output::write("the summary", &self.summary_path(), text.as_bytes())
    }

    /// What there is of this run's state on these data.
    ///
    /// # Errors
    /// As [`checkpoint::read`].
    pub(super) fn checkpoint(&self, link: &str, hash: &str) -> anyhow::Result<Held> {
        checkpoint::read(&self.checkpoint_path(link), link, hash)
    }

    pub(super) fn save_checkpoint(&self, link: &str, bytes: &[u8]) -> anyhow::Result<()> {
        output::write("the checkpoint", &self.checkpoint_path(link), bytes)
    }

    /// Removes a checkpoint that is no longer needed. One that stays does no harm.
    pub(super) fn delete_checkpoint(&self, link: &str) {
        let path = self.checkpoint_path(link);
        // And what a process left that was killed while it wrote one.
        fs::remove_file(path.with_added_extension("part")).ok();
        fs::remove_file(path).ok();
    }

    pub(super) fn record_path(&self, link: &str) -> PathBuf {
        self.path.join(format!("{}.json", stem(link)))
    }

    pub(super) fn checkpoint_path(&self, link: &str) -> PathBuf {
        self.path.join(format!("{}.{EXTENSION}", stem(link)))
    }

    fn summary_path(&self) -> PathBuf {
        self.path.join("summary.json")
    }
}

fn is_complete(result: &RunResult, experiment: &Experiment) -> bool {
    let known = |score: Option<&crate::sweep::Score>| score.is_some_and(|it| it.correct.is_some());
    known(result.plain.as_ref()) && (experiment.tta == 0 || known(result.tta.as_ref()))
}

/// A file name for a link: readable, and unique by the start of its SHA-256.
fn stem(link: &str) -> String {
    let readable: String = link
        .trim_start_matches("v=1")
        .trim_start_matches('&')
        .chars()
        .take(READABLE)
        .map(|it| if it.is_ascii_alphanumeric() || "=.,-".contains(it) { it } else { '_' })
        .collect();
    let hash = short_hash(link);
    if readable.is_empty() { hash } else { format!("{readable}-{hash}") }
}

/// Fails if a newer version wrote the file: it is left as it is.
fn refuse_newer(path: &Path, text: &[u8], known: u32) -> anyhow::Result<()> {
    match serde_json::from_slice::<FormatHead>(text) {
        Ok(FormatHead { format }) if format > known => bail!(
            "a newer version of this program wrote {} (format {format}, this one reads {known}); \
             go on with that version, or choose another folder with --out",
            path.display()
        ),
        _ => Ok(()),
    }
}
