//! Rows as facts: links between entities, or values of a property that has a verb.

use super::column;
use super::rows::Rows;
use crate::graph::EntityId;
use crate::load::file::{TablePart, Word};
use crate::load::{Reading, Source, entities, error, undeclared, words};
use crate::schema::{self, PropertyId, TypeSet, VerbId};
use crate::text::{Code, Span};
use csv::StringRecord;

/// What a row of a table says of its subject and its object.
#[derive(Clone, Copy)]
enum Saying {
    Link(VerbId),
    /// The verb's inverse: the object is the subject of the fact.
    Inverse(VerbId),
    Value(PropertyId),
}

/// The columns of a table of facts, and the types of what they name.
#[derive(Clone, Copy)]
struct Columns {
    subject: usize,
    object: usize,
    from: TypeSet,
    to: TypeSet,
}

/// Adds the facts of a table.
pub(super) fn read(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, verb: &Word<'_>) {
    let saying = saying(reading, file, verb);
    let (Some(saying), Some((mut rows, mut reader))) = (saying, Rows::open(reading, file, table)) else { return };
    let header = rows.header.clone();
    let subject = column(reading, file, table, &header, ("subject", table.subject.as_ref()));
    let object = column(reading, file, table, &header, ("object", table.object.as_ref()));
    let (from, to) = ends(reading, saying);
    let from = table.entity.as_ref().map_or(Some(from), |type_| narrowed(reading, file, type_, from));
    let (Some(subject), Some(object), Some(from)) = (subject, object, from) else { return };
    let columns = Columns { subject, object, from, to };
    rows.each(reading, &mut reader, |reading, rows, row| fact_row(reading, rows, row, saying, columns));
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

/// Adds the facts of a row: one, or none where a cell is empty, or many where the section splits cells.
/// False when reading is to stop.
fn fact_row(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    saying: Saying,
    columns: Columns,
) -> bool {
    let name = row.get(columns.subject).unwrap_or("").trim();
    if name.is_empty() || rows.names(row, columns.object).next().is_none() {
        return true;
    }
    let subject = match entity(reading, name, columns.from) {
        Ok(subject) => subject,
        Err(message) => return rows.bad(reading, row, columns.subject, &message),
    };
    let Some(claim) = rows.claim(reading, row) else { return rows.goes_on() };
    for object in rows.names(row, columns.object) {
        if let Err(message) = add(reading, (subject, saying, object), columns.to, claim) {
            rows.bad(reading, row, columns.object, &message);
        }
    }
    rows.goes_on()
}

/// The types of the subject's column and of the object's.
fn ends(reading: &Reading<'_>, saying: Saying) -> (TypeSet, TypeSet) {
    let schema = &reading.builder.schema;
    match saying {
        Saying::Link(verb) => (schema.verb(verb).from, schema.verb(verb).to),
        Saying::Inverse(verb) => (schema.verb(verb).to, schema.verb(verb).from),
        Saying::Value(property) => (schema.property(property).of, TypeSet::NONE),
    }
}

/// Adds one fact.
///
/// # Errors
/// Words that name no entity of the right type, or that are no value of the property.
fn add(
    reading: &mut Reading<'_>,
    (subject, saying, object): (EntityId, Saying, &str),
    to: TypeSet,
    claim: u32,
) -> Result<(), String> {
    match saying {
        Saying::Link(verb) => {
            let object = entity(reading, object, to)?;
            reading.builder.link(subject, verb, object, Some(claim));
        }
        Saying::Inverse(verb) => {
            let object = entity(reading, object, to)?;
            reading.builder.link(object, verb, subject, Some(claim));
        }
        Saying::Value(property) => {
            let type_ = reading.builder.schema.property(property).value;
            let value = words::value(type_, object, Span::default()).map_err(|bad| bad.message)?;
            reading.builder.value(subject, property, value, Some(claim));
        }
    }
    Ok(())
}

/// The one entity of these types that a cell names.
fn entity(reading: &Reading<'_>, name: &str, types: TypeSet) -> Result<EntityId, String> {
    let found = reading.index.lookup(name);
    let mut fitting = found.iter().map(|id| EntityId(*id)).filter(|id| types.contains(reading.index.type_of(*id)));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(format!("`{name}` fits several entities")),
        (None, _) if found.is_empty() => Err(format!("no entity is called `{name}`")),
        (None, _) => Err(format!("`{name}` is no {}", reading.builder.schema.type_names(types))),
    }
}
