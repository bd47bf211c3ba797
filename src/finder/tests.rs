//! The search as fastai does it: its rates, its end, its suggestion.

use super::*;

fn tried(losses: &[f64]) -> Vec<Tried> {
    let steps = (0u32..).zip(losses);
    steps.map(|(step, &loss)| Tried { lr: rate(step), loss, smooth_loss: loss }).collect()
}

#[test]
fn rates_are_evenly_spread_over_eight_decades() {
    assert_eq!(rate(0), 1e-7);
    assert!((rate(50) / 1e-3 - 1.0).abs() < 1e-12);
    assert!((rate(100) / 10.0 - 1.0).abs() < 1e-12);
    for step in 0..STEPS {
        assert!((rate(step + 1) / rate(step) - 1.202_264_434_617_413).abs() < 1e-12);
    }
}

#[test]
fn it_ends_above_four_times_the_best() {
    assert!(!has_diverged(&[]));
    assert!(!has_diverged(&tried(&[2.0, 1.0, 4.0])));
    assert!(has_diverged(&tried(&[2.0, 1.0, 4.01])));
    assert!(has_diverged(&tried(&[2.0, f64::NAN])));
    assert!(has_diverged(&tried(&[2.0, f64::INFINITY])));
}

/// Counted by hand: the longest fall is 5 4 3 2 1, which ends at index 6; fastai
/// takes its stretch as 1..6, of which index 1 + 1 + 0 = 2 is in the middle.
#[test]
fn the_valley_is_the_longest_fall_wherever_it_is_interrupted() {
    assert_eq!(valley(&[5.0, 4.0, 4.5, 3.0, 2.0, 9.0, 1.0, 7.0, 6.0]), Some(2));
    // 90 losses that only fall: −1 + 30 + 15.
    let falling: Vec<f64> = (0..90).map(|i| f64::from(-i)).collect();
    assert_eq!(valley(&falling), Some(44));
    // Nothing falls: the first place there is.
    assert_eq!(valley(&[1.0, 2.0, 3.0]), Some(0));
    assert_eq!(valley(&[1.0]), None);
}

#[test]
fn a_search_that_ended_early_suggests_nothing() {
    assert_eq!(suggestion(&tried(&[1.0; 16])), None);
    assert_eq!(suggestion(&[]), None);
    let losses: Vec<f64> = (0..17).map(|i| f64::from(20 - i)).collect();
    assert_eq!(suggestion(&tried(&losses)).map(|it| it.lr), Some(rate(10)));
}

/// Where the loss is no number, fastai goes on to the end and cuts there.
#[test]
fn undefined_losses_are_cut_off_and_nothing_else() {
    let mut losses: Vec<f64> = (0..60).map(|i| f64::from(100 - i)).collect();
    let whole = suggestion(&tried(&losses)).map(|it| it.lr);
    losses.push(f64::NAN);
    let cut = suggestion(&tried(&losses)).map(|it| it.lr);
    // 45 losses at first, 50 then: places −1 + 15 + 7 and −1 + 16 + 8.
    assert_eq!((whole, cut), (Some(rate(10 + 21)), Some(rate(10 + 23))));
}

/// The smoothed losses of `tiny` on the sample at 32 pixels in batches of 32.
#[rustfmt::skip]
const RECORDED: [f64; 100] = [
    3.323_452, 3.157_917, 3.311_586, 3.241_255, 3.183_216, 3.153_697, 3.207_732, 3.249_501,
    3.234_544, 3.241_422, 3.206_350, 3.209_370, 3.205_176, 3.166_307, 3.186_986, 3.167_891,
    3.182_166, 3.187_666, 3.186_007, 3.199_392, 3.195_374, 3.165_870, 3.185_744, 3.174_728,
    3.167_367, 3.165_067, 3.173_666, 3.180_802, 3.181_018, 3.177_743, 3.171_085, 3.169_930,
    3.179_958, 3.174_368, 3.168_215, 3.164_668, 3.160_790, 3.164_128, 3.162_328, 3.164_939,
    3.154_589, 3.155_884, 3.160_136, 3.141_865, 3.135_906, 3.123_924, 3.116_708, 3.109_919,
    3.102_187, 3.090_310, 3.070_079, 3.050_546, 3.029_452, 3.014_623, 2.999_434, 2.975_407,
    2.951_214, 2.938_022, 2.922_623, 2.909_624, 2.896_922, 2.873_031, 2.857_346, 2.847_076,
    2.834_138, 2.815_443, 2.800_961, 2.784_470, 2.767_447, 2.765_154, 2.763_241, 2.761_921,
    2.755_181, 2.729_824, 2.730_939, 2.713_679, 2.715_180, 2.739_458, 2.739_170, 2.755_403,
    2.760_085, 2.761_663, 2.773_544, 2.768_215, 2.755_331, 2.749_128, 2.739_778, 2.728_586,
    2.722_916, 2.735_654, 2.743_213, 2.759_425, 2.771_132, 2.770_794, 2.796_861, 2.800_303,
    2.796_511, 2.866_215, 3.298_022, 5.825_116,];

/// The place was computed from these losses outside of this program, the lengths
/// of the falls by patience sorting: the longest, of 49 losses, ends at the 79th
/// of the 85 that count.
#[test]
fn the_suggestion_on_a_recorded_curve_is_the_one_computed_apart() {
    let tried = tried(&RECORDED);
    assert!(!has_diverged(&tried));
    let found = suggestion(&tried).unwrap();
    assert_eq!(found.lr, rate(63));
    assert_eq!(found.smooth_loss, RECORDED[63]);
}
