//! Calls of functions: argument and result types.

use super::{Hint, claims, conditional, expr, literal, type_words};
use crate::check::name::suggestions;
use crate::check::query::{has_aggregate, is_running};
use crate::check::scope::{Aggregates, Scope};
use crate::check::typed::{Expr, ExprKind, ExprType, VarId};
use crate::functions::{self, FUNCTIONS, Function, FunctionId, FunctionKind};
use crate::schema::TypeSet;
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::{Value, ValueType};
use std::collections::BTreeSet;

const DATE: ExprType = ExprType::Value(ValueType::Date);
const NUMBER: ExprType = ExprType::Value(ValueType::Number);
const TEXT: ExprType = ExprType::Value(ValueType::Text);

/// Checks a call. Every function takes one argument, and `percentile` a number behind it.
pub(super) fn call(
    scope: &mut Scope,
    name: &Spanned<String>,
    (arguments, condition): (&[ast::Expr], Option<&ast::Expr>),
    span: Span,
) -> Option<Expr> {
    let found = functions::lookup(&name.item);
    let Some(function) = found.filter(|function| function.kind != FunctionKind::Fact) else {
        let message = match found {
            Some(function) => format!("`{}` is asked of a fact, as in `{}`", function.name, function.signature),
            None => format!("no function is called `{}`", name.item),
        };
        let diagnostic = Diagnostic::error(Code::UnknownFunction, name.span, message);
        let names =
            FUNCTIONS.iter().map(|function| function.name).filter(|near| found.is_none_or(|own| own.name != *near));
        scope.report(suggestions::offer_near(diagnostic, name.span, &name.item, names));
        return None;
    };
    let (arguments, percent) = match function.id {
        FunctionId::Percentile => percentile(scope, function, arguments, span)?,
        _ => (arguments, None),
    };
    let argument = self::argument(scope, function, name.span, arguments, span)?;
    if let Some(condition) = condition.filter(|_| !folds(function)) {
        let message = format!("`{}` looks at one row, and takes no `where`", function.name);
        let problem = Diagnostic::error(Code::WrongArguments, condition.span, message);
        scope.report(
            problem.help("`count`, `sum` and the other aggregates take one, as in `count(m where m uses MLA)`"),
        );
        return None;
    }
    if matches!(function.id, FunctionId::Min | FunctionId::Max) && claims::is_trust(&argument) {
        let message = format!("`{}` cannot take a trust", function.name);
        let problem = Diagnostic::error(Code::WrongArguments, argument.span, message);
        scope.report(problem.help(claims::TRUST_IS_A_WORD));
        return None;
    }
    let Some(of) = gives(scope, function.id, argument.of) else {
        let is = type_words(scope, argument.of);
        let message = format!("`{}` cannot take {is}", function.name);
        scope.report(wrong(function, argument.span, message));
        return None;
    };
    match function.kind {
        // First, because their kind is that of aggregates, too.
        _ if is_summed(function.id) => running(scope, function, argument, of, span),
        FunctionKind::Scalar | FunctionKind::Fact => {
            Some(Expr { kind: ExprKind::Call(function.id, vec![argument]), of, span })
        }
        FunctionKind::Aggregate => {
            let found = aggregate(scope, (function, percent), argument, of, span)?;
            match condition {
                Some(condition) => conditional::only_where(scope, function, found, condition),
                None => Some(found),
            }
        }
    }
}

/// Returns true if a function folds many rows.
fn folds(function: &Function) -> bool {
    function.kind == FunctionKind::Aggregate && !is_summed(function.id)
}

/// Returns true if a function adds up what aggregates give, row by row.
fn is_summed(function: FunctionId) -> bool {
    matches!(function, FunctionId::Running | FunctionId::Share)
}

/// Returns the arguments of `percentile` without the last one, and that one: a number above 0, up to 100.
fn percentile<'a>(
    scope: &mut Scope,
    function: &Function,
    arguments: &'a [ast::Expr],
    span: Span,
) -> Option<(&'a [ast::Expr], Option<f64>)> {
    let [value, percent] = arguments else {
        let message = format!("`{}` takes two arguments, not {}", function.name, arguments.len());
        scope.report(wrong(function, span, message));
        return None;
    };
    let number = match expr(scope, percent, Hint::Number)?.kind {
        ExprKind::Value(Value::Number(number)) => Some(number),
        _ => None,
    };
    let Some(number) = number.filter(|number| *number > 0.0 && *number <= 100.0) else {
        let message = "the percent are a number above 0, up to 100".to_string();
        scope.report(wrong(function, percent.span, message));
        return None;
    };
    Some((std::slice::from_ref(value), Some(number)))
}

pub(super) fn wrong(function: &Function, span: Span, message: String) -> Diagnostic {
    let help = format!("`{}` gives {}", function.signature, function.doc);
    Diagnostic::error(Code::WrongArguments, span, message).help(help)
}

/// Checks the only argument. An aggregate must not contain another one.
fn argument(
    scope: &mut Scope,
    function: &Function,
    name_span: Span,
    arguments: &[ast::Expr],
    span: Span,
) -> Option<Expr> {
    let outside = scope.aggregates;
    if function.kind == FunctionKind::Aggregate {
        misplaced(scope, function, name_span);
        // What is added up are aggregates, which no other aggregate may contain.
        scope.aggregates = if is_summed(function.id) { outside } else { Aggregates::Nested };
    }
    let everything = scope.schema().all_types();
    // All are checked, so that mistakes in surplus ones are reported, too.
    let found: Vec<Option<Expr>> =
        arguments.iter().map(|argument| expr(scope, argument, hint(function.id, everything))).collect();
    scope.aggregates = outside;
    match <[Option<Expr>; 1]>::try_from(found) {
        Ok([argument]) => argument,
        Err(found) => {
            let message = format!("`{}` takes one argument, not {}", function.name, found.len());
            let problem = wrong(function, span, message);
            let problem = if found.is_empty() { with_argument(scope, function, problem, span) } else { problem };
            scope.report(problem);
            None
        }
    }
}

/// Adds fixes with the variables that the function could take.
fn with_argument(scope: &Scope, function: &Function, diagnostic: Diagnostic, span: Span) -> Diagnostic {
    let names = scope.seen_names(scope.schema().all_types());
    let takes = |name: &&str| {
        let of = scope.seen(name).map(|var| literal::variable(scope, var, span).of);
        of.is_some_and(|of| gives(scope, function.id, of).is_some())
    };
    names.into_iter().filter(takes).take(3).fold(diagnostic, |diagnostic, name| {
        let call = format!("{}({name})", function.name);
        diagnostic.fix(format!("did you mean `{call}`?"), span, call)
    })
}

/// Returns how a word inside the parentheses of the function is interpreted.
fn hint(function: FunctionId, everything: TypeSet) -> Hint {
    match function {
        FunctionId::Year | FunctionId::Quarter | FunctionId::Month | FunctionId::Earliest | FunctionId::Latest => {
            Hint::Date
        }
        FunctionId::Abs | FunctionId::Round => Hint::Number,
        FunctionId::Days => Hint::Duration,
        FunctionId::Name | FunctionId::Type => Hint::Entity(everything),
        _ => Hint::Any,
    }
}

fn misplaced(scope: &mut Scope, function: &Function, span: Span) {
    let message = match scope.aggregates {
        Aggregates::Allowed => return,
        Aggregates::Nested => format!("`{}` stands inside another aggregate", function.name),
        Aggregates::Misplaced(clause) => format!("`{}` cannot stand in `{clause}`", function.name),
    };
    let diagnostic = Diagnostic::error(Code::MisplacedAggregate, span, message);
    scope.report(match scope.aggregates {
        Aggregates::Misplaced("where") => diagnostic
            .here("looks at many rows, and `where` at one")
            .help("`having` tests what an aggregate gives, after `show … by …`"),
        _ => diagnostic,
    });
}

/// Returns the result type of a function for an argument type; `None` if it cannot take the argument.
fn gives(scope: &Scope, function: FunctionId, of: ExprType) -> Option<ExprType> {
    use FunctionId::*;
    match (function, of) {
        (Count, ExprType::Entity(_) | ExprType::Value(_) | ExprType::Path) => Some(NUMBER),
        (List, ExprType::Entity(_) | ExprType::Value(_)) => Some(ExprType::List),
        (Share, NUMBER | ExprType::Duration) => Some(NUMBER),
        (Sum | Avg | Running, NUMBER | ExprType::Duration) => Some(of),
        (Median | Percentile, NUMBER | DATE | ExprType::Duration) => Some(of),
        (Min | Max, ExprType::Value(_) | ExprType::Duration) => Some(of),
        (First | Last, ExprType::Entity(types)) => {
            let dated = types.iter().any(|id| scope.graph.dating(id).is_some());
            dated.then_some(ExprType::List)
        }
        (Year, DATE) => Some(NUMBER),
        (Quarter | Month, DATE) => Some(TEXT),
        (Earliest | Latest, DATE) => Some(DATE),
        (Days, ExprType::Duration) => Some(NUMBER),
        (Length, ExprType::Path | TEXT) => Some(NUMBER),
        (Lower | Upper, TEXT) => Some(TEXT),
        (Name | Type, ExprType::Entity(_)) => Some(TEXT),
        (Abs, NUMBER | ExprType::Duration) => Some(of),
        (Round, NUMBER) => Some(NUMBER),
        _ => None,
    }
}

/// Checks `running` and `share`, which add up the results of an aggregate row by row.
fn running(scope: &mut Scope, function: &Function, argument: Expr, of: ExprType, span: Span) -> Option<Expr> {
    if !has_aggregate(&argument) || is_running(&argument) {
        let message = format!("`{}` adds up an aggregate", function.name);
        scope.report(wrong(function, argument.span, message));
        return None;
    }
    Some(Expr { kind: ExprKind::Call(function.id, vec![argument]), of, span })
}

/// Checks an aggregate, which reads each distinct tuple of the variables of its argument once.
fn aggregate(
    scope: &mut Scope,
    (function, percent): (&Function, Option<f64>),
    argument: Expr,
    of: ExprType,
    span: Span,
) -> Option<Expr> {
    let mut vars = BTreeSet::new();
    argument.vars(&mut |var| _ = vars.insert(var));
    let over: Vec<VarId> = vars.into_iter().collect();
    if over.is_empty() {
        let message = format!("`{}` looks at nothing that varies", function.name);
        scope.report(wrong(function, argument.span, message));
        return None;
    }
    let argument = Box::new(argument);
    Some(Expr { kind: ExprKind::Aggregate { function: function.id, percent, argument, over }, of, span })
}
