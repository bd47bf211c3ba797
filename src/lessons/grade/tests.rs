//! Every verdict, on made-up runs and answers.

use super::*;
use crate::record::DatasetInfo;
use crate::sweep::{Plan, RunResult, Score};

fn result(accuracy: f64, ece: f64) -> RunResult {
    RunResult {
        diverged: accuracy < 0.0,
        plain: (accuracy >= 0.0).then_some(Score {
            accuracy,
            correct: None,
            nll: Some(1.0),
            ece: Some(ece),
        }),
        tta: None,
        seconds: 1.0,
        numerics: crate::record::NUMERICS,
        build: "made".to_owned(),
        engine: "cpu (made)".to_owned(),
        dataset: DatasetInfo { name: String::new(), train: 1, valid: 1, hash: String::new() },
    }
}

/// What runs with these accuracies say, baseline first, three seeds an arm.
fn summary(sweep: &str, arms: &[[f64; 3]]) -> Summary {
    let plan = Plan::parse(&format!("v=1&sweep={sweep};seed:1..3")).plan.unwrap();
    let planned = plan.arms();
    let mut results: Vec<(String, RunResult)> = Vec::new();
    for (arm, accuracies) in planned.iter().zip(arms) {
        for (seed, accuracy) in (1..).zip(accuracies) {
            results.push((arm.run(seed).link(), result(*accuracy, 0.5 - accuracy / 2.0)));
        }
    }
    Summary::new(&plan, |experiment| {
        let link = experiment.link();
        results.iter().find(|(known, _)| *known == link).map(|(_, result)| result)
    })
}

fn of(with: [f64; 3]) -> FoundEffect {
    let summary = summary("mixup:0|0.4", &[[0.50, 0.51, 0.52], with]);
    effect(&summary, Measure::Accuracy).unwrap().found()
}

#[test]
fn an_interval_without_0_allows_one_claim() {
    let helps = of([0.60, 0.61, 0.62]);
    assert_eq!(helps.direction, Direction::Higher);
    let grade = helps.concluded(Direction::Higher);
    assert!(grade.right);
    assert_eq!(
        grade.text,
        "Your interval excludes 0, so you may claim that the accuracy is higher."
    );
    let grade = helps.concluded(Direction::Lower);
    assert!(!grade.right && grade.text.contains("on the other side"), "{grade:?}");
    let grade = helps.concluded(Direction::CannotTell);
    assert!(!grade.right && grade.text.contains("you may claim more"), "{grade:?}");
    assert_eq!(of([0.40, 0.41, 0.42]).direction, Direction::Lower);
}

#[test]
fn a_justified_cannot_tell_passes_and_a_claim_does_not() {
    let open = of([0.50, 0.515, 0.53]);
    assert_eq!(open.direction, Direction::CannotTell);
    assert!(open.concluded(Direction::CannotTell).right);
    for claim in [Direction::Higher, Direction::Lower] {
        let grade = open.concluded(claim);
        assert!(!grade.right && grade.text.contains("may not claim"), "{grade:?}");
    }
}

#[test]
fn other_figures_than_accuracy_have_their_own_direction() {
    let summary = summary("mixup:0|0.4", &[[0.50, 0.51, 0.52], [0.60, 0.61, 0.62]]);
    let effect = effect(&summary, Measure::Ece).unwrap();
    assert_eq!(effect.direction(), Direction::Lower);
    let grade = effect.found().concluded(Direction::Lower);
    assert_eq!(grade.text, "Your interval excludes 0, so you may claim that the ECE is lower.");
}

#[test]
fn several_conditions_have_to_agree() {
    // The arms: without and with it, each under two conditions.
    let (low, high, open) = ([0.5, 0.51, 0.52], [0.6, 0.61, 0.62], [0.5, 0.515, 0.53]);
    let both =
        effect(&summary("mixup:0|0.4;subset:50|all", &[low, low, high, high]), Measure::Accuracy);
    assert_eq!(both.unwrap().direction(), Direction::Higher);
    let one =
        effect(&summary("mixup:0|0.4;subset:50|all", &[low, low, high, open]), Measure::Accuracy);
    let one = one.unwrap();
    assert_eq!(one.direction(), Direction::CannotTell);
    let grade = one.found().concluded(Direction::CannotTell);
    assert!(grade.right && grade.text.contains("not all of your intervals"), "{grade:?}");
}

#[test]
fn missing_and_failed_runs_say_nothing_yet() {
    let baseline = [0.50, 0.51, 0.52];
    assert_eq!(effect(&summary("mixup:0|0.4", &[baseline]), Measure::Accuracy), None);
    // A run that diverged: the verdict is withheld, and says why.
    let failed = effect(&summary("mixup:0|0.4", &[baseline, [0.6, 0.6, -1.0]]), Measure::Accuracy);
    let failed = failed.unwrap();
    assert_eq!(failed.direction(), Direction::CannotTell);
    assert!(failed.compared[0].sentence.contains("diverged"));
}

#[test]
fn a_guess_is_compared_with_sign_and_size() {
    let ten_points = of([0.60, 0.61, 0.62]);
    let grade = ten_points.foreseen(LearnerGuess::MuchHigher);
    assert!(grade.right && grade.text.contains("came true: +10.00 points"), "{grade:?}");
    let grade = ten_points.foreseen(LearnerGuess::Higher);
    assert!(!grade.right && grade.text.contains("the right sign"), "{grade:?}");
    let grade = ten_points.foreseen(LearnerGuess::Lower);
    assert!(!grade.right && grade.text.contains("it came out much higher"), "{grade:?}");
    let grade = of([0.50, 0.515, 0.53]).foreseen(LearnerGuess::Same);
    assert!(grade.right && grade.text.contains("may be chance"), "{grade:?}");
}

#[test]
fn guesses_name_the_borders_that_grading_uses() {
    for (measure, scale) in [(Measure::Accuracy, 100.0), (Measure::Ece, 100.0), (Measure::Nll, 1.0)]
    {
        let (small, large) = (small(measure) * scale, LearnerGuess::LARGE * small(measure) * scale);
        let text = guess_text(LearnerGuess::Higher, measure);
        assert!(text.starts_with(&format!("higher: by {small} to {large} ")), "{text}");
    }
    assert_eq!(guess_text(LearnerGuess::Same, Measure::Ece), "about the same: within 1 point");
}

fn lesson(kind: &str, check: &str) -> Lesson {
    let text = format!(
        r#"{{"format": 1, "id": "a", "number": 1, "title": "T", "question": "Q", "book": "B",
        "predict": {{"text": "P", {kind}}}, "try": {{"text": "X", "link": "v=1"}},
        "see": {{"text": "S", "opens": ["data"]}}, "check": {{"text": "C", {check}}}, "why": ["W"]}}"#
    );
    Lesson::read(&text).unwrap()
}

#[test]
fn numbers_count_within_their_tolerance() {
    let lesson =
        lesson(r#""kind": "number", "unit": "passes""#, r#""value": 0.3, "tolerance": 0.1"#);
    let right = |answer| graded(&lesson, answer).map(|it| it.right);
    assert_eq!(right("0.4"), Some(true));
    assert_eq!(right("0.2"), Some(true));
    assert_eq!(right("0.41"), Some(false));
    assert_eq!((right("many"), right("")), (None, None));
    assert_eq!(graded(&lesson, "0.3").unwrap().text, "Right: it is 0.3 passes.");
}

#[test]
fn a_statement_is_right_or_another_one_is() {
    let lesson = lesson(r#""kind": "choice", "options": ["No.", "Yes."]"#, r#""right": 2"#);
    assert_eq!(graded(&lesson, "2").unwrap().text, "Right: Yes.");
    let wrong = graded(&lesson, "1").unwrap();
    assert_eq!((wrong.right, wrong.text.as_str()), (false, "This one holds instead: Yes."));
    assert_eq!(graded(&lesson, "x"), None);
}

#[test]
fn of_a_target_each_number_counts() {
    let lesson = lesson(
        r#""kind": "target", "labels": ["0", "1"]"#,
        r#""values": [0.02, 0.98], "tolerance": 0.001"#,
    );
    assert!(graded(&lesson, "0.02 0.98").unwrap().right);
    let wrong = graded(&lesson, "0.1 0.98").unwrap();
    assert_eq!((wrong.right, wrong.text.as_str()), (false, "Not yet: 0 is 0.02, not 0.1."));
    assert_eq!(graded(&lesson, "0.02"), None);
}

#[test]
fn an_answer_and_the_prediction_before_it_are_told_together() {
    let lesson = lesson(r#""kind": "choice", "options": ["No.", "Yes."]"#, r#""right": 2"#);
    let text = |answer, guess| told(&lesson, None, answer, guess).map(|it| it.text);
    assert_eq!(text("2", "2").unwrap(), "Right: Yes. Your prediction was right.");
    assert_eq!(text("2", "1").unwrap(), "Right: Yes. Your prediction was different.");
    assert_eq!(text("2", "").unwrap(), "Right: Yes.");
    assert_eq!(text("", "2"), None);
    let found = of([0.60, 0.61, 0.62]);
    let grade = found.told("higher", "lower").unwrap();
    assert!(grade.right && grade.text.ends_with("it came out much higher: +10.00 points."));
    assert_eq!(found.told("2", "lower"), None);
}
