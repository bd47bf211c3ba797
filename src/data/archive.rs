//! Reads a `.tgz` or `.tar` into a [`Dataset`], streaming: neither the archive
//! nor its unpacked content is ever in memory as a whole. Works on any
//! [`Read`]; independent of burn and browsers.
//!
//! The tar crate's entries borrow their archive, so the stepping that a host
//! needs is an `async fn`: it reads synchronously and awaits the host's `tick`
//! between files.

use super::Dataset;
use super::builder::{Builder, Options};
use super::error::DataError;
use super::prepare::{Here, Prepare};
use crate::protocol::LoadProgress;
use flate2::bufread::MultiGzDecoder;
use std::cell::{Cell, RefCell};
use std::io::{self, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

const BLOCK: usize = 512;

/// Bytes that the headers between two files may take, long names included.
const HEADER_ALLOWANCE: u64 = 1 << 20;

/// Bytes passed over between two ticks.
const SKIP_CHUNK: u64 = 1 << 20;

/// Bytes read after the archive's end mark, to reach the checksum of gzip.
const TRAILER_ALLOWANCE: u64 = 64 << 20;

/// An archive to read.
#[derive(Debug)]
pub struct Source<R> {
    /// The bytes, gzipped or not: their first bytes tell.
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
pub async fn read_archive<R: Read>(
    source: Source<R>,
    options: &Options,
    tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    read_archive_with(source, options, &mut Here, tick).await
}

/// As [`read_archive`]; `prepare` makes the images of the files.
///
/// # Errors
/// As [`read_archive`].
pub async fn read_archive_with<R: Read>(
    source: Source<R>,
    options: &Options,
    prepare: &mut impl Prepare,
    mut tick: impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Dataset, DataError> {
    let Source { read, name, bytes } = source;
    let gauge = Rc::new(Gauge::new(options.limits.unpacked_bytes));
    let mut builder = Builder::new(stem(&name), *options);
    let fail = |error: &io::Error, images| gauge.error(&name, images, error);

    let packed = Packed { read, gauge: Rc::clone(&gauge) };
    let unpacked = open(packed, &gauge, &name)?;
    let mut archive = tar::Archive::new(unpacked);
    let mut buffer = Vec::new();
    let progress = |builder: &Builder| {
        builder.progress(gauge.packed.get() as f64, bytes.map(|bytes| bytes as f64))
    };

    {
        let mut entries = archive.entries().map_err(|error| fail(&error, 0))?;
        loop {
            gauge.allow(HEADER_ALLOWANCE);
            let Some(entry) = entries.next() else {
                break;
            };
            let mut entry = entry.map_err(|error| fail(&error, builder.decoded()))?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            if kind.is_symlink() || kind.is_hard_link() {
                let reason = "is a link and not a file";
                return Err(DataError::UnsafePath { path, reason });
            }
            let size = entry.size();
            let offered = builder.offer(&path, size)?;
            // A sparse file may declare less on disk than it unpacks to.
            gauge.allow(size.max(entry.header().entry_size().unwrap_or(0)));
            match offered.filter(|_| kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse())
            {
                Some(wanted) => {
                    buffer.clear();
                    entry
                        .read_to_end(&mut buffer)
                        .map_err(|error| fail(&error, builder.decoded()))?;
                    if (buffer.len() as u64) < size {
                        return Err(DataError::Truncated { name, images: builder.decoded() });
                    }
                    let share = bytes.map(|bytes| gauge.packed.get() as f64 / bytes as f64);
                    builder.add(wanted, &buffer, prepare, share)?;
                }
                None if kind.is_file() => {
                    while io::copy(&mut entry.by_ref().take(SKIP_CHUNK), &mut io::sink())
                        .map_err(|error| fail(&error, builder.decoded()))?
                        > 0
                    {
                        if tick(progress(&builder)).await.is_break() {
                            return Err(DataError::Cancelled);
                        }
                    }
                }
                // tar passes over the content of anything else by itself.
                None => {}
            }
            if tick(progress(&builder)).await.is_break() {
                return Err(DataError::Cancelled);
            }
        }
    }

    if gauge.ended.get() {
        // The bytes ended where the end mark should have been.
        return Err(DataError::Truncated { name, images: builder.decoded() });
    }
    gauge.allow(TRAILER_ALLOWANCE);
    let mut rest = archive.into_inner().take(TRAILER_ALLOWANCE);
    io::copy(&mut rest, &mut io::sink()).map_err(|error| fail(&error, builder.decoded()))?;
    builder.finish(prepare).await
}

/// The stream of tar blocks inside, once its first block proves to be one.
fn open<'a, R: Read + 'a>(
    mut packed: Packed<R>,
    gauge: &Rc<Gauge>,
    name: &str,
) -> Result<Unpacked<Box<dyn Read + 'a>>, DataError> {
    let fail = |error: &io::Error| gauge.error(name, 0, error);
    let head = head(&mut packed).map_err(|error| fail(&error))?;
    if head.is_empty() {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    let gzip = head.starts_with(&[0x1F, 0x8B]);
    let whole = Cursor::new(head.clone()).chain(packed);
    let inner: Box<dyn Read + 'a> = if gzip {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, whole)))
    } else {
        Box::new(BufReader::with_capacity(1 << 16, whole))
    };
    let mut unpacked = Unpacked { read: inner, gauge: Rc::clone(gauge) };
    let first = if gzip { self::head(&mut unpacked).map_err(|error| fail(&error))? } else { head };
    if !is_tar(&first) {
        let found = if gzip { "one gzipped file, not many" } else { looks_like(&first) };
        return Err(DataError::NotAnArchive { name: name.to_owned(), found });
    }
    gauge.ended.set(false);
    let Unpacked { read, gauge } = unpacked;
    let read: Box<dyn Read + 'a> =
        if gzip { Box::new(Cursor::new(first).chain(read)) } else { read };
    Ok(Unpacked { read, gauge })
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
fn looks_like(head: &[u8]) -> &'static str {
    const KINDS: [(&[u8], &str); 11] = [
        (b"PK", "a ZIP archive"),
        (b"7z\xBC\xAF", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"\xFD7zXZ", "an xz archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\x28\xB5\x2F\xFD", "a zstd archive"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"\x89PNG", "a picture"),
        (b"%PDF", "a PDF document"),
        (b"<", "a web page"),
        (b"{", "text"),
    ];
    let text = head.trim_ascii_start();
    let known = KINDS.iter().find(|(magic, _)| text.starts_with(magic));
    known.map_or("something else", |(_, kind)| kind)
}

/// `imagenette2-160` of `imagenette2-160.tgz`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = [".tgz", ".tar.gz", ".tar", ".gz"].iter().find_map(|end| file.strip_suffix(end));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(file)
}

/// What the readers below share with the loop above.
struct Gauge {
    /// Bytes read of the file.
    packed: Cell<u64>,
    /// Bytes unpacked.
    unpacked: Cell<u64>,
    /// Where unpacking must stop, for now.
    ceiling: Cell<u64>,
    /// Where it must stop for good.
    limit: u64,
    /// Unpacking reached the ceiling.
    exhausted: Cell<bool>,
    /// The tar stream was read to its end.
    ended: Cell<bool>,
    /// What the host's reader said when it failed.
    failure: RefCell<Option<String>>,
}

impl Gauge {
    fn new(limit: u64) -> Self {
        Self {
            packed: Cell::new(0),
            unpacked: Cell::new(0),
            ceiling: Cell::new(HEADER_ALLOWANCE),
            limit,
            exhausted: Cell::new(false),
            ended: Cell::new(false),
            failure: RefCell::new(None),
        }
    }

    /// Lets this many bytes more be unpacked, besides headers.
    fn allow(&self, bytes: u64) {
        let ceiling = self.unpacked.get().saturating_add(bytes).saturating_add(HEADER_ALLOWANCE);
        self.ceiling.set(ceiling.min(self.limit));
    }

    /// What an I/O error means, by whose it is.
    fn error(&self, name: &str, images: u32, error: &io::Error) -> DataError {
        let name = name.to_owned();
        if let Some(detail) = self.failure.borrow().clone() {
            return DataError::Read { name, detail };
        }
        if self.exhausted.get() {
            return DataError::ArchiveTooLarge { name, bytes: self.unpacked.get() };
        }
        if self.ended.get() || error.kind() == io::ErrorKind::UnexpectedEof {
            return DataError::Truncated { name, images };
        }
        DataError::Corrupt { name, detail: error.to_string() }
    }
}

/// The file: counts its bytes and remembers its own failures.
struct Packed<R> {
    read: R,
    gauge: Rc<Gauge>,
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.read.read(buffer) {
            Ok(n) => {
                self.gauge.packed.set(self.gauge.packed.get() + n as u64);
                Ok(n)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    *self.gauge.failure.borrow_mut() = Some(error.to_string());
                }
                Err(error)
            }
        }
    }
}

/// The tar stream: holds it to its ceiling and notices its end.
struct Unpacked<R> {
    read: R,
    gauge: Rc<Gauge>,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.gauge.unpacked.get() >= self.gauge.ceiling.get() {
            self.gauge.exhausted.set(true);
            return Err(io::Error::other("too many bytes"));
        }
        let n = self.read.read(buffer)?;
        self.gauge.unpacked.set(self.gauge.unpacked.get() + n as u64);
        if n == 0 && !buffer.is_empty() {
            self.gauge.ended.set(true);
        }
        Ok(n)
    }
}
