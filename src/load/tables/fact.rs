//! Rows as facts: links between entities, or values of a property that has a verb.

use super::column;
use super::rows::{Batch, Rows};
use crate::graph::EntityId;
use crate::load::file::{TablePart, Word};
use crate::load::names::Index;
use crate::load::{Reading, Source, entities, error, undeclared, words};
use crate::schema::{self, PropertyId, Schema, TypeSet, VerbId};
use crate::text::{Code, Span};
use crate::value::Value;
use csv::StringRecord;

/// What a row of a table says of its subject and its object.
#[derive(Clone, Copy)]
enum Saying {
    Link(VerbId),
    /// The verb's inverse: the object is the subject of the fact.
    Inverse(VerbId),
    Value(PropertyId),
}

/// What one row says once.
enum Said {
    Link([EntityId; 2], VerbId),
    Value(EntityId, PropertyId, Value),
}

/// Adds the facts of a table.
pub(super) fn read(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, verb: &Word<'_>) {
    let saying = saying(reading, file, verb);
    let (Some(saying), Some((rows, mut chunks))) = (saying, Rows::open(reading, file, table)) else { return };
    let subject = column(reading, file, table, &rows.header, ("subject", table.subject.as_ref()));
    let object = column(reading, file, table, &rows.header, ("object", table.object.as_ref()));
    let (from, to) = ends(&reading.builder.schema, saying);
    let from = table.entity.as_ref().map_or(Some(from), |type_| narrowed(reading, file, type_, from));
    let (Some(subject), Some(object), Some(from)) = (subject, object, from) else { return };
    // Facts add no names, so that all threads may look them up.
    let (index, schema) = (std::mem::take(&mut reading.index), reading.builder.schema.clone());
    let names = Names { index: &index, schema: &schema };
    let columns = Columns { subject, object, saying, ends: (from, to) };
    let say = |batch: &mut Batch<_>, row: &StringRecord| fact_row(names, &rows, batch, row, &columns);
    rows.each(reading, &mut chunks, say, |reading, (said, claim), claims| {
        let claim = claims.get(claim as usize).copied();
        match said {
            Said::Link([subject, object], verb) => reading.builder.link(subject, verb, object, claim),
            Said::Value(subject, property, value) => reading.builder.value(subject, property, value, claim),
        }
        Ok(())
    });
    reading.index = index;
}

fn saying(reading: &mut Reading<'_>, file: &Source<'_>, verb: &Word<'_>) -> Option<Saying> {
    match reading.builder.schema.lookup_word(&verb.text) {
        Some(schema::Word::Verb { verb, inverse: false }) => Some(Saying::Link(verb)),
        Some(schema::Word::Verb { verb, inverse: true }) => Some(Saying::Inverse(verb)),
        Some(schema::Word::Property(property)) => Some(Saying::Value(property)),
        None => {
            let problem = undeclared(file.text, verb, "verb", reading.builder.schema.words());
            reading.problems.push(problem);
            None
        }
    }
}

/// The subjects' types where the section names one of them; `None`, and a diagnostic, where it names another.
fn narrowed(reading: &mut Reading<'_>, file: &Source<'_>, type_: &Word<'_>, from: TypeSet) -> Option<TypeSet> {
    let id = entities::type_of(reading, file, type_)?;
    let schema = &reading.builder.schema;
    let narrowed = from.and(schema.type_(id).subtypes);
    if narrowed.is_empty() {
        let message = format!("here a {} is wanted", schema.type_names(from));
        reading.problems.push(error(file.text, type_, Code::WrongType, message));
        return None;
    }
    Some(narrowed)
}

/// What the words of a row may mean.
#[derive(Clone, Copy)]
struct Names<'r> {
    index: &'r Index,
    schema: &'r Schema,
}

struct Columns {
    subject: usize,
    object: usize,
    saying: Saying,
    /// The types of the subject's column and of the object's.
    ends: (TypeSet, TypeSet),
}

/// What a row says: one fact, or none where a cell is empty, or many where the section splits cells. Each
/// comes with the number of its claim in the batch.
fn fact_row(
    names: Names<'_>,
    rows: &Rows<'_, '_>,
    batch: &mut Batch<(Said, u32)>,
    row: &StringRecord,
    columns: &Columns,
) {
    let name = row.get(columns.subject).unwrap_or("").trim();
    if name.is_empty() || rows.names(row, columns.object).next().is_none() {
        return;
    }
    let subject = match entity(names, name, columns.ends.0) {
        Ok(subject) => subject,
        Err(message) => return batch.bad(row, columns.subject, message),
    };
    let Some(claim) = rows.claim(batch, row) else { return };
    for object in rows.names(row, columns.object) {
        match said(names, subject, object, columns) {
            Ok(said) => batch.said.push((said, claim)),
            Err(message) => batch.bad(row, columns.object, message),
        }
    }
}

fn ends(schema: &Schema, saying: Saying) -> (TypeSet, TypeSet) {
    match saying {
        Saying::Link(verb) => (schema.verb(verb).from, schema.verb(verb).to),
        Saying::Inverse(verb) => (schema.verb(verb).to, schema.verb(verb).from),
        Saying::Value(property) => (schema.property(property).of, TypeSet::NONE),
    }
}

/// One fact.
///
/// # Errors
/// Words that name no entity of the right type, or that are no value of the property.
fn said(names: Names<'_>, subject: EntityId, object: &str, columns: &Columns) -> Result<Said, String> {
    let entity = || entity(names, object, columns.ends.1);
    match columns.saying {
        Saying::Link(verb) => Ok(Said::Link([subject, entity()?], verb)),
        Saying::Inverse(verb) => Ok(Said::Link([entity()?, subject], verb)),
        Saying::Value(property) => {
            let type_ = names.schema.property(property).value;
            let value = words::value(type_, object, Span::default()).map_err(|bad| bad.message)?;
            Ok(Said::Value(subject, property, value))
        }
    }
}

/// The one entity of these types that a cell names, by its key or by a name.
fn entity(names: Names<'_>, name: &str, types: TypeSet) -> Result<EntityId, String> {
    let found = names.index.lookup_key(name);
    let mut fitting = found.iter().map(|id| EntityId(*id)).filter(|id| types.contains(names.index.type_of(*id)));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(format!("`{name}` fits several entities")),
        (None, _) if found.is_empty() => Err(format!("no entity is called `{name}`")),
        (None, _) => Err(format!("`{name}` is no {}", names.schema.type_names(types))),
    }
}
