//! Comparisons: which types can be compared.

use super::{Hint, claims, expr, literal, type_words};
use crate::check::scope::Scope;
use crate::check::typed::{CompareOp, Expr, ExprKind, ExprType, PeriodOp};
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::{Value, ValueType};

/// Checks a comparison.
pub(super) fn compare(
    scope: &mut Scope,
    op: &Spanned<CompareOp>,
    a: &ast::Expr,
    b: &ast::Expr,
    span: Span,
) -> Option<Expr> {
    let hint = match op.item {
        CompareOp::Period(_) => Some(Hint::Date),
        CompareOp::Like => Some(Hint::Text),
        _ => None,
    };
    let (of_a, of_b) = (claims::bare_word(scope, b, a), claims::bare_word(scope, a, b));
    let (a, b) = sides(scope, of_a.as_ref().unwrap_or(a), of_b.as_ref().unwrap_or(b), hint)?;
    if matches!(op.item, CompareOp::Equal | CompareOp::NotEqual) {
        claims::check_words(scope, &a, &b);
    }
    if let Err(diagnostic) = fits(scope, op, &a, &b) {
        scope.report(diagnostic);
        return None;
    }
    Some(comparison(op.item, a, b, span))
}

/// Checks `t in (MHA, GQA)`: equality with one of the items or, for a date, membership in one of them.
pub(super) fn among(
    scope: &mut Scope,
    op: &Spanned<CompareOp>,
    a: &ast::Expr,
    items: &[ast::Expr],
    span: Span,
) -> Option<Expr> {
    let of = expr(scope, a, Hint::Any)?.of;
    let is_date = of == ExprType::Value(ValueType::Date);
    let op = Spanned::new(if is_date { op.item } else { CompareOp::Equal }, op.span);
    let tests: Vec<Option<Expr>> = items.iter().map(|item| compare(scope, &op, a, item, span)).collect();
    let mut tests = tests.into_iter().collect::<Option<Vec<Expr>>>()?;
    match tests.len() {
        1 => tests.pop(),
        _ => Some(Expr { kind: ExprKind::Or(tests), of: ExprType::Truth, span }),
    }
}

/// Returns the comparison of two checked sides. A date in the query stands for a period, not for an unknown day in it:
/// `before 2024` means before its first day, `after 2024` after its last, and `= 2024` within it.
pub(in crate::check) fn comparison(op: CompareOp, a: Expr, b: Expr, span: Span) -> Expr {
    if let CompareOp::Equal | CompareOp::NotEqual = op
        && is_period(&a) != is_period(&b)
    {
        let (day, period) = if is_period(&b) { (a, b) } else { (b, a) };
        return of_period(PeriodOp::In, op == CompareOp::Equal, day, period, span);
    }
    if let Some((op, holds)) = at_open_end(op, &b) {
        return of_period(op, holds, a, b, span);
    }
    if let Some((op, holds)) = at_open_end(mirrored(op), &a).filter(|_| !matches!(op, CompareOp::Period(_))) {
        return of_period(op, holds, b, a, span);
    }
    let kind = ExprKind::Compare(op, Box::new(bound(mirrored(op), a)), Box::new(bound(op, b)));
    Expr { kind, of: ExprType::Truth, span }
}

/// Returns true for a date in the query, unless its ends are open to doubt.
fn is_period(side: &Expr) -> bool {
    let ExprKind::Value(Value::Date(period)) = side.kind else { return false };
    !period.is_undated() && !period.is_approximate() && !period.is_uncertain()
}

/// Returns how a comparison with the open end of a period in the query is tested: as `since` its first day or `until`
/// its last, and whether that test must hold or fail. `None` if the end is a day.
fn at_open_end(op: CompareOp, side: &Expr) -> Option<(PeriodOp, bool)> {
    let ExprKind::Value(Value::Date(period)) = side.kind else { return None };
    if period.is_undated() || period.is_approximate() || period.is_uncertain() {
        return None;
    }
    let from_start = period.earliest_date().is_none();
    let to_end = period.latest_date().is_none();
    match op {
        CompareOp::GreaterOrEqual if from_start => Some((PeriodOp::Since, true)),
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) if from_start => Some((PeriodOp::Since, false)),
        CompareOp::LessOrEqual if to_end => Some((PeriodOp::Until, true)),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) if to_end => Some((PeriodOp::Until, false)),
        _ => None,
    }
}

fn of_period(op: PeriodOp, holds: bool, day: Expr, period: Expr, span: Span) -> Expr {
    let test = |kind| Expr { kind, of: ExprType::Truth, span };
    let compared = test(ExprKind::Compare(CompareOp::Period(op), Box::new(day), Box::new(period)));
    if holds { compared } else { test(ExprKind::Not(Box::new(compared))) }
}

/// Returns the operator with its sides exchanged, as far as it selects the end of a period; `=` for operators that
/// select none.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => CompareOp::Greater,
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => CompareOp::Less,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        _ => CompareOp::Equal,
    }
}

/// Replaces a period in the query by the end with which something on its left is compared. An approximate or uncertain
/// period stays as it is.
fn bound(op: CompareOp, side: Expr) -> Expr {
    let ExprKind::Value(Value::Date(period)) = side.kind else { return side };
    let end = match op {
        _ if period.is_approximate() || period.is_uncertain() => None,
        CompareOp::Less | CompareOp::GreaterOrEqual | CompareOp::Period(PeriodOp::Before) => period.earliest_date(),
        CompareOp::Greater | CompareOp::LessOrEqual | CompareOp::Period(PeriodOp::After) => period.latest_date(),
        _ => None,
    };
    Expr { kind: ExprKind::Value(Value::Date(end.unwrap_or(period))), ..side }
}

/// Checks both sides. The side with more possible interpretations takes its type from the other.
pub(super) fn sides(scope: &mut Scope, a: &ast::Expr, b: &ast::Expr, hint: Option<Hint>) -> Option<(Expr, Expr)> {
    // The side with fewer interpretations is checked first, and its type is the hint for the other.
    if openness(scope, a) > openness(scope, b) {
        let b = expr(scope, b, hint.unwrap_or(Hint::Any));
        let a = beside(scope, a, hint, b.as_ref());
        return a.zip(b);
    }
    let a = expr(scope, a, hint.unwrap_or(Hint::Any));
    let b = beside(scope, b, hint, a.as_ref());
    a.zip(b)
}

/// Checks an expression beside another one. If a parameter does not fit, the diagnostic also shows the other side.
fn beside(scope: &mut Scope, side: &ast::Expr, hint: Option<Hint>, other: Option<&Expr>) -> Option<Expr> {
    let hint = hint.or(other.map(|other| Hint::like(other.of))).unwrap_or(Hint::Any);
    let (ast::ExprKind::Param(name), Some(other)) = (&side.kind, other) else { return expr(scope, side, hint) };
    match literal::param(scope, name, side.span, hint) {
        Ok(found) => {
            literal::tell_rounded(scope, &side.kind, &found);
            Some(found)
        }
        Err(diagnostic) => {
            let against = format!("this is {}", type_words(scope, other.of));
            scope.report(diagnostic.label(other.span, against));
            None
        }
    }
}

/// Returns how many interpretations an expression allows: 0 for a fixed type; 1 for a word that may be several things;
/// 2 for a text, which may name an entity or a date; 3 for a parameter, which takes any type.
fn openness(scope: &Scope, expr: &ast::Expr) -> u8 {
    match &expr.kind {
        ast::ExprKind::Param(_) => 3,
        ast::ExprKind::Text(_) => 2,
        ast::ExprKind::Arithmetic(_, a, b) if are_params(a, b) => 2,
        ast::ExprKind::Name(_) | ast::ExprKind::Literal(ast::Literal::Number { .. }) => 1,
        ast::ExprKind::Lower(word) => {
            let is_known = scope.seen(word).is_some() || scope.aliases.iter().any(|(name, _)| name == word);
            if is_known { 0 } else { 1 }
        }
        _ => 0,
    }
}

/// Returns true if both operands consist only of parameters.
pub(super) fn are_params(a: &ast::Expr, b: &ast::Expr) -> bool {
    let is_param = |side: &ast::Expr| match &side.kind {
        ast::ExprKind::Param(_) => true,
        ast::ExprKind::Arithmetic(_, a, b) => are_params(a, b),
        _ => false,
    };
    is_param(a) && is_param(b)
}

fn fits(scope: &Scope, op: &Spanned<CompareOp>, a: &Expr, b: &Expr) -> Result<(), Diagnostic> {
    use ExprType::{Duration, Entity, Value};
    let equality = matches!(op.item, CompareOp::Equal | CompareOp::NotEqual);
    let ordering = !matches!(op.item, CompareOp::Period(_) | CompareOp::Like);
    let ok = match (a.of, b.of) {
        (Entity(a), Entity(b)) if !a.and(b).is_empty() => equality,
        (Value(ValueType::Date), Value(ValueType::Date)) => op.item != CompareOp::Like,
        (Value(ValueType::Number), Value(ValueType::Number)) | (Duration, Duration) => ordering,
        (Value(ValueType::Text), Value(ValueType::Text)) => match claims::is_trust(a) || claims::is_trust(b) {
            true => equality || op.item == CompareOp::Like,
            false => !matches!(op.item, CompareOp::Period(_)),
        },
        _ => false,
    };
    if ok { Ok(()) } else { Err(unfit(scope, op, a, b)) }
}

fn unfit(scope: &Scope, op: &Spanned<CompareOp>, a: &Expr, b: &Expr) -> Diagnostic {
    let (left, right) = (type_words(scope, a.of), type_words(scope, b.of));
    let message = format!("{left} and {right} cannot be compared so");
    let diagnostic = Diagnostic::error(Code::WrongType, op.span, message).label(a.span, left).label(b.span, right);
    let diagnostic = match (op.item, a.of, b.of) {
        (CompareOp::Period(_), _, _) => diagnostic.here("compares two dates"),
        (CompareOp::Like, _, _) => diagnostic.here("compares two texts"),
        _ => diagnostic,
    };
    match (a.of, b.of) {
        _ if claims::is_trust(a) || claims::is_trust(b) => diagnostic.help(claims::TRUST_IS_A_WORD),
        (ExprType::Entity(_), ExprType::Entity(_)) => diagnostic.help("entities are the same (`=`) or not (`!=`)"),
        (ExprType::Duration, _) | (_, ExprType::Duration) => {
            diagnostic.help("`days(…)` makes a number of a difference of dates")
        }
        (ExprType::Entity(_), ExprType::Value(ValueType::Text)) => super::matches::named(scope, a, diagnostic),
        (ExprType::Entity(_), ExprType::Value(ValueType::Date)) => {
            diagnostic.help("say which property is meant, as in `m.date`")
        }
        _ => diagnostic,
    }
}
