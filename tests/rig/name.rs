//! What a shader is called and what it works on, in the words of the table.

use super::kernel::Shader;
use super::replay::Dispatch;
use std::path::{Path, PathBuf};

/// Shaders that are parts of others.
const PARTS: [&str; 3] = ["tile", "channel_sums", "window"];

/// Our shaders: names of files, and the first line of each.
pub struct Names(Vec<(String, String)>);

impl Names {
    /// Reads all `.wgsl` files of the project.
    pub fn read() -> Self {
        let mut found = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found.sort();
        let named = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).ok()?;
            let first = text.lines().find(|line| line.starts_with("//"))?.to_owned();
            let stem = path.file_stem()?.to_string_lossy().into_owned();
            let folder = path.parent()?.file_name()?.to_string_lossy().into_owned();
            // `conv/gpu/tile_output.wgsl` is `conv/tile_output`.
            let folder = if folder == "gpu" { "conv".to_owned() } else { folder };
            (!PARTS.contains(&&*stem)).then(|| (format!("{folder}/{stem}"), first))
        };
        Self(found.into_iter().filter_map(named).collect())
    }

    /// The name of a shader. Those of burn end in a hash, which is left out: it may change with
    /// the compiler.
    pub fn of(&self, shader: &Shader, dispatch: &Dispatch) -> String {
        let ours = self.0.iter().find(|(_, line)| shader.source.lines().any(|it| it == line));
        let burns = || {
            let (name, hash) = dispatch.entry.rsplit_once('_').unwrap_or((&dispatch.entry, ""));
            let hashed = hash.len() == 8 && hash.chars().all(|it| it.is_ascii_hexdigit());
            format!("burn: {}", if hashed { name } else { &*dispatch.entry })
        };
        ours.map_or_else(burns, |(name, _)| name.clone())
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|it| it == "wgsl") {
            found.push(path);
        }
    }
}

/// A convolution's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    pub input: u32,
    pub output: u32,
}

/// The sizes of a dispatch in words, and the channels if it is part of a convolution.
pub fn describe(shader: &Shader, dispatch: &Dispatch) -> (String, Option<Channels>) {
    let sizes = shader.sizes(dispatch);
    let size = |name: &str| sizes.iter().find(|(it, _)| it == name).map(|(_, value)| *value);
    let constant = |name: &str| {
        let line = format!("const {name}: u32 = ");
        let value = shader.source.lines().find_map(|it| it.strip_prefix(&line))?;
        value.trim_end_matches("u;").parse::<u32>().ok()
    };
    if let (Some(input), Some(output), Some(height), Some(kernel), Some(stride)) = (
        size("in_channels"),
        size("out_channels"),
        size("height"),
        constant("KERNEL"),
        constant("STRIDE"),
    ) {
        let parts = size("parts").unwrap_or(1);
        let text =
            format!("{input}→{output}, {height}², kernel {kernel}, stride {stride}, parts {parts}");
        return (text, Some(Channels { input, output }));
    }
    let listed = |(name, value): &(String, u32)| format!("{name} {value}");
    (sizes.iter().map(listed).collect::<Vec<_>>().join(", "), None)
}
