//! The lessons: their list, the one that is open, and what a learner has done so far.

mod answers;
mod card;
mod files;
mod plan;
mod standing;

pub(super) use answers::{AnswerForm, ask};
pub(super) use files::index as lesson_index;

use super::terms::Terms;
use super::use_opened;
use crate::bridge::{self, PageSnapshot};
use crate::lessons::{Index, Lesson, ListedLesson, Progress, ProgressEntry, asked, listed};
use crate::text;
use crate::widgets::parts::{button, plain, refusal, tag};
use crate::widgets::shared::Shared;
use crate::widgets::{browser, save, texts};
use card::Card;
use files::GivenLesson;
use plan::{ClassPlan, next_of};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Under this name the progress is stored; another version of it would have another.
const STORED: &str = "lessons-1";

/// The heading of the open lesson.
const TITLE: &str = "lesson-title";

/// A lesson that was asked for.
#[derive(Clone, PartialEq)]
struct OpenedLesson {
    /// Each opening has a number, so that the same lesson opened again begins anew.
    number: u32,
    /// How links name it; `None` for a lesson from a file.
    address: Option<AttrValue>,
    /// The lesson, or why it is not there.
    lesson: Result<Shared<Lesson>, AttrValue>,
}

/// Properties of [`Lessons`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct LessonsProps {
    /// The page, as the classroom knows it.
    pub(super) page: Shared<PageSnapshot>,
    /// Shows recorded results, by their name.
    pub(super) on_recorded: Callback<AttrValue>,
}

/// The panel's content.
#[component]
pub(super) fn Lessons(props: &LessonsProps) -> Html {
    let open = use_opened(bridge::LESSONS);
    let index = use_state(|| None::<Result<Shared<Index>, AttrValue>>);
    let (opened, count) = (use_state(|| None::<OpenedLesson>), use_mut_ref(|| 0u32));
    let progress = use_state(|| Shared(Rc::new(stored_progress())));
    let note = use_state(|| AttrValue::Static(""));
    // What the class's link lists, in its order.
    let plan = use_state(|| Rc::new(Vec::<String>::new()));
    let read_index = {
        let index = index.clone();
        Callback::from(move |()| {
            let index = index.clone();
            browser::spawn(async move {
                let read = files::index().await;
                index.set(Some(read.map(|read| Shared(Rc::new(read))).map_err(Into::into)));
            });
        })
    };
    {
        let (read_index, read) = (read_index.clone(), matches!(*index, Some(Ok(_))));
        use_effect_with(open, move |open| {
            if *open && !read {
                read_index.emit(());
            }
        });
    }
    let show = {
        let opened = opened.setter();
        Callback::from(move |(address, read): (Option<AttrValue>, Result<Lesson, String>)| {
            let lesson = read.map(|lesson| Shared(Rc::new(lesson))).map_err(Into::into);
            *count.borrow_mut() += 1;
            opened.set(Some(OpenedLesson { number: *count.borrow(), address, lesson }));
            browser::after(0.0, || browser::focus(TITLE));
        })
    };
    let open_lesson = {
        let show = show.clone();
        Callback::from(move |asked: String| {
            let show = show.clone();
            browser::spawn(async move {
                let read = files::lesson(&asked).await;
                show.emit((Some(asked.into()), read));
            });
        })
    };
    {
        let (open_lesson, plan) = (open_lesson.clone(), plan.setter());
        // The page's address names a lesson by its id, or by a file beside the page; or
        // several, of which the first that is not answered is opened.
        use_effect_with((), move |()| {
            let open_asked = move || {
                if let (Some(asked), _) = asked(&browser::fragment()) {
                    let asked = listed(&asked);
                    if let Some(first) = next_of(&asked, &stored_progress()) {
                        open_lesson.emit(first);
                    }
                    if asked.len() > 1 {
                        plan.set(Rc::new(asked));
                    }
                }
            };
            open_asked();
            let listener = browser::window()
                .map(|window| browser::Listener::new(&window, "hashchange", move |_| open_asked()));
            move || drop(listener)
        });
    }
    let store = {
        let progress = progress.setter();
        Callback::from(move |changed: Progress| {
            browser::keep_text(STORED, &changed.text());
            progress.set(Shared(Rc::new(changed)));
        })
    };
    let on_entry = {
        let (store, progress) = (store.clone(), progress.clone());
        Callback::from(move |entry: ProgressEntry| store.emit(progress.with(entry)))
    };
    let on_file = {
        let (progress, note) = (progress.clone(), note.setter());
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                let (show, store) = (show.clone(), store.clone());
                let (progress, note) = (progress.clone(), note.clone());
                browser::spawn(async move {
                    match files::given(&file).await {
                        Ok(GivenLesson::Progress(read)) => {
                            note.set(text::lesson_progress_read(&file.name()).into());
                            let entries = read.lessons.into_iter();
                            store.emit(entries.fold((**progress).clone(), |all, it| all.with(it)));
                        }
                        Ok(GivenLesson::Lesson(lesson)) => show.emit((None, Ok(*lesson))),
                        Err(why) => show.emit((None, Err(why))),
                    }
                });
            }
            // So that choosing the same file again is a change again.
            input.set_value("");
        })
    };
    let announced = match &*opened {
        Some(OpenedLesson { lesson: Ok(it), .. }) => text::lesson_announce(&it.title),
        _ => String::new(),
    };
    let listed = index.as_ref().and_then(|it| it.as_ref().ok()).cloned();
    html! {
        <div class="lessons">
            { plain(text::lesson_intro()) }
            if !plan.is_empty() {
                <ClassPlan
                    lessons={(*plan).clone()} index={listed.clone()}
                    progress={(*progress).clone()} on_open={open_lesson}
                />
            }
            { list(index.as_ref(), &progress, &read_index, opened.as_ref()) }
            <div class="field">
                <label for="lesson-file">{ text::lesson_file() }</label>
                <input id="lesson-file" type="file" accept=".json,application/json" onchange={on_file} />
            </div>
            { exports(&progress, listed.as_ref()) }
            <Terms />
            <p class="hint" role="status">{ &*note }</p>
            <p class="visually-hidden" role="status">{ announced }</p>
            if let Some(OpenedLesson { number, address, lesson }) = &*opened {
                { match lesson {
                    Ok(lesson) => html! {
                        <>
                            <Card
                                key={*number} lesson={lesson.clone()} address={address.clone()} page={props.page.clone()}
                                entry={progress.of(&lesson.id).map_or_else(|| ProgressEntry::fresh(lesson), |it| it.retold(lesson))}
                                {on_entry} on_recorded={props.on_recorded.clone()}
                            />
                            if let (true, Some(Ok(index))) = (progress.of(&lesson.id).is_some_and(|it| it.passed), &*index) {
                                { next(index, &progress, Some(&lesson.id)) }
                            }
                        </>
                    },
                    Err(why) => html! {
                        <p id={TITLE} class="lesson-fault hint is-bad" role="alert" tabindex="-1">{ why }</p>
                    },
                } }
            }
        </div>
    }
}

/// What was done in earlier visits.
fn stored_progress() -> Progress {
    let stored = browser::kept_text(STORED).and_then(|text| Progress::parse(&text));
    stored.unwrap_or_default()
}

fn list(
    index: Option<&Result<Shared<Index>, AttrValue>>,
    progress: &Progress,
    read_again: &Callback<()>,
    opened: Option<&OpenedLesson>,
) -> Html {
    let index = match index {
        None => return html! { <p role="status">{ text::classroom_loading_list() }</p> },
        Some(Err(why)) => {
            let again = read_again.reform(|_: MouseEvent| ());
            return html! { <>{ refusal(why.clone()) }<p>{ button(text::classroom_again(), again) }</p></> };
        }
        Some(Ok(index)) => index,
    };
    html! {
        <>
            <p class="hint">{ text::lesson_count(answered(index, progress), index.lessons.len()) }</p>
            if opened.is_none() {
                { next(index, progress, None) }
            }
            <ol class="lesson-list">
                { for index.lessons.iter().map(|listed| {
                    let entry = progress.of(&listed.id);
                    html! {
                        <li key={listed.id.clone()}>
                            <a href={format!("#lesson={}", listed.id)}>{ &listed.title }</a>
                            if entry.is_some_and(|entry| entry.passed) {
                                { " " }{ tag(text::plan_answered()) }
                            } else if entry.is_some() {
                                { " " }{ tag(text::lesson_begun()) }
                            }
                        </li>
                    }
                }) }
            </ol>
        </>
    }
}

/// Where to go on: the first lesson after this one that is not answered, else the first of all.
fn next(index: &Index, progress: &Progress, after: Option<&str>) -> Html {
    let open = |it: &&ListedLesson| progress.of(&it.id).is_none_or(|entry| !entry.passed);
    let place = index.lessons.iter().position(|it| Some(it.id.as_str()) == after);
    let later = index.lessons.iter().skip(place.map_or(0, |place| place + 1)).find(open);
    let Some(lesson) = later.or_else(|| index.lessons.iter().find(open)) else {
        return plain(text::lesson_all_answered());
    };
    html! {
        <p class="next-step">
            <strong>{ text::lesson_next() }</strong>{ " " }
            <a href={format!("#lesson={}", lesson.id)}>{ format!("{}. {}", lesson.number, lesson.title) }</a>
        </p>
    }
}

/// How many lessons of the list were answered.
fn answered(index: &Index, progress: &Progress) -> usize {
    let passed = |id: &str| progress.of(id).is_some_and(|entry| entry.passed);
    index.lessons.iter().filter(|listed| passed(&listed.id)).count()
}

/// The buttons by which progress leaves the browser.
fn exports(progress: &Shared<Progress>, index: Option<&Shared<Index>>) -> Html {
    let on_progress = {
        let progress = progress.clone();
        move |_: MouseEvent| save::text("lessons.json", "application/json", &progress.text())
    };
    let on_worksheet = {
        let (progress, index) = (progress.clone(), index.cloned());
        move |_: MouseEvent| {
            let page = progress.worksheet(&texts::language(), index.as_deref());
            save::text("lessons.html", "text/html", &page);
        }
    };
    html! {
        <div class="actions">
            { button(text::lesson_save_progress(), on_progress) }
            { button(text::lesson_save_worksheet(), on_worksheet) }
        </div>
    }
}
