//! Training: an async loop that knows burn, a [`host::Host`] to tell and a
//! [`control::Control`] to obey, and nothing of browsers.

pub mod assess;
pub mod checkpoint;
pub mod control;
pub mod device;
pub mod error;
mod evaluate;
pub mod find_lr;
pub mod fit;
mod ghosts;
pub mod host;
pub mod loss;
mod losses;
pub mod memory;
pub mod optimizer;
mod pace;
pub mod passes;
pub mod picture;
pub mod run;
pub mod setup;
pub mod shards;
mod smooth;
pub mod step;
mod update;
