//! The checkpoints of runs on disk: whether a run can resume from one, and the file
//! of a single run's.

use super::output::{self, Output};
use super::{Args, print};
use crate::bytes::hex;
use crate::experiment::EngineChoice;
use crate::train::checkpoint::{self, Checkpoint};
use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Ending of a checkpoint's file.
pub(super) const EXTENSION: &str = "checkpoint";

/// What the file of a checkpoint holds.
pub(super) enum Held {
    /// The state of this run.
    Sound(Box<Checkpoint>),
    /// Nothing: there is no such file.
    Nothing,
    /// Something that no run can go on from, and why.
    Unusable(String),
    /// The state of another run, or of this run on other data.
    Another,
}

/// Reads the checkpoint of the run with this link on the data with this hash.
///
/// # Errors
/// If the file cannot be read, or a newer version of this program wrote it: what
/// that one can use is not to be written over.
pub(super) fn read(path: &Path, link: &str, hash: &str) -> anyhow::Result<Held> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Held::Nothing),
        Err(error) => {
            return Err(error)
                .with_context(|| format!("the checkpoint {} cannot be read", path.display()));
        }
    };
    if checkpoint::is_newer(&bytes) {
        bail!(
            "a newer version of this program wrote the checkpoint {}; go on with that version, or \
             move the file away to begin anew",
            path.display()
        );
    }
    Ok(match Checkpoint::from_bytes(&bytes) {
        Err(error) => Held::Unusable(error.to_string()),
        Ok(found) if found.state.link != link || found.state.dataset != hash => Held::Another,
        Ok(found) => Held::Sound(Box::new(found)),
    })
}

/// The engine that a run needs. One that was interrupted resumes on the engine that it was begun
/// on, also where `auto` would choose another by now.
pub(super) fn engine_of(asked: EngineChoice, resume: Option<&Checkpoint>) -> EngineChoice {
    resume.map_or(asked, |checkpoint| checkpoint.state.engine.into())
}

/// The file of a single run's checkpoint.
pub(super) struct CheckpointFile {
    path: PathBuf,
    /// True if the command line names the file.
    named: bool,
    link: String,
    hash: String,
}

impl CheckpointFile {
    /// The requested file, or one next to the run's first output; `None` if the
    /// run writes no file. `link` is canonical, of the run as fitted to the data
    /// with this hash.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn new(args: &Args, link: String, hash: &str) -> anyhow::Result<Option<Self>> {
        let beside = [args.json.as_deref(), args.models.save.as_deref()]
            .into_iter()
            .flatten()
            .find(|path| fs::metadata(path).map_or(true, |there| there.is_file()));
        let (path, named) = match (&args.checkpoint, beside) {
            (Some(path), _) => (path.clone(), true),
            (None, Some(output)) => (default_path(output, &link, hash), false),
            (None, None) => return Ok(None),
        };
        // Opened for a moment, to learn before the training whether it can be.
        drop(Output::open("the checkpoint", &path)?);
        Ok(Some(Self { path, named, link, hash: hash.to_owned() }))
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The state that the run can resume from, if there is one.
    ///
    /// # Errors
    /// If the command line names a file of another run, or as [`read`].
    pub(super) fn load(&self) -> anyhow::Result<Option<Checkpoint>> {
        let path = self.path.display();
        match read(&self.path, &self.link, &self.hash)? {
            Held::Sound(found) => Ok(Some(*found)),
            Held::Nothing => Ok(None),
            Held::Another if self.named => bail!(
                "the checkpoint {path} is of another experiment or of other data; name another \
                 file with --checkpoint, or remove this one"
            ),
            Held::Another => Ok(None),
            Held::Unusable(_) if self.named && !is_checkpoint(&self.path) => {
                bail!("{path} is there and is no checkpoint; name another file with --checkpoint")
            }
            Held::Unusable(why) => {
                print::note(&format!("{path} does not serve, the run begins anew: {why}"));
                Ok(None)
            }
        }
    }

    /// Writes a checkpoint over the one before.
    ///
    /// # Errors
    /// As [`output::write`].
    pub(super) fn save(&self, bytes: &[u8]) -> anyhow::Result<()> {
        output::write("the checkpoint", &self.path, bytes)
    }

    /// Removes the checkpoint of a run that has ended. One that stays does no harm.
    pub(super) fn delete(&self) {
        fs::remove_file(&self.path).ok();
    }
}

/// True if the file begins as a checkpoint does.
fn is_checkpoint(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| checkpoint::is_checkpoint(&bytes))
}

/// The checkpoint next to an output, of this run alone: another run with the same
/// output has another file.
fn default_path(output: &Path, link: &str, hash: &str) -> PathBuf {
    let run = short_hash(&format!("{link}\n{hash}"));
    output.with_added_extension(format!("{run}.{EXTENSION}"))
}

/// The start of the SHA-256 of a text, hex.
pub(super) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..6])
}
