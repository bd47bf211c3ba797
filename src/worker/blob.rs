//! A file of the browser as a [`Read`].

use js_sys::Uint8Array;
use std::io::{self, Read, Seek, SeekFrom};
use web_sys::{Blob, FileReaderSync};

/// Bytes fetched from the blob at a time.
const CHUNK: f64 = 1_048_576.0;

/// Reads a blob from its start, a chunk at a time: the rest stays outside the worker's
/// memory. Only workers have synchronous readers.
pub(super) struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    offset: f64,
    chunk: Vec<u8>,
    used: usize,
}

impl BlobReader {
    /// # Errors
    ///
    /// If the browser offers no synchronous reader.
    pub(super) fn new(blob: Blob) -> io::Result<Self> {
        let reader = FileReaderSync::new().map_err(|error| failure(&error))?;
        Ok(Self { blob, reader, offset: 0.0, chunk: Vec::new(), used: 0 })
    }

    /// Reads all of a blob.
    ///
    /// # Errors
    ///
    /// If the browser cannot read it, for example because the file has changed.
    pub(super) fn read_all(blob: &Blob) -> io::Result<Vec<u8>> {
        let reader = FileReaderSync::new().map_err(|error| failure(&error))?;
        read(&reader, blob)
    }

    fn refill(&mut self) -> io::Result<()> {
        let end = (self.offset + CHUNK).min(self.blob.size());
        let slice =
            self.blob.slice_with_f64_and_f64(self.offset, end).map_err(|error| failure(&error))?;
        self.chunk = read(&self.reader, &slice)?;
        self.used = 0;
        self.offset = end;
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            if self.offset >= self.blob.size() {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.chunk.len() - self.used);
        buffer[..count].copy_from_slice(&self.chunk[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let begins = self.offset - self.chunk.len() as f64;
        let at = match to {
            SeekFrom::Start(at) => at as f64,
            SeekFrom::End(at) => self.blob.size() + at as f64,
            SeekFrom::Current(at) => begins + self.used as f64 + at as f64,
        };
        if at < 0.0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if at >= begins && at <= self.offset {
            self.used = (at - begins) as usize;
        } else {
            self.chunk.clear();
            self.used = 0;
            self.offset = at;
        }
        Ok(at as u64)
    }
}

fn read(reader: &FileReaderSync, blob: &Blob) -> io::Result<Vec<u8>> {
    let buffer = reader.read_as_array_buffer(blob).map_err(|error| failure(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn failure(error: &wasm_bindgen::JsValue) -> io::Error {
    io::Error::other(crate::wire::describe(error))
}
