//! What the page asks of the worker beside loading and training: questions with
//! one answer each. Plain data; independent of yew, burn and browsers. Pixels and
//! other bulk travel beside the answer as buffers, in the order that it gives.

pub mod models;

use crate::experiment::Experiment;
use crate::inspect::channel::ChannelsView;
use crate::inspect::strip::{BatchView, DrawsView};
use crate::saved::About;
use crate::tta::passes::{TtaPasses, Views};
use models::{ModelAnswer, ModelQuestion};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

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
    /// About a trained model. Answered by [`Answer::Model`].
    Model(ModelQuestion),
    /// What test-time augmentation gives the model that was trained last. Answered
    /// by [`Answer::Passes`].
    Passes {
        /// Augmented passes that there must be: those that are missing are computed.
        at_least: u32,
    },
    /// One validation image under the model that was trained last. Answered by
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
        /// Whose batch.
        experiment: Experiment,
        /// The saved model that it starts from, if that is at hand.
        init: Option<Box<About>>,
        /// Epoch, from 0 over all phases.
        epoch: u32,
        /// Batch of the epoch, from 0.
        batch: u32,
        /// How many images are wanted.
        images: u32,
    },
    /// One training image as it is drawn in one epoch after another. Answered by
    /// [`Answer::Draws`].
    Draws {
        /// Whose draws.
        experiment: Experiment,
        /// The saved model that it starts from, if that is at hand.
        init: Option<Box<About>>,
        /// Index of the image in the data set.
        image: u32,
        /// The first epoch; its size is that of all views.
        epoch: u32,
        /// How many epochs.
        draws: u32,
    },
    /// The colour channels of a training batch before and after normalization.
    /// Answered by [`Answer::Channels`].
    Channels {
        /// Whose batch.
        experiment: Experiment,
        /// The saved model that it starts from, if that is at hand.
        init: Option<Box<About>>,
        /// Epoch, from 0 over all phases.
        epoch: u32,
        /// Batch of the epoch, from 0.
        batch: u32,
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
    /// About a trained model.
    Model(ModelAnswer),
    /// Accuracy against the number of passes.
    Passes(Box<TtaPasses>),
    /// The views of one image, their pictures beside it.
    Views(Views),
    /// RGBA buffers of `size` × `size` × 4 bytes beside it: the shown images as
    /// they are fed; and if they are mixed, then each image's own view, and then
    /// the view that is mixed into each.
    Batch(Box<BatchView>),
    /// RGBA buffers of `size` × `size` × 4 bytes beside it: the view of
    /// validation, then one for each epoch.
    Draws(DrawsView),
    /// Nothing beside it.
    Channels(Box<ChannelsView>),
}

/// How far the work on an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct AskProgress {
    /// Steps done.
    pub done: u32,
    /// Steps in all.
    pub of: u32,
}
