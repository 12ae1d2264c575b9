//! What a section says of rows: which of them count, and the claim that each makes.

use super::Section;
use super::cells::Cells;
use super::dialect::ByColumn;
use super::header::Header;
use super::input::{LIST, Problem, Problems, RecordBatch, Row, Tally, Unknown};
use super::scan::TableMapping;
use super::template::Template;
use crate::graph::{ClaimSource, SourceId, Trust};
use crate::load::file::{Entries, TrustChoice, Word};
use crate::load::{Reading, words};
use crate::schema::Property;
use crate::text::Span;
use crate::value::{Value, ValueType};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A section, as far as it is known before its rows are read. All threads look at it.
pub(super) struct Rows<'s> {
    pub section: Section<'s>,
    /// Columns, each with the cell that a row must have to count, and where that is written.
    pub wanted: Vec<(usize, &'s Word<'s>)>,
    pub cells: Arc<Cells>,
    /// What stands between the names in one cell.
    split: ByColumn<&'s str>,
    /// Whether cells hold lists.
    has_lists: bool,
    source: RowSource,
    trust: RowTrust<'s>,
    at: Template,
    note: Template,
}

/// How many characters of a claim's key stand for its source and its trust.
const SOURCE_CHARS: usize = 5;

/// One source for the section, or one that each row names.
enum RowSource {
    Fixed(SourceId),
    Named(Template, HashMap<String, SourceId>),
}

/// How surely rows state their facts.
enum RowTrust<'s> {
    Fixed(Trust),
    /// By what stands in a column.
    Column(usize, HashMap<&'s str, Trust>, Option<Trust>),
}

/// The numbers in the graph of a section's claims.
pub(super) type Claims = FxHashMap<String, u32>;

/// What the rows of a page say.
pub(super) struct ParsedBatch<S> {
    pub said: S,
    pub problems: Problems,
    /// What was tolerated.
    pub tally: Tally,
    /// How many rows count.
    pub taken: u64,
    /// Where none does: by column that must have a cell, some of those that rows have.
    pub others: Vec<BTreeSet<String>>,
    /// Source, trust, locator and note of a claim, which rows that agree in them share; its number here is its position. In
    /// the key the note comes after the locator, which ends at the number given.
    claims: IndexMap<String, (SourceId, Trust, usize), FxBuildHasher>,
    /// The words of the claim at hand, kept to spare their space.
    key: String,
}

impl<S> ParsedBatch<S> {
    /// Reports a cell.
    pub fn bad(&mut self, row: Row<'_>, column: usize, message: impl Into<String>) {
        self.report(row, Problem::new(row.place(), column, message));
    }

    /// Reports a problem of a row.
    pub fn report(&mut self, row: Row<'_>, problem: Problem) {
        self.problems.push(super::MOST_PROBLEMS, Problem { row: row.words(), ..problem });
    }
}

impl<S> ParsedBatch<S> {
    /// Reports a number that is not kept as it is written.
    fn tell_rounded(&mut self, row: Row<'_>, column: usize, (property, text): (&str, &str), value: &Value) {
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
        let split = |word: &'s Word<'s>| Ok(&*word.text);
        let split = ByColumn::of(reading, header, (section, "split"), Some(&section.table.split), split);
        let trust = row_trust(reading, header, section);
        let (cells, has_lists) = (header.cells.clone(), header.has_lists);
        Some(Rows {
            section,
            cells,
            has_lists,
            split: split?,
            wanted: wanted?,
            source: source?,
            trust: trust?,
            at: at?,
            note: note?,
        })
    }

    /// What the rows of a page say.
    pub fn read<M: TableMapping>(&self, page: &RecordBatch, meaning: &M) -> ParsedBatch<M::Parsed> {
        let (said, claims, problems) = (M::Parsed::default(), IndexMap::default(), Problems::default());
        let (tally, others) = (Tally::default(), Vec::new());
        let mut batch = ParsedBatch { said, claims, key: String::new(), problems, tally, taken: 0, others };
        for row in page.rows().filter(|row| self.counts(*row)) {
            batch.taken += 1;
            meaning.parse_row(&mut batch, row);
        }
        if batch.taken == 0 {
            batch.others = self.wanted.iter().map(|(column, _)| some_cells(page, *column)).collect();
        }
        batch
    }

    fn counts(&self, row: Row<'_>) -> bool {
        self.wanted.iter().all(|(column, wanted)| row.get(*column) == &*wanted.text)
    }

    /// The cell as one name, or as many where the section splits that very column; none in an empty one.
    pub fn name<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: self.split.own(column).copied(), is_list: self.has_lists }
    }

    /// The names in a cell: one, or many where the section splits cells; none in an empty one.
    pub fn names<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: self.split.get(column).copied(), is_list: self.has_lists }
    }

    /// The value of a property that a cell, or a part of one, stands for; `None`, and a problem, where it is none.
    pub fn value<S>(
        &self,
        batch: &mut ParsedBatch<S>,
        row: Row<'_>,
        (property, column): (&Property, usize),
        text: &str,
    ) -> Option<Value> {
        match self.cells.value(column, property.value, text) {
            Ok(value) => {
                if text.len() > 15 && property.value == ValueType::Number {
                    let plain = self.cells.plain_number(column, text).unwrap_or_default();
                    batch.tell_rounded(row, column, (&property.name, &plain), &value);
                }
                Some(value)
            }
            Err(bad) => {
                let help = bad.help.into_iter().map(|help| help.message).collect();
                batch.report(row, Problem { help, ..Problem::new(row.place(), column, bad.message) });
                None
            }
        }
    }

    /// How surely a row states its facts; `None`, and a problem, where its cell does not say.
    fn trust<S>(&self, batch: &mut ParsedBatch<S>, row: Row<'_>) -> Option<Trust> {
        let (column, words, other) = match &self.trust {
            RowTrust::Fixed(trust) => return Some(*trust),
            RowTrust::Column(column, words, other) => (*column, words, other),
        };
        let cell = row.get(column).trim();
        let by_name = || Trust::ALL.into_iter().find(|trust| words.is_empty() && trust.name() == cell);
        let trust = words.get(cell).copied().or_else(by_name).or(*other);
        if trust.is_none() {
            let message = format!("`{cell}` is no degree of trust");
            let help = vec!["name it in `words` of `trust`, or say with `else` what all others are".to_string()];
            batch.report(row, Problem { help, ..Problem::new(row.place(), column, message) });
        }
        trust
    }

    /// The claim of a row, by its number in the batch; `None`, and a problem, where it names no source.
    pub fn claim<S>(&self, batch: &mut ParsedBatch<S>, row: Row<'_>) -> Option<u32> {
        let source = match &self.source {
            RowSource::Fixed(_) if !batch.claims.is_empty() && self.is_fixed() => return Some(0),
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
        let trust = self.trust(batch, row)?;
        batch.key.clear();
        // Five characters for the source and the trust, so that claims that differ in them differ.
        batch.key.extend(source.0.to_be_bytes().map(char::from));
        batch.key.push(char::from(trust as u8));
        self.at.fill(row, &mut batch.key);
        let end_of_at = batch.key.len();
        batch.key.push('\0');
        self.note.fill(row, &mut batch.key);
        let number = match batch.claims.get_index_of(&batch.key) {
            Some(number) => number,
            None => batch.claims.insert_full(batch.key.clone(), (source, trust, end_of_at)).0,
        };
        Some(number as u32)
    }

    /// Whether all rows make the same claim.
    fn is_fixed(&self) -> bool {
        self.at.is_fixed() && self.note.is_fixed() && matches!(self.trust, RowTrust::Fixed(_))
    }

    /// The numbers in the graph of a batch's claims; those that are new are added. `known` has those of the section.
    pub fn number_claims<S>(&self, reading: &mut Reading<'_>, batch: &ParsedBatch<S>, known: &mut Claims) -> Vec<u32> {
        let number = |(key, (source, trust, end_of_at)): (&String, &(SourceId, Trust, usize))| {
            if let Some(claim) = known.get(key) {
                return *claim;
            }
            let at = key[..*end_of_at].chars().skip(SOURCE_CHARS).collect();
            let note = key[end_of_at + 1..].to_string();
            let claim = ClaimSource { source: Some(*source), at, trust: *trust, note, ..ClaimSource::default() };
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
    /// Whether the cell is a list too.
    is_list: bool,
}

impl<'c> Iterator for Parts<'c, '_> {
    type Item = &'c str;

    fn next(&mut self) -> Option<&'c str> {
        loop {
            let rest = self.rest?;
            let split = self.split.filter(|split| !split.is_empty());
            let ends = [split, self.is_list.then_some(LIST)].into_iter().flatten();
            let first = ends.filter_map(|end| Some((rest.find(end)?, end.len()))).min();
            let parted = first.map(|(at, length)| (&rest[..at], &rest[at + length..]));
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

fn row_trust<'s>(reading: &mut Reading<'_>, header: &mut Header, section: Section<'s>) -> Option<RowTrust<'s>> {
    let by_column = match &section.table.trust {
        TrustChoice::All(trust) => return Some(RowTrust::Fixed((*trust).into())),
        TrustChoice::Column(by_column) => by_column,
    };
    let column = header.column(reading, section, ("trust", Some(&by_column.column)))?;
    let Entries(words) = &by_column.words;
    let words = words.iter().map(|(word, trust)| (word.text.trim(), (*trust).into()));
    Some(RowTrust::Column(column, words.collect(), by_column.other.map(Trust::from)))
}

/// Some of the cells of a column.
fn some_cells(page: &RecordBatch, column: usize) -> BTreeSet<String> {
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
