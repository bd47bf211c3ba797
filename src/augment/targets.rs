//! Soft targets: label smoothing and its mixture under mixup. Independent of
//! pixels, burn and browsers.
//!
//! Cross-entropy against these rows is fastai's `LabelSmoothingCrossEntropy`,
//! and with mixup the interpolation of two such losses, because cross-entropy
//! is linear in the target.

use super::mixup::Mix;

/// One row: 1 − ε + ε/N on the label and ε/N elsewhere. `eps` in 0..1.
pub fn smooth(label: u8, classes: usize, eps: f64) -> Vec<f32> {
    let mut row = vec![0.0; classes];
    fill(&mut row, eps, &[(label, 1.0)]);
    row
}

/// Rows `[labels.len(), classes]`, mixed as λ·row(own) + (1 − λ)·row(partner)
/// where `mix` is given. Labels beyond the classes leave only the ε/N.
pub fn rows(labels: &[u8], classes: usize, eps: f64, mix: Option<&[Mix]>) -> Vec<f32> {
    let mut rows = vec![0.0; labels.len() * classes];
    if classes == 0 {
        return rows;
    }
    for (index, (row, &label)) in rows.chunks_exact_mut(classes).zip(labels).enumerate() {
        let mixed = mix.and_then(|mix| mix.get(index)).and_then(|mix| {
            labels.get(mix.partner as usize).map(|&partner| (partner, f64::from(mix.lambda)))
        });
        match mixed {
            None => fill(row, eps, &[(label, 1.0)]),
            Some((partner, lambda)) => fill(row, eps, &[(label, lambda), (partner, 1.0 - lambda)]),
        }
    }
    rows
}

fn fill(row: &mut [f32], eps: f64, parts: &[(u8, f64)]) {
    let floor = eps / row.len() as f64;
    for (class, value) in row.iter_mut().enumerate() {
        let own: f64 = parts
            .iter()
            .filter(|(label, _)| usize::from(*label) == class)
            .map(|(_, weight)| weight)
            .sum();
        *value = ((1.0 - eps) * own + floor) as f32;
    }
}
