//! Expressions over what a binding holds, and over the keys and aggregates of a group.

use super::{ArithmeticOp, CompareOp, Term, VarId};
use crate::functions::FunctionId;
use crate::graph::EntityId;
use crate::schema::PropertyId;
use crate::value::Value;

/// An expression in which every name is a slot: nothing is looked up while it is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Constant(Value),
    Entity(EntityId),
    /// The entity that a slot holds.
    Slot(VarId),
    /// The stated value of the property whose position a slot holds.
    Stated(VarId, PropertyId),
    /// The path whose number a slot holds.
    Path(VarId),
    /// The length that a slot holds, where of a path only lengths are asked.
    Length(VarId),
    /// The settled value of a property of the entity that a slot holds.
    Property(VarId, PropertyId),
    /// The settled value of a property of a named entity.
    PropertyOf(EntityId, PropertyId),
    And(Vec<Scalar>),
    Or(Vec<Scalar>),
    Not(Box<Scalar>),
    Compare(CompareOp, Box<Scalar>, Box<Scalar>),
    IsUnknown(Box<Scalar>),
    IsAbsent(VarId),
    Arithmetic(ArithmeticOp, Box<Scalar>, Box<Scalar>),
    Negative(Box<Scalar>),
    /// The second where the first is unknown or absent.
    OrElse(Box<Scalar>, Box<Scalar>),
    Call(FunctionId, Vec<Scalar>),
    /// A key of the group, by its position in [`super::Aggregate::keys`].
    Key(usize),
    /// An aggregate of the group, by its position in [`super::Aggregate::folds`].
    AggregateCall(usize),
    /// What a column cannot tell: a test for the existence of facts is a condition of the pattern.
    Unknown,
}

impl Scalar {
    /// The expressions that this one is made of.
    pub fn children(&self) -> &[Scalar] {
        match self {
            Scalar::And(all) | Scalar::Or(all) | Scalar::Call(_, all) => all,
            Scalar::Not(inner) | Scalar::IsUnknown(inner) | Scalar::Negative(inner) => std::slice::from_ref(inner),
            _ => &[],
        }
    }

    /// The two operands of a comparison or of arithmetic.
    pub fn operands(&self) -> Option<[&Scalar; 2]> {
        match self {
            Scalar::Compare(_, a, b) | Scalar::Arithmetic(_, a, b) | Scalar::OrElse(a, b) => Some([a, b]),
            _ => None,
        }
    }

    /// Calls `f` with this expression and each inside it, outermost first.
    pub fn each(&self, f: &mut dyn FnMut(&Scalar)) {
        f(self);
        self.children().iter().for_each(|inner| inner.each(f));
        self.operands().into_iter().flatten().for_each(|inner| inner.each(f));
    }

    /// Calls `f` with this expression and each inside it, innermost first.
    pub fn each_mut(&mut self, f: &mut dyn FnMut(&mut Scalar)) {
        match self {
            Scalar::And(all) | Scalar::Or(all) | Scalar::Call(_, all) => all.iter_mut().for_each(|e| e.each_mut(f)),
            Scalar::Not(inner) | Scalar::IsUnknown(inner) | Scalar::Negative(inner) => inner.each_mut(f),
            Scalar::Compare(_, a, b) | Scalar::Arithmetic(_, a, b) | Scalar::OrElse(a, b) => {
                a.each_mut(f);
                b.each_mut(f);
            }
            _ => {}
        }
        f(self);
    }

    /// Calls `f` with each slot that the expression reads, again for each time it occurs.
    pub fn slots(&self, f: &mut dyn FnMut(VarId)) {
        self.each(&mut |inner| match inner {
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Length(slot) => f(*slot),
            Scalar::Property(slot, _) | Scalar::IsAbsent(slot) => f(*slot),
            _ => {}
        });
    }

    /// Calls `f` with each property that the expression reads, and of what.
    pub fn properties(&self, f: &mut dyn FnMut(Term, PropertyId)) {
        self.each(&mut |inner| match inner {
            Scalar::Property(slot, property) => f(Term::Var(*slot), *property),
            Scalar::PropertyOf(entity, property) => f(Term::Entity(*entity), *property),
            _ => {}
        });
    }

    /// Returns true if the expression gives an entity.
    pub fn is_entity(&self) -> bool {
        matches!(self, Scalar::Slot(_) | Scalar::Entity(_))
    }

    /// The slot, where the expression is what a slot holds and nothing else.
    pub fn as_slot(&self) -> Option<VarId> {
        match self {
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Length(slot) => Some(*slot),
            _ => None,
        }
    }

    /// The date, where the expression is `year(…)`, `quarter(…)` or `month(…)` of one.
    pub fn period(&self) -> Option<(FunctionId, &Scalar)> {
        match self {
            Scalar::Call(unit @ (FunctionId::Year | FunctionId::Quarter | FunctionId::Month), arguments) => {
                arguments.first().map(|date| (*unit, date))
            }
            _ => None,
        }
    }

    /// The argument, where the expression is a running sum.
    pub fn running(&self) -> Option<&Scalar> {
        match self {
            Scalar::Call(FunctionId::Running, arguments) => arguments.first(),
            _ => None,
        }
    }

    /// Returns true if the expression reads more than which entities are bound, so that a vague date or a doubtful value
    /// may leave it open.
    pub fn reads_values(&self) -> bool {
        match self {
            Scalar::Slot(_) | Scalar::Entity(_) | Scalar::Constant(_) => false,
            Scalar::And(all) | Scalar::Or(all) => all.iter().any(Scalar::reads_values),
            Scalar::Not(inner) => inner.reads_values(),
            Scalar::Compare(_, a, b) => a.reads_values() || b.reads_values() || !a.is_entity(),
            _ => true,
        }
    }
}
