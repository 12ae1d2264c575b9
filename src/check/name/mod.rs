//! Meaning of a noun: an entity, a type, or a variable.

pub(super) mod suggestions;
pub(super) mod unknown;

use super::scope::Scope;
use super::typed::VarId;
use crate::graph::{EntityId, same};
use crate::schema::{TypeId, TypeSet};
use crate::syntax::ast::{Noun, NounKind, Typed};
use crate::text::{Advice, Code, Diagnostic, Span, suggest};
use crate::value::{Value, ValueType};

/// Result of resolving a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    Entity(EntityId),
    /// A bare type.
    Type(TypeId),
    /// A variable that is already declared.
    Variable(VarId),
    /// `Model m`: a variable that `declare` has created.
    Declaration,
}

/// Resolves a noun where one of the types `wanted` is required. The types choose among several meanings of a name and
/// rank the suggestions; whether they fit is left to the caller.
pub(super) fn meaning(scope: &Scope, noun: &Noun, wanted: TypeSet) -> Result<Resolution, Diagnostic> {
    let span = noun.name_span;
    match &noun.kind {
        NounKind::Name(run) => capitalised(scope, run, span, wanted),
        NounKind::Text(text) => entity(scope, text, span, wanted).map(Resolution::Entity),
        NounKind::Param(name) => param_entity(scope, name, span, wanted).map(Resolution::Entity),
        NounKind::Typed { of: Typed::Var(_), .. } => Ok(Resolution::Declaration),
        NounKind::Typed { type_name, of: Typed::Text(text) } => {
            let id = type_id(scope, &type_name.item, type_name.span, wanted)?;
            of_type(scope, &text.item, text.span, id).map(Resolution::Entity)
        }
        NounKind::Lower(word) => lower(scope, word, span, wanted),
    }
}

/// Resolves a capitalised run: as the name of an entity, as a type followed by a name, or as a type. The exact name of
/// a type has priority over an entity name that only folds to it.
fn capitalised(scope: &Scope, run: &str, span: Span, wanted: TypeSet) -> Result<Resolution, Diagnostic> {
    let schema = scope.schema();
    let found = scope.graph.names().lookup(run);
    if let Some(id) = schema.lookup_type(run).filter(|_| !is_exact(scope, &found, run)) {
        return Ok(Resolution::Type(id));
    }
    if !found.is_empty() {
        return one_of(scope, run, span, found, wanted).map(Resolution::Entity);
    }
    let typed = run.split_once(' ').and_then(|(first, rest)| Some((schema.lookup_type(first)?, rest)));
    match typed {
        Some((id, rest)) => of_type(scope, rest, tail(span, run, rest), id).map(Resolution::Entity),
        None => Err(suggestions::unknown_noun(scope, run, span, wanted)),
    }
}

/// Returns the span of the end of a run; the whole span if white space was folded, so that offsets do not match.
fn tail(span: Span, run: &str, rest: &str) -> Span {
    let folded = (span.end - span.start) as usize != run.len();
    if folded { span } else { Span { start: span.end - rest.len() as u32, end: span.end } }
}

fn is_exact(scope: &Scope, found: &[EntityId], name: &str) -> bool {
    let names = scope.graph.names();
    found.iter().any(|id| same(names.name(*id), name) || names.aliases(*id).any(|alias| same(alias, name)))
}

/// Returns the entity of a quoted name, of any type.
pub(super) fn entity(scope: &Scope, name: &str, span: Span, wanted: TypeSet) -> Result<EntityId, Diagnostic> {
    let found = scope.graph.names().lookup(name);
    match found.is_empty() {
        true => Err(suggestions::unknown_entity(scope, name, span, wanted)),
        false => one_of(scope, name, span, found, wanted),
    }
}

/// Returns the entity of that name and type.
fn of_type(scope: &Scope, name: &str, span: Span, id: TypeId) -> Result<EntityId, Diagnostic> {
    let types = scope.schema().type_(id).subtypes;
    let mut found = scope.graph.names().lookup(name);
    found.retain(|entity| scope.graph.is_of(*entity, types));
    match found.as_slice() {
        [] => Err(suggestions::unknown_entity(scope, name, span, types)),
        [entity] => Ok(*entity),
        _ => Err(suggestions::ambiguous(scope, name, span, &found)),
    }
}

/// Returns the only entity of the wanted types or, if there is none, the only entity.
fn one_of(
    scope: &Scope,
    name: &str,
    span: Span,
    found: Vec<EntityId>,
    wanted: TypeSet,
) -> Result<EntityId, Diagnostic> {
    let fitting: Vec<EntityId> = found.iter().copied().filter(|id| scope.graph.is_of(*id, wanted)).collect();
    match (fitting.as_slice(), found.as_slice()) {
        ([entity], _) | ([], [entity]) => Ok(*entity),
        ([], _) => Err(suggestions::ambiguous(scope, name, span, &found)),
        _ => Err(suggestions::ambiguous(scope, name, span, &fitting)),
    }
}

/// Resolves a lower-case word: a variable, or else an entity with a lower-case name.
fn lower(scope: &Scope, word: &str, span: Span, wanted: TypeSet) -> Result<Resolution, Diagnostic> {
    if let Some(var) = scope.seen(word) {
        return Ok(Resolution::Variable(var));
    }
    if let Some(var) = scope.unseen(word) {
        return Err(unseen(scope, word, span, var));
    }
    let found = scope.graph.names().lookup(word);
    match found.is_empty() {
        false => one_of(scope, word, span, found, wanted).map(Resolution::Entity),
        true => Err(suggestions::unknown_lower(scope, word, span, wanted)),
    }
}

/// Returns the error for a variable that is only visible inside a negation, a quantifier or an alternative.
pub(super) fn unseen(scope: &Scope, word: &str, span: Span, var: VarId) -> Diagnostic {
    Diagnostic::error(Code::UnboundVariable, span, format!("`{word}` has no value here"))
        .label(scope.var(var).span, "it is met only under this negation, quantifier or alternative")
        .help(format!("declare `{word}` outside it, in a sentence of its own"))
}

/// Returns the type of that name.
pub(super) fn type_id(scope: &Scope, name: &str, span: Span, wanted: TypeSet) -> Result<TypeId, Diagnostic> {
    scope.schema().lookup_type(name).ok_or_else(|| suggestions::unknown_type(scope, name, span, wanted))
}

/// Returns the value of the parameter `$name`: a text, a number or a date.
pub(super) fn param(scope: &Scope, name: &str, span: Span) -> Result<Value, Diagnostic> {
    match scope.params.get(name) {
        Some(given @ (Value::Text(_) | Value::Date(_) | Value::Integer(_))) => Ok(given.clone()),
        // A program may pass an infinite number, which no text could write.
        Some(given @ Value::Number(number)) if number.is_finite() => Ok(given.clone()),
        Some(other) => {
            let message = format!("`${name}` is `{}`, which is no text, number or date", shortened(&other.to_string()));
            Err(Diagnostic::error(Code::WrongType, span, message))
        }
        None => Err(unbound(scope, name, span)),
    }
}

fn unbound(scope: &Scope, name: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::UnknownParameter, span, format!("the parameter `${name}` has no value"));
    let bound = scope.params.keys().map(String::as_str);
    let near: Vec<String> = suggest::nearest(name, bound).into_iter().map(|near| format!("${near}")).collect();
    let diagnostic = near.iter().fold(diagnostic, |diagnostic, near| suggestions::offer(diagnostic, span, near));
    diagnostic.advise(Advice::BindParameter(name.to_string()))
}

/// Returns the entity that a parameter names.
pub(super) fn param_entity(scope: &Scope, name: &str, span: Span, wanted: TypeSet) -> Result<EntityId, Diagnostic> {
    let text = param(scope, name, span)?.to_string();
    entity(scope, &text, span, wanted).map_err(|problem| of_param(name, &text, problem))
}

/// Returns the error for a parameter whose value does not have the required type.
pub(super) fn unfit_param(name: &str, given: &str, wanted: ValueType, problem: Diagnostic) -> Diagnostic {
    let wanted = suggestions::a(wanted.name());
    of_param(name, given, problem).here(format!("here {wanted} is wanted"))
}

/// Adds name and value of a parameter to a problem, since the query does not show the value.
pub(super) fn of_param(name: &str, given: &str, mut problem: Diagnostic) -> Diagnostic {
    let (quoted, short) = (format!("`{given}`"), format!("`{}`", shortened(given)));
    problem.message = match problem.message.contains(&quoted) {
        true => format!("`${name}`: {}", problem.message.replacen(&quoted, &short, 1)),
        false => format!("`${name}` is {short}: {}", problem.message),
    };
    problem
}

/// Returns a value, shortened for use in a message.
fn shortened(given: &str) -> String {
    // Leaves room for the message around it on a line.
    const SHOWN: usize = 60;
    match given.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &given[..end]),
        None => given.to_string(),
    }
}
