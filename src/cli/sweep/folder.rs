//! The folder of a sweep: one record per run under a name that its link decides,
//! a checkpoint of the run in progress, and the summary. Every file is whole or
//! not there, whenever the program ends.

use crate::experiment::Experiment;
use crate::record::{FORMAT, NUMERICS, RunRecord};
use crate::sweep::{RunResult, Summary};
use crate::train::checkpoint::Checkpoint;
use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Longest readable part of a file's name.
const READABLE: usize = 80;

pub(super) struct Folder(PathBuf);

/// What the folder holds of a run.
pub(super) enum Found {
    /// Its result.
    Result(Box<RunResult>),
    /// Nothing.
    Nothing,
    /// A file that does not serve, and why; the run will be trained again.
    Unusable(String),
}

impl Folder {
    /// Opens the folder, made if it is not there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path).with_context(|| {
            format!("the folder {} cannot be made; check --out", path.display())
        })?;
        Ok(Self(path.to_owned()))
    }

    /// The result of this run, if a record of it is there. Who built the program
    /// that trained it does not matter.
    ///
    /// # Errors
    /// If the record is of other data: overwriting it would lose it.
    pub(super) fn find(&self, experiment: &Experiment, hash: &str) -> anyhow::Result<Found> {
        let link = experiment.link();
        let path = self.record_path(&link);
        let Ok(text) = fs::read_to_string(&path) else {
            return Ok(Found::Nothing);
        };
        let unusable = |why: &str| {
            Ok(Found::Unusable(format!("{} {why}; the run is trained again", path.display())))
        };
        let Ok(record) = serde_json::from_str::<RunRecord>(&text) else {
            return unusable("is no record of a run");
        };
        if record.format != FORMAT || record.link != link {
            return unusable("is the record of another run or version");
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
                Ok(Found::Result(Box::new(result)))
            }
            _ => unusable("has not ended, or lacks its log-probabilities"),
        }
    }

    pub(super) fn save(&self, record: &RunRecord) -> anyhow::Result<()> {
        let text = serde_json::to_string(record).context("writing a record")? + "\n";
        write(&self.record_path(&record.link), text.as_bytes())
    }

    pub(super) fn save_summary(&self, summary: &Summary) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(summary).context("writing the summary")? + "\n";
        write(&self.0.join("summary.json"), text.as_bytes())
    }

    /// The checkpoint of this run on these data, if there is a sound one.
    pub(super) fn checkpoint(&self, link: &str, hash: &str) -> Option<Checkpoint> {
        let bytes = fs::read(self.checkpoint_path(link)).ok()?;
        let checkpoint = Checkpoint::from_bytes(&bytes).ok()?;
        let state = &checkpoint.state;
        (state.link == link && state.dataset == hash).then_some(checkpoint)
    }

    pub(super) fn save_checkpoint(&self, link: &str, bytes: &[u8]) -> anyhow::Result<()> {
        write(&self.checkpoint_path(link), bytes)
    }

    /// Removes a checkpoint that is no longer needed. One that stays does no harm.
    pub(super) fn forget_checkpoint(&self, link: &str) {
        fs::remove_file(self.checkpoint_path(link)).ok();
    }

    pub(super) fn record_path(&self, link: &str) -> PathBuf {
        self.0.join(format!("{}.json", stem(link)))
    }

    pub(super) fn checkpoint_path(&self, link: &str) -> PathBuf {
        self.0.join(format!("{}.checkpoint", stem(link)))
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
    let hash: String =
        Sha256::digest(link.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    if readable.is_empty() { hash } else { format!("{readable}-{hash}") }
}

/// Writes beside the file and then puts it in its place.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = path.with_added_extension("part");
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}
