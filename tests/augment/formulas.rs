//! Golden values of normalization, label smoothing, mixup and light.

use imagenette_playground::augment::light::Light;
use imagenette_playground::augment::mixup::{self, Mix};
use imagenette_playground::augment::normalize::{IMAGENET, Stats, to_unit};
use imagenette_playground::augment::targets;

use super::fixture;

fn close(actual: f32, expected: f64) {
    assert!((f64::from(actual) - expected).abs() < 1e-6, "{actual} is not {expected}");
}

#[test]
fn label_smoothing_is_91_1_of_ten_classes_and_92_2_of_five() {
    let ten = targets::smooth(3, 10, 0.1);
    let five = targets::smooth(0, 5, 0.1);
    for (class, &value) in ten.iter().enumerate() {
        close(value, if class == 3 { 0.91 } else { 0.01 });
    }
    for (class, &value) in five.iter().enumerate() {
        close(value, if class == 0 { 0.92 } else { 0.02 });
    }
    assert_eq!(targets::smooth(1, 3, 0.0), [0.0, 1.0, 0.0]);
}

#[test]
fn the_loss_floor_of_smoothing_is_the_entropy_of_its_target() {
    let entropy: f64 =
        targets::smooth(3, 10, 0.1).iter().map(|&p| -f64::from(p) * libm::log(f64::from(p))).sum();
    assert!((entropy - 0.5003).abs() < 5e-5, "{entropy}");
}

#[test]
fn mixed_targets_are_smoothed_first_and_then_mixed() {
    let mix = [Mix { partner: 1, lambda: 0.75 }, Mix { partner: 1, lambda: 0.5 }];
    let rows = targets::rows(&[2, 0], 4, 0.2, Some(&mix));
    // 1 − ε + ε/N = 0.85 and ε/N = 0.05.
    let expected = [0.25 * 0.85 + 0.75 * 0.05, 0.05, 0.75 * 0.85 + 0.25 * 0.05, 0.05];
    for (&value, expected) in rows[..4].iter().zip(expected) {
        close(value, expected);
    }
    // An image that is mixed with itself keeps its own target.
    for (&value, expected) in rows[4..].iter().zip([0.85, 0.05, 0.05, 0.05]) {
        close(value, expected);
    }
}

#[test]
fn normalization_maps_black_mean_and_white_as_imagenet_stats_do() {
    let expected = [[-2.117_904, 2.248_908], [-2.035_714, 2.428_571], [-1.804_444, 2.64]];
    let mut planes: Vec<f32> =
        IMAGENET.mean.iter().flat_map(|mean| [0.0, 255.0 * mean, 255.0]).collect();
    IMAGENET.apply(&mut planes);
    for (values, [black, white]) in planes.chunks_exact(3).zip(expected) {
        close(values[0], black);
        close(values[1], 0.0);
        close(values[2], white);
    }
    let mut unit = [0.0, 51.0, 255.0];
    to_unit(&mut unit);
    assert_eq!(unit, [0.0, 0.2, 1.0]);
}

#[test]
fn the_statistics_of_the_training_images_make_them_standard() {
    let (dataset, selection) = fixture::data(6, 3);
    let stats = Stats::of_training(&dataset, &selection);
    let (mut count, mut sum, mut squares) = (0f64, [0f64; 3], [0f64; 3]);
    for image in &dataset.images[..6] {
        let mut planes: Vec<f32> = (0..3)
            .flat_map(|channel| image.pixels.iter().skip(channel).step_by(3))
            .map(|&value| f32::from(value))
            .collect();
        stats.apply(&mut planes);
        let plane = planes.len() / 3;
        count += plane as f64;
        for (channel, values) in planes.chunks_exact(plane).enumerate() {
            sum[channel] += values.iter().map(|&x| f64::from(x)).sum::<f64>();
            squares[channel] += values.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        }
    }
    for channel in 0..3 {
        assert!((sum[channel] / count).abs() < 1e-4);
        assert!((squares[channel] / count - 1.0).abs() < 1e-4);
    }
}

#[test]
fn lambda_at_alpha_04_has_the_known_distribution() {
    let n = 20_000;
    let mut lambdas: Vec<f32> = (0..n).map(|image| mixup::lambda(42, 0, image, 0.4)).collect();
    lambdas.sort_by(f32::total_cmp);
    let n = f64::from(n);
    let mean = lambdas.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let share = |keep: fn(f32) -> bool| lambdas.iter().filter(|x| keep(**x)).count() as f64 / n;
    assert!(lambdas[0] >= 0.5 && lambdas[lambdas.len() - 1] <= 1.0);
    assert!((mean - 0.840).abs() < 0.005, "mean {mean}");
    assert!((lambdas[10_000] - 0.890).abs() < 0.01, "median {}", lambdas[10_000]);
    assert!((share(|x| x > 0.9) - 0.48).abs() < 0.015);
    assert!((share(|x| x < 0.6) - 0.11).abs() < 0.01);
}

#[test]
fn partners_are_a_permutation_and_pixels_come_from_the_unmixed_batch() {
    let mixes = mixup::mixes(42, 0, 5, &(100..164).collect::<Vec<_>>(), 0.4);
    let mut partners: Vec<u32> = mixes.iter().map(|mix| mix.partner).collect();
    partners.sort_unstable();
    assert_eq!(partners, (0..64).collect::<Vec<_>>());

    let mut pixels = [8.0, 16.0, 0.0, 4.0];
    let mixes = [Mix { partner: 1, lambda: 0.75 }, Mix { partner: 0, lambda: 0.5 }];
    mixup::apply(&mut pixels, &mixes, &mut Vec::new());
    assert_eq!(pixels, [6.0, 13.0, 4.0, 10.0]);
}

#[test]
fn light_follows_the_formulas() {
    // Brightness: at middle grey logit is 0, so b itself comes out.
    let brighter = Light { brightness: 0.6, contrast: 1.0 };
    assert!((brighter.of(0.5) - 0.6).abs() < 1e-12);
    // Odds multiply: 4 · 1.5 = 6, and 6 / 7.
    assert!((brighter.of(0.8) - 6.0 / 7.0).abs() < 1e-12);
    // Contrast raises the odds to its power: 4^1.25.
    let stronger = Light { brightness: 0.5, contrast: 1.25 };
    let odds = libm::pow(4.0, 1.25);
    assert!((stronger.of(0.8) - odds / (1.0 + odds)).abs() < 1e-12);
    assert!((stronger.of(0.5) - 0.5).abs() < 1e-12);
    // Black and white stay so, up to fastai's clamp.
    assert!(stronger.of(0.0) < 1e-7 && stronger.of(1.0) > 1.0 - 1e-7);
}

#[test]
fn the_light_table_stays_close_to_the_formula() {
    let values: Vec<f32> = (0..=25_500).map(|step| step as f32 / 100.0).collect();
    let mut worst = 0f64;
    for brightness in [0.4, 0.5, 0.6] {
        for contrast in [0.8, 1.0, 1.25] {
            let light = Light { brightness, contrast };
            let mut lit = values.clone();
            light.apply(&mut lit);
            if (brightness, contrast) == (0.5, 1.0) {
                assert_eq!(lit, values);
            }
            for (&before, &after) in values.iter().zip(&lit) {
                let exact = 255.0 * light.of(f64::from(before) / 255.0);
                worst = worst.max((f64::from(after) - exact).abs());
            }
        }
    }
    assert!(worst < 0.12, "{worst}");
}
