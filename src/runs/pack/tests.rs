//! Tests of packed predictions and curves.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn predictions() -> impl Strategy<Value = Predictions> {
    (0usize..40, 2usize..12, any::<bool>()).prop_flat_map(|(n, classes, augmented)| {
        let scores = || vec(-30.0f32..0.0, n * classes);
        (vec(any::<u32>(), n), vec(any::<u8>(), n), scores(), scores()).prop_map(
            move |(images, labels, plain, tta)| Predictions {
                images,
                labels,
                plain,
                tta: augmented.then_some(tta),
                epochs: Vec::new(),
            },
        )
    })
}

fn epochs() -> impl Strategy<Value = Vec<EpochPredictions>> {
    (1usize..30, 0usize..5).prop_flat_map(|(n, epochs)| {
        let epoch = (vec(any::<u8>(), n), vec(-30.0f32..0.0, n)).prop_map(|(predicted, values)| {
            EpochPredictions {
                predicted,
                log_probability: values.into_iter().map(in_half_precision).collect(),
            }
        });
        vec(epoch, epochs)
    })
}

/// Both become −10; the second, the higher one, is raised by a step of 2⁻⁷.
#[test]
fn the_highest_score_stays_the_highest() {
    let row: Vec<f32> = to_f16(&[-10.003, -10.0029]).into_iter().map(f16::to_f32).collect();
    assert_eq!(row, [-10.0, -9.9921875]);
}

proptest! {
    #[test]
    fn epochs_come_back_exactly_and_uncut(original in epochs(), cut in 1usize..30) {
        let bytes = pack_epochs(&original).unwrap();
        prop_assert_eq!(unpack_epochs(&bytes), Ok(original));
        prop_assert!(unpack_epochs(&bytes[..bytes.len().saturating_sub(cut)]).is_err());
    }

    #[test]
    fn predictions_come_back_within_half_precision(original in predictions()) {
        let bytes = pack_predictions(&original).unwrap();
        let read = unpack_predictions(&bytes).unwrap();
        prop_assert_eq!(&read.images, &original.images);
        prop_assert_eq!(&read.labels, &original.labels);
        prop_assert_eq!(read.tta.is_some(), original.tta.is_some());
        let classes = original.plain.len().checked_div(original.images.len()).unwrap_or(1);
        for (was, is) in original.plain.chunks(classes).zip(read.plain.chunks(classes)) {
            let said = highest(was);
            prop_assert_eq!(said, highest(is));
            for (index, (was, is)) in was.iter().zip(is).enumerate() {
                let lost = if index == said { 0.0015 } else { 0.001 };
                prop_assert!((was - is).abs() <= was.abs() * lost + 1e-6);
            }
        }
        // A second round changes nothing more.
        prop_assert_eq!(pack_predictions(&read).unwrap(), bytes);
    }

    #[test]
    fn curves_come_back(losses in vec(0.0..9.0f32, 0..50)) {
        let points: Vec<StepPoint> = losses.iter().zip(0u32..).map(|(&loss, step)| StepPoint {
            step,
            epoch: f64::from(step) / 7.0,
            loss: f64::from(loss),
            smooth_loss: f64::from(loss / 2.0),
            lr: 0.0078125,
            momentum: 0.875,
        }).collect();
        prop_assert_eq!(unpack_curve(&pack_curve(&points)).unwrap(), points);
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in vec(any::<u8>(), 0..80),
        kind in 0usize..3,
        version in 1..=VERSION,
    ) {
        let mut whole = [CURVE, PREDICTIONS, EPOCHS][kind].to_vec();
        whole.push(version);
        whole.extend(bytes);
        if version == VERSION {
            checksum::seal(&mut whole);
        }
        let read = [
            unpack_predictions(&whole).is_ok(),
            unpack_curve(&whole).is_ok(),
            unpack_epochs(&whole).is_ok(),
        ];
        prop_assert!(read.iter().filter(|ok| **ok).count() <= 1);
    }

    #[test]
    fn a_flipped_byte_is_noticed(original in predictions(), place in any::<prop::sample::Index>()) {
        let mut bytes = pack_predictions(&original).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 0x20;
        prop_assert!(unpack_predictions(&bytes).is_err());
    }

    #[test]
    fn truncated_bytes_are_refused(original in predictions(), cut in 1usize..30) {
        let bytes = pack_predictions(&original).unwrap();
        let short = &bytes[..bytes.len().saturating_sub(cut)];
        prop_assert!(unpack_predictions(short).is_err());
    }
}

#[test]
fn the_predicted_class_survives_rounding() {
    // Closer than half precision can tell, in either order, and at zero.
    for row in [[-0.79316, -0.79315], [-0.79315, -0.79316], [-1e-9, 0.0], [0.0, -1e-9]] {
        let close = Predictions {
            images: vec![0],
            labels: vec![0],
            plain: row.to_vec(),
            ..Predictions::default()
        };
        let read = unpack_predictions(&pack_predictions(&close).unwrap()).unwrap();
        assert_eq!(highest(&read.plain), highest(&row), "{row:?} became {:?}", read.plain);
    }
}

#[test]
fn the_full_validation_set_takes_what_is_promised() {
    let n = 3925;
    let full = Predictions {
        images: (0..n).collect(),
        labels: vec![0; n as usize],
        plain: vec![-2.3; 10 * n as usize],
        ..Predictions::default()
    };
    assert_eq!(pack_predictions(&full).unwrap().len(), 20 + 3925 * 25);
    let epoch = EpochPredictions {
        predicted: vec![0; n as usize],
        log_probability: vec![-2.3; n as usize],
    };
    assert_eq!(pack_epochs(&vec![epoch; 5]).unwrap().len(), 20 + 5 * 3925 * 3);
}

#[test]
fn a_newer_version_and_other_bytes_are_named() {
    let mut bytes = pack_predictions(&Predictions::default()).unwrap();
    bytes[4] = 9;
    let error = unpack_predictions(&bytes).unwrap_err();
    assert_eq!(error, PackError::Newer { what: PREDICTIONS_NAME, found: 9 });
    assert!(error.to_string().contains("reload"));
    assert_eq!(unpack_curve(b"PNG"), Err(PackError::Foreign(CURVE_NAME)));
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let odd = Predictions { images: vec![1, 2], labels: vec![0], ..Predictions::default() };
    assert_eq!(pack_predictions(&odd), Err(PackError::Length(PREDICTIONS_NAME)));
}

#[test]
fn minus_infinity_becomes_the_lowest_half() {
    let one = Predictions {
        images: vec![0],
        labels: vec![0],
        plain: vec![f32::NEG_INFINITY, 0.0],
        ..Predictions::default()
    };
    let read = unpack_predictions(&pack_predictions(&one).unwrap()).unwrap();
    assert_eq!(read.plain, vec![-65504.0, 0.0]);
}
