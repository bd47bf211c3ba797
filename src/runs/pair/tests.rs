//! Tests of two runs on the same images.

use super::*;
use crate::record::EpochPredictions;
use crate::runs::tests::entry;

/// Four images of two classes; `right[i]` says which the run has right, with
/// probability .75 for what it predicts.
fn predictions(right: [bool; 4]) -> Predictions {
    let labels = vec![0, 0, 1, 1];
    let row = |label: u8, right: bool| {
        let (high, low) = (libm::logf(0.75), libm::logf(0.25));
        if (label == 0) == right { [high, low] } else { [low, high] }
    };
    let plain = labels.iter().zip(right).flat_map(|(label, right)| row(*label, right)).collect();
    Predictions { images: vec![10, 11, 12, 13], labels, plain, ..Predictions::default() }
}

fn epoch(predicted: [u8; 4]) -> EpochPredictions {
    EpochPredictions { predicted: predicted.to_vec(), log_probability: vec![-1.0; 4] }
}

#[test]
fn flips_carry_what_both_runs_said() {
    let pair =
        Pair::new(predictions([true, false, false, true]), predictions([true, true, false, false]))
            .unwrap();
    let view = pair.at(Stop::End).unwrap();
    assert_eq!(view.pairs, Pairs { n: 4, fixed: 1, broken: 1 });
    assert_eq!(view.accuracy, [0.5, 0.5]);
    let [fixed, broken] = view.flips[..] else { panic!("{view:?}") };
    assert_eq!((fixed.image, fixed.label, fixed.fixed), (11, 0, true));
    assert_eq!((broken.image, broken.label, broken.fixed), (13, 1, false));
    assert_eq!((fixed.before.predicted, fixed.after.predicted), (1, 0));
    assert!((fixed.before.truth - 0.25).abs() < 1e-6);
    assert!((fixed.before.own.unwrap() - 0.75).abs() < 1e-6);
    assert!((fixed.change() - 0.5).abs() < 1e-6);
    assert_eq!(pair.stops(), [Stop::End]);
}

#[test]
fn a_run_with_fewer_epochs_stays_at_its_last_one() {
    let (mut before, mut after) =
        (predictions([true, false, false, false]), predictions([true; 4]));
    before.epochs = vec![epoch([0, 1, 0, 0])];
    after.epochs = vec![epoch([1, 1, 1, 1]), epoch([0, 0, 1, 1])];
    let pair = Pair::new(before.clone(), after.clone()).unwrap();
    assert_eq!(pair.stops(), [Stop::Epoch(0), Stop::Epoch(1)]);
    let first = pair.at(Stop::Epoch(0)).unwrap();
    assert_eq!(first.accuracy, [0.25, 0.5]);
    assert_eq!(first.pairs, Pairs { n: 4, fixed: 2, broken: 1 });
    assert_eq!(first.flips[0].after.own, None);
    assert!(first.flips[0].before.own.is_some());
    let second = pair.at(Stop::Epoch(1)).unwrap();
    assert_eq!(second.accuracy, [0.25, 1.0]);
    after.tta = Some(after.plain.clone());
    let with_tta = Pair::new(before, after).unwrap();
    assert_eq!(with_tta.stops().last(), Some(&Stop::End));
}

#[test]
fn scores_that_are_no_probabilities_are_scaled_to_them() {
    let (before, mut after) = (predictions([false; 4]), predictions([true; 4]));
    after.tta = Some(after.plain.iter().map(|log| log + 2.0).collect());
    let view = Pair::new(before, after).unwrap().at(Stop::End).unwrap();
    assert!((view.flips[0].after.truth - 0.75).abs() < 1e-6);
}

#[test]
fn other_images_and_damage_are_errors() {
    let good = predictions([true; 4]);
    let mut other = good.clone();
    other.images[0] = 1;
    assert_eq!(Pair::new(good.clone(), other), Err(PairError::OtherImages));
    let mut cut = good.clone();
    cut.plain.pop();
    assert!(matches!(Pair::new(good.clone(), cut), Err(PairError::Stats(_))));
    let mut short = good.clone();
    short.epochs = vec![EpochPredictions { predicted: vec![0; 3], log_probability: vec![-1.0; 3] }];
    assert!(matches!(Pair::new(good, short), Err(PairError::Stats(_))));
}

#[test]
fn sets_that_differ_are_refused_in_words() {
    let run = |number, link: &str| {
        let mut run = entry(&format!("run{number}"), link, 0.5);
        run.number = number;
        run.has_predictions = true;
        run
    };
    let (plain, mixup) = (run(1, "v=1"), run(2, "v=1&mixup=0.4"));
    assert_eq!(refusal(&plain, &mixup), None);
    assert_eq!(refusal(&plain, &plain).as_deref(), Some("Pick two different runs."));
    let told = |before: &RunEntry, after: &RunEntry| refusal(before, after).unwrap();
    let mut other = run(3, "v=1");
    other.record.dataset.hash = "cd".repeat(32);
    assert!(told(&plain, &other).contains("of the same name"));
    other.record.dataset.name = "imagenette2-160".to_owned();
    assert!(told(&plain, &other).contains("run 3 on imagenette2-160"));
    let drawn = [run(4, "v=1&valid=20"), run(5, "v=1&valid=20&dseed=7")];
    assert!(told(&drawn[0], &drawn[1]).contains("dseed 42 and run 5 with dseed 7"));
    let mut fewer = run(6, "v=1&valid=10");
    fewer.record.dataset.valid = 100;
    assert!(told(&plain, &fewer).contains("500 validation images, run 6 on 100"));
    let mut old = run(8, "v=1");
    old.record.numerics = 1;
    assert!(told(&plain, &old).contains("Train the older one again"));
    let mut without = run(7, "v=1&mixup=0.4");
    without.has_predictions = false;
    assert!(told(&plain, &without).starts_with("Run 7 was stored without its predictions"));
}

#[test]
fn the_sentence_names_the_runs_and_what_follows() {
    let clear = Pairs { n: 3925, fixed: 90, broken: 30 };
    assert_eq!(
        sentence(3, 5, &clear),
        "From run 3 to run 5: 90 fixed, 30 broken of 3,925 images: +1.53 points (95% from +1.00 \
         to +2.10), McNemar p < 0.001."
    );
    assert!(says(&clear).contains("these, the two trained models differ"));
    assert!(says(&Pairs { n: 3925, fixed: 28, broken: 17 }).contains("do not separate"));
    assert!(says(&Pairs { n: 9, fixed: 0, broken: 0 }).contains("the same images"));
    for relation in [Relation::OnlyTta, Relation::OtherSeed, Relation::OtherTraining] {
        assert!(does_not_say(relation).starts_with("This does not show"));
    }
}

#[test]
fn stops_have_names() {
    assert_eq!(stop_name(Stop::Epoch(2), 5, false), "epoch 3 of 5");
    assert_eq!(stop_name(Stop::Epoch(2), 6, true), "epoch 3 of 5");
    assert_eq!(stop_name(Stop::End, 6, true), "the end, with TTA");
    let pair = Pair::new(predictions([false; 4]), predictions([true; 4])).unwrap();
    let view = pair.at(Stop::End).unwrap();
    assert_eq!(
        stop_text("the end", [1, 2], &view),
        "the end: run 1 0.0%, run 2 100.0%; 4 fixed, 0 broken"
    );
}
