//! How large a sweep may be. A link that asks for more is cut, with a notice, so
//! that no text costs the memory or the days of whoever opens it.

use super::{Axis, Design};
use crate::experiment::link::SWEEP;
use crate::experiment::notice::{Notice, NoticeKind};

/// Most keys that one sweep goes over.
pub const MAX_AXES: usize = 6;
/// Most values of one key.
pub const MAX_VALUES: usize = 100;
/// Most seeds of each arm.
pub const MAX_SEEDS: u32 = 100;
/// Most arms × seeds.
pub const MAX_RUNS: u64 = 1000;

/// Arms of a design, before arms that need the same run share it.
pub(super) fn arms(design: &Design) -> u64 {
    match design {
        Design::Grid(axes) => {
            axes.iter().fold(1, |arms: u64, axis| arms.saturating_mul(axis.values.len() as u64))
        }
        Design::Alone(techniques) | Design::AllButOne(techniques) => techniques.len() as u64 + 1,
    }
}

/// Cuts a sweep down to all limits and says so.
pub(super) fn apply(design: &mut Design, seeds: &mut Vec<u32>) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |key: &str, kind| notices.push(Notice { key: key.to_owned(), kind });
    if let Design::Grid(axes) = design {
        for axis in axes.drain(MAX_AXES.min(axes.len())..) {
            let why = format!("a sweep goes over {MAX_AXES} keys at most");
            say(axis.key, NoticeKind::NotSwept { why });
        }
        for axis in axes {
            if axis.values.len() > MAX_VALUES {
                axis.values.truncate(MAX_VALUES);
                say(axis.key, NoticeKind::TooLong { used: MAX_VALUES });
            }
        }
    }
    let most = MAX_SEEDS as usize;
    if seeds.len() > most {
        seeds.truncate(most);
        say("seed", NoticeKind::TooLong { used: most });
    }

    let given = arms(design).saturating_mul(seeds.len() as u64);
    if given > MAX_RUNS {
        if let Design::Grid(axes) = design {
            cut(axes);
        }
        let fit = (MAX_RUNS / arms(design).max(1)).max(1);
        seeds.truncate(usize::try_from(fit).unwrap_or(1));
        let used = arms(design).saturating_mul(seeds.len() as u64);
        say(SWEEP, NoticeKind::TooManyRuns { given, used });
    }
    notices
}

/// Takes values off the end of the longest lists until one seed fits.
fn cut(axes: &mut [Axis]) {
    let cells = |axes: &[Axis]| axes.iter().map(|axis| axis.values.len() as u64).product::<u64>();
    // At most MAX_VALUES ^ MAX_AXES cells: no overflow.
    while cells(axes) > MAX_RUNS {
        let Some(longest) = axes.iter_mut().max_by_key(|axis| axis.values.len()) else {
            return;
        };
        longest.values.pop();
    }
}
