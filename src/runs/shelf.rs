//! The list of runs and what is chosen of it: the baseline and the overlays.
//! Pure state with pure changes; who stores the runs is not known here.
//!
//! A run gets its number when it comes onto the list, keeps it for good, and no
//! other run gets it again, deleted or not.

use super::compare::{RunComparison, compare};
use super::groups::{Line, Versus, lines, versus};
use super::{LARGEST_NUMBER, RunEntry};
use crate::order;
use crate::record::RunRecord;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Most runs that can be laid over the curves at once: each has a colour, a
/// dash and a marker of its own.
pub const OVERLAYS: usize = 5;

/// The runs, oldest first, and what is chosen of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunList {
    runs: Vec<Rc<RunEntry>>,
    lines: Rc<[Line]>,
    baseline: Option<String>,
    overlays: [Option<String>; OVERLAYS],
    /// The highest number that a run ever had.
    last_number: u32,
}

/// What is chosen of a list, to be kept over a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// Id of the baseline.
    pub baseline: Option<String>,
    /// Ids of the runs over the curves, by place.
    pub overlays: Vec<Option<String>>,
    /// The highest number that a run ever had.
    pub last_number: u32,
}

impl RunList {
    /// The runs, oldest first.
    pub fn runs(&self) -> &[Rc<RunEntry>] {
        &self.runs
    }

    /// The lines of the list, newest first: runs that differ only in their seed are
    /// one.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The run of this id, or the group of this key.
    pub fn line(&self, key: &str) -> Option<Line> {
        let line = self.lines.iter().find(|line| line.key() == key);
        line.cloned().or_else(|| self.get(key).cloned().map(Line::Run))
    }

    /// The line that was chosen as baseline.
    pub fn chosen_line(&self) -> Option<Line> {
        self.line(self.baseline.as_deref()?)
    }

    /// What a line is compared to: the chosen baseline, else the next older finished
    /// line on the same data set and of the same numerics. The baseline itself has none.
    pub fn baseline_line(&self, line: &Line) -> Option<Line> {
        if let Some(chosen) = self.chosen_line() {
            return Some(chosen).filter(|chosen| chosen.key() != line.key());
        }
        let place = self.lines.iter().position(|other| other.key() == line.key())?;
        let wanted = line.latest()?;
        let older = self.lines.iter().skip(place + 1);
        let fits = |other: &&Line| {
            other.latest().is_some_and(|run| run.finished() && alike(&run.record, &wanted.record))
        };
        older.into_iter().find(fits).cloned()
    }

    /// What each line of the list that is a group, or whose baseline is one, says against
    /// that baseline: judged together, by the line's key.
    pub fn verdicts(&self) -> HashMap<String, Versus> {
        let mut pairs = Vec::new();
        let chosen = self.chosen_line();
        for line in self.lines.iter() {
            let group = |line: &Line| matches!(line, Line::Group(_));
            if (group(line) || chosen.as_ref().is_some_and(group))
                && let Some(baseline) = self.baseline_line(line)
            {
                pairs.push((line.clone(), baseline));
            }
        }
        let told = versus(&pairs);
        pairs.iter().map(|(line, _)| line.key().to_owned()).zip(told).collect()
    }

    /// What a line is called: `run 3`, `runs 3, 5, 6`, `runs 3 to 9 (5 of them)`.
    pub fn name(&self, line: &Line) -> String {
        let numbers: Vec<u32> = line.runs().iter().filter_map(|run| self.number(&run.id)).collect();
        match numbers.as_slice() {
            [number] => format!("run {number}"),
            [first, .., last] if numbers.len() > 4 => {
                format!("runs {first} to {last} ({} of them)", numbers.len())
            }
            _ => {
                let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
                format!("runs {}", texts.join(", "))
            }
        }
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
        order::sort_by(&mut runs, |a, b| (&a.record.date, &a.id).cmp(&(&b.record.date, &b.id)));
        runs.dedup_by(|b, a| a.id == b.id);
        let last_number = self.numbered(&mut runs);
        let lines = lines(&runs).into();
        let mut shelf = Self { runs, lines, last_number, ..self.clone() };
        let gone = |id: &String| shelf.line(id).is_none();
        let overlays = self.overlays.clone().map(|slot| slot.filter(|id| !gone(id)));
        let baseline = self.baseline.clone().filter(|id| !gone(id));
        shelf.overlays = overlays;
        shelf.baseline = baseline;
        shelf
    }

    /// Numbers the runs that have no number yet, and answers the highest one. Of
    /// two with the same number (from two tabs) the older one keeps it, so that
    /// all tabs come to the same numbers.
    fn numbered(&self, runs: &mut [Rc<RunEntry>]) -> u32 {
        let mine: HashMap<&str, u32> =
            self.runs.iter().map(|run| (run.id.as_str(), run.number)).collect();
        let sound = |number: u32| if number > LARGEST_NUMBER { 0 } else { number };
        let numbers = runs.iter().map(|run| sound(run.number));
        let mut last = numbers.fold(sound(self.last_number), u32::max);
        let mut taken = HashSet::from([0]);
        for run in runs {
            let wanted = match mine.get(run.id.as_str()) {
                Some(&known) if sound(run.number) == 0 => known,
                _ => sound(run.number),
            };
            let number = if taken.insert(wanted) {
                wanted
            } else {
                // Past the largest one the free numbers from 1 on are left.
                last = if last < LARGEST_NUMBER { last + 1 } else { 1 };
                while !taken.insert(last) {
                    last += 1;
                }
                last
            };
            if run.number != number {
                Rc::make_mut(run).number = number;
            }
        }
        last
    }

    /// What is chosen, to be kept over a reload.
    pub fn choices(&self) -> Choices {
        Choices {
            baseline: self.baseline.clone(),
            overlays: self.overlays.to_vec(),
            last_number: self.last_number,
        }
    }

    /// Chooses as before a reload, as far as the runs are there. What is chosen
    /// already stays.
    #[must_use]
    pub fn with_choices(&self, choices: &Choices) -> Self {
        let there = |id: &String| self.get(id).is_some();
        let mut shelf = self.clone();
        if choices.last_number <= LARGEST_NUMBER {
            shelf.last_number = shelf.last_number.max(choices.last_number);
        }
        shelf.baseline = self.baseline.clone().or(choices.baseline.clone().filter(there));
        for (place, id) in shelf.overlays.iter_mut().zip(&choices.overlays) {
            if place.is_none() {
                *place = id.clone().filter(|id| there(id) && self.overlay_place(id).is_none());
            }
        }
        shelf
    }

    /// With one more run, or a newer version of one.
    #[must_use]
    pub fn with(&self, run: Rc<RunEntry>) -> Self {
        self.with_all(vec![run])
    }

    /// With more runs, or newer versions of some.
    #[must_use]
    pub fn with_all(&self, mut added: Vec<Rc<RunEntry>>) -> Self {
        let ids: HashSet<String> = added.iter().map(|run| run.id.clone()).collect();
        added.extend(self.runs.iter().filter(|run| !ids.contains(&run.id)).cloned());
        self.with_runs(added)
    }

    /// Without these runs.
    #[must_use]
    pub fn without(&self, ids: &[impl AsRef<str>]) -> Self {
        let gone: HashSet<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.with_runs(self.runs.iter().filter(|run| !gone.contains(run.id.as_str())).cloned())
    }

    /// Every Δ is taken against this run or group; `None` goes back to the run before.
    #[must_use]
    pub fn with_baseline(&self, id: Option<&str>) -> Self {
        Self { baseline: id.map(str::to_owned), ..self.clone() }
    }

    /// The id of the chosen baseline, or the key if it is a group.
    pub fn chosen_baseline(&self) -> Option<&str> {
        self.baseline.as_deref()
    }

    /// What a run is compared to: the chosen baseline, else the latest finished run
    /// before it on the same data set and of the same numerics. The baseline itself has
    /// none.
    pub fn baseline_of(&self, id: &str) -> Option<&Rc<RunEntry>> {
        match &self.baseline {
            Some(chosen) if chosen == id => None,
            Some(chosen) => self.get(chosen),
            None => {
                let place = self.runs.iter().position(|run| run.id == id)?;
                let (before, rest) = self.runs.split_at(place);
                let run = rest.first()?;
                before.iter().rfind(|it| it.finished() && alike(&it.record, &run.record))
            }
        }
    }

    /// The comparison of a run to its baseline, and that baseline.
    pub fn comparison(&self, id: &str) -> Option<(RunComparison, &Rc<RunEntry>)> {
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

    /// The runs and groups laid over the curves, with their places.
    pub fn overlays(&self) -> Vec<(usize, Line)> {
        let places = self.overlays.iter().enumerate();
        places.filter_map(|(place, id)| Some((place, self.line(id.as_deref()?)?))).collect()
    }

    /// The number by which a run is called on the page.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.get(id).map(|run| run.number)
    }
}

/// True if two runs can be compared at all.
fn alike(a: &RunRecord, b: &RunRecord) -> bool {
    a.dataset.hash == b.dataset.hash && a.numerics == b.numerics
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

    fn ids(shelf: &RunList) -> Vec<&str> {
        shelf.runs().iter().map(|run| run.id.as_str()).collect()
    }

    #[test]
    fn runs_are_kept_in_order_of_time_and_once() {
        let shelf = RunList::default().with(run("c", 3)).with(run("a", 1)).with(run("b", 2));
        assert_eq!(ids(&shelf), ["a", "b", "c"]);
        assert_eq!(ids(&shelf.with(run("b", 4))), ["a", "c", "b"]);
        assert_eq!(ids(&shelf.without(&["b"])), ["a", "c"]);
    }

    fn numbers(shelf: &RunList) -> Vec<(&str, u32)> {
        shelf.runs().iter().map(|run| (run.id.as_str(), run.number)).collect()
    }

    fn with_number(id: &str, hour: u32, number: u32) -> Rc<RunEntry> {
        Rc::new(RunEntry { number, ..(*run(id, hour)).clone() })
    }

    #[test]
    fn numbers_neither_shift_nor_come_twice() {
        let shelf = RunList::default().with(run("a", 1)).with(run("b", 2)).with(run("c", 3));
        assert_eq!(numbers(&shelf), [("a", 1), ("b", 2), ("c", 3)]);
        let fewer = shelf.without(&["a", "c"]);
        assert_eq!(numbers(&fewer), [("b", 2)]);
        assert_eq!(numbers(&fewer.with(run("d", 4))), [("b", 2), ("d", 4)]);
        let back = fewer.with(run("d", 4)).with(shelf.get("a").unwrap().clone());
        assert_eq!(numbers(&back), [("a", 1), ("b", 2), ("d", 4)]);
    }

    #[test]
    fn runs_without_a_number_get_one_in_order_of_time_and_keep_it() {
        let stored = || [run("b", 2), run("a", 1), with_number("c", 3, 5)];
        let shelf = RunList::default().with_runs(stored());
        assert_eq!(numbers(&shelf), [("a", 6), ("b", 7), ("c", 5)]);
        // Read again before the numbers were written.
        assert_eq!(numbers(&shelf.with_runs(stored())), [("a", 6), ("b", 7), ("c", 5)]);
    }

    #[test]
    fn of_two_runs_with_one_number_the_older_one_keeps_it() {
        let both = [with_number("new", 2, 4), with_number("old", 1, 4)];
        let shelf = RunList::default().with_runs(both.clone());
        assert_eq!(numbers(&shelf), [("old", 4), ("new", 5)]);
        let other_tab = RunList::default().with(with_number("new", 2, 4));
        assert_eq!(numbers(&other_tab.with_runs(both)), [("old", 4), ("new", 5)]);
    }

    #[test]
    fn no_number_ends_the_numbering() {
        let huge = [with_number("a", 1, u32::MAX), with_number("b", 2, LARGEST_NUMBER)];
        let choices = Choices { last_number: u32::MAX, ..Choices::default() };
        let mut shelf = RunList::default().with_runs(huge).with_choices(&choices);
        for id in ["c", "d", "e"] {
            shelf = shelf.with(run(id, 3));
        }
        let mut all: Vec<u32> = shelf.runs().iter().map(|run| run.number).collect();
        assert!(all.iter().all(|number| (1..=LARGEST_NUMBER).contains(number)), "{all:?}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn choices_survive_a_reload_as_far_as_their_runs_do() {
        let mut shelf = RunList::default().with(run("a", 1)).with(run("b", 2)).with(run("c", 3));
        shelf = shelf.with_baseline(Some("b")).with_overlay("a", true).with_overlay("c", true);
        let text = serde_json::to_string(&shelf.choices()).unwrap();
        let choices: Choices = serde_json::from_str(&text).unwrap();
        let read = RunList::default().with_runs([run("b", 2), run("c", 3)]).with_choices(&choices);
        assert_eq!(read.chosen_baseline(), Some("b"));
        assert_eq!(read.overlay_place("c"), Some(1));
        assert_eq!(read.overlays().len(), 1);
        let gone = RunList::default().with_choices(&choices).with(run("d", 4));
        assert_eq!(numbers(&gone), [("d", 4)]);
        assert_eq!(gone.chosen_baseline(), None);
        assert_eq!(serde_json::from_str::<Choices>("{}").unwrap(), Choices::default());
    }

    #[test]
    fn the_baseline_is_the_finished_run_before_or_the_chosen_one() {
        let mut stopped = (*run("b", 2)).clone();
        stopped.record.outcome = Outcome::Stopped;
        let shelf = RunList::default().with(run("a", 1)).with(Rc::new(stopped)).with(run("c", 3));
        let id = |shelf: &RunList, of: &str| shelf.baseline_of(of).map(|run| run.id.clone());
        assert_eq!(id(&shelf, "a"), None);
        assert_eq!(id(&shelf, "c"), Some("a".to_owned()));
        let chosen = shelf.with_baseline(Some("c"));
        assert_eq!(id(&chosen, "a"), Some("c".to_owned()));
        assert_eq!(id(&chosen, "c"), None);
        assert_eq!(id(&chosen.without(&["c"]), "b"), Some("a".to_owned()));
    }

    #[test]
    fn the_run_before_on_other_data_is_passed_over() {
        let mut other = (*run("b", 2)).clone();
        other.record.dataset.hash = "cd".repeat(32);
        let shelf = RunList::default().with(run("a", 1)).with(Rc::new(other)).with(run("c", 3));
        assert_eq!(shelf.baseline_of("c").map(|run| run.id.as_str()), Some("a"));
        assert_eq!(shelf.baseline_of("b"), None);
    }

    #[test]
    fn the_run_before_of_other_numerics_is_passed_over() {
        let mut old = (*run("b", 2)).clone();
        old.record.numerics = 1;
        let shelf = RunList::default().with(run("a", 1)).with(Rc::new(old)).with(run("c", 3));
        assert_eq!(shelf.baseline_of("c").map(|run| run.id.as_str()), Some("a"));
        assert_eq!(shelf.baseline_of("b"), None);
        let line = shelf.line("c").unwrap();
        assert_eq!(shelf.baseline_line(&line).map(|it| it.key().to_owned()), Some("a".to_owned()));
    }

    #[test]
    fn verdicts_are_those_of_the_lines_that_are_groups() {
        let seed = |id: &str, link: &str, hour: u32| {
            let mut run = (*run(id, hour)).clone();
            run.record.link = link.to_owned();
            Rc::new(run)
        };
        let shelf = RunList::default()
            .with(seed("x", "v=1&bs=32", 0))
            .with(seed("a", "v=1&seed=1", 1))
            .with(seed("b", "v=1&seed=2", 2))
            .with(seed("c", "v=1&ls=0.1", 3))
            .with(seed("d", "v=1&bs=16", 4));
        let group = shelf.lines()[2].key().to_owned();
        let keys = |shelf: &RunList| {
            let mut keys: Vec<String> = shelf.verdicts().into_keys().collect();
            keys.sort();
            keys
        };
        // By itself only the group is one, against the run before it.
        assert_eq!(keys(&shelf), std::slice::from_ref(&group));
        assert_eq!(keys(&shelf.with_baseline(Some(&group))), ["c", "d", "x"]);
        assert!(keys(&shelf.with_baseline(Some("x"))) == [group]);
    }

    #[test]
    fn a_group_can_be_the_baseline_and_lie_over_the_curves() {
        let seed = |id: &str, link: &str, hour: u32| {
            let mut run = (*run(id, hour)).clone();
            run.record.link = link.to_owned();
            Rc::new(run)
        };
        let shelf = RunList::default()
            .with(seed("a", "v=1&seed=1", 1))
            .with(seed("b", "v=1&seed=2", 2))
            .with(seed("c", "v=1&ls=0.1", 3));
        let [single, group] = shelf.lines() else { panic!("{:?}", shelf.lines()) };
        assert_eq!([shelf.name(single), shelf.name(group)], ["run 3", "runs 1, 2"]);
        assert_eq!(shelf.baseline_line(single).as_ref(), Some(group));
        let key = group.key().to_owned();
        let chosen = shelf.with_baseline(Some(&key)).with_overlay(&key, true);
        assert_eq!(chosen.baseline_line(group), None);
        assert_eq!(chosen.overlays(), [(0, group.clone())]);
        assert_eq!(chosen.baseline_of("c"), None);
        // Without its second seed it is no group any more.
        let fewer = chosen.without(&["b"]);
        assert_eq!((fewer.chosen_baseline(), fewer.overlays().len()), (None, 0));
    }

    #[test]
    fn overlays_keep_their_places() {
        let mut shelf = RunList::default();
        for hour in 0..7 {
            shelf = shelf.with(run(&hour.to_string(), hour));
            shelf = shelf.with_overlay(&hour.to_string(), true);
        }
        assert!(shelf.overlays_full());
        assert_eq!(shelf.overlay_place("5"), None);
        let fewer = shelf.with_overlay("1", false).without(&["3"]);
        let places: Vec<_> = fewer.overlays().iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 2, 4]);
        assert_eq!(fewer.with_overlay("6", true).overlay_place("6"), Some(1));
    }
}
