//! A training batch as the page shows it, with its position. The pictures are attached to the
//! message; `feed` makes both.

use crate::chart::table::Table;
use crate::order;
use crate::progress::{RunPlan, RunProgress, RunStage};
use crate::text;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// The first images of a training batch.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct BatchView {
    /// Epoch, from 0 over all phases.
    pub epoch: u32,
    /// Epochs of the run.
    pub epochs: u32,
    /// Batch of the epoch, from 0.
    pub batch: u32,
    /// Batches of an epoch.
    pub batches: u32,
    /// Side of the images in pixels.
    pub size: u32,
    /// Images in the batch.
    pub images: u32,
    /// Learning rate of the batch.
    pub lr: f64,
    /// Its momentum.
    pub momentum: f64,
    /// Names of the classes, in the order of the targets.
    pub classes: Vec<String>,
    /// The images that are shown, in the order of the batch.
    pub shown: Vec<StripImage>,
    /// What was adjusted to the data, in sentences.
    pub notices: Vec<String>,
}

/// One image of a batch.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct StripImage {
    /// Its index in the data set.
    pub image: u32,
    /// The label that it is trained with.
    pub label: u8,
    /// The class that it is of; another than the label under label noise.
    pub class: u8,
    /// What is mixed into it.
    pub mixed: Option<Mixed>,
    /// The target of each class.
    pub target: Vec<f32>,
}

/// What is mixed into an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Mixed {
    /// Index in the data set of the other image; possibly the image itself.
    pub image: u32,
    /// The label that it is trained with.
    pub label: u8,
    /// Weight λ of the image's own pixels and label.
    pub lambda: f32,
}

/// One image under the draws of several epochs.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct DrawsView {
    /// Its index in the data set.
    pub image: u32,
    /// The class that it is of.
    pub class: u8,
    /// Side of the views in pixels.
    pub size: u32,
    /// The first epoch.
    pub epoch: u32,
    /// What chance decided in each epoch, in a few words.
    pub draws: Vec<String>,
}

impl BatchView {
    /// The name of a class, or its number if it has none.
    pub fn class(&self, index: u8) -> String {
        let name = self.classes.get(usize::from(index));
        name.cloned().unwrap_or_else(|| text::targets_class(&index.to_string()))
    }

    /// The target of an image in words: classes that have more than the rest
    /// first, the rest together.
    pub fn target_text(&self, shown: &StripImage) -> String {
        let least = shown.target.iter().copied().fold(f32::INFINITY, f32::min);
        let mut above: Vec<(usize, f32)> = shown
            .target
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, value)| *value > least + 1e-6)
            .collect();
        order::sort_by_number(&mut above, |(_, value)| -f64::from(*value));
        let mut parts: Vec<String> = above
            .iter()
            .map(|(index, value)| format!("{} {:.3}", self.class(*index as u8), f64::from(*value)))
            .collect();
        if least > 1e-6 && above.len() < shown.target.len() {
            parts.push(format!("{} {least:.3}", text::targets_every_other()));
        }
        parts.join(", ")
    }

    /// The shown images with their sources and targets.
    pub fn table(&self) -> Table {
        let mut header: Vec<String> =
            ["position", "image", "label", "mixed-in image", "its label", "lambda"]
                .map(str::to_owned)
                .to_vec();
        header.extend(self.classes.iter().map(|name| format!("target {name}")));
        let rows = self.shown.iter().enumerate().map(|(position, shown)| {
            let mixed = shown.mixed.map_or_else(
                || [String::new(), String::new(), String::new()],
                |it| {
                    [
                        it.image.to_string(),
                        self.class(it.label),
                        format!("{:.6}", f64::from(it.lambda)),
                    ]
                },
            );
            [position.to_string(), shown.image.to_string(), self.class(shown.label)]
                .into_iter()
                .chain(mixed)
                .chain(shown.target.iter().map(|value| format!("{:.6}", f64::from(*value))))
                .collect()
        });
        Table { rows: rows.collect(), header }
    }
}

/// Epoch and batch, from 0, that a run trains next; the last one once all are trained.
pub fn next_batch(plan: &RunPlan, progress: Option<&RunProgress>) -> (u32, u32) {
    let Some(progress) = progress else { return (plan.resumed_epochs, plan.resumed_batches) };
    let trained = progress.stage != RunStage::Train || progress.batch >= plan.batches;
    match (trained, progress.epoch + 1 < plan.epochs) {
        (false, _) => (progress.epoch, progress.batch),
        (true, true) => (progress.epoch + 1, 0),
        (true, false) => (progress.epoch, plan.batches.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineKind;
    use crate::record::ModelInfo;

    fn view() -> BatchView {
        let shown = |target: [f32; 3], mixed| StripImage {
            image: 7,
            label: 1,
            class: 1,
            mixed,
            target: target.to_vec(),
        };
        BatchView {
            epoch: 0,
            epochs: 2,
            batch: 3,
            batches: 5,
            size: 16,
            images: 64,
            lr: 0.01,
            momentum: 0.9,
            classes: ["tench", "church", "golf ball"].map(str::to_owned).to_vec(),
            shown: vec![
                shown([0.0, 1.0, 0.0], None),
                shown([0.3, 0.65, 0.05], Some(Mixed { image: 9, label: 0, lambda: 0.75 })),
            ],
            notices: Vec::new(),
        }
    }

    #[test]
    fn a_target_is_told_from_the_largest_part_down() {
        let view = view();
        assert_eq!(view.target_text(&view.shown[0]), "church 1.000");
        assert_eq!(
            view.target_text(&view.shown[1]),
            "church 0.650, tench 0.300, every other class 0.050"
        );
    }

    #[test]
    fn the_table_has_sources_weight_and_targets() {
        let csv = view().table().csv();
        assert_eq!(
            csv,
            "position,image,label,mixed-in image,its label,lambda,target tench,target church,target golf ball\r\n\
             0,7,church,,,,0.000000,1.000000,0.000000\r\n\
             1,7,church,9,tench,0.750000,0.300000,0.650000,0.050000\r\n"
        );
    }

    #[test]
    fn the_next_batch_follows_the_run() {
        let plan = RunPlan {
            link: String::new(),
            engine: EngineKind::Cpu,
            adapter: String::new(),
            engine_reason: String::new(),
            model: ModelInfo { name: "tiny".into(), params: 0, macs: 0 },
            epochs: 3,
            batches: 10,
            batch_size: 16,
            train: 160,
            valid: 100,
            noise_rate: 0.0,
            normalization: None,
            notices: Vec::new(),
            resumed_epochs: 1,
            resumed_batches: 0,
        };
        let at = |epoch, batch, stage| {
            let progress = RunProgress {
                epoch,
                batch,
                stage,
                fraction: 0.0,
                elapsed: 0.0,
                remaining: None,
                points: Vec::new(),
            };
            next_batch(&plan, Some(&progress))
        };
        assert_eq!(next_batch(&plan, None), (1, 0));
        assert_eq!(at(1, 4, RunStage::Train), (1, 4));
        assert_eq!(at(1, 10, RunStage::Train), (2, 0));
        assert_eq!(at(1, 10, RunStage::Validate), (2, 0));
        assert_eq!(at(2, 10, RunStage::Validate), (2, 9));
        assert_eq!(at(2, 10, RunStage::Tta), (2, 9));
    }
}
