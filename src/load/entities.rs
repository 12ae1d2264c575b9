//! Reads the sections `sources` and `entities`.

use super::file::{EntityPart, Scalar, Word};
use super::names::fold_hash;
use super::source_text::{SourceText, TextFormat};
use super::{Declared, KnownSource, Place, Reading, Source, Statement, error, suggest, undeclared, words};
use crate::graph::{self, EntityId};
use crate::schema::{Schema, TypeId};
use crate::text::{Code, Diagnostic, Severity, Span};
use std::io::Read;

/// Adds the sources of all parts, and reads the texts that they name.
pub(super) fn read_sources(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for (part, file) in parts.iter().enumerate() {
        for (key, source) in &file.part.sources.0 {
            let declared = Place { part, span: key.span(file.text) };
            if let Some(first) = reading.sources.get(&*key.text) {
                let problem = twice(parts, file, key, "source", first.declared);
                reading.problems.push(problem);
                continue;
            }
            let text = source.text.as_ref().and_then(|path| read_text(reading, file, path));
            let id = reading.builder.source(graph::Source {
                key: key.text.to_string(),
                title: source.title.clone(),
                by: source.by.clone(),
                url: source.url.clone(),
                date: source.date.clone(),
                text: source.text.as_ref().map_or(String::new(), |path| path.text.to_string()),
            });
            reading.sources.insert(key.text.to_string(), KnownSource { id, declared, text });
        }
    }
}

/// Reads the text of a source; on failure, adds a diagnostic and returns `None`. A PDF is read only if citations are
/// checked.
fn read_text(reading: &mut Reading<'_>, file: &Source<'_>, path: &Word<'_>) -> Option<SourceText> {
    let mut bytes = Vec::new();
    if let Err(reason) = (reading.open)(&path.text).and_then(|mut reader| reader.read_to_end(&mut bytes)) {
        let message = format!("cannot read `{}`: {}", path.text, super::reason(&reason));
        reading.problems.push(error(file.text, path, Code::File, message));
        return None;
    }
    let is_pdf = TextFormat::of(&path.text, &bytes) == TextFormat::Pdf;
    if is_pdf && !reading.cited {
        return None;
    }
    match SourceText::read(&path.text, bytes) {
        Ok(text) => Some(text),
        Err(reason) => {
            let message = format!("cannot read `{}`: {}", path.text, super::reason(&reason));
            // A PDF cannot be read without `pdftotext`, which must not keep the graph from loading.
            let severity = if is_pdf { Severity::Warning } else { Severity::Error };
            let span = path.span(file.text);
            reading.problems.push(Diagnostic::new(severity, Code::File, message).label_in(file.text, span, ""));
            None
        }
    }
}

fn twice(parts: &[Source<'_>], file: &Source<'_>, word: &Word<'_>, kind: &str, first: Place) -> Diagnostic {
    error(file.text, word, Code::DuplicateName, format!("the {kind} `{}` is declared twice", word.text))
        .label_in(parts[first.part].text, first.span, "first here")
        .help("leave one of the two out")
}

/// Adds the entities of all parts, with their aliases and the values declared with them.
pub(super) fn read(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for (part, file) in parts.iter().enumerate() {
        for (type_name, entities) in &file.part.entities.0 {
            let Some(type_) = type_of(reading, file, type_name) else { continue };
            for (name, entity) in &entities.0 {
                add(reading, parts, part, type_, name, entity);
            }
        }
    }
}

/// Returns the type with this name; if there is none, adds a diagnostic.
pub(super) fn type_of(reading: &mut Reading<'_>, file: &Source<'_>, name: &Word<'_>) -> Option<TypeId> {
    let schema = &reading.builder.schema;
    let found = schema.lookup_type(&name.text);
    if found.is_none() {
        let known = schema.types().map(|(_, type_)| type_.name.as_str());
        let problem = undeclared(file.text, name, "type", known);
        reading.problems.push(problem);
    }
    found
}

fn add(
    reading: &mut Reading<'_>,
    parts: &[Source<'_>],
    part: usize,
    type_: TypeId,
    name: &Word<'_>,
    entity: &EntityPart<'_>,
) {
    let file = &parts[part];
    if name.text.trim().is_empty() {
        return reading.problems.push(error(file.text, name, Code::Ron, "an entity without a name"));
    }
    let hash = fold_hash(&name.text);
    // An exported part may have names that only fold alike: the graph had them from tables.
    let is_wrong = |(_, is_same): &(EntityId, bool)| *is_same || !file.part.exported;
    let clashing = reading.index.clash(&reading.builder.schema, None, type_, (&name.text, hash)).filter(is_wrong);
    if let Some((other, _)) = clashing {
        let problem = clash(reading, parts, file, name, other);
        return reading.problems.push(problem);
    }
    let aliases: Vec<String> = entity.aliases.iter().chain(&entity.name).map(|alias| alias.text.to_string()).collect();
    let id = reading.builder.entity(type_, &name.text, &aliases);
    reading.index.add(id, type_, &name.text, hash);
    reading.declared.push(Declared::At(Place { part, span: name.span(file.text) }));
    for alias in entity.aliases.iter().chain(&entity.name) {
        let word = (&*alias.text, fold_hash(&alias.text));
        if let Some((other, _)) = reading.index.clash(&reading.builder.schema, Some(id), type_, word).filter(is_wrong) {
            let problem = clash(reading, parts, file, alias, other);
            reading.problems.push(problem);
        }
        reading.index.add_alias(id, &alias.text);
    }
    for (field, value) in &entity.values {
        add_value(reading, file, part, (id, type_), field, value);
    }
}

/// Returns the problem of a name that another entity has already, exactly or case-folded.
fn clash(
    reading: &Reading<'_>,
    parts: &[Source<'_>],
    file: &Source<'_>,
    name: &Word<'_>,
    other: EntityId,
) -> Diagnostic {
    let first = match reading.declared.get(other.0 as usize) {
        Some(Declared::At(place)) => Some(*place),
        _ => None,
    };
    let written = first.map(|first| first.span.of(&parts[first.part].text.body)).unwrap_or_default();
    let message = match written.trim_matches('"') {
        known if known == name.text => format!("`{known}` is declared twice"),
        known => format!("`{}` and `{known}` cannot be told apart", name.text),
    };
    let problem = error(file.text, name, Code::DuplicateName, message);
    let problem = match first {
        Some(first) => problem.label_in(parts[first.part].text, first.span, "the other one"),
        None => problem,
    };
    problem.help("names and aliases of a type must differ in more than case, spaces, hyphens and underscores")
}

/// Adds a property from the declaration of an entity: a value without a claim.
fn add_value(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    part: usize,
    (subject, type_): (EntityId, TypeId),
    field: &Word<'_>,
    Scalar(word): &Scalar<'_>,
) {
    let schema = &reading.builder.schema;
    let found = schema.lookup_property(&field.text).filter(|id| schema.property(*id).of.contains(type_));
    let Some(property) = found else {
        let problem = unknown_property(schema, file, type_, field);
        return reading.problems.push(problem);
    };
    match words::value(schema.property(property).value, &word.text, Span::new(0, word.text.len())) {
        Ok(value) => {
            let name = &schema.property(property).name;
            let rounded = words::rounded(name, &word.text, &value, Span::new(0, word.text.len()));
            reading.problems.0.extend(rounded.map(|warning| word.placed(warning, file.text)));
            reading.builder.value(subject, property, value.clone(), None);
            let statement = Statement::Value { subject, property, value };
            reading.stated.push((statement, Place { part, span: word.span(file.text) }));
        }
        Err(problem) => reading.problems.push(word.placed(problem, file.text)),
    }
}

pub(super) fn unknown_property(schema: &Schema, file: &Source<'_>, type_: TypeId, field: &Word<'_>) -> Diagnostic {
    let type_ = schema.type_(type_);
    let known: Vec<&str> = type_.properties.iter().map(|id| schema.property(*id).name.as_str()).collect();
    let message = format!("{} has no property `{}`", type_.name, field.text);
    let problem = Diagnostic::error(Code::UnknownProperty, Span::new(0, field.text.len()), message);
    let problem = suggest(problem, &field.text, known.iter().copied().chain(["aliases", "name"]));
    let problem = match known.is_empty() {
        true => problem.help(format!("{} has none; they are declared in the schema", type_.name)),
        false => problem.help(format!("its properties are `{}`", known.join("`, `"))),
    };
    field.placed(problem, file.text)
}
