//! Reads a trace of wgpu: which dispatches there were between two marks, of which shader, and
//! what was bound.

use super::capture::{MARK, said};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::rc::Rc;
use wgpu_core::binding_model::BindingResource;
use wgpu_core::command::{Command, ComputeCommand, PointerReferences};
use wgpu_core::device::trace::{Action, Data, DataLoader as _, DiskTraceLoader, FILE_NAME};
use wgpu_core::id::{Marker, PointerId};

/// What was asked of a device.
#[derive(Debug, Default)]
pub struct Recording {
    /// Steps that were trained, or batches that were validated.
    pub steps: usize,
    pub dispatches: Vec<Dispatch>,
    pub submits: usize,
    pub bind_groups: usize,
    /// Writes to buffers, and their bytes.
    pub uploads: usize,
    pub upload_bytes: u64,
}

/// A dispatch of a shader.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub source: Rc<str>,
    pub entry: Rc<str>,
    pub groups: [u32; 3],
    pub bound: Vec<Bound>,
}

/// A buffer at a binding.
#[derive(Clone, Debug)]
pub struct Bound {
    pub binding: u32,
    /// Its bytes, and those of its start that the host wrote, if it wrote any.
    pub size: u64,
    pub data: Vec<u8>,
}

type Id = NonZeroUsize;

fn id<T: Marker>(pointer: PointerId<T>) -> Id {
    let PointerId::PointerId(id, _) = pointer;
    id
}

/// The most bytes of a buffer that are kept: sizes, strides and the like are few.
const KEPT: u64 = 4096;

/// A buffer in a bind group: its binding, the buffer, offset and size.
type BoundRange = (u32, Id, u64, Option<u64>);

struct Reader<'a> {
    loader: DiskTraceLoader<'a>,
    /// Buffers: their size, and what the host wrote to them.
    buffers: HashMap<Id, (u64, Vec<u8>)>,
    groups: HashMap<Id, Vec<BoundRange>>,
    modules: HashMap<Id, Rc<str>>,
    pipelines: HashMap<Id, (Rc<str>, Rc<str>)>,
    /// Marks so far: between the first and the second one, everything is recorded.
    marks: usize,
    found: Recording,
}

/// The dispatches in the trace in `folder`, made by `steps` steps.
pub fn replay(folder: &Path, steps: usize) -> Result<Recording, String> {
    let path = folder.join(FILE_NAME);
    let mut text = std::fs::read_to_string(&path).map_err(|error| said(&path, &error))?;
    // The bracket is written when the device goes away, which burn's never does.
    if !text.trim_end().ends_with(']') {
        text.push(']');
    }
    let actions: Vec<Action<'static, PointerReferences>> =
        ron::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut reader = Reader {
        loader: DiskTraceLoader::new(folder),
        buffers: HashMap::new(),
        groups: HashMap::new(),
        modules: HashMap::new(),
        pipelines: HashMap::new(),
        marks: 0,
        found: Recording { steps, ..Recording::default() },
    };
    for action in actions {
        reader.action(action)?;
    }
    if reader.marks != 2 {
        return Err(format!("{} marks in the trace", reader.marks));
    }
    Ok(reader.found)
}

impl Reader<'_> {
    fn recording(&self) -> bool {
        self.marks == 1
    }

    fn action(&mut self, action: Action<PointerReferences>) -> Result<(), String> {
        match action {
            Action::CreateBuffer(buffer, made) => {
                self.marks += usize::from(made.label.as_deref() == Some(MARK));
                self.buffers.insert(id(buffer), (made.size, Vec::new()));
            }
            Action::CreateBindGroup(group, made) => {
                self.found.bind_groups += usize::from(self.recording());
                let buffer =
                    |entry: &wgpu_core::binding_model::BindGroupEntry<_, _, _, _, _>| match &entry
                        .resource
                    {
                        BindingResource::Buffer(it) => {
                            Some((entry.binding, id(it.buffer), it.offset, it.size))
                        }
                        _ => None,
                    };
                self.groups.insert(id(group), made.entries.iter().filter_map(buffer).collect());
            }
            Action::CreateShaderModule { id: module, data, .. } => {
                self.modules.insert(id(module), self.loader.load_utf8(&data).as_ref().into());
            }
            Action::CreateComputePipeline { id: pipeline, desc } => {
                let source = self.modules.get(&id(desc.stage.module)).ok_or("an unknown module")?;
                let entry = desc.stage.entry_point.as_deref().unwrap_or("main").into();
                self.pipelines.insert(id(pipeline), (source.clone(), entry));
            }
            Action::WriteBuffer { id: buffer, data, offset, size, .. } => {
                if self.recording() {
                    self.found.uploads += 1;
                    self.found.upload_bytes += size;
                }
                self.write(id(buffer), offset, &data)?;
            }
            Action::Submit(_, commands) => {
                self.found.submits += usize::from(self.recording());
                for command in commands {
                    if let Command::RunComputePass { pass, .. } = command {
                        self.pass(pass.commands)?;
                    }
                }
            }
            Action::FailedCommands { error, .. } => return Err(error),
            _ => {}
        }
        Ok(())
    }

    fn write(&mut self, buffer: Id, offset: u64, data: &Data) -> Result<(), String> {
        let bytes = self.loader.load(data);
        let (_, written) = self.buffers.get_mut(&buffer).ok_or("an unknown buffer is written")?;
        let start = offset as usize;
        written.resize(written.len().max(start + bytes.len()), 0);
        written[start..start + bytes.len()].copy_from_slice(&bytes);
        Ok(())
    }

    fn pass(&mut self, commands: Vec<ComputeCommand<PointerReferences>>) -> Result<(), String> {
        let (mut pipeline, mut group) = (None, None);
        for command in commands {
            match command {
                ComputeCommand::SetPipeline(it) => pipeline = Some(id(it)),
                ComputeCommand::SetBindGroup { bind_group, .. } => group = bind_group.map(id),
                ComputeCommand::DispatchWorkgroups(groups) if self.recording() => {
                    let (source, entry) = pipeline
                        .and_then(|it| self.pipelines.get(&it))
                        .ok_or("a dispatch without a pipeline")?
                        .clone();
                    let bound = group.and_then(|it| self.groups.get(&it)).cloned();
                    let bound = bound.unwrap_or_default().into_iter().map(|it| self.bound(it));
                    let bound = bound.collect::<Result<_, _>>()?;
                    self.found.dispatches.push(Dispatch { source, entry, groups, bound });
                }
                ComputeCommand::DispatchWorkgroupsIndirect { .. } => {
                    return Err("an indirect dispatch".to_owned());
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn bound(
        &self,
        (binding, buffer, offset, size): (u32, Id, u64, Option<u64>),
    ) -> Result<Bound, String> {
        let (whole, written) = self.buffers.get(&buffer).ok_or("an unknown buffer is bound")?;
        let size = size.unwrap_or(whole - offset);
        let written = written.get(offset as usize..).unwrap_or_default();
        let kept = written.len().min(size.min(KEPT) as usize);
        Ok(Bound { binding, size, data: written[..kept].to_vec() })
    }
}
