//! What a run computes: images × multiply-accumulates, phase by phase, and the
//! run at one constant size that computes as much.
//!
//! One multiply-accumulate is two floating-point operations (FLOP); a training
//! step is counted as three forward passes, because the backward pass computes
//! the gradients of inputs and of weights. Frozen epochs are counted alike, though
//! they save the gradients of the frozen weights.

pub mod memory;

use crate::chart::table::Table;
use crate::dataset::DatasetSummary;
use crate::experiment::{Experiment, ModelKind};
use crate::model::summary;
use crate::schedule::Schedule;
use crate::text;

/// Floating-point operations of one multiply-accumulate.
pub const FLOP_PER_MAC: f64 = 2.0;

/// Forward passes that a training step counts as.
pub const TRAINING_PASSES: f64 = 3.0;

/// Classes of Imagenette and of the sample.
const CLASSES: usize = 10;

/// Epochs that a link can say.
const EPOCHS: (u32, u32) = (1, 200);

/// What decides about the cost of a run, besides the experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostInputs {
    /// Training images that are selected.
    pub train: u32,
    /// Validation images that are selected.
    pub valid: u32,
    /// Classes of the data set.
    pub classes: usize,
}

/// The cost of one phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseCost {
    /// Side of the images in pixels.
    pub size: u32,
    /// Epochs, its warm-up epoch included.
    pub epochs: u32,
    /// Of these, warm-up epochs.
    pub warmups: u32,
    /// Training images over all its epochs.
    pub images: u64,
    /// Multiply-accumulates of one forward pass of one image.
    pub macs: u64,
    /// Validation images over all its epochs.
    pub validated: u64,
}

impl PhaseCost {
    /// Floating-point operations of its training.
    pub fn training(&self) -> f64 {
        FLOP_PER_MAC * TRAINING_PASSES * self.images as f64 * self.macs as f64
    }

    /// Floating-point operations of its validation.
    pub fn validation(&self) -> f64 {
        FLOP_PER_MAC * self.validated as f64 * self.macs as f64
    }
}

/// Batches of an epoch and images in each: the last partial batch is dropped.
pub fn batches(experiment: &Experiment, train: u32) -> (u32, u32) {
    let size = experiment.bs.clamp(1, train.max(1));
    (train / size, size)
}

/// Images that a limit for each class leaves of so many; no limit leaves all.
pub fn taken(counts: &[u32], limit: Option<u32>) -> u32 {
    counts.iter().map(|count| (*count).min(limit.unwrap_or(u32::MAX))).sum()
}

/// Training and validation images that the experiment takes of a data set.
pub fn images(experiment: &Experiment, dataset: &DatasetSummary) -> (u32, u32) {
    (taken(&dataset.train, experiment.subset), taken(&dataset.valid, experiment.valid))
}

/// Multiply-accumulates of a whole run on so many training and validation images. The few classes
/// hardly count, so their number need not be known.
pub fn work(experiment: &Experiment, train: u32, valid: u32) -> f64 {
    let per_epoch = TRAINING_PASSES * f64::from(train) + f64::from(valid);
    let epochs: f64 = experiment
        .phases()
        .iter()
        .enumerate()
        .map(|(index, phase)| {
            let epochs = phase.epochs + u32::from(index > 0 || experiment.ft);
            f64::from(epochs) * per_epoch * macs(experiment.model, CLASSES, phase.size) as f64
        })
        .sum();
    let tta = f64::from(experiment.tta) * f64::from(valid);
    epochs + tta * macs(experiment.model, CLASSES, experiment.final_size()) as f64
}

/// Multiply-accumulates of one forward pass of one image.
pub fn macs(model: ModelKind, classes: usize, size: u32) -> u64 {
    summary(model, classes, size as usize).macs
}

/// Floating-point operations of training on one image.
pub fn training_flop(macs: u64) -> f64 {
    FLOP_PER_MAC * TRAINING_PASSES * macs as f64
}

/// The phases of an experiment, in order.
pub fn phases(experiment: &Experiment, images: CostInputs) -> Vec<PhaseCost> {
    let (batches, size) = batches(experiment, images.train);
    let seen = u64::from(batches) * u64::from(size);
    let mut phases: Vec<(u32, PhaseCost)> = Vec::new();
    for epoch in Schedule::new(experiment, batches).epochs {
        let same = phases.last_mut().filter(|(phase, _)| *phase == epoch.phase);
        let cost = match same {
            Some((_, cost)) => cost,
            None => {
                let macs = macs(experiment.model, images.classes, epoch.size);
                let cost = PhaseCost {
                    size: epoch.size,
                    epochs: 0,
                    warmups: 0,
                    images: 0,
                    macs,
                    validated: 0,
                };
                phases.push((epoch.phase, cost));
                match phases.last_mut() {
                    Some((_, cost)) => cost,
                    None => continue,
                }
            }
        };
        cost.epochs += 1;
        cost.warmups += u32::from(epoch.warmup);
        cost.images += seen;
        cost.validated += u64::from(images.valid);
    }
    phases.into_iter().map(|(_, cost)| cost).collect()
}

/// Floating-point operations of test-time augmentation.
pub fn tta(experiment: &Experiment, images: CostInputs) -> f64 {
    let macs = macs(experiment.model, images.classes, experiment.final_size());
    FLOP_PER_MAC * f64::from(experiment.tta) * f64::from(images.valid) * macs as f64
}

/// The control of progressive resizing: the same experiment at its last size
/// throughout, for the number of epochs whose training costs nearest to the
/// same; and how much it costs, as a share of the experiment's own. `None` if
/// the size is constant anyway.
pub fn same_compute(experiment: &Experiment, images: CostInputs) -> Option<(Experiment, f64)> {
    if experiment.prog.is_empty() {
        return None;
    }
    let whole: f64 = phases(experiment, images).iter().map(PhaseCost::training).sum();
    let size = experiment.final_size();
    // It waits for a press of Train, whatever the link said.
    let mut control = Experiment {
        prog: Vec::new(),
        size,
        epochs: 1,
        freeze: false,
        run: false,
        ..experiment.clone()
    };
    let training = |control: &Experiment| -> f64 {
        phases(control, images).iter().map(PhaseCost::training).sum()
    };
    let per_epoch = training(&control) / f64::from(control.total_epochs().max(1));
    if whole <= 0.0 || per_epoch <= 0.0 {
        return None;
    }
    // A warm-up epoch of its own comes on top of what the link says.
    let extra = control.total_epochs() - 1;
    let epochs = (whole / per_epoch).round() as u32;
    control.epochs = epochs.saturating_sub(extra).clamp(EPOCHS.0, EPOCHS.1);
    let share = training(&control) / whole;
    Some((control, share))
}

/// Floating-point operations with the unit that fits: three digits and a name.
pub fn flop_text(flop: f64) -> String {
    let (scale, unit) = flop_unit(flop);
    let value = flop / scale;
    let decimals = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    text::decimal(&format!("{value:.decimals$} {unit}"))
}

/// The unit in which so many operations are a number of one to three digits:
/// operations in it, and its name.
pub fn flop_unit(flop: f64) -> (f64, &'static str) {
    match flop {
        it if it >= 0.1e15 => (1e15, "PFLOP"),
        it if it >= 1e12 => (1e12, "TFLOP"),
        _ => (1e9, "GFLOP"),
    }
}

/// The costs as a table, the whole run in its last row.
pub fn table(experiment: &Experiment, images: CostInputs) -> Table {
    let header = [
        text::resizing_column_phase(),
        text::axis_epochs(),
        text::confidence_axis_images(),
        text::resizing_column_pixels(),
        text::resizing_column_macs(),
        text::resizing_kind_training(),
        text::resizing_column_validation(),
        text::resizing_column_share(),
    ];
    let phases = phases(experiment, images);
    let training: f64 = phases.iter().map(PhaseCost::training).sum();
    let validation: f64 = phases.iter().map(PhaseCost::validation).sum();
    let mut rows: Vec<Vec<String>> = phases
        .iter()
        .enumerate()
        .map(|(index, phase)| {
            let warmups = match phase.warmups {
                0 => String::new(),
                count => format!(" ({count} {})", text::resizing_kind_warmup()),
            };
            vec![
                format!("{}: {} px", index + 1, phase.size),
                format!("{}{warmups}", phase.epochs),
                phase.images.to_string(),
                (u64::from(phase.size) * u64::from(phase.size)).to_string(),
                text::decimal(&format!("{:.2}", phase.macs as f64 / 1e6)),
                flop_text(phase.training()),
                flop_text(phase.validation()),
                text::percentage(&format!("{:.0}", 100.0 * phase.training() / training.max(1.0))),
            ]
        })
        .collect();
    let epochs: u32 = phases.iter().map(|phase| phase.epochs).sum();
    let seen: u64 = phases.iter().map(|phase| phase.images).sum();
    rows.push(
        [
            text::resizing_whole().to_owned(),
            epochs.to_string(),
            seen.to_string(),
            String::new(),
            String::new(),
            flop_text(training),
            flop_text(validation),
            text::percentage("100"),
        ]
        .to_vec(),
    );
    Table { header: header.map(str::to_owned).to_vec(), rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link::parse;

    const IMAGENETTE: CostInputs = CostInputs { train: 9469, valid: 3925, classes: 10 };

    fn costs(link: &str, images: CostInputs) -> Vec<PhaseCost> {
        phases(&parse(link).experiment, images)
    }

    /// 147 batches of 64 are 9,408 images. resnet9 at 64 px: 864·32² + 5·18,432·32²
    /// + 2,560 MACs, counted by hand; six FLOP each in training.
    #[test]
    fn a_constant_run_costs_what_was_counted_by_hand() {
        let phases = costs("model=resnet9&size=64&epochs=5", IMAGENETTE);
        let macs = 864 * 1024 + 5 * 18_432 * 1024 + 2_560;
        assert_eq!(phases.len(), 1);
        assert_eq!((phases[0].images, phases[0].macs), (5 * 9_408, macs));
        assert_eq!(phases[0].training(), 6.0 * (5 * 9_408) as f64 * macs as f64);
        assert_eq!(phases[0].validation(), 2.0 * (5 * 3_925) as f64 * macs as f64);
        assert_eq!(flop_text(phases[0].training()), "26.9 TFLOP");
    }

    /// Per image and model, by hand: twice, and in training six times, the
    /// multiply-accumulates of the layers.
    #[test]
    fn a_training_image_costs_six_flop_for_each_mac_of_every_model() {
        let one = CostInputs { train: 1, valid: 1, classes: 10 };
        let conv5 = 432 * 1024 + 4_608 * 256 + 18_432 * 64 + 73_728 * 16 + 294_912 * 4 + 2_560;
        let block = (18_432 + 36_864 + 2_048) + 2 * 36_864;
        let xresnet18 = (864 + 9_216 + 18_432) * 1024
            + ((18_432 + 9_216 + 2_048) + 2 * 9_216) * 256
            + block * 64
            + 4 * block * 16
            + 16 * block * 4
            + 2_560;
        for (model, macs) in [
            ("tiny", 216 * 1024 + 5 * 1_152 * 1024 + 640),
            ("resnet9", 864 * 1024 + 5 * 18_432 * 1024 + 2_560),
            ("xresnet18", xresnet18),
            ("conv5", conv5),
        ] {
            let phases = costs(&format!("model={model}&size=64&epochs=1&bs=2"), one);
            assert_eq!(phases[0].macs, macs, "{model}");
            assert_eq!(phases[0].training(), 6.0 * macs as f64, "{model}");
            assert_eq!(phases[0].validation(), 2.0 * macs as f64, "{model}");
        }
    }

    #[test]
    fn phases_count_their_warm_up_epochs() {
        let phases = costs("prog=32x2,64x3", IMAGENETTE);
        let shown: Vec<_> = phases.iter().map(|it| (it.size, it.epochs, it.warmups)).collect();
        assert_eq!(shown, [(32, 2, 0), (64, 4, 1)]);
        assert_eq!(phases[1].images, 4 * 9_408);
    }

    #[test]
    fn the_control_trains_as_much_at_the_last_size() {
        let experiment = parse("prog=32x4,64x3&freeze=1&mixup=0.4").experiment;
        let (control, share) = same_compute(&experiment, IMAGENETTE).unwrap();
        // 4 epochs at a quarter of the pixels and 4 at all of them: 5 in all.
        assert_eq!((control.size, control.epochs, control.mixup), (64, 5, 0.4));
        assert!(control.prog.is_empty() && !control.freeze);
        assert!((share - 1.0).abs() < 0.01, "{share}");
        assert_eq!(same_compute(&control, IMAGENETTE), None);
    }

    #[test]
    fn the_control_has_an_epoch_at_least_and_costs_what_is_said() {
        let experiment = parse("prog=16x1,160x1").experiment;
        let (control, share) = same_compute(&experiment, IMAGENETTE).unwrap();
        let own: f64 = phases(&experiment, IMAGENETTE).iter().map(PhaseCost::training).sum();
        let its: f64 = phases(&control, IMAGENETTE).iter().map(PhaseCost::training).sum();
        assert_eq!(control.epochs, 2);
        assert!((its / own - share).abs() < 1e-12);
        let nothing = CostInputs { train: 0, ..IMAGENETTE };
        assert_eq!(same_compute(&experiment, nothing), None);
    }

    #[test]
    fn few_images_are_one_batch() {
        assert_eq!(batches(&parse("bs=64").experiment, 40), (1, 40));
        assert_eq!(batches(&parse("bs=64").experiment, 0), (0, 1));
    }

    #[test]
    fn views_of_test_time_augmentation_are_forward_passes() {
        let experiment = parse("tta=4&model=tiny&size=64").experiment;
        let macs = 216.0 * 1024.0 + 5.0 * 1_152.0 * 1024.0 + 640.0;
        assert_eq!(tta(&experiment, IMAGENETTE), 2.0 * 4.0 * 3925.0 * macs);
    }

    #[test]
    fn the_table_ends_with_the_whole_run() {
        let table = table(&parse("prog=32x4,64x3").experiment, IMAGENETTE);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[0][..4], ["1: 32 px", "4", "37632", "1024"]);
        assert_eq!(table.rows[1][1], "4 (1 warm-up)");
        assert_eq!(table.rows[2][..3], ["whole run", "8", "75264"]);
        assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    }

    #[test]
    fn operations_are_told_in_the_unit_that_fits() {
        for (flop, text) in [
            (3.2e9, "3.20 GFLOP"),
            (26.9e12, "26.9 TFLOP"),
            (0.35e15, "0.35 PFLOP"),
            (4.2e14, "0.42 PFLOP"),
            (0.0, "0.00 GFLOP"),
        ] {
            assert_eq!(flop_text(flop), text);
        }
    }
}
