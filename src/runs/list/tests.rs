//! Tests of the list of runs.

use super::*;
use crate::record::Outcome;
use crate::runs::tests::entry;

fn run(id: &str, hour: u32) -> Rc<RunEntry> {
    let mut run = entry(id, "v=1", 0.5);
    run.record.date = format!("2026-03-01T{hour:02}:00:00Z");
    Rc::new(run)
}

fn ids(list: &RunList) -> Vec<&str> {
    list.runs().iter().map(|run| run.id.as_str()).collect()
}

#[test]
fn runs_are_kept_in_order_of_time_and_once() {
    let list = RunList::default().with(run("c", 3)).with(run("a", 1)).with(run("b", 2));
    assert_eq!(ids(&list), ["a", "b", "c"]);
    assert_eq!(ids(&list.with(run("b", 4))), ["a", "c", "b"]);
    assert_eq!(ids(&list.without(&["b"])), ["a", "c"]);
}

fn numbers(list: &RunList) -> Vec<(&str, u32)> {
    list.runs().iter().map(|run| (run.id.as_str(), run.number)).collect()
}

fn with_number(id: &str, hour: u32, number: u32) -> Rc<RunEntry> {
    Rc::new(RunEntry { number, ..(*run(id, hour)).clone() })
}

#[test]
fn numbers_neither_shift_nor_come_twice() {
    let list = RunList::default().with(run("a", 1)).with(run("b", 2)).with(run("c", 3));
    assert_eq!(numbers(&list), [("a", 1), ("b", 2), ("c", 3)]);
    let fewer = list.without(&["a", "c"]);
    assert_eq!(numbers(&fewer), [("b", 2)]);
    assert_eq!(numbers(&fewer.with(run("d", 4))), [("b", 2), ("d", 4)]);
    let back = fewer.with(run("d", 4)).with(list.get("a").unwrap().clone());
    assert_eq!(numbers(&back), [("a", 1), ("b", 2), ("d", 4)]);
}

#[test]
fn runs_without_a_number_get_one_in_order_of_time_and_keep_it() {
    let stored = || [run("b", 2), run("a", 1), with_number("c", 3, 5)];
    let list = RunList::default().with_runs(stored());
    assert_eq!(numbers(&list), [("a", 6), ("b", 7), ("c", 5)]);
    // Read again before the numbers were written.
    assert_eq!(numbers(&list.with_runs(stored())), [("a", 6), ("b", 7), ("c", 5)]);
}

#[test]
fn of_two_runs_with_one_number_the_older_one_keeps_it() {
    let both = [with_number("new", 2, 4), with_number("old", 1, 4)];
    let list = RunList::default().with_runs(both.clone());
    assert_eq!(numbers(&list), [("old", 4), ("new", 5)]);
    let other_tab = RunList::default().with(with_number("new", 2, 4));
    assert_eq!(numbers(&other_tab.with_runs(both)), [("old", 4), ("new", 5)]);
}

#[test]
fn no_number_ends_the_numbering() {
    let huge = [with_number("a", 1, u32::MAX), with_number("b", 2, LARGEST_NUMBER)];
    let choices = Choices { last_number: u32::MAX, ..Choices::default() };
    let mut list = RunList::default().with_runs(huge).with_choices(&choices);
    for id in ["c", "d", "e"] {
        list = list.with(run(id, 3));
    }
    let mut all: Vec<u32> = list.runs().iter().map(|run| run.number).collect();
    assert!(all.iter().all(|number| (1..=LARGEST_NUMBER).contains(number)), "{all:?}");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 5);
}

#[test]
fn choices_survive_a_reload_as_far_as_their_runs_do() {
    let mut list = RunList::default().with(run("a", 1)).with(run("b", 2)).with(run("c", 3));
    list = list.with_baseline(Some("b")).with_overlay("a", true).with_overlay("c", true);
    let text = serde_json::to_string(&list.choices()).unwrap();
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
    let list = RunList::default().with(run("a", 1)).with(Rc::new(stopped)).with(run("c", 3));
    let id = |list: &RunList, of: &str| list.baseline_of(of).map(|run| run.id.clone());
    assert_eq!(id(&list, "a"), None);
    assert_eq!(id(&list, "c"), Some("a".to_owned()));
    let chosen = list.with_baseline(Some("c"));
    assert_eq!(id(&chosen, "a"), Some("c".to_owned()));
    assert_eq!(id(&chosen, "c"), None);
    assert_eq!(id(&chosen.without(&["c"]), "b"), Some("a".to_owned()));
}

#[test]
fn the_run_before_on_other_data_is_passed_over() {
    let mut other = (*run("b", 2)).clone();
    other.record.dataset.hash = "cd".repeat(32);
    let list = RunList::default().with(run("a", 1)).with(Rc::new(other)).with(run("c", 3));
    assert_eq!(list.baseline_of("c").map(|run| run.id.as_str()), Some("a"));
    assert_eq!(list.baseline_of("b"), None);
}

#[test]
fn the_run_before_of_other_numerics_is_passed_over() {
    let mut old = (*run("b", 2)).clone();
    old.record.numerics = 1;
    let list = RunList::default().with(run("a", 1)).with(Rc::new(old)).with(run("c", 3));
    assert_eq!(list.baseline_of("c").map(|run| run.id.as_str()), Some("a"));
    assert_eq!(list.baseline_of("b"), None);
    let line = list.line("c").unwrap();
    assert_eq!(list.baseline_line(&line).map(|it| it.key().to_owned()), Some("a".to_owned()));
}

fn with_link(id: &str, link: &str, hour: u32) -> Rc<RunEntry> {
    let mut run = (*run(id, hour)).clone();
    run.record.link = link.to_owned();
    Rc::new(run)
}

#[test]
fn verdicts_are_those_of_the_lines_that_are_groups() {
    let list = RunList::default()
        .with(with_link("x", "v=1&bs=32", 0))
        .with(with_link("a", "v=1&seed=1", 1))
        .with(with_link("b", "v=1&seed=2", 2))
        .with(with_link("c", "v=1&ls=0.1", 3))
        .with(with_link("d", "v=1&bs=16", 4));
    let group = list.lines()[2].key().to_owned();
    let keys = |list: &RunList| {
        let mut keys: Vec<String> = list.verdicts().into_keys().collect();
        keys.sort();
        keys
    };
    // By itself only the group is one, against the run before it.
    assert_eq!(keys(&list), std::slice::from_ref(&group));
    assert_eq!(keys(&list.with_baseline(Some(&group))), ["c", "d", "x"]);
    assert!(keys(&list.with_baseline(Some("x"))) == [group]);
}

#[test]
fn a_group_can_be_the_baseline_and_lie_over_the_curves() {
    let list = RunList::default()
        .with(with_link("a", "v=1&seed=1", 1))
        .with(with_link("b", "v=1&seed=2", 2))
        .with(with_link("c", "v=1&ls=0.1", 3));
    let [single, group] = list.lines() else { panic!("{:?}", list.lines()) };
    assert_eq!([list.name(single), list.name(group)], ["run 3", "runs 1, 2"]);
    assert_eq!(list.baseline_line(single).as_ref(), Some(group));
    let key = group.key().to_owned();
    let chosen = list.with_baseline(Some(&key)).with_overlay(&key, true);
    assert_eq!(chosen.baseline_line(group), None);
    assert_eq!(chosen.overlays(), [(0, group.clone())]);
    assert_eq!(chosen.baseline_of("c"), None);
    // Without its second seed it is no group any more.
    let fewer = chosen.without(&["b"]);
    assert_eq!((fewer.chosen_baseline(), fewer.overlays().len()), (None, 0));
}

#[test]
fn overlays_keep_their_places() {
    let mut list = RunList::default();
    for hour in 0..7 {
        list = list.with(run(&hour.to_string(), hour));
        list = list.with_overlay(&hour.to_string(), true);
    }
    assert!(list.overlays_full());
    assert_eq!(list.overlay_place("5"), None);
    let fewer = list.with_overlay("1", false).without(&["3"]);
    let places: Vec<_> = fewer.overlays().iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [0, 2, 4]);
    assert_eq!(fewer.with_overlay("6", true).overlay_place("6"), Some(1));
}
