//! Traversal of formulas.

use super::typed::{Expr, ExprKind, Formula, Link, Path};

/// Calls `f` with a formula and all formulas inside it, outermost first, including those inside expressions; and with
/// whether it is *negated*: under something that is not monotonic in the facts (`not`, `optional`, `every`, a number, a
/// test other than `and` and `or`).
pub(super) fn formulas(formula: &Formula, negated: bool, f: &mut dyn FnMut(&Formula, bool)) {
    f(formula, negated);
    let is_monotonic = matches!(
        formula,
        Formula::All(_) | Formula::Any(_) | Formula::Exists(..) | Formula::Modal(..) | Formula::Test(_)
    );
    formula.children().for_each(|inner| formulas(inner, negated || !is_monotonic, f));
    if let Formula::Test(expr) = formula {
        in_expr(expr, negated, f);
    }
}

/// Calls `f` with every formula inside an expression.
pub(super) fn in_expr(expr: &Expr, negated: bool, f: &mut dyn FnMut(&Formula, bool)) {
    let is_monotonic = matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_));
    expr.children().for_each(|part| in_expr(part, negated || !is_monotonic, f));
    if let ExprKind::Exists(formula) = &expr.kind {
        formulas(formula, negated, f);
    }
}

/// Calls `f` with every link of a formula, mutable.
pub(super) fn links(formula: &mut Formula, f: &mut dyn FnMut(&mut Link)) {
    formula.children_mut().for_each(|inner| links(inner, f));
    match formula {
        Formula::Fact(atom) => f(&mut atom.link),
        Formula::Path(atom) => path_links(&mut atom.path, f),
        Formula::Test(expr) => expr_links(expr, f),
        _ => {}
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
    expr.children_mut().for_each(|part| expr_links(part, f));
    if let ExprKind::Exists(formula) = &mut expr.kind {
        links(formula, f);
    }
}
