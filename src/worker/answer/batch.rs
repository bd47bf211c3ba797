//! Training batches and their channels, as the network would be fed them.

use super::{QuestionWork, Unanswered};
use crate::augment::normalize::IMAGENET;
use crate::data::Dataset;
use crate::data::statistics::ChannelSums;
use crate::experiment::{Experiment, Norm};
use crate::inspect::channel::{ChannelsView, Statistics};
use crate::inspect::feed::{Feed, Strip, to_statistics};
use crate::protocol::ask::{Answer, AskProgress};
use crate::report::ErrorReport;
use crate::saved::{About, SavedModel};
use crate::text;
use crate::train::setup::Setup;
use js_sys::{Array, Uint8Array};
use std::sync::Arc;

/// Images whose pixels are summed up between two looks at the clock.
const SUMMED: usize = 64;

/// The feed of an experiment and what was adjusted for it, through the very
/// preparation of a run.
fn feed(
    (mut experiment, init): (Experiment, Option<Box<About>>),
    dataset: Arc<Dataset>,
) -> Result<(Feed, Vec<String>), ErrorReport> {
    // A batch is made with the model's statistics, but not with its weights.
    let init = init.map(|about| Arc::new(SavedModel { about: *about, tensors: Vec::new() }));
    if init.is_none() && experiment.norm != Norm::Model {
        experiment.init = None;
        experiment.ft = false;
    }
    let wanted = experiment.short_side();
    let setup = Setup::new(&experiment, dataset.clone(), init).map_err(|error| error.report())?;
    let Setup { experiment, selection, batcher, stats, mut notices, .. } = setup;
    if !dataset.serves(wanted) {
        notices.push(text::fit_sharper(&dataset.short_side.to_string(), &wanted.to_string()));
    }
    Ok((Feed::new(experiment, dataset, selection, stats, batcher), notices))
}

pub(super) fn strip(
    dataset: Arc<Dataset>,
    asked: (Experiment, Option<Box<About>>),
    (epoch, batch): (u32, u32),
    images: u32,
) -> Result<(Answer, Array), ErrorReport> {
    let (mut feed, notices) = feed(asked, dataset)?;
    let Strip { mut view, pictures, .. } = feed.strip(epoch, batch, images as usize);
    view.notices = notices;
    Ok((Answer::Batch(Box::new(view)), buffers(&pictures)))
}

pub(super) fn draws(
    dataset: Arc<Dataset>,
    asked: (Experiment, Option<Box<About>>),
    image: u32,
    epoch: u32,
    draws: u32,
) -> Result<(Answer, Array), ErrorReport> {
    let (mut feed, _) = feed(asked, dataset)?;
    let (view, pictures) = feed.draws(image, epoch, draws).ok_or_else(|| {
        ErrorReport::new(
            text::worker_draws(),
            text::worker_draws_why(&image.to_string()),
            text::worker_draws_remedy(),
        )
    })?;
    Ok((Answer::Draws(view), buffers(&pictures)))
}

pub(super) async fn channels(
    dataset: Arc<Dataset>,
    asked: (Experiment, Option<Box<About>>),
    (epoch, batch): (u32, u32),
    work: &mut QuestionWork,
) -> Result<(Answer, Array), Unanswered> {
    let mixed = asked.0.mixup > 0.0;
    let (mut feed, _) = feed(asked, dataset.clone())?;
    let ([epoch, batch, images, size], [before, fed]) =
        feed.channels(epoch, batch).map_err(|error| {
            ErrorReport::new(text::worker_batch(), error.to_string(), text::worker_batch_remedy())
        })?;
    let own = training_statistics(&dataset, feed.train(), work).await?;
    let used = feed.statistics();
    let view = ChannelsView {
        epoch,
        batch,
        images,
        size,
        before,
        fed,
        mixed,
        imagenet: to_statistics(IMAGENET),
        own,
        used,
    };
    Ok((Answer::Channels(Box::new(view)), Array::new()))
}

/// Statistics of the training images' stored pixels, a few images at a time.
async fn training_statistics(
    dataset: &Dataset,
    images: &[u32],
    work: &mut QuestionWork,
) -> Result<Statistics, Unanswered> {
    let mut sums = ChannelSums::default();
    let of = u32::try_from(images.len()).unwrap_or(u32::MAX);
    for (done, chunk) in (0..).step_by(SUMMED).zip(images.chunks(SUMMED)) {
        work.goes_on(AskProgress { done, of }).await?;
        for image in chunk.iter().filter_map(|index| dataset.images.get(*index as usize)) {
            sums.add(image);
        }
    }
    Ok(sums.statistics())
}

fn buffers(pictures: &[Vec<u8>]) -> Array {
    pictures.iter().map(|rgba| Uint8Array::from(rgba.as_slice()).buffer()).collect()
}
