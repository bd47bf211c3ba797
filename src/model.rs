//! The networks: what they are ([`layout`]), what they cost ([`summary`]), and
//! how their first weights are drawn ([`init`]). Pure: neither burn nor a browser.

pub mod init;
pub mod layout;
pub mod summary;

pub use summary::{LayerSummary, Summary, summary};
