//! Sorting. Every list of the page sorts here, because each use of the standard
//! library's sort compiles it anew: twenty copies weighed as much as three panels.

use std::cmp::Ordering;

/// Sorts by `compare`. Equal items keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    for place in 0..items.len() {
        // What belongs here may have been swapped away from where it stood.
        let mut from = order[place];
        while from < place {
            from = order[from];
        }
        order[place] = from;
        items.swap(place, from);
    }
}

/// Sorts by a number, the smallest first. Equal items keep their order.
pub fn sort_by_number<T>(items: &mut [T], number: impl Fn(&T) -> f64) {
    sort_by(items, |a, b| number(a).total_cmp(&number(b)));
}

/// Sorts numbers, the smallest first.
pub fn sort_numbers(values: &mut [f64]) {
    values.sort_unstable_by(f64::total_cmp);
}

/// The places `0..count` in the order of `compare`.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(keys in prop::collection::vec(0_u8..20, 0..200)) {
            let items: Vec<(u8, usize)> =
                keys.into_iter().enumerate().map(|(place, key)| (key, place)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn numbers_are_sorted_with_those_that_are_none_last() {
        let mut values = [2.0, f64::NAN, -0.0, 0.0, f64::NEG_INFINITY];
        sort_numbers(&mut values);
        assert_eq!(values[..4], [f64::NEG_INFINITY, -0.0, 0.0, 2.0]);
        assert!(values[4].is_nan());
        let mut named = [("b", 2.0), ("a", 1.0), ("c", 2.0)];
        sort_by_number(&mut named, |item| item.1);
        assert_eq!(named.map(|item| item.0), ["a", "b", "c"]);
    }
}
