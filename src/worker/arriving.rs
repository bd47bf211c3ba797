//! An archive that is read while it arrives: the browser's chunks on one side, a [`Read`] on the
//! other.
//!
//! Reading is synchronous and cannot wait. So the reader waits between two files until enough has
//! arrived for the next one. Where that was too little, because a file is very large or the format
//! needs the end first, the archive [has run dry](Arriving::ran_dry), and is read again from the
//! start once it is complete.

use futures::future::poll_fn;
use js_sys::Uint8Array;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Bytes that have arrived before the next file is read. One of them may be larger.
const AHEAD: f64 = 2_097_152.0;

/// Bytes that wait to be read before the download waits, too.
const MOST_WAITING: f64 = 33_554_432.0;

/// What has arrived and was not read yet.
#[derive(Default)]
pub(super) struct Arriving {
    chunks: RefCell<VecDeque<Uint8Array>>,
    /// Bytes of the chunks.
    waiting: Cell<f64>,
    complete: Cell<bool>,
    /// Whether the reader has taken some of it.
    begun: Cell<bool>,
    ran_dry: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Arriving {
    /// Adds a chunk, and waits while too many are there already.
    pub(super) async fn push(&self, chunk: Uint8Array) {
        if self.ran_dry.get() {
            return;
        }
        self.waiting.set(self.waiting.get() + f64::from(chunk.length()));
        self.chunks.borrow_mut().push_back(chunk);
        self.wake();
        self.until(|it| it.waiting.get() < MOST_WAITING || it.ran_dry.get()).await;
    }

    /// Nothing more will arrive.
    pub(super) fn complete(&self) {
        self.complete.set(true);
        self.wake();
    }

    /// Waits until the next file can be read.
    pub(super) async fn ready(&self) {
        self.until(Self::is_ready).await;
    }

    /// Whether the next file can be read.
    pub(super) fn is_ready(&self) -> bool {
        self.waiting.get() >= AHEAD || self.complete.get()
    }

    /// Whether the reader needed what had not arrived.
    pub(super) fn ran_dry(&self) -> bool {
        self.ran_dry.get()
    }

    /// Whether nothing is read for now: too little has arrived to begin, or all of it is needed.
    pub(super) fn is_waiting(&self) -> bool {
        self.ran_dry.get() || !self.begun.get()
    }

    /// The next chunk; an error where it has not arrived.
    fn take(&self) -> io::Result<Vec<u8>> {
        let Some(chunk) = self.chunks.borrow_mut().pop_front() else {
            return if self.complete.get() { Ok(Vec::new()) } else { Err(self.run_dry()) };
        };
        self.begun.set(true);
        self.waiting.set(self.waiting.get() - f64::from(chunk.length()));
        self.wake();
        Ok(chunk.to_vec())
    }

    fn run_dry(&self) -> io::Error {
        self.ran_dry.set(true);
        self.chunks.borrow_mut().clear();
        self.wake();
        io::ErrorKind::WouldBlock.into()
    }

    async fn until(&self, ready: impl Fn(&Self) -> bool) {
        poll_fn(|context| {
            if ready(self) {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn wake(&self) {
        self.wakers.take().into_iter().for_each(Waker::wake);
    }
}

/// Reads what arrives.
pub(super) struct ArrivingReader {
    source: Rc<Arriving>,
    chunk: Vec<u8>,
    used: usize,
}

impl ArrivingReader {
    pub(super) fn new(source: Rc<Arriving>) -> Self {
        Self { source, chunk: Vec::new(), used: 0 }
    }
}

impl Read for ArrivingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            (self.chunk, self.used) = (self.source.take()?, 0);
        }
        let rest = &self.chunk[self.used..];
        let count = buffer.len().min(rest.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.used += count;
        Ok(count)
    }
}

impl Seek for ArrivingReader {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(self.source.run_dry())
    }
}
