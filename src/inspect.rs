//! What the page's instruments show, as plain data: computed here, drawn by
//! `ui::inspect`. Independent of yew, burn and browsers.

pub mod confidence;
pub mod predictions;
pub mod target;
pub mod xray;
