//! Translation of query expressions to scalars over slots and aggregates.

use crate::check::typed::{CompareOp, Expr, ExprKind, Var, VarId, VarKind};
use crate::functions::FunctionId;
use crate::plan::{AggregateCall, Scalar};

/// Translator of expressions; collects their aggregates.
pub(super) struct Scalars<'q> {
    pub vars: &'q [Var],
    /// Distinct aggregates, in order of occurrence.
    pub folds: Vec<AggregateCall>,
    /// True if comparisons of names are kept as written.
    is_written: bool,
}

impl<'q> Scalars<'q> {
    pub fn new(vars: &'q [Var]) -> Scalars<'q> {
        Scalars { vars, folds: Vec::new(), is_written: false }
    }

    /// Returns the expression as it was written, for use in sentences.
    pub fn written(vars: &'q [Var], expr: &Expr) -> Scalar {
        Scalars { is_written: true, ..Scalars::new(vars) }.scalar(expr)
    }

    pub fn scalar(&mut self, expr: &Expr) -> Scalar {
        match &expr.kind {
            ExprKind::Value(value) => Scalar::Constant(value.clone()),
            ExprKind::Entity(entity) => Scalar::Entity(*entity),
            ExprKind::Var(var) => self.slot(*var),
            ExprKind::Property(var, property) => Scalar::Property(*var, *property),
            ExprKind::PropertyOf(entity, property) => Scalar::PropertyOf(*entity, *property),
            ExprKind::And(all) => Scalar::And(self.scalars(all)),
            ExprKind::Or(all) => Scalar::Or(self.scalars(all)),
            ExprKind::Not(inner) => Scalar::Not(Box::new(self.scalar(inner))),
            ExprKind::Compare(op, a, b) => {
                let (a, b) = by_entity(*op, a, b).filter(|_| !self.is_written).unwrap_or((a, b));
                Scalar::Compare(*op, Box::new(self.scalar(a)), Box::new(self.scalar(b)))
            }
            ExprKind::Matches(inner, pattern) => Scalar::Matches(Box::new(self.scalar(inner)), pattern.clone()),
            ExprKind::IsUnknown(inner) => Scalar::IsUnknown(Box::new(self.scalar(inner))),
            ExprKind::IsAbsent(var) => Scalar::IsAbsent(*var),
            ExprKind::Arithmetic(op, a, b) => {
                Scalar::Arithmetic(*op, Box::new(self.scalar(a)), Box::new(self.scalar(b)))
            }
            ExprKind::OrElse(a, b) => Scalar::OrElse(Box::new(self.scalar(a)), Box::new(self.scalar(b))),
            ExprKind::Negative(inner) => Scalar::Negative(Box::new(self.scalar(inner))),
            ExprKind::Call(function, arguments) => Scalar::Call(*function, self.scalars(arguments)),
            ExprKind::Aggregate { function, percent, argument, over } => {
                let argument = self.scalar(argument);
                self.fold(AggregateCall {
                    function: *function,
                    percent: *percent,
                    argument,
                    over: over.clone(),
                    presence: None,
                })
            }
            ExprKind::OfClaims(what, claimed, by) => Scalar::OfClaims(*what, *claimed, *by),
            // Such a test is built as a condition of the pattern.
            ExprKind::Exists(_) => Scalar::Unknown,
        }
    }

    fn scalars(&mut self, all: &[Expr]) -> Vec<Scalar> {
        all.iter().map(|expr| self.scalar(expr)).collect()
    }

    fn slot(&self, var: VarId) -> Scalar {
        match self.vars[var.0 as usize].kind {
            VarKind::Entity(_) => Scalar::Slot(var),
            VarKind::Value(_, property) => Scalar::Stated(var, property),
            VarKind::Label(label) => Scalar::Label(var, label),
            VarKind::Path => Scalar::Path(var),
        }
    }

    fn fold(&mut self, fold: AggregateCall) -> Scalar {
        let known = self.folds.iter().position(|other| *other == fold);
        Scalar::AggregateCall(known.unwrap_or_else(|| {
            self.folds.push(fold);
            self.folds.len() - 1
        }))
    }
}

/// Returns the entities of `name(a) < name(b)`, since entities compare in the order of their names; `None` for other
/// comparisons.
fn by_entity<'e>(op: CompareOp, a: &'e Expr, b: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
    let named = |expr: &'e Expr| match &expr.kind {
        ExprKind::Call(FunctionId::Name, arguments) => arguments.first(),
        _ => None,
    };
    // Not `=` and `<=`: two entities may have one name.
    matches!(op, CompareOp::Less | CompareOp::Greater).then(|| named(a).zip(named(b))).flatten()
}
