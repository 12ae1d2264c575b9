//! Groups: which expressions have a single value per group.

use crate::check::scope::Scope;
use crate::check::typed::{Expr, ExprKind, VarId};
use crate::functions::FunctionId;
use crate::text::{Code, Diagnostic, Span};

/// Returns true if the expression contains an aggregate.
pub(in crate::check) fn has_aggregate(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Aggregate { .. }) || parts(expr).into_iter().any(has_aggregate)
}

/// Returns true if the expression contains `running` or `share`.
pub(in crate::check) fn is_running(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Call(FunctionId::Running | FunctionId::Share, _))
        || parts(expr).into_iter().any(is_running)
}

/// Reports `running` and `share` unless it is a whole column: its value is known only when all rows are.
pub(super) fn running_elsewhere(scope: &mut Scope, expr: &Expr, is_column: bool) {
    let inner = match &expr.kind {
        ExprKind::Call(FunctionId::Running | FunctionId::Share, _) if is_column => return,
        ExprKind::Call(function @ (FunctionId::Running | FunctionId::Share), _) => {
            let message = format!("`{}` is a column of its own", function.info().name);
            let diagnostic = Diagnostic::error(Code::MisplacedAggregate, expr.span, message);
            return scope.report(diagnostic.help("show it, and order or compare what it adds up"));
        }
        _ => parts(expr),
    };
    inner.into_iter().for_each(|part| running_elsewhere(scope, part, false));
}

/// Returns the direct parts of an expression.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter().collect(),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => vec![e],
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => vec![a, b],
        ExprKind::Aggregate { argument, .. } => vec![argument],
        _ => Vec::new(),
    }
}

/// Returns true if two expressions are equal except for their spans.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    bare(a) == bare(b)
}

fn bare(expr: &Expr) -> Expr {
    let mut expr = Expr { span: Span::default(), ..expr.clone() };
    let strip = |e: &mut Box<Expr>| **e = bare(e);
    match &mut expr.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter_mut().for_each(|e| *e = bare(e)),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => strip(e),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
            strip(a);
            strip(b);
        }
        ExprKind::Aggregate { argument, .. } => strip(argument),
        _ => {}
    }
    expr
}

/// Reports every variable of an expression that may have several values in a group: it is not a key, does not belong to
/// an entity that is a key, and is not inside an aggregate.
pub(super) fn check(scope: &mut Scope, expr: &Expr, keys: &[Expr]) {
    if matches!(expr.kind, ExprKind::Aggregate { .. }) || keys.iter().any(|key| same(key, expr)) {
        return;
    }
    let is_key = |var: &VarId| keys.iter().any(|key| key.kind == ExprKind::Var(*var));
    match &expr.kind {
        ExprKind::Var(var) | ExprKind::Property(var, _) | ExprKind::IsAbsent(var) if !is_key(var) => {
            let diagnostic = not_grouped(scope, expr.span, *var);
            scope.report(diagnostic);
        }
        ExprKind::Exists(_) | ExprKind::OfClaims(..) => {
            let mut open = Vec::new();
            expr.vars(&mut |var| open.push(var));
            // What stands in place of an unknown name has no title, and its error has been reported.
            let is_told = |var: &VarId| scope.var(*var).title.is_empty() && scope.diagnostics.has_errors();
            if let Some(var) = open.into_iter().find(|var| !is_key(var) && !is_told(var)) {
                let diagnostic = not_grouped(scope, expr.span, var);
                scope.report(diagnostic);
            }
        }
        _ => parts(expr).into_iter().for_each(|part| check(scope, part, keys)),
    }
}

fn not_grouped(scope: &Scope, span: Span, var: VarId) -> Diagnostic {
    let title = &scope.var(var).title;
    let message = format!("a group may have several values of `{title}`");
    Diagnostic::error(Code::NotGrouped, span, message)
        .here("neither grouped nor aggregated")
        .help(format!("put it after `by`, or wrap it in an aggregate, as in `list({title})`"))
}

/// Reports a sort key that reads variables shown by no column: rows that differ only in these are merged into one.
pub(super) fn shown(scope: &mut Scope, key: &Expr, columns: &[&Expr]) {
    if columns.iter().any(|column| same(column, key)) {
        return;
    }
    let mut vars = Vec::new();
    key.vars(&mut |var| vars.push(var));
    let is_column = |var: &VarId| columns.iter().any(|column| column.kind == ExprKind::Var(*var));
    if let Some(var) = vars.into_iter().find(|var| !is_column(var)) {
        let title = &scope.var(var).title;
        let diagnostic = Diagnostic::error(Code::NotGrouped, key.span, "the order hangs on what is not shown")
            .here(format!("a row may have several values of `{title}`"))
            .help("show it as well, or order by an aggregate");
        scope.report(diagnostic);
    }
}
