//! Expressions that columns answer: the order of two entities by their numbers, a property against a constant.

use super::Context;
use crate::plan::{Block, Compare, CompareOp, Condition, Order, Scalar, Step, Term, VarId};
use crate::schema::TypeSet;
use crate::value::Value;

/// Writes tests as [`Condition::Order`] and [`Condition::Compare`] where they come to that.
pub(super) fn columnar_predicates(block: &mut Block, context: &mut Context) {
    for step in &mut block.steps {
        if let Step::Filter(condition) = step {
            condition.each_mut(&mut |condition| {
                if let Condition::Test(scalar) = condition
                    && let Some(column) = compared(scalar, context)
                {
                    *condition = column;
                }
            });
        }
    }
}

fn compared(scalar: &Scalar, context: &Context) -> Option<Condition> {
    let Scalar::Compare(op, a, b) = scalar else { return None };
    if let (Scalar::Property(var, property), Scalar::Constant(value @ (Value::Number(_) | Value::Date(_)))) =
        (&**a, &**b)
    {
        return Some(Condition::Compare(Compare { var: *var, property: *property, op: *op, value: value.clone() }));
    }
    let (one, other) = (entity(a)?, entity(b)?);
    let is_order =
        matches!(op, CompareOp::Less | CompareOp::Greater | CompareOp::LessOrEqual | CompareOp::GreaterOrEqual);
    let is_same = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
    match one {
        Term::Var(var) if is_same || (is_order && alike(one, other, context)) => {
            Some(Condition::Order(Order { var, op: *op, other }))
        }
        _ => None,
    }
}

/// The entity that an expression is.
fn entity(scalar: &Scalar) -> Option<Term> {
    match scalar {
        Scalar::Slot(var) => Some(Term::Var(*var)),
        Scalar::Entity(entity) => Some(Term::Entity(*entity)),
        _ => None,
    }
}

/// Whether both are certainly of the same single type, within which numbers are in the order of names.
fn alike(one: Term, other: Term, context: &Context) -> bool {
    let types = |term: Term| -> Option<TypeSet> {
        match term {
            Term::Var(var) => context.types_of(var),
            Term::Entity(entity) => Some(TypeSet::only(context.graph.type_of(entity))),
        }
    };
    let single = |types: TypeSet| types.iter().count() == 1;
    matches!((types(one), types(other)), (Some(a), Some(b)) if a == b && single(a))
}

impl Context<'_> {
    /// The types that the variable's scan was narrowed to.
    fn types_of(&self, var: VarId) -> Option<TypeSet> {
        self.types.iter().rev().find(|(known, _)| *known == var).map(|(_, types)| *types)
    }
}
