//! Suggestions: diagnostics for unknown words, with the nearest known words of the required kind.

use crate::check::scope::Scope;
use crate::graph::EntityId;
use crate::schema::TypeSet;
use crate::syntax;
use crate::syntax::ast::{Noun, NounKind, Typed};
use crate::text::{Code, Diagnostic, Span, suggest};

/// Suggests a replacement for the text at `span`.
pub(crate) fn offer(diagnostic: Diagnostic, span: Span, word: &str) -> Diagnostic {
    diagnostic.fix(format!("did you mean `{word}`?"), span, word)
}

/// Suggests the nearest of `candidates`, unchanged.
pub(crate) fn offer_near<'a>(
    diagnostic: Diagnostic,
    span: Span,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    suggest::nearest(word, candidates).into_iter().fold(diagnostic, |diagnostic, near| offer(diagnostic, span, near))
}

/// Returns `here a Technique is wanted`; empty if anything is allowed.
pub(crate) fn wanted_here(scope: &Scope, wanted: TypeSet) -> String {
    match wanted == scope.schema().all_types() || wanted.is_empty() {
        true => String::new(),
        false => format!("here {} is wanted", a(&scope.schema().type_names(wanted))),
    }
}

/// Returns a noun with its article: `a Model`, `an Org`.
pub(crate) fn a(noun: &str) -> String {
    // By the letter: nobody knows how the words of a schema are pronounced.
    let vowel = noun.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// Returns a name as it is written in a query: in quotes unless it can stand without.
pub(crate) fn written(name: &str) -> String {
    syntax::quote_name(name)
}

/// Returns a noun as it was written, without quantifier and `that`.
pub(crate) fn words(noun: &Noun) -> String {
    match &noun.kind {
        NounKind::Name(name) | NounKind::Lower(name) => name.clone(),
        NounKind::Text(text) => quoted(text),
        NounKind::Param(name) => format!("${name}"),
        NounKind::Typed { type_name, of: Typed::Var(var) } => format!("{} {}", type_name.item, var.item),
        NounKind::Typed { type_name, of: Typed::Text(text) } => format!("{} {}", type_name.item, quoted(&text.item)),
    }
}

/// Returns the types whose entities may be of the wanted types.
fn type_names<'s>(scope: &'s Scope, wanted: TypeSet) -> impl Iterator<Item = &'s str> {
    let fitting = scope.schema().types().filter(move |(_, item)| !item.subtypes.and(wanted).is_empty());
    fitting.map(|(_, item)| item.name.as_str())
}

/// Returns names and aliases of entities of the wanted types.
fn entity_names<'s>(scope: &'s Scope, wanted: TypeSet) -> impl Iterator<Item = &'s str> {
    let names = scope.graph.names().iter();
    names.filter(move |(_, entity)| scope.graph.is_of(*entity, wanted)).map(|(name, _)| name)
}

/// Returns the nearest names of entities, as they are written in a query.
pub(crate) fn near_entities(scope: &Scope, word: &str, wanted: TypeSet) -> Vec<String> {
    suggest::nearest(word, entity_names(scope, wanted)).into_iter().map(written).collect()
}

fn offer_all(diagnostic: Diagnostic, span: Span, words: &[String]) -> Diagnostic {
    words.iter().fold(diagnostic, |diagnostic, word| offer(diagnostic, span, word))
}

/// Returns the error for a capitalised run that is neither an entity nor a type.
pub(super) fn unknown_noun(scope: &Scope, run: &str, span: Span, wanted: TypeSet) -> Diagnostic {
    let candidates = type_names(scope, wanted).chain(entity_names(scope, wanted));
    let near: Vec<String> = suggest::nearest(run, candidates).into_iter().map(written).collect();
    let message = format!("no entity, alias or type is called `{run}`");
    let diagnostic = Diagnostic::error(Code::UnknownName, span, message).here(wanted_here(scope, wanted));
    offer_all(diagnostic, span, &near)
}

/// Returns the error for an unknown entity name.
pub(super) fn unknown_entity(scope: &Scope, name: &str, span: Span, wanted: TypeSet) -> Diagnostic {
    let kind = match wanted == scope.schema().all_types() {
        true => "entity".to_string(),
        false => scope.schema().type_names(wanted),
    };
    let diagnostic = Diagnostic::error(Code::UnknownName, span, format!("no {kind} is called `{name}`"));
    let diagnostic = diagnostic.here(wanted_here(scope, wanted));
    offer_all(diagnostic, span, &near_entities(scope, name, wanted))
}

/// Returns the error for a lower-case word that is neither a variable nor an entity.
pub(super) fn unknown_lower(scope: &Scope, word: &str, span: Span, wanted: TypeSet) -> Diagnostic {
    if is_variable(word) {
        return unknown_variable(scope, word, span, wanted);
    }
    let variables = scope.seen_names(wanted);
    let as_is = |near: &str| if variables.contains(&near) { near.to_string() } else { written(near) };
    // `show date` is meant for a property, not for a name that looks like it.
    let is_property = scope.schema().properties().any(|(_, property)| property.name == word);
    let names = type_names(scope, wanted).chain(entity_names(scope, wanted)).filter(|_| !is_property);
    let candidates = variables.iter().copied().chain(names);
    let near: Vec<String> = suggest::nearest(word, candidates).into_iter().map(as_is).collect();
    let message = format!("no variable and no entity is called `{word}`");
    let mut diagnostic = Diagnostic::error(Code::UnknownName, span, message).here(wanted_here(scope, wanted));
    if scope.schema().words().any(|verb| verb.split(' ').next() == Some(word)) {
        diagnostic = diagnostic.help(format!("a verb that begins with `{word}` wants an object behind it"));
    }
    offer_all(diagnostic, span, &near)
}

/// Returns true if the word is one letter and optional digits.
pub(crate) fn is_variable(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase()) && chars.all(|c| c.is_ascii_digit())
}

/// Returns the error for an undeclared variable. Suggests the declared variables, those of the wanted types first,
/// since all single letters are equally near. [`unknown::finish`](super::unknown::finish) completes it.
pub(crate) fn unknown_variable(scope: &Scope, word: &str, span: Span, wanted: TypeSet) -> Diagnostic {
    scope.unknown.borrow_mut().insert(span, (word.to_string(), wanted));
    let diagnostic = Diagnostic::error(Code::UnknownVariable, span, format!("nothing declares the variable `{word}`"));
    let names: Vec<String> = scope.seen_names(wanted).into_iter().map(str::to_string).collect();
    offer_all(diagnostic.here(wanted_here(scope, wanted)), span, &names)
}

/// Returns a declaration such as `Model m`, with a type that is allowed here.
pub(super) fn declaration(scope: &Scope, word: &str, wanted: TypeSet) -> String {
    let name = type_names(scope, wanted).next().unwrap_or("Type");
    format!("{name} {word}")
}

/// `Technique t` for `t`: with the type that may stand here and begins with its letter, where there is one.
pub(super) fn declared_by_letter(scope: &Scope, word: &str, wanted: TypeSet) -> Option<String> {
    let initial = word.chars().next()?;
    let name = type_names(scope, wanted).find(|name| name.to_lowercase().starts_with(initial))?;
    Some(format!("{name} {word}"))
}

pub(super) fn unknown_type(scope: &Scope, name: &str, span: Span, wanted: TypeSet) -> Diagnostic {
    let values = ["Date", "Number", "Text"];
    let others = scope.schema().types().map(|(_, item)| item.name.as_str()).chain(values);
    let candidates = type_names(scope, wanted).chain(others);
    let diagnostic = Diagnostic::error(Code::UnknownType, span, format!("no type is called `{name}`"));
    offer_near(diagnostic.here(wanted_here(scope, wanted)), span, name, candidates)
}

/// Returns the error for a word behind `by` that is neither a period nor a type.
pub(crate) fn unknown_grouping(scope: &Scope, name: &str, span: Span) -> Diagnostic {
    let types = scope.schema().types().map(|(_, item)| item.name.as_str());
    let message = format!("`{name}` is neither a period nor a type");
    // Periods come first: they are meant far more often, and win if both are equally near.
    let candidates = ["year", "quarter", "month"].into_iter().chain(types);
    offer_near(Diagnostic::error(Code::UnknownType, span, message), span, name, candidates)
}

/// Returns the error for a name of several entities; suggests each with its type and full name.
pub(super) fn ambiguous(scope: &Scope, name: &str, span: Span, found: &[EntityId]) -> Diagnostic {
    let message = format!("`{name}` fits {} entities", found.len());
    let diagnostic = Diagnostic::error(Code::AmbiguousName, span, message);
    found.iter().fold(diagnostic, |diagnostic, entity| {
        let type_name = &scope.schema().type_(scope.graph.type_of(*entity)).name;
        let full = format!("{type_name} {}", quoted(scope.graph.name(*entity)));
        diagnostic.fix(format!("write `{full}`"), span, full)
    })
}

/// Returns a text in double quotes, escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
