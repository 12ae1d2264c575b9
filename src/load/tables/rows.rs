//! Selects the rows of a section, and finds the claim of each.

use super::Section;
use super::cells::CellNotations;
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

/// The settings of a section that are known before its rows are read. Shared by all threads.
pub(super) struct Rows<'s> {
    pub section: Section<'s>,
    /// The filter: columns with the required cell, and the place of that word.
    pub wanted: Vec<(usize, &'s Word<'s>)>,
    pub cells: Arc<CellNotations>,
    /// The separator of several names in one cell.
    split: ByColumn<&'s str>,
    /// Whether cells hold lists.
    has_lists: bool,
    source: RowSource,
    trust: RowTrust<'s>,
    at: Template,
    note: Template,
}

/// The number of characters of a claim's key that encode its source and its trust.
const SOURCE_CHARS: usize = 5;

/// One source for the section, or one for each row.
enum RowSource {
    Fixed(SourceId),
    Named(Template, HashMap<String, SourceId>),
}

/// The trust of a section's facts.
enum RowTrust<'s> {
    Fixed(Trust),
    /// Trust by the cell of a column, and for all other cells.
    Column(usize, HashMap<&'s str, Trust>, Option<Trust>),
}

/// The graph's claims of a section, by key.
pub(super) type Claims = FxHashMap<String, u32>;

/// The contents of a batch.
pub(super) struct ParsedBatch<S> {
    pub said: S,
    pub problems: Problems,
    /// What was tolerated.
    pub tally: Tally,
    /// Number of rows that pass the filter.
    pub taken: u64,
    /// If no row passes the filter: for each filtered column, some of its cells.
    pub others: Vec<BTreeSet<String>>,
    /// The distinct claims; rows with equal source, trust, locator and note share one, whose id in the batch is its
    /// position. In the key the note follows the locator, which ends at the given offset.
    claims: IndexMap<String, (SourceId, Trust, usize), FxBuildHasher>,
    /// Buffer for the key of the current claim, reused to avoid allocation.
    key: String,
}

impl<S> ParsedBatch<S> {
    /// Reports a problem of a cell.
    pub fn bad(&mut self, row: Row<'_>, column: usize, message: impl Into<String>) {
        self.report(row, Problem::new(row.place(), column, message));
    }

    /// Reports a problem of a row.
    pub fn report(&mut self, row: Row<'_>, problem: Problem) {
        self.problems.push(super::MOST_PROBLEMS, Problem { row: row.words(), ..problem });
    }
}

impl<S> ParsedBatch<S> {
    /// Reports a number that was rounded.
    fn tell_rounded(&mut self, row: Row<'_>, column: usize, (property, text): (&str, &str), value: &Value) {
        let Some(warning) = words::rounded(property, text, value, Span::default()) else { return };
        let taken = format!("`{text}` is taken for {value}");
        let help = std::iter::once(taken).chain(warning.help.into_iter().map(|help| help.message)).collect();
        self.report(row, Problem { help, ..Problem::warning(row.place(), column, warning.message) });
    }
}

impl<'s> Rows<'s> {
    /// Resolves the source and the columns of a section; on failure, adds diagnostics and returns `None`.
    pub fn of(reading: &mut Reading<'_>, header: &mut Header, section: Section<'s>) -> Option<Rows<'s>> {
        let wanted = wanted(reading, header, section);
        let source = row_source(reading, header, section);
        let at = template(reading, header, section, section.table.at.as_ref());
        let note = template(reading, header, section, section.table.note.as_ref());
        let split = |word: &'s Word<'s>| Ok(&*word.text);
        let split = ByColumn::of(reading, header, (section, "split"), Some(&section.table.split), split);
        let trust = row_trust(reading, header, section);
        let (cells, has_lists) = (header.cells.clone(), header.has_lists);
        // All settings are resolved before the first `?`, so that all problems are reported.
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

    /// Parses the rows of a batch.
    pub fn read<M: TableMapping>(&self, page: &RecordBatch, meaning: &M) -> ParsedBatch<M::Parsed> {
        let (said, claims, problems) = (M::Parsed::default(), IndexMap::default(), Problems::default());
        let (tally, others) = (Tally::default(), Vec::new());
        let mut batch = ParsedBatch { said, claims, key: String::new(), problems, tally, taken: 0, others };
        for row in page.rows().filter(|row| self.counts(*row)) {
            batch.taken += 1;
            meaning.parse_row(&mut batch, row);
        }
        // Cells for suggestions, which are needed only if no row of the file passes.
        if batch.taken == 0 {
            batch.others = self.wanted.iter().map(|(column, _)| some_cells(page, *column)).collect();
        }
        batch
    }

    fn counts(&self, row: Row<'_>) -> bool {
        self.wanted.iter().all(|(column, wanted)| row.get(*column) == &*wanted.text)
    }

    /// Returns the cell as a single name, or as several if the section splits this column in particular; none if it is
    /// empty.
    pub fn name<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: self.split.own(column).copied(), is_list: self.has_lists }
    }

    /// Returns the names in a cell: one, or several if the section splits cells; none if it is empty.
    pub fn names<'c>(&self, row: Row<'c>, column: usize) -> Parts<'c, 's> {
        Parts { rest: Some(row.get(column)), split: self.split.get(column).copied(), is_list: self.has_lists }
    }

    /// Parses a cell, or a part of one, as a value of a property; if it is none, reports a problem and returns `None`.
    pub fn value<S>(
        &self,
        batch: &mut ParsedBatch<S>,
        row: Row<'_>,
        (property, column): (&Property, usize),
        text: &str,
    ) -> Option<Value> {
        match self.cells.value(column, property.value, text) {
            Ok(value) => {
                // Numbers of at most 15 characters are never rounded.
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

    /// Returns the trust of a row; if its cell has none, reports a problem and returns `None`.
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

    /// Returns the claim of a row as its id in the batch; if the row names no source, reports a problem and returns
    /// `None`.
    pub fn claim<S>(&self, batch: &mut ParsedBatch<S>, row: Row<'_>) -> Option<u32> {
        let source = match &self.source {
            // All rows share one claim: the first.
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
        // Fixed-width prefix, so that keys with different source or trust differ.
        batch.key.extend(source.0.to_be_bytes().map(char::from));
        batch.key.push(char::from(trust as u8));
        self.at.fill(row, &mut batch.key);
        let end_of_at = batch.key.len();
        batch.key.push('\0');
        self.note.fill(row, &mut batch.key);
        // Looks up first, so that only a new claim clones the key.
        let number = match batch.claims.get_index_of(&batch.key) {
            Some(number) => number,
            None => batch.claims.insert_full(batch.key.clone(), (source, trust, end_of_at)).0,
        };
        Some(number as u32)
    }

    /// Returns whether all rows have the same claim.
    fn is_fixed(&self) -> bool {
        self.at.is_fixed() && self.note.is_fixed() && matches!(self.trust, RowTrust::Fixed(_))
    }

    /// Returns the graph's ids of a batch's claims, and adds new claims to the graph. `known` holds the section's
    /// claims so far.
    pub fn number_claims<S>(&self, reading: &mut Reading<'_>, batch: &ParsedBatch<S>, known: &mut Claims) -> Vec<u32> {
        let number = |(key, (source, trust, end_of_at)): (&String, &(SourceId, Trust, usize))| {
            if let Some(claim) = known.get(key) {
                return *claim;
            }
            // In characters: a byte above 127 of the prefix takes two bytes of UTF-8.
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

/// Iterator over the names in a cell, trimmed.
pub(super) struct Parts<'c, 's> {
    rest: Option<&'c str>,
    split: Option<&'s str>,
    /// Whether the cell may also be a list.
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

/// Returns some distinct cells of a column.
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
