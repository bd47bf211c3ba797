//! XAxis what curves are drawn: epochs, training compute, or time. Independent of
//! how they are drawn.

use super::{LiveRun, RunEntry};
use crate::cost;
use crate::experiment::{ModelKind, link};
use crate::model::layout::features;
use crate::record::{EpochRow, ModelInfo};
use crate::schedule::Schedule;
use crate::text;

/// The horizontal axis of a run's curves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XAxis {
    /// Epochs, warm-up epochs included.
    #[default]
    Epochs,
    /// Floating-point operations of training.
    Compute,
    /// Seconds of training and validation, paused time excluded.
    Seconds,
}

impl XAxis {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Epochs, Self::Compute, Self::Seconds];

    /// What it is called in a list of choices.
    pub fn label(self) -> &'static str {
        match self {
            Self::Epochs => text::axis_epochs(),
            Self::Compute => text::axis_compute(),
            Self::Seconds => text::axis_seconds(),
        }
    }

    /// Its name where choices are kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epochs => "epochs",
            Self::Compute => "compute",
            Self::Seconds => "seconds",
        }
    }

    /// What a reader has to know about it; `None` for epochs.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Epochs => None,
            Self::Compute => Some(text::axis_compute_note()),
            Self::Seconds => Some(text::axis_seconds_note()),
        }
    }
}

/// Where the ends of a run's epochs lie along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruler {
    /// Values at the ends of the epochs, ascending; `None` where the axis is epochs.
    ends: Option<Vec<f64>>,
}

/// The parts of a run that a ruler is made from.
struct RulerParts<'a> {
    link: &'a str,
    rows: &'a [EpochRow],
    model: Option<&'a ModelInfo>,
    train: u32,
}

impl Ruler {
    /// The ruler of the run in progress.
    pub fn of_live(run: &LiveRun, axis: XAxis) -> Self {
        let LiveRun { link, rows, model, train, .. } = run;
        Self::of(&RulerParts { link, rows, model: model.as_ref(), train: *train }, axis)
    }

    /// The ruler of a finished run.
    pub fn of_entry(run: &RunEntry, axis: XAxis) -> Self {
        let record = &run.record;
        let train = record.dataset.train;
        let (link, rows, model) = (&record.link, &record.epochs, Some(&record.model));
        Self::of(&RulerParts { link, rows, model, train }, axis)
    }

    fn of(parts: &RulerParts, axis: XAxis) -> Self {
        let ends = |costs: &mut dyn Iterator<Item = f64>| {
            let sums = costs.scan(0.0, |sum, cost| {
                *sum += cost;
                Some(*sum)
            });
            Some(sums.collect())
        };
        Self {
            ends: match axis {
                XAxis::Epochs => None,
                XAxis::Seconds => ends(&mut parts.rows.iter().map(|row| row.seconds)),
                XAxis::Compute => ends(&mut epoch_flop(parts).into_iter()),
            },
        }
    }

    /// The axis value of a place in the run, given in epochs from 0. `None` beyond what is
    /// known, as in the epoch in progress on an axis of seconds.
    pub fn at(&self, epoch: f64) -> Option<f64> {
        let Some(ends) = &self.ends else { return Some(epoch) };
        if epoch <= 0.0 {
            return Some(0.0);
        }
        // The end of an epoch belongs to it.
        let index = (epoch - 1e-9).floor().max(0.0);
        let end = *ends.get(index as usize)?;
        let start = (index as usize).checked_sub(1).and_then(|it| ends.get(it)).copied();
        let start = start.unwrap_or(0.0);
        Some(start + (epoch - index).min(1.0) * (end - start))
    }

    /// The last value that is known.
    pub fn end(&self) -> f64 {
        self.ends.as_ref().and_then(|ends| ends.last()).copied().unwrap_or(0.0)
    }
}

/// Training compute of each epoch, in FLOP: of all that are planned, so that the epoch in
/// progress has its place, too.
fn epoch_flop(parts: &RulerParts) -> Vec<f64> {
    let experiment = link::parse(parts.link).experiment;
    let Some(model) = parts.model else { return Vec::new() };
    let Some(kind) = ModelKind::ALL.into_iter().find(|kind| kind.name() == model.name) else {
        return Vec::new();
    };
    let classes = classes(kind, experiment.final_size(), model.macs);
    let (batches, size) = cost::batches(&experiment, parts.train);
    let images = f64::from(batches) * f64::from(size);
    let plan = Schedule::new(&experiment, batches);
    let sizes = plan.epochs.iter().map(|epoch| epoch.size);
    let trained = parts.rows.iter().map(|row| Some(row.size)).chain(std::iter::repeat(None));
    sizes
        .zip(trained)
        .map(|(planned, trained)| {
            let macs = cost::macs(kind, classes, trained.unwrap_or(planned));
            images * cost::training_flop(macs)
        })
        .collect()
}

/// The number of classes of a network of `kind` with `macs` multiply-accumulates on images of
/// `size` pixels.
pub fn classes(kind: ModelKind, size: u32, macs: u64) -> usize {
    let body = cost::macs(kind, 0, size);
    (macs.saturating_sub(body) / features(kind).max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    fn ruler(axis: XAxis) -> Ruler {
        let mut run = entry("a", "v=1&model=tiny&prog=32x2,64x1&bs=64", 0.5);
        run.record.dataset.train = 640;
        run.record.model =
            ModelInfo { name: "tiny".into(), params: 0, macs: cost::macs(ModelKind::Tiny, 10, 64) };
        run.record.epochs.truncate(3);
        for (row, (size, seconds)) in
            run.record.epochs.iter_mut().zip([(32, 1.0), (32, 1.5), (64, 4.0)])
        {
            (row.size, row.seconds) = (size, seconds);
        }
        Ruler::of_entry(&run, axis)
    }

    #[test]
    fn epochs_are_themselves() {
        assert_eq!(ruler(XAxis::Epochs).at(1.25), Some(1.25));
    }

    #[test]
    fn seconds_run_within_an_epoch_and_end_with_the_last_one() {
        let ruler = ruler(XAxis::Seconds);
        for (epoch, seconds) in
            [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (2.0, 2.5), (2.5, 4.5), (3.0, 6.5)]
        {
            assert!((ruler.at(epoch).unwrap() - seconds).abs() < 1e-9, "{epoch}");
        }
        assert_eq!(ruler.at(3.5), None);
        assert_eq!(ruler.end(), 6.5);
    }

    /// Ten batches of 64 images at six FLOP for each multiply-accumulate; by hand
    /// tiny has 216·(s/2)² + 5·1,152·(s/2)² + 640 of them.
    #[test]
    fn compute_counts_what_each_epoch_trains_on() {
        let ruler = ruler(XAxis::Compute);
        let epoch = |side: f64| 6.0 * 640.0 * ((216.0 + 5.0 * 1_152.0) * side * side / 4.0 + 640.0);
        let expected = [0.0, epoch(32.0), 2.0 * epoch(32.0), 2.0 * epoch(32.0) + epoch(64.0)];
        for (index, expected) in (0..).zip(expected) {
            assert!((ruler.at(f64::from(index)).unwrap() - expected).abs() < 1.0, "epoch {index}");
        }
        // Planned, though not trained: the warm-up epoch of the second phase is the third.
        assert!(ruler.at(3.5).is_some() && ruler.at(4.5).is_none());
    }

    #[test]
    fn classes_are_read_off_the_head() {
        for kind in ModelKind::ALL {
            for classes in [2, 10, 20] {
                assert_eq!(super::classes(kind, 64, cost::macs(kind, classes, 64)), classes);
            }
        }
    }

    #[test]
    fn a_run_without_its_network_has_no_compute() {
        let ruler = Ruler::of_live(&LiveRun::default(), XAxis::Compute);
        assert_eq!((ruler.at(0.5), ruler.end()), (None, 0.0));
    }
}
