//! The rows of a table: opening it, choosing among them, and the claim that each makes.
//!
//! Chunks of rows are read on all cores: what a row says is made of it alone ([`Batch`]), and then added to the graph
//! in the order of the rows.

use super::chunks::{Chunk, Chunks};
use super::template::Template;
use super::{MOST_PROBLEMS, column, csv_message, parallel};
use crate::graph::{ClaimSource, SourceId};
use crate::load::file::TablePart;
use crate::load::{Reading, Source, error};
use crate::text::Code;
use csv::StringRecord;
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::HashMap;

/// A table, as far as it is known before its rows are read. All threads look at it.
pub(super) struct Rows<'r, 't> {
    file: &'r Source<'t>,
    pub table: &'r TablePart<'t>,
    pub header: StringRecord,
    /// Columns, each with the cell that a row must have to count.
    wanted: Vec<(usize, &'r str)>,
    source: RowSource,
    at: Template,
    note: Template,
}

/// One source for the table, or one that each row names.
enum RowSource {
    Fixed(SourceId),
    Named(Template, HashMap<String, SourceId>),
}

/// What the rows of a chunk say.
pub(super) struct Batch<S> {
    pub said: Vec<S>,
    /// Source, locator and note of a claim, which rows that agree in them share; its number here is its position. In
    /// the key the note comes after the locator, which ends at the number given.
    claims: IndexMap<String, (SourceId, usize), FxBuildHasher>,
    /// The words of the claim at hand, kept to spare their space.
    key: String,
    problems: Vec<Problem>,
    lines_before: u64,
    rows: u64,
}

/// A cell that cannot be read.
pub(super) struct Problem {
    line: u64,
    /// From 1.
    column: usize,
    message: String,
}

impl Problem {
    /// `column` is counted from 0.
    pub fn new(line: u64, column: usize, message: impl Into<String>) -> Problem {
        Problem { line, column: column + 1, message: message.into() }
    }
}

impl<S> Batch<S> {
    /// The line of the file at which a row begins.
    pub fn line(&self, row: &StringRecord) -> u64 {
        self.lines_before + row.position().map_or(1, csv::Position::line)
    }

    /// Reports a cell.
    pub fn bad(&mut self, row: &StringRecord, column: usize, message: impl Into<String>) {
        self.problems.push(Problem::new(self.line(row), column, message));
    }
}

impl<'r, 't> Rows<'r, 't> {
    /// Opens the file and finds the source and the columns of the section's words; `None`, and diagnostics, where one
    /// fails.
    pub fn open(
        reading: &mut Reading<'_>,
        file: &'r Source<'t>,
        table: &'r TablePart<'t>,
    ) -> Option<(Rows<'r, 't>, Chunks)> {
        let mut chunks = open(reading, file, table)?;
        let header = match chunks.header() {
            Ok(header) => header,
            Err(reason) => {
                reading.problems.push(error(file.text, &table.file, Code::BadRow, csv_message(&table.file, &reason)));
                return None;
            }
        };
        let wanted = wanted(reading, file, table, &header);
        let source = row_source(reading, file, table, &header);
        let (at, note) = (table.at.as_ref(), table.note.as_ref());
        let [at, note] = [at, note].map(|word| template(reading, file, word, &header));
        let (source, at, note, wanted) = (source?, at?, note?, wanted?);
        Some((Rows { file, table, header, wanted, source, at, note }, chunks))
    }

    /// Calls `say` for every row that counts, on many threads at once, and `add` for what that says, in the order of
    /// the rows, with the numbers of the batch's claims in the graph.
    pub fn each<'f, S: Send>(
        &self,
        reading: &mut Reading<'f>,
        chunks: &mut Chunks,
        say: impl Fn(&mut Batch<S>, &StringRecord) + Sync,
        mut add: impl FnMut(&mut Reading<'f>, S, &[u32]) -> Result<(), Problem>,
    ) {
        let (mut failed, mut bad, mut rows) = (None, 0, 0);
        let next = || match chunks.next()? {
            Ok(chunk) => Some(chunk),
            Err(reason) => {
                failed = Some(reason);
                None
            }
        };
        let mut claims = FxHashMap::default();
        let done = |batch: Batch<S>| {
            let numbers = self.number_claims(reading, &batch, &mut claims);
            let mut problems = batch.problems;
            problems.extend(batch.said.into_iter().filter_map(|said| add(reading, said, &numbers).err()));
            problems.sort_by_key(|problem| problem.line);
            rows += batch.rows;
            (reading.progress)(&self.table.file.text, rows);
            self.report(reading, problems, &mut bad)
        };
        parallel::in_order(next, |chunk| self.read(&chunk, &say), done);
        if let Some(reason) = failed {
            let message =
                format!("`{}` cannot be read to its end: {}", self.table.file.text, crate::load::reason(&reason));
            reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        }
    }

    /// What the rows of a chunk say.
    fn read<S>(&self, chunk: &Chunk, say: impl Fn(&mut Batch<S>, &StringRecord)) -> Batch<S> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&chunk.bytes[..]);
        let mut row = StringRecord::new();
        let (claims, lines_before) = (IndexMap::default(), chunk.lines);
        let (said, key, problems) = (Vec::new(), String::new(), Vec::new());
        let mut batch = Batch { said, claims, key, problems, lines_before, rows: 0 };
        loop {
            match reader.read_record(&mut row) {
                Ok(true) if row.len() != self.header.len() => {
                    let (fields, wanted) = (row.len(), self.header.len());
                    batch.bad(&row, 0, format!("the row has {fields} fields, the header {wanted}"));
                }
                Ok(true) if self.counts(&row) => say(&mut batch, &row),
                Ok(true) => {}
                Ok(false) => return batch,
                Err(reason) => {
                    let line = lines_before + reason.position().map_or(1, csv::Position::line);
                    batch.problems.push(Problem::new(line, 0, super::csv_reason(&reason)));
                }
            }
            batch.rows += 1;
        }
    }

    fn counts(&self, row: &StringRecord) -> bool {
        self.wanted.iter().all(|(column, wanted)| row.get(*column) == Some(wanted))
    }

    /// The names in a cell: one, or many where the section splits cells; none in an empty one.
    pub fn names<'c>(&self, row: &'c StringRecord, column: usize) -> impl Iterator<Item = &'c str> + use<'c, 'r> {
        let cell = row.get(column).unwrap_or("");
        let split = self.table.split.as_ref().map(|split| &*split.text).filter(|split| !split.is_empty());
        let (whole, parts) = match split {
            None => (Some(cell), None),
            Some(split) => (None, Some(cell.split(split))),
        };
        whole.into_iter().chain(parts.into_iter().flatten()).map(str::trim).filter(|name| !name.is_empty())
    }

    /// The claim of a row, by its number in the batch; `None`, and a problem, where it names no source.
    pub fn claim<S>(&self, batch: &mut Batch<S>, row: &StringRecord) -> Option<u32> {
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
                    batch.bad(row, template.column().unwrap_or(0), message);
                    return None;
                };
                *source
            }
        };
        batch.key.clear();
        // Two characters for the source, so that claims of different sources differ.
        let digits = [source.0 >> 8, source.0 & 0xff].map(|byte| char::from(byte as u8));
        batch.key.extend(digits);
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

    /// The numbers in the graph of a batch's claims; those that are new are added. `known` has those of this table.
    fn number_claims<S>(
        &self,
        reading: &mut Reading<'_>,
        batch: &Batch<S>,
        known: &mut FxHashMap<String, u32>,
    ) -> Vec<u32> {
        let number = |(key, (source, end_of_at)): (&String, &(SourceId, usize))| {
            if let Some(claim) = known.get(key) {
                return *claim;
            }
            let at = key[..*end_of_at].chars().skip(2).collect();
            let (note, trust) = (key[end_of_at + 1..].to_string(), self.table.trust.into());
            let claim = ClaimSource { source: Some(*source), at, trust, note, ..ClaimSource::default() };
            let claim = reading.builder.claim(claim);
            known.insert(key.clone(), claim);
            claim
        };
        batch.claims.iter().map(number).collect()
    }

    /// Reports cells, of which `bad` have been reported; false when that is enough.
    fn report(&self, reading: &mut Reading<'_>, problems: Vec<Problem>, bad: &mut usize) -> bool {
        let name = &self.table.file.text;
        let mut report =
            |message| reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        for Problem { line, column, message } in problems.into_iter().take(MOST_PROBLEMS.saturating_sub(*bad)) {
            report(format!("{name}:{line}:{column}: {message}"));
            *bad += 1;
            if *bad == MOST_PROBLEMS {
                report(format!("`{name}` has more bad rows perhaps: reading stopped here"));
            }
        }
        *bad < MOST_PROBLEMS
    }
}

fn open(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>) -> Option<Chunks> {
    let opened = (reading.files)(&table.file.text).and_then(Chunks::open);
    let problem = |reason: &std::io::Error| {
        let message = format!("cannot read `{}`: {}", table.file.text, crate::load::reason(reason));
        error(file.text, &table.file, Code::File, message)
    };
    opened.map_err(|reason| reading.problems.push(problem(&reason))).ok()
}

fn template(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    word: Option<&crate::load::file::Word<'_>>,
    header: &StringRecord,
) -> Option<Template> {
    Template::read(file, word, header).map_err(|problem| reading.problems.push(problem)).ok()
}

fn row_source(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    table: &TablePart<'_>,
    header: &StringRecord,
) -> Option<RowSource> {
    let named = template(reading, file, Some(&table.source), header)?;
    if named.is_fixed() {
        return reading.source(file.text, &table.source).map(RowSource::Fixed);
    }
    let known = reading.sources.iter().map(|(key, source)| (key.clone(), source.id));
    Some(RowSource::Named(named, known.collect()))
}

fn wanted<'r>(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    table: &'r TablePart<'_>,
    header: &StringRecord,
) -> Option<Vec<(usize, &'r str)>> {
    let entries = table.filter.0.iter();
    let found: Vec<_> = entries
        .map(|(name, cell)| Some((column(reading, file, table, header, ("where", Some(name)))?, &*cell.text)))
        .collect();
    found.into_iter().collect()
}
