//! Traversal of formulas.

use super::typed::{Expr, ExprKind, Formula, Link, Path};

/// Calls `f` with a formula and all formulas inside it, outermost first, including those inside expressions; and with
/// whether it is *negated*: under something that is not monotonic in the facts (`not`, `optional`, `every`, a number, a
/// test other than `and` and `or`).
pub(super) fn formulas(formula: &Formula, negated: bool, f: &mut dyn FnMut(&Formula, bool)) {
    f(formula, negated);
    match formula {
        Formula::All(all) | Formula::Any(all) => all.iter().for_each(|inner| formulas(inner, negated, f)),
        Formula::Exists(_, inner) | Formula::Modal(_, inner) => formulas(inner, negated, f),
        Formula::Not(inner) | Formula::Optional(inner) | Formula::Count { of: inner, .. } => formulas(inner, true, f),
        Formula::Every { domain, then, .. } => {
            formulas(domain, true, f);
            formulas(then, true, f);
        }
        Formula::Test(expr) => in_expr(expr, negated, f),
        Formula::Fact(_)
        | Formula::Path(_)
        | Formula::Value(_)
        | Formula::Claim(_)
        | Formula::Word(..)
        | Formula::Type(..)
        | Formula::Same(..) => {}
    }
}

/// Calls `f` with every formula inside an expression.
pub(super) fn in_expr(expr: &Expr, negated: bool, f: &mut dyn FnMut(&Formula, bool)) {
    match &expr.kind {
        ExprKind::And(all) | ExprKind::Or(all) => all.iter().for_each(|part| in_expr(part, negated, f)),
        ExprKind::Call(_, all) => all.iter().for_each(|part| in_expr(part, true, f)),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => {
            in_expr(e, true, f)
        }
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
            in_expr(a, true, f);
            in_expr(b, true, f);
        }
        ExprKind::Aggregate { argument, .. } => in_expr(argument, true, f),
        ExprKind::Exists(formula) => formulas(formula, negated, f),
        ExprKind::Value(_)
        | ExprKind::Entity(_)
        | ExprKind::Var(_)
        | ExprKind::IsAbsent(_)
        | ExprKind::OfClaims(..)
        | ExprKind::Property(..)
        | ExprKind::PropertyOf(..) => {}
    }
}

/// Calls `f` with every link of a formula, mutable.
pub(super) fn links(formula: &mut Formula, f: &mut dyn FnMut(&mut Link)) {
    match formula {
        Formula::All(all) | Formula::Any(all) => all.iter_mut().for_each(|inner| links(inner, f)),
        Formula::Exists(_, inner)
        | Formula::Modal(_, inner)
        | Formula::Not(inner)
        | Formula::Optional(inner)
        | Formula::Count { of: inner, .. } => links(inner, f),
        Formula::Every { domain, then, .. } => {
            links(domain, f);
            links(then, f);
        }
        Formula::Fact(atom) => f(&mut atom.link),
        Formula::Path(atom) => path_links(&mut atom.path, f),
        Formula::Test(expr) => expr_links(expr, f),
        Formula::Value(_) | Formula::Claim(_) | Formula::Word(..) | Formula::Type(..) | Formula::Same(..) => {}
    }
}

/// Calls `f` with every link of a path, mutable.
pub(super) fn path_links(path: &mut Path, f: &mut dyn FnMut(&mut Link)) {
    match path {
        Path::Link { link, .. } => f(link),
        Path::Sequence(paths) | Path::Either(paths) => paths.iter_mut().for_each(|path| path_links(path, f)),
        Path::Repeat { path, .. } => path_links(path, f),
    }
}

/// Calls `f` with every link of an expression, mutable.
pub(super) fn expr_links(expr: &mut Expr, f: &mut dyn FnMut(&mut Link)) {
    match &mut expr.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
            all.iter_mut().for_each(|part| expr_links(part, f));
        }
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => expr_links(e, f),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
            expr_links(a, f);
            expr_links(b, f);
        }
        ExprKind::Aggregate { argument, .. } => expr_links(argument, f),
        ExprKind::Exists(formula) => links(formula, f),
        ExprKind::Value(_)
        | ExprKind::Entity(_)
        | ExprKind::Var(_)
        | ExprKind::IsAbsent(_)
        | ExprKind::OfClaims(..)
        | ExprKind::Property(..)
        | ExprKind::PropertyOf(..) => {}
    }
}
