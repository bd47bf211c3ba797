//! Questions of the page to the worker, with one answer each, in addition to loading and
//! training. Plain data; independent of yew, burn and browsers. Pixels and other bulk data
//! are attached to the answer as buffers, in its order.

pub mod models;

use crate::experiment::Experiment;
use crate::inspect::channel::ChannelsView;
use crate::inspect::strip::{BatchView, DrawsView};
use crate::saved::About;
use crate::tta::passes::{TtaPasses, Views};
use models::{ModelAnswer, ModelQuestion};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Identifies a question. The answer to a cancelled question is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskId(pub u32);

/// A question. During a run the worker answers between batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// Pictures of the loaded data set, as they are stored. Answered by
    /// [`Answer::Thumbnails`].
    Thumbnails {
        /// Indices in the data set; indices beyond it are ignored.
        images: Vec<u32>,
        /// Side in pixels.
        size: u32,
    },
    /// About a trained model. Answered by [`Answer::Model`].
    Model(ModelQuestion),
    /// The effect of test-time augmentation on the model that was trained last. Answered
    /// by [`Answer::Passes`].
    Passes {
        /// The least number of augmented passes; missing ones are computed.
        at_least: u32,
    },
    /// One validation image, classified by the model that was trained last. Answered by
    /// [`Answer::Views`].
    Views {
        /// Position among the validation images.
        position: u32,
        /// Augmented passes.
        passes: u32,
    },
    /// The first images of a training batch, exactly as the network would be fed
    /// them. Answered by [`Answer::Batch`].
    Batch {
        /// The experiment of the batch.
        experiment: Experiment,
        /// The saved model that it starts from, if it is known.
        init: Option<Box<About>>,
        /// Epoch, from 0 over all phases.
        epoch: u32,
        /// Batch of the epoch, from 0.
        batch: u32,
        /// The number of images.
        images: u32,
    },
    /// One training image as it is drawn in successive epochs. Answered by
    /// [`Answer::Draws`].
    Draws {
        /// The experiment of the draws.
        experiment: Experiment,
        /// The saved model that it starts from, if it is known.
        init: Option<Box<About>>,
        /// Index of the image in the data set.
        image: u32,
        /// The first epoch; its size is that of all views.
        epoch: u32,
        /// The number of epochs.
        draws: u32,
    },
    /// The colour channels of a training batch before and after normalization.
    /// Answered by [`Answer::Channels`].
    Channels {
        /// The experiment of the batch.
        experiment: Experiment,
        /// The saved model that it starts from, if it is known.
        init: Option<Box<About>>,
        /// Epoch, from 0 over all phases.
        epoch: u32,
        /// Batch of the epoch, from 0.
        batch: u32,
    },
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// One attached RGBA buffer of `size` × `size` × 4 bytes for each image.
    Thumbnails {
        /// Indices in the data set, in the requested order.
        images: Vec<u32>,
        /// Side in pixels.
        size: u32,
    },
    /// About a trained model.
    Model(ModelAnswer),
    /// Accuracy against the number of passes.
    Passes(Box<TtaPasses>),
    /// The views of one image, with their pictures attached.
    Views(Views),
    /// Attached RGBA buffers of `size` × `size` × 4 bytes: the images as they are fed to the
    /// network; and with mixup also each image's own view, and then the view that is mixed into
    /// each.
    Batch(Box<BatchView>),
    /// Attached RGBA buffers of `size` × `size` × 4 bytes: the validation view, then one for each
    /// epoch.
    Draws(DrawsView),
    /// The colour channels; nothing is attached.
    Channels(Box<ChannelsView>),
}

/// The progress of the work on an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct AskProgress {
    /// Steps done.
    pub done: u32,
    /// Steps in all.
    pub of: u32,
}
