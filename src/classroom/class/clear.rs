//! Clears the browser of everything that the page has stored of the person's, and starts anew.

use crate::bridge::KeptCounts;
use crate::text;
use crate::widgets::browser::{self, FORMER};
use crate::widgets::parts::{button, plain, primary_if, refusal};
use crate::wire::{describe, private_folder};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;
use yew::prelude::*;

/// The file of versions in which paths had no folders.
const FORMER_FILE: &str = "images";

/// The confirmation, to move the focus to.
const CONFIRM: &str = "clear-confirm";

/// Properties of [`ClearBrowser`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ClearProps {
    /// What is stored.
    pub(super) kept: KeptCounts,
    /// Something trains.
    pub(super) busy: bool,
}

/// The button, and what it asks before it does anything.
#[component]
pub(super) fn ClearBrowser(props: &ClearProps) -> Html {
    let ClearProps { kept, busy } = *props;
    let asked = use_state(|| false);
    let failed = use_state(|| None::<String>);
    let on_ask = {
        let asked = asked.setter();
        move |_: MouseEvent| {
            asked.set(true);
            browser::after(0.0, || browser::focus(CONFIRM));
        }
    };
    let on_keep = {
        let asked = asked.setter();
        move |_: MouseEvent| asked.set(false)
    };
    let on_clear = {
        let failed = failed.setter();
        move |_: MouseEvent| {
            let failed = failed.clone();
            browser::spawn(async move {
                match clear().await {
                    Ok(()) => {
                        browser::replace_fragment("");
                        browser::reload();
                    }
                    Err(error) => failed.set(Some(text::clear_failed(&describe(&error)))),
                }
            });
        }
    };
    html! {
        <>
            { plain(text::clear_hint()) }
            if !*asked {
                <p>{ button(text::clear_start(), on_ask) }</p>
            } else {
                <div class="clear" role="group" aria-labelledby={CONFIRM}>
                    <p id={CONFIRM} tabindex="-1"><strong>{ text::clear_confirm() }</strong></p>
                    <ul>
                        <li>{ text::clear_runs(kept.runs as u64) }</li>
                        <li>{ text::clear_models(kept.models as u64) }</li>
                        <li>{ if kept.images { text::clear_images() } else { text::clear_no_images() } }</li>
                        <li>{ text::clear_settings() }</li>
                    </ul>
                    if busy {
                        { plain(text::clear_busy()) }
                    }
                    <div class="actions">
                        { primary_if(!busy, text::clear_all(), on_clear) }
                        { button(text::clear_keep(), on_keep) }
                    </div>
                </div>
            }
            if let Some(why) = &*failed {
                { refusal(why.clone()) }
            }
        </>
    }
}

/// Deletes the database, the private files and the texts of this path of the site, and those of
/// former versions, which had one for all paths.
async fn clear() -> Result<(), JsValue> {
    let window = browser::window().ok_or(JsValue::NULL)?;
    for name in [browser::own("runs"), FORMER.to_owned()] {
        delete_database(&window, &name).await?;
    }
    remove_files(&window).await?;
    for storage in [window.local_storage(), window.session_storage()] {
        if let Ok(Some(storage)) = storage {
            remove_texts(&storage)?;
        }
    }
    Ok(())
}

/// Deletes a database. The page and other tabs close it when they hear of this.
async fn delete_database(window: &JsValue, name: &str) -> Result<(), JsValue> {
    let Some(databases) = field(window, "indexedDB") else { return Ok(()) };
    let request = method(&databases, "deleteDatabase")?.call1(&databases, &name.into())?;
    let deleted = Promise::new(&mut |resolve, reject| {
        for (event, then) in [("onsuccess", &resolve), ("onerror", &reject), ("onblocked", &reject)]
        {
            Reflect::set(&request, &event.into(), then).ok();
        }
    });
    match JsFuture::from(deleted).await {
        Ok(_) => Ok(()),
        Err(event) if field(&event, "type").is_some_and(|it| it == "blocked") => {
            Err(text::clear_blocked().into())
        }
        Err(event) => Err(field(&request, "error").unwrap_or(event)),
    }
}

/// Removes the private files of this path of the site.
async fn remove_files(window: &web_sys::Window) -> Result<(), JsValue> {
    let storage = window.navigator().storage();
    if storage.is_undefined() {
        return Ok(());
    }
    let Ok(open) = method(&storage, "getDirectory") else { return Ok(()) };
    let opened: Promise = open.call0(&storage)?.unchecked_into();
    // Where the browser denies files there are none.
    let Ok(root) = JsFuture::from(opened).await else { return Ok(()) };
    let options = Object::new();
    Reflect::set(&options, &"recursive".into(), &true.into())?;
    let site = browser::resolve(".").and_then(|site| web_sys::Url::new(&site).ok());
    let folder = private_folder(&site.map(|site| site.pathname()).unwrap_or_default());
    for name in [folder.as_str(), FORMER_FILE] {
        let remove = method(&root, "removeEntry")?;
        let removed: Promise =
            remove.call2(&root, &JsValue::from(name), &options)?.unchecked_into();
        match JsFuture::from(removed).await {
            Ok(_) => {}
            Err(error) if field(&error, "name").is_some_and(|it| it == "NotFoundError") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes the texts of this path of the site, and those of all paths.
fn remove_texts(storage: &Storage) -> Result<(), JsValue> {
    let names = Array::from(&Object::keys(storage));
    let (own, all) = (browser::own(""), format!("{FORMER}."));
    for name in names.iter().filter_map(|name| name.as_string()) {
        if name.starts_with(&own) || name.starts_with(&all) {
            storage.remove_item(&name)?;
        }
    }
    Ok(())
}

fn method(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(object, &name.into())?.dyn_into()
}

fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|it| !it.is_undefined() && !it.is_null())
}
