//! The two engines, and what a machine offers of them. Plain data.

use crate::experiment::EngineChoice;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use std::fmt;

/// What computes a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// WebGPU.
    Webgpu,
    /// The processor: there is always one.
    #[default]
    Cpu,
}

impl EngineKind {
    /// The name in links and records.
    pub fn name(self) -> &'static str {
        EngineChoice::from(self).name()
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<EngineKind> for EngineChoice {
    fn from(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Webgpu => Self::Webgpu,
            EngineKind::Cpu => Self::Cpu,
        }
    }
}

/// The engines that a browser offers.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Engines {
    /// The WebGPU adapter, or why there is none.
    pub webgpu: Result<AdapterSummary, String>,
    /// How the CPU engine runs, e.g. `CPU (burn flex, wasm SIMD, 1 thread)`.
    pub cpu: String,
}

/// A WebGPU adapter.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct AdapterSummary {
    /// Its own name and vendor, as far as the browser says.
    pub name: String,
    /// It computes on the CPU (`isFallbackAdapter`).
    pub software: bool,
    /// Limits that matter here, for the report.
    pub limits: Vec<(String, f64)>,
}
