//! Values of expressions.

use super::lanes::{Lanes, Mask, cast, map, splat};
use super::layout::{Layout, kind};
use super::machine::{Frame, Machine};
use naga::{AddressSpace, Expression, GlobalVariable, Handle, ScalarKind, TypeInner};

/// A value as its scalars.
pub type Data = Vec<Lanes>;

#[derive(Clone, Debug)]
pub enum Value {
    Data(Data),
    Pointer(Pointer),
}

#[derive(Clone, Debug)]
pub struct Pointer {
    pub root: Root,
    /// Bytes from the start of the variable.
    pub start: Lanes,
}

#[derive(Clone, Copy, Debug)]
pub enum Root {
    /// A variable of a function or of an invocation: its place among all.
    Variable(usize),
    Global(Handle<GlobalVariable>),
}

impl Value {
    pub fn data(self) -> Result<Data, String> {
        match self {
            Self::Data(data) => Ok(data),
            Self::Pointer(_) => Err("a pointer where a value is needed".to_owned()),
        }
    }

    pub fn pointer(self) -> Result<Pointer, String> {
        match self {
            Self::Pointer(pointer) => Ok(pointer),
            Self::Data(_) => Err("a value where a pointer is needed".to_owned()),
        }
    }
}

/// The scalar of a value that has one, or of its part `index`.
pub fn scalar(data: &Data, index: usize) -> Result<&Lanes, String> {
    data.get(if data.len() == 1 { 0 } else { index }).ok_or_else(|| "a part is missing".to_owned())
}

impl<'a> Machine<'a> {
    /// The value of an expression that was evaluated before or always has the same one.
    pub fn value(
        &mut self,
        frame: &mut Frame<'a>,
        handle: Handle<Expression>,
    ) -> Result<Value, String> {
        if let Some(value) = &frame.values[handle.index()] {
            return Ok(value.clone());
        }
        let value = self.evaluate(frame, handle, &Mask::all(self.lanes))?;
        frame.values[handle.index()] = Some(value.clone());
        Ok(value)
    }

    /// The one scalar of an expression.
    pub fn lanes_of(
        &mut self,
        frame: &mut Frame<'a>,
        handle: Handle<Expression>,
    ) -> Result<Lanes, String> {
        Ok(scalar(&self.value(frame, handle)?.data()?, 0)?.clone())
    }

    pub fn inner(&self, frame: &Frame<'a>, handle: Handle<Expression>) -> &'a TypeInner {
        frame.info[handle].ty.inner_with(&self.module.types)
    }

    fn packed(&self, root: Root) -> Layout<'a> {
        self.layout(matches!(root, Root::Variable(_)))
    }

    /// The bytes from where a pointer points to the scalars there.
    pub fn pointee(
        &self,
        frame: &Frame<'a>,
        handle: Handle<Expression>,
        pointer: &Pointer,
    ) -> Result<Vec<u32>, String> {
        let layout = self.packed(pointer.root);
        match self.inner(frame, handle) {
            TypeInner::Pointer { base, .. } => layout.scalars(*base),
            TypeInner::ValuePointer { size, .. } => {
                Ok((0..size.map_or(1, |size| size as u32)).map(|n| 4 * n).collect())
            }
            other => Err(format!("{other:?} is no pointer")),
        }
    }

    pub fn evaluate(
        &mut self,
        frame: &mut Frame<'a>,
        handle: Handle<Expression>,
        mask: &Mask,
    ) -> Result<Value, String> {
        let function = frame.function;
        let data = match &function.expressions[handle] {
            Expression::FunctionArgument(index) => {
                return Ok(frame.arguments[*index as usize].clone());
            }
            Expression::LocalVariable(variable) => {
                let root = Root::Variable(frame.variables[variable.index()]);
                return Ok(Value::Pointer(Pointer { root, start: splat(0, self.lanes) }));
            }
            Expression::GlobalVariable(variable) => {
                let root = self.private(*variable).map_or(Root::Global(*variable), Root::Variable);
                return Ok(Value::Pointer(Pointer { root, start: splat(0, self.lanes) }));
            }
            Expression::Literal(_) | Expression::Constant(_) | Expression::ZeroValue(_) => {
                self.constant(&function.expressions, handle)?
            }
            Expression::Compose { components, .. } => {
                let mut all = Vec::new();
                for component in components {
                    all.extend(self.value(frame, *component)?.data()?);
                }
                all
            }
            Expression::Access { base, index } => {
                let index = self.lanes_of(frame, *index)?;
                return self.access(frame, *base, &index, None);
            }
            Expression::AccessIndex { base, index } => {
                return self.access(frame, *base, &splat(*index, self.lanes), Some(*index));
            }
            Expression::Splat { size, value } => {
                vec![self.lanes_of(frame, *value)?; *size as usize]
            }
            Expression::Swizzle { size, vector, pattern } => {
                let vector = self.value(frame, *vector)?.data()?;
                pattern.iter().take(*size as usize).map(|it| vector[*it as usize].clone()).collect()
            }
            Expression::Load { pointer } => self.load(frame, *pointer, mask)?,
            Expression::Unary { op, expr } => self.unary(frame, *op, *expr)?,
            Expression::Binary { op, left, right } => {
                self.binary(frame, *op, *left, *right, mask)?
            }
            Expression::Select { condition, accept, reject } => {
                let condition = self.value(frame, *condition)?.data()?;
                let accept = self.value(frame, *accept)?.data()?;
                let reject = self.value(frame, *reject)?.data()?;
                let mut all = Vec::with_capacity(accept.len());
                for (index, (accept, reject)) in accept.iter().zip(&reject).enumerate() {
                    let condition = scalar(&condition, index)?;
                    let both = condition.iter().zip(accept.iter().zip(reject.iter()));
                    all.push(
                        both.map(|(it, (yes, no))| if *it != 0 { *yes } else { *no }).collect(),
                    );
                }
                all
            }
            Expression::Relational { fun, argument } => self.relational(frame, *fun, *argument)?,
            Expression::Math { fun, arg, arg1, arg2, arg3 } => {
                let given = [Some(*arg), *arg1, *arg2, *arg3];
                self.math(frame, *fun, given, mask)?
            }
            Expression::As { expr, kind: to, convert } => {
                let from = kind(self.inner(frame, *expr))?;
                let given = self.value(frame, *expr)?.data()?;
                let cast = |it| cast(from, *to, convert.is_some(), it);
                given.iter().map(cast).collect::<Result<_, _>>()?
            }
            Expression::ArrayLength(array) => {
                let Pointer { root, start } = self.value(frame, *array)?.pointer()?;
                let TypeInner::Pointer { base, .. } = self.inner(frame, *array) else {
                    return Err("the length of what is no array".to_owned());
                };
                let stride = self.packed(root).part(&self.module.types[*base].inner, 1)?;
                let bytes = 4 * self.words(root)?.len() as u32;
                vec![map(&start, |start| (bytes - start) / stride)]
            }
            other => return Err(format!("{other:?} is not supported")),
        };
        Ok(Value::Data(data))
    }

    /// A part of a value, or a pointer to it.
    fn access(
        &mut self,
        frame: &mut Frame<'a>,
        base: Handle<Expression>,
        index: &Lanes,
        fixed: Option<u32>,
    ) -> Result<Value, String> {
        let inner = self.inner(frame, base);
        match self.value(frame, base)? {
            Value::Pointer(Pointer { root, start }) => {
                let layout = self.packed(root);
                let vector;
                let whole = match inner {
                    TypeInner::Pointer { base, .. } => &self.module.types[*base].inner,
                    TypeInner::ValuePointer { size: Some(size), scalar, .. } => {
                        vector = TypeInner::Vector { size: *size, scalar: *scalar };
                        &vector
                    }
                    other => return Err(format!("{other:?} has no parts")),
                };
                let moved = match fixed {
                    Some(index) => {
                        let by = layout.part(whole, index)?;
                        map(&start, |start| start + by)
                    }
                    None => {
                        let stride = layout.part(whole, 1)?;
                        let both = start.iter().zip(index.iter());
                        both.map(|(start, index)| start.wrapping_add(stride.wrapping_mul(*index)))
                            .collect()
                    }
                };
                Ok(Value::Pointer(Pointer { root, start: moved }))
            }
            Value::Data(data) => {
                let layout = self.layout(true);
                let part = |index| Ok::<_, String>(layout.part(inner, index)? as usize / 4);
                let Some(index) = fixed else {
                    let len = part(1)?;
                    let pick = |at: usize| {
                        let lanes = index.iter().enumerate();
                        let value = |(lane, index): (usize, &u32)| {
                            data.get(*index as usize * len + at).map_or(0, |it| it[lane])
                        };
                        lanes.map(value).collect::<Lanes>()
                    };
                    return Ok(Value::Data((0..len).map(pick).collect()));
                };
                let first = part(index)?;
                let len = match inner {
                    TypeInner::Struct { members, .. } => {
                        let member = members.get(index as usize).ok_or("no such member")?;
                        layout.scalars(member.ty)?.len()
                    }
                    _ => part(1)?,
                };
                Ok(Value::Data(data[first..first + len].to_vec()))
            }
        }
    }
}

/// Whether a variable is a buffer of numbers that decide what a shader does, not of those that
/// it computes with.
pub fn steers(module: &naga::Module, variable: &GlobalVariable) -> bool {
    fn floating(module: &naga::Module, ty: Handle<naga::Type>) -> bool {
        match &module.types[ty].inner {
            TypeInner::Scalar(scalar) | TypeInner::Vector { scalar, .. } => {
                scalar.kind == ScalarKind::Float
            }
            TypeInner::Array { base, .. } => floating(module, *base),
            TypeInner::Struct { members, .. } => members.iter().all(|it| floating(module, it.ty)),
            _ => false,
        }
    }
    match variable.space {
        AddressSpace::Uniform => true,
        AddressSpace::Storage { .. } => !floating(module, variable.ty),
        _ => false,
    }
}
