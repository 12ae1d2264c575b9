//! Finds rows that pass the filter of no section.

use super::header::Header;
use super::input::{Problem, Problems, RecordBatch, Row};
use super::scan::TableMapping;
use super::{MOST_PROBLEMS, Section};
use crate::load::Reading;
use crate::text::{Severity, suggest};

/// The filters of all sections over a file; none of them is empty.
pub(super) struct Untaken<'s> {
    /// By section: columns with the required cell.
    filters: Vec<Vec<(usize, &'s str)>>,
    /// All filtered columns, sorted ascending.
    columns: Vec<usize>,
}

impl<'s> Untaken<'s> {
    /// Returns `None` if a section has no filter, or if another pass over the file checks its rows.
    pub fn of(reading: &mut Reading<'_>, header: &mut Header, section: Section<'s>) -> Option<Untaken<'s>> {
        let sections = section.all;
        let has_facts = sections.iter().any(|table| table.verb.is_some());
        let is_due = section.table.verb.is_some() || !has_facts;
        if !is_due || sections.iter().any(|table| table.filter.0.is_empty()) {
            return None;
        }
        let column = |header: &mut Header, name: &str| header.lookup(name);
        let filters: Option<Vec<Vec<(usize, &str)>>> = sections
            .iter()
            .map(|table| {
                table.filter.0.iter().map(|(name, cell)| Some((column(header, &name.text)?, &*cell.text))).collect()
            })
            .collect();
        let filters = filters?;
        // Several passes over a file report its rows once.
        if !reading.looked_through.insert(section.table.file.text.to_string()) {
            return None;
        }
        let mut columns: Vec<usize> = filters.iter().flatten().map(|(column, _)| *column).collect();
        columns.sort_unstable();
        columns.dedup();
        Some(Untaken { filters, columns })
    }

    /// Reports the rows of a batch that no section reads, and the unknown names in them.
    pub fn look<M: TableMapping>(&self, page: &RecordBatch, meanings: &[M]) -> Problems {
        let mut problems = Problems::default();
        for row in page.rows().filter(|row| !self.is_taken(*row) && !row.is_empty()) {
            problems.push(MOST_PROBLEMS, Problem { row: row.words(), ..self.problem(row) });
            for unknown in meanings.iter().flat_map(|meaning| meaning.unknown(row)) {
                let unknown = Problem { severity: Severity::Warning, row: row.words(), ..unknown };
                problems.push(MOST_PROBLEMS, unknown);
            }
        }
        problems
    }

    fn is_taken(&self, row: Row<'_>) -> bool {
        self.filters.iter().any(|filter| filter.iter().all(|(column, cell)| row.get(*column) == *cell))
    }

    /// Reports the cells that no section asks for; if each cell is asked for by some section, all filtered cells.
    fn problem(&self, row: Row<'_>) -> Problem {
        let asked = |column: usize| {
            let cells = self.filters.iter().flatten().filter(move |(other, _)| *other == column);
            cells.map(|(_, cell)| *cell)
        };
        let odd: Vec<usize> =
            self.columns.iter().copied().filter(|column| asked(*column).all(|cell| cell != row.get(*column))).collect();
        let told = if odd.is_empty() { &self.columns } else { &odd };
        let cells: Vec<String> = told.iter().map(|column| format!("`{}`", row.get(*column))).collect();
        let message = format!("no section takes the rows with {} here", cells.join(" and "));
        let near = odd.iter().flat_map(|column| suggest::nearest(row.get(*column), asked(*column)));
        let help = near.map(|near| format!("did you mean `{near}`?")).collect();
        Problem { help, ..Problem::warning(row.place(), told.first().copied().unwrap_or(0), message) }
    }
}
