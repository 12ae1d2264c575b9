//! Combines what the sections over a file say about its dialect. Each setting comes from one section, or several agree.

use super::Section;
use super::header::Header;
use super::input::{Layout, TableSyntax};
use crate::load::file::{List, PerColumn, Ragged, TablePart, Word};
use crate::load::{Reading, error};
use crate::text::{Code, Diagnostic};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The dialect of a file: the syntax of its rows, and the notations of its cells.
pub(super) struct Dialect<'s> {
    pub form: Arc<TableSyntax>,
    pub null: Option<&'s PerColumn<'s, List<'s>>>,
    pub decimal: Option<&'s PerColumn<'s, Word<'s>>>,
    pub thousands: Option<&'s PerColumn<'s, Word<'s>>>,
    pub dates: Option<&'s PerColumn<'s, List<'s>>>,
    /// Columns whose cells are lists in brackets.
    pub lists: &'s [Word<'s>],
}

impl<'s> Dialect<'s> {
    /// Returns the dialect of a section's file; if the sections contradict each other or have an invalid setting, adds
    /// diagnostics and returns `None`.
    pub fn of(reading: &mut Reading<'_>, section: Section<'s>) -> Option<Dialect<'s>> {
        let before = reading.problems.0.len();
        let mut saying = Saying { reading, section };
        let dialect = saying.dialect();
        (saying.reading.problems.0.len() == before).then_some(dialect)
    }
}

struct Saying<'r, 'f, 's> {
    reading: &'r mut Reading<'f>,
    section: Section<'s>,
}

impl<'s> Saying<'_, '_, 's> {
    fn dialect(&mut self) -> Dialect<'s> {
        let (layout, is_lines) = layout(&self.section.table.file.text);
        let default =
            TableSyntax { delimiter: usual_delimiter(&self.section.table.file.text), ..TableSyntax::default() };
        self.expect_csv(layout);
        let delimiter = self.said("delimiter", |table| table.delimiter.as_ref());
        let columns = self.said("columns", |table| Some(&table.columns).filter(|columns| !columns.is_empty()));
        let comment = self.said("comment", |table| Some(&table.comment).filter(|comment| !comment.0.is_empty()));
        let comment = comment.map_or(&[][..], |comment| &comment.0);
        comment
            .iter()
            .for_each(|sign| self.expect(sign, !sign.text.is_empty(), "`comment` is what begins a comment: `\"#\"`"));
        let form = TableSyntax {
            layout,
            is_lines,
            delimiter: delimiter.map_or(default.delimiter, |sign| self.delimiter(sign)),
            quote: self.said("quote", |table| table.quote.as_ref()).copied().unwrap_or(default.quote),
            escape: self.said("escape", |table| table.escape.as_ref()).copied().unwrap_or(default.escape),
            header: self.said("header", |table| table.header.as_ref()).copied().unwrap_or(default.header),
            columns: columns.into_iter().flatten().map(|name| name.text.to_string()).collect(),
            comment: comment.iter().map(|sign| sign.text.to_string()).collect(),
            skip: self.said("skip", |table| table.skip.as_ref()).copied().unwrap_or(default.skip),
            ragged: self.said("ragged", |table| table.ragged.as_ref()).copied().unwrap_or(Ragged::Error),
            rows: self.section.table.rows.as_ref().map_or(String::new(), |rows| rows.text.to_string()),
        };
        Dialect {
            form: Arc::new(form),
            null: self.said("null", |table| given(&table.null)),
            decimal: self.said("decimal", |table| given(&table.decimal)),
            thousands: self.said("thousands", |table| given(&table.thousands)),
            dates: self.said("dates", |table| given(&table.dates)),
            lists: self
                .said("lists", |table| Some(&table.lists).filter(|lists| !lists.0.is_empty()))
                .map_or(&[], |lists| &lists.0),
        }
    }

    /// Returns a setting of the sections; if two differ, adds a diagnostic.
    fn said<T: PartialEq>(&mut self, field: &str, of: impl Fn(&'s TablePart<'s>) -> Option<&'s T>) -> Option<&'s T> {
        let mut all = self.section.all.iter().copied().filter_map(of);
        let first = all.next();
        if all.any(|other| Some(other) != first) {
            let file = &self.section.table.file;
            let message = format!("two sections say with `{field}` different things of how `{}` is written", file.text);
            let problem = error(self.section.part.text, file, Code::Ron, message);
            self.reading.problems.push(problem.help("one section says it for all of the same file"));
        }
        first
    }

    /// Reports settings that do not apply to the file's format.
    fn expect_csv(&mut self, layout: Layout) {
        let table = self.section.table;
        let of_csv = [
            ("delimiter", table.delimiter.is_some()),
            ("quote", table.quote.is_some()),
            ("escape", table.escape.is_some()),
            ("header", table.header.is_some()),
            ("comment", !table.comment.0.is_empty()),
            ("skip", table.skip.is_some()),
            ("ragged", table.ragged.is_some()),
        ];
        let of_json = [("rows", table.rows.is_some())];
        let (kind, strange) = match layout {
            Layout::Json => ("JSON", &of_csv[..]),
            Layout::Bytes => ("no JSON", &of_json[..]),
        };
        for (field, _) in strange.iter().filter(|(_, is_given)| *is_given) {
            let message = format!("`{field}` says nothing here: `{}` is {kind}, by its name", table.file.text);
            self.reading.problems.push(error(self.section.part.text, &table.file, Code::Ron, message));
        }
    }

    fn delimiter(&mut self, sign: &Word<'_>) -> u8 {
        // What numbers and names consist of, and what quotes or ends a row, cannot part cells.
        let is_sign = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\n\r".contains(&byte);
        match *sign.text.as_bytes() {
            [byte] if is_sign(byte) => byte,
            _ => {
                self.expect(sign, false, "`delimiter` is one sign: `\"\\t\"`, `\";\"`, `\"|\"`");
                b','
            }
        }
    }

    /// Reports a word that is not valid.
    fn expect(&mut self, word: &Word<'_>, is_so: bool, help: &str) {
        if !is_so {
            let message = format!("`{}` cannot stand here", word.text.escape_debug());
            self.reading.problems.push(error(self.section.part.text, word, Code::Ron, message).help(help));
        }
    }
}

fn given<'s, V>(choice: &'s PerColumn<'s, V>) -> Option<&'s PerColumn<'s, V>> {
    (!matches!(choice, PerColumn::None)).then_some(choice)
}

/// Returns the format of a file by its name, and whether it is JSON lines.
pub(super) fn layout(file: &str) -> (Layout, bool) {
    let name = file.to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let is_lines = name.ends_with(".jsonl") || name.ends_with(".ndjson");
    (if is_lines || name.ends_with(".json") { Layout::Json } else { Layout::Bytes }, is_lines)
}

/// Returns the default separator: a tab for `.tsv` and `.tab` files, otherwise a comma.
fn usual_delimiter(file: &str) -> u8 {
    let name = file.to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    if name.ends_with(".tsv") || name.ends_with(".tab") { b'\t' } else { b',' }
}

/// A setting for all columns, for some, or for none.
#[derive(Debug, Clone)]
pub(super) struct ByColumn<T> {
    all: Option<T>,
    each: FxHashMap<usize, T>,
}

impl<T> Default for ByColumn<T> {
    fn default() -> Self {
        ByColumn { all: None, each: FxHashMap::default() }
    }
}

impl<T> ByColumn<T> {
    /// Resolves the columns of a setting; if one does not exist or `read` fails, adds diagnostics and returns `None`.
    pub fn of<'s, V>(
        reading: &mut Reading<'_>,
        header: &mut Header,
        (section, field): (Section<'s>, &str),
        choice: Option<&'s PerColumn<'s, V>>,
        read: impl Fn(&'s V) -> Result<T, Diagnostic>,
    ) -> Option<ByColumn<T>> {
        let mut found = ByColumn::default();
        let entries = match choice {
            None | Some(PerColumn::None) => return Some(found),
            Some(PerColumn::All(value)) => vec![(None, value)],
            Some(PerColumn::Each(entries)) => entries.0.iter().map(|(column, value)| (Some(column), value)).collect(),
        };
        // Goes on after a problem, so that all of them are reported.
        let mut is_sound = true;
        for (column, value) in entries {
            let column = column.map(|column| header.column(reading, section, (field, Some(column))));
            match (column, read(value)) {
                (_, Err(problem)) => {
                    reading.problems.push(problem);
                    is_sound = false;
                }
                (Some(None), _) => is_sound = false,
                (None, Ok(value)) => found.all = Some(value),
                (Some(Some(column)), Ok(value)) => _ = found.each.insert(column, value),
            }
        }
        is_sound.then_some(found)
    }

    /// Returns the setting of a column.
    pub fn get(&self, column: usize) -> Option<&T> {
        self.each.get(&column).or(self.all.as_ref())
    }

    /// Returns the setting of a column if it is set for this column in particular.
    pub fn own(&self, column: usize) -> Option<&T> {
        self.each.get(&column)
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.each.is_empty()
    }
}
