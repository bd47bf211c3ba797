//! Decoding images on all cores.

use super::helper::{self, Helper, HelperMessage, NumberedMessage};
use crate::bytes::ByteReader;
use crate::data::decode::{Decoded, cost};
use crate::data::error::{DecodeError, Flaw};
use crate::data::kind::FileKind;
use crate::data::memory::Shares;
use crate::data::prepare::{Prepare, Prepared, Spec, TicketedFile, prepare};
use crate::wire::WireError;
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::JsCast as _;

/// The name of helper workers that decode.
pub(super) const NAME: &str = "decoding helper";

/// Files that a helper has waiting: enough for several times as long as this worker takes
/// from one turn to the next.
const DEPTH: usize = 64;

/// Files of one message, at most: a message each takes a fifth longer (docs/performance.md).
const TOGETHER: usize = 8;

/// Bytes at which a message is full.
const FULL: usize = 1 << 17;

/// Bytes of memory that all threads together may take for decoding: a worker never returns
/// memory. A single image takes at most 160 MiB.
const ALL_TAKE: u64 = 208 << 20;

/// Bytes of files that wait for helpers, at most.
const ALL_WAIT: usize = 12 << 20;

/// A file to prepare. Those of a message are attached as one buffer, one after another.
#[derive(Serialize, Deserialize)]
struct DecodeFile {
    ticket: u32,
    bytes: usize,
    short_side: u32,
    max_pixels: f64,
}

/// What became of it. Hash and pixels of all files of a message are attached as one buffer.
#[derive(Serialize, Deserialize)]
struct DecodeAnswer {
    ticket: u32,
    image: DecodedShape,
}

#[derive(Serialize, Deserialize)]
enum DecodedShape {
    Decoded { width: u32, height: u32, original_short_side: u32 },
    Broken(Flaw),
    NotRead(FileKind),
    TooLarge { width: u32, height: u32 },
}

/// Serves as a helper.
pub(super) fn serve() {
    helper::serve(|files: Vec<DecodeFile>, attached: Array| {
        let bytes = Uint8Array::new(&attached.get(0)).to_vec();
        let mut rest = bytes.as_slice();
        let mut answers = Vec::with_capacity(files.len());
        let mut values = Vec::new();
        for DecodeFile { ticket, bytes, short_side, max_pixels } in files {
            let (file, behind) = rest.split_at_checked(bytes).ok_or("a file is cut short")?;
            rest = behind;
            let spec = Spec { short_side, max_pixels: max_pixels as u64 };
            let image = pack(prepare(file, spec), &mut values);
            answers.push(DecodeAnswer { ticket, image });
        }
        Ok((answers, Array::of1(&Uint8Array::from(values.as_slice()).buffer())))
    });
}

/// Appends hash and pixels to `values`; the rest goes into the message.
fn pack(prepared: Prepared, values: &mut Vec<u8>) -> DecodedShape {
    values.extend(prepared.sha);
    match prepared.image {
        Ok(Decoded { width, height, original_short_side, pixels }) => {
            values.extend_from_slice(&pixels);
            DecodedShape::Decoded { width, height, original_short_side }
        }
        Err(DecodeError::Broken(flaw)) => DecodedShape::Broken(flaw),
        Err(DecodeError::NotRead(kind)) => DecodedShape::NotRead(kind),
        Err(DecodeError::TooLarge { width, height }) => DecodedShape::TooLarge { width, height },
    }
}

/// Reads hash and pixels from `values`; `None` if they are not there.
fn unpack(shape: DecodedShape, values: &mut ByteReader) -> Option<Prepared> {
    let sha = values.array()?;
    let image = match shape {
        DecodedShape::Decoded { width, height, original_short_side } => {
            let pixels = values.bytes(width as usize * height as usize * 3)?;
            Ok(Decoded { width, height, original_short_side, pixels: Arc::from(pixels) })
        }
        DecodedShape::Broken(flaw) => Err(DecodeError::Broken(flaw)),
        DecodedShape::NotRead(kind) => Err(DecodeError::NotRead(kind)),
        DecodedShape::TooLarge { width, height } => Err(DecodeError::TooLarge { width, height }),
    };
    Some(Prepared { sha, image })
}

/// The files of a message; `None` if it is not a helper's message.
fn read(answers: Vec<DecodeAnswer>, attached: &Array) -> Option<Vec<TicketedFile>> {
    let buffer = attached.get(0).dyn_into::<ArrayBuffer>().ok()?;
    let values = Uint8Array::new(&buffer).to_vec();
    let mut values = ByteReader::new(&values);
    answers
        .into_iter()
        .map(|DecodeAnswer { ticket, image }| Some((ticket, unpack(image, &mut values)?)))
        .collect()
}

/// A helper, and the files that it has: if it breaks, this thread prepares them.
struct Decoder {
    helper: Helper,
    up: bool,
    has: HashMap<u32, (Vec<u8>, Spec)>,
    /// Those of them that wait for the message to be full.
    unsent: Vec<u32>,
}

impl Decoder {
    fn new(helper: Helper) -> Self {
        Self { helper, up: false, has: HashMap::new(), unsent: Vec::new() }
    }

    fn take(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Result<(), WireError> {
        self.has.insert(ticket, (bytes.to_vec(), spec));
        self.unsent.push(ticket);
        if self.unsent.len() < TOGETHER && self.unsent_bytes() < FULL {
            return Ok(());
        }
        self.send()
    }

    fn unsent_bytes(&self) -> usize {
        let files = self.unsent.iter().filter_map(|ticket| self.has.get(ticket));
        files.map(|(bytes, _)| bytes.len()).sum()
    }

    /// Bytes of all the files that it has.
    fn bytes(&self) -> usize {
        self.has.values().map(|(bytes, _)| bytes.len()).sum()
    }

    /// Sends what waits for it.
    fn send(&mut self) -> Result<(), WireError> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let values = Uint8Array::new_with_length(self.unsent_bytes() as u32);
        let mut files = Vec::with_capacity(self.unsent.len());
        let mut end = 0;
        for ticket in self.unsent.drain(..) {
            let Some((bytes, Spec { short_side, max_pixels })) = self.has.get(&ticket) else {
                continue;
            };
            let start = end;
            end += bytes.len() as u32;
            values.subarray(start, end).copy_from(bytes);
            let max_pixels = *max_pixels as f64;
            files.push(DecodeFile {
                ticket,
                bytes: bytes.len(),
                short_side: *short_side,
                max_pixels,
            });
        }
        self.helper.give(&files, &Array::of1(&values.buffer()))
    }
}

/// Ends a helper that broke: what it had is prepared here.
fn take_files(place: &mut Option<Decoder>) -> impl Iterator<Item = TicketedFile> {
    let has = place.take().map(|decoder| decoder.has);
    let prepared =
        |(ticket, (bytes, spec)): (u32, (Vec<u8>, Spec))| (ticket, prepare(&bytes, spec));
    has.into_iter().flatten().map(prepared)
}

/// The helpers, and this thread where they are all busy. Dropping it ends them.
pub(super) struct Decoders {
    decoders: Vec<Option<Decoder>>,
    /// The memory for decoding of each of them, and of this thread, which comes last.
    shares: Shares,
    messages: UnboundedReceiver<NumberedMessage<Vec<DecodeAnswer>>>,
}

impl Decoders {
    /// With a helper for every core but this one's.
    pub(super) fn start() -> Self {
        let (sender, messages) = unbounded();
        let start = |number| Helper::start(NAME, number, &sender).map(Decoder::new);
        let threads = helper::threads();
        let decoders = (0..threads - 1).map(start).collect();
        Self { decoders, shares: Shares::new(threads, ALL_TAKE), messages }
    }

    fn note(
        &mut self,
        (number, message): NumberedMessage<Vec<DecodeAnswer>>,
        done: &mut Vec<TicketedFile>,
    ) {
        let Some(place) = self.decoders.get_mut(number) else { return };
        let Some(decoder) = place else { return };
        let found = match message {
            HelperMessage::Up => {
                decoder.up = true;
                return;
            }
            HelperMessage::Answer(answers, attached) => read(answers, &attached),
            HelperMessage::Broke => None,
        };
        match found {
            Some(found) => {
                let had = |(ticket, _): &TicketedFile| decoder.has.remove(ticket).is_some();
                done.extend(found.into_iter().filter(had));
            }
            None => self.end(number, done),
        }
    }

    /// The files that helpers have finished in the meantime.
    fn finished(&mut self) -> Vec<TicketedFile> {
        let mut done = Vec::new();
        while let Ok(message) = self.messages.try_recv() {
            self.note(message, &mut done);
        }
        done
    }

    /// The helper that takes the next file, if one has room and may decode what costs so
    /// much: it fills a message that is begun.
    fn next(&self, bytes: usize, cost: u64) -> Option<usize> {
        let waiting: usize = self.decoders.iter().flatten().map(Decoder::bytes).sum();
        if waiting + bytes > ALL_WAIT {
            return None;
        }
        let places = self.decoders.iter().enumerate();
        let places = places.filter_map(|(number, it)| Some((number, it.as_ref()?)));
        let places = places.filter(|(number, it)| {
            it.up && it.has.len() < DEPTH && self.shares.fits(*number, cost)
        });
        let found = places.min_by_key(|(_, it)| (it.unsent.is_empty(), it.has.len()));
        found.map(|(number, _)| number)
    }

    /// Makes room for decoding on this thread what costs so much: helpers that took most
    /// are ended.
    fn make_room(&mut self, cost: u64, done: &mut Vec<TicketedFile>) {
        let here = self.decoders.len();
        while !self.shares.fits(here, cost) {
            let most = (0..here).max_by_key(|number| self.shares.of(*number));
            let Some(number) = most.filter(|number| self.shares.of(*number) > 0) else {
                break;
            };
            self.end(number, done);
        }
        self.shares.take(here, cost);
    }

    /// Ends a helper: what it had is prepared here, and takes memory here.
    fn end(&mut self, number: usize, done: &mut Vec<TicketedFile>) {
        let took = self.shares.of(number);
        self.shares.give_back(number);
        self.shares.take(self.decoders.len(), took);
        if let Some(place) = self.decoders.get_mut(number) {
            done.extend(take_files(place));
        }
    }
}

impl Prepare for Decoders {
    fn submit(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Vec<TicketedFile> {
        let mut done = self.finished();
        let cost = cost(bytes);
        match self.next(bytes.len(), cost) {
            Some(number) => {
                self.shares.take(number, cost);
                let place = self.decoders.get_mut(number).and_then(Option::as_mut);
                if place.is_some_and(|it| it.take(ticket, bytes, spec).is_err()) {
                    self.end(number, &mut done);
                }
            }
            None => {
                self.make_room(cost, &mut done);
                done.push((ticket, prepare(bytes, spec)));
            }
        }
        done
    }

    async fn rest(&mut self) -> Vec<TicketedFile> {
        let mut done = self.finished();
        for number in 0..self.decoders.len() {
            let place = self.decoders.get_mut(number).and_then(Option::as_mut);
            if place.is_some_and(|decoder| decoder.send().is_err()) {
                self.end(number, &mut done);
            }
        }
        while self.decoders.iter().flatten().any(|decoder| !decoder.has.is_empty()) {
            match self.messages.next().await {
                Some(message) => self.note(message, &mut done),
                None => break,
            }
        }
        done
    }
}
