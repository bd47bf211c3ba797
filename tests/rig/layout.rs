//! Where the parts of a value lie in memory.

use naga::{ArraySize, Handle, ScalarKind, Type, TypeInner, UniqueArena};

/// Types, and whether values are packed, four bytes for each scalar, as in variables of a function.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub types: &'a UniqueArena<Type>,
    pub packed: bool,
}

impl Layout<'_> {
    /// The bytes from the start of a value to its part `index`.
    pub fn part(self, inner: &TypeInner, index: u32) -> Result<u32, String> {
        Ok(match inner {
            TypeInner::Vector { .. } => 4 * index,
            TypeInner::Matrix { rows, .. } if self.packed => 4 * *rows as u32 * index,
            TypeInner::Matrix { rows, .. } => (*rows as u32).next_power_of_two() * 4 * index,
            TypeInner::Array { base, .. } if self.packed => {
                4 * self.scalars(*base)?.len() as u32 * index
            }
            TypeInner::Array { stride, .. } => stride * index,
            TypeInner::Struct { members, .. } if self.packed => {
                let before = members.iter().take(index as usize);
                let lens: Result<Vec<_>, _> = before.map(|it| self.scalars(it.ty)).collect();
                4 * lens?.iter().map(Vec::len).sum::<usize>() as u32
            }
            TypeInner::Struct { members, .. } => {
                members.get(index as usize).ok_or("no such member")?.offset
            }
            _ => return Err(format!("{inner:?} has no parts")),
        })
    }

    /// The bytes from the start of a value to each of its scalars.
    pub fn scalars(self, ty: Handle<Type>) -> Result<Vec<u32>, String> {
        self.scalars_of(&self.types[ty].inner)
    }

    pub fn scalars_of(self, inner: &TypeInner) -> Result<Vec<u32>, String> {
        let parts: Vec<Handle<Type>> = match inner {
            TypeInner::Scalar(_) | TypeInner::Atomic(_) => return Ok(vec![0]),
            TypeInner::Vector { size, .. } => {
                return Ok((0..*size as u32).map(|n| 4 * n).collect());
            }
            TypeInner::Matrix { columns, rows, .. } => {
                let mut found = Vec::new();
                for column in 0..*columns as u32 {
                    let start = self.part(inner, column)?;
                    found.extend((0..*rows as u32).map(|row| start + 4 * row));
                }
                return Ok(found);
            }
            TypeInner::Array { base, size: ArraySize::Constant(len), .. } => {
                vec![*base; len.get() as usize]
            }
            TypeInner::Struct { members, .. } => members.iter().map(|it| it.ty).collect(),
            _ => return Err(format!("{inner:?} has no fixed size")),
        };
        let mut found = Vec::new();
        // In an array, every part has the same scalars.
        let array = matches!(inner, TypeInner::Array { .. });
        let first = match parts.first() {
            Some(ty) if array => self.scalars(*ty)?,
            _ => Vec::new(),
        };
        for (index, ty) in parts.iter().enumerate() {
            let start = if array && self.packed {
                4 * (first.len() * index) as u32
            } else {
                self.part(inner, index as u32)?
            };
            let scalars = if array { first.clone() } else { self.scalars(*ty)? };
            found.extend(scalars.iter().map(|at| start + at));
        }
        Ok(found)
    }
}

/// The kind of a scalar, or of the scalars of a vector.
pub fn kind(inner: &TypeInner) -> Result<ScalarKind, String> {
    match inner {
        TypeInner::Scalar(scalar) | TypeInner::Vector { scalar, .. } => Ok(scalar.kind),
        _ => Err(format!("arithmetic on {inner:?} is not supported")),
    }
}
