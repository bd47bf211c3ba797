//! What the invocations of a workgroup do to memory, and how much they compute.

use super::lanes::{Lanes, Mask};
use std::collections::BTreeMap;

/// Invocations that access memory together, bytes of a cache line, banks of workgroup memory.
const TOGETHER: usize = 32;
const LINE: u32 = 128;
const BANKS: usize = 32;

/// One load or store in a shader's source: the function, the pointer's expression, whether it
/// stores.
pub type Site = (usize, usize, bool);

/// What was counted in a workgroup.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Floating-point operations: a fused multiply-add counts as two.
    pub flop: u64,
    /// Multiplications whose result is added to something.
    pub mac: u64,
    /// Loads and stores in buffers.
    pub global: BTreeMap<Site, Global>,
    /// Loads and stores in workgroup memory.
    pub shared: Shared,
}

/// Accesses of one load or store in a buffer.
#[derive(Clone, Debug, Default)]
pub struct Global {
    pub buffer: String,
    /// Accesses of 32 invocations, the cache lines that they touch, and the most of one access.
    pub accesses: u64,
    pub lines: u64,
    pub most_lines: u64,
    /// Values of four bytes.
    pub values: u64,
}

/// Accesses of workgroup memory: turns of its banks, and the turns if no two invocations
/// ever needed different words of a bank.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shared {
    pub turns: u64,
    pub least_turns: u64,
}

/// One access: where it starts in each invocation, and the bytes from there to its values.
pub struct Access<'a> {
    pub start: &'a Lanes,
    pub scalars: &'a [u32],
    pub mask: &'a Mask,
}

impl Access<'_> {
    /// The words of `count` invocations from `first`.
    fn words(&self, first: usize, count: usize) -> Vec<u32> {
        let mut words = Vec::with_capacity(count * self.scalars.len());
        for lane in first..(first + count).min(self.start.len()) {
            if self.mask.has(lane) {
                words.extend(self.scalars.iter().map(|at| (self.start[lane] + at) / 4));
            }
        }
        words
    }
}

impl Traffic {
    /// Counts an access of the buffer with that name.
    pub fn count_global(&mut self, site: Site, buffer: &str, access: &Access) {
        let entry = self.global.entry(site).or_default();
        if entry.buffer.is_empty() {
            buffer.clone_into(&mut entry.buffer);
        }
        for first in (0..access.start.len()).step_by(TOGETHER) {
            let mut words = access.words(first, TOGETHER);
            if words.is_empty() {
                continue;
            }
            entry.values += words.len() as u64;
            entry.accesses += 1;
            words.iter_mut().for_each(|word| *word /= LINE / 4);
            words.sort_unstable();
            words.dedup();
            entry.lines += words.len() as u64;
            entry.most_lines = entry.most_lines.max(words.len() as u64);
        }
    }

    /// Counts an access of workgroup memory. With several values per invocation, fewer
    /// invocations have their turn at a time.
    pub fn count_shared(&mut self, access: &Access) {
        let together = (TOGETHER / access.scalars.len().next_power_of_two()).max(1);
        for first in (0..access.start.len()).step_by(together) {
            let mut words = access.words(first, together);
            if words.is_empty() {
                continue;
            }
            words.sort_unstable();
            words.dedup();
            let mut banks = [0; BANKS];
            words.iter().for_each(|word| banks[*word as usize % BANKS] += 1);
            self.shared.turns += banks.iter().copied().max().unwrap_or(0);
            self.shared.least_turns += 1;
        }
    }
}
