//! Errors for a verb between nouns that it does not join, with suggestions.

use super::path::{ends, words_from};
use super::phrase::PredicateContext;
use crate::check::name::{self, Resolution, suggestions};
use crate::check::scope::Scope;
use crate::check::typed::Term;
use crate::schema::TypeSet;
use crate::syntax::ast::{self, Noun, PathKind};
use crate::text::{Code, Diagnostic, Span};

/// Reports ends that the path does not join.
pub(super) fn fit(scope: &mut Scope, said: &PredicateContext, noun: &Noun, object: Term) {
    let (from, to) = (said.way.from, said.way.to);
    let (subject_types, object_types) = (scope.types(said.speaker.term), scope.types(object));
    let (before, after) = (!from.and(subject_types).is_empty(), !to.and(object_types).is_empty());
    if before && after {
        return;
    }
    // Tried first: otherwise each of the ends would be told to be of a wrong type.
    let turned = !to.and(subject_types).is_empty() && !from.and(object_types).is_empty();
    if turned {
        scope.report(wrong_direction(scope, said, noun));
        return;
    }
    let diagnostic = match before {
        false => wrong_type(scope, said, (said.speaker.noun, subject_types, from), "before"),
        true => wrong_type(scope, said, (noun, object_types, to), "after"),
    };
    let both = !before && !after;
    let diagnostic =
        if both { diagnostic.label(noun.name_span, suggestions::wanted_here(scope, to)) } else { diagnostic };
    scope.report(other_verbs(scope, diagnostic, &said.phrase.path, subject_types, object_types));
}

/// Returns the error for `MLA uses Model`, where the reverse direction would fit.
fn wrong_direction(scope: &Scope, said: &PredicateContext, noun: &Noun) -> Diagnostic {
    let (path, subject) = (&said.phrase.path, said.speaker.noun);
    let names = |types| scope.schema().type_names(types);
    let (from, to) = (names(said.way.from), names(said.way.to));
    let diagnostic = Diagnostic::error(Code::WrongDirection, path.span, "subject and object are the wrong way round")
        .here(format!("leads from {} to {}", suggestions::a(&from), suggestions::a(&to)))
        .label(subject.name_span, format!("here {} is wanted", suggestions::a(&from)))
        .label(noun.name_span, format!("here {} is wanted", suggestions::a(&to)));
    match turned_word(scope, path) {
        Some((span, word, tail)) => {
            let sentence = format!("{} {word}{tail} {}", suggestions::words(subject), suggestions::words(noun));
            diagnostic.fix(format!("write `{sentence}`"), span, word)
        }
        None => diagnostic.help("turn the sentence round"),
    }
}

/// Returns the word for the reverse direction, its span, and the quantifier after it; `None` for paths without such a
/// word.
fn turned_word(scope: &Scope, path: &ast::Path) -> Option<(Span, String, String)> {
    match &path.kind {
        PathKind::Verb(word) => Some((path.span, other_word(scope, word), String::new())),
        PathKind::Inverse(inner) => match &inner.kind {
            PathKind::Verb(word) => Some((path.span, word.clone(), String::new())),
            _ => None,
        },
        PathKind::Repeat { path: inner, min, max } => {
            let (span, word, tail) = turned_word(scope, inner)?;
            Some((span, word, tail + &quantifier(*min, *max)))
        }
        PathKind::Sequence(_) | PathKind::Either(_) | PathKind::Any { .. } | PathKind::Variable(_) => None,
    }
}

fn quantifier(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, None) => "+".to_string(),
        (0, None) => "*".to_string(),
        (0, Some(1)) => "?".to_string(),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, max) => format!("{{{min},{}}}", max.map_or(String::new(), |max| max.to_string())),
    }
}

/// Returns the inverse of a verb, or the verb of an inverse; `^ word` if there is none.
fn other_word(scope: &Scope, word: &str) -> String {
    let mut verbs = scope.schema().verbs();
    let verb = verbs.find(|(_, verb)| verb.name == word || verb.inverse.as_deref() == Some(word));
    match verb {
        Some((_, verb)) if verb.name != word => verb.name.clone(),
        Some((_, verb)) => verb.inverse.clone().unwrap_or_else(|| format!("^ {word}")),
        None => format!("^ {word}"),
    }
}

/// Returns the error for a noun whose types do not fit its side of the path.
fn wrong_type(
    scope: &Scope,
    said: &PredicateContext,
    (wrong, types, wanted): (&Noun, TypeSet, TypeSet),
    side: &str,
) -> Diagnostic {
    let names = |types| scope.schema().type_names(types);
    let path = &said.phrase.path;
    let place = format!("cannot stand {side} {}", verb_words(path));
    let is_type = matches!(name::meaning(scope, wrong, wanted), Ok(Resolution::Type(_)));
    let (message, near) = match is_type {
        true => (format!("{} {place}", suggestions::a(&names(types))), Vec::new()),
        false => (
            format!("`{}` is {}, and {place}", suggestions::words(wrong), suggestions::a(&names(types))),
            suggestions::near_entities(scope, &suggestions::words(wrong), wanted),
        ),
    };
    let leads =
        format!("leads from {} to {}", suggestions::a(&names(said.way.from)), suggestions::a(&names(said.way.to)));
    let diagnostic = Diagnostic::error(Code::WrongType, wrong.name_span, message)
        .here(suggestions::wanted_here(scope, wanted))
        .label(path.span, leads);
    near.iter().fold(diagnostic, |diagnostic, name| suggestions::offer(diagnostic, wrong.name_span, name))
}

/// Returns a verb in code marks, or `this path` for longer paths.
fn verb_words(path: &ast::Path) -> String {
    match &path.kind {
        PathKind::Verb(word) => format!("`{word}`"),
        PathKind::Repeat { path, .. } => verb_words(path),
        _ => "this path".to_string(),
    }
}

/// Suggests verbs that join the types of the two ends, at most three.
fn other_verbs(scope: &Scope, diagnostic: Diagnostic, path: &ast::Path, from: TypeSet, to: TypeSet) -> Diagnostic {
    let PathKind::Verb(_) = path.kind else { return diagnostic };
    let joins = |word: &&str| ends(scope, word).is_some_and(|(_, after)| !after.and(to).is_empty());
    let words: Vec<String> = words_from(scope, from).filter(joins).take(3).map(str::to_string).collect();
    let offered = words.iter();
    offered.fold(diagnostic, |diagnostic, word| diagnostic.fix(format!("`{word}` would fit"), path.span, word.clone()))
}
