//! Verbs and paths: meaning of lower-case words, and the types at the ends of a path.

use crate::check::define::Signature;
use crate::check::name::suggestions;
use crate::check::scope::Scope;
use crate::check::typed::{DefineId, Link, Path};
use crate::schema::{PropertyId, TypeSet, VerbId, Word};
use crate::syntax::ast::{self, PathKind, PeriodOp};
use crate::text::{Code, Diagnostic, Span, Spanned, suggest};
use crate::value::{Id, ValueType};

/// Path between subject and object, in the direction written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) struct ResolvedPath {
    pub path: Path,
    /// Types of the subject.
    pub from: TypeSet,
    /// Types of the object.
    pub to: TypeSet,
}

/// Meaning of the verb of a phrase.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) enum Predicate {
    ResolvedPath(ResolvedPath),
    /// Verb of a property, with the operator if it was read as a particle of the verb: `dated in "[2023,2025]"`.
    Property(PropertyId, Option<PeriodOp>),
}

/// Resolves the path of a phrase about entities of `subject`; these types only rank the suggestions.
///
/// # Errors
/// One diagnostic per unknown or unsuitable word.
pub(in crate::check) fn resolve_predicate(
    scope: &Scope,
    path: &ast::Path,
    subject: TypeSet,
) -> Result<Predicate, Vec<Diagnostic>> {
    if let PathKind::Verb(word) = &path.kind
        && let Some((property, op)) = property(scope, word)
    {
        return Ok(Predicate::Property(property, op));
    }
    way(scope, path, subject).map(Predicate::ResolvedPath)
}

/// Resolves `dated`, or `dated in` and `dated after` with an operator as particle; `None` for other words.
fn property(scope: &Scope, word: &str) -> Option<(PropertyId, Option<PeriodOp>)> {
    let schema = scope.schema();
    if let Some(Word::Property(id)) = schema.lookup_word(word) {
        return Some((id, None));
    }
    if known(scope, word) {
        return None;
    }
    let (stem, op) = match word.rsplit_once(' ')? {
        (stem, "in") => (stem, PeriodOp::In),
        (stem, "after") => (stem, PeriodOp::After),
        _ => return None,
    };
    match schema.lookup_word(stem)? {
        Word::Property(id) if schema.property(id).value == ValueType::Date => Some((id, Some(op))),
        _ => None,
    }
}

fn known(scope: &Scope, word: &str) -> bool {
    scope.schema().lookup_word(word).is_some() || scope.signatures.iter().any(|define| define.name == word)
}

/// Resolves a path of verbs.
pub(in crate::check) fn way(
    scope: &Scope,
    path: &ast::Path,
    subject: TypeSet,
) -> Result<ResolvedPath, Vec<Diagnostic>> {
    match &path.kind {
        PathKind::Verb(word) => verb(scope, word, path.span, subject).map_err(|diagnostic| vec![diagnostic]),
        PathKind::Inverse(inner) => way(scope, inner, scope.schema().all_types()).map(ResolvedPath::reversed),
        PathKind::Any { but } => any(scope, but, path.span),
        PathKind::Variable(_) => any(scope, &[], path.span),
        PathKind::Sequence(steps) => sequence(scope, steps, subject),
        PathKind::Either(ways) => either(scope, ways, subject),
        PathKind::Repeat { path: inner, min, max } => {
            let way = way(scope, inner, subject)?;
            repeat(scope, way, *min, *max, path.span).map_err(|diagnostic| vec![diagnostic])
        }
    }
}

/// Returns the alternative of all verbs of the schema except these, each in its own direction.
fn any(scope: &Scope, but: &[Spanned<String>], span: Span) -> Result<ResolvedPath, Vec<Diagnostic>> {
    let schema = scope.schema();
    let (mut left_out, mut problems) = (Vec::new(), Vec::new());
    for word in but {
        match schema.lookup_word(&word.item) {
            Some(Word::Verb { verb, .. }) => left_out.push(verb),
            Some(Word::Property(_)) => {
                let message = format!("`{}` asks for a value, and `any` stands for none of these", word.item);
                problems.push(Diagnostic::error(Code::WrongType, word.span, message));
            }
            None => problems.push(unknown(scope, &word.item, word.span, schema.all_types())),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let verbs: Vec<_> = schema.verbs().filter(|(id, _)| !left_out.contains(id)).collect();
    let from = verbs.iter().fold(TypeSet::NONE, |types, (_, verb)| types.or(verb.from));
    let to = verbs.iter().fold(TypeSet::NONE, |types, (_, verb)| types.or(verb.to));
    let link = |(id, _): &(VerbId, _)| Path::Link { link: Link::Verb(*id), inverse: false };
    match &verbs[..] {
        [] => Err(vec![Diagnostic::error(Code::UnknownVerb, span, "no verb is left")]),
        [one] => Ok(ResolvedPath { path: link(one), from, to }),
        several => Ok(ResolvedPath { path: Path::Either(several.iter().map(link).collect()), from, to }),
    }
}

fn verb(scope: &Scope, word: &str, span: Span, subject: TypeSet) -> Result<ResolvedPath, Diagnostic> {
    let schema = scope.schema();
    if let Some(i) = scope.signatures.iter().position(|define| define.name == word) {
        let Signature { from, to, .. } = scope.signatures[i];
        let too_many = || Diagnostic::error(Code::TooMany, span, DefineId::too_many());
        let link = Link::Define(DefineId::new(i).ok_or_else(too_many)?);
        return Ok(ResolvedPath { path: Path::Link { link, inverse: false }, from, to });
    }
    match schema.lookup_word(word) {
        Some(Word::Verb { verb, inverse }) => {
            let of = schema.verb(verb);
            let way =
                ResolvedPath { path: Path::Link { link: Link::Verb(verb), inverse: false }, from: of.from, to: of.to };
            Ok(if inverse { way.reversed() } else { way })
        }
        Some(Word::Property(_)) => {
            let message = format!("`{word}` asks for a value, and cannot be part of a path");
            Err(Diagnostic::error(Code::WrongType, span, message).help("say it in a phrase of its own, after `and`"))
        }
        None => Err(unknown(scope, word, span, subject)),
    }
}

fn unknown(scope: &Scope, word: &str, span: Span, subject: TypeSet) -> Diagnostic {
    let mut offered: Vec<String> = Vec::new();
    for word in near_words(scope, word, subject) {
        if !offered.contains(&word) && offered.len() < 3 {
            offered.push(word);
        }
    }
    let diagnostic = Diagnostic::error(Code::UnknownVerb, span, format!("no verb is called `{word}`"));
    let of_three = scope.signatures.iter().filter_map(Signature::words_of_three).find(|(verb, _)| *verb == word);
    if let Some((verb, particle)) = of_three {
        return diagnostic.help(format!("`{verb}` is defined with a third noun: `{verb} … {particle} …`"));
    }
    offered.iter().fold(diagnostic, |diagnostic, word| suggestions::offer(diagnostic, span, word))
}

/// Returns words that an unknown word may have been meant as, best first, possibly repeated: a verb without the
/// particle, or with `no` for `on`; a similar word; a date's verb before `in`; a verb whose particle was left out.
fn near_words(scope: &Scope, word: &str, subject: TypeSet) -> Vec<String> {
    let words: Vec<&str> = words_from(scope, subject).chain(words(scope)).collect();
    let (stem, particle) = word.split_once(' ').unwrap_or((word, ""));
    let mut near: Vec<String> = Vec::new();
    if !particle.is_empty() && known(scope, stem) {
        near.extend((particle == "on").then(|| format!("{stem} no")));
        near.push(stem.to_string());
    }
    near.extend(suggest::nearest(word, words.iter().copied()).into_iter().map(str::to_string));
    if matches!(particle, "in" | "after") {
        near.extend(suggest::nearest(stem, date_words(scope)).into_iter().map(|near| format!("{near} {particle}")));
    }
    let longer = words.into_iter().filter(|known| known.split(' ').next() == Some(stem));
    near.extend(longer.map(str::to_string));
    near
}

fn date_words<'s>(scope: &'s Scope) -> impl Iterator<Item = &'s str> {
    let dates = scope.schema().properties().filter(|(_, property)| property.value == ValueType::Date);
    dates.filter_map(|(_, property)| property.verb.as_deref())
}

fn words<'s>(scope: &'s Scope) -> impl Iterator<Item = &'s str> {
    // Those of three places cannot be written without their third.
    let defined = scope.signatures.iter().filter(|define| define.third.is_none());
    scope.schema().words().chain(defined.map(|define| define.name.as_str()))
}

/// Returns the words that may follow an entity of these types.
pub(in crate::check) fn words_from<'s>(scope: &'s Scope, types: TypeSet) -> impl Iterator<Item = &'s str> {
    words(scope).filter(move |word| ends(scope, word).is_some_and(|(from, _)| !from.and(types).is_empty()))
}

/// Returns the types that may stand before and after a word; none after a property's verb. `None` for unknown words.
pub(in crate::check) fn ends(scope: &Scope, word: &str) -> Option<(TypeSet, TypeSet)> {
    if let Some(define) = scope.signatures.iter().find(|define| define.name == word) {
        return Some((define.from, define.to));
    }
    let schema = scope.schema();
    Some(match schema.lookup_word(word)? {
        Word::Verb { verb, inverse: false } => (schema.verb(verb).from, schema.verb(verb).to),
        Word::Verb { verb, inverse: true } => (schema.verb(verb).to, schema.verb(verb).from),
        Word::Property(id) => (schema.property(id).of, TypeSet::NONE),
    })
}

fn sequence(scope: &Scope, steps: &[ast::Path], subject: TypeSet) -> Result<ResolvedPath, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut so_far: Option<(ResolvedPath, Span)> = None;
    let mut paths = Vec::new();
    for step in steps {
        let before = so_far.as_ref().map_or(subject, |(way, _)| way.to);
        let next = match way(scope, step, before) {
            Ok(next) => next,
            Err(more) => {
                problems.extend(more);
                continue;
            }
        };
        if let Some((last, span)) = so_far.as_ref().filter(|(last, _)| last.to.and(next.from).is_empty()) {
            problems.push(broken(scope, (last, *span), (&next, step.span)));
        }
        paths.push(next.path.clone());
        let from = so_far.map_or(next.from, |(way, _)| way.from);
        so_far = Some((ResolvedPath { from, ..next }, step.span));
    }
    match (problems.is_empty(), so_far) {
        (true, Some((way, _))) => Ok(ResolvedPath { path: Path::Sequence(paths), ..way }),
        _ => Err(problems),
    }
}

/// Returns the error for two steps of a path that do not meet.
fn broken(
    scope: &Scope,
    (last, last_span): (&ResolvedPath, Span),
    (next, next_span): (&ResolvedPath, Span),
) -> Diagnostic {
    let names = |types| scope.schema().type_names(types);
    Diagnostic::error(Code::WrongType, next_span, "the steps of this path do not meet")
        .here(format!("begins at {}", suggestions::a(&names(next.from))))
        .label(last_span, format!("ends at {}", suggestions::a(&names(last.to))))
}

fn either(scope: &Scope, ways: &[ast::Path], subject: TypeSet) -> Result<ResolvedPath, Vec<Diagnostic>> {
    let (mut problems, mut found) = (Vec::new(), Vec::new());
    for path in ways {
        match way(scope, path, subject) {
            Ok(way) => found.push(way),
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let from = found.iter().fold(TypeSet::NONE, |types, way| types.or(way.from));
    let to = found.iter().fold(TypeSet::NONE, |types, way| types.or(way.to));
    Ok(ResolvedPath { path: Path::Either(found.into_iter().map(|way| way.path).collect()), from, to })
}

fn repeat(
    scope: &Scope,
    way: ResolvedPath,
    min: u32,
    max: Option<u32>,
    span: Span,
) -> Result<ResolvedPath, Diagnostic> {
    let both = way.from.and(way.to);
    if max.is_some_and(|max| max < min) {
        let message = format!("no walk has {min} steps or more and {} or fewer", max.unwrap_or(0));
        return Err(Diagnostic::error(Code::WrongArguments, span, message).help("the smaller number comes first"));
    }
    // No step needs an entity that fits both ends, and several steps need one between them.
    if both.is_empty() && (min > 1 || max == Some(0)) {
        let names = |types| scope.schema().type_names(types);
        let message = "this verb cannot follow itself";
        let here = format!("it leads from {} to {}", suggestions::a(&names(way.from)), suggestions::a(&names(way.to)));
        return Err(Diagnostic::error(Code::WrongType, span, message).here(here));
    }
    Ok(ResolvedPath { path: Path::Repeat { path: Box::new(way.path), min, max, types: both }, ..way })
}

impl ResolvedPath {
    /// Returns the path from object to subject.
    pub fn reversed(self) -> ResolvedPath {
        ResolvedPath { path: reversed(self.path), from: self.to, to: self.from }
    }

    /// Returns the link and whether it is followed backwards; `None` if the path is more than a single link.
    pub fn single(&self) -> Option<(Link, bool)> {
        match self.path {
            Path::Link { link, inverse } => Some((link, inverse)),
            _ => None,
        }
    }
}

/// Returns a path from its object to its subject.
pub(in crate::check) fn reversed(path: Path) -> Path {
    match path {
        Path::Link { link, inverse } => Path::Link { link, inverse: !inverse },
        Path::Sequence(steps) => Path::Sequence(steps.into_iter().rev().map(reversed).collect()),
        Path::Either(ways) => Path::Either(ways.into_iter().map(reversed).collect()),
        // The types fit both ends, so they stay.
        Path::Repeat { path, min, max, types } => Path::Repeat { path: Box::new(reversed(*path)), min, max, types },
    }
}
