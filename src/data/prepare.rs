//! Image files → decoded images, here or elsewhere: what is done with each file, and
//! who does it. Independent of burn and browsers.

use super::decode::{Decoded, decode};
use super::error::DecodeError;
use sha2::{Digest as _, Sha256};

/// What a file's pixels shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Short side of the decoded image, in pixels.
    pub short_side: u32,
    /// Declared pixels of an image that is still decoded.
    pub max_pixels: u64,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// SHA-256 of the file.
    pub sha: [u8; 32],
    /// Its image, or why it could not be decoded.
    pub image: Result<Decoded, DecodeError>,
}

/// Hashes and decodes one file.
pub fn prepare(bytes: &[u8], spec: Spec) -> Prepared {
    Prepared {
        sha: Sha256::digest(bytes).into(),
        image: decode(bytes, spec.short_side, spec.max_pixels),
    }
}

/// A finished file, with the ticket under which it was submitted.
pub type TicketedFile = (u32, Prepared);

/// Who prepares files: this thread, or several others at once.
pub trait Prepare {
    /// Takes in a file, and hands back what has been finished since, in any order.
    fn submit(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Vec<TicketedFile>;

    /// Waits for all that is still under way.
    fn rest(&mut self) -> impl Future<Output = Vec<TicketedFile>>;
}

/// Prepares each file at once, on this thread.
#[derive(Clone, Copy, Debug)]
pub struct OnThisThread;

impl Prepare for OnThisThread {
    fn submit(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Vec<TicketedFile> {
        vec![(ticket, prepare(bytes, spec))]
    }

    async fn rest(&mut self) -> Vec<TicketedFile> {
        Vec::new()
    }
}
