//! Verdicts on made-up ablations.

use super::*;

fn retrained(baseline: &[f64], variant: &[f64]) -> Comparison {
    Comparison::Retrained { baseline: baseline.to_vec(), variant: variant.to_vec() }
}

fn verdicts(comparisons: &[Comparison]) -> Vec<Verdict> {
    judge(comparisons).into_iter().map(|judgement| judgement.verdict).collect()
}

const BASE: [f64; 3] = [0.800, 0.804, 0.797];
const BETTER: [f64; 3] = [0.830, 0.833, 0.828];
const WORSE: [f64; 3] = [0.770, 0.773, 0.768];
const LIKE: [f64; 3] = [0.801, 0.799, 0.803];

#[test]
fn clear_differences_are_called_and_others_are_not() {
    let judged = verdicts(&[
        retrained(&BASE, &BETTER),
        retrained(&BASE, &WORSE),
        retrained(&BASE, &LIKE),
        Comparison::SameWeights { pairs: vec![Pairs { n: 1000, fixed: 60, broken: 20 }] },
        Comparison::SameWeights { pairs: vec![Pairs { n: 1000, fixed: 20, broken: 22 }] },
    ]);
    use Verdict::{CannotTell, Helps, Hurts};
    assert_eq!(judged, [Helps, Hurts, CannotTell, Helps, CannotTell]);
}

#[test]
fn two_seeds_cannot_tell_whatever_they_show() {
    let judged = judge(&[retrained(&BASE[..2], &BETTER)]);
    assert_eq!(judged[0].verdict, Verdict::CannotTell);
    assert_eq!(judged[0].evidence, Err(StatsError::TooFewRuns { needed: 3, given: 2 }));
    assert_eq!(judged[0].to_string(), "cannot tell (needs 3 seeds, and there are 2)");
    assert!(judged[0].delta.is_some());
    assert_eq!(judge(&[retrained(&[], &BETTER)])[0].delta, None);
    assert_eq!(verdicts(&[Comparison::SameWeights { pairs: Vec::new() }]), [Verdict::CannotTell]);
}

#[test]
fn equal_runs_cannot_tell() {
    assert_eq!(verdicts(&[retrained(&[0.8; 3], &[0.9; 3])]), [Verdict::CannotTell]);
}

#[test]
fn several_seeds_of_the_same_weights_are_judged_by_their_differences() {
    let pairs = |fixed: [usize; 3]| Comparison::SameWeights {
        pairs: fixed.map(|fixed| Pairs { n: 1000, fixed, broken: 10 }).to_vec(),
    };
    let judged = judge(&[pairs([22, 24, 23]), pairs([4, 24, 12])]);
    assert_eq!(judged[0].verdict, Verdict::Helps);
    assert_eq!(judged[0].evidence.as_ref().map(|e| e.method), Ok(Method::PairedT));
    assert!((judged[0].delta.unwrap() - 0.013).abs() < 1e-12);
    assert_eq!(judged[1].verdict, Verdict::CannotTell);
}

#[test]
fn more_comparisons_need_more_evidence() {
    // p = 0.025 alone.
    let tta = Comparison::SameWeights { pairs: vec![Pairs { n: 500, fixed: 15, broken: 5 }] };
    let idle = retrained(&BASE, &LIKE);
    assert_eq!(verdicts(std::slice::from_ref(&tta)), [Verdict::Helps]);
    assert_eq!(verdicts(&[tta.clone(), idle]), [Verdict::CannotTell; 2]);
    // One that has not been run yet counts as well.
    assert_eq!(verdicts(&[tta, retrained(&[], &[])]), [Verdict::CannotTell; 2]);
}

#[test]
fn a_judgement_reads_as_a_sentence() {
    let judged = judge(&[retrained(&BASE, &BETTER)]);
    let sentence = judged[0].to_string();
    assert!(sentence.starts_with("helps: +3.00 points (95% from +2."), "{sentence}");
    assert!(sentence.ends_with("by Welch's t test over the seeds"), "{sentence}");
    // The p beside an interval is that interval's; the corrected one stands after it.
    let judged = judge(&[
        Comparison::SameWeights { pairs: vec![Pairs { n: 500, fixed: 15, broken: 5 }] },
        retrained(&BASE, &LIKE),
    ]);
    assert_eq!(
        judged[0].to_string(),
        "cannot tell: +2.00 points (95% from +0.27 to +4.02), p = 0.025 (0.051 after Holm's \
         correction) by McNemar's test on the images, for these weights"
    );
    let losses =
        judge(&[retrained(&[1.20, 1.21, 1.19], &[1.10, 1.11, 1.09])]).remove(0).of_losses();
    let sentence = losses.sentence(losses.verdict.name(), Measure::Nll);
    assert!(sentence.starts_with("helps: −0.100 nats (95% from −0.123 to −0.077)"), "{sentence}");
}

#[test]
fn runs_without_spread_are_not_called_equal() {
    let judged = judge(&[retrained(&[0.8; 3], &[0.9; 3])]);
    assert_eq!(
        judged[0].to_string(),
        "cannot tell (the results do not differ between seeds, so chance cannot be judged: use \
         more validation images)"
    );
}

#[test]
fn two_seeds_of_the_same_weights_are_judged_on_the_images() {
    let pairs = |counts: [(usize, usize); 2]| Comparison::SameWeights {
        pairs: counts.map(|(fixed, broken)| Pairs { n: 1000, fixed, broken }).to_vec(),
    };
    let judged = judge(&[pairs([(40, 12), (38, 15)]), pairs([(30, 12), (13, 20)])]);
    assert_eq!(judged[0].verdict, Verdict::Helps);
    assert_eq!(judged[0].evidence.as_ref().map(|e| e.method), Ok(Method::Images));
    assert!(judged[0].to_string().ends_with("for these two sets of weights"), "{}", judged[0]);
    assert_eq!(judged[1].verdict, Verdict::CannotTell);
    // Without the images two seeds tell nothing.
    let figures =
        |differences: &[f64]| Comparison::SameWeightsFigures { differences: differences.to_vec() };
    let judged = judge(&[figures(&[0.01, 0.012]), figures(&[0.010, 0.012, 0.011])]);
    assert_eq!(judged[0].evidence, Err(StatsError::TooFewRuns { needed: 3, given: 2 }));
    assert_eq!(judged[1].verdict, Verdict::Helps);
}

#[test]
fn an_interaction_is_a_difference_of_differences() {
    let gain = |gain: f64| [BASE.to_vec(), BASE.map(|it| it + gain).to_vec()];
    let interaction =
        |first: f64, other: f64| Comparison::Interaction { first: gain(first), other: gain(other) };
    let judged = judge(&[interaction(0.0, 0.04), interaction(0.03, 0.03)]);
    assert_eq!(judged[0].verdict, Verdict::Helps);
    assert!((judged[0].delta.unwrap() - 0.04).abs() < 1e-12);
    assert_eq!(judged[1].verdict, Verdict::CannotTell);
    assert!(judged[1].delta.unwrap().abs() < 1e-12);
    let empty = Comparison::Interaction { first: gain(0.0), other: [Vec::new(), Vec::new()] };
    assert_eq!(
        (judge(std::slice::from_ref(&empty))[0].delta, verdicts(&[empty])[0]),
        (None, Verdict::CannotTell)
    );
}
