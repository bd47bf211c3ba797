//! Loading a data set in the worker: from the sample, a file, a folder or an
//! address, with progress and cancellation.

use super::arriving::{Arriving, ArrivingReader};
use super::blob::BlobReader;
use super::decoders::Decoders;
use super::download::Download;
use super::image_cache::ImageCache;
use super::post::post;
use super::turn::{Turn, now};
use crate::data::archive::{ArchiveSource, read_archive_with};
use crate::data::builder::Options;
use crate::data::error::DataError;
use crate::data::folder::{FolderFile, read_folder_with};
use crate::data::{Dataset, sample};
use crate::dataset::LoadProgress;
use crate::protocol::{Event, LoadId, LoadSource};
use crate::report::ErrorReport;
use crate::text;
use futures::future::{Either, select};
use js_sys::Array;
use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{Blob, File};

/// Milliseconds between two progress events.
const REPORT_EVERY: f64 = 100.0;

/// Loads a data set at `short_side`. Also returns the seconds that it took.
///
/// # Errors
///
/// A report for the user. Once cancelled, the result must not be used.
pub(super) async fn load(
    load: LoadId,
    source: LoadSource,
    attachments: Array,
    short_side: u32,
    cancelled: &Cell<bool>,
    image_cache: &ImageCache,
) -> Result<(Dataset, f64), ErrorReport> {
    let begun = now();
    let mut reporter = ProgressReporter::new(load, cancelled);
    let options = Options::new(short_side);
    let result = match source {
        LoadSource::Sample => draw_sample(&mut reporter).await,
        LoadSource::Cached => {
            let read = image_cache.read(short_side, async |progress| reporter.tick(progress).await);
            read.await?.ok_or(DataError::Cancelled)
        }
        LoadSource::File { name } => {
            let blob = attachments.get(0).dyn_into::<Blob>().map_err(|_| missing(&name))?;
            read_blob(blob, name, &options, &mut reporter).await
        }
        LoadSource::Folder { name, paths } => {
            let files: Vec<BrowserFile> = paths
                .into_iter()
                .zip(attachments.iter())
                .filter_map(|(path, file)| Some(BrowserFile { path, file: file.dyn_into().ok()? }))
                .collect();
            let mut decoders = Decoders::start();
            let tick = async |progress| reporter.tick(progress).await;
            read_folder_with(&name, &files, &options, &mut decoders, tick).await
        }
        LoadSource::Url { url } => read_download(load, &url, &options, &mut reporter).await?,
    };
    let dataset = result.map_err(|error| ErrorReport::from(&error))?;
    Ok((dataset, (now() - begun) / 1000.0))
}

/// Reads an archive while it arrives.
async fn read_download(
    load: LoadId,
    url: &str,
    options: &Options,
    reporter: &mut ProgressReporter<'_>,
) -> Result<Result<Dataset, DataError>, ErrorReport> {
    let (begun, cancelled) = (now(), reporter.cancelled);
    let name = url.rsplit('/').next().unwrap_or(url).to_owned();
    let download = Download::start(url).await?;
    let total = download.total;
    let arriving = Rc::new(Arriving::default());
    // Reading tells of its own progress, once it has begun, and unless it has to wait for all.
    let mut waiting = ProgressReporter::new(load, cancelled);
    let tell = |bytes| {
        if arriving.is_waiting() {
            let seconds = (now() - begun) / 1000.0;
            waiting.report(LoadProgress { bytes, bytes_total: total, images: 0, seconds });
        }
    };
    let source = ArchiveSource {
        read: Box::new(ArrivingReader::new(arriving.clone())) as Box<dyn Seekable>,
        name: name.clone(),
        bytes: total.map(|total| total as u64),
    };
    let read = read_from(source, options, reporter, Some(&arriving));
    let blob = {
        let run = pin!(download.run(cancelled, &arriving, tell));
        match select(run, pin!(read)).await {
            Either::Left((downloaded, read)) => {
                let Some(blob) = downloaded? else { return Ok(Err(DataError::Cancelled)) };
                let result = read.await;
                if !arriving.ran_dry() {
                    return Ok(result);
                }
                blob
            }
            Either::Right((result, _)) if !arriving.ran_dry() => return Ok(result),
            Either::Right((_, run)) => match run.await? {
                Some(blob) => blob,
                None => return Ok(Err(DataError::Cancelled)),
            },
        }
    };
    Ok(read_blob(blob, name, options, reporter).await)
}

async fn read_blob(
    blob: Blob,
    name: String,
    options: &Options,
    reporter: &mut ProgressReporter<'_>,
) -> Result<Dataset, DataError> {
    let bytes = Some(blob.size() as u64);
    let read = BlobReader::new(blob)
        .map_err(|error| DataError::Read { name: name.clone(), detail: error.to_string() })?;
    let source = ArchiveSource { read: Box::new(read) as Box<dyn Seekable>, name, bytes };
    read_from(source, options, reporter, None).await
}

/// What an archive is read from. One type for all of them, so that the wasm has its reader once.
trait Seekable: Read + Seek {}

impl<T: Read + Seek> Seekable for T {}

/// Reads an archive. Between two files it waits for what is `arriving`.
async fn read_from(
    source: ArchiveSource<Box<dyn Seekable>>,
    options: &Options,
    reporter: &mut ProgressReporter<'_>,
    arriving: Option<&Arriving>,
) -> Result<Dataset, DataError> {
    let wait = async || {
        if let Some(arriving) = arriving {
            arriving.ready().await;
        }
    };
    let mut decoders = Decoders::start();
    wait().await;
    let tick = async |progress| {
        if arriving.is_some_and(|arriving| !arriving.is_ready()) {
            // The next report may take long.
            reporter.report_now(progress);
        }
        let goes_on = reporter.tick(progress).await;
        wait().await;
        goes_on
    };
    read_archive_with(source, options, &mut decoders, tick).await
}

async fn draw_sample(reporter: &mut ProgressReporter<'_>) -> Result<Dataset, DataError> {
    let begun = now();
    let total = f64::from(sample::total());
    let mut images = Vec::with_capacity(sample::total() as usize);
    for image in sample::images() {
        images.push(image);
        let progress = LoadProgress {
            bytes: images.len() as f64 / total,
            bytes_total: Some(1.0),
            images: images.len() as u32,
            seconds: (now() - begun) / 1000.0,
        };
        if reporter.tick(progress).await.is_break() {
            return Err(DataError::Cancelled);
        }
    }
    Ok(sample::dataset(images))
}

/// Reports the progress of a load to the page, and lets the page cancel it.
struct ProgressReporter<'a> {
    load: LoadId,
    last_report: f64,
    turn: Option<Turn>,
    cancelled: &'a Cell<bool>,
}

impl<'a> ProgressReporter<'a> {
    fn new(load: LoadId, cancelled: &'a Cell<bool>) -> Self {
        Self { load, last_report: f64::NEG_INFINITY, turn: Turn::new().ok(), cancelled }
    }

    async fn tick(&mut self, progress: LoadProgress) -> ControlFlow<()> {
        self.report(progress);
        if let Some(turn) = &mut self.turn {
            turn.give().await;
        }
        if self.cancelled.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn report(&mut self, progress: LoadProgress) {
        if now() - self.last_report >= REPORT_EVERY {
            self.report_now(progress);
        }
    }

    fn report_now(&mut self, progress: LoadProgress) {
        if !self.cancelled.get() {
            self.last_report = now();
            post(&Event::Loading { load: self.load, progress });
        }
    }
}

/// A file of a folder that the person gave.
struct BrowserFile {
    path: String,
    file: File,
}

impl FolderFile for BrowserFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn bytes(&self) -> u64 {
        self.file.size() as u64
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        BlobReader::read_all(&self.file)
    }
}

fn missing(name: &str) -> ErrorReport {
    ErrorReport::new(text::worker_file(), text::worker_file_why(name), text::worker_file_remedy())
}
