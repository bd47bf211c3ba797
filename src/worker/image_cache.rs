//! The decoded images of the last data set in the browser's private files, so that the next
//! visit need not decode them again. There is one file for each side at which they were needed, of
//! one data set at a time, and a folder for each path of an origin. A file that another tab is
//! writing is left alone. Without private files nothing is cached.

use super::blob::BlobReader;
use super::post::{post, scope};
use super::turn::{Turn, sleep};
use crate::data::Dataset;
use crate::data::image_cache::{self, ImageCacheError};
use crate::dataset::{CachedDataset, LoadProgress};
use crate::protocol::Event;
use crate::report::ErrorReport;
use crate::text;
use crate::wire::{describe, private_folder};
use futures::lock::Mutex;
use js_sys::{Function, Object, Promise, Reflect};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

/// The names of the files, which is as many sides as are cached.
const NAMES: [&str; 3] = ["images", "images-2", "images-3"];

/// Bytes written at a time.
const CHUNK: usize = 1 << 20;

/// A browser frees the file of a tab that was reloaded or closed with a delay: how often opening
/// it is tried, and after how many milliseconds each.
const ATTEMPTS: u32 = 40;
const BETWEEN: i32 = 250;

/// Access to the files, one after another.
#[derive(Default)]
pub(super) struct ImageCache {
    turn: Mutex<()>,
}

impl ImageCache {
    /// The data set of an earlier visit, with all its sides.
    pub(super) async fn summary(&self) -> Option<CachedDataset> {
        let _turn = self.turn.lock().await;
        summary_of_all().await
    }

    /// Reads the images as they are stored at `short_side`, or larger ones if no file has that
    /// side; `None` if `tick` broke.
    ///
    /// # Errors
    /// A report for the user.
    pub(super) async fn read(
        &self,
        short_side: u32,
        tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
    ) -> Result<Option<Dataset>, ErrorReport> {
        let _turn = self.turn.lock().await;
        let read = async {
            let name = file_to_read(short_side).await.ok_or(ImageCacheError::Missing)?;
            image_cache::read(&mut open(name).await?, tick).await
        };
        let report =
            |why: String| ErrorReport::new(text::worker_cached(), why, text::worker_again());
        match read.await {
            Ok(dataset) if dataset.serves(short_side) || dataset.holds_originals() => {
                Ok(Some(dataset))
            }
            Ok(dataset) => Err(report(text::worker_side_cached(
                &dataset.short_side.to_string(),
                &short_side.to_string(),
            ))),
            Err(ImageCacheError::Cancelled) => Ok(None),
            Err(error) => Err(report(error.to_string())),
        }
    }

    /// Writes the images of `dataset`, unless `wanted` turns false, and informs the page.
    pub(super) async fn write(
        &self,
        dataset: &Dataset,
        summary: CachedDataset,
        wanted: impl Fn() -> bool,
    ) {
        let _turn = self.turn.lock().await;
        if !wanted() {
            return;
        }
        let mut turn = Turn::new().ok();
        let tick = async || {
            if let Some(turn) = &mut turn {
                turn.give().await;
            }
            if wanted() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let name = file_to_write(&summary).await;
        let written = async {
            let mut out =
                BufWriter::with_capacity(CHUNK, CacheFile::open_when_free(name, &wanted).await?);
            image_cache::write(dataset, &summary, &mut out, tick).await
        };
        match written.await {
            Ok(()) => {}
            Err(ImageCacheError::Host(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                post(&Event::Warning { message: text::worker_other_tab().into() });
            }
            Err(error) => {
                if !matches!(error, ImageCacheError::Cancelled) {
                    let message = text::worker_not_kept(&error.to_string());
                    post(&Event::Warning { message });
                }
                remove(name).await;
            }
        }
        post(&Event::CacheChanged { cached: summary_of_all().await });
    }

    /// Deletes the images, and informs the page.
    pub(super) async fn clear(&self) {
        let _turn = self.turn.lock().await;
        for name in NAMES {
            remove(name).await;
        }
        post(&Event::CacheChanged { cached: None });
    }
}

/// The data set in one file.
async fn read_summary(name: &str) -> Option<CachedDataset> {
    image_cache::read_summary(&mut open(name).await.ok()?).ok()
}

/// The data set in all files together.
async fn summary_of_all() -> Option<CachedDataset> {
    let mut found: Option<CachedDataset> = None;
    for name in NAMES {
        let Some(summary) = read_summary(name).await else { continue };
        found = match found {
            None => Some(summary),
            // Another data set is possible only if a tab was closed while replacing files.
            Some(first) => first.clone().and(summary).or(Some(first)),
        };
    }
    found
}

/// The file to read for a side: the one that has it, else one that holds the originals, else any.
async fn file_to_read(short_side: u32) -> Option<&'static str> {
    let mut found = None;
    for name in NAMES {
        let Some(summary) = read_summary(name).await else { continue };
        if summary.sides.contains(&short_side) {
            return Some(name);
        }
        if summary.whole || found.is_none() {
            found = Some(name);
        }
    }
    found
}

/// The file to write: the one of the same side, else a free one, else the last. Files of another
/// data set are deleted.
async fn file_to_write(summary: &CachedDataset) -> &'static str {
    let [.., last] = NAMES;
    let (mut same, mut free) = (None, None);
    for name in NAMES {
        match read_summary(name).await {
            Some(found) if found.hash == summary.hash && found.data == summary.data => {
                if found.sides == summary.sides {
                    same = Some(name);
                }
            }
            other => {
                if other.is_some() {
                    remove(name).await;
                }
                free = free.or(Some(name));
            }
        }
    }
    same.or(free).unwrap_or(last)
}

/// Opens a file for reading, as it is on disk now.
async fn open(name: &str) -> Result<BlobReader, ImageCacheError> {
    let file = handle(name, false).await.map_err(|_| ImageCacheError::Missing)?;
    let file = JsFuture::from(file.get_file()).await.map_err(|error| failure(&error))?;
    Ok(BlobReader::new(file.unchecked_into())?)
}

async fn remove(name: &str) {
    if let Ok(folder) = folder().await {
        // It may not exist, which is fine.
        JsFuture::from(folder.remove_entry(name)).await.ok();
    }
}

/// The private folder of this path of the site.
async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    // Browsers lack it where the page is not secure, and older ones altogether.
    let storage = scope().navigator().storage();
    let root = JsFuture::from(call(&storage, "getDirectory")?).await?;
    let root: FileSystemDirectoryHandle = root.unchecked_into();
    let name = folder_name();
    if let Ok(folder) = JsFuture::from(root.get_directory_handle(&name)).await {
        return Ok(folder.unchecked_into());
    }
    let create: Function = Reflect::get(&root, &"getDirectoryHandle".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"create".into(), &true.into())?;
    let made: Promise = create.call2(&root, &name.into(), &options)?.unchecked_into();
    let folder = JsFuture::from(made).await?;
    move_old_file(&root, &folder).await.ok();
    Ok(folder.unchecked_into())
}

/// The name of the folder.
fn folder_name() -> String {
    // This program lies in a subfolder of the site's.
    let site = web_sys::Url::new_with_base("..", &scope().location().href());
    private_folder(&site.map(|site| site.pathname()).unwrap_or_default())
}

/// Moves the file of a version in which paths had no folders. Where the browser cannot move
/// files, the images are decoded again.
async fn move_old_file(root: &FileSystemDirectoryHandle, folder: &JsValue) -> Result<(), JsValue> {
    let [first, ..] = NAMES;
    let file = JsFuture::from(root.get_file_handle(first)).await?;
    let rename: Function = Reflect::get(&file, &"move".into())?.dyn_into()?;
    let moved: Promise = rename.call1(&file, folder)?.unchecked_into();
    JsFuture::from(moved).await.map(drop)
}

async fn handle(name: &str, create: bool) -> Result<FileSystemFileHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    let file = folder().await?.get_file_handle_with_options(name, &options);
    Ok(JsFuture::from(file).await?.unchecked_into())
}

/// Calls a method that the browser may not have.
fn call(object: &JsValue, method: &str) -> Result<Promise, JsValue> {
    if object.is_undefined() {
        return Err(JsValue::from_str("the browser has no private files"));
    }
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    Ok(method.call0(object)?.unchecked_into())
}

/// A file opened for writing; nobody else can write it meanwhile.
struct CacheFile {
    handle: FileSystemSyncAccessHandle,
    at: u64,
}

impl CacheFile {
    /// Opens the file as soon as nobody else has it open. Gives up once `wanted` is false.
    async fn open_when_free(name: &str, wanted: impl Fn() -> bool) -> io::Result<Self> {
        for _ in 1..ATTEMPTS {
            match Self::open(name).await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && wanted() => {
                    sleep(BETWEEN).await;
                }
                done => return done,
            }
        }
        Self::open(name).await
    }

    async fn open(name: &str) -> io::Result<Self> {
        let file = handle(name, true).await.map_err(|error| failure(&error))?;
        let opening = async { JsFuture::from(call(&file, "createSyncAccessHandle")?).await };
        let handle: FileSystemSyncAccessHandle =
            opening.await.map_err(|error| failure(&error))?.unchecked_into();
        let file = Self { handle, at: 0 };
        file.handle.truncate_with_u32(0).map_err(|error| failure(&error))?;
        Ok(file)
    }
}

impl Write for CacheFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(self.at as f64);
        let written = self.handle.write_with_u8_array_and_options(bytes, &options);
        let written = written.map_err(|error| failure(&error))?;
        self.at += written as u64;
        Ok(written as usize)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.handle.flush().map_err(|error| failure(&error))
    }
}

impl Seek for CacheFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(self.at)
    }
}

impl Drop for CacheFile {
    fn drop(&mut self) {
        self.handle.close();
    }
}

fn failure(error: &JsValue) -> io::Error {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        // Another tab has the file open.
        Some("NoModificationAllowedError") => {
            io::Error::new(io::ErrorKind::WouldBlock, describe(error))
        }
        _ => io::Error::other(describe(error)),
    }
}
