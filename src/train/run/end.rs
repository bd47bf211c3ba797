//! What a run leaves behind.

use super::RunLoop;
use crate::BUILD_ID;
use crate::record::{self, DatasetInfo, Outcome, Predictions, RunRecord, TtaResult};
use crate::saved::{About, SavedModel};
use crate::train::host::{Host, RunEvent};
use crate::train::setup::classes;
use std::sync::Arc;

impl<H: Host> RunLoop<'_, H> {
    /// Hands over the trained model, then makes the record.
    pub(super) fn end(mut self, outcome: Outcome, tta: Option<(TtaResult, Vec<f32>)>) -> RunRecord {
        if let Some(last) = self.epochs.last() {
            let about = About {
                link: self.experiment.link(),
                model: self.model.name.clone(),
                classes: classes(&self.dataset),
                normalization: self.normalization,
                size: last.size,
                accuracy: last.accuracy,
                epochs: self.epochs.len() as u32,
                dataset: self.dataset.name.clone(),
                build: BUILD_ID.into(),
            };
            let tensors = std::mem::take(&mut self.weights);
            self.host.event(RunEvent::Trained(Arc::new(SavedModel { about, tensors })));
        }
        self.record(outcome, tta)
    }

    fn record(self, outcome: Outcome, tta: Option<(TtaResult, Vec<f32>)>) -> RunRecord {
        let (tta, tta_predictions) = tta.unzip();
        // A run that was stopped in the middle of an epoch has no validation of
        // its present weights; its predictions are those of the last full epoch.
        let predictions = Predictions {
            images: self.selection.valid.clone(),
            labels: self.selection.valid_labels.clone(),
            plain: self.predictions,
            tta: tta_predictions,
            epochs: if self.epoch_predictions.len() == self.epochs.len() {
                self.epoch_predictions
            } else {
                Vec::new()
            },
        };
        RunRecord {
            format: record::FORMAT,
            numerics: record::NUMERICS,
            build: BUILD_ID.into(),
            date: self.host.date(),
            outcome,
            link: self.experiment.link(),
            dataset: DatasetInfo {
                name: self.dataset.name.clone(),
                train: self.selection.train.len() as u32,
                valid: self.selection.valid.len() as u32,
                hash: self.dataset.hash.clone(),
            },
            engine: self.engine.engine.name().into(),
            adapter: self.engine.adapter.clone(),
            model: self.model,
            accuracy: self.epochs.last().map_or(0.0, |row| row.accuracy),
            epochs: self.epochs,
            tta,
            images_per_second: self.images / self.training.max(f64::EPSILON),
            log_probabilities: (!predictions.plain.is_empty()).then_some(predictions),
        }
    }
}
