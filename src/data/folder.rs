//! Reads a folder of files into a [`Dataset`]: the same as an archive of it.
//! The files may be a browser's or the disk's; independent of burn and browsers.

use super::Dataset;
use super::builder::{Builder, Options};
use super::error::DataError;
use super::layout::is_image;
use super::names::readable;
use super::prepare::{OnThisThread, Prepare};
use crate::dataset::LoadProgress;
use crate::text;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Levels of folders that are searched: no data set is deeper.
const MAX_DEPTH: usize = 64;

/// A file of a folder, not read yet.
pub trait FolderFile {
    /// Its path inside the folder, the parts joined by `/`.
    fn path(&self) -> &str;
    /// Its size in bytes.
    fn bytes(&self) -> u64;
    /// Why it is no file that could be read, if that is known before.
    fn fault(&self) -> Option<&str> {
        None
    }
    /// All of its content.
    ///
    /// # Errors
    /// The error of the host.
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
    read_folder_with(name, files, options, &mut OnThisThread, tick).await
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
    let images = files.iter().filter(|file| is_image(file.path())).count();
    let mut builder = Builder::new(name, *options);
    let (mut bytes, mut seen) = (0.0, 0);
    for file in files {
        bytes += file.bytes() as f64;
        seen += usize::from(is_image(file.path()));
        if let Some(why) = file.fault() {
            builder.leave_out(file.path(), why)?;
        } else if let Some(wanted) = builder.offer(file.path(), file.bytes())? {
            match file.read() {
                Ok(content) => {
                    let share = seen as f64 / images.max(1) as f64;
                    builder.add(wanted, &content, prepare, Some(share))?;
                }
                Err(error) => {
                    builder.add_unread(wanted, text::skipped_unread(&error.to_string()))?;
                }
            }
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
    fault: Option<String>,
}

impl FolderFile for DiskFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.location)
    }
}

/// All files under a folder on disk, sorted by path. Links are followed: they are the
/// person's own. What cannot be followed or read is among them, with its fault: links
/// that lead nowhere, or back to a folder above; folders that the disk refuses.
///
/// # Errors
/// [`DataError::Read`] if the folder itself cannot be read.
pub fn disk_files(folder: &Path) -> Result<Vec<DiskFile>, DataError> {
    let refused = |error: io::Error| DataError::Read {
        name: folder.display().to_string(),
        detail: error.to_string(),
    };
    fs::read_dir(folder).map_err(refused)?;
    let mut files = Vec::new();
    collect(folder, "", &mut Vec::new(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Collects the files of a folder. `above` holds the true places of it and those above.
fn collect(folder: &Path, inside: &str, above: &mut Vec<PathBuf>, files: &mut Vec<DiskFile>) {
    let place = match fs::canonicalize(folder) {
        Ok(place) if above.contains(&place) => {
            return faulty(files, inside.to_owned(), folder, text::skipped_link_above().to_owned());
        }
        Ok(_) if above.len() > MAX_DEPTH => {
            return faulty(files, inside.to_owned(), folder, text::skipped_deep().to_owned());
        }
        Ok(place) => place,
        Err(error) => return faulty(files, inside.to_owned(), folder, read_error(&error)),
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return faulty(files, inside.to_owned(), folder, read_error(&error)),
    };
    above.push(place);
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                faulty(files, inside.to_owned(), folder, read_error(&error));
                continue;
            }
        };
        let location = entry.path();
        let path = format!("{inside}{}", readable(entry.file_name().as_encoded_bytes()));
        match fs::metadata(&location) {
            Ok(metadata) if metadata.is_file() => {
                files.push(DiskFile { path, bytes: metadata.len(), location, fault: None });
            }
            Ok(metadata) if metadata.is_dir() => {
                collect(&location, &format!("{path}/"), above, files);
            }
            Ok(_) => faulty(files, path, &location, text::skipped_device().to_owned()),
            Err(error) => {
                let link = fs::symlink_metadata(&location).is_ok_and(|it| it.is_symlink());
                let leads = text::skipped_link_nowhere().to_owned();
                faulty(files, path, &location, if link { leads } else { read_error(&error) });
            }
        }
    }
    above.pop();
}

/// Lists an entry that exists but cannot be read.
fn faulty(files: &mut Vec<DiskFile>, path: String, location: &Path, why: String) {
    files.push(DiskFile { path, bytes: 0, location: location.to_owned(), fault: Some(why) });
}

fn read_error(error: &io::Error) -> String {
    text::skipped_unread(&error.to_string())
}
