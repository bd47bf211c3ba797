//! The width of an element, as it changes. Independent of what is in it.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// Width until the element has been measured, in pixels.
const UNKNOWN: f64 = 600.0;

/// The width in whole CSS pixels of the element behind `node`.
#[hook]
pub fn use_width(node: &NodeRef) -> f64 {
    let width = use_state(|| UNKNOWN);
    let (node, set) = (node.clone(), width.setter());
    use_effect_with((), move |()| {
        let observed = node.cast::<Element>().and_then(|element| observe(element, set));
        move || {
            if let Some((observer, closure)) = observed {
                observer.disconnect();
                drop(closure);
            }
        }
    });
    *width
}

type Watcher = Closure<dyn FnMut(Array)>;

fn observe(element: Element, width: UseStateSetter<f64>) -> Option<(ResizeObserver, Watcher)> {
    let measured = element.clone();
    let watcher = Watcher::new(move |_: Array| {
        let measured = measured.get_bounding_client_rect().width().floor();
        // A hidden element has no width; it keeps the one it had.
        if measured > 0.0 {
            width.set(measured);
        }
    });
    let observer = ResizeObserver::new(watcher.as_ref().unchecked_ref()).ok()?;
    observer.observe(&element);
    Some((observer, watcher))
}
