//! Files that the program writes: each is whole or not there, whenever the program
//! ends.

use anyhow::{Context as _, bail};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// A file that will be written later. It is opened first, so that problems show before hours of
/// training and not after.
#[derive(Debug)]
pub(super) struct Output {
    /// What it is, for messages.
    what: &'static str,
    /// As the person named it.
    path: PathBuf,
    file: File,
    /// Where the bytes gather; `None` of a pipe or a device, which take them directly.
    part_file: Option<PartFile>,
}

#[derive(Debug)]
struct PartFile {
    part: PathBuf,
    target: PathBuf,
    /// True once the one has become the other.
    placed: bool,
}

impl Output {
    /// Opens the file. Its content stays until [`Self::write`] has written all of the new.
    ///
    /// # Errors
    /// If the folder does not exist, the file may not be written, or another process is
    /// writing it.
    pub(super) fn open(what: &'static str, path: &Path) -> anyhow::Result<Self> {
        let (file, part_file) = open(path).with_context(|| write_error(what, path))?;
        Ok(Self { what, path: path.to_owned(), file, part_file })
    }

    /// Writes all of the file.
    ///
    /// # Errors
    /// If the disk fails. The previous content is then still there.
    pub(super) fn write(mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.replace(bytes).with_context(|| write_error(self.what, &self.path))
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let Some(PartFile { part, target, placed }) = &mut self.part_file else {
            return self.file.flush();
        };
        if let Ok(before) = fs::metadata(&target) {
            fs::set_permissions(&part, before.permissions())?;
        }
        // Else the name could be on the disk before the bytes are.
        self.file.sync_all()?;
        fs::rename(&part, &target)?;
        *placed = true;
        sync_folder_of(target);
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(PartFile { part, placed: false, .. }) = &self.part_file {
            fs::remove_file(part).ok();
        }
    }
}

/// Opens and writes a file at once.
///
/// # Errors
/// As [`Output::open`] and [`Output::write`].
pub(super) fn write(what: &'static str, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    Output::open(what, path)?.write(bytes)
}

fn write_error(what: &str, path: &Path) -> String {
    format!("{what} cannot be written to {}", path.display())
}

fn open(path: &Path) -> anyhow::Result<(File, Option<PartFile>)> {
    // A link stays a link: the file that it leads to is the one to replace.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Ok(there) if there.is_dir() => bail!("it is a folder; name a file in it"),
        Ok(there) if there.permissions().readonly() => bail!("it is write-protected"),
        Ok(there) if !there.is_file() => {
            return Ok((OpenOptions::new().write(true).open(&target)?, None));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let part = target.with_added_extension("part");
    let Some(file) = lock(&part)? else {
        bail!("another process is writing it; wait until that ends, or name another file");
    };
    file.set_len(0)?;
    Ok((file, Some(PartFile { part, target, placed: false })))
}

/// Opens a file for this process alone, and creates it if necessary; `None` if another
/// process has it open. The lock ends when the file is closed, however the process ends.
/// Disks without locks are not locked.
///
/// # Errors
/// If the file cannot be created or opened.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    loop {
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        // Whoever held it a moment ago may have moved it since.
        if is_at(&file, path)? {
            return Ok(Some(file));
        }
    }
}

/// True if the open file is the one at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let opened = file.metadata()?;
    Ok(fs::metadata(path)
        .is_ok_and(|there| (there.dev(), there.ino()) == (opened.dev(), opened.ino())))
}

/// True: an open file is not moved away here.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Puts a new name on the disk, where the system can.
fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        folder.sync_all().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::Place;

    #[test]
    fn a_file_appears_whole_and_replaces_another() {
        let place = Place::new("output");
        let path = place.path("a.json");
        let output = Output::open("the record", &path).unwrap();
        assert!(!path.exists());
        output.write(b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");

        // The content stays until all of the new is written.
        let mut output = Output::open("the record", &path).unwrap();
        output.file.write_all(b"half of tw").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        drop(output);
        write("the record", &path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(place.names(), ["a.json"]);
    }

    #[test]
    fn what_a_killed_process_left_is_written_over() {
        let place = Place::new("output");
        fs::write(place.path("a.json.part"), "a long beginning of something").unwrap();
        write("the record", &place.path("a.json"), b"new").unwrap();
        assert_eq!(fs::read(place.path("a.json")).unwrap(), b"new");
        assert_eq!(place.names(), ["a.json"]);
    }

    #[test]
    fn two_do_not_write_the_same_file() {
        let place = Place::new("output");
        let path = place.path("a.json");
        let first = Output::open("the record", &path).unwrap();
        let error = format!("{:#}", Output::open("the record", &path).unwrap_err());
        assert!(error.contains("another process") && error.contains("a.json"), "{error}");
        first.write(b"one").unwrap();
        write("the record", &path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn what_stands_in_the_way_is_told_when_the_file_is_opened() {
        let place = Place::new("output");
        let refused = |path: &Path| format!("{:#}", Output::open("the model", path).unwrap_err());
        let folder = refused(&place.path(""));
        assert!(folder.contains("it is a folder"), "{folder}");
        let missing = refused(&place.path("none/a.json"));
        assert!(missing.contains("the model cannot be written to"), "{missing}");
        let kept = place.path("kept.json");
        fs::write(&kept, "kept").unwrap();
        let before = fs::metadata(&kept).unwrap().permissions();
        let mut protected = before.clone();
        protected.set_readonly(true);
        fs::set_permissions(&kept, protected).unwrap();
        let protected = refused(&kept);
        assert!(protected.contains("write-protected"), "{protected}");
        fs::set_permissions(&kept, before).unwrap();
        assert_eq!(fs::read(&kept).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_rights_stay_and_devices_take_the_bytes_directly() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let place = Place::new("output");
        let (real, link) = (place.path("real.json"), place.path("link.json"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&real, &link).unwrap();
        write("the record", &link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);

        write("the record", Path::new("/dev/null"), b"new").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let full = write("the record", Path::new("/dev/full"), b"new");
        assert!(!cfg!(target_os = "linux") || full.is_err());
    }
}
