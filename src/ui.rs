//! The page. Knows yew and web-sys; independent of burn.

pub mod chart;
pub mod results;
pub mod store;
