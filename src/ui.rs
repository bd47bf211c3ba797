//! The page: shows a [`AppState`](crate::app::AppState) and carries its
//! effects out in the browser. Knows yew and web-sys; independent of burn and of
//! image decoding, which are the worker's.

mod app;
pub mod ask;
mod browser;
pub mod chart;
mod data;
mod details;
mod drop;
mod engine;
mod fields;
mod header;
pub mod inspect;
mod messages;
mod model;
pub mod models;
mod parts;
pub mod picture;
mod queue;
mod recorded;
pub mod results;
pub mod shared;
pub mod store;
mod techniques;
mod text;
mod training;

/// Shows the page in the element `#app`, in place of what stood there.
pub fn start() {
    browser::log_panics();
    browser::apply_theme(browser::Theme::stored());
    match browser::element("app") {
        Some(root) => {
            root.set_inner_html("");
            yew::Renderer::<app::App>::with_root(root).render();
        }
        None => web_sys::console::error_1(&"the page has no element #app".into()),
    }
}
