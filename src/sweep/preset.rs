//! Ready-made sweeps: questions of the book's chapter, each with what to expect,
//! stated before anything is trained. Independent of results.

use super::{DEFAULT_SEEDS, ParsedSweep, Plan, seeds_from};
use crate::experiment::{DataSource, Experiment, prog, range};
use crate::text;

/// A question, the sweep that answers it and what to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Question 10: does mixup pay at few epochs, or only at many?
    MixupAndEpochs,
    /// Question 14: does a subset lead to the same conclusion as the whole?
    SubsetSize,
    /// Question 12: does label smoothing gain more where more labels are wrong?
    SmoothingAndNoise,
    /// Question 5: progressive resizing against one size at equal compute.
    ProgressiveResizing,
}

impl Preset {
    /// All of them, in the order of the chapter's questions.
    pub const ALL: [Self; 4] = [
        Self::ProgressiveResizing,
        Self::MixupAndEpochs,
        Self::SmoothingAndNoise,
        Self::SubsetSize,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::MixupAndEpochs => "mixup-epochs",
            Self::SubsetSize => "subset",
            Self::SmoothingAndNoise => "smoothing-noise",
            Self::ProgressiveResizing => "progressive",
        }
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The question that it answers.
    pub fn question(self) -> &'static str {
        match self {
            Self::MixupAndEpochs => text::preset_mixup(),
            Self::SubsetSize => text::preset_subset(),
            Self::SmoothingAndNoise => text::preset_noise(),
            Self::ProgressiveResizing => text::preset_progressive(),
        }
    }

    /// What the chapter and others' measurements lead one to expect.
    pub fn expectation(self) -> &'static str {
        match self {
            Self::MixupAndEpochs => text::preset_mixup_expected(),
            Self::SubsetSize => text::preset_subset_expected(),
            Self::SmoothingAndNoise => text::preset_noise_expected(),
            Self::ProgressiveResizing => text::preset_progressive_expected(),
        }
    }

    /// The sweep over an experiment with [`DEFAULT_SEEDS`] seeds, written out, so
    /// that its link means the same for ever.
    pub fn plan(self, base: &Experiment) -> ParsedSweep {
        let seeds = seeds_from(base.seed, DEFAULT_SEEDS);
        let seeds: Vec<String> = seeds.iter().map(u32::to_string).collect();
        let mut base = base.clamped().0;
        let axes = match self {
            Self::MixupAndEpochs => "mixup:0|0.4;epochs:5|20".to_owned(),
            Self::SubsetSize => {
                let subset = match base.data {
                    DataSource::Sample => 25,
                    DataSource::Imagenette | DataSource::Url(_) => 100,
                };
                format!("alone:mixup|ls;subset:all|{subset};dseed:1|2|3")
            }
            Self::SmoothingAndNoise => "ls:0|0.1;noise:0|25|50".to_owned(),
            Self::ProgressiveResizing => {
                base.size = base.final_size();
                base.epochs = range::EPOCHS.clamp(base.sized_epochs());
                base.prog.clear();
                let (constant, progressive) = equal_compute(&base);
                base = constant;
                format!("prog:|{progressive}")
            }
        };
        if self == Self::SubsetSize {
            // With a validation subset the draws would change what is measured.
            base.valid = None;
        }
        if self == Self::MixupAndEpochs && !base.prog.is_empty() {
            // Epochs can only be gone over at one size.
            base.size = base.final_size();
            base.prog.clear();
        }
        Plan::define(&format!("{axes};seed:{}", seeds.join("|")), &base)
    }

    /// The preset of a plan, ignoring its seeds.
    pub fn of(plan: &Plan) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| {
            let made = preset.plan(plan.base()).plan;
            made.is_some_and(|made| {
                let (a, b) = (made.sweep(), plan.sweep());
                made.base() == plan.base() && a.design == b.design && a.conditions == b.conditions
            })
        })
    }
}

/// The smallest size of which half is a size too.
const SMALLEST: u32 = 2 * range::SIZE.low;

/// A constant size, and phases that train for equally many pixels: k epochs' worth
/// of the pixels go to 4k epochs at half the size, then one warm-up epoch and the
/// rest at the full size. The size is made even and large enough to halve.
fn equal_compute(base: &Experiment) -> (Experiment, String) {
    let size = base.size.max(SMALLEST) / 2 * 2;
    let epochs = base.epochs.max(2);
    let share = (epochs / 4).max(1);
    let constant = Experiment { size, epochs, ..base.clone() };
    let phases = [
        crate::experiment::Phase { size: size / 2, epochs: 4 * share },
        crate::experiment::Phase { size, epochs: epochs - share - 1 },
    ];
    (constant, prog::format(&phases))
}

/// An experiment at one size with progressive resizing that trains for equally many
/// pixels; `None` where that takes another size or other epochs.
pub(super) fn at_equal_compute(base: &Experiment) -> Option<Experiment> {
    let (constant, progressive) = equal_compute(base);
    let same = constant.size == base.size && constant.epochs == base.epochs;
    same.then(|| base.with_all([("prog", progressive.as_str())]).0)
}
