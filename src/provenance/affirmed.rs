//! The form in which a pattern is proved: what is affirmed is told from what is denied.
//!
//! A proof cites the facts of what is affirmed. What is denied rests on facts that are not there, so that it looks at the
//! whole graph, whatever part of it a proof is tried on: inside a negation, in `at most`, and in what `every` speaks of,
//! atoms are marked as [`entire`]. A negated test is a test, and a test for facts is their formula, so that both are
//! affirmed where they can be. A test that need only be possible, or that something is unknown, rests on what is not
//! known: the values that it reads are those of the whole graph.

use crate::check::typed::{CountOp, Expr, ExprKind, FactAtom, Formula, Modality, PathAtom, ValueAtom};
use crate::exec::Mode;
use crate::exec::edges::{entire, in_part};
use crate::graph::{Graph, SourceId};
use crate::schema::PropertyId;

/// Returns the formula in the form in which it is proved in a mode.
pub(crate) fn affirmed(graph: &Graph, formula: &Formula, mode: Mode) -> Formula {
    let each = |all: &[Formula]| all.iter().map(|inner| affirmed(graph, inner, mode)).collect();
    match formula {
        Formula::All(all) => Formula::All(each(all)),
        Formula::Any(all) => Formula::Any(each(all)),
        Formula::Not(inner) => negated(graph, inner, mode),
        Formula::Exists(vars, inner) => Formula::Exists(vars.clone(), Box::new(affirmed(graph, inner, mode))),
        Formula::Count { var, compare, number, of } => {
            let count = |compare: CountOp, of: Formula| Formula::Count {
                var: *var,
                compare,
                number: *number,
                of: Box::new(of),
            };
            match compare {
                CountOp::AtLeast => count(CountOp::AtLeast, affirmed(graph, of, mode)),
                CountOp::AtMost => count(CountOp::AtMost, denied(graph, of)),
                CountOp::Exactly => Formula::All(vec![
                    count(CountOp::AtLeast, affirmed(graph, of, mode)),
                    count(CountOp::AtMost, denied(graph, of)),
                ]),
            }
        }
        Formula::Every { vars, domain, then, span } => Formula::Every {
            vars: vars.clone(),
            domain: Box::new(denied(graph, domain)),
            then: Box::new(affirmed(graph, then, mode)),
            span: *span,
        },
        Formula::Optional(inner) => Formula::Optional(Box::new(affirmed(graph, inner, mode))),
        Formula::Modal(modality, inner) => {
            let inside = match modality {
                Modality::Certainly => mode.certain(),
                Modality::Possibly => mode.loosened(),
            };
            Formula::Modal(*modality, Box::new(affirmed(graph, inner, inside)))
        }
        Formula::Test(expr) => test(graph, expr, true, mode),
        atom => atom.clone(),
    }
}

/// Returns the negation of a formula.
fn negated(graph: &Graph, formula: &Formula, mode: Mode) -> Formula {
    let each = |all: &[Formula]| all.iter().map(|inner| negated(graph, inner, mode)).collect();
    match formula {
        Formula::Not(inner) => affirmed(graph, inner, mode),
        Formula::All(all) => Formula::Any(each(all)),
        Formula::Any(all) => Formula::All(each(all)),
        Formula::Test(expr) => test(graph, expr, false, mode),
        other => Formula::Not(Box::new(denied(graph, other))),
    }
}

/// Returns a test, or its negation, as a formula: connectives of tests are those of formulas.
fn test(graph: &Graph, expr: &Expr, holds: bool, mode: Mode) -> Formula {
    let each = |all: &[Expr]| all.iter().map(|inner| test(graph, inner, holds, mode)).collect();
    match &expr.kind {
        ExprKind::And(all) if holds => Formula::All(each(all)),
        ExprKind::And(all) => Formula::Any(each(all)),
        ExprKind::Or(all) if holds => Formula::Any(each(all)),
        ExprKind::Or(all) => Formula::All(each(all)),
        ExprKind::Not(inner) => test(graph, inner, !holds, mode),
        ExprKind::Exists(formula) if holds => affirmed(graph, formula, mode),
        ExprKind::Exists(formula) => negated(graph, formula, mode),
        kind => {
            let is_unknown = holds && matches!(kind, ExprKind::IsUnknown(_));
            let marks = Marks { source: |source| source, property: &|property| graph.entire(property) };
            let read = if is_unknown || mode.possible { marks.expr(expr) } else { expr.clone() };
            Formula::Test(if holds { read } else { Expr { kind: ExprKind::Not(Box::new(read)), ..expr.clone() } })
        }
    }
}

/// Returns the formula with marks on all its atoms.
fn denied(graph: &Graph, formula: &Formula) -> Formula {
    let marks = Marks { source: |source| Some(entire(source)), property: &|property| graph.entire(property) };
    marks.formula(formula)
}

/// Returns the formula without marks.
pub(crate) fn unmarked(graph: &Graph, formula: &Formula) -> Formula {
    Marks { source: in_part, property: &|property| graph.in_part(property) }.formula(formula)
}

/// What becomes of the sources and properties of atoms.
struct Marks<'a> {
    source: fn(Option<SourceId>) -> Option<SourceId>,
    property: &'a dyn Fn(PropertyId) -> PropertyId,
}

impl Marks<'_> {
    fn formula(&self, formula: &Formula) -> Formula {
        let boxed = |inner: &Formula| Box::new(self.formula(inner));
        let each = |all: &[Formula]| all.iter().map(|inner| self.formula(inner)).collect();
        match formula {
            Formula::All(all) => Formula::All(each(all)),
            Formula::Any(all) => Formula::Any(each(all)),
            Formula::Not(inner) => Formula::Not(boxed(inner)),
            Formula::Exists(vars, inner) => Formula::Exists(vars.clone(), boxed(inner)),
            Formula::Count { var, compare, number, of } => {
                Formula::Count { var: *var, compare: *compare, number: *number, of: boxed(of) }
            }
            Formula::Every { vars, domain, then, span } => {
                Formula::Every { vars: vars.clone(), domain: boxed(domain), then: boxed(then), span: *span }
            }
            Formula::Optional(inner) => Formula::Optional(boxed(inner)),
            Formula::Modal(modality, inner) => Formula::Modal(*modality, boxed(inner)),
            Formula::Fact(atom) => Formula::Fact(FactAtom { source: (self.source)(atom.source), ..atom.clone() }),
            Formula::Path(atom) => Formula::Path(PathAtom { source: (self.source)(atom.source), ..atom.clone() }),
            Formula::Value(atom) => Formula::Value(ValueAtom {
                source: (self.source)(atom.source),
                property: (self.property)(atom.property),
                ..atom.clone()
            }),
            Formula::Type(..) | Formula::Same(..) => formula.clone(),
            Formula::Test(expr) => Formula::Test(self.expr(expr)),
        }
    }

    fn expr(&self, expr: &Expr) -> Expr {
        let boxed = |inner: &Expr| Box::new(self.expr(inner));
        let each = |all: &[Expr]| all.iter().map(|inner| self.expr(inner)).collect();
        let kind = match &expr.kind {
            ExprKind::Property(var, property) => ExprKind::Property(*var, (self.property)(*property)),
            ExprKind::PropertyOf(entity, property) => ExprKind::PropertyOf(*entity, (self.property)(*property)),
            ExprKind::And(all) => ExprKind::And(each(all)),
            ExprKind::Or(all) => ExprKind::Or(each(all)),
            ExprKind::Not(inner) => ExprKind::Not(boxed(inner)),
            ExprKind::Compare(op, a, b) => ExprKind::Compare(*op, boxed(a), boxed(b)),
            ExprKind::IsUnknown(inner) => ExprKind::IsUnknown(boxed(inner)),
            ExprKind::Arithmetic(op, a, b) => ExprKind::Arithmetic(*op, boxed(a), boxed(b)),
            ExprKind::Negative(inner) => ExprKind::Negative(boxed(inner)),
            ExprKind::Call(function, all) => ExprKind::Call(*function, each(all)),
            ExprKind::Exists(formula) => ExprKind::Exists(Box::new(self.formula(formula))),
            kind => kind.clone(),
        };
        Expr { kind, ..expr.clone() }
    }
}
