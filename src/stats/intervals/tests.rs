//! Golden values of intervals and tests: published where a source is named,
//! otherwise computed independently with scipy 1.17 and in 40-digit arithmetic.

use super::*;
use crate::stats::StatsError;

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

fn covers(interval: Interval, low: f64, high: f64) {
    close(interval.low, low);
    close(interval.high, high);
}

/// Student's sleep data (1908): extra hours with either drug, ten patients.
const DRUG_1: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const DRUG_2: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

#[test]
fn wilsons_interval() {
    // Newcombe (1998), table I: 81 of 263.
    covers(wilson(81, 263), 0.255_288_519_878_274_2, 0.366_209_576_982_800_04);
    covers(wilson(0, 10), 0.0, 0.277_532_799_862_889_26);
    covers(wilson(10, 10), 0.722_467_200_137_110_9, 1.0);
    covers(wilson(425, 500), 0.816_038_919_368_301_5, 0.878_624_042_308_611_8);
    covers(wilson(3336, 3925), 0.838_421_646_472_948_1, 0.860_766_658_474_474_4);
    covers(wilson(0, 0), 0.0, 1.0);
}

fn pairs(n: usize, fixed: usize, broken: usize) -> Pairs {
    Pairs { n, fixed, broken }
}

#[test]
fn mcnemars_exact_test() {
    for (fixed, broken, exact, mid) in [
        (0, 1, 1.0, 0.5),
        (59, 121, 4.434_449_263_755_177e-6, 3.266_646_795_774_592e-6),
        (28, 17, 0.135_156_450_845_670_4, 0.103_805_355_504_107_4),
        (15, 5, 0.041_389_465_332_031_25, 0.026_603_698_730_468_75),
        // Agresti, Categorical Data Analysis, table 10.1.
        (86, 150, 3.715_936_139_571_442e-5, 2.893_389_517_615_49e-5),
        (500, 400, 9.564_441_369_189_461e-4, 8.541_955_361_977_177e-4),
        (10, 0, 0.001_953_125, 0.000_976_562_5),
        (7, 7, 1.0, 1.0),
        (0, 0, 1.0, 1.0),
    ] {
        close(pairs(3925, fixed, broken).mcnemar(), exact);
        close(pairs(3925, fixed, broken).mcnemar_mid_p(), mid);
    }
}

#[test]
fn the_interval_of_a_paired_difference() {
    let many = pairs(3925, 28, 17);
    close(many.delta(), 11.0 / 3925.0);
    covers(many.interval(), -0.000_546_072_295_677_906_7, 0.006_151_167_837_079_18);
    covers(pairs(1600, 150, 86).interval(), 0.021_283_883_249_668_335, 0.058_716_116_750_331_665);
    covers(pairs(1000, 0, 0).interval(), -0.002_766_275_098_502_351, 0.002_766_275_098_502_351);
    covers(pairs(500, 4, 1).interval(), -0.004_340_502_820_658_178, 0.016_292_694_055_717_94);
}

#[test]
fn pairs_are_counted_and_told() {
    let a = [true, true, false, false, true];
    let b = [true, false, true, true, true];
    assert_eq!(Pairs::new(&a, &b), Ok(pairs(5, 2, 1)));
    assert_eq!(Pairs::new(&a, &b[..4]), Err(StatsError::DifferentImages { a: 5, b: 4 }));
    assert_eq!(Pairs::new(&[], &[]), Err(StatsError::Empty));
    assert_eq!(
        pairs(3925, 28, 17).to_string(),
        "28 fixed, 17 broken of 3,925 images: +0.28 points (95% from −0.05 to +0.62), \
         exact McNemar p = 0.14."
    );
    assert_eq!(points(-0.000_01), "+0.00");
    assert_eq!(
        (p_value(1e-9), p_value(0.0123), p_value(0.0996)),
        ("< 0.001".into(), "= 0.012".into(), "= 0.10".into())
    );
}

#[test]
fn welchs_test() {
    let test = welch(&DRUG_1, &DRUG_2).unwrap();
    close(test.t, 1.860_813_467_486_852_6);
    close(test.freedom, 17.776_473_516_178_488);
    close(test.p, 0.079_394_140_187_358_3);
    covers(test.interval, -0.205_483_230_711_711_37, 3.365_483_230_711_710_4);

    let test = welch(&[0.8412, 0.8387, 0.8440], &[0.8501, 0.8478, 0.8533]).unwrap();
    close(test.t, 4.116_565_542_904_863);
    close(test.freedom, 3.993_310_900_074_14);
    close(test.p, 0.014_703_730_291_923_737);
    covers(test.interval, 0.002_958_387_565_946_369_5, 0.015_241_612_434_053_625);

    let a = [0.61, 0.65, 0.60, 0.66, 0.63];
    let test = welch(&a, &[0.64, 0.70, 0.62, 0.65, 0.69, 0.71, 0.66]).unwrap();
    close(test.p, 0.054_578_218_679_332_91);
    covers(test.interval, -0.000_884_889_017_436_045, 0.075_170_603_303_150_34);
}

#[test]
fn the_paired_t_test() {
    let differences: Vec<f64> = DRUG_1.iter().zip(DRUG_2).map(|(a, b)| b - a).collect();
    let test = one_sample(&differences).unwrap();
    close(test.t, 4.062_127_683_382_037);
    close(test.freedom, 9.0);
    close(test.p, 0.002_832_890_197_384_273);
    covers(test.interval, 0.700_114_236_723_017_5, 2.459_885_763_276_983);

    let test = one_sample(&[0.004, 0.007, 0.0055]).unwrap();
    close(test.p, 0.023_907_839_642_274_85);
    covers(test.interval, 0.001_773_793_432_374_506, 0.009_226_206_567_625_496);
}

#[test]
fn tests_without_spread_or_runs_are_refused() {
    assert_eq!(welch(&[0.5], &[0.6, 0.7]), Err(StatsError::TooFewRuns { needed: 2, given: 1 }));
    assert_eq!(welch(&[0.3; 3], &[0.4; 3]), Err(StatsError::NoSpread));
    assert_eq!(welch(&[0.3, f64::NAN], &[0.4, 0.5]), Err(StatsError::NoSpread));
    assert_eq!(one_sample(&[]), Err(StatsError::TooFewRuns { needed: 2, given: 0 }));
    assert_eq!(one_sample(&[0.1; 3]), Err(StatsError::NoSpread));
    assert!(welch(&[0.3; 3], &[0.4, 0.41, 0.4]).is_ok(), "one side's spread is enough");
}

#[test]
fn spread_of_seeds() {
    let three = spread(&[0.80, 0.82, 0.81]);
    close(three.mean, 0.81);
    close(three.sd.unwrap(), 0.01);
    assert_eq!(spread(&[0.5]), Spread { count: 1, mean: 0.5, sd: None });
    assert_eq!(spread(&[]).count, 0);
}

#[test]
fn holms_adjustment() {
    // Holm (1979) by hand: sorted .01·4, .02·3, .03·2 = .06, .04·1 → .06.
    let adjusted = holm(&[0.03, 0.01, 0.04, 0.02]);
    for (value, expected) in adjusted.into_iter().zip([0.06, 0.04, 0.06, 0.06]) {
        close(value, expected);
    }
    assert_eq!(holm(&[0.5, f64::NAN, 0.01]), [1.0, 1.0, 0.03]);
    assert!(holm(&[]).is_empty());
}

#[test]
fn seeds_and_images_for_eighty_per_cent_power() {
    // The values by the normal approximation are one or two lower.
    for (sd, delta, seeds) in [
        (0.3, 0.3, 17),
        (0.3, 0.5, 7),
        (0.3, 1.0, 3),
        (0.4, 0.3, 29),
        (0.4, 0.5, 12),
        (0.8, 1.0, 12),
        (1.2, -1.0, 24),
        (1.2, 0.3, 253),
    ] {
        assert_eq!(seeds_needed(sd, delta), Some(seeds), "sd {sd}, delta {delta}");
    }
    assert_eq!(seeds_needed(0.3, 0.0), None);
    assert_eq!(seeds_needed(0.0, 0.3), None);
    assert_eq!(seeds_needed(f64::NAN, 0.3), None);
    assert_eq!(seeds_needed(1.0, 1e-6), Some(1_000_000));
    assert_eq!(images_needed(0.12, 0.01), Some(9411));
    assert_eq!(images_needed(0.12, -0.01), Some(9411));
    assert_eq!(images_needed(0.0, 1.0), Some(1));
    assert_eq!(images_needed(0.12, 0.0), None);
}

#[test]
fn the_bootstrap_of_a_mean_is_near_its_normal_interval() {
    let labels: Vec<u8> = (0..1000u32).map(|image| (image % 10) as u8).collect();
    // Within each class 1 of 4 images counts, by a rule that classes do not see.
    let value = |image: usize| if (image / 10).is_multiple_of(4) { 1.0 } else { 0.0 };
    let mean = |images: &[usize]| {
        assert_eq!(images.len(), 1000);
        images.iter().map(|image| value(*image)).sum::<f64>() / images.len() as f64
    };
    let interval = bootstrap(&labels, 1000, 3, mean);
    let half = Z95 * (0.25f64 * 0.75 / 1000.0).sqrt();
    assert!((interval.low - (0.25 - half)).abs() < 0.005, "{interval:?}");
    assert!((interval.high - (0.25 + half)).abs() < 0.005, "{interval:?}");
}

#[test]
fn the_two_level_bootstrap_wants_ten_seeds() {
    let run = |hits: usize| -> Vec<bool> { (0..200).map(|image| image < hits).collect() };
    let arm = |first: usize| -> Vec<Vec<bool>> { (0..10).map(|seed| run(first + seed)).collect() };
    let interval = two_level_bootstrap(&arm(120), &arm(140), 500, 1).unwrap();
    assert!(interval.contains(0.1) && !interval.contains(0.0), "{interval:?}");
    assert!(interval.low > 0.03 && interval.high < 0.17, "{interval:?}");
    assert_eq!(
        two_level_bootstrap(&arm(120)[..3], &arm(140), 500, 1),
        Err(StatsError::TooFewRuns { needed: 10, given: 3 })
    );
    let mut uneven = arm(120);
    uneven[4].pop();
    assert_eq!(
        two_level_bootstrap(&uneven, &arm(140), 500, 1),
        Err(StatsError::DifferentImages { a: 200, b: 199 })
    );
}
