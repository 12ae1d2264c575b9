//! Rows as entities, with their aliases and values.

use super::column;
use super::rows::Rows;
use crate::graph::EntityId;
use crate::load::file::{TablePart, Word};
use crate::load::{Reading, Source, entities, words};
use crate::schema::{PropertyId, TypeId};
use crate::text::Span;
use csv::StringRecord;

/// The columns of a table of entities.
struct Columns {
    type_: TypeId,
    name: usize,
    aliases: Vec<usize>,
    properties: Vec<(PropertyId, usize)>,
}

/// Adds the entities of a table.
pub(super) fn read(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, type_: &Word<'_>) {
    let type_ = entities::type_of(reading, file, type_);
    let (Some(type_), Some((mut rows, mut reader))) = (type_, Rows::open(reading, file, table)) else { return };
    let header = rows.header.clone();
    let name = column(reading, file, table, &header, ("name", table.name.as_ref()));
    let aliases = table.aliases.iter().map(|alias| column(reading, file, table, &header, ("aliases", Some(alias))));
    let aliases: Option<Vec<usize>> = aliases.collect();
    let properties = properties(reading, file, table, &header, type_);
    let (Some(name), Some(aliases), Some(properties)) = (name, aliases, properties) else { return };
    let columns = Columns { type_, name, aliases, properties };
    rows.each(reading, &mut reader, |reading, rows, row| entity_row(reading, rows, row, &columns));
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

/// Adds the entities of a row, mostly one, and their values. False when reading is to stop.
fn entity_row(reading: &mut Reading<'_>, rows: &mut Rows<'_, '_>, row: &StringRecord, columns: &Columns) -> bool {
    let mut found = false;
    for name in rows.names(row, columns.name) {
        found = true;
        let known = reading.index.named(columns.type_, name).filter(|_| rows.table.repeated);
        let Some(id) = known.or_else(|| declare(reading, rows, row, columns, name)) else { continue };
        for (property, column) in &columns.properties {
            value_cell(reading, rows, row, (id, *property, *column));
        }
    }
    if !found && !rows.table.repeated {
        rows.bad(reading, row, columns.name, "an entity without a name");
    }
    rows.goes_on()
}

/// Adds an entity and its aliases; `None`, and a diagnostic, where its name is taken.
fn declare(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    columns: &Columns,
    name: &str,
) -> Option<EntityId> {
    let type_ = columns.type_;
    if reading.index.clash(&reading.builder.schema, None, type_, name).is_some() {
        let message = format!("`{name}` cannot be told apart from an entity before it");
        rows.bad(reading, row, columns.name, &message);
        return None;
    }
    let cells = columns.aliases.iter().flat_map(|column| rows.names(row, *column));
    let aliases: Vec<String> = cells.filter(|alias| *alias != name).map(str::to_string).collect();
    let id = reading.builder.entity(type_, name, &aliases);
    reading.index.add(id, type_, name);
    reading.declared.push(None);
    for alias in &aliases {
        if reading.index.clash(&reading.builder.schema, Some(id), type_, alias).is_some() {
            rows.bad(reading, row, columns.name, &format!("the alias `{alias}` is another entity's name"));
        }
        reading.index.add_alias(id, alias);
    }
    Some(id)
}

/// Adds the value of a cell, if there is one.
fn value_cell(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    (subject, property, column): (EntityId, PropertyId, usize),
) {
    let text = row.get(column).unwrap_or("").trim();
    if text.is_empty() {
        return;
    }
    match words::value(reading.builder.schema.property(property).value, text, Span::default()) {
        Ok(value) => {
            if let Some(claim) = rows.claim(reading, row) {
                reading.builder.value(subject, property, value, Some(claim));
            }
        }
        Err(bad) => {
            rows.bad(reading, row, column, &bad.message);
        }
    }
}
