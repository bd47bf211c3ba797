//! What an answer is worth: by what the runs measured, or by what is right.

use super::answer::{Direction, LearnerGuess};
use super::lesson::{Check, Kind, Lesson};
use crate::number;
use crate::stats::intervals::Interval;
use crate::stats::verdict::{Measure, Verdict};
use crate::sweep::Summary;
use crate::text;
use serde::{Deserialize, Serialize};

/// How an answer was graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// True if it holds. Cannot tell, where the runs cannot, holds.
    pub right: bool,
    /// Why, in a sentence or two.
    pub text: String,
}

/// What the runs of an experiment say about its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredEffect {
    /// What they are compared by.
    pub measure: Measure,
    /// The comparisons; several where the question is asked under several conditions.
    pub compared: Vec<Compared>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What differs.
    pub name: String,
    /// The figure with it minus the figure without it.
    pub delta: f64,
    /// 95% interval of the difference.
    pub interval: Option<Interval>,
    /// What may be claimed, after Holm's correction.
    pub direction: Direction,
    /// Verdict and figures in one sentence.
    pub sentence: String,
}

/// What a sweep says; `None` while runs are missing or where one of them failed.
pub fn effect(summary: &Summary, measure: Measure) -> Option<MeasuredEffect> {
    if summary.finished < summary.runs {
        return None;
    }
    let compared = summary.contrasts.iter().map(|contrast| {
        let told = match measure {
            Measure::Accuracy => contrast.accuracy_test(),
            _ => contrast.measures.iter().find(|it| it.measure == measure)?.test.clone(),
        };
        let delta = told.delta?;
        let direction = match told.verdict {
            Verdict::CannotTell => Direction::CannotTell,
            _ if delta > 0.0 => Direction::Higher,
            _ => Direction::Lower,
        };
        Some(Compared {
            name: contrast.name.clone(),
            delta,
            interval: told.interval,
            direction,
            sentence: told.sentence,
        })
    });
    let compared: Vec<Compared> = compared.collect::<Option<_>>()?;
    (!compared.is_empty()).then_some(MeasuredEffect { measure, compared })
}

impl MeasuredEffect {
    /// What may be claimed: what all comparisons show; else one cannot tell.
    pub fn direction(&self) -> Direction {
        let first = self.compared.first().map_or(Direction::CannotTell, |it| it.direction);
        match self.compared.iter().all(|it| it.direction == first) {
            true => first,
            false => Direction::CannotTell,
        }
    }

    /// What an answer is graded by.
    pub fn found(&self) -> FoundEffect {
        let sum: f64 = self.compared.iter().map(|it| it.delta).sum();
        FoundEffect {
            measure: self.measure,
            compared: self.compared.len() as u32,
            direction: self.direction(),
            delta: sum / self.compared.len().max(1) as f64,
        }
    }
}

/// What answers are graded by, without words: it is stored, and graded again in the language of
/// the visit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundEffect {
    /// What the runs are compared by.
    pub measure: Measure,
    /// How many comparisons there are.
    pub compared: u32,
    /// What may be claimed.
    pub direction: Direction,
    /// The mean difference over the comparisons.
    pub delta: f64,
}

impl FoundEffect {
    /// Grades a conclusion from the runs.
    pub fn concluded(&self, concluded: Direction) -> Grade {
        let (shown, count) = (self.direction, self.compared);
        let claim = |direction: Direction| match self.measure {
            Measure::Accuracy => text::grade_claim_accuracy(direction.word()),
            Measure::Nll => text::grade_claim_nll(direction.word()),
            Measure::Ece => text::grade_claim_ece(direction.word()),
        };
        let text = match (concluded, shown) {
            (Direction::CannotTell, Direction::CannotTell) if count > 1 => {
                text::grade_cannot_tell_several().to_owned()
            }
            (Direction::CannotTell, Direction::CannotTell) => text::grade_cannot_tell().to_owned(),
            (Direction::CannotTell, shown) => text::grade_may_claim_more(count, &claim(shown)),
            (concluded, Direction::CannotTell) => text::grade_may_not_claim(&claim(concluded)),
            (concluded, shown) if concluded == shown => text::grade_claimed(count, &claim(shown)),
            (_, shown) => text::grade_other_side(count, &claim(shown)),
        };
        Grade { right: concluded == shown, text }
    }

    /// Grades a guess from before the runs. Where the runs cannot tell, only the size can
    /// be compared.
    pub fn foreseen(&self, guess: LearnerGuess) -> Grade {
        let found = LearnerGuess::of(self.delta, small(self.measure));
        let difference = format!("{} {}", self.measure.difference(self.delta), self.measure.unit());
        let right = guess == found;
        let open = self.direction == Direction::CannotTell;
        let text = match (right, guess.direction() == found.direction()) {
            (true, _) if open => text::grade_foreseen_open(guess.word(), &difference),
            (true, _) => text::grade_foreseen(guess.word(), &difference),
            (false, true) => text::grade_foreseen_sign(guess.word(), &difference),
            (false, false) => text::grade_foreseen_other(guess.word(), found.word(), &difference),
        };
        Grade { right, text }
    }

    /// Grades a conclusion and the guess before it, as the controls write them, in one text;
    /// `None` of what is no conclusion.
    pub fn told(&self, answer: &str, guess: &str) -> Option<Grade> {
        let foreseen = LearnerGuess::named(guess).map(|guess| self.foreseen(guess).text);
        Some(self.concluded(Direction::named(answer)?).followed_by(foreseen))
    }
}

impl Grade {
    fn followed_by(self, sentence: Option<impl AsRef<str>>) -> Self {
        let Some(sentence) = sentence else { return self };
        Self { text: format!("{} {}", self.text, sentence.as_ref()), ..self }
    }
}

/// The smallest difference that is not "about the same": a point, or .1 nats.
pub fn small(measure: Measure) -> f64 {
    match measure {
        Measure::Nll => 0.1,
        Measure::Accuracy | Measure::Ece => 0.01,
    }
}

/// A guess with its size: "higher: by 1 to 5 points".
pub fn guess_text(guess: LearnerGuess, measure: Measure) -> String {
    let (small, large) = match measure {
        Measure::Nll => (text::decimal("0.1"), text::decimal("0.5")),
        Measure::Accuracy | Measure::Ece => ("1".to_owned(), "5".to_owned()),
    };
    let (word, unit) = (guess.word(), measure.unit());
    match guess {
        LearnerGuess::Same if measure == Measure::Nll => text::guess_within_nats(word, &small),
        LearnerGuess::Same => text::guess_within_points(word, 1u32),
        LearnerGuess::Lower | LearnerGuess::Higher => {
            text::guess_between(word, &small, &large, unit)
        }
        LearnerGuess::MuchLower | LearnerGuess::MuchHigher => {
            text::guess_beyond(word, &large, unit)
        }
    }
}

/// Grades an answer to a question that has a right one, as the controls write it: a
/// number; the place of a statement, from 1; or numbers with spaces between them.
/// `None` of a question that runs decide, and of a text that is no such answer.
pub fn graded(lesson: &Lesson, answer: &str) -> Option<Grade> {
    let numbers = || -> Option<Vec<f64>> { answer.split_whitespace().map(number::read).collect() };
    match (&lesson.check, &lesson.predict.kind) {
        (Check::Number { value, tolerance, .. }, Kind::Number { unit }) => {
            let given = *numbers()?.first()?;
            let right = close(given, *value, *tolerance);
            let written = |it: f64| match unit.as_str() {
                "" => written(it),
                unit => format!("{} {unit}", written(it)),
            };
            let text = match right {
                true => text::grade_number_right(&written(*value)),
                false => text::grade_number_off(&written(given), &written(*value)),
            };
            Some(Grade { right, text })
        }
        (Check::Choice { right, .. }, Kind::Choice { options }) => {
            let given = *numbers()?.first()?;
            let is_right = given == *right as f64 + 1.0;
            let best = options.get(*right).map_or("", String::as_str);
            let text = match is_right {
                true => text::grade_choice_right(best),
                false => text::grade_choice_other(best),
            };
            Some(Grade { right: is_right, text })
        }
        (Check::Target { values, tolerance, .. }, Kind::Target { labels }) => {
            let given = numbers().filter(|given| given.len() == labels.len())?;
            let off = given
                .iter()
                .zip(values)
                .zip(labels)
                .filter(|((given, value), _)| !close(**given, **value, *tolerance));
            let off: Vec<String> = off
                .map(|((given, value), label)| {
                    text::grade_target_one(label, &written(*value), &written(*given))
                })
                .collect();
            let text = match off.is_empty() {
                true => text::grade_target_right().to_owned(),
                false => text::grade_target_off(&off.join("; ")),
            };
            Some(Grade { right: off.is_empty(), text })
        }
        _ => None,
    }
}

/// Grades an answer and the prediction before it, in one text. What the runs decide is graded by
/// what they have found; `None` of what cannot be graded.
pub fn told(
    lesson: &Lesson,
    found: Option<&FoundEffect>,
    answer: &str,
    guess: &str,
) -> Option<Grade> {
    if matches!(lesson.predict.kind, Kind::Effect { .. }) {
        return found?.told(answer, guess);
    }
    let foreseen = graded(lesson, guess).map(|grade| match grade.right {
        true => text::grade_foreseen_right(),
        false => text::grade_foreseen_different(),
    });
    Some(graded(lesson, answer)?.followed_by(foreseen))
}

/// A number as the language writes it.
pub(super) fn written(number: f64) -> String {
    text::decimal(&number.to_string())
}

/// Decimals of people are compared a little generously: .1 + .2 is .3.
fn close(given: f64, value: f64, tolerance: f64) -> bool {
    (given - value).abs() <= tolerance + 1e-9 * value.abs().max(1.0)
}

#[cfg(test)]
mod tests;
