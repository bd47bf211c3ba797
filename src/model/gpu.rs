//! Kernels of our own for WebGPU, as WGSL. A text serves tensors of every size, because each
//! text has to be compiled when a run begins, and again wherever another size needs another
//! one: sizes come along with a launch. Only what a compiler should unroll is in the text.
//! Tensors are `f32` and packed, `[batch, channels, height, width]`.

mod conv;
mod head;
mod norm;
mod pool;
mod template;

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
use cubecl::server::{CubeCount, KernelArguments, MetadataBindingInfo};
use cubecl::{CubeKernel, PrecompiledSource};
use std::fmt::Debug;
use std::hash::Hash;
use template::expand;

/// Invocations in a workgroup.
const GROUP: usize = 64;

/// Most workgroups in one direction: WebGPU's own limit.
const MOST_GROUPS: usize = 65_535;

/// The text of a kernel, by what it is for: two that are equal have the same text.
pub(crate) trait Text: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// WGSL with an entry point `main`, which begins with [`declarations`].
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

/// Runs a kernel in so many workgroups, on these tensors of these sizes.
pub(crate) fn run(text: impl Text, groups: usize, tensors: &[&CubeTensor], sizes: &[usize]) {
    let Some(first) = tensors.first() else { return };
    let bindings = tensors.iter().map(|tensor| tensor.handle.clone().binding()).collect();
    let across = groups.min(MOST_GROUPS);
    let count = CubeCount::Static(across as u32, groups.div_ceil(across.max(1)) as u32, 1);
    let arguments = KernelArguments::new().with_buffers(bindings).with_info(words(sizes));
    first.client.launch(Box::new(Kernel(text)), count, arguments);
}

/// Runs a kernel for so many invocations, of which each finds its number as `index`.
pub(crate) fn run_each(
    text: impl Text,
    invocations: usize,
    tensors: &[&CubeTensor],
    sizes: &[usize],
) {
    let sizes = [&[invocations], sizes].concat();
    run(text, invocations.div_ceil(GROUP), tensors, &sizes);
}

/// Sizes as the `u32`s of [`declarations`], two to a word.
fn words(sizes: &[usize]) -> MetadataBindingInfo {
    let word = |pair: &[usize]| pair.iter().rev().fold(0, |word, size| (word << 32) | *size as u64);
    MetadataBindingInfo::custom(sizes.chunks(2).map(word).collect())
}

/// The frame of a kernel for [`run_each`]: `body` runs for every `index`; `buffers` and
/// `sizes` are the names of the tensors and of their sizes.
pub(crate) fn each(buffers: &[&str], sizes: &[&str], body: &str) -> String {
    let declarations = declarations(buffers, &[&["invocations"], sizes].concat());
    format!(
        "{declarations}
@compute @workgroup_size({GROUP})
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {{
    let index = id.x + id.y * groups.x * {GROUP}u;
    if (index >= sizes.invocations) {{ return; }}
{body}}}
"
    )
}

/// The source of a shader for [`run_each`], from a template with a function
/// `compute(index: u32)`, which runs for every `index`. `buffers` and `sizes` are the names of
/// the tensors and of their sizes; see [`expand`] for the others.
pub(crate) fn per_value(
    buffers: &[&str],
    sizes: &[&str],
    template: &str,
    parameters: &[(&str, usize)],
) -> String {
    let parameters = [&[("GROUP", GROUP)], parameters].concat();
    let template = [template, include_str!("gpu/per_value.wgsl")].concat();
    declarations(buffers, &[&["invocations"], sizes].concat()) + &expand(&template, &parameters)
}

/// Buffers in order, all of them `read_write` because burn may keep several tensors in one,
/// then sizes as members of `sizes`.
pub(crate) fn declarations(buffers: &[&str], sizes: &[&str]) -> String {
    let line = |(place, name)| {
        format!("@group(0) @binding({place}) var<storage, read_write> {name}: array<f32>;\n")
    };
    let members: String = sizes.iter().map(|size| format!("    {size}: u32,\n")).collect();
    let place = buffers.len();
    buffers.iter().enumerate().map(line).collect::<String>()
        + &format!(
            "struct Sizes {{
{members}}}
@group(0) @binding({place}) var<uniform> sizes: Sizes;
"
        )
}

/// A tensor on the device of `like` whose values are not set.
pub(crate) fn empty(shape: impl Into<Shape>, like: &CubeTensor) -> CubeTensor {
    CubeBackend::float_empty(shape.into(), &like.device, FloatDType::F32)
}

/// The largest of 4, 2 and 1 that divides `n`: how many neighbours an invocation computes.
fn together(n: usize) -> usize {
    [4, 2].into_iter().find(|size| n.is_multiple_of(*size)).unwrap_or(1)
}

#[cfg(all(test, not(target_family = "wasm")))]
pub(crate) mod tests {
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    /// What WebGPU guarantees a shader: storage buffers, invocations in a workgroup, and bytes
    /// of workgroup memory.
    const BUFFERS: usize = 8;
    const INVOCATIONS: u32 = 256;
    const WORKGROUP_BYTES: u32 = 16 << 10;

    /// Fails unless the text is WGSL that every adapter can run.
    pub(crate) fn runs_everywhere(text: &impl super::Text) {
        let text = text.text();
        let module = match naga::front::wgsl::parse_str(&text) {
            Ok(module) => module,
            Err(error) => panic!("{}", error.emit_to_string(&text)),
        };
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        if let Err(error) = validator.validate(&module) {
            panic!("{}", error.emit_to_string(&text));
        }
        let bound = text.matches("var<storage").count();
        assert!((1..=BUFFERS).contains(&bound), "{bound} buffers in {text}");
        let invocations: u32 =
            module.entry_points.iter().map(|it| it.workgroup_size.iter().product::<u32>()).sum();
        assert!((1..=INVOCATIONS).contains(&invocations), "{invocations} invocations in {text}");
        let mut layouter = naga::proc::Layouter::default();
        layouter.update(module.to_ctx()).unwrap();
        let memory = module.global_variables.iter().map(|(_, it)| it);
        let memory = memory.filter(|it| it.space == naga::AddressSpace::WorkGroup);
        let bytes: u32 = memory.map(|it| layouter[it.ty].size).sum();
        assert!(bytes <= WORKGROUP_BYTES, "{bytes} bytes of workgroup memory in {text}");
    }
}
