//! The list of runs and what is chosen of it: the baseline and the overlays.
//! Pure state with pure changes; who stores the runs is not known here.

use super::RunEntry;
use super::compare::{Comparison, compare};
use std::rc::Rc;

/// Most runs that can be laid over the curves at once: each has a colour, a
/// dash and a marker of its own.
pub const OVERLAYS: usize = 5;

/// The runs, oldest first, and what is chosen of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    runs: Vec<Rc<RunEntry>>,
    baseline: Option<String>,
    overlays: [Option<String>; OVERLAYS],
}

impl Shelf {
    /// The runs, oldest first.
    pub fn runs(&self) -> &[Rc<RunEntry>] {
        &self.runs
    }

    /// The run of this id.
    pub fn get(&self, id: &str) -> Option<&Rc<RunEntry>> {
        self.runs.iter().find(|run| run.id == id)
    }

    /// Replaces all runs, as after reading them again. Choices stay where their
    /// run is still there.
    #[must_use]
    pub fn with_runs(&self, runs: impl IntoIterator<Item = Rc<RunEntry>>) -> Self {
        let mut runs: Vec<_> = runs.into_iter().collect();
        runs.sort_by(|a, b| (&a.record.date, &a.id).cmp(&(&b.record.date, &b.id)));
        runs.dedup_by(|b, a| a.id == b.id);
        let mut shelf = Self { runs, ..self.clone() };
        let gone = |id: &String| shelf.runs.iter().all(|run| run.id != *id);
        let overlays = self.overlays.clone().map(|slot| slot.filter(|id| !gone(id)));
        let baseline = self.baseline.clone().filter(|id| !gone(id));
        shelf.overlays = overlays;
        shelf.baseline = baseline;
        shelf
    }

    /// With one more run, or a newer version of one.
    #[must_use]
    pub fn with(&self, run: Rc<RunEntry>) -> Self {
        let mut runs = self.runs.clone();
        runs.retain(|other| other.id != run.id);
        runs.push(run);
        self.with_runs(runs)
    }

    /// Without one run.
    #[must_use]
    pub fn without(&self, id: &str) -> Self {
        self.with_runs(self.runs.iter().filter(|run| run.id != id).cloned())
    }

    /// Every Δ is taken against this run; `None` goes back to the run before.
    #[must_use]
    pub fn with_baseline(&self, id: Option<&str>) -> Self {
        Self { baseline: id.map(str::to_owned), ..self.clone() }
    }

    /// The id of the chosen baseline.
    pub fn chosen_baseline(&self) -> Option<&str> {
        self.baseline.as_deref()
    }

    /// What a run is compared to: the chosen baseline, else the latest finished
    /// run before it on the same data set. The baseline itself has none.
    pub fn baseline_of(&self, id: &str) -> Option<&Rc<RunEntry>> {
        match &self.baseline {
            Some(chosen) if chosen == id => None,
            Some(chosen) => self.get(chosen),
            None => {
                let place = self.runs.iter().position(|run| run.id == id)?;
                let (before, rest) = self.runs.split_at(place);
                let hash = rest.first().map(|run| &run.record.dataset.hash);
                before.iter().rfind(|run| run.finished() && Some(&run.record.dataset.hash) == hash)
            }
        }
    }

    /// The comparison of a run to its baseline, and that baseline.
    pub fn comparison(&self, id: &str) -> Option<(Comparison, &Rc<RunEntry>)> {
        let baseline = self.baseline_of(id)?;
        self.get(id).map(|run| (compare(run, baseline), baseline))
    }

    /// Lays a run over the curves, or takes it away. A run keeps its place, and
    /// so its look, while others come and go. Nothing changes when all places
    /// are taken.
    #[must_use]
    pub fn with_overlay(&self, id: &str, on: bool) -> Self {
        let mut overlays = self.overlays.clone();
        let taken = overlays.iter().any(|slot| slot.as_deref() == Some(id));
        if on && !taken {
            if let Some(free) = overlays.iter_mut().find(|slot| slot.is_none()) {
                *free = Some(id.to_owned());
            }
        } else if !on {
            for slot in &mut overlays {
                if slot.as_deref() == Some(id) {
                    *slot = None;
                }
            }
        }
        Self { overlays, ..self.clone() }
    }

    /// The place of a run among the overlays, from 0.
    pub fn overlay_place(&self, id: &str) -> Option<usize> {
        self.overlays.iter().position(|slot| slot.as_deref() == Some(id))
    }

    /// True if no further run can be laid over the curves.
    pub fn overlays_full(&self) -> bool {
        self.overlays.iter().all(Option::is_some)
    }

    /// The runs laid over the curves, with their places.
    pub fn overlays(&self) -> Vec<(usize, Rc<RunEntry>)> {
        let places = self.overlays.iter().enumerate();
        places.filter_map(|(place, id)| Some((place, self.get(id.as_deref()?)?.clone()))).collect()
    }

    /// The number by which a run is called on the page: its place from 1.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.runs.iter().position(|run| run.id == id).map(|place| place + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Outcome;
    use crate::runs::tests::entry;

    fn run(id: &str, hour: u32) -> Rc<RunEntry> {
        let mut run = entry(id, "v=1", 0.5);
        run.record.date = format!("2026-03-01T{hour:02}:00:00Z");
        Rc::new(run)
    }

    fn ids(shelf: &Shelf) -> Vec<&str> {
        shelf.runs().iter().map(|run| run.id.as_str()).collect()
    }

    #[test]
    fn runs_are_kept_in_order_of_time_and_once() {
        let shelf = Shelf::default().with(run("c", 3)).with(run("a", 1)).with(run("b", 2));
        assert_eq!(ids(&shelf), ["a", "b", "c"]);
        assert_eq!(ids(&shelf.with(run("b", 4))), ["a", "c", "b"]);
        assert_eq!(ids(&shelf.without("b")), ["a", "c"]);
        assert_eq!(shelf.number("c"), Some(3));
    }

    #[test]
    fn the_baseline_is_the_finished_run_before_or_the_chosen_one() {
        let mut stopped = (*run("b", 2)).clone();
        stopped.record.outcome = Outcome::Stopped;
        let shelf = Shelf::default().with(run("a", 1)).with(Rc::new(stopped)).with(run("c", 3));
        let id = |shelf: &Shelf, of: &str| shelf.baseline_of(of).map(|run| run.id.clone());
        assert_eq!(id(&shelf, "a"), None);
        assert_eq!(id(&shelf, "c"), Some("a".to_owned()));
        let chosen = shelf.with_baseline(Some("c"));
        assert_eq!(id(&chosen, "a"), Some("c".to_owned()));
        assert_eq!(id(&chosen, "c"), None);
        assert_eq!(id(&chosen.without("c"), "b"), Some("a".to_owned()));
    }

    #[test]
    fn the_run_before_on_other_data_is_passed_over() {
        let mut other = (*run("b", 2)).clone();
        other.record.dataset.hash = "cd".repeat(32);
        let shelf = Shelf::default().with(run("a", 1)).with(Rc::new(other)).with(run("c", 3));
        assert_eq!(shelf.baseline_of("c").map(|run| run.id.as_str()), Some("a"));
        assert_eq!(shelf.baseline_of("b"), None);
    }

    #[test]
    fn overlays_keep_their_places() {
        let mut shelf = Shelf::default();
        for hour in 0..7 {
            shelf = shelf.with(run(&hour.to_string(), hour));
            shelf = shelf.with_overlay(&hour.to_string(), true);
        }
        assert!(shelf.overlays_full());
        assert_eq!(shelf.overlay_place("5"), None);
        let fewer = shelf.with_overlay("1", false).without("3");
        let places: Vec<_> = fewer.overlays().iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 2, 4]);
        assert_eq!(fewer.with_overlay("6", true).overlay_place("6"), Some(1));
    }
}
