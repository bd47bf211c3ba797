//! What the page's instruments show, as plain data: computed here, drawn by
//! `ui::inspect`. Independent of yew, burn and browsers.

pub mod channel;
pub mod confidence;
#[cfg(feature = "media")]
pub mod feed;
pub mod predictions;
pub mod strip;
pub mod target;
pub mod timeline;
pub mod xray;
