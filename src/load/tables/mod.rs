//! Tables: rows of CSV, JSON and Parquet files, read as entities or as facts.
//!
//! Consecutive sections over one file are read in one pass ([`scan`]). The file comes in batches of rows ([`input`]),
//! optionally compressed. Each section parses a batch on any core ([`entity`], [`fact`]), and the results are added in
//! the order of the rows. Problems of rows are reported at the `file` of the section, with line and column: each kind
//! of problem once, at most [`MOST_PROBLEMS`] kinds for each section.

mod cells;
mod dialect;
mod entity;
mod fact;
mod header;
mod input;
mod mention;
mod parallel;
mod rows;
pub mod sample;
mod scan;
mod shape;
mod template;
mod untaken;

pub use input::catches_panics;

use super::file::{Missing, TablePart};
use super::sentence::Names;
use super::{File, Reading, Source, TableRows, error};
use crate::text::Code;
use std::collections::HashMap;

/// The maximum number of kinds of bad rows that are reported for a section. Reading stops there: who has so many mends
/// them before the rest is of interest.
const MOST_PROBLEMS: usize = 20;

/// A section of `tables`, and its part.
#[derive(Clone, Copy)]
struct Section<'s> {
    part: &'s Source<'s>,
    table: &'s TablePart<'s>,
    /// All sections over the same file.
    all: &'s [&'s TablePart<'s>],
}

impl Section<'_> {
    /// Returns the key of the rows that the section reads: the file, and the path within it.
    fn rows(&self) -> TableRows {
        let (file, path) = place(self.table);
        TableRows { file: file.to_string(), path: path.to_string() }
    }
}

/// The sections over each file and path of rows.
type Sections<'s> = HashMap<(&'s str, &'s str), Vec<&'s TablePart<'s>>>;

/// Returns the key of the rows that a section reads: the file, and the path within it.
fn place<'s>(table: &'s TablePart<'s>) -> (&'s str, &'s str) {
    (&table.file.text, table.rows.as_ref().map_or("", |rows| &rows.text))
}

/// Adds the entities of all tables.
pub(super) fn read_entities(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    let (mut all, by_file) = (Vec::new(), by_file(parts));
    for section in sections(parts, &by_file) {
        match (&section.table.entity, &section.table.verb) {
            (Some(type_), None) => all.extend(entity::meaning(reading, section, type_).map(|type_| (section, type_))),
            (_, Some(_)) => {}
            (None, None) => {
                let message = "a table has `entity` and `name`, or `verb`, `subject` and `object`";
                reading.problems.push(error(section.part.text, &section.table.file, Code::Ron, message));
            }
        }
    }
    let schema = reading.builder.schema.clone();
    // Names of one family of types must differ, so the order of such sections matters: they need a pass each.
    let same = |(_, a): &(_, _), (_, b): &(_, _)| super::names::top(&schema, *a) == super::names::top(&schema, *b);
    runs(&all, same).for_each(|run| entity::read(reading, &schema, run));
}

/// Declares undeclared names of tables of facts that ask for it. All other declarations have been read.
pub(super) fn declare_missing(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    let by_file = by_file(parts);
    let schema = reading.builder.schema.clone();
    for section in sections(parts, &by_file).filter(|section| section.table.missing == Missing::Declare) {
        let before = reading.problems.0.len();
        let saying = section.table.verb.as_ref().and_then(|verb| fact::meaning(reading, section, verb));
        // A missing verb is reported when the facts are read.
        reading.problems.0.truncate(before);
        saying.into_iter().for_each(|saying| mention::read(reading, &schema, section, saying));
    }
}

/// Adds the facts of all tables.
pub(super) fn read_facts(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    let (mut all, by_file) = (Vec::new(), by_file(parts));
    for section in sections(parts, &by_file) {
        if let Some(verb) = &section.table.verb {
            all.extend(fact::meaning(reading, section, verb).map(|saying| (section, saying)));
        }
    }
    // Facts add no names, so that all threads can share the index.
    let (index, schema) = (std::mem::take(&mut reading.index), reading.builder.schema.clone());
    let names = Names { index: &index, schema: &schema };
    let same = |(_, a): &(_, fact::FactMapping), (_, b): &(_, fact::FactMapping)| a.is_like(*b);
    runs(&all, same).for_each(|run| fact::read(reading, names, run));
    reading.index = index;
}

fn by_file<'s>(parts: &'s [Source<'s>]) -> Sections<'s> {
    let mut by_file = Sections::new();
    for table in parts.iter().flat_map(|part| &part.part.tables) {
        by_file.entry(place(table)).or_default().push(table);
    }
    by_file
}

fn sections<'s>(parts: &'s [Source<'s>], by_file: &'s Sections<'s>) -> impl Iterator<Item = Section<'s>> {
    let section = |part: &'s Source<'s>, table: &'s TablePart<'s>| {
        let all = by_file.get(&place(table)).map_or(&[][..], Vec::as_slice);
        Section { part, table, all }
    };
    parts.iter().flat_map(move |part| part.part.tables.iter().map(move |table| section(part, table)))
}

/// Returns the runs of consecutive sections over one file with different meanings. Each run is read in one pass, since
/// the order of its sections does not matter.
fn runs<'a, 's, T>(
    mut rest: &'a [(Section<'s>, T)],
    same: impl Fn(&(Section<'s>, T), &(Section<'s>, T)) -> bool,
) -> impl Iterator<Item = &'a [(Section<'s>, T)]> {
    std::iter::from_fn(move || {
        let file = |section: &(Section<'s>, T)| place(section.0.table);
        let first = file(rest.first()?);
        let fits = |i: &usize| file(&rest[*i]) == first && !rest[..*i].iter().any(|before| same(before, &rest[*i]));
        let (run, after) = rest.split_at((0..rest.len()).take_while(fits).count());
        rest = after;
        Some(run)
    })
}
