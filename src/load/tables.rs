//! Tables: rows of CSV files as entities or as facts.
//!
//! Rows are streamed. What is wrong with them is reported at the `file` of the table's section, with the row's line and
//! column, and at most [`MOST_PROBLEMS`] times for each table.

use super::file::{TablePart, Word};
use super::{Reading, Source, entities, error, undeclared, words};
use crate::graph::{ClaimSource, EntityId, SourceId};
use crate::schema::{PropertyId, TypeId, TypeSet, VerbId};
use crate::text::{Code, Span};
use csv::StringRecord;
use rustc_hash::FxHashMap;

/// How many bad rows of one table are reported.
const MOST_PROBLEMS: usize = 20;

/// Endings of files that are understood, but not read in this version.
const FORMATS_TO_COME: [&str; 3] = [".gz", ".zst", ".parquet"];

/// Adds the entities of all tables that have them.
pub(super) fn read_entities(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for file in parts {
        for table in &file.part.tables {
            match (&table.entity, &table.verb) {
                (Some(type_), None) => entity_table(reading, file, table, type_),
                (None, Some(_)) => {}
                _ => {
                    let message = "a table has either `entity` and `name`, or `verb`, `subject` and `object`";
                    reading.problems.push(error(file.text, &table.file, Code::Ron, message));
                }
            }
        }
    }
}

/// Adds the facts of all tables that have them.
pub(super) fn read_facts(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for file in parts {
        for table in file.part.tables.iter().filter(|table| table.entity.is_none()) {
            if let Some(verb) = &table.verb {
                fact_table(reading, file, table, verb);
            }
        }
    }
}

/// A table while its rows are read.
struct Rows<'r, 't> {
    file: &'r Source<'t>,
    table: &'r TablePart<'t>,
    source: SourceId,
    at: Template,
    /// Locator to claim: rows of one locator share a claim.
    claims: FxHashMap<String, u32>,
    bad: usize,
}

/// A reader of rows, and the first of them.
type Opened = (csv::Reader<Box<dyn std::io::Read>>, StringRecord);

impl<'r, 't> Rows<'r, 't> {
    /// Opens the file and finds the source and the columns of the locator; `None`, and diagnostics, where one fails.
    fn open(
        reading: &mut Reading<'_>,
        file: &'r Source<'t>,
        table: &'r TablePart<'t>,
    ) -> Option<(Rows<'r, 't>, Opened)> {
        let source = reading.source(file.text, &table.source);
        if let Some(format) = FORMATS_TO_COME.iter().find(|format| table.file.text.ends_with(**format)) {
            let message = format!("tables cannot be read from `{format}` files yet");
            reading.problems.push(error(file.text, &table.file, Code::NotYet, message).help("unpack it to `.csv`"));
            return None;
        }
        let opened = (reading.files)(&table.file.text);
        let mut reader = match opened {
            Ok(content) => csv::Reader::from_reader(content),
            Err(reason) => {
                let message = format!("cannot read `{}`: {}", table.file.text, super::reason(&reason));
                reading.problems.push(error(file.text, &table.file, Code::File, message));
                return None;
            }
        };
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(reason) => {
                reading.problems.push(error(file.text, &table.file, Code::BadRow, csv_message(&table.file, &reason)));
                return None;
            }
        };
        let at = Template::read(reading, file, table, &header)?;
        let rows = Rows { file, table, source: source?, at, claims: FxHashMap::default(), bad: 0 };
        Some((rows, (reader, header)))
    }

    /// The claim of a row.
    fn claim(&mut self, reading: &mut Reading<'_>, row: &StringRecord) -> u32 {
        let at = self.at.fill(row);
        if let Some(claim) = self.claims.get(&at) {
            return *claim;
        }
        let (trust, note) = (self.table.trust.into(), self.table.note.clone());
        let source = Some(self.source);
        let claim =
            reading.builder.claim(ClaimSource { source, at: at.clone(), trust, note, ..ClaimSource::default() });
        self.claims.insert(at, claim);
        claim
    }

    /// Reports a cell; false when enough have been reported.
    fn bad(&mut self, reading: &mut Reading<'_>, row: &StringRecord, column: usize, message: &str) -> bool {
        let line = row.position().map_or(0, csv::Position::line);
        self.report(reading, format!("{}:{line}:{}: {message}", self.table.file.text, column + 1))
    }

    fn report(&mut self, reading: &mut Reading<'_>, message: String) -> bool {
        self.bad += 1;
        reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        if self.bad == MOST_PROBLEMS {
            let message = format!("`{}` has more bad rows perhaps: reading stopped here", self.table.file.text);
            reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        }
        self.bad < MOST_PROBLEMS
    }
}

fn csv_message(file: &Word<'_>, reason: &csv::Error) -> String {
    let line = reason.position().map_or(1, csv::Position::line);
    let what = match reason.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the header {expected_len}")
        }
        csv::ErrorKind::Utf8 { err, .. } => format!("field {} is not UTF-8 text", err.field() + 1),
        csv::ErrorKind::Io(reason) => super::reason(reason),
        _ => reason.to_string().to_lowercase(),
    };
    format!("{}:{line}:1: {what}", file.text)
}

/// Calls `each` for every row until it says that enough is wrong.
fn each_row<'f>(
    reading: &mut Reading<'f>,
    rows: &mut Rows<'_, '_>,
    reader: &mut csv::Reader<Box<dyn std::io::Read>>,
    mut each: impl FnMut(&mut Reading<'f>, &mut Rows<'_, '_>, &StringRecord) -> bool,
) {
    let mut row = StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) if each(reading, rows, &row) => {}
            Ok(_) => return,
            Err(reason) => {
                let message = csv_message(&rows.table.file, &reason);
                if !rows.report(reading, message) || matches!(reason.kind(), csv::ErrorKind::Io(_)) {
                    return;
                }
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

/// Words with columns between them: `{file}:{line}`.
struct Template(Vec<Piece>);

enum Piece {
    Words(String),
    Column(usize),
}

impl Template {
    fn read(
        reading: &mut Reading<'_>,
        file: &Source<'_>,
        table: &TablePart<'_>,
        header: &StringRecord,
    ) -> Option<Template> {
        let Some(at) = &table.at else { return Some(Template(Vec::new())) };
        let mut pieces = Vec::new();
        let mut rest = &*at.text;
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            pieces.push(Piece::Words(words.to_string()));
            let Some(column) = header.iter().position(|column| column == name) else {
                let problem = error(file.text, at, Code::Undeclared, format!("no column is called `{name}`"));
                reading.problems.push(problem.help(format!("the columns are {}", list(header))));
                return None;
            };
            pieces.push(Piece::Column(column));
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_string()));
        Some(Template(pieces))
    }

    fn fill(&self, row: &StringRecord) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Column(column) => row.get(*column).unwrap_or("").to_string(),
        };
        self.0.iter().map(piece).collect()
    }
}

fn entity_table(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, type_: &Word<'_>) {
    let type_ = entities::type_of(reading, file, type_);
    let (Some(type_), Some((mut rows, (mut reader, header)))) = (type_, Rows::open(reading, file, table)) else {
        return;
    };
    let name = column(reading, file, table, &header, ("name", table.name.as_ref()));
    let aliases = table.aliases.iter().map(|alias| column(reading, file, table, &header, ("aliases", Some(alias))));
    let aliases: Option<Vec<usize>> = aliases.collect();
    let properties = properties(reading, file, table, &header, type_);
    let (Some(name), Some(aliases), Some(properties)) = (name, aliases, properties) else { return };
    each_row(reading, &mut rows, &mut reader, |reading, rows, row| {
        entity_row(reading, rows, row, (type_, name, &aliases, &properties))
    });
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

type EntityColumns<'c> = (TypeId, usize, &'c [usize], &'c [(PropertyId, usize)]);

/// Adds the entity of a row and its values. False when reading is to stop.
fn entity_row(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    (type_, name, aliases, properties): EntityColumns<'_>,
) -> bool {
    let word = row.get(name).unwrap_or("");
    if word.trim().is_empty() {
        return rows.bad(reading, row, name, "an entity without a name");
    }
    if reading.index.clash(&reading.builder.schema, None, type_, word).is_some() {
        return rows.bad(reading, row, name, &format!("`{word}` cannot be told apart from an entity before it"));
    }
    let other = |alias: &&str| !alias.is_empty() && *alias != word;
    let others: Vec<&str> = aliases.iter().filter_map(|column| row.get(*column)).filter(other).collect();
    let id = reading.builder.entity(type_, word, &others.iter().map(|alias| alias.to_string()).collect::<Vec<_>>());
    reading.index.add(id, type_, word);
    reading.declared.push(None);
    for alias in others {
        if reading.index.clash(&reading.builder.schema, Some(id), type_, alias).is_some() {
            return rows.bad(reading, row, name, &format!("the alias `{alias}` is another entity's name"));
        }
        reading.index.add_alias(id, alias);
    }
    let mut go_on = true;
    for (property, column) in properties {
        go_on &= value_cell(reading, rows, row, (id, *property, *column));
    }
    go_on
}

/// Adds the value of a cell, if there is one. False when reading is to stop.
fn value_cell(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    (subject, property, column): (EntityId, PropertyId, usize),
) -> bool {
    let text = row.get(column).unwrap_or("").trim();
    if text.is_empty() {
        return true;
    }
    match words::value(reading.builder.schema.property(property).value, text, Span::default()) {
        Ok(value) => {
            let claim = rows.claim(reading, row);
            reading.builder.value(subject, property, value, Some(claim));
            true
        }
        Err(bad) => rows.bad(reading, row, column, &bad.message),
    }
}

fn fact_table(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>, verb: &Word<'_>) {
    let id = reading.builder.schema.lookup_verb(&verb.text);
    if id.is_none() {
        let known = reading.builder.schema.verbs().map(|(_, verb)| verb.name.as_str());
        let problem = undeclared(file.text, verb, "verb", known);
        reading.problems.push(problem);
    }
    let (Some(id), Some((mut rows, (mut reader, header)))) = (id, Rows::open(reading, file, table)) else { return };
    let subject = column(reading, file, table, &header, ("subject", table.subject.as_ref()));
    let object = column(reading, file, table, &header, ("object", table.object.as_ref()));
    let (Some(subject), Some(object)) = (subject, object) else { return };
    each_row(reading, &mut rows, &mut reader, |reading, rows, row| fact_row(reading, rows, row, (subject, id, object)));
}

/// Adds the fact of a row; an empty cell states nothing. False when reading is to stop.
fn fact_row(
    reading: &mut Reading<'_>,
    rows: &mut Rows<'_, '_>,
    row: &StringRecord,
    (subject, verb, object): (usize, VerbId, usize),
) -> bool {
    if [subject, object].iter().any(|column| row.get(*column).is_none_or(|cell| cell.trim().is_empty())) {
        return true;
    }
    let entry = reading.builder.schema.verb(verb);
    let (from, to) = (entry.from, entry.to);
    match (cell(reading, row, subject, from), cell(reading, row, object, to)) {
        (Ok(subject), Ok(object)) => {
            let claim = rows.claim(reading, row);
            reading.builder.link(subject, verb, object, Some(claim));
            true
        }
        (Err(message), _) => rows.bad(reading, row, subject, &message),
        (_, Err(message)) => rows.bad(reading, row, object, &message),
    }
}

/// The one entity of these types that a cell names.
fn cell(reading: &Reading<'_>, row: &StringRecord, column: usize, types: TypeSet) -> Result<EntityId, String> {
    let name = row.get(column).unwrap_or("");
    let wanted = || reading.builder.schema.type_names(types);
    let found = reading.index.lookup(name);
    let mut fitting = found.iter().map(|id| EntityId(*id)).filter(|id| types.contains(reading.index.type_of(*id)));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(format!("`{name}` fits several entities")),
        (None, _) if found.is_empty() => Err(format!("no entity is called `{name}`")),
        (None, _) => Err(format!("`{name}` is no {}", wanted())),
    }
}
