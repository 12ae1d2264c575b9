//! Expressions over a binding, and over the keys and aggregates of a group.

use super::{ArithmeticOp, Claimed, ClaimedBy, CompareOp, Label, OfClaims, Summed, Term, VarId};
use crate::functions::FunctionId;
use crate::graph::EntityId;
use crate::schema::PropertyId;
use crate::value::{Regex, Value};

/// An expression whose names are resolved to slots, so that evaluation needs no look-up.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Constant(Value),
    Entity(EntityId),
    /// Entity in a slot.
    Slot(VarId),
    /// Stated value of the property whose position is in the slot.
    Stated(VarId, PropertyId),
    /// Word at the position in the slot.
    Label(VarId, Label),
    /// Path whose number is in the slot.
    Path(VarId),
    /// Length in a slot, if only lengths of the path are needed.
    Length(VarId),
    /// Settled value of a property of the entity in a slot.
    Property(VarId, PropertyId),
    /// Settled value of a property of a named entity.
    PropertyOf(EntityId, PropertyId),
    And(Vec<Scalar>),
    Or(Vec<Scalar>),
    Not(Box<Scalar>),
    Compare(CompareOp, Box<Scalar>, Box<Scalar>),
    Matches(Box<Scalar>, Regex),
    IsUnknown(Box<Scalar>),
    IsAbsent(VarId),
    Arithmetic(ArithmeticOp, Box<Scalar>, Box<Scalar>),
    Negative(Box<Scalar>),
    /// The second operand if the first is unknown or absent.
    OrElse(Box<Scalar>, Box<Scalar>),
    Call(FunctionId, Vec<Scalar>),
    /// What the claims of a fact tell of it; absent if no such claim is recorded.
    OfClaims(OfClaims, Claimed, ClaimedBy),
    /// Key of the group, by position in [`super::Aggregate::keys`].
    Key(usize),
    /// Aggregate of the group, by position in [`super::Aggregate::folds`].
    AggregateCall(usize),
    /// Value that no column has: a test for the existence of facts is a condition of the pattern.
    Unknown,
}

impl Scalar {
    /// Returns the parts of the expression, except binary operands.
    pub fn children(&self) -> &[Scalar] {
        match self {
            Scalar::And(all) | Scalar::Or(all) | Scalar::Call(_, all) => all,
            Scalar::Not(inner) | Scalar::IsUnknown(inner) | Scalar::Negative(inner) | Scalar::Matches(inner, _) => {
                std::slice::from_ref(inner)
            }
            _ => &[],
        }
    }

    /// Returns the two operands of a comparison, of arithmetic or of `or else`; `None` for other expressions.
    pub fn operands(&self) -> Option<[&Scalar; 2]> {
        match self {
            Scalar::Compare(_, a, b) | Scalar::Arithmetic(_, a, b) | Scalar::OrElse(a, b) => Some([a, b]),
            _ => None,
        }
    }

    /// Calls `f` with this expression and its parts, outermost first.
    pub fn each(&self, f: &mut dyn FnMut(&Scalar)) {
        f(self);
        self.children().iter().for_each(|inner| inner.each(f));
        self.operands().into_iter().flatten().for_each(|inner| inner.each(f));
    }

    /// Calls `f` with this expression and its parts, mutable, innermost first.
    pub fn each_mut(&mut self, f: &mut dyn FnMut(&mut Scalar)) {
        match self {
            Scalar::And(all) | Scalar::Or(all) | Scalar::Call(_, all) => all.iter_mut().for_each(|e| e.each_mut(f)),
            Scalar::Not(inner) | Scalar::IsUnknown(inner) | Scalar::Negative(inner) | Scalar::Matches(inner, _) => {
                inner.each_mut(f)
            }
            Scalar::Compare(_, a, b) | Scalar::Arithmetic(_, a, b) | Scalar::OrElse(a, b) => {
                a.each_mut(f);
                b.each_mut(f);
            }
            _ => {}
        }
        f(self);
    }

    /// Calls `f` with each slot that the expression reads, once per occurrence.
    pub fn slots(&self, f: &mut dyn FnMut(VarId)) {
        self.each(&mut |inner| match inner {
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Length(slot) => f(*slot),
            Scalar::Property(slot, _) | Scalar::IsAbsent(slot) | Scalar::Label(slot, _) => f(*slot),
            Scalar::OfClaims(_, claimed, by) => {
                claimed.vars(f);
                if let ClaimedBy::Var(var) = by {
                    f(*var);
                }
            }
            _ => {}
        });
    }

    /// Calls `f` with each property that the expression reads, and its subject.
    pub fn properties(&self, f: &mut dyn FnMut(Term, PropertyId)) {
        self.each(&mut |inner| match inner {
            Scalar::Property(slot, property) => f(Term::Var(*slot), *property),
            Scalar::PropertyOf(entity, property) => f(Term::Entity(*entity), *property),
            _ => {}
        });
    }

    /// Returns the property if the expression reads nothing of a slot but one property; `None` otherwise.
    pub fn only_property(&self, slot: VarId) -> Option<PropertyId> {
        let (mut property, mut is_alone) = (None, true);
        self.each(&mut |inner| match inner {
            Scalar::Property(var, own) => {
                is_alone &= *var != slot || property.is_none_or(|other| other == *own);
                property = if *var == slot { Some(*own) } else { property };
            }
            Scalar::Slot(var) => is_alone &= *var != slot,
            Scalar::Stated(..) | Scalar::Label(..) | Scalar::OfClaims(..) => is_alone = false,
            Scalar::Path(_) | Scalar::Length(_) | Scalar::IsAbsent(_) => is_alone = false,
            Scalar::Key(_) | Scalar::AggregateCall(_) => is_alone = false,
            // Whether both sides are one value depends on the entity, not on its value alone.
            Scalar::Compare(_, a, b) => {
                let is_named = |side: &Scalar| matches!(side, Scalar::PropertyOf(..));
                is_alone &= !is_named(a) && !is_named(b);
            }
            _ => {}
        });
        property.filter(|_| is_alone)
    }

    /// Returns true if the value of the expression is an entity.
    pub fn is_entity(&self) -> bool {
        matches!(self, Scalar::Slot(_) | Scalar::Entity(_))
    }

    /// Returns true if the expression depends on the names of entities and on constants alone.
    fn is_name(&self) -> bool {
        match self {
            Scalar::Call(FunctionId::Name, _) => true,
            Scalar::Call(_, all) => all.iter().any(Scalar::is_name),
            Scalar::Arithmetic(_, a, b) => a.is_name() || b.is_name(),
            _ => false,
        }
    }

    /// Returns the slot if the expression is the content of a slot; `None` otherwise.
    pub fn as_slot(&self) -> Option<VarId> {
        match self {
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Length(slot) => Some(*slot),
            Scalar::Label(slot, _) => Some(*slot),
            _ => None,
        }
    }

    /// Returns function and argument of `year(…)`, `quarter(…)` or `month(…)`; `None` for other expressions.
    pub fn period(&self) -> Option<(FunctionId, &Scalar)> {
        match self {
            Scalar::Call(unit @ (FunctionId::Year | FunctionId::Quarter | FunctionId::Month), arguments) => {
                arguments.first().map(|date| (*unit, date))
            }
            _ => None,
        }
    }

    /// Returns what is added up, and what becomes of it; `None` for other expressions.
    pub fn summed(&self) -> Option<(Summed, &Scalar)> {
        match self {
            Scalar::Call(FunctionId::Running, arguments) => Some((Summed::Running, arguments.first()?)),
            Scalar::Call(FunctionId::Share, arguments) => Some((Summed::Share, arguments.first()?)),
            _ => None,
        }
    }

    /// Returns true if the expression reads more than the identity of entities, so that a vague date or a doubtful
    /// value may make it uncertain.
    pub fn reads_values(&self) -> bool {
        match self {
            Scalar::Slot(_) | Scalar::Entity(_) | Scalar::Constant(_) | Scalar::Label(..) => false,
            Scalar::And(all) | Scalar::Or(all) => all.iter().any(Scalar::reads_values),
            Scalar::Not(inner) | Scalar::Negative(inner) | Scalar::IsUnknown(inner) | Scalar::Matches(inner, _) => {
                inner.reads_values()
            }
            Scalar::Call(_, all) => all.iter().any(Scalar::reads_values),
            Scalar::Arithmetic(_, a, b) | Scalar::OrElse(a, b) => a.reads_values() || b.reads_values(),
            Scalar::Compare(_, a, b) if a.is_name() || b.is_name() => a.reads_values() || b.reads_values(),
            Scalar::Compare(_, a, b) => a.reads_values() || b.reads_values() || !a.is_entity(),
            _ => true,
        }
    }
}
