//! Tables: rows of CSV files as entities or as facts.
//!
//! Files are read in chunks, packed ones too, and rows on all cores. What is wrong with them is reported at the `file` of the table's section, with the row's line and
//! column, and at most [`MOST_PROBLEMS`] times for each table.

mod chunks;
mod entity;
mod fact;
mod parallel;
mod rows;
mod template;

use super::file::{TablePart, Word};
use super::{Reading, Source, error, undeclared};
use crate::text::Code;
use csv::StringRecord;

/// How many bad rows of one table are reported.
const MOST_PROBLEMS: usize = 20;

/// Adds the entities of all tables that have them.
pub(super) fn read_entities(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for file in parts {
        for table in &file.part.tables {
            match (&table.entity, &table.verb) {
                (Some(type_), None) => entity::read(reading, file, table, type_),
                (_, Some(_)) => {}
                (None, None) => {
                    let message = "a table has `entity` and `name`, or `verb`, `subject` and `object`";
                    reading.problems.push(error(file.text, &table.file, Code::Ron, message));
                }
            }
        }
    }
}

/// Adds the facts of all tables that have them.
pub(super) fn read_facts(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for file in parts {
        for table in file.part.tables.iter() {
            if let Some(verb) = &table.verb {
                fact::read(reading, file, table, verb);
            }
        }
    }
}

/// The position of a column; a diagnostic where there is none, or where the section does not name one.
fn column(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    table: &TablePart<'_>,
    header: &StringRecord,
    (field, word): (&str, Option<&Word<'_>>),
) -> Option<usize> {
    let Some(word) = word else {
        let message = format!("the field `{field}` is missing: it names a column");
        reading.problems.push(error(file.text, &table.file, Code::Ron, message));
        return None;
    };
    let found = header.iter().position(|column| column == word.text);
    if found.is_none() {
        let problem = undeclared(file.text, word, "column", header.iter());
        reading.problems.push(problem.help(format!("the columns are {}", list(header))));
    }
    found
}

fn list(header: &StringRecord) -> String {
    header.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

/// What is wrong with a header that cannot be read.
fn csv_message(file: &Word<'_>, reason: &csv::Error) -> String {
    let line = reason.position().map_or(1, csv::Position::line);
    format!("{}:{line}:1: {}", file.text, csv_reason(reason))
}

fn csv_reason(reason: &csv::Error) -> String {
    match reason.kind() {
        csv::ErrorKind::Utf8 { err, .. } => format!("field {} is not UTF-8 text", err.field() + 1),
        csv::ErrorKind::Io(reason) => super::reason(reason),
        _ => reason.to_string().to_lowercase(),
    }
}
