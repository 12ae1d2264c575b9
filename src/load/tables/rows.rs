//! The rows of a table: opening it, choosing among them, and the claim that each makes.

use super::template::Template;
use super::{MOST_PROBLEMS, column, csv_message};
use crate::graph::{ClaimSource, SourceId};
use crate::load::file::TablePart;
use crate::load::{Reading, Source, error};
use crate::text::Code;
use csv::StringRecord;
use rustc_hash::FxHashMap;

/// Endings of files that are understood, but not read in this version.
const FORMATS_TO_COME: [&str; 3] = [".gz", ".zst", ".parquet"];

/// A table while its rows are read.
pub(super) struct Rows<'r, 't> {
    file: &'r Source<'t>,
    pub table: &'r TablePart<'t>,
    pub header: StringRecord,
    /// Columns, each with the cell that a row must have to count.
    wanted: Vec<(usize, &'r str)>,
    source: RowSource,
    at: Template,
    note: Template,
    /// Source, locator and note to claim: rows that agree in them share a claim.
    claims: FxHashMap<String, u32>,
    /// The words of the row at hand, kept to spare their space.
    key: String,
    bad: usize,
}

/// One source for the table, or one that each row names.
enum RowSource {
    Fixed(SourceId),
    Named(Template),
}

type Reader = csv::Reader<Box<dyn std::io::Read>>;

impl<'r, 't> Rows<'r, 't> {
    /// Opens the file and finds the source and the columns of the section's words; `None`, and diagnostics, where one
    /// fails.
    pub fn open(
        reading: &mut Reading<'_>,
        file: &'r Source<'t>,
        table: &'r TablePart<'t>,
    ) -> Option<(Rows<'r, 't>, Reader)> {
        let mut reader = open(reading, file, table)?;
        let header = match reader.headers() {
            Ok(header) => header.clone(),
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
        let (claims, key) = (FxHashMap::default(), String::new());
        Some((Rows { file, table, header, wanted, source, at, note, claims, key, bad: 0 }, reader))
    }

    /// Calls `each` for every row that counts, until it says that enough is wrong.
    pub fn each<'f>(
        &mut self,
        reading: &mut Reading<'f>,
        reader: &mut Reader,
        mut each: impl FnMut(&mut Reading<'f>, &mut Rows<'r, 't>, &StringRecord) -> bool,
    ) {
        let mut row = StringRecord::new();
        loop {
            match reader.read_record(&mut row) {
                Ok(true) if !self.counts(&row) || each(reading, self, &row) => {}
                Ok(_) => return,
                Err(reason) => {
                    let message = csv_message(&self.table.file, &reason);
                    if !self.report(reading, message) || matches!(reason.kind(), csv::ErrorKind::Io(_)) {
                        return;
                    }
                }
            }
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

    /// The claim of a row; `None`, and a diagnostic, where it names no source.
    pub fn claim(&mut self, reading: &mut Reading<'_>, row: &StringRecord) -> Option<u32> {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        if let RowSource::Named(source) = &self.source {
            source.fill(row, &mut key);
        }
        let end_of_source = key.len();
        self.at.fill(row, &mut key);
        let end_of_at = key.len();
        key.push('\0');
        self.note.fill(row, &mut key);
        let known = self.claims.get(&key).copied();
        let claim = known.or_else(|| self.new_claim(reading, row, &key, (end_of_source, end_of_at)));
        self.key = key;
        claim
    }

    /// Adds the claim of source, locator and note, which stand in `key` one after the other, the last after a zero.
    fn new_claim(
        &mut self,
        reading: &mut Reading<'_>,
        row: &StringRecord,
        key: &str,
        (end_of_source, end_of_at): (usize, usize),
    ) -> Option<u32> {
        let source = match &self.source {
            RowSource::Fixed(source) => *source,
            RowSource::Named(template) => {
                let name = &key[..end_of_source];
                let Some(source) = reading.sources.get(name).map(|known| known.id) else {
                    let column = template.column().unwrap_or(0);
                    self.bad(reading, row, column, &format!("no source is called `{name}`"));
                    return None;
                };
                source
            }
        };
        let (at, note) = (key[end_of_source..end_of_at].to_string(), key[end_of_at + 1..].to_string());
        let trust = self.table.trust.into();
        let claim = ClaimSource { source: Some(source), at, trust, note, ..ClaimSource::default() };
        let claim = reading.builder.claim(claim);
        self.claims.insert(key.to_string(), claim);
        Some(claim)
    }

    /// Reports a cell; false when enough have been reported.
    pub fn bad(&mut self, reading: &mut Reading<'_>, row: &StringRecord, column: usize, message: &str) -> bool {
        let line = row.position().map_or(0, csv::Position::line);
        self.report(reading, format!("{}:{line}:{}: {message}", self.table.file.text, column + 1))
    }

    /// Whether reading goes on.
    pub fn goes_on(&self) -> bool {
        self.bad < MOST_PROBLEMS
    }

    fn report(&mut self, reading: &mut Reading<'_>, message: String) -> bool {
        self.bad += 1;
        reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        if self.bad == MOST_PROBLEMS {
            let message = format!("`{}` has more bad rows perhaps: reading stopped here", self.table.file.text);
            reading.problems.push(error(self.file.text, &self.table.file, Code::BadRow, message));
        }
        self.goes_on()
    }
}

fn open(reading: &mut Reading<'_>, file: &Source<'_>, table: &TablePart<'_>) -> Option<Reader> {
    if let Some(format) = FORMATS_TO_COME.iter().find(|format| table.file.text.ends_with(**format)) {
        let message = format!("tables cannot be read from `{format}` files yet");
        reading.problems.push(error(file.text, &table.file, Code::NotYet, message).help("unpack it to `.csv`"));
        return None;
    }
    match (reading.files)(&table.file.text) {
        Ok(content) => Some(csv::Reader::from_reader(content)),
        Err(reason) => {
            let message = format!("cannot read `{}`: {}", table.file.text, crate::load::reason(&reason));
            reading.problems.push(error(file.text, &table.file, Code::File, message));
            None
        }
    }
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
    match named.column() {
        Some(_) => Some(RowSource::Named(named)),
        None => reading.source(file.text, &table.source).map(RowSource::Fixed),
    }
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
