//! One lesson as a card: predict, try, see, check, why, further. A step appears when the one
//! before it is done, so that the prediction comes before anything runs.

use super::TITLE;
use super::answers::{AnswerForm, ask, is_complete};
use super::standing::{LessonStanding, cost_text, standing};
use crate::bridge::{PageRequest, PageSnapshot};
use crate::classroom;
use crate::lessons::grade::{MeasuredEffect, guess_text, told};
use crate::lessons::{Direction, Further, Kind, LearnerGuess, Lesson, ProgressEntry, view};
use crate::text;
use crate::widgets::browser;
use crate::widgets::parts::{button, hint, plain, primary_if, quiet};
use crate::widgets::shared::Shared;
use yew::prelude::*;

/// Properties of [`Card`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct CardProps {
    /// The lesson.
    pub(super) lesson: Shared<Lesson>,
    /// How links name it, if they can.
    pub(super) address: Option<AttrValue>,
    /// The page, as the classroom knows it.
    pub(super) page: Shared<PageSnapshot>,
    /// What was done of the lesson.
    pub(super) entry: ProgressEntry,
    /// Stores what was done.
    pub(super) on_entry: Callback<ProgressEntry>,
    /// Shows recorded results, by their name.
    pub(super) on_recorded: Callback<AttrValue>,
}

/// The card.
#[component]
pub(super) fn Card(props: &CardProps) -> Html {
    let CardProps { lesson, address, page, entry, on_entry, .. } = props;
    let guess = use_state(|| entry.prediction.clone().unwrap_or_default());
    let answer = use_state(|| entry.answer.clone().unwrap_or_default());
    let predicted = entry.prediction.is_some();
    let runs = standing(lesson, page);
    let keep = {
        let (guess, entry, on_entry) = (guess.clone(), entry.clone(), on_entry.clone());
        move |_: MouseEvent| {
            on_entry.emit(ProgressEntry { prediction: Some(guess.to_string()), ..entry.clone() });
        }
    };
    let restart = {
        let (guess, answer, on_entry) = (guess.setter(), answer.setter(), on_entry.clone());
        let entry = ProgressEntry::fresh(lesson);
        move |_: MouseEvent| {
            guess.set(String::new());
            answer.set(String::new());
            on_entry.emit(entry.clone());
        }
    };
    html! {
        <article class="lesson" aria-labelledby={TITLE}>
            <h3 id={TITLE} tabindex="-1">{ format!("{}. {}", lesson.number, lesson.title) }</h3>
            <p class="lesson-question">{ &lesson.question }</p>
            if let Some(address) = address {
                <p class="hint"><a href={format!("#lesson={address}")}>{ text::lesson_link() }</a></p>
            }
            <h4>{ text::lesson_predict() }</h4>
            { ask("lesson-guess", &lesson.predict.text, &before(&lesson.predict.kind), &guess, predicted) }
            if !predicted {
                <p>{ primary_if(is_complete(&guess), text::lesson_save(), keep) }</p>
            }
            <p class="hint" role="status">
                { if predicted { text::lesson_saved() } else { text::lesson_waits() } }
            </p>
            if predicted {
                { attempt(props, &runs) }
                { look(props) }
                { check(props, &runs, &answer) }
                if entry.verdict.is_some() {
                    { why(lesson) }
                    { further(&lesson.further) }
                }
                <p>{ quiet(text::lesson_restart(), restart) }{ " " }{ quiet(text::plan_print(), |_: MouseEvent| browser::print()) }</p>
            }
        </article>
    }
}

/// The step "try".
fn attempt(props: &CardProps, runs: &LessonStanding) -> Html {
    let CardProps { lesson, page, entry, on_entry, .. } = props;
    let experiment = &lesson.experiment;
    let onclick = {
        let (link, start) = (experiment.link.clone(), experiment.start);
        let (on_entry, entry) = (on_entry.clone(), entry.clone());
        move |_: MouseEvent| {
            let link = link.clone();
            classroom::ask(&if start { PageRequest::Start(link) } else { PageRequest::Open(link) });
            on_entry.emit(ProgressEntry { tries: entry.tries + 1, ..entry.clone() });
        }
    };
    let label = if experiment.start { text::lesson_train() } else { text::lesson_set_up() };
    let state = match runs {
        LessonStanding::Busy(text) | LessonStanding::Failed(text) => text.clone(),
        LessonStanding::Ended | LessonStanding::Measured(_) => text::lesson_done().to_owned(),
        LessonStanding::Idle if page.busy => text::lesson_busy().to_owned(),
        LessonStanding::Idle if entry.tries > 0 && !experiment.start => {
            text::lesson_ready().to_owned()
        }
        LessonStanding::Idle => String::new(),
    };
    html! {
        <>
            <h4>{ text::lesson_try() }</h4>
            { plain(experiment.text.clone()) }
            { hint(cost_text(lesson, page)) }
            if let Some(tried) = experiment.searched {
                { hint(text::lesson_searched(tried)) }
            }
            <p>{ primary_if(!page.busy, label, onclick) }</p>
            <p class="hint" role="status">{ state }</p>
        </>
    }
}

/// The step "see".
fn look(props: &CardProps) -> Html {
    let CardProps { lesson, on_recorded, .. } = props;
    html! {
        <>
            <h4>{ text::lesson_see() }</h4>
            { plain(lesson.see.text.clone()) }
            <div class="actions">
                { for lesson.see.opens.iter().filter_map(|name| view(name)).map(|(_, element, title)| {
                    let show = move |_: MouseEvent| classroom::ask(&PageRequest::Show(element.to_owned()));
                    button(text::lesson_show(title()), show)
                }) }
                if let Some(name) = lesson.see.recorded.clone() {
                    { button(text::lesson_show_recorded(), on_recorded.reform(move |_: MouseEvent| name.clone().into())) }
                }
            </div>
        </>
    }
}

/// The step "check".
fn check(props: &CardProps, runs: &LessonStanding, answer: &UseStateHandle<String>) -> Html {
    let CardProps { lesson, entry, on_entry, .. } = props;
    let measured = match runs {
        LessonStanding::Measured(effect) => Some(effect.clone()),
        _ => None,
    };
    let by_runs = matches!(lesson.predict.kind, Kind::Effect { .. });
    let onclick = {
        let (lesson, entry, on_entry) = (lesson.clone(), entry.clone(), on_entry.clone());
        let (answer, measured) = (answer.clone(), measured.clone());
        move |_: MouseEvent| {
            let guess = entry.prediction.as_deref().unwrap_or_default();
            let found = measured.as_ref().filter(|_| by_runs).map(MeasuredEffect::found);
            if let Some(grade) = told(&lesson, found.as_ref(), &answer, guess) {
                let (answer, verdict) = (Some(answer.to_string()), Some(grade.text));
                let passed = grade.right;
                on_entry.emit(ProgressEntry { answer, passed, found, verdict, ..entry.clone() });
            }
        }
    };
    let able = is_complete(answer) && (measured.is_some() || !by_runs);
    html! {
        <>
            <h4>{ text::lesson_check() }</h4>
            if let Some(effect) = &measured {
                if by_runs {
                    <ul>
                        { for effect.compared.iter().map(|it| html! { <li>{ format!("{}: {}", it.name, it.sentence) }</li> }) }
                    </ul>
                }
            } else if by_runs {
                { hint(text::lesson_come_back()) }
            }
            { ask("lesson-answer", lesson.check.text(), &after(&lesson.predict.kind), answer, by_runs && measured.is_none()) }
            <p>{ primary_if(able, text::lesson_check_answer(), onclick) }</p>
            <p class={classes!("lesson-verdict", entry.passed.then_some("is-good"))} role="status">
                { entry.verdict.clone().unwrap_or_default() }
            </p>
        </>
    }
}

/// The explanation, with the book's section and the paper.
fn why(lesson: &Lesson) -> Html {
    html! {
        <>
            <h4>{ text::lesson_why() }</h4>
            { for lesson.why.iter().map(|text| plain(text.clone())) }
            <p class="hint">
                { text::lesson_read_on(&lesson.book) }
                if let Some(paper) = &lesson.paper {
                    { "; " }<a href={paper.url.clone()} target="_blank" rel="noopener">{ &paper.title }</a>
                }
            </p>
        </>
    }
}

/// What to do after the lesson.
fn further(items: &[Further]) -> Html {
    if items.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h4>{ text::lesson_further() }</h4>
            <ul>
                { for items.iter().map(|item| html! {
                    <li>
                        { &item.text }
                        if let Some(link) = item.link.clone() {
                            { " " }
                            { quiet(text::lesson_set_this_up(), move |_: MouseEvent| classroom::ask(&PageRequest::Open(link.clone()))) }
                        }
                    </li>
                }) }
            </ul>
        </>
    }
}

/// How the question before the experiment is answered.
fn before(kind: &Kind) -> AnswerForm {
    match kind {
        Kind::Effect { measure } => AnswerForm::One(
            LearnerGuess::ALL
                .map(|guess| (guess.name().into(), guess_text(guess, *measure).into()))
                .to_vec(),
        ),
        _ => after(kind),
    }
}

/// How the question after it is answered.
fn after(kind: &Kind) -> AnswerForm {
    match kind {
        Kind::Effect { .. } => {
            AnswerForm::One(Direction::ALL.map(|it| (it.name().into(), it.word().into())).to_vec())
        }
        Kind::Choice { options } => AnswerForm::One(
            (1..)
                .zip(options)
                .map(|(place, it): (u32, _)| (place.to_string().into(), it.clone().into()))
                .collect(),
        ),
        Kind::Number { unit } if unit.is_empty() => {
            AnswerForm::Numbers(vec![text::lesson_answer().into()])
        }
        Kind::Number { unit } => AnswerForm::Numbers(vec![text::lesson_answer_in(unit).into()]),
        Kind::Target { labels } => {
            AnswerForm::Numbers(labels.iter().map(|label| label.clone().into()).collect())
        }
    }
}
