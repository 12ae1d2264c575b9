//! Expressions: their types, and whether their parts fit together.

mod call;
mod claims;
mod compare;
mod conditional;
mod matches;
mod property;
pub(super) use compare::comparison;
pub(super) mod literal;

use super::name::{self, suggestions};
use super::pattern;
use super::scope::{Aggregates, Scope, exists};
use super::typed::{ArithmeticOp, Expr, ExprKind, ExprType, Formula, Modality, Term};
use crate::functions::FunctionId;
use crate::schema::TypeSet;
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::ValueType;

/// Type that the context requires of a word with several interpretations. In a difference that must be a duration, a
/// single word is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Any,
    Entity(TypeSet),
    Date,
    Number,
    Text,
    Duration,
}

impl Hint {
    pub fn of(value: ValueType) -> Hint {
        match value {
            ValueType::Date => Hint::Date,
            ValueType::Number => Hint::Number,
            ValueType::Text => Hint::Text,
        }
    }

    /// Returns the hint for an expression that stands beside one of this type.
    fn like(of: ExprType) -> Hint {
        match of {
            ExprType::Entity(types) => Hint::Entity(types),
            ExprType::Value(value) => Hint::of(value),
            ExprType::Duration => Hint::Duration,
            ExprType::Path | ExprType::Truth | ExprType::List => Hint::Any,
        }
    }
}

/// Checks an expression; returns `None` if it has an error, which has been reported.
pub(super) fn expr(scope: &mut Scope, expr: &ast::Expr, hint: Hint) -> Option<Expr> {
    let span = expr.span;
    match &expr.kind {
        ast::ExprKind::Or(parts) => truths(scope, parts).map(|parts| truth(ExprKind::Or(parts), span)),
        ast::ExprKind::And(parts) => truths(scope, parts).map(|parts| truth(ExprKind::And(parts), span)),
        ast::ExprKind::Not(inner) => {
            let inner = condition(scope, inner)?;
            Some(truth(ExprKind::Not(Box::new(inner)), span))
        }
        ast::ExprKind::Modal(modality, inner) => one_value(scope, expr, |scope| modal(scope, *modality, inner, span)),
        ast::ExprKind::Exists(pattern) => one_value(scope, expr, |scope| Some(pattern_holds(scope, pattern))),
        ast::ExprKind::Compare(op, a, b) => match &b.kind {
            ast::ExprKind::List(items) if op.item == ast::CompareOp::Period(ast::PeriodOp::In) => {
                compare::among(scope, op, a, items, span)
            }
            _ => compare::compare(scope, op, a, b, span),
        },
        ast::ExprKind::IsType { expr, not, type_name } => is_type(scope, expr, *not, type_name, span),
        ast::ExprKind::List(_) => {
            let problem = Diagnostic::error(Code::WrongArguments, span, "a list stands behind `in` only");
            scope.report(problem.help("write for example `where t in (MHA, GQA)`"));
            None
        }
        ast::ExprKind::IsLacking { expr, not, lack: ast::Lack::Unknown } => unknown(scope, expr, *not, span),
        ast::ExprKind::IsLacking { expr, not, lack: ast::Lack::Absent } => absent(scope, expr, *not, span),
        ast::ExprKind::Arithmetic(op, a, b) => arithmetic(scope, op, (a, b), span, hint),
        ast::ExprKind::Negative(inner) => negative(scope, inner, span, hint),
        ast::ExprKind::Call { function, arguments, condition } => {
            let found = call::call(scope, function, (arguments, condition.as_deref()), span);
            if let Some(ExprKind::Aggregate { function: FunctionId::Count, .. }) =
                found.as_ref().map(|found| &found.kind)
            {
                scope.counts.push(Spanned { item: crate::syntax::print::bare_expr(expr), span });
            }
            found
        }
        ast::ExprKind::OfFact { function, fact } => claims::of_fact(scope, function, fact, span),
        ast::ExprKind::Matches(text, pattern) => matches::matches(scope, text, pattern, span),
        ast::ExprKind::OrElse(a, b) => or_else(scope, a, b, span),
        ast::ExprKind::Property { owner, property } => property::property(scope, owner, property, span),
        other => literal::word(scope, other, span, hint),
    }
}

/// Checks an expression that must be a condition.
pub(super) fn condition(scope: &mut Scope, expr: &ast::Expr) -> Option<Expr> {
    let found = self::expr(scope, expr, Hint::Any)?;
    expect(scope, &found, ExprType::Truth).then_some(found)
}

/// Returns true if the expression has the required type; reports it otherwise. Entities of any type are accepted.
pub(super) fn expect(scope: &mut Scope, expr: &Expr, wanted: ExprType) -> bool {
    let fits = match (expr.of, wanted) {
        (ExprType::Entity(_), ExprType::Entity(_)) => true,
        (of, wanted) => of == wanted,
    };
    if !fits {
        let (is, wanted) = (type_words(scope, expr.of), type_words(scope, wanted));
        let diagnostic = Diagnostic::error(Code::WrongType, expr.span, format!("this is {is}, not {wanted}"));
        scope.report(diagnostic.here(format!("here {wanted} is wanted")));
    }
    fits
}

/// Returns a type in words: `a Model`, `a Date`, `a condition`.
pub(super) fn type_words(scope: &Scope, of: ExprType) -> String {
    match of {
        ExprType::Entity(types) => suggestions::a(&scope.schema().type_names(types)),
        ExprType::Value(value) => suggestions::a(value.name()),
        ExprType::Duration => "a difference of dates".to_string(),
        ExprType::Path => "a path".to_string(),
        ExprType::Truth => "a condition".to_string(),
        ExprType::List => "a list".to_string(),
    }
}

fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind, of: ExprType::Truth, span }
}

fn truths(scope: &mut Scope, parts: &[ast::Expr]) -> Option<Vec<Expr>> {
    let parts: Vec<Option<Expr>> = parts.iter().map(|part| condition(scope, part)).collect();
    parts.into_iter().collect()
}

/// Checks a sentence. Where it is a value, `show` and `by` may repeat it: written twice, it is checked once, so that
/// both are one key.
fn one_value(scope: &mut Scope, written: &ast::Expr, check: impl FnOnce(&mut Scope) -> Option<Expr>) -> Option<Expr> {
    if !scope.aggregates.is_of_values() {
        return check(scope);
    }
    if let Some((_, known)) = scope.values.iter().find(|(other, _)| other == written) {
        return Some(Expr { span: written.span, ..known.clone() });
    }
    let value = check(scope)?;
    scope.values.push((written.clone(), value.clone()));
    Some(value)
}

/// Checks `possibly m.date < 2024`: a condition by itself, as `possibly dated before 2024` is.
fn modal(scope: &mut Scope, modality: Modality, inner: &ast::Expr, span: Span) -> Option<Expr> {
    let outside = std::mem::replace(&mut scope.aggregates, Aggregates::Misplaced(modality.word()));
    let inner = condition(scope, inner);
    scope.aggregates = outside;
    let formula = Formula::Modal(modality, Box::new(Formula::Test(inner?)));
    Some(truth(ExprKind::Exists(Box::new(formula)), span))
}

/// Checks `x is unknown`, which only values can be.
fn unknown(scope: &mut Scope, expr: &ast::Expr, not: bool, span: Span) -> Option<Expr> {
    let inner = self::expr(scope, expr, Hint::Any)?;
    if !matches!(inner.of, ExprType::Value(_) | ExprType::Duration) {
        let message = format!("{} is never unknown", type_words(scope, inner.of));
        let diagnostic = Diagnostic::error(Code::WrongType, inner.span, message);
        let help = match inner.kind {
            ExprKind::Var(var) if scope.may_be_absent(var) => {
                let name = &scope.var(var).title;
                format!("it may be absent: write `{name} is {}absent`", if not { "not " } else { "" })
            }
            _ => "only values of properties can be unknown, as in `m.date is unknown`".to_string(),
        };
        scope.report(diagnostic.help(help));
        return None;
    }
    let test = truth(ExprKind::IsUnknown(Box::new(inner)), span);
    Some(if not { truth(ExprKind::Not(Box::new(test)), span) } else { test })
}

/// Checks `m is absent`, which only variables of an `optional` can be.
fn absent(scope: &mut Scope, expr: &ast::Expr, not: bool, span: Span) -> Option<Expr> {
    let inner = self::expr(scope, expr, Hint::Any)?;
    let var = match inner.kind {
        ExprKind::Var(var) if scope.may_be_absent(var) => var,
        ExprKind::Var(var) => {
            let message = format!("`{}` is never absent: no `optional` binds it", scope.var(var).title);
            scope.report(Diagnostic::error(Code::WrongType, inner.span, message));
            return None;
        }
        _ => {
            let message = "only a variable can be absent";
            let help = "write for example `optional Org o develops m` and `where o is absent`";
            scope.report(Diagnostic::error(Code::WrongType, inner.span, message).help(help));
            return None;
        }
    };
    let test = truth(ExprKind::IsAbsent(var), span);
    Some(if not { truth(ExprKind::Not(Box::new(test)), span) } else { test })
}

/// Checks `m.date or else p.date`, whose sides must have the same type.
fn or_else(scope: &mut Scope, a: &ast::Expr, b: &ast::Expr, span: Span) -> Option<Expr> {
    let (a, b) = compare::sides(scope, a, b, None)?;
    let of = match (a.of, b.of) {
        (ExprType::Entity(left), ExprType::Entity(right)) => ExprType::Entity(left.or(right)),
        (left, right) if left == right && matches!(left, ExprType::Value(_) | ExprType::Duration) => left,
        (left, right) => {
            let message = format!("{} cannot stand in for {}", type_words(scope, right), type_words(scope, left));
            let help = "both sides of `or else` are of one kind, as in `m.date or else p.date`";
            let problem = Diagnostic::error(Code::WrongType, b.span, message);
            scope.report(problem.label(a.span, type_words(scope, left)).help(help));
            return None;
        }
    };
    Some(Expr { kind: ExprKind::OrElse(Box::new(a), Box::new(b)), of, span })
}

/// Checks `i is an Insect`, which is true of subtypes, too.
fn is_type(scope: &mut Scope, of: &ast::Expr, not: bool, type_name: &Spanned<String>, span: Span) -> Option<Expr> {
    let all = scope.schema().all_types();
    let inner = self::expr(scope, of, Hint::Entity(all));
    let wanted = name::type_id(scope, &type_name.item, type_name.span, all).map_err(|problem| scope.report(problem));
    let (inner, wanted) = (inner?, scope.schema().type_(wanted.ok()?).subtypes);
    let (ExprType::Entity(types), Some(term)) = (inner.of, term_of(&inner)) else {
        let message = format!("{} has no type to test", type_words(scope, inner.of));
        scope.report(Diagnostic::error(Code::WrongType, inner.span, message).help("only entities are of a type"));
        return None;
    };
    if types.and(wanted).is_empty() {
        let message = format!("{} is never {}", type_words(scope, inner.of), suggestions::a(&type_name.item));
        scope.report(Diagnostic::error(Code::WrongType, type_name.span, message));
        return None;
    }
    let test = truth(ExprKind::Exists(Box::new(Formula::Type(term, wanted))), span);
    Some(if not { truth(ExprKind::Not(Box::new(test)), span) } else { test })
}

/// Returns the term of an expression that is an entity or a variable; `None` otherwise.
fn term_of(expr: &Expr) -> Option<Term> {
    match expr.kind {
        ExprKind::Var(var) => Some(Term::Var(var)),
        ExprKind::Entity(entity) => Some(Term::Entity(entity)),
        _ => None,
    }
}

/// Checks `(m uses MLA)`, which is true if some fact makes it hold.
fn pattern_holds(scope: &mut Scope, pattern: &ast::Pattern) -> Expr {
    scope.enter(pattern.span);
    let formula = pattern::whole(scope, pattern);
    let locals = scope.leave();
    truth(ExprKind::Exists(Box::new(exists(locals, formula))), pattern.span)
}

fn negative(scope: &mut Scope, expr: &ast::Expr, span: Span, hint: Hint) -> Option<Expr> {
    let inner = self::expr(scope, expr, if hint == Hint::Duration { hint } else { Hint::Number })?;
    if inner.of != ExprType::Duration && !expect(scope, &inner, ExprType::Value(ValueType::Number)) {
        return None;
    }
    let of = inner.of;
    Some(Expr { kind: ExprKind::Negative(Box::new(inner)), of, span })
}

/// Checks arithmetic: numbers; dates, whose difference is a duration; durations, which can be added and subtracted.
fn arithmetic(
    scope: &mut Scope,
    op: &Spanned<ArithmeticOp>,
    (a, b): (&ast::Expr, &ast::Expr),
    span: Span,
    hint: Hint,
) -> Option<Expr> {
    // Two parameters do not determine each other's type: they are numbers, or the dates of a difference if a duration
    // is required.
    let operands = match (hint, op.item) {
        (Hint::Duration, ArithmeticOp::Subtract) => Hint::Date,
        (Hint::Duration, _) => Hint::Duration,
        _ => Hint::Number,
    };
    let (a, b) = compare::sides(scope, a, b, compare::are_params(a, b).then_some(operands))?;
    let of = match (a.of, op.item, b.of) {
        (ExprType::Value(ValueType::Date), ArithmeticOp::Subtract, ExprType::Value(ValueType::Date)) => {
            ExprType::Duration
        }
        (ExprType::Duration, ArithmeticOp::Add | ArithmeticOp::Subtract, ExprType::Duration) => ExprType::Duration,
        (ExprType::Value(ValueType::Number), _, ExprType::Value(ValueType::Number)) => a.of,
        _ => {
            let message =
                format!("{} and {} do not go together here", type_words(scope, a.of), type_words(scope, b.of));
            let diagnostic = Diagnostic::error(Code::WrongType, op.span, message)
                .label(a.span, type_words(scope, a.of))
                .label(b.span, type_words(scope, b.of))
                .help("numbers take `+ - * /`, and dates `-`; `days(…)` makes a number of a difference of dates");
            scope.report(diagnostic);
            return None;
        }
    };
    Some(Expr { kind: ExprKind::Arithmetic(op.item, Box::new(a), Box::new(b)), of, span })
}
