//! Files that the person gives: from a picker, dropped, or whole folders.

use crate::protocol::LoadSource;
use crate::wire;
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

/// What was given: one archive or one folder, and its `File`s.
pub struct Given {
    /// For the worker.
    pub source: LoadSource,
    /// The files, in the order of the source's paths.
    pub files: Array,
}

/// Reads what a file or folder picker holds. `None` if it is empty.
pub fn picked(list: &FileList) -> Option<Given> {
    let files: Vec<File> = (0..list.length()).filter_map(|index| list.item(index)).collect();
    let relative = |file: &File| {
        let path = Reflect::get(file, &JsValue::from_str("webkitRelativePath")).ok();
        path.and_then(|path| path.as_string()).filter(|path| !path.is_empty())
    };
    collect(
        files
            .into_iter()
            .map(|file| (relative(&file).unwrap_or_else(|| file.name()), file))
            .collect(),
    )
}

/// Entries of a drop, taken while its event is handled: later they are gone.
pub fn dropped(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    (0..items.length())
        .filter_map(|index| items.get(index))
        .filter(|item| item.kind() == "file")
        .filter_map(|item| item.webkit_get_as_entry().ok().flatten())
        .collect()
}

/// Walks dropped entries, folders included. `found` hears the number of files
/// now and then. `None` if there is no file at all.
///
/// # Errors
/// The browser's reason why a folder or a file cannot be read.
pub async fn walk(
    entries: Vec<FileSystemEntry>,
    found: impl Fn(usize),
) -> Result<Option<Given>, String> {
    let mut waiting = entries;
    let mut files: Vec<(String, File)> = Vec::new();
    while let Some(entry) = waiting.pop() {
        if entry.is_directory() {
            let directory: FileSystemDirectoryEntry = entry.unchecked_into();
            waiting.extend(children(&directory).await?);
            found(files.len());
        } else {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            files.push((path, file(entry.unchecked_ref()).await?));
        }
    }
    Ok(collect(files))
}

/// A folder gives its entries in portions of a hundred, the last one empty.
async fn children(directory: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, String> {
    let reader = directory.create_reader();
    let mut entries = Vec::new();
    loop {
        let portion = asked(|resolve, reject| {
            reader.read_entries_with_callback_and_callback(resolve, reject)
        });
        let portion: Array = portion.await?.unchecked_into();
        if portion.length() == 0 {
            return Ok(entries);
        }
        entries.extend(portion.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file(entry: &FileSystemFileEntry) -> Result<File, String> {
    let file = asked(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    });
    file.await.map(JsCast::unchecked_into)
}

/// Waits for a function that takes one callback for the result and one for the error.
async fn asked(
    call: impl FnOnce(&Function, &Function) -> Result<(), JsValue>,
) -> Result<JsValue, String> {
    let call = Cell::new(Some(call));
    let promise = Promise::new(&mut |resolve, reject| {
        if let Some(call) = call.take()
            && let Err(error) = call(&resolve, &reject)
        {
            reject.call1(&JsValue::UNDEFINED, &error).ok();
        }
    });
    JsFuture::from(promise).await.map_err(|error| wire::describe(&error))
}

fn collect(files: Vec<(String, File)>) -> Option<Given> {
    let (first, _) = files.first()?;
    let folder = first.split_once('/').map(|(folder, _)| folder.to_owned());
    if let ([(_, file)], None) = (files.as_slice(), &folder) {
        return Some(Given {
            source: LoadSource::File { name: file.name() },
            files: Array::of1(file),
        });
    }
    let name = folder.unwrap_or_else(|| "dropped files".to_owned());
    let (paths, files): (Vec<String>, Vec<File>) = files.into_iter().unzip();
    Some(Given { source: LoadSource::Folder { name, paths }, files: files.iter().collect() })
}

/// The one file that was given, if it is a picture.
pub fn picture(given: &Given) -> Option<File> {
    single(given).filter(|file| {
        let (kind, name) = (file.type_(), file.name().to_ascii_lowercase());
        kind.starts_with("image/")
            || [".jpg", ".jpeg", ".png", ".webp"].into_iter().any(|ending| name.ends_with(ending))
    })
}

/// The one file that was given, if it is a saved model.
pub fn model(given: &Given) -> Option<File> {
    single(given).filter(|file| file.name().to_ascii_lowercase().ends_with(".safetensors"))
}

fn single(given: &Given) -> Option<File> {
    match given.source {
        LoadSource::File { .. } => given.files.get(0).dyn_into().ok(),
        LoadSource::Folder { .. }
        | LoadSource::Sample
        | LoadSource::Cached
        | LoadSource::Url { .. } => None,
    }
}
