//! Rules: tests that are answered from columns. The order of two entities by their ids, a property against a constant,
//! a name against a pattern; and tests of whole numbers and days only.

use super::Context;
use crate::functions::FunctionId;
use crate::graph::{Graph, ValueColumn};
use crate::plan::{
    ArithmeticOp, Block, Coded, Compare, CompareOp, Condition, Operator, Order, Pattern, PeriodOp, Plan, Scalar, Step,
    Term, Var, VarId, VarKind,
};
use crate::schema::{PropertyId, TypeSet};
use crate::value::{Like, TextPattern, Value};

/// Replaces tests by [`Condition::Order`], [`Condition::Compare`] and [`Condition::Name`] where they are equivalent.
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
    if let Scalar::Matches(text, pattern) = scalar
        && let Scalar::Call(FunctionId::Name, of) = &**text
        && let [Scalar::Slot(var)] = of.as_slice()
    {
        return Some(Condition::Name(*var, TextPattern::Matches(pattern.clone())));
    }
    let Scalar::Compare(op, a, b) = scalar else { return None };
    if let (Scalar::Property(var, property), Scalar::Constant(value @ (Value::Number(_) | Value::Date(_)))) =
        (&**a, &**b)
    {
        return Some(Condition::Compare(Compare { var: *var, property: *property, op: *op, value: value.clone() }));
    }
    if let (CompareOp::Like, Scalar::Call(FunctionId::Name, of), Scalar::Constant(Value::Text(pattern))) =
        (op, &**a, &**b)
        && let [Scalar::Slot(var)] = of.as_slice()
    {
        return Some(Condition::Name(*var, TextPattern::Like(Like::new(pattern))));
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

/// Returns the term of an expression that is an entity; `None` for other expressions.
fn entity(scalar: &Scalar) -> Option<Term> {
    match scalar {
        Scalar::Slot(var) => Some(Term::Var(*var)),
        Scalar::Entity(entity) => Some(Term::Entity(*entity)),
        _ => None,
    }
}

/// Returns true if both terms are of the same single type, within which ids are in the order of names.
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
    /// Returns the types that the scan of the variable was narrowed to; `None` if it has no scan.
    fn types_of(&self, var: VarId) -> Option<TypeSet> {
        self.types.iter().rev().find(|(known, _)| *known == var).map(|(_, types)| *types)
    }
}

/// Replaces tests by [`Condition::Exact`] if all their values are whole numbers or days. Not for proofs, which evaluate
/// tests on parts of the graph, where less is known.
pub(super) fn exact_tests(plan: &mut Plan, graph: &Graph) {
    // Less than the whole graph is known as of a day, too.
    if plan.as_of.is_some() || plan.provenance.is_some() {
        return;
    }
    for node in &mut plan.operators {
        let pattern = match &mut node.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => pattern,
            _ => continue,
        };
        let Pattern { block, slots, .. } = &mut **pattern;
        let exact = Exact { graph, slots: &*slots };
        block.each_step_mut(&mut |step| {
            if let Step::Filter(condition) = step {
                condition.each_mut(&mut |condition| {
                    if let Condition::Test(scalar) = condition
                        && exact.is_test(scalar)
                    {
                        *condition = Condition::Exact(scalar.clone());
                    }
                });
            }
        });
    }
}

/// Replaces filters by [`Condition::Coded`] if they read a single property of a single variable, and its values are
/// dictionary-encoded. Not for proofs, which read parts of the graph, where fewer values are recorded.
pub(super) fn tests_by_code(plan: &mut Plan, graph: &Graph) {
    if plan.as_of.is_some() || plan.provenance.is_some() {
        return;
    }
    for node in &mut plan.operators {
        let (Operator::Match(pattern) | Operator::CountMatches(pattern)) = &mut node.operator else { continue };
        let mut id = 0;
        pattern.block.each_step_mut(&mut |step| {
            let Step::Filter(condition @ (Condition::Test(_) | Condition::Exact(_))) = step else { return };
            let Some((var, property)) = only_value(condition).filter(|(_, property)| graph.has_ranks(*property)) else {
                return;
            };
            let test = std::mem::replace(condition, Condition::always());
            *condition = Condition::Coded(Box::new(Coded { var, property, test, id }));
            id += 1;
        });
    }
}

/// Returns the variable and the property if a test reads nothing else.
fn only_value(condition: &Condition) -> Option<(VarId, PropertyId)> {
    let (Condition::Test(scalar) | Condition::Exact(scalar)) = condition else { return None };
    let vars = condition.outer_vars();
    let [var] = vars[..] else { return None };
    scalar.only_property(var).map(|property| (var, property))
}

/// Analysis of which expressions are exact.
pub(super) struct Exact<'a> {
    pub graph: &'a Graph,
    pub slots: &'a [Var],
}

/// Kind of an exact expression: a whole number up to this magnitude, or a day.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Day,
}

/// Every whole number below this magnitude is exact in a float.
const MOST: f64 = 9e15;

impl Exact<'_> {
    fn is_test(&self, scalar: &Scalar) -> bool {
        match scalar {
            Scalar::And(all) | Scalar::Or(all) => all.iter().all(|inner| self.is_test(inner)),
            Scalar::Not(inner) => self.is_test(inner),
            Scalar::Compare(op, a, b) => match (self.kind(a), self.kind(b)) {
                (Some(Kind::Number(_)), Some(Kind::Number(_))) | (Some(Kind::Day), Some(Kind::Day)) => true,
                (Some(Kind::Day), None) => is_period(*op, b),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns the kind of an expression; `None` if it is not exact.
    pub fn kind(&self, scalar: &Scalar) -> Option<Kind> {
        match scalar {
            Scalar::Constant(Value::Number(number)) => {
                (number.fract() == 0.0 && number.abs() < MOST).then_some(Kind::Number(number.abs()))
            }
            Scalar::Constant(Value::Date(date)) => date.is_exact().then_some(Kind::Day),
            Scalar::Property(var, property) => self.column(Term::Var(*var), *property),
            Scalar::PropertyOf(entity, property) => self.column(Term::Entity(*entity), *property),
            Scalar::Arithmetic(op, a, b) => match (op, self.kind(a)?, self.kind(b)?) {
                // The calendar has 20,000 years, some seven million days. A quotient is no whole number, hence no
                // division.
                (ArithmeticOp::Subtract, Kind::Day, Kind::Day) => Some(Kind::Number(1e8)),
                (ArithmeticOp::Add | ArithmeticOp::Subtract, Kind::Number(a), Kind::Number(b)) => small(a + b),
                (ArithmeticOp::Multiply, Kind::Number(a), Kind::Number(b)) => small(a * b),
                _ => None,
            },
            Scalar::Negative(inner) => self.kind(inner).filter(|kind| *kind != Kind::Day),
            Scalar::Call(function, of) => match (function, self.kind(of.first()?)?) {
                (FunctionId::Year, Kind::Day) => Some(Kind::Number(1e4)),
                (FunctionId::Abs | FunctionId::Round | FunctionId::Days, Kind::Number(most)) => small(most),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns true if the property of an entity, or of each that a variable may stand for, is an exact value.
    pub fn is_exact(&self, of: Term, property: PropertyId) -> bool {
        match of {
            Term::Entity(entity) => self.graph.is_exact(property, TypeSet::only(self.graph.type_of(entity))),
            Term::Var(var) => match self.slots.get(var.0 as usize).map(|slot| slot.kind) {
                Some(VarKind::Entity(types)) => self.graph.is_exact(property, types),
                _ => false,
            },
        }
    }

    fn column(&self, of: Term, property: PropertyId) -> Option<Kind> {
        if !self.is_exact(of, property) {
            return None;
        }
        match self.graph.values(property).stated {
            ValueColumn::Dates(_) => Some(Kind::Day),
            _ => self.graph.greatest_whole(property).and_then(small),
        }
    }
}

fn small(most: f64) -> Option<Kind> {
    (most < MOST).then_some(Kind::Number(most))
}

/// Returns true if every day certainly satisfies the comparison with a period, or certainly does not.
fn is_period(op: CompareOp, other: &Scalar) -> bool {
    let Scalar::Constant(Value::Date(date)) = other else { return false };
    let is_plain = !date.is_undated() && date.reach() == date.bounds();
    is_plain && matches!(op, CompareOp::Period(PeriodOp::In | PeriodOp::Since | PeriodOp::Until))
}
