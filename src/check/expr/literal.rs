//! Words that stand for a single thing: names, variables, literals, texts and parameters.

use super::{Expr, Hint, property, type_words};
use crate::check::name::{self, Resolution, suggestions};
use crate::check::scope::Scope;
use crate::check::typed::{ExprKind, ExprType, VarId, VarKind};
use crate::graph::EntityId;
use crate::schema::{Property, TypeSet};
use crate::syntax::ast::{self, Literal, Noun, NounKind};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Date, Value, ValueType};

/// Checks a word, literal, text or parameter, interpreted as `hint` says.
pub(super) fn word(scope: &mut Scope, kind: &ast::ExprKind, span: Span, hint: Hint) -> Option<Expr> {
    let hint = if hint == Hint::Duration { Hint::Number } else { hint };
    let found = match kind {
        ast::ExprKind::Literal(literal) => self::literal(scope, literal, span, hint),
        ast::ExprKind::Text(text) => self::text(scope, text, span, hint),
        ast::ExprKind::Param(name) => param(scope, name, span, hint),
        ast::ExprKind::Name(run) => self::name(scope, run, span, hint),
        ast::ExprKind::Lower(word) => lower(scope, word, span, hint),
        _ => return None,
    };
    let found = found.map_err(|diagnostic| scope.report(diagnostic)).ok();
    if let Some(Expr { kind: ExprKind::Var(var), .. }) = found {
        scope.speak(var);
    }
    found.inspect(|found| tell_rounded(scope, kind, found))
}

/// Warns if a number cannot be stored exactly as it is written.
pub(super) fn tell_rounded(scope: &mut Scope, written: &ast::ExprKind, found: &Expr) {
    let ExprKind::Value(value) = &found.kind else { return };
    let given = |name: &String| scope.params.get(name).map(Value::to_string);
    let words = match written {
        ast::ExprKind::Literal(Literal::Number { text, .. }) => Some(("this number".to_string(), text.clone())),
        ast::ExprKind::Name(run) => Some(("this number".to_string(), run.clone())),
        ast::ExprKind::Param(name) => given(name).map(|text| (format!("the number of `${name}`"), text)),
        _ => None,
    };
    if let (Some((what, text)), Some(number)) = (words, value.number())
        && let Some(warning) = crate::syntax::rounded(&what, text.trim(), number, found.span)
    {
        scope.report(warning);
    }
}

/// Returns a noun as the expression it would be.
pub(in crate::check) fn of_noun(noun: &Noun) -> ast::ExprKind {
    match &noun.kind {
        NounKind::Name(name) => ast::ExprKind::Name(name.clone()),
        NounKind::Text(text) => ast::ExprKind::Text(text.clone()),
        NounKind::Param(name) => ast::ExprKind::Param(name.clone()),
        NounKind::Lower(word) => ast::ExprKind::Lower(word.clone()),
        NounKind::Typed { .. } => ast::ExprKind::Name(suggestions::words(noun)),
    }
}

/// Returns a noun that consists only of this word.
pub(in crate::check) fn noun(kind: NounKind, span: Span) -> Noun {
    Noun { quantifier: None, kind, name_span: span, that: None, span }
}

fn value(value: Value, of: ValueType, span: Span) -> Expr {
    Expr { kind: ExprKind::Value(value), of: ExprType::Value(of), span }
}

fn entity(scope: &Scope, entity: EntityId, span: Span) -> Expr {
    let types = TypeSet::only(scope.graph.type_of(entity));
    Expr { kind: ExprKind::Entity(entity), of: ExprType::Entity(types), span }
}

/// Interprets a number literal: a plain year may be a date or a number, and both may be the name of an entity.
fn literal(scope: &Scope, literal: &Literal, span: Span, hint: Hint) -> Result<Expr, Diagnostic> {
    Ok(match (literal, hint) {
        (Literal::Number { text, .. }, Hint::Entity(types)) if !scope.graph.names().lookup(text).is_empty() => {
            entity(scope, name::entity(scope, text, span, types)?, span)
        }
        (Literal::Number { text, .. }, Hint::Date) if Date::parse(text).is_ok() => {
            value(Value::Date(Date::parse(text).unwrap_or(Date::UNDATED)), ValueType::Date, span)
        }
        (Literal::Number { number, .. }, _) => value(Value::from(*number), ValueType::Number, span),
        (Literal::Date(date), _) => value(Value::Date(*date), ValueType::Date, span),
    })
}

fn text(scope: &Scope, text: &str, span: Span, hint: Hint) -> Result<Expr, Diagnostic> {
    match hint {
        Hint::Entity(types) => Ok(entity(scope, name::entity(scope, text, span, types)?, span)),
        Hint::Date => date(text, span),
        Hint::Any | Hint::Number | Hint::Duration | Hint::Text => Ok(value(Value::text(text), ValueType::Text, span)),
    }
}

/// Reads a text as a date.
fn date(text: &str, span: Span) -> Result<Expr, Diagnostic> {
    let date = crate::syntax::read_date(text, span)?;
    Ok(value(Value::Date(date), ValueType::Date, span))
}

/// Reads a text as a number.
fn number(text: &str, span: Span) -> Result<Expr, Diagnostic> {
    match crate::syntax::literal_number(text, span) {
        Some(Ok(Literal::Number { number, .. })) => Ok(value(Value::from(number), ValueType::Number, span)),
        Some(Err(problem)) => Err(problem),
        _ => Err(Diagnostic::error(Code::BadNumber, span, format!("`{text}` is not a number"))),
    }
}

/// Interprets a parameter by what the context requires, whatever it looks like; without a requirement, by the type that
/// was given.
pub(super) fn param(scope: &Scope, name: &str, span: Span, hint: Hint) -> Result<Expr, Diagnostic> {
    let given = name::param(scope, name, span)?;
    let text = given.to_string();
    let unfit = |problem: Diagnostic, wanted| name::unfit_param(name, &text, wanted, problem);
    match (hint, given) {
        (Hint::Entity(types), _) => Ok(entity(scope, name::param_entity(scope, name, span, types)?, span)),
        (Hint::Any | Hint::Number | Hint::Duration, given @ (Value::Number(_) | Value::Integer(_))) => {
            Ok(value(given, ValueType::Number, span))
        }
        (Hint::Any | Hint::Date, given @ Value::Date(_)) => Ok(value(given, ValueType::Date, span)),
        (Hint::Any | Hint::Text, _) => Ok(value(Value::text(&text), ValueType::Text, span)),
        (Hint::Date, _) => date(text.trim(), span).map_err(|problem| unfit(problem, ValueType::Date)),
        (Hint::Number | Hint::Duration, _) => {
            number(text.trim(), span).map_err(|problem| unfit(problem, ValueType::Number))
        }
    }
}

/// Returns the value of a parameter that must be a whole number, 0 or more; reports any other value.
pub(in crate::check) fn whole_param(scope: &mut Scope, name: &str, span: Span) -> Option<u64> {
    let problem = match param(scope, name, span, Hint::Number) {
        Ok(found) => match whole(&found) {
            Some(number) => return Some(number),
            None => {
                let problem = Diagnostic::error(Code::WrongArguments, span, "this is no whole number from 0 on");
                let given = scope.params.get(name).map(Value::to_string).unwrap_or_default();
                name::of_param(name, &given, problem).here("here a whole number is wanted")
            }
        },
        Err(problem) => problem,
    };
    scope.report(problem);
    None
}

/// Returns the value of an expression that is a whole number, 0 or more; `None` otherwise.
pub(in crate::check) fn whole(expr: &Expr) -> Option<u64> {
    match &expr.kind {
        // A number beyond 64 bits is no limit at all.
        ExprKind::Value(value) => {
            value.number()?.whole().filter(|whole| *whole >= 0).map(|whole| u64::try_from(whole).unwrap_or(u64::MAX))
        }
        _ => None,
    }
}

/// Interprets a capitalised run: an entity, or a date or number if the context requires one or no entity has the name.
fn name(scope: &Scope, run: &str, span: Span, hint: Hint) -> Result<Expr, Diagnostic> {
    let is_value = run.starts_with(|c: char| c.is_ascii_digit());
    if let Some(found) = property::of_name(scope, run, span, hint) {
        return found;
    }
    match hint {
        Hint::Date if is_value => date(run, span),
        Hint::Number | Hint::Duration if is_value => number(run, span),
        Hint::Date | Hint::Number | Hint::Duration | Hint::Text => Err(no_value(scope, run, span, hint)),
        Hint::Any if is_value && scope.graph.names().lookup(run).is_empty() => {
            date(run, span).or_else(|problem| number(run, span).map_err(|_| problem))
        }
        Hint::Any => named(scope, run, span, scope.schema().all_types()),
        Hint::Entity(types) => named(scope, run, span, types),
    }
}

/// Returns the entity of that name; a type is an error.
fn named(scope: &Scope, run: &str, span: Span, wanted: TypeSet) -> Result<Expr, Diagnostic> {
    match name::meaning(scope, &noun(NounKind::Name(run.to_string()), span), wanted)? {
        Resolution::Entity(found) => Ok(entity(scope, found, span)),
        _ => {
            let letter = run.chars().next().unwrap_or('x').to_lowercase();
            Err(Diagnostic::error(Code::WrongType, span, format!("`{run}` is a type, not an entity"))
                .help(format!("name it in the sentence, `{run} {letter}`, and write `{letter}` here")))
        }
    }
}

fn no_value(scope: &Scope, run: &str, span: Span, hint: Hint) -> Diagnostic {
    let of = match hint {
        Hint::Date => ValueType::Date,
        Hint::Number | Hint::Duration => ValueType::Number,
        _ => ValueType::Text,
    };
    let wanted = type_words(scope, ExprType::Value(of));
    let diagnostic = Diagnostic::error(Code::WrongType, span, format!("`{run}` is not {wanted}"))
        .here(format!("here {wanted} is wanted"));
    let diagnostic = owned(scope, run, of)
        .into_iter()
        .fold(diagnostic, |diagnostic, property| suggestions::offer(diagnostic, span, &property));
    match of {
        ValueType::Text => {
            let quoted = suggestions::quoted(run);
            diagnostic.fix(format!("a text stands in quotes: `{quoted}`"), span, quoted)
        }
        _ => suggestions::offer_near(diagnostic, span, run, [of.name()]),
    }
}

/// Returns the properties of that type which an entity of that name has, as they are written: `GPT-2.date`.
fn owned(scope: &Scope, run: &str, of: ValueType) -> Vec<String> {
    let [entity] = scope.graph.names().lookup(run)[..] else { return Vec::new() };
    let owner = TypeSet::only(scope.graph.type_of(entity));
    let fits = |property: &Property| property.value == of && !property.of.and(owner).is_empty();
    let fitting = scope.schema().properties().filter(|(_, property)| fits(property));
    fitting.map(|(_, property)| format!("{}.{}", suggestions::written(run), property.name)).collect()
}

/// Interprets a lower-case word: a name given by `show`, a variable, or an entity with a lower-case name.
fn lower(scope: &Scope, word: &str, span: Span, hint: Hint) -> Result<Expr, Diagnostic> {
    if let Some((_, expr)) = scope.aliases.iter().find(|(name, _)| name == word) {
        return Ok(Expr { span, ..expr.clone() });
    }
    let wanted = match hint {
        Hint::Entity(types) => types,
        _ => scope.schema().all_types(),
    };
    match name::meaning(scope, &noun(NounKind::Lower(word.to_string()), span), wanted)? {
        Resolution::Entity(found) => Ok(entity(scope, found, span)),
        Resolution::Variable(var) => Ok(variable(scope, var, span)),
        Resolution::Type(_) | Resolution::Declaration => Err(suggestions::unknown_variable(scope, word, span, wanted)),
    }
}

/// Returns a variable as an expression.
pub(in crate::check) fn variable(scope: &Scope, var: VarId, span: Span) -> Expr {
    let of = match scope.var(var).kind {
        VarKind::Entity(types) => ExprType::Entity(types),
        VarKind::Value(value, _) => ExprType::Value(value),
        VarKind::Label(_) => ExprType::Value(ValueType::Text),
        VarKind::Path => ExprType::Path,
    };
    Expr { kind: ExprKind::Var(var), of, span }
}
