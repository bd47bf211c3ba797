//! Fetches the archive that the site serves in the page, as a file of the browser's, while the worker
//! trains on a first part of it.

use super::super::browser::Listener;
use super::App;
use super::effects::{act, warn};
use crate::app::{Action, Attachments, WholeNews};
use crate::report::ErrorReport;
use crate::text;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};
use yew::html::Scope;

/// Bytes between two reports.
const REPORT_EVERY: f64 = 1e6;

/// A download, which ends when it is dropped.
pub(super) struct Fetch {
    request: XmlHttpRequest,
    _listeners: [Listener; 2],
}

impl Fetch {
    /// Begins. `None` if the browser does not even try.
    pub(super) fn start(url: &str, link: Scope<App>) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open("GET", url).ok()?;
        request.set_response_type(XmlHttpRequestResponseType::Blob);
        let news = link.clone();
        let mut told = 0.0;
        let progress = Listener::new(&request, "progress", move |event| {
            let loaded = event.dyn_into().map_or(0.0, |event: ProgressEvent| event.loaded());
            if loaded - told >= REPORT_EVERY {
                told = loaded;
                act(&news, Action::Whole(WholeNews::Arriving(loaded)));
            }
        });
        let (ended, name) = (request.clone(), url.to_owned());
        let end = Listener::new(&request, "loadend", move |_| {
            let blob = ended.response().ok().and_then(|it| it.dyn_into::<Blob>().ok());
            let news = match (ended.status(), blob) {
                (Ok(200), Some(blob)) => WholeNews::Here(Attachments::new(Array::of1(&blob))),
                (status, _) => {
                    let why = match status {
                        Ok(status @ 300..) => text::browser_answered(&status.to_string()),
                        _ => text::browser_no_answer().to_owned(),
                    };
                    let remedy = text::browser_file_remedy();
                    warn(&link, &ErrorReport::new(text::browser_file(&name), why, remedy));
                    WholeNews::Unwanted
                }
            };
            act(&link, Action::Whole(news));
        });
        request.send().ok()?;
        Some(Self { request, _listeners: [progress, end] })
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.request.abort().ok();
    }
}
