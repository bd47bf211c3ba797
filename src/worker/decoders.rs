//! Decoding images on all cores.

use super::helper::{self, Helper, Said, Word};
use crate::data::decode::Decoded;
use crate::data::error::DecodeError;
use crate::data::prepare::{Done, Prepare, Prepared, Spec, prepare};
use crate::wire::WireError;
use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::JsCast as _;

/// What helpers for this are called.
pub(super) const NAME: &str = "decoding helper";

/// Files that a helper has waiting: enough for several times as long as this worker takes
/// from one turn to the next.
const DEPTH: usize = 64;

/// Files of one message, at most: a message each takes a fifth longer (docs/performance.md).
const TOGETHER: usize = 8;

/// Bytes at which a message is full.
const FULL: usize = 1 << 17;

/// A file to prepare. Those of a message are attached as one buffer, one after another.
#[derive(Serialize, Deserialize)]
struct File {
    ticket: u32,
    bytes: usize,
    short_side: u32,
    max_pixels: f64,
}

/// What became of it. Hash and pixels of all files of a message are attached as one buffer.
#[derive(Serialize, Deserialize)]
struct Answer {
    ticket: u32,
    image: Shape,
}

#[derive(Serialize, Deserialize)]
enum Shape {
    Decoded { width: u32, height: u32, original_short_side: u32 },
    Broken { why: String },
    TooLarge { width: u32, height: u32 },
}

/// Serves as a helper.
pub(super) fn serve() {
    helper::serve(|files: Vec<File>, attached: Array| {
        let bytes = Uint8Array::new(&attached.get(0)).to_vec();
        let mut rest = bytes.as_slice();
        let mut answers = Vec::with_capacity(files.len());
        let mut values = Vec::new();
        for File { ticket, bytes, short_side, max_pixels } in files {
            let (file, behind) = rest.split_at_checked(bytes).ok_or("a file is cut short")?;
            rest = behind;
            let spec = Spec { short_side, max_pixels: max_pixels as u64 };
            let image = apart(prepare(file, spec), &mut values);
            answers.push(Answer { ticket, image });
        }
        Ok((answers, Array::of1(&Uint8Array::from(values.as_slice()).buffer())))
    });
}

/// Appends hash and pixels to `values`; the rest goes into the message.
fn apart(prepared: Prepared, values: &mut Vec<u8>) -> Shape {
    values.extend(prepared.sha);
    match prepared.image {
        Ok(Decoded { width, height, original_short_side, pixels }) => {
            values.extend_from_slice(&pixels);
            Shape::Decoded { width, height, original_short_side }
        }
        Err(DecodeError::Broken(why)) => Shape::Broken { why },
        Err(DecodeError::TooLarge { width, height }) => Shape::TooLarge { width, height },
    }
}

/// Takes hash and pixels from the front of `values`; `None` if they are not there.
fn together(shape: Shape, values: &mut &[u8]) -> Option<Prepared> {
    let (sha, mut rest) = values.split_first_chunk()?;
    let image = match shape {
        Shape::Decoded { width, height, original_short_side } => {
            let (pixels, behind) = rest.split_at_checked(width as usize * height as usize * 3)?;
            rest = behind;
            Ok(Decoded { width, height, original_short_side, pixels: Arc::from(pixels) })
        }
        Shape::Broken { why } => Err(DecodeError::Broken(why)),
        Shape::TooLarge { width, height } => Err(DecodeError::TooLarge { width, height }),
    };
    *values = rest;
    Some(Prepared { sha: *sha, image })
}

/// The files of a message; `None` if it is not what a helper says.
fn read(answers: Vec<Answer>, attached: &Array) -> Option<Vec<Done>> {
    let buffer = attached.get(0).dyn_into::<ArrayBuffer>().ok()?;
    let values = Uint8Array::new(&buffer).to_vec();
    let mut rest = values.as_slice();
    answers
        .into_iter()
        .map(|Answer { ticket, image }| Some((ticket, together(image, &mut rest)?)))
        .collect()
}

/// A helper, and the files that it has: should it break, they are prepared here.
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
            files.push(File { ticket, bytes: bytes.len(), short_side: *short_side, max_pixels });
        }
        self.helper.give(&files, &Array::of1(&values.buffer()))
    }
}

/// Ends a helper that broke: what it had is prepared here.
fn given_up(place: &mut Option<Decoder>) -> impl Iterator<Item = Done> {
    let has = place.take().map(|decoder| decoder.has);
    let prepared =
        |(ticket, (bytes, spec)): (u32, (Vec<u8>, Spec))| (ticket, prepare(&bytes, spec));
    has.into_iter().flatten().map(prepared)
}

/// The helpers, and this thread where they are all busy. Dropping it ends them.
pub(super) struct Decoders {
    decoders: Vec<Option<Decoder>>,
    words: UnboundedReceiver<Word<Vec<Answer>>>,
}

impl Decoders {
    /// With a helper for every core but this one's.
    pub(super) fn start() -> Self {
        let (sender, words) = unbounded();
        let start = |number| Helper::start(NAME, number, &sender).map(Decoder::new);
        Self { decoders: (0..helper::threads() - 1).map(start).collect(), words }
    }

    fn note(&mut self, (number, word): Word<Vec<Answer>>, done: &mut Vec<Done>) {
        let Some(place) = self.decoders.get_mut(number) else { return };
        let Some(decoder) = place else { return };
        let found = match word {
            Said::Up => {
                decoder.up = true;
                return;
            }
            Said::Answer(answers, attached) => read(answers, &attached),
            Said::Broke => None,
        };
        match found {
            Some(found) => {
                let had = |(ticket, _): &Done| decoder.has.remove(ticket).is_some();
                done.extend(found.into_iter().filter(had));
            }
            None => done.extend(given_up(place)),
        }
    }

    /// What the helpers have said in the meantime.
    fn heard(&mut self) -> Vec<Done> {
        let mut done = Vec::new();
        while let Ok(word) = self.words.try_recv() {
            self.note(word, &mut done);
        }
        done
    }

    /// The helper that takes the next file, if one has room: it fills a message that is begun.
    fn next(&mut self) -> Option<&mut Option<Decoder>> {
        let room = |decoder: &Decoder| decoder.up && decoder.has.len() < DEPTH;
        let places = self.decoders.iter_mut().filter(|it| it.as_ref().is_some_and(room));
        places.min_by_key(|it| it.as_ref().map(|it| (it.unsent.is_empty(), it.has.len())))
    }
}

impl Prepare for Decoders {
    fn hand_in(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Vec<Done> {
        let mut done = self.heard();
        match self.next() {
            Some(place) => {
                let given = place.as_mut().map(|decoder| decoder.take(ticket, bytes, spec));
                if given.is_some_and(|it| it.is_err()) {
                    done.extend(given_up(place));
                }
            }
            None => done.push((ticket, prepare(bytes, spec))),
        }
        done
    }

    async fn rest(&mut self) -> Vec<Done> {
        let mut done = self.heard();
        for place in &mut self.decoders {
            if place.as_mut().is_some_and(|decoder| decoder.send().is_err()) {
                done.extend(given_up(place));
            }
        }
        while self.decoders.iter().flatten().any(|decoder| !decoder.has.is_empty()) {
            match self.words.next().await {
                Some(word) => self.note(word, &mut done),
                None => break,
            }
        }
        done
    }
}
