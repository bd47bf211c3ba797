//! The prediction before the first run, where the link asks for one: below the page's Train
//! button, which waits for it; then what it was worth.

use crate::bridge::{PageRequest, PageSnapshot};
use crate::class::guess::{GUESSES, guess_text, told};
use crate::classroom;
use crate::classroom::lessons::{AnswerForm, ask};
use crate::lessons::LearnerGuess;
use crate::text;
use crate::widgets::browser;
use crate::widgets::parts::{hint, plain, primary_if};
use crate::widgets::shared::Shared;
use yew::prelude::*;

/// Under this name the last prediction is stored: the guess, a line break, the link.
const STORED: &str = "predicted-1";

/// Properties of [`Prediction`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct PredictionProps {
    /// What is known of the page.
    pub(super) page: Shared<PageSnapshot>,
}

/// A prediction for a link.
#[derive(Clone, PartialEq)]
struct Predicted {
    guess: LearnerGuess,
    link: String,
}

impl Predicted {
    fn stored() -> Option<Self> {
        let text = browser::kept_text(STORED)?;
        let (guess, link) = text.split_once('\n')?;
        Some(Self { guess: LearnerGuess::named(guess)?, link: link.to_owned() })
    }

    fn store(&self) {
        browser::keep_text(STORED, &format!("{}\n{}", self.guess.name(), self.link));
    }
}

/// The question, then the answer.
#[component]
pub(super) fn Prediction(props: &PredictionProps) -> Html {
    let page = &props.page;
    let chosen = use_state(String::new);
    let made = use_state(Predicted::stored);
    // After a reload the prediction for the same link still holds.
    let known = made.as_ref().is_some_and(|made| made.link == page.link);
    use_effect_with(known && !page.predicted, |restore| {
        if *restore {
            classroom::ask(&PageRequest::Predicted);
        }
    });
    if !page.predicted && !known {
        let onclick = {
            let (made, chosen, link) = (made.setter(), chosen.clone(), page.link.clone());
            move |_: MouseEvent| {
                if let Some(guess) = LearnerGuess::named(&chosen) {
                    let prediction = Predicted { guess, link: link.clone() };
                    prediction.store();
                    made.set(Some(prediction));
                    classroom::ask(&PageRequest::Predicted);
                }
            }
        };
        let options = GUESSES.map(|guess| (guess.name().into(), guess_text(guess).into()));
        let form = AnswerForm::One(options.to_vec());
        return html! {
            <>
                { ask("predict-guess", text::predict_question(), &form, &chosen, false) }
                <p>{ primary_if(!chosen.is_empty(), text::predict_keep(), onclick) }</p>
                { hint(text::predict_first()) }
            </>
        };
    }
    // A lesson has a prediction of its own, and then there may be none here, or an old one.
    let about = |made: &Predicted| {
        made.link == page.link || page.run.as_ref().is_some_and(|run| run.link == made.link)
    };
    let Some(Predicted { guess, link }) = (*made).clone().filter(about) else {
        return Html::default();
    };
    let run = page.run.as_ref().filter(|run| run.ended && run.link == link);
    let outcome = match run.map(|run| run.compared) {
        None => text::predict_kept(guess_text(guess)),
        Some(None) => text::predict_no_baseline().to_owned(),
        Some(Some((accuracy, baseline))) => told(guess, accuracy, baseline),
    };
    html! {
        <div role="status">
            { plain(outcome) }
            if run.is_some_and(|run| run.compared.is_some()) {
                { hint(text::predict_one_pair()) }
            }
        </div>
    }
}
