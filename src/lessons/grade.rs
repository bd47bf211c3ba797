//! What an answer is worth: by what the runs measured, or by what is right.

use super::answer::{Direction, LearnerGuess};
use super::lesson::{Check, Kind, Lesson};
use crate::number;
use crate::stats::intervals::Interval;
use crate::stats::verdict::{Measure, Verdict};
use crate::sweep::Summary;
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

    /// The mean difference over the comparisons.
    pub fn delta(&self) -> f64 {
        self.compared.iter().map(|it| it.delta).sum::<f64>() / self.compared.len().max(1) as f64
    }

    /// Grades a conclusion from the runs.
    pub fn concluded(&self, concluded: Direction) -> Grade {
        let shown = self.direction();
        let figure = self.measure.name();
        let several = self.compared.len() > 1;
        let intervals = if several { "Your intervals exclude" } else { "Your interval excludes" };
        let claim = |direction: Direction| format!("the {figure} is {}", direction.name());
        let text = match (concluded, shown) {
            (Direction::CannotTell, Direction::CannotTell) if several => {
                "Right: not all of your intervals exclude 0 on the same side, so these runs cannot tell."
                    .to_owned()
            }
            (Direction::CannotTell, Direction::CannotTell) => {
                "Right: your interval includes 0, or comes too close to it for so many comparisons, so \
                 these runs cannot tell. That is not the same as “no effect”."
                    .to_owned()
            }
            (Direction::CannotTell, shown) => {
                format!("{intervals} 0: you may claim more, namely that {}.", claim(shown))
            }
            (concluded, Direction::CannotTell) => format!(
                "Not with these runs: not every interval excludes 0, so you may not claim that {}.",
                claim(concluded)
            ),
            (concluded, shown) if concluded == shown => {
                format!("{intervals} 0, so you may claim that {}.", claim(shown))
            }
            (_, shown) => format!("{intervals} 0 on the other side: {}.", claim(shown)),
        };
        Grade { right: concluded == shown, text }
    }

    /// Grades a guess from before the runs. Where the runs cannot tell, only the size can
    /// be compared.
    pub fn foreseen(&self, guess: LearnerGuess) -> Grade {
        let delta = self.delta();
        let found = LearnerGuess::of(delta, small(self.measure));
        let difference = format!("{} {}", self.measure.difference(delta), self.measure.unit());
        let right = guess == found;
        let open = self.direction() == Direction::CannotTell;
        let text = match (right, guess.direction() == found.direction()) {
            (true, _) if open => format!(
                "Your prediction, “{}”, fits the measured {difference}, which may be chance.",
                guess.name()
            ),
            (true, _) => format!("Your prediction, “{}”, came true: {difference}.", guess.name()),
            (false, true) => format!(
                "Your prediction, “{}”, has the right sign; the size is another: {difference}.",
                guess.name()
            ),
            (false, false) => format!(
                "Your prediction was “{}”; it came out {}: {difference}.",
                guess.name(),
                found.name()
            ),
        };
        Grade { right, text }
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
    let (small, large, unit) = match measure {
        Measure::Nll => ("0.1", "0.5", "nats"),
        Measure::Accuracy | Measure::Ece => ("1", "5", "points"),
    };
    let size = match guess {
        LearnerGuess::Same => format!("within {small}"),
        LearnerGuess::Lower | LearnerGuess::Higher => format!("by {small} to {large}"),
        LearnerGuess::MuchLower | LearnerGuess::MuchHigher => format!("by more than {large}"),
    };
    format!("{}: {size} {unit}", guess.name())
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
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            let text = match right {
                true => format!("Right: it is {value}{unit}."),
                false => format!("{given}{unit} is too far off: it is {value}{unit}."),
            };
            Some(Grade { right, text })
        }
        (Check::Choice { right, .. }, Kind::Choice { options }) => {
            let given = *numbers()?.first()?;
            let is_right = given == *right as f64 + 1.0;
            let best = options.get(*right).map_or("", String::as_str);
            let text = match is_right {
                true => format!("Right: {best}"),
                false => format!("This one holds instead: {best}"),
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
                .map(|((given, value), label)| format!("{label} is {value}, not {given}"))
                .collect();
            let text = match off.is_empty() {
                true => "Right: all numbers are.".to_owned(),
                false => format!("Not yet: {}.", off.join("; ")),
            };
            Some(Grade { right: off.is_empty(), text })
        }
        _ => None,
    }
}

/// Decimals of people are compared a little generously: .1 + .2 is .3.
fn close(given: f64, value: f64, tolerance: f64) -> bool {
    (given - value).abs() <= tolerance + 1e-9 * value.abs().max(1.0)
}

#[cfg(test)]
mod tests;
