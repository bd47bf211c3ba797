//! Runs one workgroup of a compute shader from naga's IR, all invocations in lock step, and
//! counts what they do. Barriers therefore need no work: every statement is executed by all
//! invocations that take part in it before the next one begins.

use super::evaluate::{Data, Value};
use super::lanes::{Lanes, Mask, splat};
use super::layout::Layout;
use super::traffic::Traffic;
use naga::valid::{FunctionInfo, ModuleInfo};
use naga::{
    AddressSpace, Block, BuiltIn, EntryPoint, Function, GlobalVariable, Handle, Module, Statement,
    SwitchValue,
};
use std::collections::HashMap;

/// What is bound, in words.
pub type Buffers = HashMap<u32, Vec<u32>>;

pub struct Machine<'a> {
    pub module: &'a Module,
    pub info: &'a ModuleInfo,
    pub lanes: usize,
    pub buffers: &'a mut Buffers,
    pub traffic: Traffic,
    /// Workgroup memory, in words.
    pub shared: HashMap<Handle<GlobalVariable>, Vec<u32>>,
    /// Variables of functions and of invocations, as their scalars.
    pub variables: Vec<Vec<Lanes>>,
    /// Where in `variables` those of invocations are.
    pub private: HashMap<Handle<GlobalVariable>, usize>,
}

/// A call of a function.
pub struct Frame<'a> {
    pub function: &'a Function,
    pub info: &'a FunctionInfo,
    /// A number of the function.
    pub id: usize,
    pub arguments: Vec<Value>,
    pub values: Vec<Option<Value>>,
    /// Where in [`Machine::variables`] its variables are.
    pub variables: Vec<usize>,
    /// The invocations that left a loop or a switch, and those that skipped the rest of a turn,
    /// for each that is being executed.
    broken: Vec<Mask>,
    continued: Vec<Mask>,
    returned: Mask,
    result: Option<Data>,
}

/// Number of an entry point among functions.
const ENTRY: usize = usize::MAX;

/// Where a workgroup is in a dispatch.
#[derive(Clone, Copy)]
pub struct Place {
    pub group: [u32; 3],
    pub groups: [u32; 3],
}

impl<'a> Machine<'a> {
    pub fn new(
        module: &'a Module,
        info: &'a ModuleInfo,
        entry: &EntryPoint,
        buffers: &'a mut Buffers,
    ) -> Result<Self, String> {
        let lanes = entry.workgroup_size.iter().product::<u32>() as usize;
        let mut machine = Self {
            module,
            info,
            lanes,
            buffers,
            traffic: Traffic::default(),
            shared: HashMap::new(),
            variables: Vec::new(),
            private: HashMap::new(),
        };
        for (handle, variable) in module.global_variables.iter() {
            if variable.space == AddressSpace::WorkGroup {
                let bytes = module.types[variable.ty].inner.size(module.to_ctx());
                machine.shared.insert(handle, vec![0; bytes as usize / 4]);
            }
            if variable.space == AddressSpace::Private {
                let scalars = machine.layout(true).scalars(variable.ty)?.len();
                machine.private.insert(handle, machine.variables.len());
                machine.variables.push(vec![splat(0, lanes); scalars]);
                if variable.init.is_some() {
                    return Err("a private variable with an initial value".to_owned());
                }
            }
        }
        Ok(machine)
    }

    pub fn layout(&self, packed: bool) -> Layout<'a> {
        Layout { types: &self.module.types, packed }
    }

    /// Runs the entry point with number `index`.
    pub fn run(&mut self, index: usize, place: Place) -> Result<(), String> {
        let entry = &self.module.entry_points[index];
        let mut arguments = Vec::new();
        for argument in &entry.function.arguments {
            arguments.push(self.argument(entry, argument.ty, argument.binding.as_ref(), place)?);
        }
        let info = self.info.get_entry_point(index);
        let all = Mask::all(self.lanes);
        self.call(&entry.function, info, ENTRY, arguments, &all)?;
        Ok(())
    }

    fn argument(
        &self,
        entry: &EntryPoint,
        ty: Handle<naga::Type>,
        binding: Option<&naga::Binding>,
        place: Place,
    ) -> Result<Value, String> {
        if let (None, naga::TypeInner::Struct { members, .. }) =
            (binding, &self.module.types[ty].inner)
        {
            let mut all = Vec::new();
            for member in members {
                let value = self.argument(entry, member.ty, member.binding.as_ref(), place)?;
                all.extend(value.data()?);
            }
            return Ok(Value::Data(all));
        }
        let Some(naga::Binding::BuiltIn(builtin)) = binding else {
            return Err("an argument that is not built in".to_owned());
        };
        let [width, height, _] = entry.workgroup_size;
        let local = |lane: u32| [lane % width, lane / width % height, lane / (width * height)];
        let each =
            |value: &dyn Fn(u32) -> u32| (0..self.lanes as u32).map(value).collect::<Lanes>();
        let three = |value: &dyn Fn(u32, usize) -> u32| {
            (0..3).map(|axis| each(&|lane| value(lane, axis))).collect::<Data>()
        };
        Ok(Value::Data(match builtin {
            BuiltIn::LocalInvocationIndex => vec![each(&|lane| lane)],
            BuiltIn::LocalInvocationId => three(&|lane, axis| local(lane)[axis]),
            BuiltIn::WorkGroupId => three(&|_, axis| place.group[axis]),
            BuiltIn::NumWorkGroups => three(&|_, axis| place.groups[axis]),
            BuiltIn::WorkGroupSize => three(&|_, axis| entry.workgroup_size[axis]),
            BuiltIn::GlobalInvocationId => three(&|lane, axis| {
                place.group[axis] * entry.workgroup_size[axis] + local(lane)[axis]
            }),
            _ => return Err(format!("{builtin:?} is not supported")),
        }))
    }

    pub fn call(
        &mut self,
        function: &'a Function,
        info: &'a FunctionInfo,
        id: usize,
        arguments: Vec<Value>,
        mask: &Mask,
    ) -> Result<Option<Data>, String> {
        let first = self.variables.len();
        let mut frame = Frame {
            function,
            info,
            id,
            arguments,
            values: vec![None; function.expressions.len()],
            variables: (first..first + function.local_variables.len()).collect(),
            broken: Vec::new(),
            continued: Vec::new(),
            returned: Mask::none(self.lanes),
            result: None,
        };
        for (_, variable) in function.local_variables.iter() {
            let scalars = self.layout(true).scalars(variable.ty)?.len();
            self.variables.push(vec![splat(0, self.lanes); scalars]);
        }
        for (index, (_, variable)) in function.local_variables.iter().enumerate() {
            if let Some(init) = variable.init {
                self.variables[first + index] = self.value(&mut frame, init)?.data()?;
            }
        }
        self.block(&mut frame, &function.body, mask.clone())?;
        self.variables.truncate(first);
        Ok(frame.result)
    }

    /// Runs a block, and returns the invocations that reach its end.
    fn block(
        &mut self,
        frame: &mut Frame<'a>,
        block: &'a Block,
        mut mask: Mask,
    ) -> Result<Mask, String> {
        for statement in block {
            if mask.count == 0 {
                break;
            }
            mask = self.statement(frame, statement, mask)?;
        }
        Ok(mask)
    }

    fn statement(
        &mut self,
        frame: &mut Frame<'a>,
        statement: &'a Statement,
        mask: Mask,
    ) -> Result<Mask, String> {
        let none = Mask::none(self.lanes);
        match statement {
            Statement::Emit(range) => {
                for handle in range.clone() {
                    let value = self.evaluate(frame, handle, &mask)?;
                    frame.values[handle.index()] = Some(value);
                }
            }
            Statement::Block(block) => return self.block(frame, block, mask),
            Statement::If { condition, accept, reject } => {
                let condition = self.lanes_of(frame, *condition)?;
                let accepted = self.block(frame, accept, mask.only(&condition, true))?;
                let rejected = self.block(frame, reject, mask.only(&condition, false))?;
                return Ok(accepted.or(&rejected));
            }
            Statement::Switch { selector, cases } => {
                let selector = self.lanes_of(frame, *selector)?;
                frame.broken.push(none.clone());
                let mut left = mask;
                let mut falling = none;
                let mut done = Mask::none(self.lanes);
                for case in cases {
                    let others = |it: &u32| !cases.iter().any(|case| chosen_by(case.value, *it));
                    let is_default = case.value == SwitchValue::Default;
                    let chosen = |it| {
                        u32::from(if is_default { others(it) } else { chosen_by(case.value, *it) })
                    };
                    let chosen: Lanes = selector.iter().map(chosen).collect();
                    let entered = left.only(&chosen, true);
                    left = left.only(&chosen, false);
                    let end = self.block(frame, &case.body, entered.or(&falling))?;
                    falling = Mask::none(self.lanes);
                    if case.fall_through { falling = end } else { done = done.or(&end) }
                }
                let broken = frame.broken.pop().unwrap_or(Mask::none(self.lanes));
                return Ok(done.or(&left).or(&falling).or(&broken));
            }
            Statement::Loop { body, continuing, break_if } => {
                frame.broken.push(none.clone());
                let mut mask = mask;
                while mask.count > 0 {
                    frame.continued.push(none.clone());
                    let end = self.block(frame, body, mask)?;
                    let continued = frame.continued.pop().unwrap_or(none.clone());
                    mask = self.block(frame, continuing, end.or(&continued))?;
                    if let (Some(condition), true) = (break_if, mask.count > 0) {
                        let condition = self.lanes_of(frame, *condition)?;
                        self.leave(frame, &mask.only(&condition, true));
                        mask = mask.only(&condition, false);
                    }
                }
                return Ok(frame.broken.pop().unwrap_or(none));
            }
            Statement::Break => {
                self.leave(frame, &mask);
                return Ok(none);
            }
            Statement::Continue => {
                if let Some(continued) = frame.continued.last_mut() {
                    *continued = continued.or(&mask);
                }
                return Ok(none);
            }
            Statement::Return { value } => {
                if let Some(value) = value {
                    let value = self.value(frame, *value)?.data()?;
                    frame.result = Some(match frame.result.take() {
                        Some(old) => merge(&mask, &value, &old),
                        None => value,
                    });
                }
                frame.returned = frame.returned.or(&mask);
                return Ok(none);
            }
            Statement::ControlBarrier(_) => {
                if frame.id == ENTRY && mask.count + frame.returned.count != self.lanes {
                    return Err("a barrier that not all invocations reach".to_owned());
                }
            }
            Statement::Store { pointer, value } => {
                let value = self.value(frame, *value)?.data()?;
                self.store(frame, *pointer, &value, &mask)?;
            }
            Statement::Call { function, arguments, result } => {
                let given: Result<Vec<_>, _> =
                    arguments.iter().map(|argument| self.value(frame, *argument)).collect();
                let (called, info) = (&self.module.functions[*function], &self.info[*function]);
                let found = self.call(called, info, function.index(), given?, &mask)?;
                if let (Some(result), Some(found)) = (result, found) {
                    frame.values[result.index()] = Some(Value::Data(found));
                }
            }
            _ => return Err(format!("{statement:?} is not supported")),
        }
        Ok(mask)
    }

    fn leave(&self, frame: &mut Frame, mask: &Mask) {
        if let Some(broken) = frame.broken.last_mut() {
            *broken = broken.or(mask);
        }
    }
}

fn chosen_by(value: SwitchValue, selector: u32) -> bool {
    match value {
        SwitchValue::I32(value) => value as u32 == selector,
        SwitchValue::U32(value) => value == selector,
        SwitchValue::Default => false,
    }
}

fn merge(mask: &Mask, new: &Data, old: &Data) -> Data {
    new.iter().zip(old).map(|(new, old)| mask.select(new, old)).collect()
}
