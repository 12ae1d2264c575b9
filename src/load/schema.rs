//! Combines the schema sections of all parts into one schema.

use super::file::{Missing, Part, Word};
use super::{Place, Source, error};
use crate::schema::{self, Plot, PropertySource, Schema, SchemaProblem, SchemaSource, TypeSource, VerbSource};
use crate::syntax;
use crate::text::{Code, Diagnostic, Diagnostics, Severity};
use crate::value::{ValueType, plain};
use indexmap::IndexMap;

/// Returns the schema; if it is contradictory, adds diagnostics and returns `None`.
pub(super) fn read(parts: &[Source<'_>], problems: &mut Diagnostics) -> Option<Schema> {
    let before = problems.0.len();
    let mut source = SchemaSource { types: types(parts, problems), verbs: verbs(parts, problems) };
    add_mark(parts, &mut source);
    unreadable(parts, problems);
    // Builds the schema in spite of earlier problems, so that all problems are reported at once.
    let schema = Schema::build(source);
    let found = schema.as_ref().err().into_iter().flatten();
    problems.0.extend(found.map(|problem| diagnose(parts, problem)));
    schema.ok().filter(|_| problems.0.len() == before)
}

/// The property of entities that a table of facts declared by naming them.
pub(super) const MENTIONED: &str = "mentioned";

/// Adds the property [`MENTIONED`] to the types of verbs whose tables say `missing: declare`.
fn add_mark(parts: &[Source<'_>], source: &mut SchemaSource) {
    let declaring = parts.iter().flat_map(|part| &part.part.tables).filter(|table| table.missing == Missing::Declare);
    let words: Vec<&Word<'_>> = declaring.flat_map(|table| table.verb.iter().chain(&table.entity)).collect();
    let is_meant = |word: &str| words.iter().any(|meant| written(meant) == word);
    let mut types: Vec<String> = source.types.keys().filter(|type_| is_meant(type_)).cloned().collect();
    for (name, verb) in &source.verbs {
        if is_meant(name) || verb.inverse.as_deref().is_some_and(is_meant) {
            types.extend(verb.from.iter().chain(&verb.to).cloned());
        }
    }
    for (name, declared) in &source.types {
        types.extend(
            declared.properties.values().any(|p| p.verb.as_deref().is_some_and(is_meant)).then(|| name.clone()),
        );
    }
    let mark = PropertySource {
        value: ValueType::Text,
        verb: None,
        single: false,
        unit: None,
        doc: "the table that names it, where nothing declares it".to_string(),
    };
    for type_ in types {
        if let Some(declared) = source.types.get_mut(&type_) {
            declared.properties.entry(MENTIONED.to_string()).or_insert_with(|| mark.clone());
        }
    }
}

fn types(parts: &[Source<'_>], problems: &mut Diagnostics) -> IndexMap<String, TypeSource> {
    let mut types = IndexMap::new();
    let declared = parts.iter().map(|source| (source, source.part.schema.types.0.iter()));
    for (source, (name, part)) in declared.flat_map(|(source, types)| types.map(move |t| (source, t))) {
        let mut properties = IndexMap::new();
        for (property, part) in &part.properties.0 {
            let (verb, unit) = (part.verb.as_ref().map(|verb| written(verb)), part.unit.clone());
            let declared =
                PropertySource { value: part.value.into(), verb, single: part.single, unit, doc: part.doc.clone() };
            if properties.insert(written(property), declared).is_some() {
                problems.push(twice(source, property, "property"));
            }
        }
        let plot = &part.plot;
        let plot = Plot { shape: plot.shape.clone(), lane: plot.lane.clone(), filled: plot.filled.clone() };
        let extends = part.extends.as_ref().map(|extends| written(extends));
        let declared = TypeSource { doc: part.doc.clone(), extends, properties, plot };
        if types.insert(written(name), declared).is_some() {
            problems.push(twice(source, name, "type"));
        }
    }
    types
}

fn verbs(parts: &[Source<'_>], problems: &mut Diagnostics) -> IndexMap<String, VerbSource> {
    let mut verbs = IndexMap::new();
    let words = |words: &[Word<'_>]| words.iter().map(written).collect();
    for source in parts {
        for (name, part) in &source.part.schema.verbs.0 {
            let declared = VerbSource {
                doc: part.doc.clone(),
                from: words(&part.from),
                to: words(&part.to),
                inverse: part.inverse.as_ref().map(|inverse| written(inverse)),
                lineage: part.lineage,
                adoption: part.adoption,
                chronological: part.chronological.is_set(),
                acyclic: part.acyclic.is_set(),
            };
            if verbs.insert(written(name), declared).is_some() {
                problems.push(twice(source, name, "verb"));
            }
        }
    }
    verbs
}

fn twice(source: &Source<'_>, name: &Word<'_>, kind: &str) -> Diagnostic {
    error(source.text, name, Code::BadSchema, format!("the {kind} `{}` is declared twice", name.text))
        .help("leave one of the two out, or write them as one")
}

/// Reports well-formed names that the grammar still cannot read in their position.
fn unreadable(parts: &[Source<'_>], problems: &mut Diagnostics) {
    for source in parts {
        let schema = &source.part.schema;
        let verbs = schema.verbs.0.iter().flat_map(|(name, verb)| std::iter::once(name).chain(&verb.inverse));
        let properties = schema.types.0.iter().flat_map(|(_, declared)| &declared.properties.0);
        let words = verbs.chain(properties.filter_map(|(_, property)| property.verb.as_ref()));
        for (kind, word) in
            schema.types.0.iter().map(|(name, _)| ("type", name)).chain(words.map(|word| ("verb", word)))
        {
            if let Some(message) = unreadable_word(kind, &plain(&word.text)) {
                problems.push(error(source.text, word, Code::BadSchema, message).help("choose another word"));
            }
        }
    }
}

fn unreadable_word(kind: &str, word: &str) -> Option<String> {
    let (is_formed, is_read) = match kind {
        "type" => (schema::is_type(word), syntax::is_type_name(word)),
        _ => (schema::is_verb(word), syntax::is_verb_name(word)),
    };
    let first = word.split(' ').next().unwrap_or(word);
    match (super::words::is_keyword(first), is_formed && !is_read) {
        (true, _) if kind == "type" => Some(format!("`{word}` is a keyword of the language, which no {kind} can be")),
        (true, _) => Some(format!("`{word}` begins with a keyword of the language")),
        (false, true) => Some(format!("`{word}` cannot be read as a {kind} in a query")),
        (false, false) => None,
    }
}

/// Returns a word in the schema's normal form.
fn written(word: &Word<'_>) -> String {
    plain(&word.text).into_owned()
}

fn diagnose(parts: &[Source<'_>], problem: &SchemaProblem) -> Diagnostic {
    let code = if problem.is_too_many { Code::TooMany } else { Code::BadSchema };
    let mut diagnostic = Diagnostic::new(Severity::Error, code, &problem.message);
    if let Some(Place { part, span }) = place(parts, problem) {
        diagnostic = diagnostic.label_in(parts[part].text, span, "");
    }
    problem.help.iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help))
}

/// Returns the place of the word at fault; of several, the last, since the first is the original declaration.
fn place(parts: &[Source<'_>], problem: &SchemaProblem) -> Option<Place> {
    let places = parts.iter().enumerate().flat_map(|(part, source)| {
        let words = words_of(&source.part, problem);
        words.into_iter().map(move |word| Place { part, span: word.span(source.text) })
    });
    places.last()
}

/// Returns the words of the faulty declaration that equal the problem's word.
fn words_of<'p, 't>(part: &'p Part<'t>, problem: &SchemaProblem) -> Vec<&'p Word<'t>> {
    let is_what = |name: &Word<'_>| written(name) == problem.what;
    let mut words: Vec<&Word<'t>> = Vec::new();
    for (name, declared) in &part.schema.types.0 {
        if is_what(name) && problem.within.is_none() {
            words.push(name);
            words.extend(&declared.extends);
        }
        if problem.within.as_ref() == Some(&written(name)) {
            let properties = declared.properties.0.iter().filter(|(name, _)| is_what(name));
            words.extend(properties.flat_map(|(name, property)| std::iter::once(name).chain(&property.verb)));
        }
    }
    for (name, verb) in part.schema.verbs.0.iter().filter(|(name, _)| is_what(name) && problem.within.is_none()) {
        words.push(name);
        words.extend(verb.from.iter().chain(&verb.to).chain(&verb.inverse));
    }
    words.retain(|word| written(word) == problem.word);
    words
}
