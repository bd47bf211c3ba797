//! What page and classroom both show: form controls, charts, tables; small services of the
//! browser. Knows yew and web-sys.

pub mod browser;
pub mod chart;
pub mod details;
pub mod dots;
pub mod parts;
pub mod save;
pub mod shared;
pub mod signal;
pub mod summary;
pub mod table;
pub mod texts;
