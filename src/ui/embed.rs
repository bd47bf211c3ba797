//! The page inside of another one: tells the page around it how high it is, so that its
//! frame needs no scroll bar of its own.

use super::browser;
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, ResizeObserver, Window};

/// Name of the message's only field: `{"imagenette-playground": {"height": 812}}`.
const NAME: &str = "imagenette-playground";

/// Reports the height for as long as this value lives.
pub struct HeightReport {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl HeightReport {
    /// Begins to report. `None` if the page is not in a frame.
    pub fn start() -> Option<Self> {
        let window = browser::window()?;
        let parent = window.parent().ok().flatten().filter(|parent| *parent != window)?;
        let root = window.document()?.document_element()?;
        let observed = root.clone();
        let callback = Closure::<dyn FnMut()>::new(move || report(&parent, &observed));
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(&root);
        Some(Self { observer, _callback: callback })
    }
}

impl Drop for HeightReport {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn report(parent: &Window, root: &Element) {
    let (message, size) = (Object::new(), Object::new());
    let height = JsValue::from(root.scroll_height());
    let set = |object: &Object, key: &str, value: &JsValue| {
        Reflect::set(object, &key.into(), value).is_ok()
    };
    // To any page: the height is no secret, and which page embeds this one is not known.
    if set(&size, "height", &height) && set(&message, NAME, &size) {
        parent.post_message(&message, "*").ok();
    }
}
