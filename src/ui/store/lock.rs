//! Web Locks: the browser's own word on which tab has a run. A tab that ends, however it
//! ends, has none any more. Untyped, so that a browser without them is no error.

use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::lock::Mutex;
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The locks of this tab, each under a name that only this site uses.
pub struct Locks {
    prefix: String,
    /// By name: what gives the lock back.
    held: RefCell<HashMap<String, Function>>,
    /// Requests wait for each other: to the browser, two of this tab are as those of two tabs.
    turn: Mutex<()>,
}

impl Locks {
    /// Locks whose names begin with `prefix`.
    pub fn new(prefix: String) -> Self {
        Self { prefix, held: RefCell::default(), turn: Mutex::default() }
    }

    /// Takes a lock unless another tab has it. `None` where the browser has no Web
    /// Locks: it has them only where the page came over https or from this machine.
    pub async fn take(&self, name: &str) -> Option<bool> {
        let _turn = self.turn.lock().await;
        if self.held.borrow().contains_key(name) {
            return Some(true);
        }
        let (sender, receiver) = oneshot::channel::<Option<Function>>();
        let granted = Closure::once(move |lock: JsValue| -> JsValue {
            let mut release = None;
            let kept = Promise::new(&mut |resolve, _| release = Some(resolve));
            // Nobody listens any more only if the page is going.
            sender.send(release.filter(|_| !lock.is_null())).ok();
            if lock.is_null() { JsValue::UNDEFINED } else { kept.into() }
        });
        let manager = manager()?;
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
        let name_of_lock = format!("{}{name}", self.prefix);
        let request: Function = Reflect::get(&manager, &"request".into()).ok()?.dyn_into().ok()?;
        let asked = request.call3(&manager, &name_of_lock.into(), &options, granted.as_ref());
        let ended = JsFuture::from(asked.ok()?.unchecked_into::<Promise>());
        // The promise ends first only where the browser refuses to answer.
        match select(receiver, ended).await {
            Either::Left((Ok(release), _)) => {
                let taken = release.is_some();
                if let Some(release) = release {
                    self.held.borrow_mut().insert(name.to_owned(), release);
                }
                Some(taken)
            }
            Either::Left((Err(_), _)) | Either::Right(_) => None,
        }
    }

    /// Gives a lock back, if this tab has it.
    pub fn release(&self, name: &str) {
        if let Some(release) = self.held.borrow_mut().remove(name)
            && let Err(error) = release.call0(&JsValue::UNDEFINED)
        {
            web_sys::console::warn_1(&error);
        }
    }

    /// The names of the locks that other tabs have; `None` without Web Locks.
    pub async fn elsewhere(&self) -> Option<HashSet<String>> {
        let manager = manager()?;
        let query: Function = Reflect::get(&manager, &"query".into()).ok()?.dyn_into().ok()?;
        let asked: Promise = query.call0(&manager).ok()?.unchecked_into();
        let snapshot = JsFuture::from(asked).await.ok()?;
        let held: Array = Reflect::get(&snapshot, &"held".into()).ok()?.dyn_into().ok()?;
        let names = held.iter().filter_map(|lock| {
            let name = Reflect::get(&lock, &"name".into()).ok()?.as_string()?;
            name.strip_prefix(self.prefix.as_str()).map(str::to_owned)
        });
        Some(names.filter(|name| !self.held.borrow().contains_key(name)).collect())
    }
}

fn manager() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into()).ok()?;
    (!manager.is_undefined()).then_some(manager)
}
