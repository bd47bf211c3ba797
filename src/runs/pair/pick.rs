//! Which two runs are compared: those that were picked, and a proposal for the rest.

use super::super::RunEntry;
use super::super::compare::{experiment_of, recipe, same_images};
use super::super::list::RunList;
use crate::experiment::Experiment;
use crate::experiment::technique::Technique;
use std::rc::Rc;

/// What was picked; `None` leaves it to the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Id of the run to compare with.
    pub before: Option<String>,
    /// Id of the run that is compared.
    pub after: Option<String>,
}

/// The two runs to compare. Unless picked: the newest run, against the chosen
/// baseline, else its twin, else the run before it on the same data. `None` while
/// there are fewer than two.
pub fn picked(list: &RunList, pick: &Pick) -> Option<(Rc<RunEntry>, Rc<RunEntry>)> {
    let get = |id: &Option<String>| list.get(id.as_deref()?).cloned();
    let before = get(&pick.before);
    let other = |run: &RunEntry, than: &Option<Rc<RunEntry>>| {
        than.as_ref().is_none_or(|than| than.id != run.id)
    };
    let newest = list.runs().iter().rev();
    let after =
        get(&pick.after).or_else(|| newest.clone().find(|run| other(run, &before)).cloned())?;
    let than = Some(after.clone());
    let before = before
        .or_else(|| {
            list.chosen_baseline()
                .and_then(|id| list.get(id))
                .filter(|it| other(it, &than))
                .cloned()
        })
        .or_else(|| {
            let experiment = experiment_of(&after);
            newest.clone().find(|run| are_twins(run, &after, &experiment)).cloned()
        })
        .or_else(|| list.baseline_of(&after.id).cloned())
        .or_else(|| newest.clone().find(|run| other(run, &than)).cloned())?;
    Some((before, after))
}

/// True if one technique is switched between two runs, and nothing else differs;
/// `other` is the experiment of the second one.
fn are_twins(a: &RunEntry, b: &RunEntry, other: &Experiment) -> bool {
    if a.record.dataset.hash != b.record.dataset.hash {
        return false;
    }
    let one = experiment_of(a);
    let mut switched = Technique::ALL
        .into_iter()
        .filter(|technique| technique.is_on(&one) != technique.is_on(other));
    let (Some(technique), None) = (switched.next(), switched.next()) else { return false };
    // Switching it off on both sides must leave nothing that differs.
    let off = |mut experiment: Experiment| {
        // Switching off does not fail.
        technique.set(&mut experiment, false).ok();
        if experiment.tta == 0 {
            // How passes are combined says nothing where there are none.
            let Experiment { ttamax, beta, .. } = Experiment::default();
            (experiment.ttamax, experiment.beta) = (ttamax, beta);
        }
        recipe(experiment)
    };
    one.seed == other.seed && same_images(a, b, &one, other) && off(one) == off(other.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    fn list(links: &[(&str, &str)]) -> RunList {
        links.iter().zip(10..).fold(RunList::default(), |list, ((id, link), minute)| {
            let mut run = entry(id, link, 0.5);
            run.record.date = format!("2026-03-01T12:{minute}:00Z");
            list.with(Rc::new(run))
        })
    }

    fn ids(list: &RunList, pick: &Pick) -> Option<(String, String)> {
        picked(list, pick).map(|(before, after)| (before.id.clone(), after.id.clone()))
    }

    fn pair(before: &str, after: &str) -> Option<(String, String)> {
        Some((before.to_owned(), after.to_owned()))
    }

    #[test]
    fn the_newest_run_is_compared_with_its_twin_before_others() {
        let all = list(&[("a", "v=1"), ("b", "v=1&seed=3"), ("c", "v=1&mixup=0.4")]);
        let none = Pick::default();
        assert_eq!(ids(&all, &none), pair("a", "c"));
        assert_eq!(ids(&all.with_baseline(Some("b")), &none), pair("b", "c"));
        assert_eq!(ids(&all.without(&["a"]), &none), pair("b", "c"));
        assert_eq!(ids(&all.without(&["a", "b"]), &none), None);
    }

    #[test]
    fn what_was_picked_stays_as_long_as_it_is_there() {
        let all = list(&[("a", "v=1"), ("b", "v=1&seed=3"), ("c", "v=1&mixup=0.4")]);
        let pick = Pick { before: Some("c".to_owned()), after: None };
        assert_eq!(ids(&all, &pick), pair("c", "b"));
        let both = Pick { before: Some("a".to_owned()), after: Some("b".to_owned()) };
        assert_eq!(ids(&all, &both), pair("a", "b"));
        assert_eq!(ids(&all.without(&["b"]), &both), pair("a", "c"));
    }

    #[test]
    fn twins_differ_in_one_switch() {
        let twins = |a: &str, b: &str| {
            let (a, b) = (entry("a", a, 0.5), entry("b", b, 0.5));
            are_twins(&a, &b, &experiment_of(&b))
        };
        assert!(twins("v=1", "v=1&mixup=0.4"));
        assert!(twins("v=1&tta=4&ttamax=1", "v=1"));
        assert!(twins("v=1", "v=1&mixup=0.4&engine=cpu"));
        assert!(!twins("v=1", "v=1&mixup=0.4&ls=0.1"));
        assert!(!twins("v=1", "v=1&mixup=0.4&seed=3"));
        assert!(!twins("v=1&mixup=0.2", "v=1&mixup=0.4"));
        assert!(!twins("v=1", "v=1"));
    }
}
