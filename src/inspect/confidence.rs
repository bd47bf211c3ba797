//! How far a run's confidence can be believed: the figures, the bars of its two
//! diagrams, and their table.

use super::predictions::scores;
use crate::chart::table::Table;
use crate::format::percent;
use crate::record::Predictions;
use crate::stats::StatsError;
use crate::stats::metrics::Calibration;
use crate::text;

/// Calibration of one run's predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence {
    /// Number of images.
    pub images: usize,
    /// Share of them predicted right, 0..1.
    pub accuracy: f64,
    /// Mean probability of the predicted class, 0..1.
    pub confidence: f64,
    /// Mean plain negative log-likelihood, in nats.
    pub nll: f64,
    /// Brier's score, 0..2.
    pub brier: f64,
    /// The bins and the expected calibration error.
    pub calibration: Calibration,
}

/// The bars of one bin, as shares of the diagrams' heights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinBars {
    /// Images in the bin that were predicted right, and wrong.
    pub counts: [u32; 2],
    /// The same over the fullest bin, 0..1.
    pub heights: [f64; 2],
    /// Accuracy in the bin, 0..1; `None` in an empty one.
    pub accuracy: Option<f64>,
    /// Mean confidence in the bin, 0..1; `None` in an empty one.
    pub confidence: Option<f64>,
}

impl Confidence {
    /// From a run's stored predictions.
    ///
    /// # Errors
    /// As [`scores`]; [`StatsError::NotProbabilities`] where they do not sum to 1.
    pub fn new(predictions: &Predictions, tta: bool) -> Result<Self, StatsError> {
        let scores = scores(predictions, tta)?;
        let probabilities = scores.probabilities()?;
        let confidences = probabilities.confidences();
        Ok(Self {
            images: scores.len(),
            accuracy: scores.accuracy(),
            confidence: confidences.iter().sum::<f64>() / confidences.len() as f64,
            nll: probabilities.nll(),
            brier: probabilities.brier(),
            calibration: probabilities.calibration(),
        })
    }

    /// The bars, lowest confidence first.
    pub fn bars(&self) -> Vec<BinBars> {
        let bins = &self.calibration.bins;
        let fullest = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
        bins.iter()
            .map(|bin| {
                let right = (bin.accuracy * f64::from(bin.count)).round() as u32;
                let counts = [right, bin.count - right.min(bin.count)];
                let some = |value: f64| (bin.count > 0).then_some(value);
                BinBars {
                    counts,
                    heights: counts.map(|count| f64::from(count) / f64::from(fullest)),
                    accuracy: some(bin.accuracy),
                    confidence: some(bin.confidence),
                }
            })
            .collect()
    }

    /// The bins as a table, empty ones too.
    pub fn table(&self) -> Table {
        let rows = self.calibration.bins.iter().zip(self.bars()).map(|(bin, bar)| {
            let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), percent);
            let gap = bar
                .accuracy
                .zip(bar.confidence)
                .map(|(accuracy, confidence)| crate::format::points(accuracy - confidence));
            vec![
                text::sweep_range(&percent(bin.low), &percent(bin.high)),
                bin.count.to_string(),
                bar.counts[0].to_string(),
                bar.counts[1].to_string(),
                share(bar.confidence),
                share(bar.accuracy),
                gap.unwrap_or_else(|| "–".to_owned()),
            ]
        });
        let header = [
            text::confidence_axis(),
            text::confidence_axis_images(),
            text::confidence_right(),
            text::confidence_wrong(),
            text::confidence_column_mean(),
            text::confidence_axis_accuracy(),
            text::confidence_column_gap(),
        ];
        Table { header: header.map(str::to_owned).to_vec(), rows: rows.collect() }
    }

    /// The meaning of the two means, in a sentence.
    pub fn verdict(&self) -> String {
        let [sure, right] = [self.confidence, self.accuracy].map(percent);
        let gap = self.confidence - self.accuracy;
        // Within the error of the accuracy itself the two cannot be distinguished.
        let error =
            1.96 * (self.accuracy * (1.0 - self.accuracy) / self.images.max(1) as f64).sqrt();
        if gap.abs() <= error {
            text::confidence_verdict_calibrated(&sure, &right)
        } else if gap > 0.0 {
            text::confidence_verdict_over(&sure, &right)
        } else {
            text::confidence_verdict_under(&sure, &right)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four images of two classes, three of them right.
    fn predictions() -> Predictions {
        let rows = [0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.05, 0.95];
        Predictions {
            images: vec![0, 1, 2, 3],
            labels: vec![0, 1, 1, 1],
            plain: rows.map(libm::logf).to_vec(),
            tta: Some([0.9f32, 0.7, 0.2, 0.8, 0.6, 0.4, 0.3, 0.9].map(libm::logf).to_vec()),
            epochs: Vec::new(),
        }
    }

    /// By hand: |1 − .9|, |1 − .8|, |0 − .6|, |1 − .95|, each a quarter.
    #[test]
    fn figures_are_those_of_the_formulas() {
        let made = Confidence::new(&predictions(), false).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
        close(made.accuracy, 0.75);
        close(made.confidence, 0.8125);
        close(made.calibration.ece, 0.25 * (0.1 + 0.2 + 0.6 + 0.05));
        // 2·.1², 2·.2², 2·.6², 2·.05², each a quarter.
        close(made.brier, 0.5 * (0.01 + 0.04 + 0.36 + 0.0025));
        let losses = [0.9, 0.8, 0.4, 0.95].map(|p: f64| -libm::log(p));
        close(made.nll, losses.iter().sum::<f64>() / 4.0);
        assert!(made.verdict().ends_with("well calibrated on average."), "{}", made.verdict());
    }

    #[test]
    fn bars_count_right_and_wrong_in_their_bin() {
        let made = Confidence::new(&predictions(), false).unwrap();
        let bars = made.bars();
        assert_eq!(bars.len(), 15);
        // 0.6 lies at the upper end of the ninth bin, (8/15, 9/15].
        let filled: Vec<_> = (0..15).filter(|bin| bars[*bin].counts != [0, 0]).collect();
        assert_eq!(filled.len(), 4);
        assert_eq!(bars[filled[0]].counts, [0, 1]);
        assert_eq!(bars[14].counts, [1, 0]);
        assert_eq!(bars[14].heights, [1.0, 0.0]);
        assert_eq!(bars[0].accuracy, None);
        let table = made.table();
        assert_eq!(table.rows[0][1..], ["0", "0", "0", "–", "–", "–"]);
        assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    }

    #[test]
    fn the_maximum_is_refused_with_the_reason() {
        let refused = Confidence::new(&predictions(), true).unwrap_err();
        assert!(refused.to_string().contains("no probabilities"), "{refused}");
    }

    #[test]
    fn a_run_that_is_too_sure_is_told_so() {
        let rows: Vec<f32> = (0..200).flat_map(|_| [0.95f32, 0.05].map(libm::logf)).collect();
        let labels = (0..200).map(|i| u8::from(i % 2 == 0)).collect();
        let sure = Predictions {
            images: (0..200).collect(),
            labels,
            plain: rows,
            ..Predictions::default()
        };
        assert!(Confidence::new(&sure, false).unwrap().verdict().contains("overconfident"));
    }
}
