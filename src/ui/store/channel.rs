//! What the tabs of this site tell each other: that the store changed, which runs
//! they are training, and that a tab is the copy of another one. Independent of what
//! is stored.

use super::News;
use crate::runs::id_from_bytes;
use crate::ui::browser;
use js_sys::Promise;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};
use yew::Callback;

const CHANGED: &str = "changed";
const WHO: &str = "who is running?";
/// Followed by a run's id.
const RUNNING: &str = "running ";
/// Said by a tab that opens; followed by its name and its visit's.
const HERE: &str = "here is ";
/// Said by the tab that has that name already; followed by the other's visit.
const TAKEN: &str = "taken ";
/// Milliseconds within which another tab answers, if it is alive: many times
/// what a message takes.
const PATIENCE: i32 = 250;

type NewsListener = Closure<dyn FnMut(MessageEvent)>;

/// A channel to the other tabs; deaf and mute where the browser has none.
pub struct TabChannel {
    inner: Option<(BroadcastChannel, NewsListener)>,
    /// This visit's own name.
    visit: String,
    state: Rc<RefCell<ChannelState>>,
}

#[derive(Default)]
struct ChannelState {
    /// The runs that this tab trains.
    here: HashSet<String>,
    /// The runs that other tabs said they train.
    elsewhere: HashSet<String>,
}

impl TabChannel {
    /// Opens the channel, and asks whether this tab is a copy of another one.
    pub fn open(news: Callback<News>) -> Self {
        let state = Rc::new(RefCell::new(ChannelState::default()));
        let visit = id_from_bytes(browser::visit_bytes());
        let own_visit = visit.clone();
        let Ok(channel) = BroadcastChannel::new(&browser::own("tabs")) else {
            return Self { inner: None, visit, state };
        };
        let (answers, heard) = (channel.clone(), state.clone());
        let mut tab = browser::tab_name(&visit);
        let question = format!("{HERE}{tab} {visit}");
        let listener = NewsListener::new(move |event: MessageEvent| {
            let Some(message) = event.data().as_string() else { return };
            if message == CHANGED {
                news.emit(News::Changed);
            } else if message == WHO {
                for id in &heard.borrow().here {
                    post(&answers, &format!("{RUNNING}{id}"));
                }
            } else if let Some(id) = message.strip_prefix(RUNNING) {
                heard.borrow_mut().elsewhere.insert(id.to_owned());
            } else if let Some((name, asking)) =
                message.strip_prefix(HERE).and_then(|names| names.split_once(' '))
            {
                if name == tab {
                    post(&answers, &format!("{TAKEN}{asking}"));
                }
            } else if message.strip_prefix(TAKEN) == Some(visit.as_str()) && tab != visit {
                tab.clone_from(&visit);
                browser::name_tab(&visit);
                news.emit(News::Copied);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        post(&channel, &question);
        Self { inner: Some((channel, listener)), visit: own_visit, state }
    }

    /// What this tab is called, the same over its reloads.
    pub fn name(&self) -> String {
        browser::tab_name(&self.visit)
    }

    /// Tells the other tabs that the store has changed.
    pub fn tell_changed(&self) {
        if let Some((channel, _)) = &self.inner {
            post(channel, CHANGED);
        }
    }

    /// This tab trains the run from now on.
    pub fn claim(&self, id: &str) {
        self.state.borrow_mut().here.insert(id.to_owned());
    }

    /// This tab does not train the run any more.
    pub fn release(&self, id: &str) {
        self.state.borrow_mut().here.remove(id);
    }

    /// The runs that other tabs are training now.
    pub async fn running_elsewhere(&self) -> HashSet<String> {
        let Some((channel, _)) = &self.inner else { return HashSet::new() };
        self.state.borrow_mut().elsewhere.clear();
        post(channel, WHO);
        pause(PATIENCE).await;
        self.state.borrow().elsewhere.clone()
    }
}

impl Drop for TabChannel {
    fn drop(&mut self) {
        if let Some((channel, _)) = &self.inner {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}

fn post(channel: &BroadcastChannel, message: &str) {
    if let Err(error) = channel.post_message(&message.into()) {
        web_sys::console::warn_1(&error);
    }
}

/// Lets the browser do other things for so long.
pub async fn pause(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window()
            && let Err(error) =
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
        {
            web_sys::console::warn_1(&error);
        }
    });
    // The promise has no way to fail.
    JsFuture::from(promise).await.ok();
}
