//! What one experiment uses of a data set: a stratified subset, and wrong
//! labels. Independent of burn and browsers.

use super::error::DataError;
use super::{Dataset, Selection, Split};
use crate::experiment::{Experiment, Noise};
use crate::rng::{Draws, Stream};
use crate::text;

impl Selection {
    /// Applies `subset`, `valid`, `noise` and `dseed`, with a notice about each
    /// that could not be applied as requested. A smaller subset is contained in a
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
            notices.push(match split {
                Split::Train => text::fit_few_train(short, classes.len(), wanted),
                Split::Valid => text::fit_few_valid(short, classes.len(), wanted),
            });
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
        notices.push(text::fit_no_labels().to_owned());
        return None;
    };
    let known: Vec<u8> = train
        .iter()
        .filter_map(|index| dataset.images.get(*index as usize))
        .filter_map(|image| table.labels.get(&image.path))
        .filter_map(|levels| levels.get(column).copied())
        .collect();
    if known.len() < train.len() {
        notices.push(text::fit_labels_miss(train.len() - known.len(), train.len()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Class, Image, NoiseColumns};
    use std::sync::Arc;

    /// `train` and `valid` images of each of `classes` classes.
    fn dataset(classes: u8, train: u32, valid: u32) -> Dataset {
        let mut images = Vec::new();
        for (split, per_class) in [(Split::Train, train), (Split::Valid, valid)] {
            for label in 0..classes {
                images.extend((0..per_class).map(|i| Image {
                    path: format!("{split:?}/{label:02}/{i:04}"),
                    split,
                    label,
                    width: 1,
                    height: 1,
                    original_short_side: 1,
                    pixels: Arc::new([0, 0, 0]),
                }));
            }
        }
        Dataset {
            name: "test".to_owned(),
            synthetic: false,
            classes: (0..classes)
                .map(|label| Class { id: label.to_string(), name: label.to_string() })
                .collect(),
            images,
            hash: String::new(),
            short_side: 1,
            official_noise: None,
            skipped: Vec::new(),
        }
    }

    fn select(dataset: &Dataset, experiment: &Experiment) -> (Selection, Vec<String>) {
        Selection::new(dataset, experiment).unwrap()
    }

    fn subset(size: u32, dseed: u32) -> Experiment {
        Experiment { subset: Some(size), valid: Some(size), dseed, ..Experiment::default() }
    }

    #[test]
    fn all_images_are_used_by_default_with_their_true_labels() {
        let (selection, notices) = select(&dataset(3, 20, 10), &Experiment::default());
        assert!(selection.train.iter().copied().eq(0..60));
        assert!(selection.valid.iter().copied().eq(60..90));
        assert_eq!(selection.train_labels[19..21], [0, 1]);
        assert_eq!(selection.valid_labels[29], 2);
        assert_eq!((selection.noise_rate, notices), (0.0, Vec::new()));
    }

    #[test]
    fn subsets_are_stratified_nested_and_seeded() {
        let dataset = dataset(4, 50, 30);
        let (small, _) = select(&dataset, &subset(10, 1));
        let (large, notices) = select(&dataset, &subset(25, 1));
        let (other, _) = select(&dataset, &subset(10, 2));
        assert_eq!(notices, Vec::<String>::new());
        for label in 0..4 {
            assert_eq!(small.train_labels.iter().filter(|it| **it == label).count(), 10);
            assert_eq!(small.valid_labels.iter().filter(|it| **it == label).count(), 10);
        }
        assert!(small.train.is_sorted());
        assert!(small.train.iter().all(|index| large.train.contains(index)));
        assert_ne!(small.train, other.train);
        assert_eq!(small, select(&dataset, &subset(10, 1)).0);
        // The same places in train and val would mean that the draws are shared.
        let rank = |index: &u32| index % 50;
        assert!(!small.train.iter().map(rank).eq(small.valid.iter().map(|i| (i - 200) % 30)));
    }

    #[test]
    fn a_subset_larger_than_a_class_takes_all_and_says_so() {
        let (selection, notices) = select(&dataset(2, 8, 12), &subset(10, 0));
        assert_eq!((selection.train.len(), selection.valid.len()), (16, 20));
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains("2 of 2 classes") && notices[0].contains("training"));
    }

    #[test]
    fn an_empty_split_is_an_error() {
        let nothing = Selection::new(&dataset(2, 0, 5), &Experiment::default());
        assert_eq!(nothing.unwrap_err(), DataError::NothingSelected { split: Split::Train });
    }

    #[test]
    fn wrong_labels_follow_the_official_rule() {
        let dataset = dataset(10, 100, 1);
        let noisy = |noise| {
            let (selection, notices) =
                select(&dataset, &Experiment { noise, ..Experiment::default() });
            assert_eq!(notices.len(), 1, "the labels are not the official ones");
            selection
        };
        for noise in [Noise::One, Noise::Five, Noise::TwentyFive, Noise::Fifty] {
            assert_eq!(noisy(noise).noise_rate, f64::from(noise.percent()) / 100.0);
        }

        let fifty = noisy(Noise::Fifty).train_labels;
        let true_labels = labels(&dataset, &(0..1000).collect::<Vec<_>>());
        let mut shifts = [0; 10];
        for (wrong, label) in fifty.iter().zip(&true_labels) {
            shifts[usize::from((wrong + 10 - label) % 10)] += 1;
        }
        assert_eq!(shifts[0], 500);
        // 500 wrong labels over 9 classes: 55.6 each, standard deviation 7.
        assert!(shifts[1..].iter().all(|count| (28..84).contains(count)), "{shifts:?}");

        // Independent draws: of 250 and 500 wrong labels, 125 should meet.
        let twenty_five = noisy(Noise::TwentyFive).train_labels;
        let both = (0..1000)
            .filter(|i| fifty[*i] != true_labels[*i] && twenty_five[*i] != true_labels[*i])
            .count();
        assert!((90..160).contains(&both), "{both}");
    }

    #[test]
    fn official_labels_are_taken_by_path_or_not_at_all() {
        let mut dataset = dataset(3, 2, 1);
        let experiment = Experiment { noise: Noise::TwentyFive, ..Experiment::default() };
        let mut table = NoiseColumns::default();
        for image in dataset.images.iter().filter(|image| image.split == Split::Train) {
            table.labels.insert(image.path.clone(), [image.label, image.label, 1, 2]);
        }
        dataset.official_noise = Some(table.clone());
        let (selection, notices) = select(&dataset, &experiment);
        assert_eq!(selection.train_labels, [1; 6]);
        assert_eq!(selection.noise_rate, 4.0 / 6.0);
        assert_eq!(notices, Vec::<String>::new());

        table.labels.pop_first();
        dataset.official_noise = Some(table);
        let (selection, notices) = select(&dataset, &experiment);
        assert_ne!(selection.train_labels, [1; 6]);
        assert!(notices[0].contains("miss 1 of 6"), "{notices:?}");
    }
}
