//! Reads a `.tgz`, `.tar` or `.zip` into a [`Dataset`], a piece at a time: neither the
//! archive nor its unpacked content is ever in memory as a whole. Works on any
//! [`Read`] with [`Seek`]; independent of burn and browsers.

mod gauge;
mod members;
mod tarball;
mod zipped;

use super::Dataset;
use super::builder::{Builder, Options};
use super::error::DataError;
use super::kind::FileKind;
use super::prepare::{OnThisThread, Prepare};
use crate::dataset::LoadProgress;
use gauge::{Gauge, Packed, Unpacked};
use members::Members;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::rc::Rc;

const BLOCK: usize = 512;

/// Bytes read of a packed file at a time.
const BUFFER: usize = 1 << 16;

/// An archive to read.
#[derive(Debug)]
pub struct ArchiveSource<R> {
    /// The bytes. Their first ones tell the format.
    pub read: R,
    /// Name of the file: the data set is called so, less the extension.
    pub name: String,
    /// How many bytes there are, if known.
    pub bytes: Option<u64>,
}

/// Reads the whole archive. `tick` is awaited after every file and every MiB
/// passed over; there the host reports progress, lets other work run, and may
/// break to cancel. Dropping the future cancels as well.
///
/// # Errors
/// Any [`DataError`] of reading; [`DataError::Cancelled`] if `tick` breaks.
pub async fn read_archive<R: Read + Seek>(
    source: ArchiveSource<R>,
    options: &Options,
    tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    read_archive_with(source, options, &mut OnThisThread, tick).await
}

/// As [`read_archive`]; `prepare` makes the images of the files.
///
/// # Errors
/// As [`read_archive`].
pub async fn read_archive_with<R: Read + Seek>(
    source: ArchiveSource<R>,
    options: &Options,
    prepare: &mut impl Prepare,
    mut tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    let ArchiveSource { read, name, bytes } = source;
    let gauge = Rc::new(Gauge::new(options.limits.unpacked_bytes));
    let builder = Builder::new(stem(&name), *options);
    let mut session = Session { builder, buffer: Vec::new(), name, bytes, unmarked: false };
    let mut packed = Packed { read, gauge: Rc::clone(&gauge) };

    let head = head(&mut packed).map_err(|error| session.fail(&gauge, &error))?;
    if head.is_empty() {
        return Err(DataError::Empty { name: session.name });
    }
    if zipped::is_zip(&head) {
        zipped::read(packed, &gauge, &mut session, prepare, &mut tick).await?;
    } else {
        let stream = open(head, packed, &gauge, &session)?;
        tarball::read(stream, &gauge, &mut session, prepare, &mut tick).await?;
    }
    let truncated = session.truncated();
    let finished = session.builder.finish(prepare).await;
    finished.map_err(|error| match error {
        // Between two files a tar stream can be cut unseen, but for what is missing.
        DataError::NoSplit { left_out: None, .. }
        | DataError::ClassWithoutTraining { left_out: None, .. }
            if session.unmarked =>
        {
            truncated
        }
        error => error,
    })
}

/// What is being read, and what for.
struct Session {
    builder: Builder,
    /// The content of one file.
    buffer: Vec<u8>,
    name: String,
    bytes: Option<u64>,
    /// The stream ended where an end mark should have been.
    unmarked: bool,
}

impl Session {
    fn fail(&self, gauge: &Gauge, error: &io::Error) -> DataError {
        gauge.error(&self.name, self.builder.decoded(), error)
    }

    fn truncated(&self) -> DataError {
        DataError::Truncated { name: self.name.clone(), images: self.builder.decoded() }
    }

    fn corrupt(&self, detail: String) -> DataError {
        DataError::Corrupt { name: self.name.clone(), detail }
    }

    /// Tells the host how far it is.
    async fn tick(
        &self,
        gauge: &Gauge,
        tick: &mut impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
    ) -> Result<(), DataError> {
        let total = self.bytes.map(|bytes| bytes as f64);
        match tick(self.builder.progress(gauge.packed.get() as f64, total)).await {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DataError::Cancelled),
        }
    }
}

/// The stream of tar blocks inside, once its first block proves to be one. What was
/// packed twice, as by servers that pack what they send, is unpacked twice.
fn open<'a, R: Read + 'a>(
    head: Vec<u8>,
    packed: Packed<R>,
    gauge: &Rc<Gauge>,
    session: &Session,
) -> Result<Unpacked<Box<dyn Read + 'a>>, DataError> {
    let fail = |error: io::Error| session.fail(gauge, &error);
    let mut first = head;
    let mut read: Box<dyn Read + 'a> = Box::new(packed);
    let mut layers = 0;
    while layers < 2 && first.starts_with(&members::MAGIC) {
        let whole = Cursor::new(std::mem::take(&mut first)).chain(read);
        let mut inner = Members::new(BufReader::with_capacity(BUFFER, whole));
        first = self::head(&mut inner).map_err(fail)?;
        read = Box::new(inner);
        layers += 1;
    }
    if !is_tar(&first) {
        let found = if layers > 0 { FileKind::OneGzipped } else { looks_like(&first) };
        return Err(DataError::NotAnArchive { name: session.name.clone(), found });
    }
    let read: Box<dyn Read + 'a> = if layers == 0 {
        Box::new(BufReader::with_capacity(BUFFER, Cursor::new(first).chain(read)))
    } else {
        Box::new(Cursor::new(first).chain(read))
    };
    Ok(Unpacked::new(read, Rc::clone(gauge)))
}

fn head(read: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(BLOCK);
    read.take(BLOCK as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// True if the block is a tar header with the right checksum, or an end mark.
fn is_tar(block: &[u8]) -> bool {
    let Ok(bytes) = <&[u8; BLOCK]>::try_from(block) else {
        return false;
    };
    if bytes.iter().all(|byte| *byte == 0) {
        return true;
    }
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    let (before, rest) = bytes.split_at(148);
    let expected = sum(before) + 8 * u32::from(b' ') + sum(&rest[8..]);
    tar::Header::from_byte_slice(bytes).cksum().is_ok_and(|found| found == expected)
}

/// What a file that is no archive may be, for the message.
fn looks_like(head: &[u8]) -> FileKind {
    const KINDS: [(&[u8], FileKind); 10] = [
        (b"7z\xBC\xAF", FileKind::Archive7z),
        (b"Rar!", FileKind::Rar),
        (b"\xFD7zXZ", FileKind::Xz),
        (b"BZh", FileKind::Bzip2),
        (b"\x28\xB5\x2F\xFD", FileKind::Zstd),
        (b"\xFF\xD8\xFF", FileKind::Picture),
        (b"\x89PNG", FileKind::Picture),
        (b"%PDF", FileKind::Pdf),
        (b"<", FileKind::WebPage),
        (b"{", FileKind::Text),
    ];
    let text = head.trim_ascii_start();
    let known = KINDS.iter().find(|(magic, _)| text.starts_with(magic));
    known.map_or(FileKind::Unknown, |(_, kind)| *kind)
}

/// `imagenette2-160` of `imagenette2-160.tgz`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem =
        [".tgz", ".tar.gz", ".tar", ".gz", ".zip"].iter().find_map(|end| file.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(file)
}
