//! What one experiment uses of a data set: a stratified subset, and wrong
//! labels. Independent of burn and browsers.

use super::error::DataError;
use super::{Dataset, Selection, Split};
use crate::experiment::{Experiment, Noise};
use crate::rng::{Draws, Stream};

impl Selection {
    /// Applies `subset`, `valid`, `noise` and `dseed`, and says in sentences
    /// what could not be had as asked. A smaller subset is contained in a
    /// larger one of the same seed.
    ///
    /// Wrong labels are those of the official table if it knows every selected
    /// image. Else they follow the rule by which that table was made: of the n
    /// selected training images in a random order, those with a rank below
    /// `percent · n` get a uniformly random different class. The levels are
    /// independent draws; validation labels stay true.
    ///
    /// # Errors
    /// [`DataError::NothingSelected`] if a split is left without images.
    pub fn new(
        dataset: &Dataset,
        experiment: &Experiment,
    ) -> Result<(Self, Vec<String>), DataError> {
        let mut notices = Vec::new();
        let seed = experiment.dseed;
        let train = stratified(dataset, Split::Train, experiment.subset, seed, &mut notices)?;
        let valid = stratified(dataset, Split::Valid, experiment.valid, seed, &mut notices)?;
        let true_labels = labels(dataset, &train);
        let train_labels = match column(experiment.noise) {
            None => true_labels.clone(),
            Some(column) => official_labels(dataset, &train, column, &mut notices)
                .unwrap_or_else(|| wrong_labels(dataset, &true_labels, experiment)),
        };
        let wrong = train_labels.iter().zip(&true_labels).filter(|(a, b)| a != b).count();
        let noise_rate = wrong as f64 / train.len() as f64;
        let valid_labels = labels(dataset, &valid);
        Ok((Self { train, train_labels, valid, valid_labels, noise_rate }, notices))
    }
}

/// Up to `per_class` images of each class, ascending.
fn stratified(
    dataset: &Dataset,
    split: Split,
    per_class: Option<u32>,
    seed: u32,
    notices: &mut Vec<String>,
) -> Result<Vec<u32>, DataError> {
    let mut classes = vec![Vec::new(); dataset.classes.len()];
    for (index, image) in (0u32..).zip(&dataset.images) {
        if image.split == split
            && let Some(class) = classes.get_mut(usize::from(image.label))
        {
            class.push(index);
        }
    }
    if let Some(wanted) = per_class {
        let short = classes.iter().filter(|class| class.len() < wanted as usize).count();
        if short > 0 {
            let kind = if split == Split::Train { "training" } else { "validation" };
            notices.push(format!(
                "{short} of {} classes have fewer than {wanted} {kind} images; all of theirs are \
                 used",
                classes.len()
            ));
        }
        for (label, class) in (0u32..).zip(&mut classes) {
            let mut draws = Draws::new(seed, Stream::Subset, split as u32, label);
            let order = draws.permutation(class.len() as u32);
            let kept = order.iter().take(wanted as usize);
            *class = kept.filter_map(|rank| class.get(*rank as usize).copied()).collect();
        }
    }
    let mut selected = classes.concat();
    if selected.is_empty() {
        return Err(DataError::NothingSelected { split });
    }
    selected.sort_unstable();
    Ok(selected)
}

fn labels(dataset: &Dataset, images: &[u32]) -> Vec<u8> {
    images
        .iter()
        .filter_map(|index| dataset.images.get(*index as usize))
        .map(|image| image.label)
        .collect()
}

/// Index of a noise level in the official table.
fn column(noise: Noise) -> Option<usize> {
    match noise {
        Noise::None => None,
        Noise::One => Some(0),
        Noise::Five => Some(1),
        Noise::TwentyFive => Some(2),
        Noise::Fifty => Some(3),
    }
}

/// The labels of the official table, or `None` with a notice if there is none
/// for all of these images.
fn official_labels(
    dataset: &Dataset,
    train: &[u32],
    column: usize,
    notices: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let Some(table) = &dataset.official_noise else {
        notices.push(
            "These data have no official noisy labels: wrong labels are drawn by the rule of \
             Imagenette's"
                .to_owned(),
        );
        return None;
    };
    let known: Vec<u8> = train
        .iter()
        .filter_map(|index| dataset.images.get(*index as usize))
        .filter_map(|image| table.labels.get(&image.path))
        .filter_map(|levels| levels.get(column).copied())
        .collect();
    if known.len() < train.len() {
        notices.push(format!(
            "The official noisy labels miss {} of {} training images: wrong labels are drawn by \
             the same rule instead",
            train.len() - known.len(),
            train.len()
        ));
        return None;
    }
    Some(known)
}

/// Wrong labels by the rule of the official table.
fn wrong_labels(dataset: &Dataset, true_labels: &[u8], experiment: &Experiment) -> Vec<u8> {
    let percent = experiment.noise.percent();
    let others = (dataset.classes.len() as u32).saturating_sub(1);
    let mut draws = Draws::new(experiment.dseed, Stream::Noise, percent, 0);
    let n = true_labels.len() as u32;
    let order = draws.permutation(n);
    // As many whole ranks as lie below percent · n.
    let wrong = (u64::from(percent) * u64::from(n)).div_ceil(100) as usize;
    let mut labels = true_labels.to_vec();
    if others == 0 {
        return labels;
    }
    for index in order.iter().take(wrong) {
        if let Some(label) = labels.get_mut(*index as usize) {
            // Uniform over the other classes: those from the true one on move up.
            let drawn = draws.below(others) as u8;
            *label = drawn + u8::from(drawn >= *label);
        }
    }
    labels
}
