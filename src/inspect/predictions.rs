//! A run's predictions of the validation images, as tables and lists of images:
//! who was taken for whom, how surely, and how badly.

use crate::chart::table::Table;
use crate::format::percent;
use crate::record::{Predictions, RunRecord};
use crate::stats::StatsError;
use crate::stats::metrics::{Confusion, Scores, TopLoss};
use crate::text;

/// The classes of Imagenette and of the built-in drawings, in the order of their
/// labels, which is that of their WordNet ids.
const IMAGENETTE: [&str; 10] = [
    "tench",
    "English springer",
    "cassette player",
    "chain saw",
    "church",
    "French horn",
    "garbage truck",
    "gas pump",
    "golf ball",
    "parachute",
];

/// Names of `count` classes: those of the loaded data set, if it is the run's; else
/// Imagenette's, if the run was trained on it or on the drawings; else numbers.
pub fn class_names(record: &RunRecord, count: usize, own: Option<&[String]>) -> Vec<String> {
    if let Some(names) = own.filter(|names| names.len() == count) {
        return names.to_vec();
    }
    let name = record.dataset.name.to_ascii_lowercase();
    if count == IMAGENETTE.len() && (name.contains("imagenette") || name.contains("sample")) {
        return IMAGENETTE.map(str::to_owned).to_vec();
    }
    (0..count).map(|label| text::targets_class(&label.to_string())).collect()
}

/// One image with its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictedImage {
    /// Its index in the data set.
    pub image: u32,
    /// What is written under it.
    pub caption: String,
}

/// The predictions of one run, plain or with test-time augmentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// How often each class was predicted as each.
    pub confusion: Confusion,
    /// Share of the images that were predicted right, 0..1.
    pub accuracy: f64,
    /// Every image, the largest loss first; an error where the scores are no
    /// probabilities, which the maximum over test-time augmentation gives.
    pub losses: Result<Vec<TopLoss>, StatsError>,
    images: Vec<u32>,
    labels: Vec<u8>,
    predicted: Vec<u8>,
}

/// The log-scores of the plain pass, or of test-time augmentation.
///
/// # Errors
/// As [`Scores::new`]; [`StatsError::Empty`] if there was no augmentation.
pub fn scores(predictions: &Predictions, tta: bool) -> Result<Scores<'_>, StatsError> {
    let rows = match (tta, &predictions.tta) {
        (false, _) => &predictions.plain,
        (true, Some(rows)) => rows,
        (true, None) => return Err(StatsError::Empty),
    };
    Scores::new(rows, &predictions.labels)
}

impl Report {
    /// From a run's stored predictions; `names` returns the names of that many classes.
    ///
    /// # Errors
    /// As [`scores`].
    pub fn new(
        predictions: &Predictions,
        tta: bool,
        names: impl FnOnce(usize) -> Vec<String>,
    ) -> Result<Self, StatsError> {
        let scores = scores(predictions, tta)?;
        Ok(Self {
            classes: names(scores.classes()),
            confusion: scores.confusion(),
            accuracy: scores.accuracy(),
            losses: scores.probabilities().map(|it| it.top_losses(scores.len())),
            images: predictions.images.clone(),
            labels: predictions.labels.clone(),
            predicted: scores.predicted(),
        })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never true: there is at least one image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The name of a class.
    pub fn name(&self, class: usize) -> &str {
        self.classes.get(class).map_or("?", String::as_str)
    }

    /// The images of one cell of the confusion matrix, in their own order.
    pub fn cell(&self, actual: usize, predicted: usize) -> Vec<PredictedImage> {
        let inside = |(label, guess): (&u8, &u8)| {
            usize::from(*label) == actual && usize::from(*guess) == predicted
        };
        let pairs = self.labels.iter().zip(&self.predicted).map(inside);
        let of_cell = pairs.enumerate().filter(|(_, inside)| *inside);
        of_cell.filter_map(|(place, _)| self.shown(place)).collect()
    }

    /// The `count` images of the largest loss with fastai's caption.
    pub fn top_losses(&self, count: usize) -> Vec<PredictedImage> {
        let losses = self.losses.as_deref().unwrap_or_default();
        losses.iter().take(count).filter_map(|loss| self.shown(loss.image)).collect()
    }

    /// An image by its position. The caption is that of fastai's `plot_top_losses`,
    /// prediction / actual / loss / probability, as far as there are any.
    fn shown(&self, place: usize) -> Option<PredictedImage> {
        let (predicted, actual) = (self.predicted.get(place)?, self.labels.get(place)?);
        let names =
            format!("{} / {}", self.name(usize::from(*predicted)), self.name(usize::from(*actual)));
        let losses = self.losses.as_deref().unwrap_or_default();
        let caption = match losses.iter().find(|loss| loss.image == place) {
            Some(TopLoss { loss, probability, .. }) => {
                format!("{names} / {loss:.2} / {probability:.2}")
            }
            None => names,
        };
        Some(PredictedImage { image: *self.images.get(place)?, caption })
    }

    /// The matrix as text: actual classes down, predicted ones across; counts, or
    /// shares of each row.
    pub fn matrix(&self, shares: bool) -> Table {
        let all = 0..self.confusion.classes();
        let cell = |actual, predicted| {
            if shares {
                format!("{:.4}", self.confusion.share(actual, predicted))
            } else {
                self.confusion.count(actual, predicted).to_string()
            }
        };
        let row = |actual| {
            let cells = all.clone().map(|predicted| cell(actual, predicted));
            std::iter::once(self.name(actual).to_owned()).chain(cells).collect()
        };
        let names = all.clone().map(|class| self.name(class).to_owned());
        Table {
            header: std::iter::once(text::predictions_column_corner().to_owned())
                .chain(names)
                .collect(),
            rows: all.clone().map(row).collect(),
        }
    }

    /// Precision, recall, F1 and support of every class, and their means.
    pub fn per_class(&self) -> Table {
        let reports = self.confusion.per_class();
        let mut rows: Vec<Vec<String>> = reports
            .iter()
            .enumerate()
            .map(|(class, report)| {
                vec![
                    self.name(class).to_owned(),
                    format!("{:.3}", report.precision),
                    format!("{:.3}", report.recall),
                    format!("{:.3}", report.f1),
                    report.actual.to_string(),
                ]
            })
            .collect();
        let mean = |of: fn(&crate::stats::metrics::ClassReport) -> f64| {
            let sum: f64 = reports.iter().map(of).sum();
            format!("{:.3}", sum / reports.len().max(1) as f64)
        };
        rows.push(vec![
            text::predictions_mean().to_owned(),
            mean(|report| report.precision),
            mean(|report| report.recall),
            mean(|report| report.f1),
            self.len().to_string(),
        ]);
        let header = [
            text::targets_column_class(),
            text::predictions_column_precision(),
            text::predictions_column_recall(),
            "F1",
            text::confidence_axis_images(),
        ];
        Table { header: header.map(str::to_owned).to_vec(), rows }
    }

    /// The pairs that were mistaken at least `at_least` times, the most frequent
    /// first: actual, predicted, how often, and the share of the actual class.
    pub fn most_confused(&self, at_least: u32) -> Table {
        let pairs = self.confusion.most_confused(at_least);
        let rows = pairs
            .iter()
            .map(|pair| {
                vec![
                    self.name(pair.actual).to_owned(),
                    self.name(pair.predicted).to_owned(),
                    pair.count.to_string(),
                    percent(self.confusion.share(pair.actual, pair.predicted)),
                ]
            })
            .collect();
        let header = [
            text::predictions_column_actual(),
            text::predictions_column_predicted(),
            text::predictions_column_times(),
            text::predictions_column_share(),
        ];
        Table { header: header.map(str::to_owned).to_vec(), rows }
    }

    /// Every image with its prediction, for a file: the largest loss first, where
    /// there are losses.
    pub fn every_image(&self) -> Table {
        let row = |place: usize, rest: [String; 2]| {
            let name = |classes: &[u8]| {
                classes.get(place).map_or("?", |class| self.name(usize::from(*class))).to_owned()
            };
            let image = self.images.get(place).map_or_else(String::new, u32::to_string);
            let mut row = vec![image, name(&self.predicted), name(&self.labels)];
            row.extend(rest);
            row
        };
        let rows = match &self.losses {
            Ok(losses) => losses
                .iter()
                .map(|it| {
                    row(it.image, [format!("{:.6}", it.loss), format!("{:.6}", it.probability)])
                })
                .collect(),
            Err(_) => (0..self.len()).map(|place| row(place, Default::default())).collect(),
        };
        let header = ["image", "prediction", "actual", "loss", "probability"];
        Table { header: header.map(str::to_owned).to_vec(), rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::tests::entry;

    /// Probabilities of 4 images of 2 classes: right, right, wrong, wrong by more.
    fn predictions() -> Predictions {
        let rows = [0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.95, 0.05];
        let tta = [0.9, 0.7, 0.2, 0.8, 0.6, 0.4, 0.3, 0.9];
        Predictions {
            images: vec![10, 11, 12, 13],
            labels: vec![0, 1, 1, 1],
            plain: rows.map(libm::logf).to_vec(),
            tta: Some(tta.map(libm::logf).to_vec()),
            epochs: Vec::new(),
        }
    }

    fn report(tta: bool) -> Report {
        let names = |_| vec!["cat".to_owned(), "dog".to_owned()];
        Report::new(&predictions(), tta, names).unwrap()
    }

    #[test]
    fn a_cell_opens_its_images_with_fastai_s_caption() {
        let report = report(false);
        let shown = |image, caption: &str| PredictedImage { image, caption: caption.to_owned() };
        // -ln .4 = .916, -ln .05 = 2.996
        assert_eq!(
            report.cell(1, 0),
            [shown(12, "cat / dog / 0.92 / 0.60"), shown(13, "cat / dog / 3.00 / 0.95")]
        );
        assert_eq!(report.cell(0, 1), []);
        assert_eq!(report.top_losses(1), [shown(13, "cat / dog / 3.00 / 0.95")]);
    }

    #[test]
    fn tables_have_a_row_per_class() {
        let report = report(false);
        assert_eq!(
            report.matrix(false).csv(),
            "actual \\ predicted,cat,dog\r\ncat,1,0\r\ndog,2,1\r\n"
        );
        assert_eq!(report.matrix(true).rows[1], ["dog", "0.6667", "0.3333"]);
        let classes = report.per_class();
        assert_eq!(classes.rows[0], ["cat", "0.333", "1.000", "0.500", "1"]);
        assert_eq!(classes.rows[1], ["dog", "1.000", "0.333", "0.500", "3"]);
        assert_eq!(classes.rows[2], ["mean of the classes", "0.667", "0.667", "0.500", "4"]);
        assert_eq!(report.most_confused(1).rows, [["dog", "cat", "2", "66.7%"]]);
        assert_eq!(report.most_confused(3).rows.len(), 0);
        assert_eq!(report.every_image().rows[0][..3], ["13", "cat", "dog"]);
    }

    #[test]
    fn the_maximum_has_a_matrix_but_no_losses() {
        let report = report(true);
        assert_eq!(report.accuracy, 0.75);
        assert!(matches!(report.losses, Err(StatsError::NotProbabilities { image: 0, .. })));
        assert_eq!(report.cell(1, 0)[0].caption, "cat / dog");
        assert_eq!(report.every_image().rows[0], ["10", "cat", "cat", "", ""]);
        assert!(report.top_losses(9).is_empty());
    }

    #[test]
    fn without_augmentation_there_is_nothing_to_show_of_it() {
        let plain = Predictions { tta: None, ..predictions() };
        assert_eq!(Report::new(&plain, true, |_| Vec::new()).err(), Some(StatsError::Empty));
    }

    #[test]
    fn classes_have_names_wherever_they_are_known() {
        let mut record = entry("a", "v=1", 0.5).record;
        assert_eq!(class_names(&record, 10, None)[0], "tench");
        assert_eq!(class_names(&record, 3, None), ["class 0", "class 1", "class 2"]);
        record.dataset.name = "my pictures".to_owned();
        assert_eq!(class_names(&record, 10, None)[9], "class 9");
        let own = ["cat".to_owned(), "dog".to_owned()];
        assert_eq!(class_names(&record, 2, Some(&own)), own);
        assert_eq!(class_names(&record, 3, Some(&own))[0], "class 0");
    }
}
