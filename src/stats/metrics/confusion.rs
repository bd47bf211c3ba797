//! The confusion matrix and what follows from it. Independent of scores.

use crate::order;

/// Counts of (actual, predicted) classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u32>,
}

/// Precision, recall and F1 of one class, each 0 where its denominator is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassReport {
    /// Images of the class.
    pub actual: u32,
    /// Images predicted as it.
    pub predicted: u32,
    /// Share of the predicted that are right.
    pub precision: f64,
    /// Share of the actual that were found.
    pub recall: f64,
    /// Harmonic mean of both: 2·TP / (2·TP + FP + FN).
    pub f1: f64,
}

/// A cell off the diagonal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfusedPair {
    /// True class.
    pub actual: usize,
    /// Class predicted instead.
    pub predicted: usize,
    /// How often.
    pub count: u32,
}

impl Confusion {
    /// Counts labels against predictions, both below `classes`.
    pub(super) fn new(classes: usize, labels: &[u8], predicted: &[u8]) -> Self {
        let mut counts = vec![0; classes * classes];
        for (actual, predicted) in labels.iter().zip(predicted) {
            counts[usize::from(*actual) * classes + usize::from(*predicted)] += 1;
        }
        Self { classes, counts }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Images of class `actual` predicted as `predicted`; 0 outside the matrix.
    pub fn count(&self, actual: usize, predicted: usize) -> u32 {
        if actual < self.classes && predicted < self.classes {
            self.counts[actual * self.classes + predicted]
        } else {
            0
        }
    }

    /// The same as a share of the actual class, 0..1; 0 for a class without images.
    pub fn share(&self, actual: usize, predicted: usize) -> f64 {
        ratio(self.count(actual, predicted), self.actual(actual))
    }

    fn actual(&self, class: usize) -> u32 {
        (0..self.classes).map(|predicted| self.count(class, predicted)).sum()
    }

    fn predicted(&self, class: usize) -> u32 {
        (0..self.classes).map(|actual| self.count(actual, class)).sum()
    }

    /// The report of every class, in order.
    pub fn per_class(&self) -> Vec<ClassReport> {
        (0..self.classes)
            .map(|class| {
                let hits = self.count(class, class);
                let (actual, predicted) = (self.actual(class), self.predicted(class));
                ClassReport {
                    actual,
                    predicted,
                    precision: ratio(hits, predicted),
                    recall: ratio(hits, actual),
                    f1: ratio(2 * hits, actual + predicted),
                }
            })
            .collect()
    }

    /// Mean F1 over all classes.
    pub fn macro_f1(&self) -> f64 {
        self.per_class().iter().map(|class| class.f1).sum::<f64>() / self.classes as f64
    }

    /// Mean recall over the classes that have images.
    pub fn balanced_accuracy(&self) -> f64 {
        let classes = self.per_class();
        let present = classes.iter().filter(|class| class.actual > 0).count();
        classes.iter().map(|class| class.recall).sum::<f64>() / present.max(1) as f64
    }

    /// The cells off the diagonal with at least `at_least` images (and one), the
    /// most frequent first: fastai's `most_confused`.
    pub fn most_confused(&self, at_least: u32) -> Vec<ConfusedPair> {
        let cells = (0..self.classes).flat_map(|actual| {
            (0..self.classes).map(move |predicted| (actual, predicted)).filter(|(a, p)| a != p)
        });
        let mut pairs: Vec<ConfusedPair> = cells
            .map(|(actual, predicted)| ConfusedPair {
                actual,
                predicted,
                count: self.count(actual, predicted),
            })
            .filter(|pair| pair.count >= at_least.max(1))
            .collect();
        order::sort_by(&mut pairs, |a, b| b.count.cmp(&a.count));
        pairs
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}
