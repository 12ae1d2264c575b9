//! Expressions over whole numbers and exact days only, evaluated as 64-bit integers without a [`Cell`].
//!
//! [`Cell`]: crate::answer::Cell

use super::eval::truth_of;
use super::{NULL_SLOT, Outcomes};
use crate::date::{Date, civil_of};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph, ValueColumn};
use crate::plan::{ArithmeticOp, CompareOp, PeriodOp, Scalar};
use crate::schema::PropertyId;
use crate::value::Value;

/// Environment of an exact expression.
#[derive(Clone, Copy)]
pub(crate) struct ExactScope<'a> {
    pub graph: &'a Graph,
    pub frame: &'a [u32],
}

impl ExactScope<'_> {
    /// Returns the outcomes of the test.
    pub fn outcomes(&self, test: &Scalar) -> Outcomes {
        match test {
            Scalar::And(all) => all.iter().fold(Outcomes::YES, |so_far, inner| so_far.and(self.outcomes(inner))),
            Scalar::Or(all) => all.iter().fold(Outcomes::NO, |so_far, inner| so_far.or(self.outcomes(inner))),
            Scalar::Not(inner) => self.outcomes(inner).not(),
            Scalar::Compare(op, a, b) => match (self.number(a), days_of(b)) {
                (Some(a), Some(period)) => truth_of(is_in(*op, a, period)).into(),
                (Some(a), None) => self.number(b).map_or(Outcomes::NEITHER, |b| truth_of(is_in(*op, a, (b, b))).into()),
                (None, _) => Outcomes::NEITHER,
            },
            _ => Outcomes::NEITHER,
        }
    }

    /// Returns the number, or the day number of a date; `None` if a value is absent or the result overflows.
    pub fn number(&self, scalar: &Scalar) -> Option<i64> {
        match scalar {
            Scalar::Constant(Value::Number(number)) => Some(*number as i64),
            Scalar::Constant(Value::Date(date)) => Some(date.earliest().into()),
            Scalar::Property(slot, property) => match self.frame[slot.0 as usize] {
                NULL_SLOT => None,
                entity => self.property(EntityId(entity), *property),
            },
            Scalar::PropertyOf(entity, property) => self.property(*entity, *property),
            Scalar::Arithmetic(op, a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                match op {
                    ArithmeticOp::Add => a.checked_add(b),
                    ArithmeticOp::Subtract => a.checked_sub(b),
                    ArithmeticOp::Multiply => a.checked_mul(b),
                    ArithmeticOp::Divide => None,
                }
            }
            Scalar::Negative(inner) => self.number(inner)?.checked_neg(),
            Scalar::Call(FunctionId::Year, of) => civil_of(self.number(of.first()?)? as i32).map(|day| day.0.into()),
            Scalar::Call(FunctionId::Abs, of) => Some(self.number(of.first()?)?.abs()),
            Scalar::Call(_, of) => self.number(of.first()?),
            _ => None,
        }
    }

    fn property(&self, entity: EntityId, property: PropertyId) -> Option<i64> {
        let values = self.graph.values(property);
        let place = entity.0.wrapping_sub(values.base) as usize;
        match &values.stated {
            ValueColumn::Numbers(numbers) => numbers.floats.at(place).map(|number| number as i64),
            _ => values.settled.at(place).map(|date: Date| date.earliest().into()),
        }
    }
}

/// Returns the first and last day of a constant date, which may be a period; `None` for other expressions.
fn days_of(scalar: &Scalar) -> Option<(i64, i64)> {
    match scalar {
        Scalar::Constant(Value::Date(date)) => Some((date.earliest().into(), date.latest().into())),
        _ => None,
    }
}

/// Compares a number (or day) with a period.
fn is_in(op: CompareOp, a: i64, (first, last): (i64, i64)) -> bool {
    match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => a < first,
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => a > last,
        CompareOp::LessOrEqual | CompareOp::Period(PeriodOp::Until) => a <= last,
        CompareOp::GreaterOrEqual | CompareOp::Period(PeriodOp::Since) => a >= first,
        CompareOp::Equal | CompareOp::Period(PeriodOp::In) => (first..=last).contains(&a),
        CompareOp::NotEqual => !(first..=last).contains(&a),
        CompareOp::Like => false,
    }
}
