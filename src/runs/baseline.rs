//! What a run in progress is measured against: the finished run, or runs, whose curve
//! lies under the live one from the first epoch.

use super::RunEntry;
use super::compare::same_draw;
use super::groups::Line;
use super::list::{OVERLAYS, RunList};
use crate::experiment::Experiment;
use crate::format;
use crate::record::{EpochRow, NUMERICS, TtaResult};
use crate::text;
use std::rc::Rc;

/// The baseline of a run that trains `experiment` on the data set of this hash: the one
/// that was chosen, else the latest finished run, as far as it was measured on the same
/// images and is another recipe or another seed. `id` is the run itself, once it is on
/// the list.
pub fn baseline(list: &RunList, experiment: &Experiment, hash: &str, id: &str) -> Option<Line> {
    let fits = |run: &Rc<RunEntry>| {
        run.id != id && run.finished() && measured_alike(run, experiment, hash)
    };
    if let Some(chosen) = list.chosen_line() {
        return Some(chosen).filter(|line| line.runs().iter().all(fits));
    }
    list.runs().iter().rfind(|run| fits(run)).cloned().map(Line::Run)
}

fn measured_alike(run: &RunEntry, experiment: &Experiment, hash: &str) -> bool {
    run.record.dataset.hash == hash
        && run.record.numerics == NUMERICS
        && same_draw(experiment, &run.experiment())
}

/// The overlays with the baseline among them, if a place is free for it.
pub fn under(mut overlays: Vec<(usize, Line)>, baseline: Option<&Line>) -> Vec<(usize, Line)> {
    let Some(baseline) = baseline else { return overlays };
    let is_there = overlays.iter().any(|(_, line)| line.key() == baseline.key());
    let free = (0..OVERLAYS).find(|place| overlays.iter().all(|(taken, _)| taken != place));
    if let (false, Some(place)) = (is_there, free) {
        overlays.push((place, baseline.clone()));
    }
    overlays
}

/// How a run stands against its baseline after the same number of epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Epochs that both have behind them.
    pub epochs: usize,
    /// Accuracy of the run there, 0..1.
    pub accuracy: f64,
    /// Accuracy of the baseline there, 0..1: the mean if it is several runs.
    pub baseline: f64,
    /// True if the baseline has ended there, too.
    pub at_end: bool,
}

/// The standing after the run's last epoch, if the baseline got as far. After the last
/// epoch of both, test-time augmentation counts on the side that has it.
pub fn standing(rows: &[EpochRow], tta: Option<&TtaResult>, baseline: &Line) -> Option<Standing> {
    let epochs = rows.len();
    let last = rows.last()?;
    let runs = baseline.runs();
    let at_end = runs.iter().all(|run| run.record.epochs.len() == epochs);
    let mut sum = 0.0;
    for run in runs {
        let there = run.record.epochs.get(epochs - 1)?.accuracy;
        sum += if at_end { run.accuracy() } else { there };
    }
    let accuracy = tta.filter(|_| at_end).map_or(last.accuracy, |tta| tta.accuracy);
    Some(Standing { epochs, accuracy, baseline: sum / runs.len() as f64, at_end })
}

impl Standing {
    /// E.g. `After epoch 3: 45.2%, 2.1 points above run 1 (43.1%) at the same epoch.`
    pub fn sentence(&self, name: &str, training: bool) -> String {
        let difference = self.accuracy - self.baseline;
        let (own, other) = (format::percent(self.accuracy), format::percent(self.baseline));
        let points = format::points(difference.abs());
        let points = points.trim_start_matches('+');
        let sentence = match (difference < 0.0, self.at_end && !training) {
            (true, true) => text::results_below,
            (false, true) => text::results_above,
            (true, false) => text::results_below_so_far,
            (false, false) => text::results_above_so_far,
        };
        sentence(&self.epochs.to_string(), &own, points, name, &other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link;
    use crate::runs::tests::entry;

    fn list(links: &[&str]) -> RunList {
        let runs =
            links.iter().zip(["a", "b", "c"]).map(|(link, id)| Rc::new(entry(id, link, 0.5)));
        RunList::default().with_all(runs.collect())
    }

    fn found(list: &RunList, link: &str) -> Option<String> {
        let hash = list.runs()[0].record.dataset.hash.clone();
        let line = baseline(list, &link::parse(link).experiment, &hash, "new");
        line.map(|line| line.key().to_owned())
    }

    #[test]
    fn the_latest_run_on_the_same_images_lies_under_the_live_one() {
        let runs = list(&["v=1", "v=1&mixup=0.4", "v=1&valid=20"]);
        assert_eq!(found(&runs, "v=1&ls=0.1").as_deref(), Some("b"));
        assert_eq!(found(&runs, "v=1&valid=20&ls=0.1").as_deref(), Some("c"));
        assert_eq!(found(&runs, "v=1&valid=20&dseed=7"), None);
        assert_eq!(baseline(&runs, &Experiment::default(), "another hash", "new"), None);
    }

    #[test]
    fn the_chosen_baseline_goes_first_if_it_compares() {
        let runs = list(&["v=1", "v=1&mixup=0.4"]).with_baseline(Some("a"));
        assert_eq!(found(&runs, "v=1&ls=0.1").as_deref(), Some("a"));
        assert_eq!(found(&runs, "v=1&valid=20"), None);
    }

    #[test]
    fn an_unfinished_run_is_no_baseline_and_no_run_is_its_own() {
        let mut stopped = entry("a", "v=1", 0.5);
        stopped.record.outcome = crate::record::Outcome::Stopped;
        let hash = stopped.record.dataset.hash.clone();
        let runs = RunList::default().with(Rc::new(stopped)).with(Rc::new(entry("b", "v=1", 0.5)));
        assert_eq!(baseline(&runs, &Experiment::default(), &hash, "b"), None);
    }

    #[test]
    fn the_standing_compares_the_same_epoch() {
        let base = entry("a", "v=1", 0.5);
        let mut rows = base.record.epochs.clone();
        let line = Line::Run(Rc::new(base.clone()));
        let first = rows[..1].to_vec();
        let early = standing(&first, None, &line).unwrap();
        assert_eq!((early.epochs, early.at_end), (1, false));
        assert_eq!(early.baseline, base.record.epochs[0].accuracy);
        if let Some(last) = rows.last_mut() {
            last.accuracy = base.accuracy() - 0.021;
        }
        let ended = standing(&rows, None, &line).unwrap();
        assert!(ended.at_end);
        let sentence = ended.sentence("run 1", false);
        assert!(sentence.contains("2.1 points below run 1 (50.0%)."), "{sentence}");
        rows.push(rows[0]);
        assert_eq!(standing(&rows, None, &line), None);
        assert_eq!(standing(&[], None, &line), None);
    }

    #[test]
    fn the_baseline_takes_a_free_place_among_the_overlays() {
        let line = |id: &str| Line::Run(Rc::new(entry(id, "v=1", 0.5)));
        let (a, b) = (line("a"), line("b"));
        let places = |overlays, baseline| {
            under(overlays, baseline).into_iter().map(|(place, _)| place).collect::<Vec<_>>()
        };
        assert_eq!(places(vec![(0, a.clone())], Some(&b)), [0, 1]);
        assert_eq!(places(vec![(1, a.clone())], Some(&b)), [1, 0]);
        assert_eq!(places(vec![(1, a.clone())], Some(&a)), [1]);
        assert_eq!(places(vec![(1, a.clone())], None), [1]);
        let full = (0..OVERLAYS).map(|place| (place, line(&format!("run{place}")))).collect();
        assert_eq!(places(full, Some(&b)).len(), OVERLAYS);
    }
}
