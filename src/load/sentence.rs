//! Converts the syntax tree of a fact's sentence to statements about entities.

use super::names::{Candidates, NameIndex};
use super::{Statement, suggest, words};
use crate::graph::EntityId;
use crate::schema::{Property, PropertyId, Schema, TypeSet, VerbId, Word};
use crate::syntax::ast::{Join, Literal, Noun, NounKind, Object, ObjectItem, Path, PathKind, Phrase, Sentence, Typed};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Value, ValueType, ron_literal};

/// Lookup of the words in a sentence or a row.
#[derive(Clone, Copy)]
pub(super) struct Names<'r> {
    pub schema: &'r Schema,
    pub index: &'r NameIndex,
}

/// Returns the statements of a sentence, each with its place in the sentence. Adds errors to `problems`.
pub(super) fn statements(
    names: Names<'_>,
    sentence: &Sentence,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(Statement, Span)> {
    let (subject, phrases, span) = match sentence {
        Sentence::Plain { subject, phrases: Some(phrases), span } => (subject, phrases, *span),
        Sentence::Plain { span, .. } => {
            problems.push(not_a_fact(*span, "a name alone states nothing").help("add a verb and an object"));
            return Vec::new();
        }
        Sentence::Optional { span, .. } | Sentence::Not { span, .. } => {
            problems.push(not_a_fact(*span, "a fact is neither optional nor denied"));
            return Vec::new();
        }
        Sentence::Group(group) => {
            problems.push(not_a_fact(group.span, "a fact stands without parentheses"));
            return Vec::new();
        }
    };
    if phrases.join == Join::Or {
        problems.push(not_a_fact(phrases.span, "a fact leaves no choice: `or` has no place in it"));
        return Vec::new();
    }
    let mut statements = Vec::new();
    for phrase in &phrases.phrases {
        if check_plain(phrase, problems) {
            for noun in &subject.nouns {
                state(names, noun, phrase, &mut statements, problems);
            }
        }
    }
    // A sentence with a single statement is its place.
    if let [(_, place)] = &mut statements[..] {
        *place = span;
    }
    statements
}

/// Returns the nouns of a sentence that name entities, each with the types that its verb requires, once for each
/// phrase.
pub(super) fn nouns<'s>(names: Names<'_>, sentence: &'s Sentence) -> Vec<(&'s Noun, TypeSet)> {
    let Sentence::Plain { subject, phrases: Some(phrases), .. } = sentence else { return Vec::new() };
    let mut found = Vec::new();
    for phrase in &phrases.phrases {
        // Problems are discarded: they are reported when the sentence is read as a fact.
        let mut unheard = Vec::new();
        match verb(names, &phrase.path, &mut unheard) {
            Some(Word::Verb { verb, inverse }) => {
                let ends = Ends::of(names.schema, verb, inverse);
                found.extend(subject.nouns.iter().map(|noun| (noun, ends.before)));
                found.extend(objects(&phrase.object, &mut unheard).into_iter().map(|item| (&item.noun, ends.after)));
            }
            Some(Word::Property(property)) => {
                found.extend(subject.nouns.iter().map(|noun| (noun, names.schema.property(property).of)));
            }
            None => found.extend(subject.nouns.iter().map(|noun| (noun, names.schema.all_types()))),
        }
    }
    found
}

/// Returns the name in a noun, and the types in front of it.
pub(super) fn name_and_type(names: Names<'_>, noun: &Noun) -> (String, Option<TypeSet>) {
    let types = |name: &str| names.schema.lookup_type(name).map(|id| names.schema.type_(id).subtypes);
    match &noun.kind {
        NounKind::Typed { type_name, of: Typed::Text(name) } => (name.item.clone(), types(&type_name.item)),
        NounKind::Name(run) if names.index.lookup(run) == Candidates::None => {
            let typed = run.split_once(' ').and_then(|(first, rest)| Some((rest.to_string(), types(first)?)));
            typed.map_or((run.clone(), None), |(name, types)| (name, Some(types)))
        }
        NounKind::Name(name) | NounKind::Lower(name) | NounKind::Text(name) => (name.clone(), None),
        _ => (name_of(noun), None),
    }
}

fn not_a_fact(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::NotAFact, span, message)
}

/// Returns whether the phrase is free of constructs that only queries have.
fn check_plain(phrase: &Phrase, problems: &mut Vec<Diagnostic>) -> bool {
    let problem = if phrase.not {
        not_a_fact(phrase.span, "a fact says what is, not what is not")
    } else if phrase.modality.is_some() {
        let help = "how sure a fact is says its claim: `trust: doubtful`";
        not_a_fact(phrase.span, "`possibly` and `certainly` have no place in a fact").help(help)
    } else if let Some(bind) = &phrase.bind {
        not_a_fact(bind.span, format!("a fact has no variables: `as {}`", bind.item))
    } else if let Some(according) = &phrase.according {
        not_a_fact(according.span, "the source of a fact is that of its claim").help("leave `according to` out")
    } else if let Some(third) = &phrase.third {
        not_a_fact(third.span(), format!("a fact joins two things, and `{}` leads to a third", third.particle.item))
    } else if let Object::Itself = phrase.object {
        not_a_fact(phrase.span, "a fact says of what, and ends with a name or a value")
    } else {
        return true;
    };
    problems.push(problem);
    false
}

/// Adds the statements of one phrase about one subject.
fn state(
    names: Names<'_>,
    noun: &Noun,
    phrase: &Phrase,
    statements: &mut Vec<(Statement, Span)>,
    problems: &mut Vec<Diagnostic>,
) {
    let span = noun.span.to(phrase.span);
    match verb(names, &phrase.path, problems) {
        Some(Word::Verb { verb, inverse }) => {
            let ends = Ends::of(names.schema, verb, inverse);
            for item in objects(&phrase.object, problems) {
                let link = link(names, (noun, &phrase.path, &item.noun), ends, problems);
                let place = if objects_len(&phrase.object) == 1 { span } else { item.noun.span };
                statements.extend(link.map(|link| (link, place)));
            }
        }
        Some(Word::Property(property)) => {
            let Some(subject) = owner(names, noun, property, problems) else { return };
            for (value, place) in values(names.schema.property(property), &phrase.object, problems) {
                let place = if objects_len(&phrase.object) == 1 { span } else { place };
                statements.push((Statement::Value { subject, property, value }, place));
            }
        }
        None => {}
    }
}

fn objects_len(object: &Object) -> usize {
    if let Object::Nouns(objects) = object { objects.items.len() } else { 1 }
}

/// Returns the meaning of the verb of a path; a fact has a single step. A property without a verb is stated by its
/// name, which is allowed in facts only: otherwise no claim could state it.
fn verb(names: Names<'_>, path: &Path, problems: &mut Vec<Diagnostic>) -> Option<Word> {
    match &path.kind {
        PathKind::Verb(word) => {
            let property = || names.schema.lookup_property(word).filter(|id| names.schema.property(*id).verb.is_none());
            let named = || word.strip_prefix('.').and_then(|name| names.schema.lookup_property(name));
            let found = names.schema.lookup_word(word).or_else(|| property().or_else(named).map(Word::Property));
            if found.is_none() {
                let message = format!("no verb or property is called `{word}`");
                let problem = Diagnostic::error(Code::Undeclared, path.span, message);
                problems.push(suggest(problem, word, names.schema.words()));
            }
            found
        }
        PathKind::Inverse(path) => match verb(names, path, problems)? {
            Word::Verb { verb, inverse } => Some(Word::Verb { verb, inverse: !inverse }),
            Word::Property(_) => {
                problems.push(not_a_fact(path.span, "a property has no other direction"));
                None
            }
        },
        _ => {
            problems.push(not_a_fact(path.span, "a fact has one verb, not a path").help("write a fact for each step"));
            None
        }
    }
}

/// The types before and after a verb as written.
#[derive(Clone, Copy)]
struct Ends {
    verb: VerbId,
    inverse: bool,
    before: TypeSet,
    after: TypeSet,
}

impl Ends {
    fn of(schema: &Schema, verb: VerbId, inverse: bool) -> Ends {
        let entry = schema.verb(verb);
        let (before, after) = if inverse { (entry.to, entry.from) } else { (entry.from, entry.to) };
        Ends { verb, inverse, before, after }
    }
}

/// Returns the objects of a verb; if they are not entities, adds a diagnostic and returns none.
fn objects<'s>(object: &'s Object, problems: &mut Vec<Diagnostic>) -> Vec<&'s ObjectItem> {
    let problem = match object {
        Object::Nouns(objects) if objects.join == Join::Or => {
            let span = objects.items.iter().map(|item| item.noun.span).reduce(Span::to);
            not_a_fact(span.unwrap_or_default(), "a fact leaves no choice: `or` has no place in it")
        }
        Object::Nouns(objects) => match objects.items.iter().find(|item| item.not) {
            Some(item) => not_a_fact(item.noun.span, "a fact says what is, not what is not"),
            None => return objects.items.iter().collect(),
        },
        // Already reported by `check_plain`.
        Object::Itself => return Vec::new(),
        Object::Value(value) => Diagnostic::error(Code::WrongType, value.span, "a value where an entity is wanted"),
        Object::Period(op, expr) => not_a_fact(op.span.to(expr.span), "a comparison has no place in a fact"),
        Object::Between(from, to) => not_a_fact(from.span.to(to.span), "a comparison has no place in a fact"),
    };
    problems.push(problem);
    Vec::new()
}

fn link(
    names: Names<'_>,
    (before, path, after): (&Noun, &Path, &Noun),
    ends: Ends,
    problems: &mut Vec<Diagnostic>,
) -> Option<Statement> {
    // Looks up both before returning, so that errors of both are reported.
    let (first, second) = (entity(names, before, ends.before, problems), entity(names, after, ends.after, problems));
    let (first, second) = (first?, second?);
    let fits = |id: EntityId, types: TypeSet| types.contains(names.index.type_of(id));
    if fits(first, ends.before) && fits(second, ends.after) {
        let (subject, object) = if ends.inverse { (second, first) } else { (first, second) };
        return Some(Statement::Link { subject, verb: ends.verb, object });
    }
    if fits(first, ends.after) && fits(second, ends.before) {
        problems.push(wrong_direction(names.schema, path, ends));
        return None;
    }
    for (noun, id, types) in [(before, first, ends.before), (after, second, ends.after)] {
        if !fits(id, types) {
            problems.push(wrong_type(names, noun, id, types));
        }
    }
    None
}

fn wrong_direction(schema: &Schema, path: &Path, ends: Ends) -> Diagnostic {
    let verb = schema.verb(ends.verb);
    let word = if ends.inverse { verb.inverse.as_deref().unwrap_or(&verb.name) } else { &verb.name };
    let other = if ends.inverse { Some(verb.name.as_str()) } else { verb.inverse.as_deref() };
    let (before, after) = (schema.type_names(ends.before), schema.type_names(ends.after));
    let message = format!("`{word}` goes from {before} to {after}, not the other way round");
    let problem = Diagnostic::error(Code::WrongDirection, path.span, message);
    match other {
        Some(other) => problem.fix(format!("write `{other}`"), path.span, other),
        None => problem.help("let subject and object change places"),
    }
}

fn wrong_type(names: Names<'_>, noun: &Noun, id: EntityId, wanted: TypeSet) -> Diagnostic {
    let (wanted, is) = (names.schema.type_names(wanted), &names.schema.type_(names.index.type_of(id)).name);
    let message = format!("{} is a {is}, and a {wanted} is wanted here", name_of(noun));
    Diagnostic::error(Code::WrongType, noun.name_span, message).here(format!("a {is}"))
}

/// Returns the entity that has a property; if its type does not have it, adds a diagnostic.
fn owner(names: Names<'_>, noun: &Noun, property: PropertyId, problems: &mut Vec<Diagnostic>) -> Option<EntityId> {
    let of = names.schema.property(property).of;
    let id = entity(names, noun, of, problems)?;
    if !of.contains(names.index.type_of(id)) {
        problems.push(wrong_type(names, noun, id, of));
        return None;
    }
    Some(id)
}

/// Returns a noun in backticks, as in the sentence.
fn name_of(noun: &Noun) -> String {
    match &noun.kind {
        NounKind::Name(name) | NounKind::Text(name) | NounKind::Lower(name) => format!("`{name}`"),
        NounKind::Param(name) => format!("`${name}`"),
        NounKind::Typed { type_name, of: Typed::Var(name) | Typed::Text(name) } => {
            format!("`{} {}`", type_name.item, name.item)
        }
    }
}

/// Returns the entity that a noun names. `wanted` distinguishes entities with the same name, and sorts the suggestions.
fn entity(names: Names<'_>, noun: &Noun, wanted: TypeSet, problems: &mut Vec<Diagnostic>) -> Option<EntityId> {
    let hole = |what: String| not_a_fact(noun.span, what).help("name the entity itself");
    let found = if noun.quantifier.is_some() {
        Err(hole("a fact has no quantifier".to_string()))
    } else if noun.that.is_some() {
        Err(hole("a fact has no `that`".to_string()))
    } else {
        match &noun.kind {
            NounKind::Name(name) => named(names, noun, name, wanted),
            NounKind::Text(name) | NounKind::Lower(name) => only(names, noun, name, names.schema.all_types(), wanted),
            NounKind::Typed { type_name, of: Typed::Text(name) } => match names.schema.lookup_type(&type_name.item) {
                Some(id) => only(names, noun, &name.item, names.schema.type_(id).subtypes, wanted),
                None => Err(no_type(names, &type_name.item, type_name.span)),
            },
            NounKind::Typed { .. } => Err(hole(format!("a fact has no variables: {}", name_of(noun)))),
            NounKind::Param(_) => Err(hole(format!("a fact has no parameters: {}", name_of(noun)))),
        }
    };
    found.map_err(|problem| problems.push(problem)).ok()
}

fn no_type(names: Names<'_>, word: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::error(Code::Undeclared, span, format!("no type is called `{word}`"));
    suggest(problem, word, names.schema.types().map(|(_, type_)| type_.name.as_str()))
}

/// Resolves a capitalised run of words: an entity, otherwise a type with the name of an entity; a type alone is an
/// error.
fn named(names: Names<'_>, noun: &Noun, name: &str, wanted: TypeSet) -> Result<EntityId, Diagnostic> {
    if names.index.lookup(name) == Candidates::None {
        if names.schema.lookup_type(name).is_some() {
            let message = format!("a fact has no holes, and `{name}` is a type");
            return Err(not_a_fact(noun.span, message).help(format!("name the {name} itself")));
        }
        let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
        if let Some(id) = names.schema.lookup_type(first).filter(|_| !rest.is_empty()) {
            return only(names, noun, rest, names.schema.type_(id).subtypes, wanted);
        }
    }
    only(names, noun, name, names.schema.all_types(), wanted)
}

/// Returns the only entity with this name among some types; of several, the one with a wanted type.
fn only(names: Names<'_>, noun: &Noun, name: &str, among: TypeSet, wanted: TypeSet) -> Result<EntityId, Diagnostic> {
    let is_of = |id: &EntityId, types: TypeSet| types.contains(names.index.type_of(*id));
    let found = names.index.lookup(name);
    let found = found.as_slice().iter().map(|id| EntityId(*id)).filter(|id| is_of(id, among));
    let found: Vec<EntityId> = found.collect();
    let fitting: Vec<EntityId> = found.iter().copied().filter(|id| is_of(id, wanted)).collect();
    match (&found[..], &fitting[..]) {
        ([], _) => Err(no_entity(names, noun, name, among, wanted)),
        ([id], _) | (_, [id]) => Ok(*id),
        _ => Err(ambiguous(names, noun, name, &found)),
    }
}

fn no_entity(names: Names<'_>, noun: &Noun, name: &str, among: TypeSet, wanted: TypeSet) -> Diagnostic {
    let types = if among.and(wanted).is_empty() { among } else { among.and(wanted) };
    let message = format!("no entity is called `{name}`");
    let problem = Diagnostic::error(Code::Undeclared, noun.name_span, message);
    let problem = problem.here(format!("a {} is wanted here", names.schema.type_names(wanted)));
    let known = names.index.words().filter(|(_, type_)| types.contains(*type_));
    let mut known: Vec<&str> = known.map(|(word, _)| word).collect();
    known.sort_unstable();
    let near = crate::text::suggest::nearest(name, known);
    let problem = near.iter().fold(problem, |problem, near| {
        problem.fix(format!("did you mean `{near}`?"), noun.name_span, super::words::written(near))
    });
    if near.is_empty() { problem.help("declare it under `entities`") } else { problem }
}

fn ambiguous(names: Names<'_>, noun: &Noun, name: &str, found: &[EntityId]) -> Diagnostic {
    let types = found.iter().map(|id| names.schema.type_(names.index.type_of(*id)).name.as_str());
    let types: Vec<&str> = types.collect();
    let problem = Diagnostic::error(Code::AmbiguousName, noun.name_span, format!("`{name}` fits several entities"));
    types.iter().fold(problem, |problem, type_| {
        let typed = format!("{type_} {}", ron_literal(name));
        problem.fix(format!("write `{typed}`"), noun.name_span, typed)
    })
}

/// Returns the values of a property's objects, each with its place.
fn values(property: &Property, object: &Object, problems: &mut Vec<Diagnostic>) -> Vec<(Value, Span)> {
    let type_ = property.value;
    let warn = |text: &str, value: &Value, span| words::rounded(&property.name, text, value, span);
    if let Object::Value(literal) = object {
        let value = literal_value(type_, &literal.item, literal.span);
        if let (Literal::Number { text, .. }, Ok(value)) = (&literal.item, &value) {
            problems.extend(warn(text, value, literal.span));
        }
        return value.map_err(|problem| problems.push(problem)).map_or(Vec::new(), |value| vec![(value, literal.span)]);
    }
    let mut values = Vec::new();
    for item in objects(object, problems) {
        match noun_value(type_, &item.noun) {
            Ok(value) => {
                if let NounKind::Text(text) | NounKind::Name(text) = &item.noun.kind {
                    problems.extend(warn(text, &value, item.noun.span));
                }
                values.push((value, item.noun.span));
            }
            Err(problem) => problems.push(problem),
        }
    }
    values
}

fn literal_value(type_: ValueType, literal: &Literal, span: Span) -> Result<Value, Diagnostic> {
    match (type_, literal) {
        (ValueType::Date, Literal::Date(date)) => Ok(Value::Date(*date)),
        (ValueType::Number, Literal::Number { number, .. }) => Ok(Value::from(*number)),
        (ValueType::Date, Literal::Number { text, .. }) => words::value(type_, text, span),
        _ => Err(Diagnostic::error(Code::WrongType, span, format!("a {} is wanted here", type_.name()))),
    }
}

fn noun_value(type_: ValueType, noun: &Noun) -> Result<Value, Diagnostic> {
    if noun.quantifier.is_some() || noun.that.is_some() {
        return Err(not_a_fact(noun.span, "a fact has a value here, and nothing else"));
    }
    match (&noun.kind, type_) {
        (NounKind::Text(text), _) => words::value(type_, text, noun.span),
        (NounKind::Name(text) | NounKind::Lower(text), ValueType::Text) => {
            let message = format!("the text `{text}` stands in quotes");
            let fix = ron_literal(text);
            Err(Diagnostic::error(Code::WrongType, noun.span, message).fix(format!("write `{fix}`"), noun.span, fix))
        }
        (NounKind::Name(text) | NounKind::Lower(text), _) => words::value(type_, text, noun.span),
        _ => Err(not_a_fact(noun.span, format!("a fact has a value here, not {}", name_of(noun)))),
    }
}
