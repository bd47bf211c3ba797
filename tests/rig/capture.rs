//! Records what the product asks of a device: wgpu's backend that does nothing stands in for a
//! card, and wgpu's trace says what it was asked for.

use super::replay::{Recording, replay};
use crate::cases::{Case, Trainer, batch};
use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use burn_wgpu::WgpuSetup;
use imagenette_playground::train::device::TASKS_MAX;
use pollster::block_on;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use wgpu::{
    Backend, BackendOptions, Backends, BufferDescriptor, BufferUsages, DeviceDescriptor, Features,
    Instance, InstanceDescriptor, Limits, NoopBackendOptions, RequestAdapterOptions, Trace,
};

/// Steps before those that are recorded: the first ones compile shaders and make buffers.
const BEFORE: usize = 4;
/// Steps that are recorded: as many as the product trains before it reads their losses.
pub const STEPS: usize = 4;

/// The label of the buffer that marks where a recording begins and ends.
pub const MARK: &str = "rig: a mark in the trace";

/// What a network is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Train,
    Validate,
}

/// A device on which nothing is computed, with what every browser's WebGPU has.
pub fn stub(trace: Trace) -> Result<(Device, WgpuSetup), String> {
    let noop = NoopBackendOptions {
        enable: true,
        limits: Some(Limits::default()),
        features: Some(Features::empty()),
        ..NoopBackendOptions::default()
    };
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::NOOP,
        backend_options: BackendOptions { noop, ..BackendOptions::default() },
        ..InstanceDescriptor::new_without_display_handle()
    });
    let adapter = block_on(instance.request_adapter(&RequestAdapterOptions::default()));
    let adapter = adapter.map_err(|error| error.to_string())?;
    let wanted = DeviceDescriptor {
        required_limits: adapter.limits(),
        trace,
        ..DeviceDescriptor::default()
    };
    let opened = block_on(adapter.request_device(&wanted));
    let (device, queue) = opened.map_err(|error| error.to_string())?;
    let setup = WgpuSetup { instance, adapter, device, queue, backend: Backend::Noop };
    let options = Device::wgpu_options().tasks_max(TASKS_MAX).setup(setup.clone());
    Ok((options.init().map_err(|error| error.to_string())?, setup))
}

/// Everything that a step asks of the device.
pub fn record(case: &Case, work: Work) -> Result<Recording, String> {
    let folder = Folder::new()?;
    let (device, setup) = stub(Trace::Directory(folder.0.clone()))?;
    let mark = || {
        drop(setup.device.create_buffer(&BufferDescriptor {
            label: Some(MARK),
            size: 4,
            usage: BufferUsages::STORAGE,
            mapped_at_creation: false,
        }));
    };
    let mut trainer = Trainer::new(case, &device);
    match work {
        Work::Train => {
            block_on(trainer.steps(BEFORE))?;
            mark();
            block_on(trainer.steps(STEPS))?;
            mark();
        }
        Work::Validate => {
            validate(&trainer, case, &device)?;
            mark();
            validate(&trainer, case, &device)?;
            mark();
        }
    }
    let steps = if work == Work::Train { STEPS } else { 1 };
    replay(&folder.0, steps)
}

/// One batch of a validation: as in `train::evaluate`.
fn validate(trainer: &Trainer, case: &Case, device: &Device) -> Result<(), String> {
    let batch = batch(case);
    let pixels = TensorData::new(batch.pixels, [case.batch, 3, case.size, case.size]);
    let logits = trainer.network.valid().forward(Tensor::<4>::from_data(pixels, device));
    block_on(logits.into_data_async()).map_err(|error| error.to_string())?;
    // On a device that computes nothing, reading does not wait for what was asked before.
    device.sync().map_err(|error| error.to_string())
}

/// A folder for a trace, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("imagenette-rig-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).map_err(|error| said(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An error of a file, in words.
pub fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
