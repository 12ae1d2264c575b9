//! Verb phrases: facts and paths between a noun and its objects, and the types at both ends.

use super::alternatives::{Branch, any};
use super::label::{self, Source};
use super::mismatch::fit;
use super::path::{Predicate, ResolvedPath, resolve_predicate};
use super::{all, noun, objects, property, third};
use crate::check::name::{self, suggestions};
use crate::check::scope::{Scope, exists, negation};
use crate::check::typed::{FactAtom, Formula, Link, Path, PathAtom, Term, VarId};
use crate::graph::SourceId;
use crate::schema::TypeSet;
use crate::syntax::ast::{Join, Noun, NounKind, Object, PathKind, Phrase, Phrases, Typed};
use crate::syntax::print;
use crate::text::{Code, Diagnostic, Span, suggest};
use crate::value::ValueType;

/// Subject of a phrase.
#[derive(Clone, Copy)]
pub(super) struct SubjectRef<'a> {
    pub term: Term,
    pub noun: &'a Noun,
}

/// Returns the types that all these phrases accept as subject, or those that any of them accepts if there are none.
pub(super) fn subject_types(scope: &Scope, phrases: &Phrases) -> TypeSet {
    let everything = scope.schema().all_types();
    let each = phrases.phrases.iter().map(|phrase| speaker_types(scope, phrase));
    let (both, either) =
        each.fold((everything, TypeSet::NONE), |(both, either), types| (both.and(types), either.or(types)));
    if both.is_empty() { either } else { both }
}

/// Returns the types that the verb of a phrase accepts as subject; all types if it is unknown.
fn speaker_types(scope: &Scope, phrase: &Phrase) -> TypeSet {
    let everything = scope.schema().all_types();
    if let Some(third) = &phrase.third {
        return third::signature(scope, phrase, third).map_or(everything, |(_, signature)| signature.from);
    }
    match resolve_predicate(scope, &phrase.path, everything) {
        Ok(Predicate::ResolvedPath(way)) => way.from,
        Ok(Predicate::Property(id, _)) => scope.schema().property(id).of,
        Err(_) => everything,
    }
}

/// Returns the condition that the phrases hold for their subject, with the condition of their brackets.
pub(super) fn phrases(scope: &mut Scope, phrases: &Phrases, speaker: &SubjectRef) -> Formula {
    let said = joined(scope, phrases, speaker);
    let condition = phrases.bracket.as_ref().and_then(|bracket| bracket.condition.as_deref());
    let test = condition.and_then(|condition| super::test(scope, condition));
    all(std::iter::once(said).chain(test).collect())
}

fn joined(scope: &mut Scope, phrases: &Phrases, speaker: &SubjectRef) -> Formula {
    let each = phrases.phrases.iter();
    if phrases.join == Join::Or && phrases.phrases.len() > 1 {
        let branches = each.map(|phrase| Branch::of(scope, phrase.span, |scope| self::phrase(scope, phrase, speaker)));
        let branches = branches.collect();
        return any(scope, branches);
    }
    let each = each.map(|phrase| self::phrase(scope, phrase, speaker)).collect();
    all(each)
}

fn phrase(scope: &mut Scope, phrase: &Phrase, speaker: &SubjectRef) -> Formula {
    if !phrase.not {
        return positive(scope, phrase, speaker);
    }
    scope.enter(phrase.span);
    let inner = positive(scope, phrase, speaker);
    let locals = scope.leave();
    negation(exists(locals, inner))
}

fn positive(scope: &mut Scope, phrase: &Phrase, speaker: &SubjectRef) -> Formula {
    if let Some(third) = &phrase.third {
        return third::phrase(scope, phrase, third, speaker);
    }
    let everything = scope.schema().all_types();
    let types = scope.types(speaker.term);
    match resolve_predicate(scope, &phrase.path, types) {
        Ok(Predicate::ResolvedPath(way)) => link(scope, phrase, &way, speaker),
        Ok(Predicate::Property(id, op)) => property::phrase(scope, phrase, (id, op), speaker),
        Err(problems) => {
            problems.into_iter().for_each(|problem| scope.report(negated(phrase, problem)));
            // A path without links fits everything, so that the objects are still checked.
            let anything = ResolvedPath { path: Path::Either(Vec::new()), from: everything, to: everything };
            if references_entities(&phrase.object) { link(scope, phrase, &anything, speaker) } else { Formula::TRUE }
        }
    }
}

/// Suggests `not` for an unknown verb after `but`.
fn negated(phrase: &Phrase, problem: Diagnostic) -> Diagnostic {
    match &phrase.path.kind {
        PathKind::Verb(word) if phrase.but => suggestions::offer_near(problem, phrase.path.span, word, ["not"]),
        _ => problem,
    }
}

/// Returns true if no object can be a value, so that all objects can be checked although the verb is unknown.
fn references_entities(object: &Object) -> bool {
    let Object::Nouns(objects) = object else { return false };
    objects.items.iter().all(|item| match &item.noun.kind {
        NounKind::Name(name) => !name.starts_with(|c: char| c.is_ascii_digit()) && ValueType::of_name(name).is_none(),
        NounKind::Typed { type_name, .. } => ValueType::of_name(&type_name.item).is_none(),
        NounKind::Text(_) | NounKind::Param(_) => false,
        NounKind::Lower(_) => true,
    })
}

/// Applies `possibly` and `certainly` to the phrase's own condition.
pub(super) fn modal(phrase: &Phrase, formula: Formula) -> Formula {
    match phrase.modality {
        Some(modality) => Formula::Modal(modality, Box::new(formula)),
        None => formula,
    }
}

/// Returns the condition of a phrase whose verb joins entities.
fn link(scope: &mut Scope, phrase: &Phrase, way: &ResolvedPath, speaker: &SubjectRef) -> Formula {
    if let Some(formula) = state(scope, phrase, way, speaker) {
        return formula;
    }
    let Object::Nouns(objects) = &phrase.object else {
        let diagnostic = no_value(scope, phrase, way.to);
        scope.report(diagnostic);
        return Formula::TRUE;
    };
    let said = PredicateContext { phrase, way, speaker, source: source(scope, phrase, way) };
    objects::of_each(scope, objects, &mut |scope, noun| object(scope, noun, &said))
}

/// Returns the condition of a phrase without an object, such as `is modern`; `None` if the phrase has an object and its
/// verb takes one.
fn state(scope: &mut Scope, phrase: &Phrase, way: &ResolvedPath, speaker: &SubjectRef) -> Option<Formula> {
    let of_one = match way.single() {
        Some((Link::Define(id), _)) => scope.signatures.get(id.0 as usize).filter(|define| define.is_state),
        _ => None,
    };
    let word = print::path(&phrase.path);
    let problem = match (of_one, &phrase.object) {
        (Some(_), Object::Itself) if !scope.types(speaker.term).and(way.from).is_empty() => {
            let said = PredicateContext { phrase, way, speaker, source: Source::Any };
            let atom = atom(scope, &said, speaker.term);
            return Some(modal(phrase, atom));
        }
        (Some(_), Object::Itself) => {
            let is = suggestions::a(&scope.schema().type_names(scope.types(speaker.term)));
            Diagnostic::error(Code::WrongType, speaker.noun.name_span, format!("{is} is never `{word}`"))
                .here(suggestions::wanted_here(scope, way.from))
        }
        (Some(_), _) => {
            let message = format!("`{word}` is said of one thing, and takes no object");
            Diagnostic::error(Code::WrongType, phrase.span, message).help(format!("write `is {word}`"))
        }
        (None, Object::Itself) if way.path == Path::Either(Vec::new()) => return Some(Formula::TRUE),
        (None, Object::Itself) => {
            let message = format!("`{word}` wants an object");
            Diagnostic::error(Code::WrongType, phrase.path.span, message).here(suggestions::wanted_here(scope, way.to))
        }
        (None, _) => return None,
    };
    scope.report(problem);
    Some(Formula::TRUE)
}

/// A phrase without its object.
pub(super) struct PredicateContext<'a> {
    pub phrase: &'a Phrase,
    pub way: &'a ResolvedPath,
    pub speaker: &'a SubjectRef<'a>,
    source: Source,
}

fn object(scope: &mut Scope, noun: &Noun, said: &PredicateContext) -> Formula {
    let plain = noun.quantifier.is_none();
    let formula = noun::about(scope, noun, said.way.to, &mut |scope, object| {
        fit(scope, said, noun, object);
        let atom = atom(scope, said, object);
        // A modality encloses a quantifier, as in `possibly uses at least 3 Technique`.
        if plain { modal(said.phrase, atom) } else { atom }
    });
    if plain { formula } else { modal(said.phrase, formula) }
}

/// Returns the fact or path, in the direction of its verb.
fn atom(scope: &mut Scope, said: &PredicateContext, object: Term) -> Formula {
    let (phrase, subject, source) = (said.phrase, said.speaker.term, said.source);
    if let PathKind::Variable(name) = &phrase.path.kind {
        if let Some(bind) = &phrase.bind {
            scope.report(Diagnostic::error(
                Code::WrongType,
                bind.span,
                "the variable of the verb says all of this path",
            ));
        }
        return label::of_some_verb(scope, (subject, object), said.way, (source, name), phrase.span);
    }
    let bind = phrase.bind.as_ref().and_then(|bind| path_variable(scope, &bind.item, bind.span));
    if let (Some((link, inverse)), None) = (said.way.single(), bind) {
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        note_use(scope, &Path::Link { link, inverse });
        let known = source.known();
        let atom = FactAtom { link, subject, object, turned: inverse, source: known, span: phrase.span };
        return label::fact(atom, source);
    }
    note_use(scope, &said.way.path);
    label::of_one_verb(scope, source, phrase.according.as_ref().map_or(phrase.span, |noun| noun.span));
    let (path, source) = (said.way.path.clone(), source.known());
    Formula::Path(PathAtom { path, subject, object, bind, source, span: phrase.span })
}

/// Records the definitions that a path refers to.
pub(in crate::check) fn note_use(scope: &mut Scope, path: &Path) {
    match path {
        Path::Link { link: Link::Define(id), .. } => _ = scope.used.insert(id.0 as usize),
        Path::Link { .. } => {}
        Path::Sequence(paths) | Path::Either(paths) => paths.iter().for_each(|path| note_use(scope, path)),
        Path::Repeat { path, .. } => note_use(scope, path),
    }
}

fn path_variable(scope: &mut Scope, name: &str, span: Span) -> Option<VarId> {
    let var = scope.declared_at(span)?;
    scope.meet(var);
    if !scope.bind_path(var) {
        let message = format!("`{name}` would be bound to more than one path");
        let diagnostic = Diagnostic::error(Code::RepeatedVariable, span, message)
            .help("give each subject and each object a sentence of its own, with a path variable of its own");
        scope.report(diagnostic);
    }
    Some(var)
}

/// Returns the source of `according to`.
fn source(scope: &mut Scope, phrase: &Phrase, way: &ResolvedPath) -> Source {
    let Some(noun) = phrase.according.as_deref() else { return Source::Any };
    if let Some((Link::Define(id), _)) = way.single() {
        let name = &scope.signatures[id.0 as usize].name;
        let message = format!("`{name}` is defined here; no source says it");
        scope.report(Diagnostic::error(Code::UnknownSource, noun.span, message));
        return Source::Any;
    }
    label::source(scope, noun)
}

/// Returns the source whose key is the noun.
pub(in crate::check) fn source_named(scope: &mut Scope, noun: &Noun) -> Option<SourceId> {
    let key = match &noun.kind {
        NounKind::Name(key) | NounKind::Text(key) | NounKind::Lower(key) => key.clone(),
        NounKind::Typed { type_name, of: Typed::Var(var) } => format!("{} {}", type_name.item, var.item),
        NounKind::Typed { of: Typed::Text(text), .. } => text.item.clone(),
        NounKind::Param(name) => match name::param(scope, name, noun.name_span) {
            Ok(given) => given.to_string(),
            Err(diagnostic) => {
                scope.report(diagnostic);
                return None;
            }
        },
    };
    let claims = scope.graph.claims();
    let found = claims.lookup_source(&key);
    if found.is_none() {
        let keys = claims.sources.iter().map(|source| source.key.as_str());
        let near: Vec<String> = suggest::nearest(&key, keys).into_iter().map(suggestions::quoted).collect();
        let diagnostic = Diagnostic::error(Code::UnknownSource, noun.name_span, format!("no source is called `{key}`"));
        let diagnostic = match &noun.kind {
            NounKind::Param(name) => name::of_param(name, &key, diagnostic),
            _ => diagnostic,
        };
        let offered =
            near.iter().fold(diagnostic, |diagnostic, near| suggestions::offer(diagnostic, noun.name_span, near));
        scope.report(offered);
    }
    found
}

/// Returns the error for a date or number after a verb that joins entities.
pub(super) fn no_value(scope: &Scope, phrase: &Phrase, to: TypeSet) -> Diagnostic {
    let span = match &phrase.object {
        Object::Value(literal) => literal.span,
        Object::Period(op, expr) => op.span.to(expr.span),
        Object::Between(a, b) => a.span.to(b.span),
        Object::Nouns(_) | Object::Itself => phrase.span,
    };
    let words: Vec<String> =
        scope.schema().properties().filter_map(|(_, p)| p.verb.as_deref()).map(|word| format!("`{word}`")).collect();
    let diagnostic = Diagnostic::error(Code::WrongType, span, "a value cannot stand after this verb")
        .here(suggestions::wanted_here(scope, to))
        .label(phrase.path.span, "joins entities");
    if words.is_empty() { diagnostic } else { diagnostic.help(format!("values stand after {}", words.join(", "))) }
}
