//! Values of all invocations of a workgroup at once, and arithmetic on them.

use naga::{BinaryOperator, MathFunction, ScalarKind, UnaryOperator};
use std::rc::Rc;

/// A 32-bit value of each invocation, as bits. A bool is 0 or 1.
pub type Lanes = Rc<[u32]>;

/// The invocations that take part in a statement.
#[derive(Clone, Debug)]
pub struct Mask {
    lanes: Rc<[bool]>,
    pub count: usize,
}

impl Mask {
    fn new(lanes: Rc<[bool]>) -> Self {
        let count = lanes.iter().filter(|it| **it).count();
        Self { lanes, count }
    }

    pub fn all(len: usize) -> Self {
        Self { lanes: std::iter::repeat_n(true, len).collect(), count: len }
    }

    pub fn none(len: usize) -> Self {
        Self { lanes: std::iter::repeat_n(false, len).collect(), count: 0 }
    }

    pub fn has(&self, lane: usize) -> bool {
        self.lanes[lane]
    }

    /// Those of these whose condition is `wanted`.
    pub fn only(&self, condition: &Lanes, wanted: bool) -> Self {
        let both = self.lanes.iter().zip(condition.iter());
        Self::new(both.map(|(mine, it)| *mine && (*it != 0) == wanted).collect())
    }

    pub fn or(&self, other: &Self) -> Self {
        if other.count == 0 {
            return self.clone();
        }
        let both = self.lanes.iter().zip(other.lanes.iter());
        Self::new(both.map(|(mine, it)| *mine || *it).collect())
    }

    pub fn is_full(&self) -> bool {
        self.count == self.lanes.len()
    }

    /// `new` where these take part, else `old`.
    pub fn select(&self, new: &Lanes, old: &Lanes) -> Lanes {
        if self.is_full() {
            return new.clone();
        }
        let both = self.lanes.iter().zip(new.iter().zip(old.iter()));
        both.map(|(mine, (new, old))| if *mine { *new } else { *old }).collect()
    }
}

/// The same value in all lanes.
pub fn splat(bits: u32, len: usize) -> Lanes {
    std::iter::repeat_n(bits, len).collect()
}

pub fn map(a: &Lanes, f: impl Fn(u32) -> u32) -> Lanes {
    a.iter().map(|a| f(*a)).collect()
}

fn zip(a: &Lanes, b: &Lanes, f: impl Fn(u32, u32) -> u32) -> Lanes {
    a.iter().zip(b.iter()).map(|(a, b)| f(*a, *b)).collect()
}

fn floats(a: &Lanes, b: &Lanes, f: impl Fn(f32, f32) -> f32) -> Lanes {
    zip(a, b, |a, b| f(f32::from_bits(a), f32::from_bits(b)).to_bits())
}

fn signed(a: &Lanes, b: &Lanes, f: impl Fn(i32, i32) -> i32) -> Lanes {
    zip(a, b, |a, b| f(a as i32, b as i32) as u32)
}

fn compare<T: PartialOrd>(
    op: BinaryOperator,
    a: &Lanes,
    b: &Lanes,
    read: impl Fn(u32) -> T,
) -> Option<Lanes> {
    use BinaryOperator as B;
    let with = |f: fn(&T, &T) -> bool| zip(a, b, |a, b| u32::from(f(&read(a), &read(b))));
    Some(match op {
        B::Equal => with(T::eq),
        B::NotEqual => with(T::ne),
        B::Less => with(T::lt),
        B::LessEqual => with(T::le),
        B::Greater => with(T::gt),
        B::GreaterEqual => with(T::ge),
        _ => return None,
    })
}

pub fn binary(op: BinaryOperator, kind: ScalarKind, a: &Lanes, b: &Lanes) -> Result<Lanes, String> {
    use BinaryOperator as B;
    let compared = match kind {
        ScalarKind::Float => compare(op, a, b, f32::from_bits),
        ScalarKind::Sint => compare(op, a, b, |bits| bits as i32),
        _ => compare(op, a, b, |bits| bits),
    };
    if let Some(compared) = compared {
        return Ok(compared);
    }
    Ok(match (kind, op) {
        (ScalarKind::Float, B::Add) => floats(a, b, |a, b| a + b),
        (ScalarKind::Float, B::Subtract) => floats(a, b, |a, b| a - b),
        (ScalarKind::Float, B::Multiply) => floats(a, b, |a, b| a * b),
        (ScalarKind::Float, B::Divide) => floats(a, b, |a, b| a / b),
        (ScalarKind::Float, B::Modulo) => floats(a, b, |a, b| a % b),
        // A division by zero gives the dividend, and its remainder is zero: WGSL's rule.
        (ScalarKind::Sint, B::Divide) => {
            signed(a, b, |a, b| if b == 0 { a } else { a.wrapping_div(b) })
        }
        (ScalarKind::Sint, B::Modulo) => {
            signed(a, b, |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) })
        }
        (ScalarKind::Sint, B::ShiftRight) => signed(a, b, |a, b| a >> (b & 31)),
        (ScalarKind::Uint, B::Divide) => zip(a, b, |a, b| a.checked_div(b).unwrap_or(a)),
        (ScalarKind::Uint, B::Modulo) => zip(a, b, |a, b| a.checked_rem(b).unwrap_or(0)),
        (ScalarKind::Uint, B::ShiftRight) => zip(a, b, |a, b| a >> (b & 31)),
        (ScalarKind::Sint | ScalarKind::Uint, B::Add) => zip(a, b, u32::wrapping_add),
        (ScalarKind::Sint | ScalarKind::Uint, B::Subtract) => zip(a, b, u32::wrapping_sub),
        (ScalarKind::Sint | ScalarKind::Uint, B::Multiply) => zip(a, b, u32::wrapping_mul),
        (ScalarKind::Sint | ScalarKind::Uint, B::ShiftLeft) => zip(a, b, |a, b| a << (b & 31)),
        (_, B::And | B::LogicalAnd) => zip(a, b, |a, b| a & b),
        (_, B::InclusiveOr | B::LogicalOr) => zip(a, b, |a, b| a | b),
        (_, B::ExclusiveOr) => zip(a, b, |a, b| a ^ b),
        _ => return Err(format!("{op:?} of {kind:?} is not supported")),
    })
}

pub fn unary(op: UnaryOperator, kind: ScalarKind, a: &Lanes) -> Result<Lanes, String> {
    Ok(match (op, kind) {
        (UnaryOperator::Negate, ScalarKind::Float) => map(a, |a| (-f32::from_bits(a)).to_bits()),
        (UnaryOperator::Negate, _) => map(a, u32::wrapping_neg),
        (UnaryOperator::LogicalNot, _) => map(a, |a| u32::from(a == 0)),
        (UnaryOperator::BitwiseNot, _) => map(a, |a| !a),
    })
}

/// A function of one, two or three values.
pub fn math(fun: MathFunction, kind: ScalarKind, given: &[Lanes]) -> Result<Lanes, String> {
    use MathFunction as M;
    let float = kind == ScalarKind::Float;
    let one = |f: fn(f32) -> f32, a: &Lanes| map(a, |a| f(f32::from_bits(a)).to_bits());
    Ok(match (fun, given) {
        (M::Abs, [a]) if float => one(f32::abs, a),
        (M::Abs, [a]) => map(a, |a| (a as i32).unsigned_abs()),
        (M::Ceil, [a]) => one(f32::ceil, a),
        (M::Floor, [a]) => one(f32::floor, a),
        (M::Trunc, [a]) => one(f32::trunc, a),
        (M::Round, [a]) => one(f32::round_ties_even, a),
        (M::Exp, [a]) => one(libm::expf, a),
        (M::Exp2, [a]) => one(f32::exp2, a),
        (M::Log, [a]) => one(libm::logf, a),
        (M::Log2, [a]) => one(f32::log2, a),
        (M::Tanh, [a]) => one(f32::tanh, a),
        (M::Sqrt, [a]) => one(f32::sqrt, a),
        (M::InverseSqrt, [a]) => one(|a| 1.0 / a.sqrt(), a),
        (M::Pow, [a, b]) => floats(a, b, libm::powf),
        (M::Min, [a, b]) if float => floats(a, b, f32::min),
        (M::Max, [a, b]) if float => floats(a, b, f32::max),
        (M::Min, [a, b]) if kind == ScalarKind::Sint => signed(a, b, i32::min),
        (M::Max, [a, b]) if kind == ScalarKind::Sint => signed(a, b, i32::max),
        (M::Min, [a, b]) => zip(a, b, u32::min),
        (M::Max, [a, b]) => zip(a, b, u32::max),
        (M::Clamp, [a, low, high]) => {
            let raised = math(M::Max, kind, &[a.clone(), low.clone()])?;
            math(M::Min, kind, &[raised, high.clone()])?
        }
        (M::Fma, [a, b, c]) => {
            let both = a.iter().zip(b.iter()).zip(c.iter());
            let [a, b, c] = [f32::from_bits, f32::from_bits, f32::from_bits];
            // Two roundings: a processor without the instruction takes long for one.
            both.map(|((x, y), z)| (a(*x) * b(*y) + c(*z)).to_bits()).collect()
        }
        _ => return Err(format!("{fun:?} of {kind:?} is not supported")),
    })
}

/// A value as another kind: `converted` in value, else only in type.
pub fn cast(from: ScalarKind, to: ScalarKind, converted: bool, a: &Lanes) -> Result<Lanes, String> {
    use ScalarKind as S;
    if !converted {
        return Ok(a.clone());
    }
    Ok(match (from, to) {
        (S::Float, S::Sint) => map(a, |a| f32::from_bits(a) as i32 as u32),
        (S::Float, S::Uint) => map(a, |a| f32::from_bits(a) as u32),
        (S::Sint, S::Float) => map(a, |a| (a as i32 as f32).to_bits()),
        (S::Uint, S::Float) => map(a, |a| (a as f32).to_bits()),
        (S::Bool, S::Float) => map(a, |a| f32::from(a as u8).to_bits()),
        (S::Float, S::Bool) => map(a, |a| u32::from(f32::from_bits(a) != 0.0)),
        (_, S::Bool) => map(a, |a| u32::from(a != 0)),
        (S::Sint | S::Uint | S::Bool, S::Sint | S::Uint) | (S::Float, S::Float) => a.clone(),
        _ => return Err(format!("{from:?} as {to:?} is not supported")),
    })
}
