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

/// Tango's intervals and McNemar's p. The latter are scipy's
/// `chi2.sf((fixed - broken)**2 / (fixed + broken), 1)`; the former `brentq`'s roots
/// (xtol 1e-15) of Tango's score less ±`norm.ppf(.975)`, with the closed form of the share
/// of broken images from his paper.
const TANGO: [(usize, usize, usize, [f64; 3]); 9] = [
    (3925, 28, 17, [-0.000_571_006_756_837_3, 0.006_389_304_922_934_9, 0.101_050_255_925_409_5]),
    (1600, 150, 86, [0.021_361_564_754_787_2, 0.058_998_033_305_699_4, 3.099_293_441_045_215e-5]),
    (1000, 0, 0, [-0.003_826_758_485_555_1, 0.003_826_758_485_555_1, 1.0]),
    (500, 4, 1, [-0.004_000_567_982_331_6, 0.018_625_586_097_128_5, 0.179_712_494_878_999]),
    (500, 9, 2, [0.001_211_773_734_579_6, 0.030_357_694_597_816_2, 0.034_808_478_811_867_25]),
    (3925, 90, 30, [0.009_988_417_042_174_1, 0.021_020_903_535_949, 4.320_463_057_827_5e-8]),
    (500, 5, 0, [0.002_299_416_133_832_2, 0.023_193_099_755_730_7, 0.025_347_318_677_468_3]),
    (40, 0, 12, [-0.454_300_188_181_449_4, -0.180_748_452_297_464_1, 0.000_532_005_505_139_2]),
    (500, 40, 5, [0.046_130_856_330_037, 0.098_269_008_504_000_3, 1.813_621_057_231_838e-7]),
];

#[test]
fn mcnemars_test_and_its_interval() {
    for (n, fixed, broken, [low, high, p]) in TANGO {
        let pairs = pairs(n, fixed, broken);
        covers(pairs.interval(), low, high);
        close(pairs.mcnemar(), p);
    }
    close(pairs(3925, 28, 17).delta(), 11.0 / 3925.0);
    // Agresti, Categorical Data Analysis, table 10.1: 1,600 voters, 150 against 86.
    assert!((pairs(1600, 150, 86).mcnemar() - 3.1e-5).abs() < 1e-6);
}

#[test]
fn an_interval_excludes_nothing_where_its_p_is_small_and_nowhere_else() {
    for n in [1, 20, 137, 500, 3925] {
        for fixed in 0..=n.min(60) {
            for broken in 0..=(n - fixed).min(60) {
                let pairs = pairs(n, fixed, broken);
                let interval = pairs.interval();
                assert_eq!(interval.contains(0.0), pairs.mcnemar() >= 0.05, "{pairs:?}");
                assert!(interval.contains(pairs.delta()), "{pairs:?}");
                assert!(interval.low >= -1.0 && interval.high <= 1.0, "{pairs:?}");
                let both = together(&[pairs, Pairs { broken: fixed, fixed: broken, n }]);
                assert!(both.interval.contains(0.0) && both.p > 0.999, "{pairs:?}");
                let twice = together(&[pairs, pairs]);
                assert_eq!(twice.interval.contains(0.0), twice.p >= 0.05, "{pairs:?}");
            }
        }
    }
}

#[test]
fn two_models_on_the_same_images() {
    // By hand: (31 − 11)/1002 and (26 − 14)/1002; √(42 − …)/1002 each, averaged; the p
    // is scipy's `2*norm.sf(z)`.
    let test = together(&[pairs(1000, 30, 10), pairs(1000, 25, 13)]);
    let (a, b) = (20.0_f64 / 1002.0, 12.0_f64 / 1002.0);
    let error = (((42.0 - 20.0 * a).sqrt() + (40.0 - 12.0 * b).sqrt()) / 2.0) / 1002.0;
    covers(test.interval, (a + b) / 2.0 - Z95 * error, (a + b) / 2.0 + Z95 * error);
    close(test.p, 0.012_167_897_335_724_24);
    assert_eq!(together(&[]).p, 1.0);
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
        "28 fixed, 17 broken of 3,925 images: +0.28 points (95% from −0.06 to +0.64), \
         McNemar p = 0.10."
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
fn a_difference_of_differences() {
    // By hand in numpy: the sum of the four s²/n, and Satterthwaite's degrees of freedom;
    // p and quantile are scipy's `t.sf` and `t.ppf`.
    let arms = [[0.50, 0.52, 0.51], [0.53, 0.54, 0.52], [0.40, 0.43, 0.41], [0.47, 0.49, 0.50]];
    let [a, b, c, d] = arms.each_ref().map(|arm| &arm[..]);
    let test = welch_sum(&[(1.0, a), (-1.0, b), (-1.0, c), (1.0, d)]).unwrap();
    close(test.delta, 0.053_333_333_333_333_29);
    close(test.freedom, 6.896_551_724_137_935);
    close(test.p, 0.009_231_160_238_618_98);
    covers(test.interval, 0.017_976_126_112_854_95, 0.088_690_540_553_811_62);
    let short = welch_sum(&[(1.0, a), (-1.0, &b[..1]), (-1.0, c), (1.0, d)]);
    assert_eq!(short, Err(StatsError::TooFewRuns { needed: 2, given: 1 }));
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
    for seeds in 3..30 {
        let smallest = smallest_effect(0.02, seeds).unwrap();
        // A hair above, because the last bit may round either way.
        assert_eq!(seeds_needed(0.02, smallest * (1.0 + 1e-9)), Some(seeds));
    }
    assert_eq!(smallest_effect(0.02, 1), None);
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
