//! The check of a laptop before a lesson: a press, a few seconds, a list, a line for the teacher.

use super::use_copying;
use crate::bridge::{self, PageRequest, PageSnapshot, TimingNews};
use crate::class::check::{CheckLine, Laptop, LaptopPace, StepClock, check, report};
use crate::class::planned;
use crate::classroom;
use crate::text;
use crate::widgets::parts::{button, hint, plain, primary_if, tag};
use crate::widgets::shared::Shared;
use crate::widgets::{browser, signal};
use crate::wire::describe;
use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemGetFileOptions, Navigator};
use yew::prelude::*;

/// A file that is made and removed again.
const TRIED: &str = "class-check";

/// Properties of [`ClassCheck`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ClassCheckProps {
    /// What is known of the page.
    pub(super) page: Shared<PageSnapshot>,
}

/// How far the check is.
#[derive(Clone, PartialEq)]
enum CheckState {
    NotAsked,
    Busy,
    Done(Laptop, LaptopPace),
}

/// The section.
#[component]
pub(super) fn ClassCheck(props: &ClassCheckProps) -> Html {
    let state = use_state(|| CheckState::NotAsked);
    let copying = use_copying();
    let busy = *state == CheckState::Busy;
    let onclick = {
        let (state, page) = (state.setter(), props.page.clone());
        move |_: MouseEvent| {
            let (state, page) = (state.clone(), page.clone());
            state.set(CheckState::Busy);
            browser::spawn(async move {
                let laptop = laptop().await;
                let pace = match timed_link(&page) {
                    Ok(link) => time(link).await,
                    Err(why) => LaptopPace::Untimed(why.to_owned()),
                };
                state.set(CheckState::Done(laptop, pace));
            });
        }
    };
    let lines = match &*state {
        CheckState::Done(laptop, pace) => check(&props.page, laptop, pace),
        CheckState::NotAsked | CheckState::Busy => Vec::new(),
    };
    let told = report(&lines);
    html! {
        <>
            { plain(text::check_hint()) }
            <p>{ primary_if(!busy, text::check_title(), onclick) }</p>
            <div role="status">
                if busy {
                    { hint(text::check_busy()) }
                }
                if !lines.is_empty() {
                    <ul class="check" aria-label={text::check_results()}>{ for lines.iter().map(view) }</ul>
                }
            </div>
            if !lines.is_empty() {
                <div class="field">
                    <label for="check-line">{ text::check_line() }</label>
                    <input id="check-line" type="text" readonly=true value={told.clone()} />
                </div>
                <div class="actions">{ button(text::check_copy(), copying.of(told)) }</div>
                <p class="hint" role="status">{ copying.outcome() }</p>
            }
        </>
    }
}

fn view(line: &CheckLine) -> Html {
    html! {
        <li>
            <strong>{ line.name }</strong>{ " " }{ tag(line.word.text()) }{ " " }{ &line.found }
            if !line.fallback.is_empty() {
                <br />{ &line.fallback }
            }
        </li>
    }
}

/// The link whose steps can be timed now, or why there is none.
fn timed_link(page: &PageSnapshot) -> Result<String, &'static str> {
    let first = planned(&page.link).into_iter().next();
    match first {
        _ if page.busy => Err(text::check_time_busy()),
        Some(first) if first.init.is_some() => Err(text::check_time_saved()),
        Some(first) if page.data.as_ref().is_some_and(|it| it.data == first.data.text()) => {
            Ok(first.link())
        }
        _ => Err(text::check_time_no_data()),
    }
}

/// Has the page take training steps, for a few seconds at most.
async fn time(link: String) -> LaptopPace {
    let now = || browser::milliseconds() / 1000.0;
    let (sender, ended) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let clock = Rc::new(RefCell::new(StepClock::new(now())));
    let end = move |why: Option<String>| {
        if let Some(sender) = sender.borrow_mut().take() {
            sender.send(why).ok();
        }
    };
    let listener = {
        let (clock, end) = (clock.clone(), end.clone());
        signal::listen(bridge::TIMING, move |text| match bridge::open(&text) {
            Ok(news @ (TimingNews::Steps(steps) | TimingNews::Over(steps))) => {
                let mut clock = clock.borrow_mut();
                clock.hear(steps, now());
                if clock.is_enough(now()) || matches!(news, TimingNews::Over(_)) {
                    end(None);
                }
            }
            Ok(TimingNews::Failed(why)) => end(Some(why)),
            Err(error) => end(Some(error.to_string())),
        })
    };
    browser::after(StepClock::patience(), move || end(None));
    classroom::ask(&PageRequest::Time(link));
    let why = ended.await.ok().flatten();
    drop(listener);
    classroom::ask(&PageRequest::StopTiming);
    let timed = clock.borrow().timed();
    match timed {
        Some(timed) => LaptopPace::Timed(timed),
        None => LaptopPace::Untimed(why.unwrap_or_else(|| text::check_time_slow().to_owned())),
    }
}

/// What the browser says of the laptop.
async fn laptop() -> Laptop {
    let navigator = browser::window().map(|window| window.navigator());
    let memory = navigator.as_ref().and_then(|navigator| {
        Reflect::get(navigator, &"deviceMemory".into()).ok().and_then(|memory| memory.as_f64())
    });
    let files = match navigator {
        Some(navigator) => Some(make_file(&navigator).await.map_err(|error| describe(&error))),
        None => None,
    };
    Laptop { secure: browser::is_secure(), memory, files }
}

/// Makes a file of the site's own and removes it.
async fn make_file(navigator: &Navigator) -> Result<(), JsValue> {
    let storage = navigator.storage();
    if storage.is_undefined() {
        return Err(text::check_storage_none().into());
    }
    // Older browsers have no such method.
    let method: Function = Reflect::get(&storage, &"getDirectory".into())?.dyn_into()?;
    let found: Promise = method.call0(&storage)?.unchecked_into();
    let root: FileSystemDirectoryHandle = JsFuture::from(found).await?.unchecked_into();
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_file_handle_with_options(TRIED, &options)).await?;
    JsFuture::from(root.remove_entry(TRIED)).await.map(drop)
}
