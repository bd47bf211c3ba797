//! The networks: what they are ([`layout`]), what they cost ([`mod@summary`]), how
//! their first weights are drawn ([`init`]), and the `Network` itself on burn.
//!
//! The description, the costs and the draws are pure: independent of burn and
//! browsers. The network uses burn and a device, and is independent of training.

pub mod footprint;
pub mod init;
pub mod layout;
pub mod summary;
mod tensor;

#[cfg(feature = "engine")]
mod blocks;
#[cfg(feature = "engine")]
mod flat;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
pub(crate) mod ops;
#[cfg(all(test, feature = "engine", not(target_family = "wasm")))]
pub(crate) mod probe;
#[cfg(feature = "engine")]
mod transfer;

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
