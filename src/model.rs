//! The networks: what they are ([`layout`]), what they cost ([`mod@summary`]), how
//! their first weights are drawn ([`init`]), and the `Network` itself on burn.
//!
//! The description, the costs and the draws are pure: they know neither burn
//! nor a browser. The network knows burn and a device, and nothing of training.

pub mod footprint;
pub mod init;
pub mod layout;
pub mod summary;
mod tensor;

#[cfg(feature = "engine")]
mod blocks;
#[cfg(feature = "engine")]
mod columns;
#[cfg(feature = "engine")]
mod conv;
#[cfg(feature = "engine")]
mod flat;
#[cfg(feature = "engine")]
pub(crate) mod flex;
#[cfg(feature = "engine")]
pub(crate) mod gpu;
#[cfg(feature = "engine")]
mod head;
#[cfg(feature = "engine")]
mod lines;
#[cfg(feature = "engine")]
mod moments;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
mod norm;
#[cfg(feature = "engine")]
mod pool;
#[cfg(all(test, feature = "engine", not(target_family = "wasm")))]
pub(crate) mod probe;
#[cfg(feature = "engine")]
mod transfer;
#[cfg(feature = "engine")]
mod winograd;

#[cfg(feature = "engine")]
pub use flat::{FlatState, Slot};
#[cfg(feature = "engine")]
pub use network::Network;
pub use summary::{LayerSummary, ModelSummary, summary};
pub use tensor::NamedTensor;
#[cfg(feature = "engine")]
pub use transfer::{ImportError, ReadError};
#[cfg(feature = "engine")]
pub(crate) use transfer::{TensorEntry, TensorIndex, entries, read};
