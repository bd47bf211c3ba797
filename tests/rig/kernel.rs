//! What a dispatch moves and computes, from running some of its workgroups.

use super::evaluate::steers;
use super::machine::{Buffers, Machine, Place};
use super::replay::Dispatch;
use super::traffic::Traffic;
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Module, TypeInner};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A shader that can be run.
pub struct Shader {
    pub module: Module,
    pub info: ModuleInfo,
    pub source: Rc<str>,
}

/// What all workgroups of a dispatch do together. Numbers are estimated from some of the
/// workgroups, so that they need not be whole.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    pub workgroups: f64,
    /// Invocations in a workgroup, and bytes of workgroup memory.
    pub invocations: u64,
    pub workgroup_bytes: u64,
    pub flop: f64,
    pub mac: f64,
    /// Values of four bytes that are loaded from buffers and stored there.
    pub loaded: f64,
    pub stored: f64,
    /// Each load in the source, by its buffer and place.
    pub loads: BTreeMap<(String, usize, usize), Loads>,
    /// Turns of the banks of workgroup memory, and the fewest turns possible.
    pub turns: f64,
    pub least_turns: f64,
}

/// Accesses of 32 invocations, and the cache lines that they touch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loads {
    pub accesses: f64,
    pub lines: f64,
    pub most_lines: u64,
}

impl Shader {
    pub fn new(source: &Rc<str>) -> Result<Self, String> {
        let module = naga::front::wgsl::parse_str(source);
        let module = module.map_err(|error| error.emit_to_string(source))?;
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::all());
        let info = validator.validate(&module);
        let info = info.map_err(|error| error.emit_to_string(source))?;
        Ok(Self { module, info, source: source.clone() })
    }

    fn entry(&self, name: &str) -> Result<usize, String> {
        let entries = &self.module.entry_points;
        entries.iter().position(|it| it.name == name).ok_or(format!("no entry point {name}"))
    }

    /// The names and values of the sizes that a dispatch passes.
    pub fn sizes(&self, dispatch: &Dispatch) -> Vec<(String, u32)> {
        let mut found = Vec::new();
        for (_, variable) in self.module.global_variables.iter() {
            let TypeInner::Struct { members, .. } = &self.module.types[variable.ty].inner else {
                continue;
            };
            let Some(binding) = &variable.binding else { continue };
            if variable.space != AddressSpace::Uniform {
                continue;
            }
            let words = words(dispatch, binding.binding);
            for member in members {
                let value = words.get(member.offset as usize / 4).copied().unwrap_or(0);
                found.push((member.name.clone().unwrap_or_default(), value));
            }
        }
        found
    }

    /// The numbers that decide what a dispatch does.
    pub fn steering(&self, dispatch: &Dispatch) -> Vec<u32> {
        let variables = self.module.global_variables.iter();
        let steering = variables.filter(|(_, it)| steers(&self.module, it));
        let binding =
            |(_, it): (_, &naga::GlobalVariable)| it.binding.as_ref().map(|it| it.binding);
        steering.filter_map(binding).flat_map(|it| words(dispatch, it)).collect()
    }

    /// Runs one workgroup on the given buffers.
    pub fn run(
        &self,
        dispatch: &Dispatch,
        number: u32,
        buffers: &mut Buffers,
    ) -> Result<Traffic, String> {
        let index = self.entry(&dispatch.entry)?;
        let groups = dispatch.groups;
        let [across, down, _] = groups;
        let group = [number % across, number / across % down, number / (across * down)];
        let entry = &self.module.entry_points[index];
        let mut machine = Machine::new(&self.module, &self.info, entry, buffers)?;
        machine.run(index, Place { group, groups })?;
        Ok(machine.traffic)
    }

    /// What a dispatch moves, from its first, its middle and its last workgroup: the last one may
    /// have less to do than the others.
    pub fn moved(&self, dispatch: &Dispatch) -> Result<Moved, String> {
        let entry = &self.module.entry_points[self.entry(&dispatch.entry)?];
        let groups: u32 = dispatch.groups.iter().product();
        let variables = self.module.global_variables.iter();
        let shared = variables.filter(|(_, it)| it.space == AddressSpace::WorkGroup);
        let bytes = |ty: naga::Handle<naga::Type>| {
            u64::from(self.module.types[ty].inner.size(self.module.to_ctx()))
        };
        let mut moved = Moved {
            workgroups: f64::from(groups),
            invocations: entry.workgroup_size.iter().map(|it| u64::from(*it)).product(),
            workgroup_bytes: shared.map(|(_, it)| bytes(it.ty)).sum(),
            ..Moved::default()
        };
        let chosen: &[(u32, f64)] = &match groups {
            0 => vec![],
            1 => vec![(0, 1.0)],
            2 => vec![(0, 1.0), (1, 1.0)],
            _ => {
                let half = f64::from(groups - 1) / 2.0;
                vec![(0, half), (groups / 2, half), (groups - 1, 1.0)]
            }
        };
        let mut buffers = zeroed(dispatch);
        for (number, weight) in chosen {
            let traffic = self.run(dispatch, *number, &mut buffers)?;
            moved.add(&traffic, *weight);
        }
        Ok(moved)
    }
}

impl Moved {
    fn add(&mut self, traffic: &Traffic, weight: f64) {
        self.flop += weight * traffic.flop as f64;
        self.mac += weight * traffic.mac as f64;
        self.turns += weight * traffic.shared.turns as f64;
        self.least_turns += weight * traffic.shared.least_turns as f64;
        for ((function, pointer, stores), global) in &traffic.global {
            let values = weight * global.values as f64;
            if *stores {
                self.stored += values;
                continue;
            }
            self.loaded += values;
            let loads = self.loads.entry((global.buffer.clone(), *function, *pointer)).or_default();
            loads.accesses += weight * global.accesses as f64;
            loads.lines += weight * global.lines as f64;
            loads.most_lines = loads.most_lines.max(global.most_lines);
        }
    }

    /// Adds what another dispatch moves, `times` times.
    pub fn join(&mut self, other: &Self, times: f64) {
        self.workgroups += times * other.workgroups;
        self.invocations = other.invocations;
        self.workgroup_bytes = self.workgroup_bytes.max(other.workgroup_bytes);
        for (mine, others) in [
            (&mut self.flop, other.flop),
            (&mut self.mac, other.mac),
            (&mut self.loaded, other.loaded),
            (&mut self.stored, other.stored),
            (&mut self.turns, other.turns),
            (&mut self.least_turns, other.least_turns),
        ] {
            *mine += times * others;
        }
        for (site, loads) in &other.loads {
            let mine = self.loads.entry(site.clone()).or_default();
            mine.accesses += times * loads.accesses;
            mine.lines += times * loads.lines;
            mine.most_lines = mine.most_lines.max(loads.most_lines);
        }
    }

    pub fn mac_per_load(&self) -> f64 {
        if self.loaded > 0.0 { self.mac / self.loaded } else { 0.0 }
    }

    /// Cache lines per load of 32 invocations, on average.
    pub fn lines(&self) -> f64 {
        let sum = |part: fn(&Loads) -> f64| self.loads.values().map(part).sum::<f64>();
        let (lines, accesses) = (sum(|it| it.lines), sum(|it| it.accesses));
        if accesses > 0.0 { lines / accesses } else { 0.0 }
    }

    /// The buffer whose load needs the most cache lines on average, and how many.
    pub fn worst(&self) -> (&str, f64) {
        let each = self.loads.iter().map(|((buffer, ..), it)| (&**buffer, it.lines / it.accesses));
        each.fold(("", 0.0), |worst, it| if it.1 > worst.1 { it } else { worst })
    }

    /// Turns of the banks of workgroup memory, relative to the fewest.
    pub fn conflicts(&self) -> f64 {
        if self.least_turns > 0.0 { self.turns / self.least_turns } else { 0.0 }
    }
}

/// What the host wrote to a buffer, in words.
fn words(dispatch: &Dispatch, binding: u32) -> Vec<u32> {
    let bound = dispatch.bound.iter().find(|it| it.binding == binding);
    let bytes = bound.map(|it| &it.data[..]).unwrap_or_default();
    let word = |it: &[u8]| u32::from_le_bytes([it[0], it[1], it[2], it[3]]);
    bytes.chunks_exact(4).map(word).collect()
}

/// The buffers of a dispatch, with zeros where the host wrote nothing.
pub fn zeroed(dispatch: &Dispatch) -> Buffers {
    let buffer = |bound: &super::replay::Bound| {
        let mut buffer = vec![0; bound.size as usize / 4];
        let words = words(dispatch, bound.binding);
        buffer[..words.len()].copy_from_slice(&words);
        (bound.binding, buffer)
    };
    dispatch.bound.iter().map(buffer).collect()
}
