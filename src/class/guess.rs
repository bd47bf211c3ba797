//! A prediction of one run against its baseline, and what it was worth.

use crate::format::{percent, points};
use crate::lessons::LearnerGuess;
use crate::text;

/// What can be predicted.
pub const GUESSES: [LearnerGuess; 3] =
    [LearnerGuess::Lower, LearnerGuess::Same, LearnerGuess::Higher];

/// The smallest difference that is not "about the same".
const SMALL: f64 = 0.01;

/// A guess in words.
pub fn guess_text(guess: LearnerGuess) -> &'static str {
    match guess {
        LearnerGuess::Lower | LearnerGuess::MuchLower => text::predict_lower(),
        LearnerGuess::Same => text::predict_same(),
        LearnerGuess::Higher | LearnerGuess::MuchHigher => text::predict_higher(),
    }
}

/// What a guess was worth where the run and its baseline came to these accuracies.
pub fn told(guess: LearnerGuess, accuracy: f64, baseline: f64) -> String {
    let shown = LearnerGuess::of(accuracy - baseline, SMALL);
    let (own, other) = (percent(accuracy), percent(baseline));
    let difference = points(accuracy - baseline);
    match shown.direction() == guess.direction() {
        true => text::predict_right(&own, &other, &difference, guess_text(guess)),
        false => text::predict_other(&own, &other, &difference, guess_text(guess)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_right_by_its_direction() {
        let right = |guess, accuracy| told(guess, accuracy, 0.5).contains("as you predicted");
        assert!(right(LearnerGuess::Higher, 0.52) && right(LearnerGuess::Higher, 0.9));
        assert!(right(LearnerGuess::Same, 0.505) && right(LearnerGuess::Lower, 0.4));
        assert!(!right(LearnerGuess::Same, 0.52) && !right(LearnerGuess::Lower, 0.5));
        let text = told(LearnerGuess::Lower, 0.525, 0.5);
        assert!(text.contains("52.5%") && text.contains("+2.5"), "{text}");
    }
}
