//! Holm's correction for several comparisons. Independent of the tests used.

use crate::order;

/// Holm's (1979) step-down adjustment: each p-value is raised so that comparing it
/// with 5% limits the chance of any false positive among all of them to 5%. The
/// order is preserved; a NaN counts as 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> =
        p_values.iter().map(|p| if p.is_nan() { 1.0 } else { *p }).enumerate().collect();
    order::sort_by_number(&mut order, |(_, p)| *p);
    let mut adjusted = vec![1.0; p_values.len()];
    let mut floor = 0.0_f64;
    for (rank, (index, p)) in order.into_iter().enumerate() {
        floor = floor.max(p * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = floor;
    }
    adjusted
}
