//! Declares entities from tables of facts with `missing: declare`: each undeclared name becomes an entity of the first
//! type that the verb allows at that end, and its property [`MENTIONED`] states which table names it.

use super::Section;
use super::fact::FactMapping;
use super::header::Header;
use super::input::{Cell, Problem, RecordBatch, Row, Tally, Tolerance, Unknown};
use super::rows::{ParsedBatch, Rows};
use super::scan::{TableMapping, TableScan};
use crate::graph::EntityId;
use crate::load::names::fold_hash;
use crate::load::schema::MENTIONED;
use crate::load::{Declared, Reading, TableFile, entities};
use crate::schema::{PropertyId, Schema, TypeId, TypeSet};
use crate::value::Value;
use rustc_hash::FxHashSet;

/// A section of facts, with the columns that name entities.
struct Mentions<'s> {
    rows: Rows<'s>,
    schema: &'s Schema,
    /// Columns, with the types allowed there and the type for undeclared names.
    ends: Vec<(usize, TypeSet, TypeId)>,
    mark: PropertyId,
}

/// Names, each with the index of its end, its place, and the index of its claim in the batch.
#[derive(Default)]
struct ParsedMentions(Vec<(usize, Cell, u64, u32)>);

/// Declares all undeclared names of a section.
pub(super) fn read(reading: &mut Reading<'_>, schema: &Schema, section: Section<'_>, saying: FactMapping) {
    let Some(mut pass) = TableScan::open(reading, section) else { return };
    let Some(mentions) = Mentions::of(reading, schema, &mut pass.header, section, saying) else { return };
    let (name, unit) = (section.table.file.text.to_string(), pass.unit());
    reading.files.push(TableFile { name, unit });
    pass.read(reading, &[mentions]);
}

impl<'s> Mentions<'s> {
    fn of(
        reading: &mut Reading<'_>,
        schema: &'s Schema,
        header: &mut Header,
        section: Section<'s>,
        saying: FactMapping,
    ) -> Option<Mentions<'s>> {
        let table = section.table;
        // Errors of the section are reported when its facts are read.
        let before = reading.problems.0.len();
        let rows = Rows::of(reading, header, section);
        let subject = header.name(reading, section, ("subject", table.subject.as_ref()));
        let object = header.name(reading, section, ("object", table.object.as_ref()));
        let narrowed = table.entity.as_ref().and_then(|type_| entities::type_of(reading, section.part, type_));
        reading.problems.0.truncate(before);
        let (from, to) = saying.ends(schema);
        let (first, second) = saying.first_types(schema);
        let from = narrowed.map_or((from, first), |type_| (schema.type_(type_).subtypes, Some(type_)));
        let mut ends = vec![(subject?, from.0, from.1?)];
        ends.extend(second.map(|second| object.map(|object| (object, to, second))).into_iter().flatten());
        let mark = schema.lookup_property(MENTIONED)?;
        Some(Mentions { rows: rows?, schema, ends, mark })
    }
}

impl TableMapping for Mentions<'_> {
    type Parsed = ParsedMentions;

    fn rows(&self) -> &Rows<'_> {
        &self.rows
    }

    fn kind(&self) -> &'static str {
        "names"
    }

    fn parse_row(&self, batch: &mut ParsedBatch<ParsedMentions>, row: Row<'_>) {
        let is_fact = self.ends.get(1).is_none_or(|(object, ..)| self.rows.names(row, *object).next().is_some());
        if !is_fact {
            return;
        }
        let Some(claim) = self.rows.claim(batch, row) else { return };
        for (i, (column, ..)) in self.ends.iter().enumerate() {
            let all = if i == 0 { self.rows.name(row, *column) } else { self.rows.names(row, *column) };
            batch.said.0.extend(all.map(|name| (i, row.cell(name), row.place(), claim)));
        }
    }

    fn add(
        &self,
        reading: &mut Reading<'_>,
        (page, tally): (&RecordBatch, &mut Tally),
        ParsedMentions(said): ParsedMentions,
        claims: &[u32],
    ) -> Vec<Problem> {
        // Skips names repeated in this batch; those of earlier batches are in the index.
        let mut seen = FxHashSet::default();
        for (end, cell, place, claim) in said {
            let (name, (_, types, type_)) = (page.text(cell), self.ends[end]);
            if !seen.insert((end, name)) || reading.index.is_refused(name) {
                continue;
            }
            let found = reading.index.lookup_key(name, types);
            let fits = |id: &u32| types.contains(reading.index.type_of(EntityId(*id)));
            // A name of another entity of the same family is reported when the facts are read.
            let clash = reading.index.clash(self.schema, None, type_, (name, fold_hash(name)));
            if found.as_slice().iter().any(fits) || clash.is_some() {
                continue;
            }
            let id = self.declare(reading, name, (type_, place));
            reading.builder.value(
                id,
                self.mark,
                Value::text(&self.rows.section.table.file.text),
                claims.get(claim as usize).copied(),
            );
            tally.add(Tolerance::Declared, place);
        }
        Vec::new()
    }

    fn refuse(_: &mut Reading<'_>, words: &mut Vec<String>) {
        words.clear();
    }

    fn unknown(&self, _: Row<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn nearest(&self, _: &Unknown) -> Vec<String> {
        Vec::new()
    }
}

impl Mentions<'_> {
    fn declare(&self, reading: &mut Reading<'_>, name: &str, (type_, place): (TypeId, u64)) -> EntityId {
        let id = reading.builder.entity(type_, name, &[]);
        reading.index.add(id, type_, name, fold_hash(name));
        let file = reading.files.len().saturating_sub(1) as u32;
        reading.declared.push(Declared::Row(file, place));
        id
    }
}
