//! Golden values of the metrics, computed independently with numpy from the same
//! log-probabilities, which are multiples of 1/64 and so exact at 32 bits.

use super::*;
use crate::stats::StatsError;
use crate::stats::intervals::Interval;

const LABELS: [u8; 12] = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];

const SIXTY_FOURTHS: [[i16; 3]; 12] = [
    [-55, -78, -81],
    [-406, -85, -20],
    [-45, -91, -84],
    [-12, -123, -245],
    [-250, -21, -85],
    [-324, -5, -172],
    [-127, -64, -45],
    [-47, -43, -317],
    [-11, -117, -565],
    [-40, -159, -61],
    [-135, -454, -8],
    [-6, -191, -207],
];

fn log_probabilities() -> Vec<f32> {
    SIXTY_FOURTHS.iter().flatten().map(|value| f32::from(*value) / 64.0).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

#[test]
fn accuracy_and_confusion() {
    let rows = log_probabilities();
    let scores = Scores::new(&rows, &LABELS).unwrap();
    assert_eq!(scores.predicted(), [0, 2, 0, 0, 1, 1, 2, 1, 0, 0, 2, 0]);
    assert_eq!(scores.hits(), 7);
    close(scores.accuracy(), 7.0 / 12.0);

    let confusion = scores.confusion();
    let counts: Vec<Vec<u32>> =
        (0..3).map(|a| (0..3).map(|p| confusion.count(a, p)).collect()).collect();
    assert_eq!(counts, [[3, 0, 1], [0, 3, 1], [3, 0, 1]]);
    assert_eq!(confusion.count(3, 0), 0);
    close(confusion.share(2, 0), 0.75);
    let classes = confusion.per_class();
    assert_eq!((classes[0].actual, classes[0].predicted), (4, 6));
    close(classes[0].precision, 0.5);
    close(classes[0].recall, 0.75);
    close(classes[0].f1, 0.6);
    close(classes[2].precision, 1.0 / 3.0);
    close(classes[2].recall, 0.25);
    close(classes[2].f1, 2.0 / 7.0);
    close(confusion.macro_f1(), (0.6 + 6.0 / 7.0 + 2.0 / 7.0) / 3.0);
    close(confusion.balanced_accuracy(), 1.75 / 3.0);
    let pair = |actual, predicted, count| ConfusedPair { actual, predicted, count };
    assert_eq!(confusion.most_confused(0), [pair(2, 0, 3), pair(0, 2, 1), pair(1, 2, 1)]);
    assert_eq!(confusion.most_confused(2), [pair(2, 0, 3)]);
}

#[test]
fn a_class_that_never_occurs_is_no_division_by_zero() {
    let rows = [0.0, -9.0, -9.0, -9.0, 0.0, -9.0];
    let confusion = Scores::new(&rows, &[0, 1]).unwrap().confusion();
    close(confusion.macro_f1(), 2.0 / 3.0);
    close(confusion.balanced_accuracy(), 1.0);
    close(confusion.share(2, 0), 0.0);
}

#[test]
fn losses() {
    let rows = log_probabilities();
    let probabilities = Scores::new(&rows, &LABELS).unwrap().probabilities().unwrap();
    close(probabilities.nll(), 1.942_708_333_333_333_3);
    close(probabilities.brier(), 0.668_249_335_592_310_1);
    let top = probabilities.top_losses(2);
    assert_eq!(top.len(), 2);
    assert_eq!((top[0].image, top[0].predicted, top[0].actual), (8, 0, 2));
    close(top[0].loss, 8.828_125);
    close(top[0].probability, 0.842_084_427_143_382_4);
    assert_eq!(top[1].image, 1);
    assert_eq!(probabilities.top_losses(99).len(), 12);
}

#[test]
fn calibration() {
    let rows = log_probabilities();
    let probabilities = Scores::new(&rows, &LABELS).unwrap().probabilities().unwrap();
    let calibration = probabilities.calibration();
    let counts: Vec<u32> = calibration.bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [0, 0, 0, 0, 0, 0, 1, 3, 1, 0, 2, 0, 2, 3, 0]);
    close(calibration.bins[7].confidence, 0.500_273_938_993_802_7);
    close(calibration.bins[7].accuracy, 2.0 / 3.0);
    close(calibration.ece, 0.287_655_933_471_584_8);

    // By an independent version in numpy.
    close(calibration.interval.low, 0.0);
    close(calibration.interval.high, 0.649_295_006_826_190_8);
}

#[test]
fn the_interval_of_the_calibration_error_narrows_and_stays_in_range() {
    // The same images again and again: three of four right, at a confidence of .9.
    let of = |times: usize| {
        let correct: Vec<bool> = [true, true, true, false].repeat(times);
        Calibration::new(&vec![0.9; correct.len()], &correct)
    };
    let (few, many) = (of(5), of(500));
    close(few.ece, many.ece);
    let width = |made: &Calibration| made.interval.high - made.interval.low;
    assert!(width(&many) < 0.2 * width(&few) && few.interval.low == 0.0, "{few:?}");
    assert!(many.interval.low > 0.12 && many.interval.high < 0.18, "{many:?}");
    for (confidence, correct) in [(1.0, true), (1.0, false), (0.1, true), (0.5, false)] {
        let Interval { low, high } = Calibration::new(&[confidence; 3], &[correct; 3]).interval;
        assert!((0.0..=1.0).contains(&low) && (low..=1.0).contains(&high), "{low} to {high}");
    }
}

#[test]
fn a_bin_holds_its_upper_end_and_not_its_lower() {
    let calibration = Calibration::new(&[0.2, 0.2 + 1e-9, 1.0, 0.0], &[true, true, true, false]);
    let filled: Vec<usize> = (0..BINS).filter(|bin| calibration.bins[*bin].count > 0).collect();
    assert_eq!(filled, [0, 2, 3, 14]);
    close(calibration.bins[14].high, 1.0);
}

#[test]
fn damaged_predictions_are_refused() {
    let refused = |rows: &[f32], labels: &[u8]| Scores::new(rows, labels).unwrap_err();
    assert_eq!(refused(&[], &[]), StatsError::Empty);
    assert_eq!(refused(&[0.0; 5], &[0, 1]), StatsError::Shape { values: 5, labels: 2 });
    assert_eq!(refused(&[0.0; 2], &[0, 0]), StatsError::Shape { values: 2, labels: 2 });
    assert_eq!(refused(&[0.0; 4], &[0, 2]), StatsError::Label { image: 1, label: 2, classes: 2 });
}

#[test]
fn scores_that_are_no_probabilities_have_accuracy_but_no_loss() {
    // Two views disagree; the maximum of both is no distribution.
    let rows = [0.9f32, 0.7, 0.1, 0.9].map(libm::logf);
    let scores = Scores::new(&rows, &[0, 1]).unwrap();
    close(scores.accuracy(), 1.0);
    let error = scores.probabilities().unwrap_err();
    assert!(matches!(error, StatsError::NotProbabilities { image: 0, .. }));
    assert!(error.to_string().contains("maximum"));
    let broken = [f32::NAN, f32::NAN];
    assert!(Scores::new(&broken, &[0]).unwrap().probabilities().is_err());
}
