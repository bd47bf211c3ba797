//! Constants, and what operators and functions compute.

use super::evaluate::{Data, scalar};
use super::lanes::{Lanes, Mask, binary, map, math, splat, unary};
use super::layout::kind;
use super::machine::{Frame, Machine};
use naga::{
    BinaryOperator, Expression, Handle, Literal, MathFunction, RelationalFunction, ScalarKind,
    UnaryOperator,
};

fn bits(literal: Literal) -> Result<u32, String> {
    Ok(match literal {
        Literal::F32(value) => value.to_bits(),
        Literal::U32(value) => value,
        Literal::I32(value) => value as u32,
        Literal::Bool(value) => u32::from(value),
        _ => return Err(format!("{literal:?} is not supported")),
    })
}

impl<'a> Machine<'a> {
    /// A value that is known before a shader runs.
    pub fn constant(
        &self,
        among: &naga::Arena<Expression>,
        handle: Handle<Expression>,
    ) -> Result<Data, String> {
        Ok(match &among[handle] {
            Expression::Literal(literal) => vec![splat(bits(*literal)?, self.lanes)],
            Expression::Constant(constant) => {
                let init = self.module.constants[*constant].init;
                self.constant(&self.module.global_expressions, init)?
            }
            Expression::ZeroValue(ty) => {
                vec![splat(0, self.lanes); self.layout(true).scalars(*ty)?.len()]
            }
            Expression::Compose { components, .. } => {
                let parts = components.iter().map(|it| self.constant(among, *it));
                parts.collect::<Result<Vec<_>, _>>()?.concat()
            }
            Expression::Splat { size, value } => {
                let value = self.constant(among, *value)?;
                vec![scalar(&value, 0)?.clone(); *size as usize]
            }
            other => return Err(format!("{other:?} is no constant that is supported")),
        })
    }

    pub fn unary(
        &mut self,
        frame: &mut Frame<'a>,
        op: UnaryOperator,
        of: Handle<Expression>,
    ) -> Result<Data, String> {
        let kind = kind(self.inner(frame, of))?;
        let given = self.value(frame, of)?.data()?;
        given.iter().map(|it| unary(op, kind, it)).collect()
    }

    pub fn binary(
        &mut self,
        frame: &mut Frame<'a>,
        op: BinaryOperator,
        left: Handle<Expression>,
        right: Handle<Expression>,
        mask: &Mask,
    ) -> Result<Data, String> {
        use BinaryOperator as B;
        let kind = kind(self.inner(frame, left))?;
        let a = self.value(frame, left)?.data()?;
        let b = self.value(frame, right)?.data()?;
        let len = a.len().max(b.len());
        let computed = (len * mask.count) as u64;
        if kind == ScalarKind::Float
            && matches!(op, B::Add | B::Subtract | B::Multiply | B::Divide | B::Modulo)
        {
            self.traffic.flop += computed;
            let product = |it| {
                matches!(frame.function.expressions[it], Expression::Binary { op: B::Multiply, .. })
            };
            if matches!(op, B::Add | B::Subtract) && (product(left) || product(right)) {
                self.traffic.mac += computed;
            }
        }
        (0..len).map(|index| binary(op, kind, scalar(&a, index)?, scalar(&b, index)?)).collect()
    }

    pub fn relational(
        &mut self,
        frame: &mut Frame<'a>,
        fun: RelationalFunction,
        of: Handle<Expression>,
    ) -> Result<Data, String> {
        let given = self.value(frame, of)?.data()?;
        let test = |f: fn(f32) -> bool| {
            given.iter().map(|it| map(it, |bits| u32::from(f(f32::from_bits(bits))))).collect()
        };
        let joined = |op| {
            let mut all = scalar(&given, 0)?.clone();
            for next in given.iter().skip(1) {
                all = binary(op, ScalarKind::Bool, &all, next)?;
            }
            Ok(vec![all])
        };
        match fun {
            RelationalFunction::IsNan => Ok(test(f32::is_nan)),
            RelationalFunction::IsInf => Ok(test(f32::is_infinite)),
            RelationalFunction::All => joined(BinaryOperator::And),
            RelationalFunction::Any => joined(BinaryOperator::InclusiveOr),
        }
    }

    pub fn math(
        &mut self,
        frame: &mut Frame<'a>,
        fun: MathFunction,
        given: [Option<Handle<Expression>>; 4],
        mask: &Mask,
    ) -> Result<Data, String> {
        let kind = kind(self.inner(frame, given[0].ok_or("no argument")?))?;
        let mut values = Vec::new();
        for handle in given.into_iter().flatten() {
            values.push(self.value(frame, handle)?.data()?);
        }
        let len = values.iter().map(Vec::len).max().unwrap_or(0);
        let computed = (len * mask.count) as u64;
        if kind == ScalarKind::Float {
            self.traffic.flop += computed;
            if fun == MathFunction::Fma {
                self.traffic.flop += computed;
                self.traffic.mac += computed;
            }
        }
        let one = |index| {
            let given: Result<Vec<Lanes>, String> =
                values.iter().map(|value| scalar(value, index).cloned()).collect();
            math(fun, kind, &given?)
        };
        (0..len).map(one).collect()
    }
}
