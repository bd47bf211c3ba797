//! A rig that needs no graphics card: what each kernel of a step computes and moves, found by
//! running workgroups of the shaders that the product launches.
//!
//! `capture` lets the product train and validate on a device that computes nothing, and
//! `replay` finds in its trace which shaders were dispatched, with which buffers and sizes. `machine`
//! runs workgroups of these shaders from naga's IR and counts. `table` is the result, and compares it
//! with `table.tsv`.

pub mod capture;
mod evaluate;
pub mod kernel;
mod lanes;
mod layout;
mod machine;
mod memory;
pub mod name;
mod operate;
pub mod replay;
pub mod table;
mod traffic;

use crate::cases::Case;
use capture::{Work, record};
use imagenette_playground::experiment::ModelKind;
use imagenette_playground::model::layout as network;
use kernel::{Moved, Shader};
use name::{Channels, Names, describe};
use replay::{Dispatch, Recording};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use table::{Column, Row, Table};

/// What every convolution with at least [`ENOUGH_CHANNELS`] on both sides should reach.
pub const MAC_PER_LOAD: f64 = 16.0;
pub const LINES_PER_LOAD: f64 = 4.0;
pub const ENOUGH_CHANNELS: u32 = 16;

/// A network, and what it is asked to do.
pub const WORK: [(ModelKind, Work); 4] = [
    (ModelKind::Tiny, Work::Train),
    (ModelKind::Tiny, Work::Validate),
    (ModelKind::Resnet9, Work::Train),
    (ModelKind::Resnet9, Work::Validate),
];

/// A network on 64 images of 64 × 64 pixels.
pub fn case(kind: ModelKind) -> Case {
    Case {
        name: if kind == ModelKind::Tiny { "tiny" } else { "resnet9" },
        stages: network::stages(kind),
        features: network::features(kind),
        size: 64,
        batch: 64,
    }
}

/// One kind of dispatch of a step: the same kernel on the same sizes.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub name: String,
    pub sizes: String,
    /// The channels, if it is part of a convolution.
    pub channels: Option<Channels>,
    /// How often a step dispatches it.
    pub times: f64,
    pub moved: Moved,
}

/// A step, or the validation of a batch.
#[derive(Debug)]
pub struct Step {
    pub title: String,
    pub recording: Recording,
    pub kernels: Vec<Kernel>,
}

/// Shaders and what was measured of them before.
pub struct Rig {
    names: Names,
    shaders: HashMap<Rc<str>, Rc<Shader>>,
    measured: HashMap<Key, Moved>,
}

/// Dispatches with the same key do the same.
type Key = (Rc<str>, [u32; 3], Vec<u64>, Vec<u32>);

impl Rig {
    pub fn new() -> Self {
        Self { names: Names::read(), shaders: HashMap::new(), measured: HashMap::new() }
    }

    pub fn shader(&mut self, source: &Rc<str>) -> Result<Rc<Shader>, String> {
        if let Some(shader) = self.shaders.get(source) {
            return Ok(shader.clone());
        }
        let shader = Rc::new(Shader::new(source)?);
        self.shaders.insert(source.clone(), shader.clone());
        Ok(shader)
    }

    /// A dispatch's kernel, not yet measured.
    pub fn kernel(&mut self, dispatch: &Dispatch) -> Result<Kernel, String> {
        let shader = self.shader(&dispatch.source)?;
        let (sizes, channels) = describe(&shader, dispatch);
        let name = self.names.of(&shader, dispatch);
        Ok(Kernel { name, sizes, channels, times: 0.0, moved: Moved::default() })
    }

    /// What a dispatch moves.
    fn moved(&mut self, dispatch: &Dispatch) -> Result<Moved, String> {
        let shader = self.shader(&dispatch.source)?;
        let bound = dispatch.bound.iter().map(|it| it.size).collect();
        let key = (dispatch.source.clone(), dispatch.groups, bound, shader.steering(dispatch));
        if let Some(moved) = self.measured.get(&key) {
            return Ok(moved.clone());
        }
        let moved = shader.moved(dispatch)?;
        self.measured.insert(key, moved.clone());
        Ok(moved)
    }

    /// Records and measures a step.
    pub fn step(&mut self, case: &Case, work: Work) -> Result<Step, String> {
        let what = if work == Work::Train { "training step" } else { "validation batch" };
        self.measure(format!("{}, {what}", case.name), record(case, work)?)
    }

    /// Measures what was recorded.
    pub fn measure(&mut self, title: String, recording: Recording) -> Result<Step, String> {
        let mut kernels: BTreeMap<(String, String), Kernel> = BTreeMap::new();
        let times = 1.0 / recording.steps as f64;
        for dispatch in &recording.dispatches {
            let kernel = self.kernel(dispatch)?;
            let moved = self.moved(dispatch);
            let moved = moved.map_err(|error| format!("{kernel:?}: {error}"))?;
            let key = (kernel.name.clone(), kernel.sizes.clone());
            let all = kernels.entry(key).or_insert(kernel);
            all.times += times;
            all.moved.join(&moved, times);
        }
        Ok(Step { title, recording, kernels: kernels.into_values().collect() })
    }
}

impl Kernel {
    /// Whether the targets are meant for it.
    pub fn is_wide(&self) -> bool {
        self.channels.is_some_and(|it| it.input.min(it.output) >= ENOUGH_CHANNELS)
    }

    /// Which targets it misses.
    pub fn misses(&self) -> Vec<&'static str> {
        let mut missed = Vec::new();
        if self.is_wide() && self.moved.mac_per_load() < MAC_PER_LOAD {
            missed.push("MAC");
        }
        if self.is_wide() && self.moved.worst().1 > LINES_PER_LOAD {
            missed.push("lines");
        }
        missed
    }
}

const fn more_is_worse(name: &'static str) -> Column {
    Column { name, more_is_worse: true }
}

impl Step {
    /// What each kernel moves.
    pub fn table(&self) -> Table {
        let columns = vec![
            more_is_worse("dispatches"),
            more_is_worse("workgroups"),
            more_is_worse("invocations"),
            more_is_worse("MFLOP"),
            more_is_worse("KB loaded"),
            more_is_worse("KB stored"),
            Column { name: "MAC/load", more_is_worse: false },
            more_is_worse("lines/load"),
            more_is_worse("worst load"),
            more_is_worse("of buffer"),
            more_is_worse("bank turns"),
            more_is_worse("workgroup bytes"),
            more_is_worse("misses"),
        ];
        let row = |kernel: &Kernel| {
            let Kernel { moved, .. } = kernel;
            let missed = kernel.misses();
            let (buffer, worst) = moved.worst();
            Row {
                name: format!("{} {}", kernel.name, kernel.sizes).trim_end().to_owned(),
                numbers: vec![
                    short(kernel.times),
                    short(moved.workgroups),
                    moved.invocations.to_string(),
                    format!("{:.1}", moved.flop / 1e6),
                    format!("{:.1}", 4e-3 * moved.loaded),
                    format!("{:.1}", 4e-3 * moved.stored),
                    format!("{:.1}", moved.mac_per_load()),
                    format!("{:.2}", moved.lines()),
                    format!("{worst:.2}"),
                    if buffer.is_empty() { "-".to_owned() } else { buffer.to_owned() },
                    format!("{:.2}", moved.conflicts()),
                    moved.workgroup_bytes.to_string(),
                    if missed.is_empty() { "-".to_owned() } else { missed.join("+") },
                ],
            }
        };
        let title = self.title.clone();
        Table { title, columns, rows: self.kernels.iter().map(row).collect() }
    }

    /// All of a step.
    fn sums(&self) -> Row {
        let Recording { steps, dispatches, submits, bind_groups, uploads, upload_bytes } =
            &self.recording;
        let per_step = |count: f64| short(count / *steps as f64);
        let sum = |part: &dyn Fn(&Kernel) -> f64| self.kernels.iter().map(part).sum::<f64>();
        let ours = sum(&|it| if it.name.starts_with("burn: ") { 0.0 } else { it.times });
        Row {
            name: self.title.clone(),
            numbers: vec![
                per_step(dispatches.len() as f64),
                short(ours),
                per_step(*submits as f64),
                per_step(*bind_groups as f64),
                per_step(*uploads as f64),
                per_step(*upload_bytes as f64 / 1e3),
                format!("{:.1}", 4e-6 * sum(&|it| it.moved.loaded)),
                format!("{:.1}", 4e-6 * sum(&|it| it.moved.stored)),
                format!("{:.2}", 1e-9 * sum(&|it| it.moved.flop)),
                format!("{:.2}", 1e-9 * sum(&|it| it.moved.mac)),
            ],
        }
    }
}

/// The sums of all steps, and then the kernels of each.
pub fn tables(steps: &[Step]) -> Vec<Table> {
    let columns = [
        "dispatches",
        "of them ours",
        "submits",
        "bind groups",
        "uploads",
        "KB uploaded",
        "MB loaded",
        "MB stored",
        "GFLOP",
        "GMAC",
    ];
    let sums = Table {
        title: "all of a step".to_owned(),
        columns: columns.map(more_is_worse).to_vec(),
        rows: steps.iter().map(Step::sums).collect(),
    };
    std::iter::once(sums).chain(steps.iter().map(Step::table)).collect()
}

/// Records and measures everything in [`WORK`].
pub fn measure() -> Result<Vec<Step>, String> {
    let mut rig = Rig::new();
    WORK.into_iter().map(|(kind, work)| rig.step(&case(kind), work)).collect()
}

/// The committed tables.
pub const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rig/table.tsv");

/// A number with as few digits as it needs, two after the point at most.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
