//! Reads a folder of files into a [`Dataset`]: the same as an archive of it.
//! The files may be a browser's or the disk's; independent of burn and browsers.

use super::Dataset;
use super::builder::{Builder, Options};
use super::error::DataError;
use super::prepare::{Here, Prepare};
use crate::protocol::LoadProgress;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders below the one given that are looked into.
const MAX_DEPTH: usize = 8;

/// A file of a folder, not read yet.
pub trait FolderFile {
    /// Its path inside the folder, the parts joined by `/`.
    fn path(&self) -> &str;
    /// Its size in bytes.
    fn bytes(&self) -> u64;
    /// All of its content.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read(&self) -> io::Result<Vec<u8>>;
}

/// Reads all the files. `tick` is awaited after each, as for
/// [`read_archive`](super::archive::read_archive).
///
/// # Errors
/// Any [`DataError`] of reading; [`DataError::Cancelled`] if `tick` breaks.
pub async fn read_folder(
    name: &str,
    files: &[impl FolderFile],
    options: &Options,
    tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    read_folder_with(name, files, options, &mut Here, tick).await
}

/// As [`read_folder`]; `prepare` makes the images of the files.
///
/// # Errors
/// As [`read_folder`].
pub async fn read_folder_with(
    name: &str,
    files: &[impl FolderFile],
    options: &Options,
    prepare: &mut impl Prepare,
    mut tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    let total = files.iter().map(FolderFile::bytes).sum::<u64>() as f64;
    let mut builder = Builder::new(name, *options);
    let mut bytes = 0.0;
    for file in files {
        bytes += file.bytes() as f64;
        if let Some(wanted) = builder.offer(file.path(), file.bytes())? {
            let content = file.read().map_err(|error| DataError::Read {
                name: file.path().to_owned(),
                detail: error.to_string(),
            })?;
            builder.add(wanted, &content, prepare, Some(bytes / total))?;
        }
        if tick(builder.progress(bytes, Some(total))).await.is_break() {
            return Err(DataError::Cancelled);
        }
    }
    builder.finish(prepare).await
}

/// A file on disk.
#[derive(Clone, Debug)]
pub struct DiskFile {
    path: String,
    bytes: u64,
    location: PathBuf,
}

impl FolderFile for DiskFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.location)
    }
}

/// All files under a folder on disk, to a depth of eight folders, sorted by
/// path. Links are followed: they are the person's own.
///
/// # Errors
/// [`DataError::Read`] with the path at which the disk refused.
pub fn disk_files(folder: &Path) -> Result<Vec<DiskFile>, DataError> {
    let mut files = Vec::new();
    collect(folder, "", 0, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(
    folder: &Path,
    inside: &str,
    depth: usize,
    files: &mut Vec<DiskFile>,
) -> Result<(), DataError> {
    let refused = |path: &Path, error: io::Error| DataError::Read {
        name: path.display().to_string(),
        detail: error.to_string(),
    };
    for entry in fs::read_dir(folder).map_err(|error| refused(folder, error))? {
        let entry = entry.map_err(|error| refused(folder, error))?;
        let location = entry.path();
        let path = format!("{inside}{}", entry.file_name().to_string_lossy());
        let metadata = fs::metadata(&location).map_err(|error| refused(&location, error))?;
        if metadata.is_file() {
            files.push(DiskFile { path, bytes: metadata.len(), location });
        } else if metadata.is_dir() && depth < MAX_DEPTH {
            collect(&location, &format!("{path}/"), depth + 1, files)?;
        }
    }
    Ok(())
}
