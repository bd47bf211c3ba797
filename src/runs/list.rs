//! The list of runs and what is chosen in it: the baseline and the overlays.
//! Pure state with pure changes, independent of storage.
//!
//! A run gets its number when it is added to the list and never loses it. The number of a
//! deleted run is not given again.

use super::compare::{RunComparison, compare};
use super::groups::{Line, Versus, lines, versus};
use super::{LARGEST_NUMBER, RunEntry};
use crate::order;
use crate::record::RunRecord;
use crate::text;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The most runs that can be overlaid on the curves at once: each has its own colour, dash
/// and marker.
pub const OVERLAYS: usize = 5;

/// The runs, oldest first, and what is chosen among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunList {
    runs: Vec<Rc<RunEntry>>,
    lines: Rc<[Line]>,
    baseline: Option<String>,
    overlays: [Option<String>; OVERLAYS],
    /// The highest number that a run ever had.
    last_number: u32,
}

/// What is chosen in a list, to be restored after a reload.
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

    /// The line that a line is compared with: the chosen baseline, else the next older finished
    /// line on the same data set and of the same numerics. The baseline itself has none.
    pub fn baseline_line(&self, line: &Line) -> Option<Line> {
        if let Some(chosen) = self.chosen_line() {
            return Some(chosen).filter(|chosen| chosen.key() != line.key());
        }
        let place = self.lines.iter().position(|other| other.key() == line.key())?;
        let wanted = line.latest()?;
        let older = self.lines.iter().skip(place + 1);
        let fits = |other: &&Line| {
            other
                .latest()
                .is_some_and(|run| run.finished() && comparable(&run.record, &wanted.record))
        };
        older.into_iter().find(fits).cloned()
    }

    /// The verdict of each line against its baseline if either is a group. All are judged
    /// together; the keys are those of the lines.
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
        let verdicts = versus(&pairs);
        pairs.iter().map(|(line, _)| line.key().to_owned()).zip(verdicts).collect()
    }

    /// The name of a line: `run 3`, `runs 3, 5, 6`, `runs 3 to 9 (5 of them)`.
    pub fn name(&self, line: &Line) -> String {
        let numbers: Vec<u32> = line.runs().iter().filter_map(|run| self.number(&run.id)).collect();
        match numbers.as_slice() {
            [number] => text::line_run(&number.to_string()),
            [first, .., last] if numbers.len() > 4 => {
                text::line_range(&first.to_string(), &last.to_string(), &numbers.len().to_string())
            }
            _ => {
                let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
                text::line_runs(&texts.join(", "))
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
        let mut list = Self { runs, lines, last_number, ..self.clone() };
        let gone = |id: &String| list.line(id).is_none();
        let overlays = self.overlays.clone().map(|slot| slot.filter(|id| !gone(id)));
        let baseline = self.baseline.clone().filter(|id| !gone(id));
        list.overlays = overlays;
        list.baseline = baseline;
        list
    }

    /// Numbers the runs that have no number yet, and returns the highest number. Of
    /// two runs with the same number (from two tabs) the older one keeps it, so that
    /// all tabs agree.
    fn numbered(&self, runs: &mut [Rc<RunEntry>]) -> u32 {
        let current: HashMap<&str, u32> =
            self.runs.iter().map(|run| (run.id.as_str(), run.number)).collect();
        let sound = |number: u32| if number > LARGEST_NUMBER { 0 } else { number };
        let numbers = runs.iter().map(|run| sound(run.number));
        let mut last = numbers.fold(sound(self.last_number), u32::max);
        let mut taken = HashSet::from([0]);
        for run in runs {
            let wanted = match current.get(run.id.as_str()) {
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

    /// What is chosen, to be restored after a reload.
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
        let mut list = self.clone();
        if choices.last_number <= LARGEST_NUMBER {
            list.last_number = list.last_number.max(choices.last_number);
        }
        list.baseline = self.baseline.clone().or(choices.baseline.clone().filter(there));
        for (place, id) in list.overlays.iter_mut().zip(&choices.overlays) {
            if place.is_none() {
                *place = id.clone().filter(|id| there(id) && self.overlay_place(id).is_none());
            }
        }
        list
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

    /// The run that a run is compared with: the chosen baseline, else the latest finished run
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
                before.iter().rfind(|it| it.finished() && comparable(&it.record, &run.record))
            }
        }
    }

    /// The comparison of a run to its baseline, and that baseline.
    pub fn comparison(&self, id: &str) -> Option<(RunComparison, &Rc<RunEntry>)> {
        let baseline = self.baseline_of(id)?;
        self.get(id).map(|run| (compare(run, baseline), baseline))
    }

    /// Adds a run to the overlays, or removes it. A run keeps its place, and so its look, while
    /// others come and go. Nothing changes if all places are taken.
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

    /// True if no further run can be overlaid.
    pub fn overlays_full(&self) -> bool {
        self.overlays.iter().all(Option::is_some)
    }

    /// The overlaid runs and groups, with their places.
    pub fn overlays(&self) -> Vec<(usize, Line)> {
        let places = self.overlays.iter().enumerate();
        places.filter_map(|(place, id)| Some((place, self.line(id.as_deref()?)?))).collect()
    }

    /// The number of a run on the page.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.get(id).map(|run| run.number)
    }
}

/// True if two runs can be compared at all.
fn comparable(a: &RunRecord, b: &RunRecord) -> bool {
    a.dataset.hash == b.dataset.hash && a.numerics == b.numerics
}

#[cfg(test)]
mod tests;
