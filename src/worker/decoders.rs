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

/// A file to prepare; its bytes are attached.
#[derive(Serialize, Deserialize)]
struct Work {
    ticket: u32,
    short_side: u32,
    max_pixels: f64,
}

/// What became of it; hash and pixels are attached.
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
    helper::serve(|work: Work, attached: Array| {
        let bytes = Uint8Array::new(&attached.get(0)).to_vec();
        let spec = Spec { short_side: work.short_side, max_pixels: work.max_pixels as u64 };
        let (image, buffers) = apart(prepare(&bytes, spec));
        Ok((Answer { ticket: work.ticket, image }, buffers))
    });
}

fn apart(prepared: Prepared) -> (Shape, Array) {
    let buffers = Array::of1(&Uint8Array::from(prepared.sha.as_slice()).buffer());
    let shape = match prepared.image {
        Ok(Decoded { width, height, original_short_side, pixels }) => {
            buffers.push(&Uint8Array::from(&*pixels).buffer());
            Shape::Decoded { width, height, original_short_side }
        }
        Err(DecodeError::Broken(why)) => Shape::Broken { why },
        Err(DecodeError::TooLarge { width, height }) => Shape::TooLarge { width, height },
    };
    (shape, buffers)
}

fn together(shape: Shape, buffers: &Array) -> Option<Prepared> {
    let bytes = |index| {
        let buffer = buffers.get(index).dyn_into::<ArrayBuffer>().ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    };
    let image = match shape {
        Shape::Decoded { width, height, original_short_side } => {
            let pixels = Arc::from(bytes(1)?);
            Ok(Decoded { width, height, original_short_side, pixels })
        }
        Shape::Broken { why } => Err(DecodeError::Broken(why)),
        Shape::TooLarge { width, height } => Err(DecodeError::TooLarge { width, height }),
    };
    Some(Prepared { sha: bytes(0)?.try_into().ok()?, image })
}

/// A helper, and the files that it has: should it break, they are prepared here.
struct Decoder {
    helper: Helper,
    up: bool,
    has: HashMap<u32, (Vec<u8>, Spec)>,
}

/// The helpers, and this thread where they are all busy. Dropping it ends them.
pub(super) struct Decoders {
    decoders: Vec<Option<Decoder>>,
    words: UnboundedReceiver<Word<Answer>>,
}

impl Decoders {
    /// With a helper for every core but this one's.
    pub(super) fn start() -> Self {
        let (sender, words) = unbounded();
        let start = |number| {
            let helper = Helper::start(NAME, number, &sender)?;
            Some(Decoder { helper, up: false, has: HashMap::new() })
        };
        Self { decoders: (0..helper::threads() - 1).map(start).collect(), words }
    }

    fn note(&mut self, (number, word): Word<Answer>, done: &mut Vec<Done>) {
        let Some(place) = self.decoders.get_mut(number) else {
            return;
        };
        let there = match word {
            Said::Up => {
                if let Some(decoder) = place {
                    decoder.up = true;
                }
                return;
            }
            Said::Answer(answer, buffers) => {
                together(answer.image, &buffers).map(|prepared| (answer.ticket, prepared))
            }
            Said::Broke => None,
        };
        match there {
            Some((ticket, prepared)) => {
                if place.as_mut().is_some_and(|decoder| decoder.has.remove(&ticket).is_some()) {
                    done.push((ticket, prepared));
                }
            }
            None => {
                let has = place.take().map(|decoder| decoder.has);
                for (ticket, (bytes, spec)) in has.into_iter().flatten() {
                    done.push((ticket, prepare(&bytes, spec)));
                }
            }
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
}

impl Decoder {
    fn give(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Result<(), WireError> {
        let Spec { short_side, max_pixels } = spec;
        let work = Work { ticket, short_side, max_pixels: max_pixels as f64 };
        self.helper.give(&work, &Array::of1(&Uint8Array::from(bytes).buffer()))?;
        self.has.insert(ticket, (bytes.to_vec(), spec));
        Ok(())
    }
}

impl Prepare for Decoders {
    fn hand_in(&mut self, ticket: u32, bytes: &[u8], spec: Spec) -> Vec<Done> {
        let up = self.decoders.iter_mut().flatten().filter(|decoder| decoder.up);
        let free = up.min_by_key(|decoder| decoder.has.len());
        let given = free.is_some_and(|decoder| {
            decoder.has.len() < DEPTH && decoder.give(ticket, bytes, spec).is_ok()
        });
        let mut done = self.heard();
        if !given {
            done.push((ticket, prepare(bytes, spec)));
        }
        done
    }

    async fn rest(&mut self) -> Vec<Done> {
        let mut done = self.heard();
        while self.decoders.iter().flatten().any(|decoder| !decoder.has.is_empty()) {
            match self.words.next().await {
                Some(word) => self.note(word, &mut done),
                None => break,
            }
        }
        done
    }
}
