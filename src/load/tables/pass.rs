//! Some sections over one file, read together.

use super::header::Header;
use super::input::{Input, Page, Part, Problem, Row};
use super::rows::{Batch, Claims, Rows};
use super::{MOST_PROBLEMS, Section, parallel};
use crate::limits::is_over_now;
use crate::load::{Reading, error};
use crate::text::Code;

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
        let mut report = |code, message| reading.problems.push(error(section.part.text, file, code, message));
        let opened = (reading.files)(&file.text).and_then(Input::open);
        let unreadable = |reason| format!("cannot read `{}`: {}", file.text, crate::load::reason(&reason));
        let mut input = opened.map_err(|reason| report(Code::File, unreadable(reason))).ok()?;
        let bad = |(line, reason)| format!("{}:{line}:1: {reason}", file.text);
        let names = input.header().map_err(|reason| report(Code::BadRow, bad(reason))).ok()?;
        Some(Pass { section, input, header: Header::new(names) })
    }

    /// Reads all rows, and adds what the sections make of them.
    pub fn read<M: Meaning>(mut self, reading: &mut Reading<'_>, meanings: &[M]) {
        let (width, used) = (self.header.names.len(), std::mem::take(&mut self.header.used));
        let mut failed = None;
        let mut states: Vec<State> = meanings.iter().map(|_| State::default()).collect();
        let mut rows = 0;
        {
            let (input, section) = (&mut self.input, self.section);
            let next = || input.next(&used)?.map_err(|reason| failed = Some(reason)).ok();
            let say = |part: Part| {
                let page = part.into_page(width);
                let batches: Vec<_> = meanings.iter().map(|meaning| meaning.rows().read(&page, meaning)).collect();
                (page, batches)
            };
            let done = |(mut page, batches): (Page, Vec<Batch<M::Said>>)| {
                rows += page.rows().len() as u64;
                (reading.progress)(&section.table.file.text, rows);
                let mut own = std::mem::take(&mut page.problems);
                for ((meaning, state), batch) in meanings.iter().zip(&mut states).zip(batches) {
                    let numbers = meaning.rows().number_claims(reading, &batch, &mut state.claims);
                    state.problems.append(&mut own);
                    state.problems.extend(batch.problems);
                    state.problems.extend(meaning.add(reading, &page, batch.said, &numbers));
                }
                states.iter().any(|state| state.problems.len() < MOST_PROBLEMS) && !is_over_now()
            };
            parallel::in_order(next, say, done);
        }
        for (meaning, state) in meanings.iter().zip(states) {
            self.report(reading, meaning.rows().section, state.problems);
        }
        if let Some(reason) = failed {
            let name = &self.section.table.file;
            let message = format!("`{}` cannot be read to its end: {}", name.text, crate::load::reason(&reason));
            reading.problems.push(error(self.section.part.text, name, Code::BadRow, message));
        }
    }

    /// Reports the first of the problems of a section.
    fn report(&self, reading: &mut Reading<'_>, section: Section<'_>, mut problems: Vec<Problem>) {
        let file = &section.table.file;
        let mut report = |message| reading.problems.push(error(section.part.text, file, Code::BadRow, message));
        problems.sort_by_key(|problem| problem.place);
        for problem in problems.iter().take(MOST_PROBLEMS) {
            let place = self.input.place(&self.header.names, problem);
            report(format!("{}:{place}: {}", file.text, problem.message));
        }
        if problems.len() >= MOST_PROBLEMS {
            report(format!("`{}` has more bad rows perhaps: reading stopped here", file.text));
        }
    }
}

/// How far a section has come.
#[derive(Default)]
struct State {
    claims: Claims,
    problems: Vec<Problem>,
}
