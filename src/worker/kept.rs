//! The images of the last data set, decoded, in the browser's private files: the next
//! visit need not decode them again. One file for each side at which they were needed, of one
//! data set at a time. Each path of an origin has a folder of its own. What another tab is
//! writing is left alone. A browser that has no such files keeps nothing.

use super::blob::BlobReader;
use super::post::{post, scope};
use super::turn::{Turn, sleep};
use crate::data::Dataset;
use crate::data::kept::{self, KeptError};
use crate::dataset::{CachedDataset, LoadProgress};
use crate::protocol::Event;
use crate::report::ErrorReport;
use crate::wire::describe;
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

/// The files' names: so many sides are kept.
const NAMES: [&str; 3] = ["images", "images-2", "images-3"];

/// Bytes written at a time.
const CHUNK: usize = 1 << 20;

/// The browser frees the file of a tab that was reloaded or closed a moment later: how often it is
/// tried again, and after how many milliseconds.
const ATTEMPTS: u32 = 40;
const BETWEEN: i32 = 250;

/// Access to the files, one after another.
#[derive(Default)]
pub(super) struct ImageCache {
    turn: Mutex<()>,
}

impl ImageCache {
    /// What there is from an earlier visit, at all its sides.
    pub(super) async fn look(&self) -> Option<CachedDataset> {
        let _turn = self.turn.lock().await;
        all().await
    }

    /// Reads the images as they are stored at `short_side`, or larger ones if no file has that
    /// side; `None` if `tick` broke.
    ///
    /// # Errors
    /// What failed, for a person.
    pub(super) async fn read(
        &self,
        short_side: u32,
        tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
    ) -> Result<Option<Dataset>, ErrorReport> {
        let _turn = self.turn.lock().await;
        let read = async {
            let name = best(short_side).await.ok_or(KeptError::Nothing)?;
            kept::read(&mut open(name).await?, tick).await
        };
        let report = |why: String| {
            ErrorReport::new(
                "The images of your last visit could not be used",
                why,
                "Choose the archive or the folder again.",
            )
        };
        match read.await {
            Ok(dataset) if dataset.serves(short_side) || dataset.holds_originals() => {
                Ok(Some(dataset))
            }
            Ok(dataset) => Err(report(format!(
                "They are stored at {} pixels, and {short_side} are needed.",
                dataset.short_side
            ))),
            Err(KeptError::Cancelled) => Ok(None),
            Err(error) => Err(report(error.to_string())),
        }
    }

    /// Keeps the images of `dataset` for as long as `wanted` says so, and tells the page.
    pub(super) async fn write(
        &self,
        dataset: &Dataset,
        kept: CachedDataset,
        wanted: impl Fn() -> bool,
    ) {
        let _turn = self.turn.lock().await;
        if !wanted() {
            return;
        }
        let mut turn = Turn::new().ok();
        let breathe = async || {
            if let Some(turn) = &mut turn {
                turn.give().await;
            }
            if wanted() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let name = place(&kept).await;
        let written = async {
            let mut out =
                BufWriter::with_capacity(CHUNK, Sink::open_when_free(name, &wanted).await?);
            kept::write(dataset, &kept, &mut out, breathe).await
        };
        match written.await {
            Ok(()) => {}
            Err(KeptError::Host(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                let message = "Another tab is keeping its images for your next visit: those of \
                               this tab are not kept.";
                post(&Event::Warning { message: message.into() });
            }
            Err(error) => {
                if !matches!(error, KeptError::Cancelled) {
                    let message = format!("The images are not kept for your next visit: {error}.");
                    post(&Event::Warning { message });
                }
                remove(name).await;
            }
        }
        post(&Event::CacheChanged { cached: all().await });
    }

    /// Deletes the images, and tells the page.
    pub(super) async fn forget(&self) {
        let _turn = self.turn.lock().await;
        for name in NAMES {
            remove(name).await;
        }
        post(&Event::CacheChanged { cached: None });
    }
}

/// What one file holds.
async fn look(name: &str) -> Option<CachedDataset> {
    kept::look(&mut open(name).await.ok()?).ok()
}

/// What all files hold together.
async fn all() -> Option<CachedDataset> {
    let mut found: Option<CachedDataset> = None;
    for name in NAMES {
        let Some(kept) = look(name).await else { continue };
        found = match found {
            None => Some(kept),
            // Of another data set only if a tab broke off in the middle of replacing it.
            Some(first) => first.clone().and(kept).or(Some(first)),
        };
    }
    found
}

/// The file to read for a side: the one that has it, else one that holds the originals, else any.
async fn best(short_side: u32) -> Option<&'static str> {
    let mut found = None;
    for name in NAMES {
        let Some(kept) = look(name).await else { continue };
        if kept.sides.contains(&short_side) {
            return Some(name);
        }
        if kept.whole || found.is_none() {
            found = Some(name);
        }
    }
    found
}

/// The file to write: the one of the same side, else a free one, else the last. Files of another
/// data set are deleted.
async fn place(kept: &CachedDataset) -> &'static str {
    let [.., last] = NAMES;
    let (mut same, mut free) = (None, None);
    for name in NAMES {
        match look(name).await {
            Some(there) if there.hash == kept.hash && there.data == kept.data => {
                if there.sides == kept.sides {
                    same = Some(name);
                }
            }
            there => {
                if there.is_some() {
                    remove(name).await;
                }
                free = free.or(Some(name));
            }
        }
    }
    same.or(free).unwrap_or(last)
}

/// The file as it is on disk now.
async fn open(name: &str) -> Result<BlobReader, KeptError> {
    let file = handle(name, false).await.map_err(|_| KeptError::Nothing)?;
    let file = JsFuture::from(file.get_file()).await.map_err(|error| failure(&error))?;
    Ok(BlobReader::new(file.unchecked_into())?)
}

async fn remove(name: &str) {
    if let Ok(folder) = folder().await {
        // It may not be there, which is what is wanted.
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
    adopt(&root, &folder).await.ok();
    Ok(folder.unchecked_into())
}

/// The folder's name: the site's path, as far as a name may be long.
fn folder_name() -> String {
    const MOST: usize = 200;
    // This program lies in a folder of its own below the site's.
    let site = web_sys::Url::new_with_base("..", &scope().location().href());
    let path: String =
        js_sys::encode_uri_component(&site.map(|site| site.pathname()).unwrap_or_default()).into();
    // All of it is ASCII.
    let (_, last) = path.split_at(path.len().saturating_sub(MOST));
    format!("site {last}")
}

/// Takes over the images of before the paths had folders. It is only spared work: where
/// the browser does not move files they are decoded again.
async fn adopt(root: &FileSystemDirectoryHandle, folder: &JsValue) -> Result<(), JsValue> {
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

/// The file, open for writing; nobody else may write meanwhile.
struct Sink {
    handle: FileSystemSyncAccessHandle,
    at: u64,
}

impl Sink {
    /// Opens the file as soon as nobody else writes it, for as long as `wanted` says so.
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
        let opened = async { JsFuture::from(call(&file, "createSyncAccessHandle")?).await };
        let handle: FileSystemSyncAccessHandle =
            opened.await.map_err(|error| failure(&error))?.unchecked_into();
        let sink = Self { handle, at: 0 };
        sink.handle.truncate_with_u32(0).map_err(|error| failure(&error))?;
        Ok(sink)
    }
}

impl Write for Sink {
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

impl Seek for Sink {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(self.at)
    }
}

impl Drop for Sink {
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
