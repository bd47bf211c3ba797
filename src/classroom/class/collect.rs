//! The hand-ins of a class, pasted or from files, and what they say together.

use crate::handin::{Collection, HandIn, LONGEST, Pool, Received};
use crate::sweep::Plan;
use crate::text;
use crate::widgets::browser;
use crate::widgets::parts::{button, hint, plain, refusal, tag};
use crate::widgets::shared::Shared;
use crate::widgets::summary::SummaryView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, FileList, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Most characters that are read at once: a class of a hundred long lines.
const MOST: usize = 100 * LONGEST;

/// What was pasted, or read from files.
#[derive(Clone, Default)]
struct GivenTexts {
    text: String,
    /// Files that it comes from; none if it was pasted.
    files: usize,
    /// Names of those that could not be read, or were too large.
    unread: Vec<String>,
}

/// What has been collected.
#[derive(Clone, Default)]
struct Collected {
    collection: Option<Rc<Collection>>,
    /// What became of the last lines, in sentences.
    account: Vec<String>,
    closed: bool,
}

impl Collected {
    /// Takes in all lines of a text. The first line that can be read says which sweep it is.
    fn with(&self, given: &GivenTexts) -> Self {
        let text = given.text.as_str();
        let mut next = self.clone();
        next.account.clear();
        if given.files > 0 {
            next.account.push(text::class_from_files(given.files as u64));
        }
        for name in &given.unread {
            next.account.push(text::class_unread(name));
        }
        if text.len() > MOST {
            next.account.push(text::class_too_much().to_owned());
            return next;
        }
        if next.collection.is_none() {
            let first = HandIn::lines(text).find_map(|line| HandIn::read(line).ok());
            let plan = first.and_then(|first| Plan::parse(&first.sweep).plan);
            next.collection = plan.map(|plan| Rc::new(Collection::new(plan)));
        }
        let lines = HandIn::lines(text).count();
        let Some(collection) = &mut next.collection else {
            next.account.push(match lines {
                0 => text::class_none_found().to_owned(),
                _ => text::class_none_readable(lines as u32),
            });
            return next;
        };
        let received = Rc::make_mut(collection).add(text);
        let taken = received.iter().filter(|it| matches!(it, Received::Taken { .. })).count();
        next.account.push(match lines {
            0 => text::class_none_found().to_owned(),
            _ => text::class_taken(taken as u32, lines as u32),
        });
        for (place, received) in received.iter().enumerate() {
            if let Received::Unused(why) = received {
                let place = (place + 1).to_string();
                next.account.push(text::class_unused(&place, &why.to_string()));
            }
        }
        next
    }
}

/// The form and the results.
#[component]
pub(super) fn Collect() -> Html {
    let collected = use_state(Collected::default);
    let typed = use_node_ref();
    let add = {
        let collected = collected.clone();
        Callback::from(move |given: GivenTexts| collected.set(collected.with(&given)))
    };
    let on_add = {
        let (typed, add) = (typed.clone(), add.clone());
        move |_: MouseEvent| {
            if let Some(area) = typed.cast::<HtmlTextAreaElement>() {
                add.emit(GivenTexts { text: area.value(), ..GivenTexts::default() });
                area.set_value("");
            }
        }
    };
    let on_files = {
        let add = add.clone();
        move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            if let Some(files) = input.files() {
                read(&files, &add);
            }
            input.set_value("");
        }
    };
    let on_close = {
        let collected = collected.clone();
        move |_: MouseEvent| {
            collected.set(Collected { closed: !collected.closed, ..(*collected).clone() });
        }
    };
    let on_clear = {
        let collected = collected.setter();
        move |_: MouseEvent| collected.set(Collected::default())
    };
    // The page takes files that are dropped anywhere for data; here they are hand-ins.
    let on_drop = {
        let add = add.clone();
        move |event: DragEvent| {
            let files = event.data_transfer().and_then(|dropped| dropped.files());
            let Some(files) = files.filter(|files| files.length() > 0) else { return };
            event.prevent_default();
            event.stop_propagation();
            end_hover();
            read(&files, &add);
        }
    };
    let pools = collected.collection.as_ref().map(|it| it.pools(collected.closed));
    html! {
        <div class="collect" ondrop={on_drop}>
            { plain(text::class_collect_hint()) }
            <div class="field">
                <label for="hand-ins">{ text::class_paste() }</label>
                <textarea id="hand-ins" ref={typed} rows="4" spellcheck="false" />
            </div>
            <div class="actions">{ button(text::class_add(), on_add) }</div>
            <div class="field">
                <label for="hand-in-files">{ text::class_files() }</label>
                <input id="hand-in-files" type="file" multiple=true accept=".txt,.eml,.csv,text/plain" onchange={on_files} />
            </div>
            <div role="status">
                if let Some((first, rest)) = collected.account.split_first() {
                    { plain(first.clone()) }
                    if !rest.is_empty() {
                        <ul class="hint">{ for rest.iter().map(|it| html! { <li>{ it }</li> }) }</ul>
                    }
                }
            </div>
            if let Some(pools) = pools {
                if pools.is_empty() {
                    { refusal(text::class_empty()) }
                } else {
                    <div class="actions">
                        { button(if collected.closed { text::class_reopen() } else { text::class_close() }, on_close) }
                        { button(text::class_clear(), on_clear) }
                    </div>
                }
                { for pools.into_iter().map(|pool| view(pool, collected.closed)) }
            }
        </div>
    }
}

/// Reads files and passes on what they hold.
fn read(list: &FileList, add: &Callback<GivenTexts>) {
    // The list empties with the field.
    let files = (0..list.length()).filter_map(|place| list.get(place)).collect::<Vec<_>>();
    let add = add.clone();
    browser::spawn(async move { add.emit(texts(files).await) });
}

/// The texts of the files, one after another.
async fn texts(files: Vec<File>) -> GivenTexts {
    let mut given = GivenTexts { files: files.len(), ..GivenTexts::default() };
    for file in files {
        let name = file.name();
        let fits = given.text.len() as f64 + file.size() <= MOST as f64;
        let text = match fits {
            true => JsFuture::from(file.unchecked_into::<web_sys::Blob>().text()).await.ok(),
            false => None,
        };
        match text.and_then(|text| text.as_string()) {
            Some(text) => {
                given.text.push_str(&text);
                given.text.push('\n');
            }
            None => given.unread.push(name),
        }
    }
    given
}

/// The page marks itself while files are held over it, and does not see this drop.
fn end_hover() {
    if let (Some(window), Ok(left)) = (browser::window(), DragEvent::new("dragleave")) {
        window.dispatch_event(&left).ok();
    }
}

/// What one pool says.
fn view(pool: Pool, closed: bool) -> Html {
    let title = text::class_pool(&pool.engine, &pool.dataset);
    let seats = text::class_seats(&pool.seats.to_string(), &pool.planned.to_string());
    let provisional = !closed && pool.seats < pool.planned;
    html! {
        <section class="answer" aria-label={title.clone()}>
            <h4>{ title }{ " " }if provisional { { tag(text::class_provisional()) } }</h4>
            { plain(seats) }
            if provisional {
                { hint(text::class_provisional_hint()) }
            }
            { hint(text::class_adapters(&pool.adapters.join("; "))) }
            if pool.builds.len() > 1 {
                { hint(text::class_builds(&pool.builds.join(", "))) }
            }
            <SummaryView summary={Shared(Rc::new(pool.summary))} outcome=true />
        </section>
    }
}
