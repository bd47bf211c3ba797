//! Our own shaders for WebGPU, in WGSL. Compiling takes long, so one source serves tensors of every
//! size: the sizes are passed with a dispatch. Only numbers that a compiler should unroll are in
//! the source.
//! Tensors are `f32` and packed, `[batch, channels, height, width]`.

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
pub(crate) use template::{Constant, expand};

/// Invocations in a workgroup of [`dispatch_each`].
const GROUP: usize = 64;

/// The most workgroups in one direction: WebGPU's limit.
pub(crate) const MOST_GROUPS: usize = 65_535;

/// A shader, described by its parameters: equal ones have the same source.
pub(crate) trait Shader: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// WGSL that begins with [`bindings`] and has an entry point `main`.
    fn source(&self) -> String;
}

/// A shader as cubecl takes it.
struct PrecompiledShader<T>(T);

impl<T: Shader> KernelMetadata for PrecompiledShader<T> {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.0.clone())
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl<T: Shader> CubeKernel for PrecompiledShader<T> {
    fn define(&self) -> KernelDefinition {
        let mode = ExecutionMode::Checked;
        let settings = KernelSettings::new(CubeDim::new_1d(1).0, mode, AddressType::U32);
        let body = Scope::root(settings.clone());
        KernelDefinition { body, settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        let source = self.0.source();
        Some(PrecompiledSource { source, entrypoint_name: "main".to_owned(), lang: "wgsl" })
    }
}

/// Runs a shader in `groups` workgroups, on `tensors` with `sizes`.
pub(crate) fn dispatch(
    shader: impl Shader,
    groups: usize,
    tensors: &[&CubeTensor],
    sizes: &[usize],
) {
    let Some(first) = tensors.first() else { return };
    let bindings = tensors.iter().map(|tensor| tensor.handle.clone().binding()).collect();
    let across = groups.min(MOST_GROUPS);
    let count = CubeCount::Static(across as u32, groups.div_ceil(across.max(1)) as u32, 1);
    let arguments = KernelArguments::new().with_buffers(bindings).with_info(words(sizes));
    first.client.launch(Box::new(PrecompiledShader(shader)), count, arguments);
}

/// Runs a shader of [`per_value`] in `invocations` invocations.
pub(crate) fn dispatch_each(
    shader: impl Shader,
    invocations: usize,
    tensors: &[&CubeTensor],
    sizes: &[usize],
) {
    let sizes = [&[invocations], sizes].concat();
    dispatch(shader, invocations.div_ceil(GROUP), tensors, &sizes);
}

/// Sizes as the `u32`s of [`bindings`], two to a word.
fn words(sizes: &[usize]) -> MetadataBindingInfo {
    let word = |pair: &[usize]| pair.iter().rev().fold(0, |word, size| (word << 32) | *size as u64);
    MetadataBindingInfo::custom(sizes.chunks(2).map(word).collect())
}

/// The source of a shader for [`dispatch_each`], from a template with a function
/// `compute(index: u32)`, which runs for every `index`. `buffers` and `sizes` are the names of
/// the tensors and of their sizes; see [`expand`] for `template` and `constants`.
pub(crate) fn per_value(
    buffers: &[&str],
    sizes: &[&str],
    template: &str,
    constants: &[(&str, Constant)],
) -> String {
    let constants = [&[("GROUP", GROUP.into())], constants].concat();
    let template = [template, include_str!("shader/per_value.wgsl")].concat();
    bindings(buffers, &[&["invocations"], sizes].concat()) + &expand(&template, &constants)
}

/// Declares the buffers in order, all of them `read_write` because burn may put several tensors
/// into one, and then the sizes as members of `sizes`.
pub(crate) fn bindings(buffers: &[&str], sizes: &[&str]) -> String {
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

/// A tensor with undefined values, on the device of `like`.
pub(crate) fn empty(shape: impl Into<Shape>, like: &CubeTensor) -> CubeTensor {
    CubeBackend::float_empty(shape.into(), &like.device, FloatDType::F32)
}

/// The largest of 4, 2 and 1 that divides `n`: how many neighbours an invocation computes.
pub(crate) fn neighbours(n: usize) -> usize {
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

    /// Fails unless the source is WGSL that every adapter can run.
    pub(crate) fn runs_everywhere(shader: &impl super::Shader) {
        let source = shader.source();
        let module = match naga::front::wgsl::parse_str(&source) {
            Ok(module) => module,
            Err(error) => panic!("{}", error.emit_to_string(&source)),
        };
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        if let Err(error) = validator.validate(&module) {
            panic!("{}", error.emit_to_string(&source));
        }
        let bound = source.matches("var<storage").count();
        assert!((1..=BUFFERS).contains(&bound), "{bound} buffers in {source}");
        let invocations: u32 =
            module.entry_points.iter().map(|it| it.workgroup_size.iter().product::<u32>()).sum();
        assert!((1..=INVOCATIONS).contains(&invocations), "{invocations} invocations in {source}");
        let mut layouter = naga::proc::Layouter::default();
        layouter.update(module.to_ctx()).unwrap();
        let memory = module.global_variables.iter().map(|(_, it)| it);
        let memory = memory.filter(|it| it.space == naga::AddressSpace::WorkGroup);
        let bytes: u32 = memory.map(|it| layouter[it.ty].size).sum();
        assert!(bytes <= WORKGROUP_BYTES, "{bytes} bytes of workgroup memory in {source}");
    }
}
