//! What the page listens to: another link, files dropped or pasted anywhere.

use super::super::browser::{self, Listener};
use super::super::classroom::ClassroomNews;
use super::super::drop;
use super::effects::act;
use super::{App, Message};
use crate::app::Action;
use crate::lessons::asked;
use crate::report::ErrorReport;
use crate::text;
use crate::ui::browser::spawn;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent};
use yew::prelude::*;

/// The listeners, for as long as they are held.
pub(super) fn listeners(link: &html::Scope<App>) -> Vec<Listener> {
    let Some(window) = browser::window() else { return Vec::new() };
    let heard = |kind, handler: fn(&html::Scope<App>, &web_sys::Event)| {
        let link = link.clone();
        Listener::new(&window, kind, move |event| handler(&link, &event))
    };
    vec![
        heard("hashchange", |link, _| {
            let (lesson, rest) = asked(&browser::fragment());
            // The address of a lesson alone leaves the experiment as it is.
            if lesson.is_none() || !rest.is_empty() {
                act(link, Action::LinkChanged(rest));
            }
            if lesson.is_some() {
                link.send_message(Message::Classroom(ClassroomNews::LessonAsked));
            }
        }),
        heard("dragover", |link, event| {
            // Without this the browser would open the file instead of the page.
            event.prevent_default();
            link.send_message(Message::Do(Action::FilesHovering(true)));
        }),
        heard("dragleave", |link, event| {
            // Leaving an element inside of the page is not leaving the page.
            let event: &DragEvent = event.unchecked_ref();
            if event.related_target().is_none() {
                link.send_message(Message::Do(Action::FilesHovering(false)));
            }
        }),
        heard("paste", |link, event| {
            let event: &ClipboardEvent = event.unchecked_ref();
            let files = event.clipboard_data().and_then(|data| data.files());
            if let Some(given) = files.and_then(|files| drop::picked(&files))
                && drop::picture(&given).is_some()
            {
                event.prevent_default();
                link.send_message(Message::FilesGiven(given));
            }
        }),
        heard("drop", |link, event| {
            event.prevent_default();
            link.send_message(Message::Do(Action::FilesHovering(false)));
            let event: &DragEvent = event.unchecked_ref();
            if let Some(transfer) = event.data_transfer() {
                read_drop(link.clone(), &transfer);
            }
        }),
    ]
}

fn read_drop(link: html::Scope<App>, transfer: &DataTransfer) {
    let entries = drop::dropped(transfer);
    if entries.is_empty() {
        // A browser that does not show folders still shows files.
        if let Some(given) = transfer.files().and_then(|files| drop::picked(&files)) {
            link.send_message(Message::FilesGiven(given));
        }
        return;
    }
    spawn(async move {
        let found = {
            let link = link.clone();
            move |files| link.send_message(Message::Do(Action::FilesFound(Some(files))))
        };
        let given = drop::walk(entries, found).await;
        link.send_message(Message::Do(Action::FilesFound(None)));
        match given {
            Ok(Some(given)) => link.send_message(Message::FilesGiven(given)),
            Ok(None) => {}
            Err(why) => link.send_message(Message::Do(Action::PageFailed(ErrorReport::new(
                text::files_dropped(),
                why,
                text::files_dropped_remedy(),
            )))),
        }
    });
}
