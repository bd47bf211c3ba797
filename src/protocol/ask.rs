//! What the page asks of the worker beside loading and training: questions with
//! one answer each. Plain data; independent of yew, burn and browsers. Pixels and
//! other bulk travel beside the answer as buffers, in the order that it tells.

use serde::{Deserialize, Serialize};

/// One question. An answer to a question that was taken back is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskId(pub u32);

/// What can be asked. Answered by the worker while a run goes on, between batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// Pictures of the data set in place, as they are stored. Answered by
    /// [`Answer::Thumbnails`].
    Thumbnails {
        /// Indices in the data set; those that it does not have are left out.
        images: Vec<u32>,
        /// Side in pixels.
        size: u32,
    },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// One RGBA buffer of `size` × `size` × 4 bytes beside it for each image.
    Thumbnails {
        /// Indices in the data set, in the order asked for.
        images: Vec<u32>,
        /// Side in pixels.
        size: u32,
    },
}

/// How far the work on an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AskProgress {
    /// Steps done.
    pub done: u32,
    /// Steps in all.
    pub of: u32,
}
