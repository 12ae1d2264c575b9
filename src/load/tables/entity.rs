//! Rows as entities, with their aliases and values.

use super::column;
use super::rows::{Batch, Problem, Rows};
use crate::graph::EntityId;
use crate::load::file::{TablePart, Word};
use crate::load::{Reading, Source, entities, words};
use crate::schema::{PropertyId, Schema, TypeId};
use crate::text::Span;
use crate::value::Value;
use csv::StringRecord;

/// The columns of a table of entities.
struct Columns {
    type_: TypeId,
    name: usize,
    aliases: Vec<usize>,
    key: Option<usize>,
    properties: Vec<(PropertyId, usize)>,
}

/// What one row says of one entity.
struct Said {
    line: u64,
    name: String,
    aliases: Vec<String>,
    key: Option<String>,
    /// Its values, and the number of their claim in the batch.
    values: Vec<(PropertyId, Value, u32)>,
}

/// Adds the entities of a table.
pub(super) fn read(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, type_: &Word<'_>) {
    let type_ = entities::type_of(reading, file, type_);
    let (Some(type_), Some((rows, mut chunks))) = (type_, Rows::open(reading, file, table)) else { return };
    let header = &rows.header;
    let name = column(reading, file, table, header, ("name", table.name.as_ref()));
    let others = table.aliases.iter().map(|alias| column(reading, file, table, header, ("aliases", Some(alias))));
    let aliases: Option<Vec<usize>> = others.collect();
    let key = table.key.as_ref().map(|key| column(reading, file, table, header, ("key", Some(key))));
    let properties = properties(reading, file, table, header, type_);
    let (Some(name), Some(aliases), Some(properties)) = (name, aliases, properties) else { return };
    if key == Some(None) {
        return;
    }
    let columns = Columns { type_, name, aliases, key: key.flatten(), properties };
    let schema = reading.builder.schema.clone();
    let say = |batch: &mut Batch<Said>, row: &StringRecord| entity_row(&schema, &rows, batch, row, &columns);
    rows.each(reading, &mut chunks, say, |reading, said, claims| add(reading, &rows, said, claims, &columns));
}

/// Property and column of each entry of `properties`.
fn properties(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    table: &TablePart<'_>,
    header: &StringRecord,
    type_: TypeId,
) -> Option<Vec<(PropertyId, usize)>> {
    let mut found = Vec::new();
    for (property, word) in &table.properties.0 {
        let schema = &reading.builder.schema;
        let id = schema.lookup_property(&property.text).filter(|id| schema.property(*id).of.contains(type_));
        if id.is_none() {
            let problem = entities::unknown_property(schema, file, type_, property);
            reading.problems.push(problem);
        }
        let column = column(reading, file, table, header, ("properties", Some(word)));
        found.push(id.zip(column));
    }
    found.into_iter().collect()
}

/// What a row says of its entities, mostly one.
fn entity_row(schema: &Schema, rows: &Rows<'_, '_>, batch: &mut Batch<Said>, row: &StringRecord, columns: &Columns) {
    let before = batch.said.len();
    for name in rows.names(row, columns.name) {
        let cells = columns.aliases.iter().flat_map(|column| rows.names(row, *column));
        let aliases = cells.filter(|alias| *alias != name).map(str::to_string).collect();
        let key = columns.key.and_then(|column| row.get(column)).map(|key| key.trim().to_string());
        let values =
            columns.properties.iter().filter_map(|(id, column)| value(schema, rows, batch, row, (*id, *column)));
        let values = values.collect();
        let line = batch.line(row);
        batch.said.push(Said { line, name: name.to_string(), aliases, key, values });
    }
    if batch.said.len() == before && !rows.table.repeated {
        batch.bad(row, columns.name, "an entity without a name");
    }
}

/// The value of a cell with its claim, if there is one.
fn value(
    schema: &Schema,
    rows: &Rows<'_, '_>,
    batch: &mut Batch<Said>,
    row: &StringRecord,
    (property, column): (PropertyId, usize),
) -> Option<(PropertyId, Value, u32)> {
    let text = row.get(column).unwrap_or("").trim();
    if text.is_empty() {
        return None;
    }
    match words::value(schema.property(property).value, text, Span::default()) {
        Ok(value) => Some((property, value, rows.claim(batch, row)?)),
        Err(bad) => {
            batch.bad(row, column, bad.message);
            None
        }
    }
}

/// Adds an entity, or values to one that is there already.
fn add(
    reading: &mut Reading<'_>,
    rows: &Rows<'_, '_>,
    said: Said,
    claims: &[u32],
    columns: &Columns,
) -> Result<(), Problem> {
    let known = reading.index.named(columns.type_, &said.name).filter(|_| rows.table.repeated);
    let id = match known {
        Some(id) => id,
        None => declare(reading, &said, columns)?,
    };
    for (property, value, claim) in said.values {
        reading.builder.value(id, property, value, claims.get(claim as usize).copied());
    }
    Ok(())
}

/// Adds an entity with its aliases and its key.
///
/// # Errors
/// A name that is taken.
fn declare(reading: &mut Reading<'_>, said: &Said, columns: &Columns) -> Result<EntityId, Problem> {
    let Said { line, name, aliases, key, .. } = said;
    let problem = |message| Problem::new(*line, columns.name, message);
    let clash = |reading: &Reading<'_>, id, word: &str| {
        reading.index.clash(&reading.builder.schema, id, columns.type_, word).is_some()
    };
    if clash(reading, None, name) {
        return Err(problem(format!("`{name}` cannot be told apart from an entity before it")));
    }
    let id = reading.builder.entity(columns.type_, name, aliases);
    reading.index.add(id, columns.type_, name);
    reading.declared.push(None);
    for alias in aliases {
        if clash(reading, Some(id), alias) {
            return Err(problem(format!("the alias `{alias}` is another entity's name")));
        }
        reading.index.add_alias(id, alias);
    }
    match key {
        Some(key) if !key.is_empty() && !reading.index.add_key(id, key) => Err(problem(format!(
            "the key `{key}` is that of a {} before it",
            reading.builder.schema.type_(columns.type_).name
        ))),
        _ => Ok(id),
    }
}
