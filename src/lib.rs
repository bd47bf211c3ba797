//! Imagenette Playground: train an image classifier in the browser and watch,
//! honestly, how each technique of fastbook chapter 7 changes its accuracy.
//!
//! The modules, in reading order. Everything down to [`record`] is pure: it
//! knows neither burn nor a browser, and runs natively under `cargo test`.

#![recursion_limit = "256"]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Nothing that a person gives may end in a panic.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unreachable, clippy::unwrap_used)
)]

pub mod bytes;
#[cfg(feature = "web")]
pub mod catalogue;
pub mod checksum;
pub mod engine;
pub mod experiment;
pub mod format;
pub mod json;
pub mod math;
pub mod number;
pub mod order;
pub mod report;
pub mod rng;
pub mod text;
pub mod view;

pub mod augment;
#[cfg(feature = "media")]
pub mod data;
pub mod dataset;
pub mod stats;

pub mod progress;
pub mod protocol;
pub mod record;
pub mod schedule;
pub mod tta;

pub mod chart;
pub mod cost;
pub mod finder;
pub mod inspect;
pub mod runs;

pub mod app;
pub mod bridge;
pub mod class;
pub mod handin;
pub mod lessons;
pub mod model;
pub mod recorded;
pub mod saved;
pub mod sweep;

#[cfg(feature = "engine")]
pub mod train;

#[cfg(feature = "classroom")]
pub mod classroom;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg(feature = "widgets")]
pub mod widgets;
#[cfg(feature = "web")]
pub mod wire;
#[cfg(feature = "worker")]
pub mod worker;

/// Identifies page and worker binaries that were built together.
pub const BUILD_ID: &str = match option_env!("PLAYGROUND_BUILD") {
    Some(id) => id,
    None => concat!("dev-", env!("CARGO_PKG_VERSION")),
};
