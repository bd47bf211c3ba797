//! Where lessons come from: the folder of the build, a file beside the page, a file of
//! the person. Each answers with the lesson, or with sentences that say what is wrong.

use crate::lessons::{Index, LONGEST_FILE, Lesson, Problem, Progress, is_beside};
use crate::text;
use crate::widgets::browser;
use crate::wire::describe;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The list of the lessons that belong to this build.
pub(in crate::classroom) async fn index() -> Result<Index, String> {
    Index::read(&fetched(&list_address()?).await?).map_err(|it| faults("lessons/index.json", &it))
}

/// A lesson of the list by its id, or of a file beside the page by its path.
pub(super) async fn lesson(asked: &str) -> Result<Lesson, String> {
    let address = if is_beside(asked) {
        browser::resolve(asked)
    } else {
        let index = index().await?;
        let listed = index.named(asked).ok_or_else(|| text::lesson_missing(asked))?;
        let list = list_address()?;
        web_sys::Url::new_with_base(&listed.file, &list).ok().map(|url| url.href())
    };
    let address = address.ok_or_else(|| text::lesson_no_address(asked))?;
    Lesson::read(&fetched(&address).await?).map_err(|it| faults(asked, &it))
}

/// What a person's file holds.
pub(super) enum GivenLesson {
    /// A lesson.
    Lesson(Box<Lesson>),
    /// What was done of lessons elsewhere.
    Progress(Progress),
}

/// Reads a file that the person gave.
pub(super) async fn given(file: &web_sys::File) -> Result<GivenLesson, String> {
    let name = file.name();
    if file.size() > LONGEST_FILE as f64 {
        return Err(text::lesson_too_large(&name, LONGEST_FILE));
    }
    let text = JsFuture::from(file.text()).await.map_err(|error| describe(&error))?;
    let text = text.as_string().unwrap_or_default();
    if let Some(progress) = Progress::parse(&text) {
        return Ok(GivenLesson::Progress(progress));
    }
    let lesson = Lesson::read(&text).map_err(|it| faults(&name, &it))?;
    Ok(GivenLesson::Lesson(Box::new(lesson)))
}

fn list_address() -> Result<String, String> {
    let list = browser::meta("lessons").and_then(|list| browser::resolve(&list));
    list.ok_or_else(|| text::lesson_no_list().to_owned())
}

async fn fetched(address: &str) -> Result<String, String> {
    let failed = |why: String| text::lesson_unread(address, &why);
    let window =
        browser::window().ok_or_else(|| failed(text::browser_no_window_why().to_owned()))?;
    let read = async {
        let response = JsFuture::from(window.fetch_with_str(address)).await?;
        let response: web_sys::Response = response.dyn_into()?;
        if !response.ok() {
            let answered = text::browser_answered(&response.status().to_string());
            return Err(JsValue::from_str(&answered));
        }
        JsFuture::from(response.text()?).await
    };
    let text = read.await.map_err(|error| failed(describe(&error)))?;
    Ok(text.as_string().unwrap_or_default())
}

/// The mistakes of a file, a line each. They are for its author, and in English.
fn faults(name: &str, problems: &[Problem]) -> String {
    format!("{}\n{}", text::lesson_invalid(name), Problem::lines(problems))
}
