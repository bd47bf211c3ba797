//! Loads and stores.

use super::evaluate::{Data, Pointer, Root};
use super::lanes::Mask;
use super::machine::{Frame, Machine};
use super::traffic::{Access, Site};
use naga::{AddressSpace, Expression, GlobalVariable, Handle};
use std::rc::Rc;

impl<'a> Machine<'a> {
    pub fn load(
        &mut self,
        frame: &mut Frame<'a>,
        at: Handle<Expression>,
        mask: &Mask,
    ) -> Result<Data, String> {
        let pointer = self.value(frame, at)?.pointer()?;
        let scalars = self.pointee(frame, at, &pointer)?;
        let Pointer { root, start } = pointer;
        if let Root::Variable(slot) = root {
            let variable = &self.variables[slot];
            let same = start.iter().all(|it| *it == start[0]);
            let read = |at: &u32| {
                if same {
                    return variable.get(((start[0] + at) / 4) as usize).cloned();
                }
                let lanes = start.iter().enumerate();
                let value = |(lane, start): (usize, &u32)| {
                    variable.get(((start + at) / 4) as usize).map_or(0, |it| it[lane])
                };
                Some(lanes.map(value).collect())
            };
            let found: Option<Data> = scalars.iter().map(read).collect();
            return found.ok_or_else(|| "a variable is read past its end".to_owned());
        }
        let site = (frame.id, at.index(), false);
        self.count(site, root, &Access { start: &start, scalars: &scalars, mask })?;
        let lanes = self.lanes;
        let words = self.words(root)?;
        let mut found = Vec::with_capacity(scalars.len());
        for at in &scalars {
            let mut values = vec![0; lanes];
            for (lane, value) in values.iter_mut().enumerate() {
                if mask.has(lane) {
                    let word = (start[lane].wrapping_add(*at) / 4) as usize;
                    *value = *words.get(word).ok_or("a load past the end of a buffer")?;
                }
            }
            found.push(values.into());
        }
        Ok(found)
    }

    pub fn store(
        &mut self,
        frame: &mut Frame<'a>,
        at: Handle<Expression>,
        value: &Data,
        mask: &Mask,
    ) -> Result<(), String> {
        let pointer = self.value(frame, at)?.pointer()?;
        let scalars = self.pointee(frame, at, &pointer)?;
        let Pointer { root, start } = pointer;
        if let Root::Variable(slot) = root {
            let variable = &mut self.variables[slot];
            let past = "a variable is written past its end";
            let same = start.iter().all(|it| *it == start[0]);
            for (at, value) in scalars.iter().zip(value) {
                if same {
                    let word = variable.get_mut(((start[0] + at) / 4) as usize).ok_or(past)?;
                    *word = mask.select(value, word);
                    continue;
                }
                for lane in (0..self.lanes).filter(|lane| mask.has(*lane)) {
                    let word = variable.get_mut(((start[lane] + at) / 4) as usize).ok_or(past)?;
                    Rc::make_mut(word)[lane] = value[lane];
                }
            }
            return Ok(());
        }
        let access = Access { start: &start, scalars: &scalars, mask };
        let site = (frame.id, at.index(), true);
        self.count(site, root, &access)?;
        let lanes = self.lanes;
        let words = self.words(root)?;
        for lane in (0..lanes).filter(|lane| mask.has(*lane)) {
            for (at, value) in scalars.iter().zip(value) {
                let word = ((start[lane] + at) / 4) as usize;
                *words.get_mut(word).ok_or("a store past the end of a buffer")? = value[lane];
            }
        }
        Ok(())
    }

    /// Counts an access of a buffer or of workgroup memory.
    pub fn count(&mut self, site: Site, root: Root, access: &Access) -> Result<(), String> {
        let Root::Global(handle) = root else { return Ok(()) };
        let variable = &self.module.global_variables[handle];
        match variable.space {
            AddressSpace::Storage { .. } => {
                let name = variable.name.as_deref().unwrap_or("unnamed");
                self.traffic.count_global(site, name, access);
            }
            AddressSpace::WorkGroup => self.traffic.count_shared(access),
            _ => {}
        }
        Ok(())
    }

    /// The memory of a buffer or of a workgroup's variable.
    pub fn words(&mut self, root: Root) -> Result<&mut Vec<u32>, String> {
        let Root::Global(handle) = root else { return Err("not in memory".to_owned()) };
        if let Some(shared) = self.shared.get_mut(&handle) {
            return Ok(shared);
        }
        let variable = &self.module.global_variables[handle];
        let binding = variable.binding.ok_or("a variable without a binding")?.binding;
        self.buffers.get_mut(&binding).ok_or(format!("nothing is bound at {binding}"))
    }

    pub fn private(&self, handle: Handle<GlobalVariable>) -> Option<usize> {
        self.private.get(&handle).copied()
    }
}
