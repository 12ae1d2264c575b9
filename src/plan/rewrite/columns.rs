//! Expressions that columns answer: the order of two entities by their numbers, a property against a constant.

use super::{Context, map_conditions};
use crate::check::typed::{CompareOp, Expr, ExprKind, ExprType, Term, VarId};
use crate::functions::FunctionId;
use crate::plan::{Block, Compare, Condition, Order, Step};
use crate::schema::TypeSet;
use crate::value::Value;

/// Writes tests as [`Condition::Order`] and [`Condition::Compare`] where they come to that.
pub(super) fn compare_columns(block: &mut Block, context: &mut Context) {
    for step in &mut block.steps {
        if let Step::Filter(condition) = step {
            map_conditions(condition, &mut |condition| {
                if let Condition::Test(expr) = condition
                    && let Some(column) = compared(expr, context)
                {
                    *condition = column;
                }
            });
        }
    }
}

fn compared(expr: &Expr, context: &Context) -> Option<Condition> {
    let ExprKind::Compare(op, a, b) = &expr.kind else { return None };
    if let (ExprKind::Property(var, property), ExprKind::Value(value @ (Value::Number(_) | Value::Date(_)))) =
        (&a.kind, &b.kind)
    {
        return Some(Condition::Compare(Compare { var: *var, property: *property, op: *op, value: value.clone() }));
    }
    let (one, other, by_name) = match (named(a), named(b)) {
        (Some(one), Some(other)) => (one, other, true),
        _ => (entity(a)?, entity(b)?, false),
    };
    let is_order = matches!(op, CompareOp::Less | CompareOp::Greater);
    let is_weak = matches!(op, CompareOp::LessOrEqual | CompareOp::GreaterOrEqual);
    let is_same = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
    let fits = match by_name {
        true => is_order && alike(one, other, context),
        false => is_same || ((is_order || is_weak) && alike(one, other, context)),
    };
    match (one, other) {
        (Term::Var(var), other) if fits => Some(Condition::Order(Order { var, op: *op, other })),
        _ => None,
    }
}

/// The entity that an expression is.
fn entity(expr: &Expr) -> Option<Term> {
    match (&expr.kind, expr.of) {
        (ExprKind::Var(var), ExprType::Entity(_)) => Some(Term::Var(*var)),
        (ExprKind::Entity(entity), _) => Some(Term::Entity(*entity)),
        _ => None,
    }
}

/// The entity of which an expression is the name.
fn named(expr: &Expr) -> Option<Term> {
    match &expr.kind {
        ExprKind::Call(FunctionId::Name, arguments) => entity(arguments.first()?),
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
