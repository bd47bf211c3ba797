//! A tensor on the host: what checkpoints and saved models hold. Pure.

use serde::{Deserialize, Serialize};

/// One tensor on the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedTensor {
    /// Its place in the network, e.g. `stages.0.conv.weight`.
    pub name: String,
    /// Its extents, outermost first.
    pub shape: Vec<usize>,
    /// Its values, row-major: as many as the extents' product.
    pub data: Vec<f32>,
}
