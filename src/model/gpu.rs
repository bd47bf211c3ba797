//! Kernels of our own for WebGPU, as WGSL made to measure: every size in them is a
//! constant, so that a compiler can unroll what it likes and nothing has to be sent along.
//! Tensors are `f32` and packed, `[batch, channels, height, width]`.

mod conv;
mod norm;

use burn::backend::ops::FloatTensorOps as _;
use burn::tensor::{FloatDType, Shape};
use burn_cubecl::CubeBackend;
pub(crate) use burn_cubecl::kernel::into_contiguous as packed;
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::metadata::Info;
use cubecl::ir::{ElemType, UIntKind};
use cubecl::prelude::{
    AddressType, CubeDim, ExecutionMode, KernelDefinition, KernelId, KernelMetadata,
    KernelSettings, Scope,
};
use cubecl::server::{CubeCount, KernelArguments};
use cubecl::{CubeKernel, PrecompiledSource};
use std::fmt::Debug;
use std::hash::Hash;

/// Invocations in a workgroup.
const GROUP: usize = 64;

/// Most workgroups in one direction: WebGPU's own limit.
const MOST_GROUPS: usize = 65_535;

/// The text of a kernel, by what it is for: two that are equal have the same text.
pub(crate) trait Text: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// WGSL with an entry point `main`, whose buffers are `@group(0)`, in order, all of
    /// them `read_write`: burn may keep several tensors in one buffer.
    fn text(&self) -> String;
}

struct Kernel<T>(T);

impl<T: Text> KernelMetadata for Kernel<T> {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.0.clone())
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl<T: Text> CubeKernel for Kernel<T> {
    fn define(&self) -> KernelDefinition {
        let mode = ExecutionMode::Checked;
        let settings = KernelSettings::new(CubeDim::new_1d(1).0, mode, AddressType::U32);
        let body = Scope::root(settings.clone());
        KernelDefinition { body, settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let source = self.0.text();
        Some(PrecompiledSource { source, entrypoint_name: "main".to_owned(), lang: "wgsl" })
    }
}

/// Runs a kernel in so many workgroups, on these tensors.
fn run(text: impl Text, groups: usize, tensors: &[&CubeTensor]) {
    let Some(first) = tensors.first() else { return };
    let bindings = tensors.iter().map(|tensor| tensor.handle.clone().binding()).collect();
    let across = groups.min(MOST_GROUPS);
    let count = CubeCount::Static(across as u32, groups.div_ceil(across.max(1)) as u32, 1);
    let arguments = KernelArguments::new().with_buffers(bindings);
    first.client.launch(Box::new(Kernel(text)), count, arguments);
}

/// Runs a kernel for so many invocations, of which each finds its number as `index`.
pub(crate) fn run_each(text: impl Text, invocations: usize, tensors: &[&CubeTensor]) {
    run(text, invocations.div_ceil(GROUP), tensors);
}

/// How many invocations of a kernel for [`run_each`] have something to do.
pub(crate) enum Count<'a> {
    /// So many.
    Of(usize),
    /// As many as the tensor of that name has values: the text serves tensors of any length.
    Values(&'a str),
}

/// The frame of a kernel for [`run_each`]: `body` runs where `index` is below `count`;
/// `buffers` are the names of the tensors.
pub(crate) fn each(buffers: &[&str], count: Count, body: &str) -> String {
    let bindings = bindings(buffers);
    let end = match count {
        Count::Of(count) => format!("{count}u"),
        Count::Values(tensor) => format!("arrayLength(&{tensor})"),
    };
    format!(
        "{bindings}
@compute @workgroup_size({GROUP})
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {{
    let index = id.x + id.y * groups.x * {GROUP}u;
    if (index >= {end}) {{ return; }}
{body}}}
"
    )
}

fn bindings(buffers: &[&str]) -> String {
    let line = |(place, name)| {
        format!("@group(0) @binding({place}) var<storage, read_write> {name}: array<f32>;\n")
    };
    buffers.iter().enumerate().map(line).collect()
}

/// A tensor on the device of `like` whose values are not set.
pub(crate) fn empty(shape: impl Into<Shape>, like: &CubeTensor) -> CubeTensor {
    CubeBackend::float_empty(shape.into(), &like.device, FloatDType::F32)
}

/// The largest of 4, 2 and 1 that divides `n`: how many neighbours an invocation computes.
fn together(n: usize) -> usize {
    [4, 2].into_iter().find(|size| n.is_multiple_of(*size)).unwrap_or(1)
}
