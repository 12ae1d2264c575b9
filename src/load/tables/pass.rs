//! Some sections over one file, read together.

use super::header::Header;
use super::input::{Group, Input, Page, Part, Problem, Problems, Row, Unknown};
use super::rows::{Batch, Claims, Rows};
use super::untaken::Untaken;
use super::{MOST_PROBLEMS, Section, parallel};
use crate::limits::is_over_now;
use crate::load::{Reading, error};
use crate::text::{Advice, Code, Diagnostic, Severity, suggest};
use std::collections::BTreeSet;

/// What a section makes of rows.
pub(super) trait Meaning: Sync {
    /// What rows say, before it is added to the graph.
    type Said: Default + Send;

    fn rows(&self) -> &Rows<'_>;

    /// Takes in what a row says. Many threads do so at once, each with its own batch.
    fn say(&self, batch: &mut Batch<Self::Said>, row: Row<'_>);

    /// Adds to the graph what the rows of a page say, and gives what cannot be added. `claims` are the numbers in the
    /// graph of the batch's claims.
    fn add(&self, reading: &mut Reading<'_>, page: &Page, said: Self::Said, claims: &[u32]) -> Vec<Problem>;

    /// Takes the words of rows that are left out, so that what is told of them is not told of rows that name them.
    fn refuse(reading: &mut Reading<'_>, words: &mut Vec<String>);

    /// What a row that no section takes names in vain.
    fn unknown(&self, row: Row<'_>) -> Vec<Problem>;

    /// Names like a word that no entity bears.
    fn nearest(&self, word: &Unknown) -> Vec<String>;
}

/// A file that has been opened.
pub(super) struct Pass<'s> {
    /// The first of the sections.
    section: Section<'s>,
    input: Input,
    pub header: Header,
}

impl<'s> Pass<'s> {
    /// Opens the file of some sections; `None`, and a diagnostic, where it cannot be read.
    pub fn open(reading: &mut Reading<'_>, section: Section<'s>) -> Option<Pass<'s>> {
        let file = &section.table.file;
        // What keeps a file from being read is told once, however many sections it has.
        if reading.unreadable.contains(&*file.text) {
            return None;
        }
        let opened = (reading.open)(&file.text).and_then(Input::open);
        let header = opened.and_then(|mut input| Ok((input.header()?, input)));
        let is_outside = header.as_ref().is_err_and(crate::load::folder::is_outside);
        let (code, message, help) = match header {
            Ok((Ok(names), input)) => match no_columns(&names) {
                None => return Some(Pass { section, input, header: Header::new(names) }),
                Some((what, help)) => (Code::BadRow, format!("`{}` {what}", file.text), Some(help)),
            },
            Ok((Err(bad), _)) => {
                let message = format!("{}:{}:{}: {}", file.text, bad.place, bad.column + 1, bad.message);
                (Code::BadRow, message, None)
            }
            Err(reason) => (Code::File, format!("cannot read `{}`: {}", file.text, crate::load::reason(&reason)), None),
        };
        reading.unreadable.insert(file.text.to_string());
        let problem = error(section.part.text, file, code, message);
        let problem = help.into_iter().fold(problem, Diagnostic::help);
        reading.problems.push(if is_outside { problem.advise(Advice::AllowOutside) } else { problem });
        None
    }

    /// What rows are counted by.
    pub fn unit(&self) -> &'static str {
        self.input.unit()
    }

    /// Reads all rows, and adds what the sections make of them.
    pub fn read<M: Meaning>(mut self, reading: &mut Reading<'_>, meanings: &[M]) {
        self.check_header(reading);
        if meanings.is_empty() {
            return;
        }
        let untaken = Untaken::of(reading, &mut self.header, self.section);
        let (width, used) = (self.header.names.len(), std::mem::take(&mut self.header.used));
        let mut failed = None;
        let mut states: Vec<State> = meanings.iter().map(|_| State::default()).collect();
        let (mut rows, mut untaken_rows) = (0, Problems::default());
        {
            let (input, section) = (&mut self.input, self.section);
            let next = || input.next(&used)?.map_err(|reason| failed = Some(reason)).ok();
            let say = |part: Part| {
                let page = part.into_page(width);
                let batches: Vec<_> = meanings.iter().map(|meaning| meaning.rows().read(&page, meaning)).collect();
                let rest = untaken.as_ref().map(|untaken| untaken.look(&page, meanings)).unwrap_or_default();
                (page, batches, rest)
            };
            let done = |(mut page, batches, rest): (Page, Vec<Batch<M::Said>>, Problems)| {
                rows += page.rows().len() as u64;
                (reading.progress)(&section.table.file.text, rows);
                M::refuse(reading, &mut page.refused);
                if let Some(first) = states.first_mut() {
                    let own = std::mem::take(&mut page.problems);
                    own.into_iter().for_each(|problem| first.problems.push(MOST_PROBLEMS, problem));
                    untaken_rows.append(MOST_PROBLEMS, rest);
                }
                for ((meaning, state), batch) in meanings.iter().zip(&mut states).zip(batches) {
                    let numbers = meaning.rows().number_claims(reading, &batch, &mut state.claims);
                    state.take(batch.problems, batch.taken, batch.others);
                    let bad = meaning.add(reading, &page, batch.said, &numbers);
                    bad.into_iter().for_each(|problem| state.problems.push(MOST_PROBLEMS, problem));
                }
                states.iter().any(|state| state.problems.errors() < MOST_PROBLEMS) && !is_over_now()
            };
            parallel::in_order(next, say, done);
        }
        let mut unmet = 0;
        for (meaning, state) in meanings.iter().zip(states) {
            unmet += usize::from(self.warn_unmet(reading, meaning.rows(), &state, rows));
            self.report(reading, meaning, state.problems);
        }
        // Where every section asks for what no row has, that is the cause.
        if let Some(first) = meanings.first().filter(|_| unmet < self.section.all.len()) {
            self.report(reading, first, untaken_rows);
        }
        if let Some(reason) = failed {
            let name = &self.section.table.file;
            let message = format!("`{}` cannot be read to its end: {}", name.text, crate::load::reason(&reason));
            reading.unreadable.insert(name.text.to_string());
            reading.problems.push(error(self.section.part.text, name, Code::BadRow, message));
        }
    }

    /// Reports names that two columns have: an error where a section speaks of one.
    fn check_header(&self, reading: &mut Reading<'_>) {
        let file = &self.section.table.file;
        for (column, name) in self.header.doubles() {
            let is_used = self.header.names.iter().zip(&self.header.used).any(|(other, used)| *used && other == name);
            let severity = if is_used { Severity::Error } else { Severity::Warning };
            if reading.told.insert((file.text.to_string(), 0, column)) {
                let message = format!("{}:1:{}: two columns are called `{name}`", file.text, column + 1);
                let problem = Diagnostic::new(severity, Code::BadRow, message);
                let problem = problem.label_in(self.section.part.text, file.span(self.section.part.text), "");
                reading.problems.push(problem.help("give one of them another name"));
            }
        }
    }

    /// Reports what rows are asked for and none has; whether there is such.
    fn warn_unmet(&self, reading: &mut Reading<'_>, rows: &Rows<'_>, state: &State, count: u64) -> bool {
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

    /// Reports the first of the problems of a section.
    fn report<M: Meaning>(&self, reading: &mut Reading<'_>, meaning: &M, problems: Problems) {
        let section = meaning.rows().section;
        let file = &section.table.file;
        let errors = problems.errors();
        for group in problems.into_groups() {
            let first = &group.first;
            if !reading.told.insert((file.text.to_string(), first.place, first.column)) {
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

    fn diagnostic<M: Meaning>(&self, reading: &Reading<'_>, meaning: &M, group: &Group) -> Diagnostic {
        let (section, first) = (meaning.rows().section, &group.first);
        let file = &section.table.file;
        let at = |place| format!("{}:{}", file.text, self.input.place(&self.header.names, place, first.column));
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

/// Why a header has no columns to speak of, and what to do.
fn no_columns(names: &[String]) -> Option<(&'static str, &'static str)> {
    let [name] = names else { return names.is_empty().then_some(("is empty", "its first row names the columns")) };
    let parts = [('\t', "seems to be parted by tabs"), (';', "seems to be parted by semicolons")];
    let found = parts.into_iter().find(|(sign, _)| name.contains(*sign))?;
    Some((found.1, "write the table with commas between its cells"))
}

/// How far a section has come.
#[derive(Default)]
struct State {
    claims: Claims,
    problems: Problems,
    /// How many rows count.
    taken: u64,
    /// See [`Batch::others`].
    others: Vec<BTreeSet<String>>,
}

impl State {
    fn take(&mut self, problems: Problems, taken: u64, others: Vec<BTreeSet<String>>) {
        self.problems.append(MOST_PROBLEMS, problems);
        self.taken += taken;
        self.others.resize(others.len().max(self.others.len()), BTreeSet::new());
        for (known, more) in self.others.iter_mut().zip(others) {
            known.extend(more.into_iter().take(200_usize.saturating_sub(known.len())));
        }
    }
}
