//! The page: shows a [`AppState`](crate::app::AppState) and carries its
//! effects out in the browser. Knows yew and web-sys; independent of burn and of
//! image decoding, which are the worker's.

mod app;
pub mod ask;
mod classroom;
mod data;
mod drop;
mod embed;
mod engine;
mod fields;
mod fold;
mod header;
pub mod inspect;
mod language;
mod messages;
mod model;
pub mod models;
pub mod picture;
mod queue;
pub mod results;
pub mod store;
mod techniques;
mod training;

use crate::widgets::{browser, chart, details, parts, shared, texts};

/// Shows the page in the element `#app`, in place of what stood there.
pub fn start() {
    browser::log_panics();
    if let Err(why) = texts::install() {
        // web/boot.js shows it.
        wasm_bindgen::throw_str(why);
    }
    browser::apply_theme(browser::Theme::stored());
    match browser::element("app") {
        Some(root) => {
            root.set_inner_html("");
            yew::Renderer::<app::App>::with_root(root).render();
        }
        None => web_sys::console::error_1(&"the page has no element #app".into()),
    }
}
