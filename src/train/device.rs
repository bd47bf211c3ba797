//! Opening an engine: which one, on which adapter, and why. Independent of
//! browsers: the host decides whether WebGPU may be requested at all.

use super::error::TrainError;
use super::memory::MemoryLimits;
use crate::engine::{AdapterSummary, EngineKind};
use crate::experiment::EngineChoice;
use crate::text;
use burn::tensor::Device;
use burn_wgpu::wgpu::{self, DeviceType};
use burn_wgpu::{WgpuInitError, WgpuSetup};
use futures::lock::Mutex;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use thiserror::Error;

/// Tasks that wgpu collects into one command buffer: those of a training step, so that it is one
/// submission, which a browser has to pass to another process. The next step is prepared meanwhile.
pub const TASKS_MAX: usize = 160;

/// An engine, ready for tensors.
#[derive(Clone, Debug)]
pub struct OpenedEngine {
    /// Where tensors are made; [`Device::autodiff`] of it to train.
    pub device: Device,
    /// Which engine it is.
    pub engine: EngineKind,
    /// The adapter's own name, or what the CPU engine is.
    pub adapter: String,
    /// True of a WebGPU adapter that computes on the CPU.
    pub software: bool,
    /// Why this engine was taken, in a sentence.
    pub reason: String,
    /// The memory limits of its engine.
    pub limits: MemoryLimits,
}

/// The engine that was asked for cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// There is no WebGPU.
    #[error("{}", text::chosen_unavailable(.0))]
    NoWebGpu(String),
}

/// Opens the engine that `choice` stands for. `auto` takes WebGPU on a hardware
/// adapter, else the CPU.
///
/// `probed` is what the host knows of WebGPU already: its adapter, or why it must
/// not even be asked for (a browser without `navigator.gpu`, where asking panics).
/// A host that has not asked gives `None`.
///
/// # Errors
/// [`DeviceError::NoWebGpu`] if WebGPU was asked for by name and is not there.
pub async fn open(
    choice: EngineChoice,
    probed: Option<&Result<AdapterSummary, String>>,
) -> Result<OpenedEngine, DeviceError> {
    if choice == EngineChoice::Cpu {
        return Ok(cpu(text::chosen_asked_cpu().to_owned()));
    }
    let software = |name: &str| cpu(text::chosen_software(name));
    if let Some(Ok(known)) = probed
        && choice == EngineChoice::Auto
        && known.software
    {
        return Ok(software(&known.name));
    }
    let blocked = probed.and_then(|probed| probed.as_ref().err()).map(String::as_str);
    match (webgpu(blocked).await, choice) {
        (Ok(found), EngineChoice::Auto) if found.summary.software => {
            Ok(software(&found.summary.name))
        }
        (Ok(found), _) => {
            // The host may know the adapter by a better name than wgpu does.
            let summary = probed.and_then(|it| it.as_ref().ok()).unwrap_or(&found.summary);
            Ok(OpenedEngine {
                device: found.device,
                engine: EngineKind::Webgpu,
                reason: if summary.software {
                    text::chosen_asked_software().to_owned()
                } else {
                    text::chosen_hardware().to_owned()
                },
                software: summary.software,
                adapter: summary.name.clone(),
                limits: found.limits,
            })
        }
        (Err(why), EngineChoice::Auto) => Ok(cpu(text::chosen_no_webgpu(&why))),
        (Err(why), _) => Err(DeviceError::NoWebGpu(why)),
    }
}

/// The WebGPU adapter of this process. `blocked` is a reason why it must not be requested.
///
/// # Errors
/// The reason, in words for the user.
pub async fn adapter(blocked: Option<&str>) -> Result<AdapterSummary, String> {
    webgpu(blocked).await.map(|found| found.summary)
}

/// What the CPU engine is.
pub fn cpu_name() -> &'static str {
    if cfg!(target_family = "wasm") {
        "CPU (burn flex, wasm SIMD, 1 thread)"
    } else {
        "CPU (burn flex)"
    }
}

fn cpu(reason: String) -> OpenedEngine {
    OpenedEngine {
        device: Device::flex(),
        engine: EngineKind::Cpu,
        adapter: cpu_name().to_owned(),
        software: false,
        reason,
        limits: if cfg!(target_family = "wasm") {
            MemoryLimits::of_wasm()
        } else {
            MemoryLimits::default()
        },
    }
}

#[derive(Clone)]
struct WebGpu {
    device: Device,
    limits: MemoryLimits,
    summary: AdapterSummary,
}

/// The opened device: burn's runtime can be set up only once per process.
static WEBGPU: Mutex<Option<WebGpu>> = Mutex::new(None);

async fn webgpu(blocked: Option<&str>) -> Result<WebGpu, String> {
    if let Some(why) = blocked {
        return Err(why.to_owned());
    }
    let mut opened = WEBGPU.lock().await;
    if let Some(found) = opened.as_ref() {
        return Ok(found.clone());
    }
    let (device, setup) = Device::wgpu_options()
        .tasks_max(TASKS_MAX)
        .init_with_setup_async()
        .await
        .map_err(|error| init_error(&error))?;
    setup.device.on_uncaptured_error(Arc::new(|error| note_fault(&error)));
    let limits = setup.device.limits();
    let limits =
        MemoryLimits::of_adapter(limits.max_buffer_size, limits.max_storage_buffer_binding_size);
    let found = WebGpu { device, limits, summary: summarize(&setup) };
    *opened = Some(found.clone());
    Ok(found)
}

/// The device's first complaint since the last reading. burn's runtime would panic at it, which no
/// run survives; instead, the next reading returns it.
static FAULT: Lock<Option<TrainError>> = Lock::new(None);

/// The first complaint is the cause of the others.
fn note_fault(error: &wgpu::Error) {
    let fault = match error {
        wgpu::Error::OutOfMemory { .. } => {
            TrainError::OutOfMemory { why: error.to_string(), fits: None }
        }
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            failure(description)
        }
    };
    log::warn!("the device complained: {error}");
    FAULT.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
}

/// An error that the device gave in its own words.
fn failure(text: &str) -> TrainError {
    let lower = text.to_ascii_lowercase();
    let full = ["out of memory", "toobig", "too big", "max buffer size", "allocation failed"];
    if full.iter().any(|sign| lower.contains(sign)) {
        TrainError::OutOfMemory { why: text.to_owned(), fits: None }
    } else {
        TrainError::DeviceLost(text.to_owned())
    }
}

/// Checks that what was just read can be trusted. Call it after every reading.
///
/// # Errors
/// The device's complaint, once.
pub(super) fn check() -> Result<(), TrainError> {
    FAULT.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
}

/// The error of a reading that failed: the device's own complaint if there is one, else
/// that of the reading.
pub(super) fn read_error(error: &impl std::fmt::Display) -> TrainError {
    check().err().unwrap_or_else(|| failure(&error.to_string()))
}

fn init_error(error: &WgpuInitError) -> String {
    match error {
        WgpuInitError::AdapterUnavailable { .. } => "no adapter was found".to_owned(),
        other => other.to_string(),
    }
}

fn summarize(setup: &WgpuSetup) -> AdapterSummary {
    let info = setup.adapter.get_info();
    let limits = setup.adapter.limits();
    let name = if info.name.is_empty() { "an adapter without a name" } else { &info.name };
    AdapterSummary {
        name: name.to_owned(),
        // In a browser this is the adapter's `isFallbackAdapter`.
        software: info.device_type == DeviceType::Cpu,
        limits: [
            ("max buffer size", limits.max_buffer_size as f64),
            ("max storage buffer binding size", limits.max_storage_buffer_binding_size as f64),
            (
                "max compute invocations per workgroup",
                f64::from(limits.max_compute_invocations_per_workgroup),
            ),
            (
                "max compute workgroup storage size",
                f64::from(limits.max_compute_workgroup_storage_size),
            ),
            (
                "max compute workgroups per dimension",
                f64::from(limits.max_compute_workgroups_per_dimension),
            ),
        ]
        .map(|(limit, value)| (limit.to_owned(), value))
        .to_vec(),
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use pollster::block_on;

    fn none() -> Result<AdapterSummary, String> {
        Err("no navigator.gpu".to_owned())
    }

    #[test]
    fn auto_prefers_the_cpu_to_a_software_adapter_and_names_it() {
        let known = AdapterSummary { name: "Slow".into(), software: true, limits: Vec::new() };
        let opened = block_on(open(EngineChoice::Auto, Some(&Ok(known)))).unwrap();
        assert_eq!(opened.engine, EngineKind::Cpu);
        assert!(opened.reason.contains("Slow"), "{}", opened.reason);
    }

    #[test]
    fn cpu_is_opened_without_asking_for_webgpu() {
        let opened = block_on(open(EngineChoice::Cpu, Some(&none()))).unwrap();
        assert_eq!((opened.engine, opened.software), (EngineKind::Cpu, false));
    }

    #[test]
    fn auto_falls_back_to_the_cpu_and_says_why() {
        let opened = block_on(open(EngineChoice::Auto, Some(&none()))).unwrap();
        assert_eq!(opened.engine, EngineKind::Cpu);
        assert!(opened.reason.contains("no navigator.gpu"), "{}", opened.reason);
    }

    #[test]
    fn webgpu_by_name_is_an_error_where_there_is_none() {
        let error = block_on(open(EngineChoice::Webgpu, Some(&none()))).unwrap_err();
        assert!(error.to_string().contains("no navigator.gpu"));
        assert!(error.to_string().contains("choose `cpu`"));
    }

    #[test]
    fn a_full_device_is_told_from_a_lost_one() {
        for full in [
            "Out of Memory",
            "BufferTooBig { size: 9 }",
            "Buffer size (9) exceeds the max buffer size limit",
        ] {
            assert!(matches!(failure(full), TrainError::OutOfMemory { .. }), "{full}");
        }
        assert!(matches!(failure("the device is poisoned"), TrainError::DeviceLost(_)));
    }

    /// Machines differ: this asks that looking for an adapter never panics, and
    /// that `auto` never takes a software one.
    #[test]
    fn looking_for_an_adapter_gives_an_answer_or_a_reason() {
        match block_on(adapter(None)) {
            Ok(found) => assert!(!found.name.is_empty() && !found.limits.is_empty()),
            Err(why) => assert!(!why.is_empty()),
        }
        let opened = block_on(open(EngineChoice::Auto, None)).unwrap();
        assert!(!opened.software, "{opened:?}");
    }
}
