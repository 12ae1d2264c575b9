//! Reads sections over one file together.

use super::cells::CellNotations;
use super::dialect::Dialect;
use super::header::Header;
use super::input::{
    Group, Input, Layout, Problem, Problems, RawChunk, RecordBatch, Row, TableSyntax, Tally, Tolerance, Unknown,
};
use super::rows::{Claims, ParsedBatch, Rows};
use super::shape::Shape;
use super::untaken::Untaken;
use super::{MOST_PROBLEMS, Section, parallel};
use crate::limits::is_over_now;
use crate::load::{Reading, error};
use crate::text::{Advice, Code, Diagnostic, Severity, suggest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The meaning of a section's rows.
pub(super) trait TableMapping: Sync {
    /// The parsed contents of rows, before they are added to the graph.
    type Parsed: Default + Send;

    fn rows(&self) -> &Rows<'_>;

    /// Parses a row. Called on many threads, each with its own batch.
    fn parse_row(&self, batch: &mut ParsedBatch<Self::Parsed>, row: Row<'_>);

    /// Adds the contents of a batch to the graph, and returns the problems. `claims` maps the batch's claims to the
    /// graph's.
    fn add(
        &self,
        reading: &mut Reading<'_>,
        page: (&RecordBatch, &mut Tally),
        said: Self::Parsed,
        claims: &[u32],
    ) -> Vec<Problem>;

    /// Returns the kind of contents, which distinguishes its notes from those of other kinds.
    fn kind(&self) -> &'static str;

    /// Takes the words of dropped rows, so that names declared only there are not reported again.
    fn refuse(reading: &mut Reading<'_>, words: &mut Vec<String>);

    /// Returns the unknown names in a row that no section reads.
    fn unknown(&self, row: Row<'_>) -> Vec<Problem>;

    /// Returns the names nearest to an unknown word.
    fn nearest(&self, word: &Unknown) -> Vec<String>;
}

/// An open file.
pub(super) struct TableScan<'s> {
    /// The first of the sections.
    section: Section<'s>,
    input: Input,
    form: Arc<TableSyntax>,
    pub header: Header,
}

impl<'s> TableScan<'s> {
    /// Opens the file of some sections; if it cannot be read, adds a diagnostic and returns `None`.
    pub fn open(reading: &mut Reading<'_>, section: Section<'s>) -> Option<TableScan<'s>> {
        let file = &section.table.file;
        // Unreadable rows are reported once, however many sections it has.
        if reading.unreadable.contains(&section.rows()) {
            return None;
        }
        let Some(dialect) = Dialect::of(reading, section) else {
            reading.unreadable.insert(section.rows());
            return None;
        };
        let opened = (reading.open)(&file.text).and_then(|opened| Input::open(opened, &dialect.form));
        let header = opened.and_then(|mut input| Ok((input.header()?, input)));
        let is_outside = header.as_ref().is_err_and(crate::load::folder::is_outside);
        let (code, message, help) = match header {
            Ok((Ok(names), input)) => match named(names, &dialect.form) {
                Ok(names) => return TableScan::begin(reading, section, &dialect, (input, names)),
                Err((what, help)) => (Code::BadRow, format!("`{}` {what}", file.text), Some(help)),
            },
            Ok((Err(bad), _)) => {
                let message = format!("{}:{}:{}: {}", file.text, bad.place, bad.column + 1, bad.message);
                (Code::BadRow, message, None)
            }
            Err(reason) => (Code::File, format!("cannot read `{}`: {}", file.text, crate::load::reason(&reason)), None),
        };
        reading.unreadable.insert(section.rows());
        let problem = error(section.part.text, file, code, message);
        let problem = help.into_iter().fold(problem, Diagnostic::help);
        reading.problems.push(if is_outside { problem.advise(Advice::AllowOutside) } else { problem });
        None
    }

    /// Resolves the columns that the dialect names.
    fn begin(
        reading: &mut Reading<'_>,
        section: Section<'s>,
        dialect: &Dialect<'s>,
        (input, names): (Input, Vec<String>),
    ) -> Option<TableScan<'s>> {
        let mut header = Header::new(names);
        let Some(cells) = CellNotations::of(reading, &mut header, section, dialect) else {
            reading.unreadable.insert(section.rows());
            return None;
        };
        header.has_lists = input.has_lists() || !cells.lists.is_empty();
        header.cells = Arc::new(cells);
        Some(TableScan { section, input, form: dialect.form.clone(), header })
    }

    /// Returns the unit of places: `line` or `row`.
    pub fn unit(&self) -> &'static str {
        self.input.unit()
    }

    /// Reads all rows, and adds their contents.
    pub fn read<M: TableMapping>(mut self, reading: &mut Reading<'_>, meanings: &[M]) {
        self.check_header(reading);
        if meanings.is_empty() {
            return;
        }
        let untaken = Untaken::of(reading, &mut self.header, self.section);
        let used = std::mem::take(&mut self.header.used);
        let (derived, cells) = (std::mem::take(&mut self.header.derived), self.header.cells.clone());
        let shape = Shape { form: self.form.clone(), cells, width: self.header.names.len(), derived };
        let mut tally = Tally::default();
        let mut failed = None;
        let mut states: Vec<SectionProgress> = meanings.iter().map(|_| SectionProgress::default()).collect();
        let (mut rows, mut untaken_rows) = (0, Problems::default());
        // Parsing is parallel; adding is sequential and in row order, so that ids do not depend on the number of
        // threads.
        {
            let (input, section) = (&mut self.input, self.section);
            let next = || input.next(&used)?.map_err(|reason| failed = Some(reason)).ok();
            let say = |part: RawChunk| {
                let page = shape.page(part);
                let batches: Vec<_> = meanings.iter().map(|meaning| meaning.rows().read(&page, meaning)).collect();
                let rest = untaken.as_ref().map(|untaken| untaken.look(&page, meanings)).unwrap_or_default();
                (page, batches, rest)
            };
            let done = |(mut page, batches, rest): (RecordBatch, Vec<ParsedBatch<M::Parsed>>, Problems)| {
                rows += page.rows().len() as u64;
                (reading.progress)(&section.table.file.text, rows);
                M::refuse(reading, &mut page.refused);
                tally.append(&page.tally);
                // Problems of the file itself are reported with the first section.
                if let Some(first) = states.first_mut() {
                    let own = std::mem::take(&mut page.problems);
                    own.into_iter().for_each(|problem| first.problems.push(MOST_PROBLEMS, problem));
                    untaken_rows.append(MOST_PROBLEMS, rest);
                }
                add_batches(reading, &page, meanings.iter().zip(&mut states).zip(batches));
                // Stops when every section has reached its maximum of problems.
                states.iter().any(|state| state.problems.errors() < MOST_PROBLEMS) && !is_over_now()
            };
            parallel::in_order(next, say, done);
        }
        // Messages name the columns that a derived column is made of.
        self.header.derived = shape.derived;
        tally.add_all(Tolerance::Comment, self.input.comments(), 1);
        self.tell(reading, self.section, &tally, "");
        self.conclude(reading, meanings, states, (rows, untaken_rows));
        if let Some(reason) = failed {
            self.report_unread(reading, &reason);
        }
    }

    /// Reports that the rest of the file cannot be read; later sections over it are not tried.
    fn report_unread(&self, reading: &mut Reading<'_>, reason: &std::io::Error) {
        let name = &self.section.table.file;
        let message = format!("`{}` cannot be read to its end: {}", name.text, crate::load::reason(reason));
        reading.unreadable.insert(self.section.rows());
        reading.problems.push(error(self.section.part.text, name, Code::BadRow, message));
    }

    /// Reports the problems and notes of all rows, and the rows that no section reads.
    fn conclude<M: TableMapping>(
        &self,
        reading: &mut Reading<'_>,
        meanings: &[M],
        states: Vec<SectionProgress>,
        (rows, untaken_rows): (u64, Problems),
    ) {
        let mut unmet = 0;
        for (meaning, state) in meanings.iter().zip(states) {
            unmet += usize::from(self.warn_unmet(reading, meaning.rows(), &state, rows));
            self.tell(reading, meaning.rows().section, &state.tally, meaning.kind());
            self.report(reading, meaning, state.problems);
        }
        // If no section matches any row, its filter is the cause, and single rows are not reported.
        if let Some(first) = meanings.first().filter(|_| unmet < self.section.all.len()) {
            self.report(reading, first, untaken_rows);
        }
    }

    /// Reports what was tolerated, once for each file or section and kind.
    fn tell(&self, reading: &mut Reading<'_>, section: Section<'_>, tally: &Tally, kind: &str) {
        let file = &section.table.file;
        for (tolerance, count, place) in tally.counts() {
            // An impossible column keeps this key apart from those of row problems.
            let told = (section.rows(), 0, usize::MAX - tolerance as usize, Severity::Note);
            if !kind.is_empty() || reading.told.insert(told) {
                let at = if tolerance == Tolerance::Comment {
                    String::new()
                } else {
                    format!(", first at {} {place}", self.unit())
                };
                let message = format!("`{}`: {}{at}", file.text, tolerance.told(count));
                let note = Diagnostic::new(Severity::Note, Code::Tolerated, message);
                reading.problems.push(note.label_in(section.part.text, file.span(section.part.text), ""));
            }
        }
    }

    /// Reports duplicate column names: an error if a section uses one, otherwise a warning.
    fn check_header(&self, reading: &mut Reading<'_>) {
        let file = &self.section.table.file;
        for (column, name) in self.header.doubles() {
            let is_used = self.header.names.iter().zip(&self.header.used).any(|(other, used)| *used && other == name);
            let severity = if is_used { Severity::Error } else { Severity::Warning };
            if reading.told.insert((self.section.rows(), 0, column, severity)) {
                let message = format!("{}:1:{}: two columns are called `{name}`", file.text, column + 1);
                let problem = Diagnostic::new(severity, Code::BadRow, message);
                let problem = problem.label_in(self.section.part.text, file.span(self.section.part.text), "");
                reading.problems.push(problem.help("give one of them another name"));
            }
        }
    }

    /// Warns about a filter that no row passes; returns whether there is one.
    fn warn_unmet(&self, reading: &mut Reading<'_>, rows: &Rows<'_>, state: &SectionProgress, count: u64) -> bool {
        if state.taken > 0 || count == 0 || rows.wanted.is_empty() {
            return false;
        }
        let (section, table) = (rows.section, &rows.section.table);
        let is_odd = |i: usize| {
            let cell = &*rows.wanted[i].1.text;
            state.others.get(i).is_none_or(|others| !others.contains(cell))
        };
        let at_fault = (0..rows.wanted.len()).find(|i| is_odd(*i)).unwrap_or(0);
        let (column, cell) = rows.wanted[at_fault];
        let message =
            format!("no row of `{}` has `{}` as its `{}`", table.file.text, cell.text, self.header.names[column]);
        let message = if rows.wanted.len() > 1 { format!("{message} beside the rest of `where`") } else { message };
        let warning = Diagnostic::new(Severity::Warning, Code::BadRow, message);
        let mut warning = warning.label_in(section.part.text, cell.span(section.part.text), "");
        let others = state.others.get(at_fault).into_iter().flatten().map(String::as_str);
        for near in suggest::nearest(&cell.text, others) {
            warning = warning.help(format!("did you mean `{near}`?"));
        }
        reading.problems.push(warning);
        true
    }

    /// Reports the first problems of a section.
    fn report<M: TableMapping>(&self, reading: &mut Reading<'_>, meaning: &M, problems: Problems) {
        let section = meaning.rows().section;
        let file = &section.table.file;
        let errors = problems.errors();
        for group in problems.into_groups() {
            let first = &group.first;
            if !reading.told.insert((section.rows(), first.place, first.column, first.severity)) {
                continue;
            }
            let problem = self.diagnostic(reading, meaning, &group);
            reading.problems.push(problem);
        }
        if errors >= MOST_PROBLEMS {
            let message = format!("`{}` has more bad rows perhaps: reading stopped here", file.text);
            reading.problems.push(error(section.part.text, file, Code::BadRow, message));
        }
    }

    fn diagnostic<M: TableMapping>(&self, reading: &Reading<'_>, meaning: &M, group: &Group) -> Diagnostic {
        let (section, first) = (meaning.rows().section, &group.first);
        let file = &section.table.file;
        let column = self.header.in_file(first.column);
        let at = |place| format!("{}:{}", file.text, self.input.place(&self.header.names, place, column));
        let message = format!("{}: {}", at(first.place), first.message);
        let problem = Diagnostic::new(first.severity, Code::BadRow, message);
        let mut problem = problem.label_in(section.part.text, file.span(section.part.text), "");
        let near = match first.unknown.as_deref() {
            Some(Unknown::Source(key)) => reading.sources_like(key),
            Some(word) => meaning.nearest(word),
            None => Vec::new(),
        };
        for near in near {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        problem = first.help.iter().cloned().fold(problem, Diagnostic::help);
        if !first.row.is_empty() {
            problem = problem.help(format!("the row is `{}`", first.row));
        }
        if !group.more.is_empty() {
            let places: Vec<String> = group.more.iter().map(|place| at(*place)).collect();
            let further = group.count - 1 - group.more.len();
            let further = if further > 0 { format!(" and {further} more") } else { String::new() };
            problem = problem.help(format!("so too at {}{further}", places.join(", ")));
        }
        problem
    }
}

/// Adds what each section parsed of a batch of rows to the graph, with its claims and problems.
fn add_batches<'m, M: TableMapping + 'm>(
    reading: &mut Reading<'_>,
    page: &RecordBatch,
    sections: impl Iterator<Item = ((&'m M, &'m mut SectionProgress), ParsedBatch<M::Parsed>)>,
) {
    for ((meaning, state), batch) in sections {
        let numbers = meaning.rows().number_claims(reading, &batch, &mut state.claims);
        state.tally.append(&batch.tally);
        state.take(batch.problems, batch.taken, batch.others);
        let bad = meaning.add(reading, (page, &mut state.tally), batch.said, &numbers);
        bad.into_iter().for_each(|problem| state.problems.push(MOST_PROBLEMS, problem));
    }
}

/// Returns the names of the columns; if the header is unusable, what is wrong and what to do.
fn named(names: Vec<String>, form: &TableSyntax) -> Result<Vec<String>, (String, String)> {
    if names.is_empty() && (form.header || form.columns.is_empty()) {
        return Err(("is empty".to_string(), "its first row names the columns".to_string()));
    }
    if let [name] = names.as_slice()
        && let Some((sign, said)) = PARTS.iter().find(|(sign, _)| name.contains(*sign))
        && (form.layout, form.delimiter) == (Layout::Bytes, b',')
    {
        let help = format!("add `delimiter: \"{}\"` to its section", sign.escape_default());
        return Err((format!("seems to be parted by {said}"), help));
    }
    match form.columns.len() {
        0 => Ok(names),
        count if form.header && count != names.len() => {
            let help = "write as many, or leave `columns` out".to_string();
            Err((format!("has {} columns, of which `columns` names {count}", names.len()), help))
        }
        _ => Ok(form.columns.clone()),
    }
}

/// Separators to suggest if a comma gives a single column.
const PARTS: [(char, &str); 3] = [('\t', "tabs"), (';', "semicolons"), ('|', "bars")];

/// The progress of a section.
#[derive(Default)]
struct SectionProgress {
    claims: Claims,
    problems: Problems,
    /// Number of rows that pass the filter.
    taken: u64,
    /// What the section tolerated.
    tally: Tally,
    /// See [`ParsedBatch::others`].
    others: Vec<BTreeSet<String>>,
}

impl SectionProgress {
    fn take(&mut self, problems: Problems, taken: u64, others: Vec<BTreeSet<String>>) {
        self.problems.append(MOST_PROBLEMS, problems);
        self.taken += taken;
        self.others.resize(others.len().max(self.others.len()), BTreeSet::new());
        for (known, more) in self.others.iter_mut().zip(others) {
            // A suggestion needs some of the cells, and a column may have millions of different ones.
            known.extend(more.into_iter().take(200_usize.saturating_sub(known.len())));
        }
    }
}
