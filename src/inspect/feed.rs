//! Makes what the instruments on a batch show, with the [`Batcher`] that feeds
//! the network: the very code path of training.

use super::channel::{ChannelValues, Statistics, channels, range};
use super::strip::{BatchView, DrawsView, Mixed, StripImage};
use crate::augment::batch::{Batch, BatchError, Batcher};
use crate::augment::crop::AugmentedView;
use crate::augment::draw::{More, ViewDraw};
use crate::augment::normalize::Stats;
use crate::data::{Dataset, Selection};
use crate::experiment::Experiment;
use crate::schedule::Schedule;
use std::sync::Arc;

/// An experiment that is fitted to its data, ready to make batches.
pub struct Feed {
    experiment: Experiment,
    dataset: Arc<Dataset>,
    selection: Arc<Selection>,
    stats: Option<Stats>,
    batcher: Batcher,
    plan: Schedule,
}

/// A batch and the pictures of its first images.
pub struct Strip {
    /// The batch, as the network would be fed it.
    pub batch: Batch,
    /// What is shown of it.
    pub view: BatchView,
    /// RGBA pictures in the order of [`crate::protocol::ask::Answer::Batch`].
    pub pictures: Vec<Vec<u8>>,
}

impl Feed {
    /// The feed of a run's own parts: its experiment, selection, statistics and
    /// batcher after fitting.
    pub fn new(
        experiment: Experiment,
        dataset: Arc<Dataset>,
        selection: Arc<Selection>,
        stats: Option<Stats>,
        batcher: Batcher,
    ) -> Self {
        let plan = Schedule::new(&experiment, batcher.batches_per_epoch() as u32);
        Self { experiment, dataset, selection, stats, batcher, plan }
    }

    /// An epoch and a batch within the run, and the epoch's image size.
    fn place(&self, epoch: u32, batch: u32) -> (u32, u32, u32) {
        let epoch = epoch.min((self.plan.epochs.len() as u32).saturating_sub(1));
        let batch = batch.min(self.plan.batches_per_epoch.saturating_sub(1));
        let size = self.plan.epochs.get(epoch as usize).map(|epoch| epoch.size);
        (epoch, batch, size.unwrap_or_else(|| self.experiment.final_size()))
    }

    /// A training batch and its first `count` images; a place beyond the run is
    /// moved to its last one.
    pub fn strip(&mut self, epoch: u32, batch: u32, count: usize) -> Strip {
        let (epoch, batch, size) = self.place(epoch, batch);
        let fed = self.batcher.train(epoch, batch, size);
        let positions = self.batcher.train_positions(epoch, batch);
        let count = count.min(fed.len);
        let classes = self.batcher.classes();
        let values = 3 * (size as usize).pow(2);

        let mut pictures: Vec<Vec<u8>> = fed
            .pixels
            .chunks_exact(values.max(1))
            .take(count)
            .map(|pixels| self.denormalized(size, pixels).to_rgba())
            .collect();
        let mix: Vec<_> = fed.mix.iter().flatten().take(count).copied().collect();
        let own = 0..mix.len();
        for at in own.chain(mix.iter().map(|mix| mix.partner as usize)) {
            let position = positions.get(at).map_or(usize::MAX, |at| *at as usize);
            let view = self.batcher.train_view(epoch, position, size);
            pictures.push(view.map(|view| view.to_rgba()).unwrap_or_default());
        }

        let shown = (0..count).filter_map(|at| {
            let image = *fed.images.get(at)?;
            let mixed = mix.get(at).and_then(|mix| {
                Some(Mixed {
                    image: *fed.images.get(mix.partner as usize)?,
                    label: *fed.labels.get(mix.partner as usize)?,
                    lambda: mix.lambda,
                })
            });
            Some(StripImage {
                image,
                label: *fed.labels.get(at)?,
                class: self.dataset.images.get(image as usize)?.label,
                mixed,
                target: fed.targets.chunks_exact(classes.max(1)).nth(at)?.to_vec(),
            })
        });
        let hyper = self.plan.epochs.get(epoch as usize).map(|plan| plan.at(batch));
        let view = BatchView {
            epoch,
            epochs: self.plan.epochs.len() as u32,
            batch,
            batches: self.plan.batches_per_epoch,
            size,
            images: fed.len as u32,
            lr: hyper.map_or(0.0, |hyper| hyper.lr),
            momentum: hyper.map_or(0.0, |hyper| hyper.momentum),
            classes: self.dataset.classes.iter().map(|class| class.name.clone()).collect(),
            shown: shown.collect(),
            notices: Vec::new(),
        };
        Strip { batch: fed, view, pictures }
    }

    /// One image of the data set, as stored for validation and as drawn in `draws`
    /// epochs from `epoch` on, all at that epoch's size. `None` if the image is
    /// not among the training images.
    pub fn draws(
        &mut self,
        image: u32,
        epoch: u32,
        draws: u32,
    ) -> Option<(DrawsView, Vec<Vec<u8>>)> {
        let position = self.selection.train.binary_search(&image).ok()?;
        let (_, _, size) = self.place(epoch, 0);
        let source = self.dataset.images.get(image as usize)?;
        let mut pictures = vec![crate::data::thumbnail::rgba(source, size)];
        let mut words = Vec::new();
        for epoch in epoch..epoch.saturating_add(draws) {
            pictures.push(self.batcher.train_view(epoch, position, size)?.to_rgba());
            words.push(described(&self.batcher.train_draw(epoch, position)?));
        }
        Some((DrawsView { image, class: source.label, size, epoch, draws: words }, pictures))
    }

    /// The channels of a batch in 0..1 and as fed; `(epoch, batch, images, size)`
    /// identifies the batch.
    ///
    /// # Errors
    /// As [`Batcher::new`].
    pub fn channels(
        &mut self,
        epoch: u32,
        batch: u32,
    ) -> Result<([u32; 4], [[ChannelValues; 3]; 2]), BatchError> {
        let (epoch, batch, size) = self.place(epoch, batch);
        let plain = Experiment { mixup: 0.0, ..self.experiment.clone() };
        let mut plain = Batcher::new(self.dataset.clone(), self.selection.clone(), &plain, None)?;
        let before = channels(&plain.train(epoch, batch, size).pixels, size, (0.0, 1.0));
        let fed = self.batcher.train(epoch, batch, size);
        let after = channels(&fed.pixels, size, range(self.statistics()));
        Ok(([epoch, batch, fed.len as u32, size], [before, after]))
    }

    /// The training images, as indices in the data set.
    pub fn train(&self) -> &[u32] {
        &self.selection.train
    }

    /// The statistics that the experiment normalizes with.
    pub fn statistics(&self) -> Option<Statistics> {
        self.stats.map(to_statistics)
    }

    /// Pixels as fed, back in 0..255.
    fn denormalized(&self, size: u32, pixels: &[f32]) -> AugmentedView {
        let plane = (size as usize).pow(2).max(1);
        let planes = pixels.chunks_exact(plane).enumerate().flat_map(|(channel, values)| {
            let (mean, std) = match &self.stats {
                Some(Stats { mean, std }) => (mean[channel % 3], std[channel % 3]),
                None => (0.0, 1.0),
            };
            values.iter().map(move |value| ((value * std + mean) * 255.0).clamp(0.0, 255.0))
        });
        AugmentedView { size, pixels: planes.collect() }
    }
}

/// Statistics in the precision of messages.
pub fn to_statistics(stats: Stats) -> Statistics {
    [stats.mean, stats.std].map(|values| values.map(f64::from))
}

/// The random draws, in a few words.
fn described(draw: &ViewDraw) -> String {
    let mut words = vec![if draw.flip { "flipped" } else { "not flipped" }.to_owned()];
    if let More::Aug(aug) = &draw.more {
        if aug.degrees != 0.0 {
            words.push(format!("turned {:.0}°", aug.degrees));
        }
        if aug.zoom != 1.0 {
            words.push(format!("zoomed {:.2}×", aug.zoom));
        }
        if aug.warp != [0.0, 0.0] {
            words.push("warped".to_owned());
        }
        if aug.brightness != 0.5 {
            words.push(if aug.brightness > 0.5 { "lighter" } else { "darker" }.to_owned());
        }
        if aug.contrast != 1.0 {
            words.push(
                if aug.contrast > 1.0 { "more contrast" } else { "less contrast" }.to_owned(),
            );
        }
    }
    words.join(", ").replace('-', "−")
}

#[cfg(test)]
mod tests;
