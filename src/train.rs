//! Training: an async loop on burn that reports to a [`host::Host`] and follows a
//! [`control::Control`]. Independent of browsers.

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
pub mod warm_up;
