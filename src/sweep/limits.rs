//! How large a sweep may be. A larger one is cut, with a notice, so that no link takes all memory
//! or days of training.

use super::{Design, Sweep, SweepAxis};
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

/// Arms of a sweep, before arms that need the same run share it.
pub(super) fn arms(sweep: &Sweep) -> u64 {
    let (axes, each) = split(sweep);
    axes.iter().fold(each, |arms, axis| arms.saturating_mul(axis.values.len() as u64))
}

/// The keys that are gone over, and the arms for each combination of their values.
fn split(sweep: &Sweep) -> (&[SweepAxis], u64) {
    match &sweep.design {
        Design::Grid(axes) => (axes, 1),
        Design::Alone(techniques) | Design::AllButOne(techniques) => {
            (&sweep.conditions, techniques.len() as u64 + 1 + u64::from(sweep.equal_compute))
        }
    }
}

/// Cuts a sweep down to all limits, with a notice for each cut.
pub(super) fn apply(sweep: &mut Sweep) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |key: &str, kind| notices.push(Notice { key: key.to_owned(), kind });
    let (_, each) = split(sweep);
    let axes = match &mut sweep.design {
        Design::Grid(axes) => axes,
        Design::Alone(_) | Design::AllButOne(_) => &mut sweep.conditions,
    };
    for axis in axes.drain(MAX_AXES.min(axes.len())..) {
        let why = format!("a sweep goes over {MAX_AXES} keys at most");
        say(axis.key, NoticeKind::NotSwept { why });
    }
    for axis in axes.iter_mut() {
        if axis.values.len() > MAX_VALUES {
            axis.values.truncate(MAX_VALUES);
            say(axis.key, NoticeKind::TooLong { used: MAX_VALUES });
        }
    }
    let most = MAX_SEEDS as usize;
    if sweep.seeds.len() > most {
        sweep.seeds.truncate(most);
        say("seed", NoticeKind::TooLong { used: most });
    }

    let given = arms(sweep).saturating_mul(sweep.seeds.len() as u64);
    if given > MAX_RUNS {
        match &mut sweep.design {
            Design::Grid(axes) => cut(axes, each),
            Design::Alone(_) | Design::AllButOne(_) => cut(&mut sweep.conditions, each),
        }
        let fit = (MAX_RUNS / arms(sweep).max(1)).max(1);
        sweep.seeds.truncate(usize::try_from(fit).unwrap_or(1));
        let used = arms(sweep).saturating_mul(sweep.seeds.len() as u64);
        say(SWEEP, NoticeKind::TooManyRuns { given, used });
    }
    notices
}

/// Takes the last value off the list that is longest as text; `None` where every list
/// has one value.
pub(super) fn shorten(sweep: &mut Sweep) -> Option<Notice> {
    let seeds = (sweep.seeds.len() > 1)
        .then(|| sweep.seeds.iter().map(|seed| seed.to_string().len() + 1).sum::<usize>());
    let axes = match &mut sweep.design {
        Design::Grid(axes) => axes.as_mut_slice(),
        Design::Alone(_) | Design::AllButOne(_) => sweep.conditions.as_mut_slice(),
    };
    let length = |axis: &SweepAxis| axis.values.iter().map(|value| value.len() + 1).sum::<usize>();
    let longest = axes.iter_mut().filter(|axis| axis.values.len() > 1).max_by_key(|it| length(it));
    let (key, used) = match longest {
        Some(axis) if seeds.is_none_or(|seeds| seeds < length(axis)) => {
            axis.values.pop();
            (axis.key, axis.values.len())
        }
        _ => {
            seeds?;
            sweep.seeds.pop();
            ("seed", sweep.seeds.len())
        }
    };
    Some(Notice { key: key.to_owned(), kind: NoticeKind::TooLong { used } })
}

/// Removes values from the end of the longest lists until one seed fits, with `each` arms per
/// combination.
fn cut(axes: &mut [SweepAxis], each: u64) {
    let cells =
        |axes: &[SweepAxis]| axes.iter().map(|axis| axis.values.len() as u64).product::<u64>();
    // At most MAX_VALUES ^ MAX_AXES cells: no overflow.
    while cells(axes).saturating_mul(each) > MAX_RUNS {
        let Some(longest) = axes.iter_mut().max_by_key(|axis| axis.values.len()) else {
            return;
        };
        longest.values.pop();
    }
}
