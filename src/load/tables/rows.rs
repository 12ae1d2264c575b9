//! What a section says of rows: which of them count, and the claim that each makes.

use super::Section;
use super::header::Header;
use super::input::{Page, Problem, Problems, Row, Unknown};
use super::pass::Meaning;
use super::template::Template;
use crate::graph::{ClaimSource, SourceId};
use crate::load::file::Word;
use crate::load::{Reading, words};
use crate::text::Span;
use crate::value::Value;
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::{BTreeSet, HashMap};

/// A section, as far as it is known before its rows are read. All threads look at it.
pub(super) struct Rows<'s> {
    pub section: Section<'s>,
    /// Columns, each with the cell that a row must have to count, and where that is written.
    pub wanted: Vec<(usize, &'s Word<'s>)>,
    /// What stands between the names in one cell.
    split: Option<&'s str>,
    source: RowSource,
    at: Template,
    note: Template,
}

/// How many characters of a claim's key stand for its source.
const SOURCE_CHARS: usize = 4;

/// One source for the section, or one that each row names.
enum RowSource {
    Fixed(SourceId),
    Named(Template, HashMap<String, SourceId>),
}

/// The numbers in the graph of a section's claims.
pub(super) type Claims = FxHashMap<String, u32>;

/// What the rows of a page say.
pub(super) struct Batch<S> {
    pub said: S,
    pub problems: Problems,
    /// How many rows count.
    pub taken: u64,
    /// Where none does: by column that must have a cell, some of those that rows have.
    pub others: Vec<BTreeSet<String>>,
    /// Source, locator and note of a claim, which rows that agree in them share; its number here is its position. In
    /// the key the note comes after the locator, which ends at the number given.
    claims: IndexMap<String, (SourceId, usize), FxBuildHasher>,
    /// The words of the claim at hand, kept to spare their space.
    key: String,
}

impl<S> Batch<S> {
    /// Reports a cell.
    pub fn bad(&mut self, row: Row<'_>, column: usize, message: impl Into<String>) {
        self.report(row, Problem::new(row.place(), column, message));
    }

    /// Reports a problem of a row.
    pub fn report(&mut self, row: Row<'_>, problem: Problem) {
        self.problems.push(super::MOST_PROBLEMS, Problem { row: row.words(), ..problem });
    }
}

impl<S> Batch<S> {
    /// Reports a number that is not kept as it is written.
    pub fn tell_rounded(&mut self, row: Row<'_>, column: usize, (property, text): (&str, &str), value: &Value) {
        let Some(warning) = words::rounded(property, text, value, Span::default()) else { return };
        let taken = format!("`{text}` is taken for {value}");
        let help = std::iter::once(taken).chain(warning.help.into_iter().map(|help| help.message)).collect();
        self.report(row, Problem { help, ..Problem::warning(row.place(), column, warning.message) });
    }
}

impl<'s> Rows<'s> {
    /// Finds the source and the columns of the section's words; `None`, and diagnostics, where one fails.
    pub fn of(reading: &mut Reading<'_>, header: &mut Header, section: Section<'s>) -> Option<Rows<'s>> {
        let wanted = wanted(reading, header, section);
        let source = row_source(reading, header, section);
        let at = template(reading, header, section, section.table.at.as_ref());
        let note = template(reading, header, section, section.table.note.as_ref());
        let split = section.table.split.as_ref().map(|split| &*split.text).filter(|split| !split.is_empty());
        Some(Rows { section, split, wanted: wanted?, source: source?, at: at?, note: note? })
    }

    /// What the rows of a page say.
    pub fn read<M: Meaning>(&self, page: &Page, meaning: &M) -> Batch<M::Said> {
        let (said, claims, problems) = (M::Said::default(), IndexMap::default(), Problems::default());
        let mut batch = Batch { said, claims, key: String::new(), problems, taken: 0, others: Vec::new() };
        for row in page.rows().filter(|row| self.counts(*row)) {
            batch.taken += 1;
            meaning.say(&mut batch, row);
        }
        if batch.taken == 0 {
            batch.others = self.wanted.iter().map(|(column, _)| some_cells(page, *column)).collect();
        }
        batch
    }

    fn counts(&self, row: Row<'_>) -> bool {
        self.wanted.iter().all(|(column, wanted)| row.get(*column) == &*wanted.text)
    }

    /// The cell as one name; none in an empty one.
    pub fn name<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: None }
    }

    /// The names in a cell: one, or many where the section splits cells; none in an empty one.
    pub fn names<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: self.split }
    }

    /// The claim of a row, by its number in the batch; `None`, and a problem, where it names no source.
    pub fn claim<S>(&self, batch: &mut Batch<S>, row: Row<'_>) -> Option<u32> {
        let source = match &self.source {
            RowSource::Fixed(_) if !batch.claims.is_empty() && self.at.is_fixed() && self.note.is_fixed() => {
                return Some(0);
            }
            RowSource::Fixed(source) => *source,
            RowSource::Named(template, known) => {
                batch.key.clear();
                template.fill(row, &mut batch.key);
                let Some(source) = known.get(&batch.key) else {
                    let message = format!("no source is called `{}`", batch.key);
                    let problem = Problem::new(row.place(), template.column().unwrap_or(0), message);
                    let unknown = Some(Box::new(Unknown::Source(batch.key.clone())));
                    batch.report(row, Problem { unknown, ..problem });
                    return None;
                };
                *source
            }
        };
        batch.key.clear();
        // Four characters for the source, so that claims of different sources differ.
        batch.key.extend(source.0.to_be_bytes().map(char::from));
        self.at.fill(row, &mut batch.key);
        let end_of_at = batch.key.len();
        batch.key.push('\0');
        self.note.fill(row, &mut batch.key);
        let number = match batch.claims.get_index_of(&batch.key) {
            Some(number) => number,
            None => batch.claims.insert_full(batch.key.clone(), (source, end_of_at)).0,
        };
        Some(number as u32)
    }

    /// The numbers in the graph of a batch's claims; those that are new are added. `known` has those of the section.
    pub fn number_claims<S>(&self, reading: &mut Reading<'_>, batch: &Batch<S>, known: &mut Claims) -> Vec<u32> {
        let number = |(key, (source, end_of_at)): (&String, &(SourceId, usize))| {
            if let Some(claim) = known.get(key) {
                return *claim;
            }
            let at = key[..*end_of_at].chars().skip(SOURCE_CHARS).collect();
            let (note, trust) = (key[end_of_at + 1..].to_string(), self.section.table.trust.into());
            let claim = ClaimSource { source: Some(*source), at, trust, note, ..ClaimSource::default() };
            let claim = reading.builder.claim(claim);
            known.insert(key.clone(), claim);
            claim
        };
        batch.claims.iter().map(number).collect()
    }
}

/// The names in a cell, without the space around them.
pub(super) struct Parts<'c, 's> {
    rest: Option<&'c str>,
    split: Option<&'s str>,
}

impl<'c> Iterator for Parts<'c, '_> {
    type Item = &'c str;

    fn next(&mut self) -> Option<&'c str> {
        loop {
            let rest = self.rest?;
            let parted = self.split.and_then(|split| rest.split_once(split));
            let (name, after) = parted.map_or((rest, None), |(name, after)| (name, Some(after)));
            self.rest = after;
            let name = name.trim();
            if !name.is_empty() {
                return Some(name);
            }
        }
    }
}

fn template(
    reading: &mut Reading<'_>,
    header: &mut Header,
    section: Section<'_>,
    word: Option<&Word<'_>>,
) -> Option<Template> {
    Template::read(section.part, word, header).map_err(|problem| reading.problems.push(problem)).ok()
}

fn row_source(reading: &mut Reading<'_>, header: &mut Header, section: Section<'_>) -> Option<RowSource> {
    let named = template(reading, header, section, Some(&section.table.source))?;
    if named.is_fixed() {
        return reading.source(section.part.text, &section.table.source).map(RowSource::Fixed);
    }
    let known = reading.sources.iter().map(|(key, source)| (key.clone(), source.id));
    Some(RowSource::Named(named, known.collect()))
}

/// Some of the cells of a column.
fn some_cells(page: &Page, column: usize) -> BTreeSet<String> {
    page.rows().take(200).map(|row| row.get(column).to_string()).filter(|cell| !cell.is_empty()).collect()
}

fn wanted<'s>(
    reading: &mut Reading<'_>,
    header: &mut Header,
    section: Section<'s>,
) -> Option<Vec<(usize, &'s Word<'s>)>> {
    let entries = section.table.filter.0.iter();
    let found: Vec<_> =
        entries.map(|(name, cell)| Some((header.column(reading, section, ("where", Some(name)))?, cell))).collect();
    found.into_iter().collect()
}
