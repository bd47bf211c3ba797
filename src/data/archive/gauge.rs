//! What is counted and held to while an archive is unpacked.

use crate::data::error::DataError;
use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// Bytes that the headers between two files may take, long names included.
pub(super) const HEADER_ALLOWANCE: u64 = 1 << 20;

/// What the readers below share with who reads.
pub(super) struct Gauge {
    /// Bytes read of the file.
    pub packed: Cell<u64>,
    /// Bytes unpacked.
    pub unpacked: Cell<u64>,
    /// Where unpacking must stop, for now.
    ceiling: Cell<u64>,
    /// Where it must stop for good.
    pub limit: u64,
    /// Unpacking reached the ceiling.
    exhausted: Cell<bool>,
    /// The tar stream was read to its end.
    pub ended: Cell<bool>,
    /// The error of the host's reader, if it failed.
    failure: RefCell<Option<String>>,
}

impl Gauge {
    pub(super) fn new(limit: u64) -> Self {
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
    pub(super) fn allow(&self, bytes: u64) {
        let ceiling = self.unpacked.get().saturating_add(bytes).saturating_add(HEADER_ALLOWANCE);
        self.ceiling.set(ceiling.min(self.limit));
    }

    /// Whether the host's reader failed.
    pub(super) fn failed(&self) -> bool {
        self.failure.borrow().is_some()
    }

    /// What an I/O error means, by whose it is.
    pub(super) fn error(&self, name: &str, images: u32, error: &io::Error) -> DataError {
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
pub(super) struct Packed<R> {
    pub read: R,
    pub gauge: Rc<Gauge>,
}

impl<R: Seek> Seek for Packed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.read.seek(to)
    }
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
pub(super) struct Unpacked<R> {
    read: R,
    gauge: Rc<Gauge>,
    /// Bytes that were looked at, and are still to be read.
    seen: Vec<u8>,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(read: R, gauge: Rc<Gauge>) -> Self {
        Self { read, gauge, seen: Vec::new() }
    }

    /// Lets bytes that were read be read once more.
    pub(super) fn put_back(&mut self, bytes: Vec<u8>) {
        self.seen = bytes;
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.seen.is_empty() {
            let n = self.seen.as_slice().read(buffer)?;
            self.seen.drain(..n);
            return Ok(n);
        }
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
