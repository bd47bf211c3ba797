//! How long the rest of a sweep takes, from what the runs so far took. What a run
//! costs is counted elsewhere; independent of clocks.

/// Seconds that the work in `left` will take, at the speed at which `done` went:
/// pairs of work and seconds. `None` before anything is done.
pub fn seconds_left(done: &[(f64, f64)], left: &[f64]) -> Option<f64> {
    let work: f64 = done.iter().map(|(work, _)| work).sum();
    let seconds: f64 = done.iter().map(|(_, seconds)| seconds).sum();
    (work > 0.0).then(|| left.iter().sum::<f64>() * seconds / work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_as_fast_as_what_is_done() {
        assert_eq!(seconds_left(&[], &[1.0]), None);
        assert_eq!(seconds_left(&[(2.0, 10.0), (1.0, 5.0)], &[1.0, 3.0]), Some(20.0));
        assert_eq!(seconds_left(&[(1.0, 5.0)], &[]), Some(0.0));
    }
}
