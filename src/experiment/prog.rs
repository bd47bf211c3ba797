//! Progressive resizing as text, `32x2,48x1,64x1`, and the schedule that is
//! proposed when the technique is switched on. Independent of training.

use super::range::{EPOCHS, LATER_EPOCHS, PHASES, SIZE};
use super::{Experiment, Phase};

/// Phases as they are written in links; empty for none.
pub fn format(phases: &[Phase]) -> String {
    let written: Vec<String> =
        phases.iter().map(|phase| format!("{}x{}", phase.size, phase.epochs)).collect();
    written.join(",")
}

/// Reads phases, without looking at their ranges. `None` if the text is not a
/// list of `SxE`; spaces and the sign `×` are understood.
pub fn parse(text: &str) -> Option<Vec<Phase>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    text.split(',')
        .map(|phase| {
            let (size, epochs) = phase.split_once(['x', 'X', '×'])?;
            Some(Phase { size: number(size)?, epochs: number(epochs)? })
        })
        .collect()
}

/// A whole number; too large a one saturates, for [`clamp`] to bring down.
fn number(text: &str) -> Option<u32> {
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

/// The phases with every number in its range, and at most [`PHASES`] of them.
pub fn clamp(phases: &[Phase]) -> Vec<Phase> {
    phases
        .iter()
        .take(PHASES.high)
        .enumerate()
        .map(|(index, phase)| Phase {
            size: SIZE.clamp(phase.size),
            epochs: if index == 0 { EPOCHS } else { LATER_EPOCHS }.clamp(phase.epochs),
        })
        .collect()
}

/// Why progressive resizing cannot be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProposal {
    /// A phase, a warm-up epoch: they need three epochs.
    #[error(
        "progressive resizing needs at least 3 epochs, and {epochs} are set: \
         raise the epochs first"
    )]
    TooFewEpochs {
        /// Epochs of the experiment.
        epochs: u32,
    },
    /// There is no smaller size to begin with.
    #[error(
        "{size} pixels are the smallest size, so there is none smaller to begin with: \
         raise the size first"
    )]
    SmallestSize {
        /// Size of the experiment.
        size: u32,
    },
}

impl Experiment {
    /// Two phases that cost no more epochs than now: half the size for half the
    /// epochs (both rounded up), then the size itself for the rest, one of which
    /// is the warm-up epoch: `⌈s/2⌉x⌈e/2⌉,s x(e−⌈e/2⌉−1)`.
    ///
    /// # Errors
    /// Under 3 epochs, and at the smallest size.
    pub fn propose_prog(&self) -> Result<Vec<Phase>, NoProposal> {
        let (size, epochs) = (self.size, self.epochs);
        if epochs < 3 {
            return Err(NoProposal::TooFewEpochs { epochs });
        }
        if size <= SIZE.low {
            return Err(NoProposal::SmallestSize { size });
        }
        let first = epochs.div_ceil(2);
        Ok(vec![
            Phase { size: SIZE.clamp(size.div_ceil(2)), epochs: first },
            Phase { size, epochs: epochs - first - 1 },
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_read_as_they_are_written() {
        let phases = parse("32x2,48x1,64x1").unwrap();
        assert_eq!(phases.len(), 3);
        assert_eq!(phases[1], Phase { size: 48, epochs: 1 });
        assert_eq!(format(&phases), "32x2,48x1,64x1");
        assert_eq!(parse(" 32 × 2 , 64X1"), parse("32x2,64x1"));
        assert_eq!(parse(""), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_phases_is_refused() {
        for text in ["32", "32x", "x2", "32x2,", "32x-1", "32x1.5", "32x2;64x1", "axb", "+3x1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_come_into_their_ranges() {
        let phases = clamp(&parse("1x0,999x0,32x99999999999999999999").unwrap());
        assert_eq!(format(&phases), "16x1,160x0,32x200");
        let many = vec![Phase { size: 32, epochs: 1 }; 20];
        assert_eq!(clamp(&many).len(), 8);
    }

    #[test]
    fn the_proposal_keeps_the_number_of_epochs() {
        for size in 17..=160 {
            for epochs in 3..=200 {
                let mut experiment = Experiment { size, epochs, ..Experiment::default() };
                experiment.prog = experiment.propose_prog().unwrap();
                assert_eq!(clamp(&experiment.prog), experiment.prog);
                assert_eq!(experiment.total_epochs(), epochs);
                assert_eq!(experiment.final_size(), size);
            }
        }
        let proposal = |size, epochs| {
            let experiment = Experiment { size, epochs, ..Experiment::default() };
            experiment.propose_prog().map(|phases| format(&phases))
        };
        assert_eq!(proposal(64, 5), Ok("32x3,64x1".to_owned()));
        assert_eq!(proposal(33, 3), Ok("17x2,33x0".to_owned()));
        assert_eq!(proposal(64, 2), Err(NoProposal::TooFewEpochs { epochs: 2 }));
        assert_eq!(proposal(16, 5), Err(NoProposal::SmallestSize { size: 16 }));
    }
}
