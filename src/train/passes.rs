//! A trained model over its own validation images, pass by pass: what test-time
//! augmentation looks like from inside.

use super::assess::network;
use super::device::OpenedEngine;
use super::error::TrainError;
use super::evaluate;
use super::fit::stored;
use super::setup::stats_of;
use crate::augment::batch::Batcher;
use crate::augment::crop::AugmentedView;
use crate::data::{Dataset, Selection};
use crate::experiment::{Experiment, link};
use crate::model::Network;
use crate::saved::SavedModel;
use crate::tta::passes as tta_passes;
use crate::tta::{Combine, by_count};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Images of one forward pass.
const BATCH: usize = 64;

/// Log-probabilities of the validation images of a run, `[images][classes]` each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasuredPasses {
    /// Of the plain pass.
    pub plain: Vec<f32>,
    /// Of the augmented passes, in their order.
    pub augmented: Vec<Vec<f32>>,
    /// Seconds that the augmented passes took.
    pub seconds: f64,
}

/// A trained model before its validation images.
pub struct Viewer {
    experiment: Experiment,
    classes: Vec<String>,
    dataset: Arc<Dataset>,
    selection: Arc<Selection>,
    batcher: Batcher,
    network: Network,
    engine: OpenedEngine,
}

impl Viewer {
    /// `dataset` is the one that `model` was trained on.
    ///
    /// # Errors
    /// [`TrainError::Data`] or [`TrainError::Model`] if they do not belong together.
    pub fn new(
        model: &SavedModel,
        dataset: Arc<Dataset>,
        engine: OpenedEngine,
    ) -> Result<Self, TrainError> {
        let experiment = link::parse(&model.about.link).experiment;
        let dataset = stored(dataset, experiment.short_side())?;
        let data = |error: String| TrainError::Data(error);
        let (selection, _) =
            Selection::new(&dataset, &experiment).map_err(|error| data(error.to_string()))?;
        let selection = Arc::new(selection);
        let stats = stats_of(&model.about);
        let batcher = Batcher::new(dataset.clone(), selection.clone(), &experiment, stats)
            .map_err(|error| data(error.to_string()))?;
        Ok(Self {
            experiment: Experiment { size: model.about.size, ..experiment },
            classes: model.about.classes.clone(),
            dataset,
            selection,
            batcher,
            network: network(model, &engine)?,
            engine,
        })
    }

    /// Makes sure that `passes` has the plain pass and at least `count` augmented
    /// ones. Existing passes stay. `seconds` is a clock.
    ///
    /// `tick` gets the number of batches done and of all, and may break to stop.
    ///
    /// # Errors
    /// [`TrainError::Stopped`] if `tick` breaks off, [`TrainError::DeviceLost`].
    pub async fn complete(
        &mut self,
        passes: &mut MeasuredPasses,
        count: u32,
        seconds: impl Fn() -> f64,
        mut tick: impl AsyncFnMut(u32, u32) -> ControlFlow<()>,
    ) -> Result<(), TrainError> {
        let images = self.selection.valid.len();
        let plain = passes.plain.len() != images * self.classes.len();
        let present = passes.augmented.len() as u32;
        let batches = images.div_ceil(BATCH) as u32;
        let of = batches * (u32::from(plain) + count.saturating_sub(present));
        let mut done = 0;
        let missing = plain.then_some(None).into_iter().chain((present..count).map(Some));
        for pass in missing {
            let begun = seconds();
            let mut rows = Vec::with_capacity(images * self.classes.len());
            for start in (0..images).step_by(BATCH) {
                if tick(done, of).await.is_break() {
                    return Err(TrainError::Stopped);
                }
                rows.extend(self.log_probabilities(pass, start..images.min(start + BATCH)).await?);
                done += 1;
            }
            match pass {
                None => passes.plain = rows,
                Some(_) => {
                    passes.augmented.push(rows);
                    passes.seconds += seconds() - begun;
                }
            }
        }
        self.engine.device.memory_cleanup();
        Ok(())
    }

    /// One validation image: its views, the plain one first, and the model's predictions for
    /// each.
    ///
    /// # Errors
    /// [`TrainError::Data`] if there is no such image, [`TrainError::DeviceLost`].
    pub async fn views(
        &mut self,
        position: u32,
        passes: u32,
    ) -> Result<(tta_passes::Views, Vec<AugmentedView>), TrainError> {
        let at = position as usize;
        let (Some(&image), Some(&label)) =
            (self.selection.valid.get(at), self.selection.valid_labels.get(at))
        else {
            return Err(TrainError::Data(format!(
                "there is no validation image {position}; there are {}",
                self.selection.valid.len()
            )));
        };
        let size = self.experiment.size;
        let (mut rows, mut views) = (Vec::new(), Vec::new());
        for pass in std::iter::once(None).chain((0..passes).map(Some)) {
            rows.push(self.log_probabilities(pass, at..at + 1).await?);
            views.extend(match pass {
                None => self.batcher.valid_view(at, size),
                Some(pass) => self.batcher.tta_view(pass, at, size),
            });
        }
        Ok((tta_passes::Views { position, image, label, size, rows }, views))
    }

    /// Accuracies for every number of passes.
    pub fn summarize(&self, passes: &MeasuredPasses, link: &str) -> tta_passes::TtaPasses {
        let MeasuredPasses { plain, augmented, seconds } = passes;
        let labels = &self.selection.valid_labels;
        let running = |how| by_count::running(plain, augmented, how);
        let average = running(Combine::Average { beta: self.experiment.beta });
        let maximum = running(Combine::Maximum);
        let own = if self.experiment.ttamax { &maximum } else { &average };
        let predicted = |rows: Option<&Vec<f32>>| {
            by_count::predicted(rows.map_or(&[], Vec::as_slice), self.classes.len())
        };
        tta_passes::TtaPasses {
            link: link.to_owned(),
            dataset: self.dataset.hash.clone(),
            size: self.experiment.size,
            classes: self.classes.clone(),
            labels: labels.clone(),
            images: self.selection.valid.clone(),
            passes: augmented.len() as u32,
            average: by_count::accuracies(&average, labels),
            maximum: by_count::accuracies(&maximum, labels),
            plain: predicted(own.first()),
            together: predicted(own.last()),
            seconds: *seconds,
        }
    }

    /// Log-probabilities of the validation images at `range`, plain or as an
    /// augmented pass sees them.
    async fn log_probabilities(
        &mut self,
        pass: Option<u32>,
        range: std::ops::Range<usize>,
    ) -> Result<Vec<f32>, TrainError> {
        let size = self.experiment.size;
        let batch = match pass {
            None => self.batcher.valid(size, range),
            Some(pass) => self.batcher.tta(pass, size, range),
        };
        let (len, side) = (batch.len, batch.size as usize);
        let device = &self.engine.device;
        evaluate::log_probabilities(&self.network, batch.pixels, len, side, device).await
    }
}
